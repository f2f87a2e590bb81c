"""What remembers responses: one port, kept by SQLite on one machine and by DynamoDB in AWS.

Rules:
- Every method is atomic, and may be called by several processes at once, of which any may die.
- A line is written in the same step as what it tells of. Lines are never changed or removed.
- Nothing asks for the time: `now` is given, in seconds.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from ringwall.playbooks.records import Action, Event, Incident, IncidentState, Line


class Admission(Enum):
    """What an event was to the ledger."""

    NEW = "new"  # an incident was opened
    AGAIN = "again"  # one that had not ended was told of once more
    KNOWN = "known"  # this event was here before: nothing was changed


@dataclass(frozen=True, slots=True)
class Admitted:
    """The incident of an event."""

    admission: Admission
    incident: Incident


class Ledger(Protocol):
    """Incidents, actions, the journal, locks and counts."""

    def admit(self, event: Event, now: int) -> Admitted:
        """Take an event: open an incident, or count it to the one that has not ended."""
        ...

    def incident(self, id_: str) -> Incident:
        """Return an incident; raises QuestionError for none, with ids that are near."""
        ...

    def incidents(self, states: Iterable[IncidentState] = ()) -> list[Incident]:
        """Return incidents in these states, or all, the last changed first."""
        ...

    def actions(self, incident: str = "") -> list[Action]:
        """Return the actions of an incident, or all, the first made first."""
        ...

    def due(self, now: int) -> list[Action]:
        """Return the actions in force whose time is over."""
        ...

    def move(
        self,
        incident: Incident,
        state: IncidentState,
        line: Line,
        actions: Sequence[Action] = (),
    ) -> Incident:
        """Move an incident on, with its line and the actions as they are from now on.

        Raises StaleError if the incident is no longer as given (its `state` and `changed`), and
        ValueError for a move that NEXT does not know.
        """
        ...

    def write(self, line: Line, actions: Sequence[Action] = ()) -> None:
        """Write a line, and actions as they are from now on."""
        ...

    def lines(self, incident: str = "", after: int = 0) -> list[Line]:
        """Return lines of the journal by number: of an incident, or all; those after a number."""
        ...

    def lock(self, targets: Iterable[str], owner: str, now: int, seconds: int) -> bool:
        """Take the locks of all targets or of none; whose time is over is taken from its owner."""
        ...

    def unlock(self, targets: Iterable[str], owner: str) -> None:
        """Give back those of the locks that the owner still has."""
        ...

    def count(self, name: str, limit: int, now: int, seconds: int) -> bool:
        """Count one of a kind, if fewer than `limit` were counted in the last `seconds`."""
        ...

    def halt(self, line: Line) -> None:
        """Stop all that acts by itself, until `resume`."""
        ...

    def resume(self, line: Line) -> None:
        """Let what acts by itself act again."""
        ...

    @property
    def is_halted(self) -> bool:
        """Tell whether all that acts by itself is stopped."""
        ...
