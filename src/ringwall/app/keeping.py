"""A store of logs → the same with fewer files, and without what is too old."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ringwall.shell.clock import Clock, SystemClock
from ringwall.shell.store.compacting import compact, keep
from ringwall.shell.store.manifest import told
from ringwall.shell.store.store import Store
from ringwall.traffic.times import to_seconds

SCHEMA: Final = "ringwall/traffic-compact/1"


@dataclass(frozen=True, slots=True)
class Kept:
    """What was done: parts merged into others, parts and rows removed; and what there is."""

    merged: int
    into: int
    removed: int
    removed_rows: int
    tables: dict[str, tuple[int, int, int]]

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON document."""
        return {
            "schema": SCHEMA,
            "merged": {"files": self.merged, "into": self.into},
            "removed": {"files": self.removed, "records": self.removed_rows},
            "tables": [
                {"table": name, "files": files, "records": rows, "bytes": size}
                for name, (files, rows, size) in self.tables.items()
            ],
        }


def compact_store(folder: str, *, length: str = "", clock: Clock | None = None) -> Kept:
    """Merge small files, after removing hours that ended longer ago than a length of time.

    Raises InputError, LockedError, StoreError, MissingExtra.
    """
    clock = clock or SystemClock()
    seconds = to_seconds(length) if length else 0
    with Store(Path(folder)) as store, told(store.manifest.path):
        removed = remove_old(store, seconds, clock) if seconds else (0, 0)
        merged, into = compact(store)
        return Kept(merged, into, *removed, store.manifest.totals())


def remove_old(store: Store, seconds: int, clock: Clock) -> tuple[int, int]:
    """Remove hours that ended so many seconds ago or more; return parts and rows."""
    return keep(store, int(clock.now().timestamp()) - seconds)
