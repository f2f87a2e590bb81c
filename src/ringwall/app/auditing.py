"""A network of any source → the findings of the posture checks."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ringwall.app.sources import Source
from ringwall.audits import audit, registry
from ringwall.errors import QuestionError
from ringwall.model.finding import Finding, Severity
from ringwall.model.graph import Unknown
from ringwall.reach.answers import unknown_documents
from ringwall.reach.relations import Board

LEVELS = ("low", "medium", "high", "critical", "none")


@dataclass(frozen=True, slots=True)
class Audited:
    """The findings, worst first; `checks` are the ids that were run."""

    network: str
    checks: tuple[str, ...]
    findings: tuple[Finding, ...]
    unknowns: tuple[Unknown, ...]
    assumed: tuple[str, ...] = ()

    def counts(self) -> dict[str, int]:
        """Return how many findings there are of each severity, worst first."""
        return {
            severity.word: sum(f.severity is severity for f in self.findings)
            for severity in sorted(Severity, reverse=True)
        }

    def fails(self, level: str) -> bool:
        """Tell whether a finding is at or above a level; nothing is at `none`."""
        if level == "none":
            return False
        return any(f.severity >= Severity[level.upper()] for f in self.findings)

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON document `ringwall/audit/1`."""
        return {
            "schema": "ringwall/audit/1",
            "network": self.network,
            "checks": list(self.checks),
            "counts": self.counts(),
            "findings": [finding.to_dict() for finding in self.findings],
            "unknown": unknown_documents(self.unknowns),
            "assumed_absent": list(self.assumed),
        }


def audit_network(source: Source, only: Sequence[str]) -> Audited:
    """Run the checks, or those with these ids; raises QuestionError for an unknown id."""
    known = registry()
    wanted = [name.upper() for name in only]
    for name in wanted:
        if name not in known:
            msg = f"there is no check {name!r}"
            raise QuestionError(msg, hint=f"checks: {', '.join(known)}")
    engine = source.engine()
    found = audit(Board(engine), wanted)
    return Audited(
        source.name, tuple(wanted or known), tuple(found), engine.gaps.unread, engine.assumed
    )
