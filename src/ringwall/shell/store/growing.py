"""A file that was read before and has more at its end → its new lines, and no line twice.

Rules:
- It has grown if what was read is how it begins, byte by byte: then its text begins with the text
  that was read, whether it is gz or not. Parquet has its index at the end, and never grows.
- What was read is gone through again, for its headers, and none of its rows is taken.
- A last line that had no end was read as a line. If it is whole now as it was then, it is not read
  again; if it is longer now, it is: what stood there before was a piece of it.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Final, cast

from ringwall.shell.store.inflating import CUT, PIECE, Pieces
from ringwall.shell.store.manifest import Reading
from ringwall.traffic.lines import LONGEST
from ringwall.traffic.recognising import PARQUET

_KEPT: Final = 8 * LONGEST  # bytes of an open line that are compared; a longer one is no record


@dataclass(frozen=True, slots=True)
class Before:
    """The text that was read before: how long its whole lines are, and a last one without end.

    `cut`: the file was cut there, so that this line was not taken for a record.
    """

    whole: int
    open: bytes = b""
    cut: bool = False


def digests(file: BinaryIO, sizes: Sequence[int]) -> tuple[bytes, dict[int, bytes]]:
    """Return the digest of a file, and those of its first bytes, for each of some sizes."""
    found, parts = hashlib.sha256(), {}
    at, marks = 0, sorted(set(sizes))
    while piece := file.read(PIECE):
        while marks and marks[0] <= at + len(piece):
            mark = marks.pop(0)
            part = found.copy()
            part.update(piece[: mark - at])
            parts[mark] = part.digest()
        found.update(piece)
        at += len(piece)
    return found.digest(), parts


def before(file: BinaryIO, earlier: Sequence[Reading], parts: dict[int, bytes]) -> Before | None:
    """Return the text that was read before, if the file begins with it."""
    grown = [
        each
        for each in earlier
        if each.size and parts.get(each.size) == each.digest and each.fault in {"", CUT}
    ]
    if not grown:
        return None
    file.seek(0)
    if file.read(len(PARQUET)) == PARQUET:
        return None
    file.seek(0)
    return _text(file, max(each.size for each in grown))


def _text(file: BinaryIO, size: int) -> Before:
    """Go through the text of a file's first bytes."""
    whole = at = 0
    rest = b""
    pieces = Pieces(cast("BinaryIO", _First(file, size)))
    for piece in pieces:
        end = piece.rfind(b"\n") + 1
        if end:
            whole, rest = at + end, b""
        rest = (rest + piece[end:])[:_KEPT]
        at += len(piece)
    return Before(whole, rest, pieces.fault == CUT)


class _First:
    """The first bytes of a file."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file, self._left = file, size

    def read(self, size: int) -> bytes:
        data = self._file.read(min(size, self._left))
        self._left -= len(data)
        return data


def split(pieces: Iterator[bytes], text: Before) -> Iterator[tuple[bool, bytes]]:
    """Yield the pieces of a text, each with whether it is new; first come those that are not."""
    left, held = text.whole, b""
    is_held = bool(text.open)
    for piece in pieces:
        if left:
            yield False, piece[:left]
        fresh, left = piece[left:], max(0, left - len(piece))
        if is_held and fresh:
            held += fresh
            if b"\n" not in held and len(held) <= 2 * _KEPT:
                continue
            is_held = False
            yield from _opened(held, text)
        elif fresh:
            yield True, fresh
    if is_held and held:
        yield from _opened(held, text)


def _opened(data: bytes, text: Before) -> Iterator[tuple[bool, bytes]]:
    """Yield what follows on a line that was read without its end."""
    end = data.find(b"\n") + 1 or len(data)
    line = data[:end].removesuffix(b"\n").removesuffix(b"\r")
    yield text.cut or line != text.open.removesuffix(b"\r"), data[:end]
    if data[end:]:
        yield True, data[end:]
