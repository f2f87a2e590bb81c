"""The bytes of a file → pieces of its text: inflated if it is gz, within bounds.

Rules:
- What came before a fault is given; the fault is told at the end, as `fault`.
- A file may inflate to `MOST` bytes, and beyond `FREE` to `RATIO` times its size: flow logs are
  five to sixty times theirs.
"""

from collections.abc import Iterator
from typing import Any, BinaryIO, Final, TypeAlias

from ringwall.errors import MissingExtra

PIECE: Final = 1 << 20  # bytes; larger pieces leave the cache
FREE: Final = 64 << 20
RATIO: Final = 250
MOST: Final = 1 << 40
GZIP: Final = b"\x1f\x8b"
CUT, DAMAGED, BOMB = "cut off", "damaged", "inflates too far"


Zlib: TypeAlias = Any  # of isal, which has no types of its own


def isal() -> Zlib:
    """Return isal's zlib; raises MissingExtra."""
    try:
        from isal import isal_zlib  # noqa: PLC0415  (it may be missing)
    except ImportError:
        part = "isal, which inflates logs,"
        raise MissingExtra(part, "traffic") from None
    return isal_zlib


def inflating() -> Zlib:
    """Return isal's zlib, or the one of Python where isal is not installed, which is slower."""
    try:
        return isal()
    except MissingExtra:
        import zlib  # noqa: PLC0415  (the other is faster)

        return zlib


class Pieces:
    """The text of a file in pieces; `read` counts the file's bytes, `given` those of the text."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.read = 0
        self.given = 0
        self.fault = ""

    def __iter__(self) -> Iterator[bytes]:
        first = self._more()
        pieces = self._inflated(first) if first.startswith(GZIP) else self._plain(first)
        for piece in pieces:
            self.given += len(piece)
            if piece:
                yield piece
            if self.given > MOST or self.given > max(FREE, RATIO * self.read):
                self.fault = BOMB
                return

    def _more(self) -> bytes:
        data = self._file.read(PIECE)
        self.read += len(data)
        return data

    def _plain(self, data: bytes) -> Iterator[bytes]:
        while data:
            yield data
            data = self._more()

    def _inflated(self, data: bytes) -> Iterator[bytes]:
        """Yield the text of every member of a gz file."""
        zlib = inflating()
        inflater = zlib.decompressobj(31)
        while True:
            try:
                yield inflater.decompress(data, PIECE)
            except zlib.error as failure:
                self.fault = f"{DAMAGED} ({failure})"
                return
            if inflater.eof:
                data = inflater.unused_data or self._more()
                data = data.lstrip(b"\0") or self._padding()
                if not data:
                    return
                if not data.startswith(GZIP[:1]):
                    self.fault = f"{DAMAGED} (bytes after its end)"
                    return
                inflater = zlib.decompressobj(31)
                continue
            data = inflater.unconsumed_tail or self._more()
            if not data:
                rest = self._last(inflater)
                if rest:
                    yield rest
                self.fault = "" if inflater.eof else CUT
                return

    def _padding(self) -> bytes:
        """Return the first bytes after zeros, which may fill up a file."""
        while data := self._more():
            if data := data.lstrip(b"\0"):
                return data
        return b""

    @staticmethod
    def _last(inflater: Zlib) -> bytes:
        try:
            return bytes(inflater.flush(PIECE))
        except Exception:  # noqa: BLE001  (a cut stream has no end to flush)
            return b""
