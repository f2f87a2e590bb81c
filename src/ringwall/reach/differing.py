"""What differs between two networks: rows by names, each shown by a packet."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from ringwall.model.graph import Unknown
from ringwall.reach.answers import unknown_documents
from ringwall.reach.end import End
from ringwall.reach.relations import Board
from ringwall.reach.telling import tell
from ringwall.reach.verdicts import ORDER, Verdict
from ringwall.reach.ways import Site

SCHEMA = "ringwall/diff/1"
Position = int  # the place of a pair in the order of ends
Where = Callable[[Position, int], tuple[Site, Site]]  # a pair of one network, by its position

# Bits of the parts of a position, the last first: which destination, of which side, which source,
# of which side; then the family.
BITS = (26, 2, 26, 2)
Int = TypeVar("Int", int, NDArray[np.int64])


def position_of(version: int, one: int, source: Int, two: int, destination: Int) -> Int:
    """Return the place of a pair, or of many; `one` and `two` say whose ends they are."""
    found = source + (((version << BITS[3]) + one) << BITS[2])
    return (((found << BITS[1]) + two) << BITS[0]) + destination


def parts_of(position: Position) -> tuple[int, int, int, int]:
    """Return what a position was made of, the family left out."""
    found = []
    for bits in BITS:
        found.append(position & (1 << bits) - 1)
        position >>= bits
    destination, two, source, one = found
    return one, source, two, destination


class Shown:
    """A pair of sites and a class of packets that show a row; followed when it is asked for."""

    def __init__(
        self,
        board: Board,
        names: tuple[str, str],
        where: tuple[Where, Position, int],
        index: int,
    ) -> None:
        self._board, self._names, self._where, self._index = board, names, where, index

    @cached_property
    def witness(self) -> dict[str, Any]:
        """Return the packet and its ends."""
        engine = self._board.engine
        at, position, side = self._where
        one, other = at(position, side)
        source, destination = (
            End(
                name,
                site.kind,
                (),
                site.subnet,
                site.groups,
                site.public,
                balancer=site.balancer,
                service=site.service,
                is_open=site.is_open,
            )
            for name, site in zip(self._names, (one, other), strict=True)
        )
        case = engine.case((source, destination), engine.pair(one, other), self._index, ())
        return tell(engine, case).witness()


@dataclass(frozen=True, slots=True)
class Changed:
    """One row: what became of these ports between two names; `witness` is a packet of it."""

    source: str
    destination: str
    before: Verdict
    after: Verdict
    ports: tuple[str, ...]
    pairs: int
    shown: Shown = field(repr=False, compare=False)

    @property
    def witness(self) -> dict[str, Any]:
        """Return the packet and its ends."""
        return self.shown.witness

    @property
    def appears(self) -> bool:
        """Tell whether more is possible than before."""
        return ORDER.index(self.after) < ORDER.index(self.before)

    def to_dict(self) -> dict[str, Any]:
        """Return its document."""
        return {
            "change": "appears" if self.appears else "disappears",
            "from": self.source,
            "to": self.destination,
            "before": self.before.value,
            "after": self.after.value,
            "ports": list(self.ports),
            "pairs": self.pairs,
            "witness": self.witness,
        }


@dataclass(frozen=True, slots=True)
class Difference:
    """All rows, in order of names; empty if every packet fares the same in both networks."""

    rows: tuple[Changed, ...]
    compared: int
    unknowns: tuple[Unknown, ...] = ()
    assumed: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"<Difference: {len(self.appearing)} appear, {len(self.disappearing)} disappear>"

    def __bool__(self) -> bool:
        return bool(self.rows)

    @property
    def appearing(self) -> tuple[Changed, ...]:
        """Return what becomes possible."""
        return tuple(row for row in self.rows if row.appears)

    @property
    def disappearing(self) -> tuple[Changed, ...]:
        """Return what becomes impossible."""
        return tuple(row for row in self.rows if not row.appears)

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON document `ringwall/diff/1`."""
        return {
            "schema": SCHEMA,
            "same": not self.rows,
            "rows": [row.to_dict() for row in self.rows],
            "compared": self.compared,
            "unknown": unknown_documents(self.unknowns),
            "assumed_absent": list(self.assumed),
        }
