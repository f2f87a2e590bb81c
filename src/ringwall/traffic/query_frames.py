"""Lines of a resolver query log → the rows of those that are usual, many at once; and the others.

The compiled scanner splits lines that are usual into columns of texts; a value that comes again is
read once, by what reads a single line. Whatever is not usual, `queries.read_query` judges alone.
"""

from functools import lru_cache
from typing import Final

import numpy as np

from ringwall.traffic import queries
from ringwall.traffic.batches import Array, Frame
from ringwall.traffic.parsers import Scan
from ringwall.traffic.queries import SOURCES, TEXTS, Wrong

_KEYS: Final = ("query_name", "query_timestamp", "srcport", "srcaddr", *TEXTS)
_NAMES: Final = tuple(name.encode() for name in _KEYS), tuple(name.encode() for name in SOURCES)
_REMEMBERED: Final = 1 << 16
_WRONG: Final = -2

Line = tuple[int, bytes]  # its number, from 0
Coded = tuple[Array, list[bytes]]  # a code for each row, -1 for none, and the texts


def frame_of(text: bytes, scan: Scan | None) -> tuple[Frame | None, list[Line]]:
    """Return the rows of the usual ones of whole lines, and the other lines."""
    if scan is None:
        return None, list(enumerate(text.split(b"\n")[:-1]))
    count, numbers, found = scan(text, *_NAMES)
    lines = np.frombuffer(numbers, np.int32)
    columns: dict[str, Coded] = {
        name: (np.frombuffer(codes, np.int32), texts)
        for name, (codes, texts) in zip((*_KEYS, *SOURCES, "answers"), found, strict=True)
    }
    codes, times = columns["query_timestamp"]
    time = np.array([*map(_time, times), _WRONG], np.int64)[codes]
    port = columns["srcport"][0]
    codes, addresses = columns["srcaddr"]
    halves = np.array([*map(_halves, addresses), (0, -1, -1)], np.int64)[codes]
    good = (time != _WRONG) & (port != _WRONG) & (halves[:, 0] != _WRONG)
    if not good.all():
        columns = {name: (codes[good], texts) for name, (codes, texts) in columns.items()}
    family, high, low = halves[good].T
    frame = Frame(
        int(good.sum()),
        family,
        {"time": time[good], "srcport": port[good], "srcaddr_high": high, "srcaddr_low": low},
        {name: _kept(columns[name]) for name in ("query_name", *TEXTS, *SOURCES, "answers")},
    )
    return frame if frame.rows else None, _others(text, lines[good], count)


def _others(text: bytes, there: Array, count: int) -> list[Line]:
    """Return the lines that are not there."""
    if len(there) == count:
        return []
    every = text.split(b"\n")
    missing = np.ones(count, bool)
    missing[there] = False
    return [(number, every[number]) for number in np.flatnonzero(missing).tolist()]


def _kept(column: Coded) -> Coded:
    """Return codes and texts as they are kept: neither "" nor "-" is one."""
    codes, texts = column
    if b"" in texts or b"-" in texts:
        places = [-1 if text in {b"", b"-"} else place for place, text in enumerate(texts)]
        codes = np.array([*places, -1], np.int32)[codes]
    return codes, texts


@lru_cache(_REMEMBERED)
def _time(text: bytes) -> int:
    """Return seconds since 1970, or _WRONG."""
    time = queries.time_of(text.decode())
    return _WRONG if time is None else time


@lru_cache(_REMEMBERED)
def _halves(text: bytes) -> tuple[int, int, int]:
    """Return the family of an address, and its halves; the family is 0 for none, or _WRONG."""
    try:
        return queries.halves_of(text.decode()) or (0, -1, -1)
    except Wrong:
        return _WRONG, -1, -1
