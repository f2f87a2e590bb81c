"""The two parsers of lines, which give equal rows: the compiled one where there is one."""

from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Protocol

from ringwall.traffic import lines
from ringwall.traffic.lines import File, Parsed, Rows, Target

_lines: ModuleType | None
try:
    from ringwall.traffic import _lines
except ImportError:  # there was no compiler when Ringwall was installed
    _lines = None


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


@dataclass(frozen=True, slots=True)
class Parser:
    """A parser of lines: its name, the dictionaries that it fills, and its function."""

    name: str
    dictionary: type[Dictionary]
    parse: Parse


PYTHON = Parser("python", lines.Dictionary, lines.parse)


def compiled() -> Parser | None:
    """Return the compiled parser, or None where it was not built."""
    if _lines is None:
        return None
    return Parser("compiled", _lines.Dictionary, _lines.parse)


def best() -> Parser:
    """Return the compiled parser, or else the one in Python."""
    return compiled() or PYTHON
