"""Where logs lie: a source has a name, what tells whether it changed, and its bytes."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ringwall.errors import InputError
from ringwall.traffic.stamps import Hours, in_hours


@dataclass(frozen=True, slots=True)
class Source:
    """A file: `stamp` changes with its content; `open` may raise RingwallError or OSError.

    `named`: it was asked for by its own name, so that it must be a log. `remote`: opening it takes
    long, and may be done ahead by another thread.
    """

    name: str
    size: int
    stamp: str
    open: Callable[[], BinaryIO]
    named: bool = False
    remote: bool = False


def local_sources(text: str, hours: Hours) -> Iterator[Source]:
    """Yield a file, or the files in a folder and below, by name; raises InputError."""
    path = Path(text)
    try:
        if path.is_dir():
            yield from (_source(each, named=False) for each in _below(path, hours))
            return
        if path.exists():
            yield _source(path, named=True)
            return
    except (OSError, ValueError) as failure:
        message = f"cannot read '{text}': {getattr(failure, 'strerror', None) or failure}"
        raise InputError(message) from None
    message = f"there is no file or folder '{text}'"
    raise InputError(message, hint="SOURCE is a file, a folder, s3://BUCKET/PREFIX or logs:GROUP")


def _below(folder: Path, hours: Hours) -> Iterator[Path]:
    """Yield files that are not hidden; folders that are links are not followed."""
    with os.scandir(folder) as found:
        names = sorted(each.name for each in found if not each.name.startswith("."))
    for name in names:
        path = folder / name
        if path.is_dir():
            if not path.is_symlink() and in_hours(f"{path.as_posix()}/", hours):
                yield from _below(path, hours)
        elif path.is_file() and in_hours(path.as_posix(), hours):
            yield path


def _source(path: Path, *, named: bool) -> Source:
    status = path.stat()

    def opened() -> BinaryIO:
        return path.open("rb")

    return Source(str(path.resolve()), status.st_size, str(status.st_mtime_ns), opened, named=named)
