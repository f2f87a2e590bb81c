"""What a check found: where, how bad, and why."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from ringwall.model.graph import Node, Origin


class Severity(IntEnum):
    """How bad a finding is."""

    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4

    @property
    def word(self) -> str:
        """Return the name in lower case."""
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding of a check about one resource; `evidence` are lines that show it."""

    check: str
    severity: Severity
    type: str
    key: str
    id: str
    text: str
    origin: Origin | None = None
    evidence: tuple[str, ...] = ()

    @classmethod
    def about(
        cls,
        node: Node,
        check: str,
        severity: Severity,
        text: str,
        evidence: tuple[str, ...] = (),
    ) -> "Finding":
        """Return a finding about a node."""
        place = node.origin
        return cls(check, severity, node.type, node.key, node.physical_id, text, place, evidence)

    def to_dict(self) -> dict[str, Any]:
        """Return its document."""
        origin = self.origin
        return {
            "check": self.check,
            "severity": self.severity.word,
            "type": self.type,
            "key": self.key,
            "id": self.id,
            "text": self.text,
            "source": None if origin is None else origin.to_dict(),
            "evidence": list(self.evidence),
        }
