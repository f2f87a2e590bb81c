"""What came of work that goes on past what fails: what was done, and what was left and why."""

from dataclasses import dataclass, field

from ringwall.errors import PartialError
from ringwall.playbooks.records import Incident


@dataclass(frozen=True, slots=True)
class Left:
    """An incident that was left as it was; `is_lasting`: as it will be until a person decides."""

    incident: str
    why: str
    hint: str = ""
    is_lasting: bool = False

    def __str__(self) -> str:
        return f"{self.incident}: {self.why}"


@dataclass(slots=True)
class Outcome:
    """What was done, in words; the incidents that ended by it; and what was left.

    `young` is what is not touched yet, as whoever took it may be at work.
    """

    done: list[str] = field(default_factory=list)
    young: list[str] = field(default_factory=list)
    ended: list[Incident] = field(default_factory=list)
    left: list[Left] = field(default_factory=list)

    @property
    def exit_code(self) -> int:
        """Return the process's answer: 4 for what was done only in part."""
        return PartialError.exit_code if self.left else 0

    def error(self) -> PartialError | None:
        """Return that something was left which may go the next time; None if nothing was."""
        left = [each for each in self.left if not each.is_lasting]
        if not left:
            return None
        more = f"; and {len(left) - 1} more" if len(left) > 1 else ""
        hint = left[0].hint or "the next time goes on from here"
        return PartialError(f"left as it was: {left[0]}{more}", hint=hint)


def left_documents(outcome: Outcome) -> list[dict[str, str]]:
    """Return what was left as documents."""
    return [
        {"incident": each.incident, "why": each.why, "hint": each.hint} for each in outcome.left
    ]
