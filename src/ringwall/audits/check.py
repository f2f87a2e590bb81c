"""What the file of a check says of it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ringwall.model.finding import Finding, Severity
from ringwall.model.graph import Node
from ringwall.reach.relations import Board


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A posture check; each file in this package defines one as `CHECK`.

    id        `RWnnn`, stable and never used again.
    title     what it finds, in a few words.
    severity  of its findings, unless a finding says otherwise.
    why       what can come of it.
    instead   what to do about it.
    judge     yields the findings about a network.
    bad, good networks, in the words of audits/example.py, with and without a finding.
    """

    id: str
    title: str
    severity: Severity
    why: str
    instead: str
    judge: Callable[[Board], Iterable[Finding]]
    bad: str
    good: str

    def finding(
        self,
        node: Node,
        text: str,
        evidence: tuple[str, ...] = (),
        severity: Severity | None = None,
    ) -> Finding:
        """Return a finding of this check."""
        return Finding.about(node, self.id, severity or self.severity, text, evidence)
