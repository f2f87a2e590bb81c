"""Pairs of sites whose verdicts differ → rows by names.

Rule: rows come in the order of names; each is shown by the first pair, in the order of ends, that
is of it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ringwall.reach.differing import Changed, Position, Shown, Where
from ringwall.reach.exposure import port_texts
from ringwall.reach.places import Ints
from ringwall.reach.relations import CODE, Board, Kind, Packed, unpacked
from ringwall.reach.verdicts import ORDER, Verdict

Names = tuple[str, ...]
Kinds = tuple[Kind | None, Kind | None]  # before and after; None: there is no such pair
# Codes before and after, the number of a set of classes, and the first of them.
Pattern = tuple[tuple[int, int, int, int], ...]
Row = tuple[str, str, int, int]  # source, destination, codes before and after
Summed = tuple[tuple[str, ...], int]  # ports, and how many pairs


@dataclass(frozen=True, slots=True)
class Fan:
    """Pairs of one site, whose names are `own`, with many, by numbers of their names in the pool.

    `position` gives the place of the pair with one of them in the order of ends.
    """

    own: Names
    ids: Ints
    outward: bool
    position: Callable[[int], Position]
    at: Where


class Findings:
    """The classes whose verdict differs, by names and verdicts, each with a first pair."""

    def __init__(self, old: Board, new: Board) -> None:
        self.boards = (old, new)
        self.pool: dict[Names, int] = {}
        # Rows: how many pairs are of each set of classes, by its number.
        self._parts: dict[Row, dict[int, int]] = {}
        self._first: dict[Row, tuple[Position, Where, int]] = {}
        self._sets: dict[tuple[int, ...], int] = {}
        self._patterns: dict[Kinds, Pattern] = {}
        self._denied = np.full(len(old.engine.filters.packets), CODE[Verdict.DENY], dtype=np.uint8)

    def ids(self, names: Sequence[Names]) -> Ints:
        """Return a number for each of these names."""
        pool = self.pool
        return np.array([pool.setdefault(each, len(pool)) for each in names], dtype=np.int64)

    def add(self, names: tuple[Names, Names], kinds: Kinds, position: Position, at: Where) -> None:
        """Add one pair."""
        self._add(names, self._pattern(kinds), 1, position, at)

    def _add(
        self,
        names: tuple[Names, Names],
        pattern: Pattern,
        count: int,
        position: Position,
        at: Where,
    ) -> None:
        for was, now, number, first in pattern:
            for source in names[0]:
                for destination in names[1]:
                    key = (source, destination, was, now)
                    parts = self._parts.get(key)
                    if parts is None:
                        self._parts[key] = {number: count}
                        self._first[key] = (position, at, first)
                        continue
                    parts[number] = parts.get(number, 0) + count
                    if position < self._first[key][0]:
                        self._first[key] = (position, at, first)

    def _pattern(self, kinds: Kinds) -> Pattern:
        found = self._patterns.get(kinds)
        if found is None:
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
            self._patterns[kinds] = found
        return found

    def line(self, fan: Fan, version: int, packed: tuple[Packed | None, Packed | None]) -> None:
        """Add pairs of one site with many: the kinds of each, before and after."""
        patterns, which = self._patterns_of(version, packed, len(fan.ids))
        names = list(self.pool)
        code = which.astype(np.int64) * len(names) + fan.ids
        keys, firsts, counts = np.unique(code, return_index=True, return_counts=True)
        for key, first, count in zip(keys.tolist(), firsts.tolist(), counts.tolist(), strict=True):
            at, name = divmod(key, len(names))
            whose = (fan.own, names[name]) if fan.outward else (names[name], fan.own)
            self._add(whose, patterns[at], count, fan.position(first), fan.at)

    def _patterns_of(
        self, version: int, packed: tuple[Packed | None, Packed | None], size: int
    ) -> tuple[list[Pattern], Ints]:
        """Return the patterns of all couples of kinds, and which each pair has."""
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
        return found, which.reshape(-1).astype(np.int32)

    def rows(self) -> Iterator[Changed]:
        """Yield the rows in order of names, what appears first."""
        sets, summed = list(self._sets), dict[tuple[tuple[int, int], ...], Summed]()
        for key, parts in sorted(self._parts.items()):
            source, destination, was, now = key
            found = tuple(sorted(parts.items()))
            if found not in summed:
                summed[found] = self._summed(sets, found)
            texts, pairs = summed[found]
            position, at, index = self._first[key]
            side = 1 if now < was else 0
            shown = Shown(self.boards[side], (source, destination), (at, position, side), index)
            yield Changed(source, destination, ORDER[was], ORDER[now], texts, pairs, shown)

    def _summed(self, sets: list[tuple[int, ...]], parts: tuple[tuple[int, int], ...]) -> Summed:
        """Return the classes of some parts, and how many pairs are of the class that has most."""
        engine = self.boards[0].engine
        packets = engine.filters.packets
        counts = np.zeros(len(packets), dtype=np.int64)
        for number, count in parts:
            counts[list(sets[number])] += count
        asked = {index: packets.classes[index].ports for index in np.flatnonzero(counts).tolist()}
        return tuple(port_texts(engine, asked)), int(counts.max())
