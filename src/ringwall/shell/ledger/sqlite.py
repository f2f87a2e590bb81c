"""A ledger on one machine: a SQLite file that several processes write at once.

Rules:
- Every change is one transaction that begins by taking the write lock; whoever is killed within it
  has changed nothing. Who waits for the lock waits `WAIT` seconds.
- A commit is on the disk when it returns (WAL, synchronous FULL): the journal is written before
  acting, and a machine may lose its power in between.
- A lock's owner that has died gives way at once, and one that lives for no clock (lives.py); of
  one of another machine nothing is known, and its lock stands until its time is over.
- The file is its owner's alone: it tells who was attacked, and how. It must lie on a disk of this
  machine; SQLite's WAL needs memory that its processes share.
- A ledger is one process's: open another after a fork.
"""

import json
import os
import secrets
import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from threading import RLock
from typing import Any, Final, Self

from ringwall.errors import InputError, StoreError
from ringwall.playbooks.records import Action, Event, Incident, IncidentState, Line
from ringwall.playbooks.redaction import plain
from ringwall.shell.ledger import entries
from ringwall.shell.ledger.holders import Held, Holder
from ringwall.shell.ledger.lives import Lives
from ringwall.shell.ledger.port import OPENED, TOLD_AGAIN, Admission, Admitted
from ringwall.shell.ledger.sqlite_locks import HOLDER, LOCK, LockTable

BEGINS: Final = "is it another place? `ringwall respond report --help` tells how one begins"
APPLICATION_ID: Final = 0x52574C31  # "RWL1": by it a file is known as a ledger (SQLite, PRAGMA)
VERSION: Final = 1
WAIT: Final = 60.0  # seconds
_ANOTHER: Final = "name a ledger, or a new file"
_SHUT: Final = (
    "it and its folder must be writable, to readers too: processes meet in files beside it"
)
_HINTS: Final = {
    sqlite3.SQLITE_BUSY: "another process has been writing it for {:.0f} seconds",
    sqlite3.SQLITE_CANTOPEN: _SHUT,
    sqlite3.SQLITE_READONLY: _SHUT,
}
_POLL: Final = 0.02  # seconds between two looks at a file that another process is setting up

_TABLES = """
CREATE TABLE incident (
    id TEXT PRIMARY KEY, subject TEXT NOT NULL, ordinal INTEGER NOT NULL, state TEXT NOT NULL,
    changed INTEGER NOT NULL, document TEXT NOT NULL, UNIQUE (subject, ordinal)
) WITHOUT ROWID;
CREATE INDEX incident_state ON incident (state, changed);
CREATE TABLE event (key TEXT PRIMARY KEY, incident TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE action (
    incident TEXT NOT NULL, id TEXT NOT NULL, made INTEGER NOT NULL, due INTEGER,
    document TEXT NOT NULL, PRIMARY KEY (incident, id)
) WITHOUT ROWID;
CREATE INDEX action_due ON action (due) WHERE due IS NOT NULL;
CREATE TABLE line (number INTEGER PRIMARY KEY, incident TEXT NOT NULL, document TEXT NOT NULL);
CREATE INDEX line_incident ON line (incident, number);
CREATE TABLE count (name TEXT PRIMARY KEY, times TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE switch (name TEXT PRIMARY KEY, is_on INTEGER NOT NULL) WITHOUT ROWID;
"""


class SqliteLedger:
    """A ledger in a file; raises InputError for what is none, StoreError where it cannot be used.

    `create`: make the file if there is none. An empty one is none: what it told may be lost. `here`
    is the process that takes locks. May be used by several threads.
    """

    def __init__(self, path: Path, *, create: bool = False, here: Holder | None = None) -> None:
        self.path = path
        self._lock = RLock()
        self._lives = Lives(_beside(path), here)
        with self._told():
            _make_file(path, create=create)
            self._db = sqlite3.connect(
                path, timeout=WAIT, isolation_level=None, check_same_thread=False
            )
        self._locks = LockTable(self._db, self._lives)
        try:
            self._open()
        except BaseException:
            self._db.close()
            raise

    def close(self) -> None:
        """Let go of the file, and of all locks: nothing is done about their targets any more."""
        self._db.close()
        self._lives.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def admit(self, event: Event, now: int) -> Admitted:
        """Take an event: open an incident, or count it to the one that has not ended."""
        key = entries.event_key(event.id)
        with self._change():
            for (document,) in self._db.execute(
                "SELECT document FROM event JOIN incident ON incident.id = event.incident"
                " WHERE key = ?",
                (key,),
            ):
                return Admitted(Admission.KNOWN, _incident(document))
            last = self._db.execute(
                "SELECT ordinal, document FROM incident WHERE subject = ?"
                " ORDER BY ordinal DESC LIMIT 1",
                (event.subject,),
            ).fetchone()
            current = _incident(last[1]) if last else None
            if current is None or entries.is_ended(current):
                ordinal = last[0] + 1 if last else 1
                incident = entries.opened(event, ordinal, now)
                admission, what = Admission.NEW, OPENED
                self._db.execute(
                    "INSERT INTO incident VALUES (?, ?, ?, ?, ?, ?)",
                    (incident.id, incident.subject, ordinal, *_columns(incident)),
                )
            else:
                incident = entries.again(current, event, now)
                admission, what = Admission.AGAIN, TOLD_AGAIN
                self._update(incident)
            self._db.execute("INSERT INTO event VALUES (?, ?)", (key, incident.id))
            self._line(entries.admission_line(event, incident, what, now))
        return Admitted(admission, incident)

    def incident(self, id_: str) -> Incident:
        """Return an incident; raises QuestionError for none, with ids that are near."""
        with self._look():
            found = self._db.execute(
                "SELECT document FROM incident WHERE id = ?", (plain(id_),)
            ).fetchone()
            if found is None:
                ids = self._db.execute("SELECT id FROM incident ORDER BY changed DESC, id")
                raise entries.unknown(id_, [id_ for (id_,) in ids])
        return _incident(found[0])

    def incidents(self, states: Iterable[IncidentState] = ()) -> list[Incident]:
        """Return incidents in these states, or all, the last changed first, then by id."""
        wanted = [state.value for state in states]
        where = f" WHERE state IN ({', '.join('?' * len(wanted))})" if wanted else ""
        with self._look():
            found = self._db.execute(
                f"SELECT document FROM incident{where} ORDER BY changed DESC, id",  # noqa: S608  (marks alone)
                wanted,
            ).fetchall()
        return [_incident(document) for (document,) in found]

    def actions(self, incident: str = "") -> list[Action]:
        """Return the actions of an incident, or all, the first made first, then by id."""
        of = " WHERE incident = ?" if incident else ""
        with self._look():
            found = self._db.execute(
                f"SELECT document FROM action{of} ORDER BY made, id, incident",  # noqa: S608  (a mark alone)
                (plain(incident),) if incident else (),
            ).fetchall()
        return [_action(document) for (document,) in found]

    def due(self, now: int) -> list[Action]:
        """Return the actions in force whose time is over (`expires` is past or now), in order."""
        with self._look():
            found = self._db.execute(
                "SELECT document FROM action WHERE due <= ? ORDER BY due, id, incident", (now,)
            ).fetchall()
        return [_action(document) for (document,) in found]

    def move(
        self,
        incident: Incident,
        state: IncidentState,
        line: Line,
        actions: Sequence[Action] = (),
    ) -> Incident:
        """Move an incident on, with its line and the actions as they are from now on."""
        entries.judge_move(incident, state, actions)
        kept = entries.kept_actions(actions)
        with self._change():
            current = self.incident(incident.id)
            moved = entries.moved(current, incident, state, line.at, kept)
            self._update(moved)
            self._keep(kept)
            self._line(line, moved)
        return moved

    def write(self, line: Line, actions: Sequence[Action] = ()) -> None:
        """Write a line, and actions as they are from now on; raises RefusedError as `move`."""
        kept = entries.kept_actions(actions)
        with self._change():
            self._keep(kept)
            self._line(line)

    def lines(self, incident: str = "", after: int = 0) -> list[Line]:
        """Return lines of the journal by number: of an incident, or all; those after a number."""
        of = " AND incident = ?" if incident else ""
        with self._look():
            found = self._db.execute(
                f"SELECT document FROM line WHERE number > ?{of} ORDER BY number",  # noqa: S608  (a mark alone)
                (after, plain(incident)) if incident else (after,),
            ).fetchall()
        return [Line.from_dict(json.loads(document)) for (document,) in found]

    def lock(self, targets: Iterable[str], owner: str, now: int, seconds: int) -> bool:
        """Take the locks of all targets or of none, until `seconds` from now, exclusive."""
        wanted = entries.asked_locks(targets)
        with self._change():
            return self._locks.take(wanted, owner, now, seconds)

    def unlock(self, targets: Iterable[str], owner: str) -> None:
        """Give back those of the locks that the owner still has."""
        has_none = True  # who gives back works on nothing, even where that cannot be written
        try:
            with self._change():
                has_none = self._locks.give_back(map(plain, targets), owner)
        finally:
            if has_none:
                self._lives.end(owner)

    def held(self, targets: Iterable[str]) -> list[Held]:
        """Return the locks of targets, as they stand, by target; over or not."""
        with self._look():
            return self._locks.held(sorted({plain(target) for target in targets}))

    def release(self, targets: Iterable[str], owner: str, line: Line) -> None:
        """Give back what an owner has of the locks in its place, with a line that says why."""
        with self._change():
            own = [each for each in self._locks.held(map(plain, targets)) if each.owner == owner]
            entries.judge_release(own)
            self._locks.give_back([each.target for each in own], owner)
            self._line(line)

    def count(self, name: str, limit: int, now: int, seconds: int) -> bool:
        """Count one of a kind, if fewer than `limit` were counted in the last `seconds`."""
        with self._change():
            known = self._db.execute("SELECT times FROM count WHERE name = ?", (name,)).fetchone()
            times = entries.counted(json.loads(known[0]) if known else [], limit, now, seconds)
            if times is None:
                return False
            self._db.execute(
                "INSERT OR REPLACE INTO count VALUES (?, ?)", (name, entries.written(times))
            )
        return True

    def halt(self, line: Line) -> None:
        """Stop all that acts by itself, until `resume`."""
        self._switch(line, is_on=True)

    def resume(self, line: Line) -> None:
        """Let what acts by itself act again."""
        self._switch(line, is_on=False)

    @property
    def is_halted(self) -> bool:
        """Tell whether all that acts by itself is stopped."""
        with self._look():
            found = self._db.execute("SELECT is_on FROM switch WHERE name = 'halt'").fetchone()
        return bool(found and found[0])

    def _switch(self, line: Line, *, is_on: bool) -> None:
        with self._change():
            self._db.execute("INSERT OR REPLACE INTO switch VALUES ('halt', ?)", (is_on,))
            self._line(line)

    def _update(self, incident: Incident) -> None:
        self._db.execute(
            "UPDATE incident SET state = ?, changed = ?, document = ? WHERE id = ?",
            (*_columns(incident), incident.id),
        )

    def _keep(self, actions: Sequence[Action]) -> None:
        for action in actions:
            found = self._db.execute(
                "SELECT document FROM action WHERE incident = ? AND id = ?",
                (action.incident, action.id),
            ).fetchone()
            entries.judge_action(_action(found[0]) if found else None, action)
        self._db.executemany(
            "INSERT OR REPLACE INTO action VALUES (?, ?, ?, ?, ?)",
            [
                (
                    action.incident,
                    action.id,
                    action.made,
                    action.expires if entries.is_expiring(action) else None,
                    entries.written(action.to_dict()),
                )
                for action in actions
            ],
        )

    def _line(self, line: Line, moved: Incident | None = None) -> None:
        # The write lock is held: nobody else takes this number.
        (last,) = self._db.execute("SELECT coalesce(max(number), 0) FROM line").fetchone()
        kept = entries.kept_line(line, last + 1, moved)
        self._db.execute(
            "INSERT INTO line VALUES (?, ?, ?)",
            (kept.number, kept.incident, entries.written(kept.to_dict())),
        )

    @contextmanager
    def _change(self) -> Iterator[None]:
        """Make all changes within, or none."""
        with self._told(), self._lock:
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            finally:
                # A full disk may have ended the transaction already.
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")

    @contextmanager
    def _look(self) -> Iterator[None]:
        with self._told(), self._lock:
            yield

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turn SQLite's errors into one line."""
        try:
            yield
        except sqlite3.Error as failure:
            code = getattr(failure, "sqlite_errorcode", 0) & 0xFF
            if code == sqlite3.SQLITE_NOTADB:
                raise self._no_ledger() from None
            if code == sqlite3.SQLITE_CORRUPT:
                msg = f"ledger '{self.path}' is damaged: {failure}"
                raise InputError(msg, hint=_ANOTHER) from None
            msg = f"cannot use ledger '{self.path}': {failure}"
            raise StoreError(msg, hint=_HINTS.get(code, "").format(WAIT)) from None

    def _no_ledger(self) -> InputError:
        return InputError(f"'{self.path}' is no ledger", hint=_ANOTHER)

    def _open(self) -> None:
        with self._told():
            # A file of others is left as it is, and so is one that has lost all that it told.
            self._judge(self._marks_at_once())
            self._patiently("PRAGMA journal_mode = WAL")
            self._db.execute("PRAGMA synchronous = FULL")
            with self._change():
                self._db.execute(HOLDER)

    def _marks_at_once(self) -> tuple[int, int, int]:
        """Return the marks of one moment."""
        self._db.execute("BEGIN")
        try:
            return self._marks()
        finally:
            self._db.execute("ROLLBACK")

    def _marks(self) -> tuple[int, int, int]:
        """Return the application, the version and how much is declared in the file."""
        return (
            self._db.execute("PRAGMA application_id").fetchone()[0],
            self._db.execute("PRAGMA user_version").fetchone()[0],
            self._db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0],
        )

    def _judge(self, marks: tuple[int, int, int]) -> None:
        """Raise InputError for what is no ledger of this version."""
        if marks == (0, 0, 0):
            msg = f"ledger '{self.path}' is empty: what it told is not there"
            raise InputError(msg, hint=_ANOTHER)
        application, version, _ = marks
        if application != APPLICATION_ID:
            raise self._no_ledger()
        if version > VERSION:
            msg = f"ledger '{self.path}' was written by a newer Ringwall (version {version})"
            raise InputError(msg, hint="update Ringwall: pip install -U ringwall")

    def _patiently(self, statement: str) -> None:
        """Carry out what SQLite refuses at once, without waiting, while another process does it."""
        deadline = time.monotonic() + WAIT
        while True:
            try:
                self._db.execute(statement)
            except sqlite3.OperationalError as failure:
                if failure.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                    raise
                if time.monotonic() > deadline:
                    raise
                time.sleep(_POLL)
            else:
                return


def _beside(path: Path) -> Path:
    """Return the file of holders: one and the same, by whichever link the ledger is opened."""
    whole = path.resolve()
    return whole.with_name(f"{whole.name}-holders")


def _make_file(path: Path, *, create: bool) -> None:
    """Make a ledger where there is no file: it is there whole, or not at all."""
    if path.is_file():
        return
    if not create:
        msg = f"there is no ledger '{path}'"
        raise InputError(msg, hint=BEGINS)
    whole = path.resolve()
    fresh = whole.with_name(f".{whole.name}.{secrets.token_hex(4)}")
    try:
        whole.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(fresh, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        try:
            _set_up(fresh)
            with suppress(FileExistsError):  # somebody else was faster
                os.link(fresh, whole)
        finally:
            for end in ("", "-wal", "-shm"):
                fresh.with_name(f"{fresh.name}{end}").unlink(missing_ok=True)
    except OSError as failure:
        msg = f"cannot use ledger '{path}': {failure.strerror}"
        raise StoreError(msg) from None


def _set_up(path: Path) -> None:
    """Make an empty file a ledger that tells nothing yet."""
    with closing(sqlite3.connect(path, isolation_level=None)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        db.execute("BEGIN IMMEDIATE")
        for statement in (LOCK, HOLDER, *_TABLES.split(";")):
            db.execute(statement)
        db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        db.execute(f"PRAGMA user_version = {VERSION}")
        db.execute("COMMIT")


def _columns(incident: Incident) -> tuple[str, int, str]:
    return (incident.state.value, incident.changed, entries.written(incident.to_dict()))


def _incident(document: str) -> Incident:
    return Incident.from_dict(json.loads(document))


def _action(document: str) -> Action:
    known: dict[str, Any] = json.loads(document)
    return Action.from_dict(known)
