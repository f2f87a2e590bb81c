"""Pairs of sites whose verdicts differ → rows by names.

Rule: rows come in the order of names; each is shown by the first pair, in the order of ends, that
is of it.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from ringwall.reach.differing import Changed, Shown
from ringwall.reach.exposure import port_texts
from ringwall.reach.places import Ints
from ringwall.reach.relations import CODE, Board, Kind, Packed, unpacked
from ringwall.reach.verdicts import ORDER, Verdict
from ringwall.reach.ways import Site

Names = tuple[str, ...]
Kinds = tuple[Kind | None, Kind | None]  # before and after; None: there is no such pair
Pattern = tuple[tuple[int, int, tuple[int, ...]], ...]  # codes before and after, of which classes
Position = tuple[int, ...]  # the place of a pair in the order of ends
Couples = tuple[Site | None, Site | None, Site | None, Site | None]  # two before, two after


class Findings:
    """The classes whose verdict differs, by names and verdicts, each with a first pair."""

    def __init__(self, old: Board, new: Board) -> None:
        self.boards = (old, new)
        self.pool: dict[Names, int] = {}
        self._parts: dict[tuple[str, str, int, int], list[tuple[tuple[int, ...], int]]]
        self._parts = defaultdict(list)
        self._first: dict[tuple[str, str, int, int], tuple[Position, Couples, int]] = {}
        self._patterns: dict[Kinds, Pattern] = {}
        self._denied = np.full(len(old.engine.filters.packets), CODE[Verdict.DENY], dtype=np.uint8)

    def ids(self, names: Sequence[Names]) -> Ints:
        """Return a number for each of these names."""
        pool = self.pool
        return np.array([pool.setdefault(each, len(pool)) for each in names], dtype=np.int64)

    def add(
        self,
        names: tuple[Names, Names],
        kinds: Kinds,
        count: int,
        position: Position,
        sites: Callable[[], Couples],
    ) -> None:
        """Add so many pairs of one kind each; `sites` are those of the first of them."""
        for was, now, classes in self._pattern(kinds):
            for source in names[0]:
                for destination in names[1]:
                    key = (source, destination, was, now)
                    self._parts[key].append((classes, count))
                    known = self._first.get(key)
                    if known is None or position < known[0]:
                        self._first[key] = (position, sites(), classes[0])

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
            found = tuple((was, now, tuple(each)) for (was, now), each in classes.items())
            self._patterns[kinds] = found
        return found

    def line(
        self,
        version: int,
        packed: tuple[Packed | None, Packed | None],
        ids: Ints,
        add: Callable[[Kinds, Names, int, int], None],
    ) -> None:
        """Add pairs of one site with many, those of one kind and one name at once.

        `add` is given the kinds, the names, how many there are, and the first of them.
        """
        code, kinds = np.zeros(len(ids), dtype=np.int64), list[Packed | None]()
        for each in packed:
            known = None
            if each is not None:
                known, inverse = np.unique(each, return_inverse=True)
                code = code * len(known) + inverse.reshape(-1)
            kinds.append(known)
        names = list(self.pool)
        code = code * len(names) + ids
        keys, firsts, counts = np.unique(code, return_index=True, return_counts=True)
        for key, first, count in zip(keys.tolist(), firsts.tolist(), counts.tolist(), strict=True):
            rest, name = divmod(key, len(names))
            couple: list[Kind | None] = []
            for known in reversed(kinds):
                if known is None:
                    couple.append(None)
                else:
                    rest, at = divmod(rest, len(known))
                    couple.append(unpacked(version, int(known[at])))
            add((couple[1], couple[0]), names[name], count, first)

    def rows(self) -> Iterator[Changed]:
        """Yield the rows in order of names, what appears first."""
        engine = self.boards[0].engine
        packets, texts = engine.filters.packets, dict[tuple[int, ...], tuple[str, ...]]()
        for key, parts in sorted(self._parts.items()):
            source, destination, was, now = key
            classes, pairs = _summed(parts)
            if classes not in texts:
                asked = {index: packets.classes[index].ports for index in classes}
                texts[classes] = tuple(port_texts(engine, asked))
            _, sites, index = self._first[key]
            side = 1 if now < was else 0
            one, other = sites[2 * side], sites[2 * side + 1]
            assert one is not None  # what reaches more is there
            assert other is not None
            shown = Shown(self.boards[side], (source, destination), (one, other), index)
            yield Changed(source, destination, ORDER[was], ORDER[now], texts[classes], pairs, shown)


def _summed(parts: Sequence[tuple[tuple[int, ...], int]]) -> tuple[tuple[int, ...], int]:
    """Return the classes of some parts, and how many pairs are of the class that has most."""
    classes = parts[0][0]
    if all(each == classes for each, _ in parts):
        return classes, sum(count for _, count in parts)
    counted: Counter[int] = Counter()
    for each, count in parts:
        for index in each:
            counted[index] += count
    return tuple(sorted(counted)), max(counted.values())
