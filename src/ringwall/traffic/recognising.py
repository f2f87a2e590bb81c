"""The first lines of a file → what it is."""

import re
from dataclasses import dataclass
from typing import Final

from ringwall.traffic.addresses import to_halves
from ringwall.traffic.layouts import DEFAULT, Layout, of_header
from ringwall.traffic.queries import is_query

PARQUET: Final = b"PAR1"
_BOM: Final = b"\xef\xbb\xbf"
_ENDS: Final = (b"NODATA", b"SKIPDATA")
_NUMBERS: Final = re.compile(rb"\d{1,19}(?: \d{1,19})*")
_ACCOUNT: Final = re.compile(rb"\d{12}|unknown")


@dataclass(frozen=True, slots=True)
class Recognised:
    """What a file is: lines of a layout, or queries, or neither.

    `begin` is where the lines to read begin, `skipped` where those begin that are passed over.
    """

    layout: Layout | None = None
    queries: bool = False
    begin: int = 0
    skipped: int = 0
    why: str = ""


def recognise(data: bytes, asked: Layout | None = None) -> Recognised:
    """Look at whole lines at the beginning of a file."""
    start = len(_BOM) if data.startswith(_BOM) else 0
    position, first = start, True
    while (stop := data.find(b"\n", position)) >= 0:
        line = data[position:stop].removesuffix(b"\r")
        if line.strip():
            layout = of_header(line)
            if layout is not None:
                return Recognised(layout, begin=position, skipped=start, why="header")
            if first and asked is not None:
                return Recognised(asked, begin=start, skipped=start, why="asked for")
            if line.lstrip().startswith(b"{") and is_query(line):
                return Recognised(queries=True, begin=start, skipped=start)
            if first and is_default(line):
                return Recognised(DEFAULT, begin=start, skipped=start, why="default")
            first = False
        position = stop + 1
    return Recognised()


def is_default(line: bytes) -> bool:
    """Tell whether a line is a record of the default format in each of its fields."""
    words = line.split(b" ")
    if len(words) != 14 or words[0] != b"2" or not _ACCOUNT.fullmatch(words[1]):
        return False
    if not _NUMBERS.fullmatch(b" ".join(words[10:12])):
        return False
    if words[13] in _ENDS:
        return set(words[3:10]) | {words[12]} == {b"-"}
    if not _NUMBERS.fullmatch(b" ".join(words[5:10])) or words[13] != b"OK":
        return False
    if words[12] not in {b"ACCEPT", b"REJECT"}:
        return False
    try:
        families = {to_halves(word.decode("ascii"))[0] for word in words[3:5]}
    except ValueError:
        return False
    return len(families) == 1
