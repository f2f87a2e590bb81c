"""The locks of what an action touches, from reading to the proof after acting."""

from dataclasses import dataclass
from typing import Final

from ringwall.errors import LockedError
from ringwall.shell.clock import Clock
from ringwall.shell.ledger.port import Ledger

LEASE: Final = 900  # seconds that a lock stands if its owner dies
POLL: Final = 0.5  # seconds between two looks at what somebody else holds


@dataclass(frozen=True, slots=True)
class Locks:
    """Holds all of some targets, or none; waits `patience` seconds for others to be done."""

    ledger: Ledger
    owner: str
    clock: Clock
    targets: tuple[str, ...]
    patience: float = 0.0

    def __enter__(self) -> None:
        end = self.clock.monotonic() + self.patience
        while not self.ledger.lock(self.targets, self.owner, self._now(), LEASE):
            if self.clock.monotonic() >= end:
                msg = f"another action holds {', '.join(self.targets)}"
                hint = f"try again; what somebody who died held is free after {LEASE // 60} minutes"
                raise LockedError(msg, hint=hint)
            self.clock.sleep(POLL)

    def __exit__(self, *_: object) -> None:
        self.ledger.unlock(self.targets, self.owner)

    def _now(self) -> int:
        return int(self.clock.now().timestamp())
