"""Where logs lie: a source has a name, what tells whether it changed, and its bytes."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ringwall.errors import InputError
from ringwall.traffic.names import Hours, in_hours


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


def local_sources(text: str, hours: Hours) -> list[Source]:
    """Return a file, or the files in a folder and below, by name; raises InputError."""
    path = Path(text)
    try:
        if path.is_dir():
            files = [each for each in _below(path) if in_hours(each.as_posix(), hours)]
            return [_source(each, named=False) for each in files]
        if path.exists():
            return [_source(path, named=True)]
    except (OSError, ValueError) as failure:
        message = f"cannot read '{text}': {getattr(failure, 'strerror', None) or failure}"
        raise InputError(message) from None
    message = f"there is no file or folder '{text}'"
    raise InputError(message, hint="SOURCE is a file, a folder, s3://BUCKET/PREFIX or logs:GROUP")


def _below(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*")):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if not hidden and path.is_file():
            yield path


def _source(path: Path, *, named: bool) -> Source:
    status = path.stat()

    def opened() -> BinaryIO:
        return path.open("rb")

    return Source(str(path.resolve()), status.st_size, str(status.st_mtime_ns), opened, named=named)
