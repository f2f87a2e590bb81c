"""What remembers responses: one port, kept by SQLite on one machine and by DynamoDB in AWS.

Rules:
- Every method is atomic, and may be called by several processes at once, of which any may die.
- A line is written in the same step as what it tells of. Lines are never changed or removed.
- Nothing asks for the time: `now` is given, in seconds.
- What is kept is plain JSON, bounded and redacted (entries.py): of what tells, whatever is too
  large or secret is left out; an action that is too large or holds a secret is refused.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final, Protocol

from ringwall.playbooks.records import Action, Event, Incident, IncidentState, Line
from ringwall.shell.ledger.holders import Held

# What the lines say that `admit` writes; their facts name the event, and how many there were.
OPENED: Final = "opened"
TOLD_AGAIN: Final = "told again"


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
    """Incidents, actions, the journal, locks and counts.

    An action is known by its incident and its id.
    """

    def admit(self, event: Event, now: int) -> Admitted:
        """Take an event: open an incident, or count it to the one that has not ended.

        Either writes its line, OPENED or TOLD_AGAIN; an event that is known writes none. Only what
        events tell is changed by another one (`first`, `last`, `severity`, `events`, `changed`),
        so who read the incident before may still move it.
        """
        ...

    def incident(self, id_: str) -> Incident:
        """Return an incident; raises QuestionError for none, with ids that are near."""
        ...

    def incidents(self, states: Iterable[IncidentState] = ()) -> list[Incident]:
        """Return incidents in these states, or all, the last changed first, then by id."""
        ...

    def actions(self, incident: str = "") -> list[Action]:
        """Return the actions of an incident, or all, the first made first, then by id."""
        ...

    def due(self, now: int) -> list[Action]:
        """Return the actions in force whose time is over (`expires` is past or now), in order."""
        ...

    def move(
        self,
        incident: Incident,
        state: IncidentState,
        line: Line,
        actions: Sequence[Action] = (),
    ) -> Incident:
        """Move an incident on, with its line and the actions as they are from now on.

        What events told is as it is now; `title`, `parties`, `evidence` and `actions` are those of
        the incident given, with the ids of the actions. The line says the state. Raises StaleError
        if it has moved since it was given (its `state` and `moves`), or an action would come back
        that is being taken back or over (ONWARD); QuestionError for none, ValueError for a move
        that NEXT does not know or another incident's action, RefusedError for an action that
        cannot be kept.
        """
        ...

    def write(self, line: Line, actions: Sequence[Action] = ()) -> None:
        """Write a line, and actions as they are from now on.

        Raises StaleError for an action that would come back, and RefusedError, as `move` does.
        """
        ...

    def lines(self, incident: str = "", after: int = 0) -> list[Line]:
        """Return lines of the journal by number: of an incident, or all; those after a number."""
        ...

    def lock(self, targets: Iterable[str], owner: str, now: int, seconds: int) -> bool:
        """Take the locks of all targets or of none, until `seconds` from now, exclusive.

        A lock whose time is over is taken from its owner, but in a ledger that knows what no clock
        tells (SQLite's, of processes of this machine): there from an owner that is dead, at once,
        and never from one that lives. One's own is taken anew, for longer. So an owner is one who
        works on one thing at a time: not a process with several threads. Raises ValueError for
        more than MOST_LOCKS targets.
        """
        ...

    def unlock(self, targets: Iterable[str], owner: str) -> None:
        """Give back those of the locks that the owner still has."""
        ...

    def held(self, targets: Iterable[str]) -> list[Held]:
        """Return the locks of targets, as they stand, by target; over or not."""
        ...

    def release(self, targets: Iterable[str], owner: str, line: Line) -> None:
        """Give back what an owner has of the locks in its place, with a line that says why.

        Raises LockedError, and changes nothing, if it is known to live.
        """
        ...

    def count(self, name: str, limit: int, now: int, seconds: int) -> bool:
        """Count one of a kind, if fewer than `limit` were counted in the last `seconds`.

        No window of that length ever holds more than `limit`, in whatever order the times come,
        while clocks differ by less than a window. Raises ValueError for more than MOST_COUNTED.
        """
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
