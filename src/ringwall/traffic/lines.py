"""Lines of a flow log → rows, in plain Python: the twin of `_lines.c`, which is held against it.

A line is judged from left to right, and the first thing that is wrong with it is the reason. What
is written to a row whose line turns out wrong is overwritten by the next.

Rules:
- A line ends with a line feed; a carriage return before it is not part of it; an empty one is none.
- Values stand between single spaces. `-` is no value, kept as -1 in columns of integers and of
  codes, which hold nothing else below zero, and as `given` 0 beside an address.
- An integer has digits alone, 19 at most. An address is as Python's `ipaddress` reads it, without
  a scope. Text is printable ASCII.
"""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from ringwall.traffic.addresses import to_halves
from ringwall.traffic.fields import NAMES
from ringwall.traffic.problems import Reason

LONGEST: Final = 32 * 1024  # bytes of a line; one of all fields has some 3,000
LATEST: Final = 4_102_444_800  # 2100-01-01; times are before it
HOURS: Final = LATEST // 3600  # bits of the map of hours
MOST_HOURS: Final = 20_000  # of one file: more than two years
MOST_PROBLEMS: Final = 4096  # told at once

# What is done with a value.
SKIP, TEXT, INT32, INT64, SOURCE, DESTINATION = range(6)
PACKET_SOURCE, PACKET_DESTINATION, START, END, ACTION, STATUS = range(6, 12)

# Why `parse` came back: the lines are read; the next is a header; the rows are full; enough
# problems to tell.
DONE, HEADER, FULL, TROUBLED = range(4)

STATUSES: Final = (b"OK", b"NODATA", b"SKIPDATA")
_ACTIONS = {b"ACCEPT": 1, b"REJECT": 0, b"-": -1}
_STATUS_CODES = {**{name: code for code, name in enumerate(STATUSES)}, b"-": 0}
_HEADER_WORDS = frozenset(name.encode() for name in NAMES)
_FAR = 1 << 63
_WIDEST = (1 << 31) - 1  # seconds


class Target(NamedTuple):
    """What is done with a column of a line, the largest value, and the arrays it is written to."""

    op: int
    limit: int = 0
    first: Any = None
    second: Any = None
    third: Any = None


class Rows(NamedTuple):
    """The arrays that every row has: family, start, seconds, and the status as a code."""

    family: Any
    start: Any
    seconds: Any
    status: Any


class File(NamedTuple):
    """What a file knows of itself while it is read.

    `hours` is a map of the hours that it has, a bit each, with their count in its last four bytes;
    `fallback` the time of a record that has none, or -1; `header` the line that is passed over as a
    repeated header.
    """

    hours: bytearray
    fallback: int = -1
    header: bytes = b""


# Why it stopped, the offset of the next line, the rows, and the lines read.
Parsed = tuple[int, int, int, int]


class Dictionary:
    """Texts of a column and their codes, in the order in which they came."""

    def __init__(self) -> None:
        self._codes: dict[bytes, int] = {}
        self._size = 0

    def __len__(self) -> int:
        return len(self._codes)

    @property
    def size(self) -> int:
        """Return the bytes of all texts."""
        return self._size

    def code(self, text: bytes) -> int:
        """Return the code of a text, a new one if it is new."""
        found = self._codes.get(text)
        if found is None:
            found = self._codes[text] = len(self._codes)
            self._size += len(text)
        return found

    def texts(self) -> list[bytes]:
        """Return the texts in the order of their codes."""
        return list(self._codes)


class _Wrong(Exception):  # noqa: N818  (a reason, not an error)
    def __init__(self, reason: Reason) -> None:
        self.reason = reason


def parse(
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
    """Read the lines of `data[span]`, each ended by a line feed, into rows from `room[0]`.

    Returns why it stopped, the offset of the next line, the rows that are filled, the lines read.

    `room` is the first row and how many rows the arrays have; `sure` says that the first line is no
    header. A problem is the line's number from 0, where its bytes begin and end, and the Reason.
    """
    position, end = span
    row, capacity = room
    line = 0
    while position < end:
        stop = data.index(b"\n", position, end)
        text = data[position:stop]
        text = text.removesuffix(b"\r")
        if len(text) > LONGEST:
            problems.append((line, position, stop, Reason.LONG))
        elif text and text != file.header:
            if _is_header_like(text) and not sure:
                return HEADER, position, row, line
            if row == capacity:
                return FULL, position, row, line
            try:
                _read(text, targets, rows, row, file)
                row += 1
            except _Wrong as wrong:
                problems.append((line, position, stop, wrong.reason))
        sure = False
        position, line = stop + 1, line + 1
        if len(problems) >= MOST_PROBLEMS:
            return TROUBLED, position, row, line
    return DONE, position, row, line


def _is_header_like(text: bytes) -> bool:
    return text.partition(b" ")[0] in _HEADER_WORDS


def _read(
    text: bytes,
    targets: Sequence[Target],
    rows: Rows,
    row: int,
    file: File,
) -> None:
    """Write one line's values to a row; raises _Wrong."""
    words = text.split(b" ")
    special: dict[int, int] = {START: -1, END: -1}
    addresses: dict[int, tuple[int, int, int] | None] = {}
    rows.status[row] = 0
    for number, target in enumerate(targets):
        word = words[number] if number < len(words) else b""
        if not word:
            raise _Wrong(Reason.FIELDS)
        match target.op:
            case 0 | 1:  # SKIP, TEXT
                code = _code(word, target)
                if target.op == TEXT:
                    target.first[row] = code
            case 2 | 3:  # INT32, INT64
                target.first[row] = _integer(word, target.limit)
            case 4 | 5 | 6 | 7:
                addresses[number] = _address(word)
            case 8 | 9:  # START, END
                special[target.op] = _integer(word, _FAR - 1)
            case 10:
                target.first[row] = _one_of(word, _ACTIONS, Reason.ACTION)
            case _:
                rows.status[row] = _one_of(word, _STATUS_CODES, Reason.STATUS)
    if len(words) > len(targets):
        raise _Wrong(Reason.FIELDS)
    _write_addresses(addresses, targets, rows, row)
    _write_times(special[START], special[END], rows, row, file.fallback)
    _mark_hour(int(rows.start[row]) // 3600, file.hours)


def _code(word: bytes, target: Target) -> int:
    if word == b"-":
        return -1
    if not all(0x21 <= byte <= 0x7E for byte in word):
        raise _Wrong(Reason.TEXT)
    return int(target.second.code(word)) if target.op == TEXT else -1


def _integer(word: bytes, limit: int) -> int:
    if word == b"-":
        return -1
    if not word.isdigit() or len(word) > 19 or (value := int(word)) > limit:
        raise _Wrong(Reason.INTEGER)
    return value


def _address(word: bytes) -> tuple[int, int, int] | None:
    if word == b"-":
        return None
    try:
        if b"%" in word or b"/" in word:
            raise _Wrong(Reason.ADDRESS)
        return to_halves(word.decode("ascii"))
    except ValueError:
        raise _Wrong(Reason.ADDRESS) from None


def _one_of(word: bytes, known: dict[bytes, int], reason: Reason) -> int:
    if word not in known:
        raise _Wrong(reason)
    return known[word]


def _write_addresses(
    addresses: dict[int, tuple[int, int, int] | None],
    targets: Sequence[Target],
    rows: Rows,
    row: int,
) -> None:
    """Write the addresses of a row; those of packets only if they are of the row's family."""
    ends = [found for number, found in addresses.items() if found and targets[number].op <= 5]
    if len({family for family, _, _ in ends}) > 1:
        raise _Wrong(Reason.FAMILY)
    family = ends[0][0] if ends else 0
    if not ends:  # a log may have the packets' addresses alone
        family = next((found[0] for found in addresses.values() if found), 0)
    rows.family[row] = family
    for number, found in addresses.items():
        target = targets[number]
        kept = found if found and found[0] == family else None
        target.first[row], target.second[row] = kept[1:] if kept else (0, 0)
        target.third[row] = kept is not None


def _write_times(start: int, end: int, rows: Rows, row: int, fallback: int) -> None:
    """Write start and seconds; a record without start has its end's time, or the file's."""
    known = start >= 0 and end >= 0
    if known and not 0 <= end - start <= _WIDEST:
        raise _Wrong(Reason.TIME)
    if start < 0:
        start = end if end >= 0 else fallback
    if not 0 <= start < LATEST or end >= LATEST:
        raise _Wrong(Reason.TIME)
    rows.start[row] = start
    rows.seconds[row] = end - start if known else -1


def _mark_hour(hour: int, hours: bytearray) -> None:
    byte, bit = hour >> 3, 1 << (hour & 7)
    if hours[byte] & bit:
        return
    count = int.from_bytes(hours[-4:], "little")
    if count >= MOST_HOURS:
        raise _Wrong(Reason.HOURS)
    hours[byte] |= bit
    hours[-4:] = (count + 1).to_bytes(4, "little")


def new_hours() -> bytearray:
    """Return an empty map of hours."""
    return bytearray((HOURS + 7) // 8 + 4)
