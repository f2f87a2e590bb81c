"""What a store holds and what was read into it: a SQLite file, so that a change is all or nothing.

A part is a Parquet file. Its state is `staged` from the moment it belongs to the store until it
stands in its place, `there`, then `gone` until it is removed.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from ringwall.errors import InputError, StoreError

FILE: Final = "manifest.sqlite"
VERSION: Final = 2
_WAIT: Final = 30.0  # seconds that a reader waits for a writer's transaction

_TABLES = """
CREATE TABLE part (
    name TEXT PRIMARY KEY, of TEXT NOT NULL, hour INTEGER NOT NULL, rows INTEGER NOT NULL,
    size INTEGER NOT NULL, state TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX part_state ON part (state) WHERE state <> 'there';
CREATE INDEX part_hour ON part (of, hour);
CREATE TABLE source (
    name TEXT NOT NULL, digest BLOB NOT NULL, size INTEGER NOT NULL, stamp TEXT NOT NULL,
    read_at INTEGER NOT NULL, records INTEGER NOT NULL, quiet INTEGER NOT NULL,
    lines INTEGER NOT NULL, aside TEXT NOT NULL, fault TEXT NOT NULL,
    PRIMARY KEY (name, digest)
) WITHOUT ROWID;
CREATE INDEX source_digest ON source (digest);
CREATE TABLE event (
    stream TEXT NOT NULL, id BLOB NOT NULL, time INTEGER NOT NULL, PRIMARY KEY (stream, id)
) WITHOUT ROWID;
CREATE INDEX event_time ON event (stream, time);
CREATE TABLE span (
    stream TEXT NOT NULL, begin INTEGER NOT NULL, until INTEGER NOT NULL,
    PRIMARY KEY (stream, begin)
) WITHOUT ROWID;
"""

# What came with each further version.
_LATER = (
    """
CREATE TABLE look (
    stream TEXT PRIMARY KEY, last INTEGER NOT NULL, wide INTEGER NOT NULL
) WITHOUT ROWID;
""",
)


@dataclass(frozen=True, slots=True)
class Part:
    """A Parquet file: its name, its table, its hour since 1970, its rows and bytes."""

    name: str
    of: str
    hour: int
    rows: int
    size: int


@dataclass(frozen=True, slots=True)
class Reading:
    """A file that was read: what it was, and what it gave; `aside` counts lines by reason."""

    name: str
    digest: bytes
    size: int
    stamp: str
    read_at: int
    records: int = 0
    quiet: int = 0
    lines: int = 0
    aside: Mapping[str, int] = field(default_factory=dict)
    fault: str = ""
    seen: "Seen | None" = None


@dataclass(frozen=True, slots=True)
class Seen:
    """What was read of a stream of events: from when to before when, in milliseconds, and each.

    `events` are ids with the times when they came. A span that is not `done` is not noted, and its
    ids are all remembered; of one that is, those from `kept` on. `looks` is what is noted with the
    last span of a run.
    """

    stream: str
    begin: int
    until: int
    events: Sequence[tuple[bytes, int]]
    kept: int
    done: bool = True
    looks: "Looks | None" = None


@dataclass(frozen=True, slots=True)
class Looks:
    """When a stream was asked last, and when it was asked last as far back as late events go."""

    last: int
    wide: int


class Manifest:
    """The manifest of a store; raises StoreError where the file cannot be used."""

    def __init__(self, folder: Path, *, create: bool = False) -> None:
        path = folder / FILE
        if not create and not path.is_file():
            message = f"'{folder}' is no store of logs"
            raise InputError(message, hint="`ringwall traffic ingest SOURCE --store DIR` makes one")
        self.path = path
        with told(path):
            self._db = sqlite3.connect(path, timeout=_WAIT, isolation_level=None)
            self._db.execute("PRAGMA synchronous = FULL")
            with self.change():
                version = self._db.execute("PRAGMA user_version").fetchone()[0]
                if version < VERSION:
                    texts = (_TABLES, *_LATER)[version:]
                    for statement in ";".join(texts).split(";"):
                        self._db.execute(statement)
                    self._db.execute(f"PRAGMA user_version = {VERSION}")
        if version > VERSION:
            message = f"'{folder}' was written by a newer Ringwall (store {version})"
            raise InputError(message, hint="update Ringwall: pip install -U ringwall")

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    @contextmanager
    def change(self) -> Iterator[None]:
        """Make all changes within, or none."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def add(self, parts: Iterable[Part], readings: Sequence[Reading]) -> None:
        """List new parts as staged, and what was read."""
        self._db.executemany(
            "INSERT INTO part VALUES (?, ?, ?, ?, ?, 'staged')",
            [(p.name, p.of, p.hour, p.rows, p.size) for p in parts],
        )
        self._db.executemany(
            "INSERT OR REPLACE INTO source VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    *(r.name, r.digest, r.size, r.stamp, r.read_at, r.records, r.quiet, r.lines),
                    json.dumps(dict(r.aside)),
                    r.fault,
                )
                for r in readings
            ],
        )

        for reading in readings:
            if reading.seen is not None:
                self._see(reading.seen)

    def _see(self, seen: Seen) -> None:
        """Note a span and its events; spans that touch become one."""
        self._db.executemany(
            "INSERT OR IGNORE INTO event VALUES (?, ?, ?)",
            [(seen.stream, key, time) for key, time in seen.events],
        )
        if not seen.done:
            return
        if seen.looks is not None:
            self._db.execute(
                "INSERT OR REPLACE INTO look VALUES (?, ?, ?)",
                (seen.stream, seen.looks.last, seen.looks.wide),
            )
        self._db.execute(
            "DELETE FROM event WHERE stream = ? AND time < ?", (seen.stream, seen.kept)
        )
        begin, until = seen.begin, seen.until
        for other, end in self.spans(seen.stream):
            if other <= until and begin <= end:
                begin, until = min(begin, other), max(until, end)
                self._db.execute(
                    "DELETE FROM span WHERE stream = ? AND begin = ?", (seen.stream, other)
                )
        self._db.execute("INSERT INTO span VALUES (?, ?, ?)", (seen.stream, begin, until))

    def spans(self, stream: str) -> list[tuple[int, int]]:
        """Return what was read of a stream, in milliseconds, in order."""
        found = self._db.execute(
            "SELECT begin, until FROM span WHERE stream = ? ORDER BY begin", (stream,)
        )
        return [(begin, until) for begin, until in found]

    def looks(self, stream: str) -> Looks | None:
        """Return when a stream was asked."""
        found = self._db.execute("SELECT last, wide FROM look WHERE stream = ?", (stream,))
        row = found.fetchone()
        return Looks(*row) if row else None

    def has_event(self, stream: str, key: bytes) -> bool:
        """Tell whether an event was read."""
        found = self._db.execute("SELECT 1 FROM event WHERE stream = ? AND id = ?", (stream, key))
        return found.fetchone() is not None

    def mark(self, parts: Iterable[Part], state: str) -> None:
        """Give parts a state."""
        self._db.executemany(
            "UPDATE part SET state = ? WHERE name = ?", [(state, p.name) for p in parts]
        )

    def forget(self, parts: Iterable[Part]) -> None:
        """Take parts that are gone from the list."""
        self._db.executemany(
            "DELETE FROM part WHERE name = ? AND state = 'gone'", [(p.name,) for p in parts]
        )

    def parts(self, state: str = "there", of: str = "") -> list[Part]:
        """Return the parts of a state, of one table or of all, by table, hour and name."""
        found = self._db.execute(
            "SELECT name, of, hour, rows, size FROM part"
            " WHERE state = ? AND (? = '' OR of = ?) ORDER BY of, hour, name",
            (state, of, of),
        )
        return [Part(*row) for row in found]

    def before(self, hour: int) -> list[Part]:
        """Return the parts of hours before one."""
        found = self._db.execute(
            "SELECT name, of, hour, rows, size FROM part WHERE state = 'there' AND hour < ?",
            (hour,),
        )
        return [Part(*row) for row in found]

    def has_name(self, name: str, size: int, stamp: str) -> bool:
        """Tell whether a file of this name, size and stamp was read."""
        found = self._db.execute(
            "SELECT 1 FROM source WHERE name = ? AND size = ? AND stamp = ? LIMIT 1",
            (name, size, stamp),
        )
        return found.fetchone() is not None

    def has_digest(self, digest: bytes) -> bool:
        """Tell whether a file of this content was read, under any name."""
        found = self._db.execute("SELECT 1 FROM source WHERE digest = ? LIMIT 1", (digest,))
        return found.fetchone() is not None

    def earlier(self, name: str) -> list[Reading]:
        """Return what was read of a file, with any content."""
        found = self._db.execute(
            "SELECT digest, size, stamp, read_at, records, quiet, lines, aside, fault"
            " FROM source WHERE name = ?",
            (name,),
        )
        return [
            Reading(name, digest, size, stamp, at, records, quiet, lines, json.loads(aside), fault)
            for digest, size, stamp, at, records, quiet, lines, aside, fault in found
        ]

    def totals(self) -> dict[str, tuple[int, int, int]]:
        """Return parts, rows and bytes of each table."""
        found = self._db.execute(
            "SELECT of, count(*), sum(rows), sum(size) FROM part"
            " WHERE state = 'there' GROUP BY of ORDER BY of"
        )
        return {of: (parts, rows, size) for of, parts, rows, size in found}


@contextmanager
def told(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into one line."""
    try:
        yield
    except sqlite3.Error as failure:
        message = f"cannot use '{path}': {failure}"
        raise StoreError(message) from None
