"""The locks of what an action touches, from reading to the proof after acting."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, Self

from ringwall.detections.coverage import when
from ringwall.errors import LockedError, RingwallError
from ringwall.playbooks.commands import UNLOCK, Desk
from ringwall.shell.clock import Clock
from ringwall.shell.ledger.holders import Held, Life
from ringwall.shell.ledger.port import Ledger

LEASE: Final = 900  # seconds that a lock stands of whose owner nothing is known
POLL: Final = 0.5  # seconds between two looks at what somebody else holds


@dataclass(frozen=True, slots=True)
class Locks:
    """Holds all of some targets, or none; waits `patience` seconds for others to be done.

    `desk` is where commands are typed, for hints.
    """

    ledger: Ledger
    owner: str
    clock: Clock
    targets: tuple[str, ...]
    patience: float = 0.0
    desk: Desk = field(default_factory=Desk)

    def __enter__(self) -> Self:
        end = self.clock.monotonic() + self.patience
        try:
            while not self._take():
                if self.clock.monotonic() >= end:
                    raise self._error()
                self.clock.sleep(POLL)
        except KeyboardInterrupt:
            self._give_back()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            self._give_back()
        except RingwallError:
            if kind is None or not issubclass(kind, KeyboardInterrupt):
                raise  # who is stopped says that, and what is half made

    def keep(self) -> None:
        """Hold them for LEASE more; raises LockedError if somebody has taken them meanwhile."""
        if not self._take():
            raise self._error()

    def _take(self) -> bool:
        return self.ledger.lock(self.targets, self.owner, self._now(), LEASE)

    def _give_back(self) -> None:
        self.ledger.unlock(self.targets, self.owner)

    def _error(self) -> LockedError:
        others = [each for each in self.ledger.held(self.targets) if each.owner != self.owner]
        if not others:  # given back a moment ago
            return LockedError(f"another action held {', '.join(self.targets)}", hint="try again")
        targets = ", ".join(each.target for each in others)
        msg = f"another action holds {targets}: {'; '.join(owners(others))}"
        return LockedError(msg, hint=_way_out(others[0], self.desk))

    def _now(self) -> int:
        return int(self.clock.now().timestamp())


def owners(held: Iterable[Held]) -> list[str]:
    """Return who holds locks, each once, since when, and whether it lives, in words."""
    lives = {Life.ALIVE: ", which lives", Life.DEAD: ", which is dead", Life.UNKNOWN: ""}
    return list(
        dict.fromkeys(
            f"{each.who}{f' since {when(each.since)}' if each.since else ''}{lives[each.life]}"
            for each in held
        )
    )


def _way_out(held: Held, desk: Desk) -> str:
    if held.life is Life.ALIVE:
        return "try again when it is done"
    return (
        f"try again; it is free at {when(held.until)}, or when who knows that its owner is dead"
        f" says so: {desk.quoted(UNLOCK, held.target)}"
    )
