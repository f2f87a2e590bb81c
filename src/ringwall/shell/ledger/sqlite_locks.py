"""The locks of a ledger in a SQLite file: who holds what, and who gives way.

Rules:
- The caller has begun a transaction: all that is read and written here is of one moment.
- An owner's byte (lives.py) is locked before its locks can be seen, and longer than they can.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Final

from ringwall.shell.ledger.holders import Held, Life, read_holder
from ringwall.shell.ledger.lives import Lives

LOCK: Final = """
CREATE TABLE lock (
    target TEXT PRIMARY KEY, owner TEXT NOT NULL, until INTEGER NOT NULL
) WITHOUT ROWID
"""
# Beside the locks: whoever writes locks and no holder is one of whom nothing is known.
HOLDER: Final = """
CREATE TABLE IF NOT EXISTS holder (
    owner TEXT PRIMARY KEY, since INTEGER NOT NULL, document TEXT NOT NULL
) WITHOUT ROWID
"""


class LockTable:
    """The locks in a database."""

    def __init__(self, db: sqlite3.Connection, lives: Lives) -> None:
        self._db = db
        self._lives = lives

    def take(self, targets: Sequence[str], owner: str, now: int, seconds: int) -> bool:
        """Take the locks of all targets or of none."""
        others = [each for each in self.held(targets) if each.owner != owner]
        if not all(_gives_way(each, now) for each in others):
            return False
        self._db.execute(
            "INSERT INTO holder VALUES (?, ?, ?)"
            " ON CONFLICT (owner) DO UPDATE SET document = excluded.document",
            (owner, now, self._lives.begin(owner)),
        )
        self._db.executemany(
            "INSERT OR REPLACE INTO lock VALUES (?, ?, ?)",
            [(target, owner, now + seconds) for target in targets],
        )
        self._forget()
        return True

    def held(self, targets: Iterable[str]) -> list[Held]:
        """Return the locks of targets, as they stand, in their order."""
        found = []
        for target in targets:
            for owner, until, since, told in self._db.execute(
                "SELECT owner, until, coalesce(since, 0), coalesce(document, '')"
                " FROM lock LEFT JOIN holder USING (owner) WHERE target = ?",
                (target,),
            ):
                who, life = read_holder(told)[0].text, self._lives.life(owner, told)
                found.append(Held(target, owner, who, since, until, life))
        return found

    def give_back(self, targets: Iterable[str], owner: str) -> bool:
        """Remove locks of an owner; tell whether it has none any more."""
        self._db.executemany(
            "DELETE FROM lock WHERE target = ? AND owner = ?",
            [(target, owner) for target in targets],
        )
        self._forget()
        left = self._db.execute("SELECT 1 FROM lock WHERE owner = ? LIMIT 1", (owner,))
        return left.fetchone() is None

    def _forget(self) -> None:
        self._db.execute("DELETE FROM holder WHERE owner NOT IN (SELECT owner FROM lock)")


def _gives_way(held: Held, now: int) -> bool:
    """Tell whether a lock may be taken from its owner."""
    return held.life is Life.DEAD or (held.life is Life.UNKNOWN and held.until <= now)
