"""Rows of one table as arrays, until they are written: what a parser fills.

Rules:
- A column is there as soon as a layout has it; rows read before it came have no value in it.
- No value is -1 in integers and codes, and 0 in the array `given` of an address.
- Arrays take no more than a budget, so that wide rows make smaller batches.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ringwall.traffic import lines
from ringwall.traffic.fields import Field, Kind
from ringwall.traffic.layouts import Layout
from ringwall.traffic.lines import Rows, Target
from ringwall.traffic.parsers import Dictionary, Parser
from ringwall.traffic.tables import TABLES, Column, Table, Type

MOST_ROWS: Final = 1 << 20  # what the bits of a sort key leave for a row's number
BUDGET: Final = 64 << 20  # bytes of the arrays of a batch
MOST_TEXT: Final = 48 << 20  # bytes of the texts of its dictionaries
_LIMITS: Final = {"srcport": 65535, "dstport": 65535, "protocol": 255}
_LONG, _INT = (1 << 63) - 1, (1 << 31) - 1
_TYPES: Final = {Type.INT32: np.int32, Type.INT64: np.int64, Type.STRING: np.int32}
_ADDRESS_OPS: Final = {
    "srcaddr": lines.SOURCE,
    "dstaddr": lines.DESTINATION,
    "pkt-srcaddr": lines.PACKET_SOURCE,
    "pkt-dstaddr": lines.PACKET_DESTINATION,
}
_FIXED: Final = 24  # bytes a row of family, start, seconds and status, and of its place in order

Array = NDArray[Any]


@dataclass(frozen=True, slots=True)
class Frame:
    """Rows of a table, column by column: what a column does not have here has no value.

    `numbers` holds -1 for no value; `texts` codes, which are places in a list, and -1 for no value.
    Halves of an address are there where `family` is not 0. The time stands in `numbers`.
    """

    rows: int
    family: Array
    numbers: Mapping[str, Array]
    texts: Mapping[str, tuple[Array, Sequence[bytes]]]


@dataclass(slots=True)
class Batch:
    """Rows of a table: `rows` of them in arrays of `capacity`; text as codes of dictionaries."""

    table: Table
    parser: Parser
    rows: int = 0
    arrays: dict[str, Array] = field(default_factory=dict)
    given: dict[str, Array] = field(default_factory=dict)
    texts: dict[str, Dictionary] = field(default_factory=dict)
    capacity: int = MOST_ROWS
    _fixed: Rows | None = None
    _targets: tuple[Layout, tuple[Target, ...]] | None = None

    @property
    def fixed(self) -> Rows:
        """Return the arrays that every row has."""
        if self._fixed is None:
            n = self.capacity
            self._fixed = Rows(
                np.empty(n, np.int32),
                np.empty(n, np.int64),
                np.empty(n, np.int32),
                np.empty(n, np.int8),
            )
        return self._fixed

    @property
    def text_size(self) -> int:
        """Return the bytes of all texts."""
        return sum(each.size + 64 * len(each) for each in self.texts.values())

    @property
    def is_full(self) -> bool:
        """Tell whether it is time to write it."""
        return self.rows >= self.capacity or self.text_size >= MOST_TEXT

    def takes(self, layout: Layout) -> bool:
        """Tell whether rows of a layout have room beside what is there; an empty batch adapts."""
        if self._targets is not None and self._targets[0] is layout:
            return True
        names = {column.name for column in columns_of(layout)}
        width = _width(c for c in self.table.columns if c.name in names or c.name in self.arrays)
        fitting = min(MOST_ROWS, BUDGET // width)
        if not self.rows and self._fixed is None:
            self.capacity = fitting
        return self.capacity <= fitting

    def targets(self, layout: Layout) -> tuple[Target, ...]:
        """Return what is done with each column of a line; makes the arrays that are missing."""
        if self._targets is None or self._targets[0] is not layout:
            for column in columns_of(layout):
                self._add(column)
            self._targets = layout, tuple(self._target(each) for each in layout.fields)
        return self._targets[1]

    def blank(self, layout: Layout | None, begin: int, end: int) -> None:
        """Give the rows from begin to end no value in the columns that a layout does not have."""
        there = {column.name for column in columns_of(layout)} if layout else set()
        for name, array in self.arrays.items():
            if name not in there:
                array[begin:end] = -1
                if name in self.given:
                    self.given[name][begin:end] = 0
        if layout and not any(each and each.kind is Kind.ADDRESS for each in layout.fields):
            self.fixed.family[begin:end] = 0

    def put(self, values: Mapping[str, int | bytes | None]) -> None:
        """Add a row by its columns; what is missing or None has no value."""
        row, fixed = self.rows, self.fixed
        for column in self.table.columns:
            value = values.get(column.name)
            match column.name:
                case "family":
                    fixed.family[row] = value or 0
                case self.table.time:
                    fixed.start[row] = value
                case name:
                    self._add(column)
                    if name in self.given:
                        self.given[name][row] = value is not None
                    if isinstance(value, bytes):
                        value = self.texts[name].code(value)
                    self.arrays[name][row] = -1 if value is None else value
        fixed.status[row] = 0
        self.rows += 1

    def put_rows(self, frame: Frame, begin: int, end: int) -> None:
        """Add rows of a frame from begin to end; there must be room."""
        at, fixed = slice(self.rows, self.rows + end - begin), self.fixed
        for column in self.table.columns:
            name = column.name
            if name == "family":
                fixed.family[at] = frame.family[begin:end]
            elif name == self.table.time:
                fixed.start[at] = frame.numbers[name][begin:end]
            else:
                self._add(column)
                self.arrays[name][at] = self._values(name, frame)[begin:end]
                if name in self.given:
                    self.given[name][at] = frame.family[begin:end] != 0
        fixed.status[at] = 0
        self.rows += end - begin

    def _values(self, name: str, frame: Frame) -> Array:
        """Return a column of a frame, with the codes that its texts have here."""
        if name in frame.texts:
            codes, texts = frame.texts[name]
            mine = map(self.texts[name].code, texts)
            return np.array([*mine, -1], np.int32)[codes]  # -1 is the last
        return frame.numbers.get(name, np.broadcast_to(np.int32(-1), frame.rows))

    def use(
        self,
        other: "Batch",
        more: Mapping[str, tuple[Array, Dictionary]],
        interfaces: Sequence[str],
    ) -> None:
        """Take the columns of another batch that this table has too, without copying them.

        `more` are further columns of text; `interface_id` is the first of `interfaces` there.
        """
        self._fixed = other.fixed
        source = next((name for name in interfaces if name in other.arrays), "")
        names = {column.name: column.name for column in self.table.columns}
        for name, theirs in (names | {"interface_id": source}).items():
            if theirs in other.arrays:
                self.arrays[name] = other.arrays[theirs]
            if theirs in other.texts:
                self.texts[name] = other.texts[theirs]
        for name, (codes, texts) in more.items():
            self.arrays[name], self.texts[name] = codes, texts

    def _add(self, column: Column) -> None:
        if column.name in self.arrays:
            return
        array = np.empty(self.capacity, _TYPES[column.type])
        array[: self.rows] = -1
        self.arrays[column.name] = array
        if column.type is Type.STRING:
            self.texts[column.name] = self.parser.dictionary()
        if column.name.endswith("_high"):
            given = np.zeros(self.capacity, np.uint8)
            self.given[column.name] = self.given[column.name.removesuffix("high") + "low"] = given

    def _target(self, each: Field | None) -> Target:
        columns = [] if each is None else _STORED[self.table.name].get(each.name, [])
        if each is None or each.name == "version":
            return Target(lines.SKIP)
        special = {"start": lines.START, "end": lines.END, "log-status": lines.STATUS}
        if each.name in special:
            return Target(special[each.name])
        if not columns:
            return Target(lines.SKIP)
        name = columns[0].name
        match each.kind:
            case Kind.ADDRESS:
                high, low = (self.arrays[column.name] for column in columns)
                return Target(_ADDRESS_OPS[each.name], 0, high, low, self.given[name])
            case Kind.TEXT if each.name == "action":
                return Target(lines.ACTION, 0, self.arrays[name])
            case Kind.TEXT:
                return Target(lines.TEXT, 0, self.arrays[name], self.texts[name])
            case Kind.INTEGER:
                wide = columns[0].type is Type.INT64
                limit = _LIMITS.get(each.name, _LONG if wide else _INT)
                return Target(lines.INT64 if wide else lines.INT32, limit, self.arrays[name])


def columns_of(layout: Layout) -> list[Column]:
    """Return the columns of the table that a layout has, without those that every row has."""
    stored = _STORED[layout.table.name]
    return [
        column
        for each in layout.fields
        if each and each.name not in {"start", "end"}
        for column in stored.get(each.name, ())
    ]


def _by_field(table: Table) -> Mapping[str, list[Column]]:
    """Return the columns by the field that they are from."""
    found: dict[str, list[Column]] = {}
    for column in table.columns:
        if column.field:
            found.setdefault(column.field, []).append(column)
    return found


_STORED: Final = {table.name: _by_field(table) for table in TABLES.values()}


def _width(columns: Iterable[Column]) -> int:
    return _FIXED + sum(np.dtype(_TYPES[c.type]).itemsize for c in columns)
