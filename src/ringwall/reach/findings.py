"""Pairs of sites whose verdicts differ → rows by names.

Rule: rows come in the order of names; each is shown by the first pair, in the order of ends, that
is of it.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ringwall.reach.differing import Changed, Position, Shown, Where
from ringwall.reach.exposure import port_texts
from ringwall.reach.places import Ints
from ringwall.reach.relations import CODE, Board, Kind, Packed, unpacked
from ringwall.reach.tabling import Longs, Names, Pattern, Table
from ringwall.reach.verdicts import ORDER, Verdict

Kinds = tuple[Kind | None, Kind | None]  # before and after; None: there is no such pair
Summed = tuple[tuple[str, ...], int]  # ports, and how many pairs


@dataclass(frozen=True, slots=True)
class Fan:
    """Pairs of one site, whose names are `own`, with many, by numbers of their names in the pool.

    `positions` are the places of these pairs in the order of ends.
    """

    own: Names
    ids: Ints
    outward: bool
    positions: NDArray[np.int64]
    at: Where


@dataclass(frozen=True, slots=True)
class _Batch:
    """Pairs by numbers of names and of patterns, how many of each, and the first of them."""

    sources: Longs
    destinations: Longs
    patterns: Longs
    counts: Longs
    positions: Longs
    at: Where


class Findings:
    """The classes whose verdict differs, by names and verdicts, each with a first pair."""

    def __init__(self, old: Board, new: Board) -> None:
        self.boards = (old, new)
        self.pool: dict[Names, int] = {}
        self._batches: list[_Batch] = []
        self._sets: dict[tuple[int, ...], int] = {}
        self._patterns: dict[Kinds, int] = {}
        self._known: dict[Pattern, int] = {}
        self._denied = np.full(len(old.engine.filters.packets), CODE[Verdict.DENY], dtype=np.uint8)

    def ids(self, names: Sequence[Names]) -> Ints:
        """Return a number for each of these names."""
        pool = self.pool
        return np.array([pool.setdefault(each, len(pool)) for each in names], dtype=np.int64)

    def add(self, names: tuple[Names, Names], kinds: Kinds, position: Position, at: Where) -> None:
        """Add one pair."""
        one, other = self.ids(names)[:, np.newaxis]
        alone = np.ones(1, dtype=np.int64)
        self._batches.append(
            _Batch(one, other, alone * self._pattern(kinds), alone, alone * position, at)
        )

    def _pattern(self, kinds: Kinds) -> int:
        """Return the number of what differs between two kinds of pairs."""
        number = self._patterns.get(kinds)
        if number is None:
            before, after = (
                self._denied if kind is None else board.codes(kind)
                for board, kind in zip(self.boards, kinds, strict=True)
            )
            classes: dict[tuple[int, int], list[int]] = defaultdict(list)
            for index in np.flatnonzero(before != after).tolist():
                classes[int(before[index]), int(after[index])].append(index)
            found = tuple(
                (was, now, self._sets.setdefault(tuple(each), len(self._sets)), each[0])
                for (was, now), each in classes.items()
            )
            number = self._patterns[kinds] = self._known.setdefault(found, len(self._known))
        return number

    def line(self, fan: Fan, version: int, packed: tuple[Packed | None, Packed | None]) -> None:
        """Add pairs of one site with many: the kinds of each, before and after."""
        patterns = self._patterns_of(version, packed, len(fan.ids))
        code = patterns * len(self.pool) + fan.ids
        keys, firsts, counts = np.unique(code, return_index=True, return_counts=True)
        far = keys % len(self.pool)
        own = np.full(len(keys), self.ids([fan.own])[0], dtype=np.int64)
        one, other = (own, far) if fan.outward else (far, own)
        which, positions = keys // len(self.pool), fan.positions[firsts]
        self._batches.append(_Batch(one, other, which, counts, positions, fan.at))

    def _patterns_of(
        self, version: int, packed: tuple[Packed | None, Packed | None], size: int
    ) -> Longs:
        """Return the number of the pattern of each pair."""
        which = np.zeros(size, dtype=np.int64)
        kinds: list[list[Kind | None]] = []
        for each in packed:
            if each is None:
                kinds.append([None])
                continue
            known, inverse = np.unique(each, return_inverse=True)
            which = which * len(known) + inverse.reshape(-1)
            kinds.append([unpacked(version, kind) for kind in known.tolist()])
        couples, which = np.unique(which, return_inverse=True)
        found = []
        for couple in couples.tolist():
            before, after = divmod(couple, len(kinds[1]))
            found.append(self._pattern((kinds[0][before], kinds[1][after])))
        return np.array(found, dtype=np.int64)[which.reshape(-1)]

    def rows(self) -> Iterator[Changed]:
        """Yield the rows in order of names, what appears first."""
        table = self.table()
        sets, summed = list(self._sets), dict[tuple[tuple[int, int], ...], Summed]()
        for source, destination, was, now, parts, first in table.rows():
            if parts not in summed:
                summed[parts] = self._summed(sets, parts)
            texts, pairs = summed[parts]
            position, batch, index = first
            side = 1 if now < was else 0
            where = (self._batches[batch].at, position, side)
            shown = Shown(self.boards[side], (source, destination), where, index)
            yield Changed(source, destination, ORDER[was], ORDER[now], texts, pairs, shown)

    def table(self) -> Table:
        """Return what differs, part by part."""
        batches, none = self._batches, np.zeros(0, dtype=np.int64)
        sizes = [len(batch.counts) for batch in batches]
        columns = [
            np.concatenate([none, *(getattr(batch, name) for batch in batches)])
            for name in ("sources", "destinations", "patterns", "counts", "positions")
        ]
        which = np.repeat(np.arange(len(batches), dtype=np.int64), sizes)
        return Table.of(list(self.pool), list(self._known), (*columns, which))

    def _summed(self, sets: list[tuple[int, ...]], parts: tuple[tuple[int, int], ...]) -> Summed:
        """Return the classes of some parts, and how many pairs are of the class that has most."""
        engine = self.boards[0].engine
        packets = engine.filters.packets
        counts = np.zeros(len(packets), dtype=np.int64)
        for number, count in parts:
            counts[list(sets[number])] += count
        asked = {index: packets.classes[index].ports for index in np.flatnonzero(counts).tolist()}
        return tuple(port_texts(engine, asked)), int(counts.max())
