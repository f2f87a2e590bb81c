"""A folder → a store: one writer, staged parts, and what a crash broke off is ended.

DIR/manifest.sqlite                    what the store holds, what was read
DIR/TABLE/day=…/hour=…/NAME.parquet    the parts
DIR/staging/                           parts that are not in the store yet
DIR/set-aside/                         lines that could not be read
DIR/lock                               held by who writes
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Final, Self

from ringwall.errors import InputError, LockedError, StoreError
from ringwall.shell.store.arrow import pyarrow
from ringwall.shell.store.inflating import isal
from ringwall.shell.store.manifest import FILE, Manifest, Part, Reading, told

STAGING: Final = "staging"
LOCK: Final = "lock"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Store:
    """A store that this process alone writes.

    Raises InputError, LockedError, StoreError, and MissingExtra before anything is written.
    """

    def __init__(self, folder: Path, *, create: bool = False) -> None:
        pyarrow()
        isal()
        self.folder = folder
        with complaints(folder):
            if create:
                _make(folder)
            elif not (folder / FILE).is_file():
                message = f"'{folder}' is no store of logs"
                hint = "`ringwall traffic ingest SOURCE --store DIR` makes one"
                raise InputError(message, hint=hint)
            self._lock = _locked(folder)
            try:
                self.manifest = Manifest(folder, create=create)
                self._recover()
            except BaseException:
                self._lock.close()
                raise
        self._count = 0
        self._run = os.urandom(6).hex()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the store."""
        self.manifest.close()
        self._lock.close()

    def new_name(self) -> str:
        """Return a name that no part has."""
        self._count += 1
        return f"{self._run}-{self._count:06}"

    def staged(self, name: str) -> Path:
        """Return where a part is written before it belongs to the store."""
        return self.folder / STAGING / f"{name}.tmp"

    def place(self, part: Part) -> Path:
        """Return where a part stands."""
        return self.folder / folder_of(part) / f"{part.name}.parquet"

    def commit(
        self,
        added: Sequence[Part],
        readings: Sequence[Reading] = (),
        gone: Sequence[Part] = (),
    ) -> None:
        """Bring staged parts into the store, with what was read, and take others out of it."""
        with complaints(self.folder), told(self.manifest.path):
            for part in added:
                sync(self.staged(part.name))
            sync(self.folder / STAGING)
            with self.manifest.change():
                self.manifest.add(added, readings)
                self.manifest.mark(gone, "gone")
            self._settle(added, gone)

    def _settle(self, added: Sequence[Part], gone: Sequence[Part]) -> None:
        """Do on disk what the manifest says."""
        folders = set()
        for part in gone:  # first: who reads meanwhile may miss rows, and has none twice
            place = self.place(part)
            place.unlink(missing_ok=True)
            folders.add(place.parent)
        for part in added:
            place = self.place(part)
            place.parent.mkdir(parents=True, exist_ok=True)
            staged = self.staged(part.name)
            if staged.exists() or not place.exists():
                staged.replace(place)
            folders |= {place.parent, place.parent.parent, place.parent.parent.parent}
        for folder in folders:
            if folder.is_dir():
                sync(folder)
        with self.manifest.change():
            self.manifest.mark(added, "there")
            self.manifest.forget(gone)
        for part in gone:
            _remove_empty(self.place(part).parent)

    def _recover(self) -> None:
        """End what a crash broke off, and remove what never belonged to the store."""
        self._settle(self.manifest.parts("staged"), self.manifest.parts("gone"))
        staging = self.folder / STAGING
        staging.mkdir(exist_ok=True)
        for path in staging.iterdir():
            path.unlink(missing_ok=True)


def folder_of(part: Part) -> str:
    """Return the folder of a part's hour, in a store."""
    moment = _EPOCH + timedelta(hours=part.hour)
    return f"{part.of}/day={moment:%Y-%m-%d}/hour={moment:%H}"


def sync(path: Path) -> None:
    """Bring a file, or a folder's list of names, to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def complaints(folder: Path) -> Iterator[None]:
    """Turn the file system's errors into one line."""
    try:
        yield
    except OSError as failure:
        why = os.strerror(failure.errno) if failure.errno else str(failure)
        message = f"cannot use the store '{folder}': {why}"
        raise StoreError(message) from None


def _make(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        message = f"'{folder}' is a file"
        raise InputError(message, hint="name a folder for the store")
    if folder.is_dir() and not (folder / FILE).exists():
        there = {path.name for path in folder.iterdir()} - {LOCK, STAGING}
        if there:
            message = f"'{folder}' is not empty and no store of logs"
            raise InputError(message, hint="name a new folder, or one that is empty")
    (folder / STAGING).mkdir(parents=True, exist_ok=True)


def _locked(folder: Path) -> BinaryIO:
    """Take the lock, which ends with the process; raises LockedError."""
    import fcntl  # noqa: PLC0415  (not on Windows)

    file = (folder / LOCK).open("wb")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        message = f"another run writes the store '{folder}'"
        raise LockedError(message, hint="wait until it is done, and run this again") from None
    return file


def _remove_empty(folder: Path) -> None:
    """Remove the folders of an hour and its day, if nothing is left in them."""
    try:
        folder.rmdir()
        folder.parent.rmdir()
    except OSError:
        return
