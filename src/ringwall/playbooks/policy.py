"""What may be done without a person, how much of it, and how long it stands.

Rules:
- The default is to ask: nothing acts by itself that nobody has allowed to.
- A mode is of a kind of events, as patterns with `*`; the longest pattern that fits counts.
- A cap that is reached turns acting into asking; it never drops an incident.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase

from ringwall.playbooks.entries import QUOTA
from ringwall.playbooks.playbook import Playbook, Proposal


class Mode(StrEnum):
    """What becomes of a proposal."""

    OBSERVE = "observe"  # it is told
    APPROVE = "approve"  # a person is asked
    AUTO = "auto"  # it is carried out, if it is proven to work and to break nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The limits of a responder.

    `per_hour` actions at most are begun by themselves in an hour; `most` targets at most are
    touched by one of them. `hours` is how long what is temporary stands, 0 for each playbook's own.
    `never` are blocks that are never cut, with reasons; `accepted` those of which others than the
    offenders may be hit, too. `days` of traffic are replayed.
    """

    modes: Mapping[str, Mode] = field(default_factory=dict)
    per_hour: int = 10
    most: int = 20
    hours: float = 0.0
    quota: int = QUOTA
    days: int = 7
    never: Mapping[str, str] = field(default_factory=dict)
    accepted: Mapping[str, str] = field(default_factory=dict)

    def mode(self, kind: str) -> Mode:
        """Return the mode of a kind of events."""
        fitting = [p for p in self.modes if fnmatchcase(kind.lower(), p.lower())]
        return self.modes[max(fitting, key=len)] if fitting else Mode.APPROVE

    def why_ask(self, playbook: Playbook, proposal: Proposal) -> str:
        """Return why a proposal is put to a person although the mode is AUTO, or ""."""
        if playbook.by_person:
            return f"{playbook.id} is never carried out without a person"
        if proposal.breaks:
            return str(proposal.breaks[0])
        if proposal.doubts:
            return f"it is not proven: {proposal.doubts[0]}"
        if proposal.reach > self.most:
            return f"it touches {proposal.reach} targets, more than {self.most}"
        return ""
