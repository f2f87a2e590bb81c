"""The locks of what an action touches, from reading to the proof after acting."""

from dataclasses import dataclass
from typing import Final

from ringwall.errors import LockedError
from ringwall.shell.ledger.port import Ledger

LEASE: Final = 900  # seconds that a lock stands if its owner dies


@dataclass(frozen=True, slots=True)
class Locks:
    """Holds all of some targets, or none; `now` is the second from which they stand."""

    ledger: Ledger
    owner: str
    now: int
    targets: tuple[str, ...]

    def __enter__(self) -> None:
        if not self.ledger.lock(self.targets, self.owner, self.now, LEASE):
            msg = f"another action holds {', '.join(self.targets)}"
            raise LockedError(msg, hint="try again in a little while")

    def __exit__(self, *_: object) -> None:
        self.ledger.unlock(self.targets, self.owner)
