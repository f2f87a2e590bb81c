"""The two parsers of lines, which give equal rows: the compiled one where there is one."""

from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Protocol

from ringwall.traffic import lines
from ringwall.traffic.lines import File, Parsed, Rows, Target

_lines: ModuleType | None
_queries: ModuleType | None
try:
    from ringwall.traffic import _lines, _queries
except ImportError:  # there was no compiler when Ringwall was installed
    _lines = _queries = None


class Dictionary(Protocol):
    """Texts of a column and their codes, in the order in which they came."""

    def __len__(self) -> int: ...

    @property
    def size(self) -> int:
        """Return the bytes of all texts."""
        ...

    def code(self, text: bytes) -> int:
        """Return the code of a text, a new one if it is new."""
        ...

    def texts(self) -> list[bytes]:
        """Return the texts in the order of their codes."""
        ...


class Parse(Protocol):
    """`lines.parse`, whose words say what is what."""

    def __call__(
        self,
        data: bytes,
        span: tuple[int, int],
        targets: Sequence[Target],
        rows: Rows,
        room: tuple[int, int],
        file: File,
        problems: list[tuple[int, int, int, int]],
        *,
        sure: bool = False,
    ) -> Parsed:
        """Read lines into rows."""
        ...


class Scan(Protocol):
    """Reads the usual queries of a text: `_queries.scan`, which says what is what."""

    def __call__(
        self, data: bytes, keys: tuple[bytes, ...], sources: tuple[bytes, ...], /
    ) -> tuple[int, bytes, tuple[tuple[bytes, list[bytes]], ...]]:
        """Return how many lines there are, which are usual, and codes and texts of each column."""
        ...


@dataclass(frozen=True, slots=True)
class Parser:
    """A parser of lines: its name, the dictionaries that it fills, and its functions.

    `scan` reads those queries of a resolver that are usual; without it each is read by itself.
    """

    name: str
    dictionary: type[Dictionary]
    parse: Parse
    scan: Scan | None = None


PYTHON = Parser("python", lines.Dictionary, lines.parse)


def compiled() -> Parser | None:
    """Return the compiled parser, or None where it was not built."""
    if _lines is None or _queries is None:
        return None
    return Parser("compiled", _lines.Dictionary, _lines.parse, _queries.scan)


def best() -> Parser:
    """Return the compiled parser, or else the one in Python."""
    return compiled() or PYTHON
