"""Rows of an engine → rows that people read: addresses and times as text, names beside them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ringwall.app.inquiring import Inquiry
from ringwall.detections.coverage import when
from ringwall.detections.detection import NameOf, Row, Value
from ringwall.traffic.addresses import from_halves


@dataclass(frozen=True, slots=True)
class Answer:
    """Rows with names of columns; addresses stand as text, with names where they are known."""

    columns: tuple[str, ...]
    rows: tuple[Mapping[str, Value], ...]

    def to_list(self) -> list[dict[str, Value]]:
        """Return the rows as documents."""
        return [dict(row) for row in self.rows]


def answer(rows: Sequence[Row], inquiry: Inquiry) -> Answer:
    """Return rows with `family`, `X_high` and `X_low` as the address `X`, times as text.

    A row speaks in the names of the network that held at its `first`; one without it, in those of
    the last network that has a name for the address.
    """
    if not rows:
        return Answer((), ())
    told = tuple(dict(_cells(row, inquiry)) for row in rows)
    columns = tuple(dict.fromkeys(name for row in told for name in row))
    return Answer(columns, told)


def _cells(row: Row, inquiry: Inquiry) -> Iterator[tuple[str, Value]]:
    family, first = row.get("family"), row.get("first")
    context = inquiry.context
    name_of = context.at(first).name if isinstance(first, int) else context.last_name
    for name, value in row.items():
        end = name.removesuffix("_low")
        half = name.removesuffix("_high")
        if family is not None and half != name and f"{half}_low" in row:
            continue
        if family is not None and end != name and f"{end}_high" in row:
            names = name_of if inquiry.names is not None else None
            yield from _address(end, (int(family), row[f"{end}_high"], value), names)
        elif name == "family" and any(other.endswith("_low") for other in row):
            continue
        elif name in {"first", "last"} and isinstance(value, int):
            yield name, when(value)
        else:
            yield name, value


def _address(
    name: str, at: tuple[int, Value, Value], name_of: NameOf | None
) -> Iterator[tuple[str, Value]]:
    family, high, low = at
    if not isinstance(high, int) or not isinstance(low, int):
        yield name, None
        return
    yield name, from_halves(family, high, low)
    if name_of is not None:
        yield f"{name}_name", name_of(family, high, low)
