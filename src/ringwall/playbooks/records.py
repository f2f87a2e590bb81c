"""What a ledger keeps of a response: incidents, actions, lines of the journal.

Rules:
- A record is frozen; it changes by being moved from one state to another, with a line that says so.
- Times are seconds since 1970. Texts of people and of AWS are data: nothing in them is carried out.
- What is written holds ids, addresses and names, never a credential or a webhook's address
  (playbooks/redaction.py; every ledger writes through it).
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

SELF: Final = "ringwall"  # who acts, where no person does


class Source(StrEnum):
    """Who says that something is wrong."""

    DETECTION = "detection"
    ALARM = "alarm"
    GUARDDUTY = "guardduty"
    SECURITYHUB = "securityhub"
    PERSON = "person"
    SCHEDULE = "schedule"  # a comparison with what was meant


class IncidentState(StrEnum):
    """Where an incident stands."""

    OPEN = "open"  # known; what to do is not worked out, or could not be
    OBSERVED = "observed"  # told to people, as the mode says; nothing is done
    PROPOSED = "proposed"  # an action waits for a person
    ACTING = "acting"  # an action is being carried out
    IN_FORCE = "in-force"  # it stands, and was proven to
    DENIED = "denied"  # a person said no
    REFUSED = "refused"  # the proof or a guard said no, and nobody is asked
    FAILED = "failed"  # AWS or Ringwall did not do its part; reconcile goes on
    UNDOING = "undoing"  # what was done is being taken back
    CLOSED = "closed"  # undone, expired, or ended by a person


ENDED: Final = frozenset({IncidentState.DENIED, IncidentState.REFUSED, IncidentState.CLOSED})
# From each state, those that may follow.
NEXT: Final[Mapping[IncidentState, frozenset[IncidentState]]] = MappingProxyType(
    {
        IncidentState.OPEN: frozenset(
            {
                IncidentState.OBSERVED,
                IncidentState.PROPOSED,
                IncidentState.ACTING,
                IncidentState.REFUSED,
                IncidentState.FAILED,
                IncidentState.CLOSED,
            }
        ),
        IncidentState.OBSERVED: frozenset(
            {IncidentState.PROPOSED, IncidentState.ACTING, IncidentState.CLOSED}
        ),
        IncidentState.PROPOSED: frozenset(
            {
                IncidentState.ACTING,
                IncidentState.DENIED,
                IncidentState.REFUSED,
                IncidentState.CLOSED,
            }
        ),
        IncidentState.ACTING: frozenset(
            {IncidentState.IN_FORCE, IncidentState.FAILED, IncidentState.UNDOING}
        ),
        IncidentState.IN_FORCE: frozenset(
            {IncidentState.UNDOING, IncidentState.ACTING, IncidentState.FAILED}
        ),
        IncidentState.FAILED: frozenset(
            {IncidentState.ACTING, IncidentState.UNDOING, IncidentState.CLOSED}
        ),
        IncidentState.UNDOING: frozenset({IncidentState.CLOSED, IncidentState.FAILED}),
        IncidentState.DENIED: frozenset(),
        IncidentState.REFUSED: frozenset(),
        IncidentState.CLOSED: frozenset(),
    }
)


def digest(*parts: str) -> str:
    """Return twenty hex digits that stand for texts, in their order."""
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:20]


@dataclass(frozen=True, slots=True)
class Party:
    """Who has a part in an incident, in which role: source, destination, domain, instance."""

    role: str
    address: str = ""
    name: str = ""

    def to_dict(self) -> dict[str, str]:
        """Return its document."""
        return {"role": self.role, "address": self.address, "name": self.name}


@dataclass(frozen=True, slots=True)
class Event:
    """Something that was told, once: `id` is the same however often it is delivered.

    `kind` is what a playbook answers: a detection's id, an alarm's name, a type of GuardDuty.
    `first` and `last` are the seconds it is about, both included; `parties` may be empty, as an
    alarm names nobody.
    """

    id: str
    source: Source
    kind: str
    title: str
    severity: int
    parties: tuple[Party, ...]
    first: int
    last: int
    evidence: Mapping[str, Any] = field(default_factory=dict)

    @property
    def subject(self) -> str:
        """Return what stays the same whenever the same parties do the same."""
        parts = sorted(f"{party.role}={party.address or party.name}" for party in self.parties)
        return digest(self.kind, *parts)


@dataclass(frozen=True, slots=True)
class Incident:
    """What one subject did, from its first event to its end.

    `id` is the subject and an ordinal: what comes back after its end is another incident.
    `events` counts the events that told of it; `opened` and `changed` are when it was written.
    `moves` counts its changes of state: by it a ledger knows who read it before the last one.
    """

    id: str
    subject: str
    source: Source
    kind: str
    title: str
    severity: int
    parties: tuple[Party, ...]
    first: int
    last: int
    state: IncidentState
    opened: int
    changed: int
    events: int = 1
    moves: int = 0
    evidence: Mapping[str, Any] = field(default_factory=dict)
    actions: tuple[str, ...] = ()

    def moved(self, state: IncidentState, now: int) -> "Incident":
        """Return it in another state."""
        return replace(self, state=state, changed=now, moves=self.moves + 1)

    def to_dict(self) -> dict[str, Any]:
        """Return its document."""
        return {
            "id": self.id,
            "subject": self.subject,
            "source": self.source.value,
            "kind": self.kind,
            "title": self.title,
            "severity": self.severity,
            "parties": [party.to_dict() for party in self.parties],
            "first": self.first,
            "last": self.last,
            "state": self.state.value,
            "opened": self.opened,
            "changed": self.changed,
            "events": self.events,
            "moves": self.moves,
            "evidence": dict(self.evidence),
            "actions": list(self.actions),
        }

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> "Incident":
        """Return the incident of a document; raises KeyError, ValueError for what is none."""
        known = dict(document)
        known["source"] = Source(known["source"])
        known["state"] = IncidentState(known["state"])
        known["parties"] = tuple(Party(**party) for party in known["parties"])
        known["actions"] = tuple(known["actions"])
        return cls(**known)


class ActionState(StrEnum):
    """Where an action stands."""

    PROPOSED = "proposed"
    APPLYING = "applying"  # written before the first call
    IN_FORCE = "in-force"
    UNDOING = "undoing"  # written before the first call that takes it back
    UNDONE = "undone"
    DROPPED = "dropped"  # never carried out


# An action that is being taken back, or is over, does not come back.
ONWARD: Final[Mapping[ActionState, frozenset[ActionState]]] = MappingProxyType(
    {
        ActionState.UNDOING: frozenset(
            {ActionState.UNDOING, ActionState.UNDONE, ActionState.DROPPED}
        ),
        ActionState.UNDONE: frozenset({ActionState.UNDONE}),
        ActionState.DROPPED: frozenset({ActionState.DROPPED}),
    }
)


@dataclass(frozen=True, slots=True)
class Action:
    """What a playbook does about an incident, as data.

    `targets` are what it changes, by physical id (a network ACL, an interface): one action holds
    the lock of each while it works. `measures` are the steps with their ways back, as documents of
    playbooks/measures.py. `expires` is 0 for what does not. `facts` are what was proven, in words.
    """

    id: str
    incident: str
    playbook: str
    state: ActionState
    targets: tuple[str, ...]
    measures: tuple[Mapping[str, Any], ...]
    expires: int
    made: int
    changed: int
    facts: Mapping[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return its document."""
        return {
            "id": self.id,
            "incident": self.incident,
            "playbook": self.playbook,
            "state": self.state.value,
            "targets": list(self.targets),
            "measures": [dict(measure) for measure in self.measures],
            "expires": self.expires,
            "made": self.made,
            "changed": self.changed,
            "facts": dict(self.facts),
        }

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> "Action":
        """Return the action of a document; raises KeyError, ValueError for what is none."""
        known = dict(document)
        known["state"] = ActionState(known["state"])
        known["targets"] = tuple(known["targets"])
        known["measures"] = tuple(known["measures"])
        return cls(**known)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the journal: what happened, when, by whom, and why.

    `number` is given by the ledger: lines of a ledger are numbered from 1 without gaps. So is
    `state`: the incident's from this line on, where the line is that of a move.
    """

    at: int
    incident: str
    what: str
    by: str
    reason: str = ""
    action: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    number: int = 0
    state: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Return its document."""
        return {
            "number": self.number,
            "at": self.at,
            "incident": self.incident,
            "action": self.action,
            "what": self.what,
            "state": self.state,
            "by": self.by,
            "reason": self.reason,
            "facts": dict(self.facts),
        }

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> "Line":
        """Return the line of a document; raises TypeError for what is none."""
        return cls(**document)
