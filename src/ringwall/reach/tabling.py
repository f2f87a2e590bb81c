"""Pairs by numbers of names and of what differs → rows by names, all sorted at once.

Rules:
- A pair counts for each of the names of its source with each of those of its destination, and for
  each part of its pattern: verdicts before and after, and the set of classes that have them.
- Of the pairs of a row the first in the order of ends shows it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Longs = NDArray[np.int64]
Names = tuple[str, ...]
# Codes before and after, the number of a set of classes, and the first of them.
Pattern = tuple[tuple[int, int, int, int], ...]
Parts = tuple[tuple[int, int], ...]  # sets of classes, and how many pairs are of each
First = tuple[int, int, int]  # position, batch, class of packets
Found = tuple[str, str, int, int, Parts, First]  # names, codes before and after
CODES = 8  # verdicts are fewer


@dataclass(frozen=True, slots=True)
class Table:
    """Single parts of pairs: `keys` are numbers of source, destination and codes, in order."""

    labels: Sequence[str]
    keys: Longs
    sets: Longs
    counts: Longs
    positions: Longs
    batches: Longs
    classes: Longs

    @classmethod
    def of(
        cls, pool: Sequence[Names], patterns: Sequence[Pattern], columns: Sequence[Longs]
    ) -> "Table":
        """Return the table of pairs.

        Columns are sources, destinations, patterns, counts, positions and batches.
        """
        used, which = np.unique(np.concatenate(columns[:2]), return_inverse=True)
        whose = [pool[number] for number in used.tolist()]
        ends = which.reshape(2, -1)
        labels = sorted({name for names in whose for name in names})
        ranks = {name: rank for rank, name in enumerate(labels)}
        named = [tuple((ranks[name],) for name in names) for names in whose]
        rows, (sources,) = _spread(ends[0], named, 1)
        more, (destinations,) = _spread(ends[1][rows], named, 1)
        rows, sources = rows[more], sources[more]
        more, (was, now, sets, classes) = _spread(columns[2][rows], patterns, 4)
        rows, sources, destinations = rows[more], sources[more], destinations[more]
        keys = ((sources * len(labels) + destinations) * CODES + was) * CODES + now
        order = np.lexsort((columns[4][rows], keys))
        found = (sets, *(column[rows] for column in columns[3:]), classes)
        return cls(labels, keys[order], *(column[order] for column in found))

    def rows(self) -> Iterator[Found]:
        """Yield a row for each key."""
        if not len(self.keys):
            return
        starts = np.flatnonzero(np.diff(self.keys, prepend=-1))
        ends = [*starts[1:].tolist(), len(self.keys)]
        totals = np.add.reduceat(self.counts, starts).tolist()
        least, most = (f.reduceat(self.sets, starts).tolist() for f in (np.minimum, np.maximum))
        firsts = zip(
            *(c[starts].tolist() for c in (self.positions, self.batches, self.classes)), strict=True
        )
        keys, size = self.keys[starts].tolist(), len(self.labels)
        for at, (key, end, total, first) in enumerate(zip(keys, ends, totals, firsts, strict=True)):
            rest, now = divmod(key, CODES)
            rest, was = divmod(rest, CODES)
            source, destination = divmod(rest, size)
            parts: Parts = ((least[at], total),)
            if least[at] != most[at]:
                parts = self._parts(int(starts[at]), end)
            yield self.labels[source], self.labels[destination], was, now, parts, first

    def _parts(self, start: int, end: int) -> Parts:
        """Return how many pairs of a row are of each set of classes."""
        sets, which = np.unique(self.sets[start:end], return_inverse=True)
        counts = np.zeros(len(sets), dtype=np.int64)
        np.add.at(counts, which.reshape(-1), self.counts[start:end])
        return tuple(zip(sets.tolist(), counts.tolist(), strict=True))


def _spread(
    numbers: Longs, items: Sequence[Sequence[tuple[int, ...]]], width: int
) -> tuple[Longs, tuple[Longs, ...]]:
    """Put every part of an item in the place of its number.

    Returns which place each part stands for, and the `width` columns of the parts.
    """
    sizes = np.array([len(each) for each in items], dtype=np.int64)
    flat = np.array([p for each in items for p in each], dtype=np.int64).reshape(-1, width)
    firsts = np.cumsum(sizes) - sizes
    count = sizes[numbers]
    rows = np.repeat(np.arange(len(numbers), dtype=np.int64), count)
    within = np.arange(len(rows), dtype=np.int64) - np.repeat(np.cumsum(count) - count, count)
    parts = flat[firsts[numbers][rows] + within]
    return rows, tuple(parts.T)
