"""The order in which the rows of a batch are written: by hour, then by source, then as read.

IPv4 rows have one key of 64 bits: the hour from the first, the source, the number of the row. Other
rows are sorted by family, high and low; rows without a source are among those of address 0.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ringwall.traffic.batches import Array, Batch

_ROW_BITS, _SOURCE_BITS = 20, 32
_KEY_BITS = _ROW_BITS + _SOURCE_BITS
_MOST_RANKS = 1 << (64 - _KEY_BITS)


@dataclass(frozen=True, slots=True)
class Slice:
    """The rows of one hour, as their numbers in order."""

    hour: int
    rows: Array


def by_hour(times: Array, chosen: Array) -> list[Slice]:
    """Return the chosen rows by hour, each in the order in which they were read."""
    hours = times[chosen] // 3600
    order = np.argsort(hours, kind="stable")
    return _cut(hours[order], chosen[order])


def in_order(batch: Batch, chosen: Array) -> list[Slice]:
    """Return the chosen rows by hour, each hour sorted by source, then as read."""
    rows = batch.fixed
    if "srcaddr_high" not in batch.arrays or not len(chosen):
        return by_hour(rows.start, chosen)
    hours = _of(rows.start, chosen) // 3600
    ranks = hours - hours.min()
    plain = (_of(rows.family, chosen) == 4) & _of(batch.given["srcaddr_high"], chosen).astype(bool)
    if ranks.max() >= _MOST_RANKS:
        plain[:] = False
    if plain.all():
        return _by_key(batch, chosen, ranks, int(hours.min()))
    four = _by_key(batch, chosen[plain], ranks[plain], int(hours.min()))
    rest = chosen[~plain]
    order = np.lexsort(
        (
            batch.arrays["srcaddr_low"][rest],
            batch.arrays["srcaddr_high"][rest],
            rows.family[rest],
            hours[~plain],
        )
    )
    return _merged(four, _cut(hours[~plain][order], rest[order]), rows.family)


def _of(array: Array, chosen: Array) -> Array:
    """Return the chosen items, without a copy if they are the first ones."""
    first = len(chosen) and chosen[-1] == len(chosen) - 1  # numbers of rows ascend
    return array[: len(chosen)] if first else array[chosen]


def _by_key(batch: Batch, chosen: Array, ranks: Array, first: int) -> list[Slice]:
    """Sort IPv4 rows by their key."""
    keys = ranks.astype(np.uint64) << np.uint64(_SOURCE_BITS)
    keys |= _of(batch.arrays["srcaddr_low"], chosen).view(np.uint64)
    keys <<= np.uint64(_ROW_BITS)
    keys |= chosen.view(np.uint64)
    keys.sort()
    order = (keys & np.uint64((1 << _ROW_BITS) - 1)).view(np.int64)
    present = np.flatnonzero(np.bincount(ranks))
    begins = np.searchsorted(keys, present.astype(np.uint64) << np.uint64(_KEY_BITS))
    edges = [*begins.tolist(), len(order)]
    return [
        Slice(first + int(rank), order[a:b])
        for rank, (a, b) in zip(present, pairwise(edges), strict=True)
    ]


def _merged(four: list[Slice], rest: list[Slice], family: Array) -> list[Slice]:
    """Put the rows of each hour together: no family, then IPv4, then IPv6."""
    found: dict[int, list[Array]] = {}
    for each in (*four, *rest):
        found.setdefault(each.hour, []).append(each.rows)
    slices = []
    for hour, parts in sorted(found.items()):
        rows = np.concatenate(parts)
        slices.append(Slice(hour, rows[np.argsort(family[rows], kind="stable")]))
    return slices


def _cut(hours: Array, rows: Array) -> list[Slice]:
    if not len(rows):
        return []
    edges = [0, *(np.flatnonzero(np.diff(hours)) + 1).tolist(), len(rows)]
    return [Slice(int(hours[a]), rows[a:b]) for a, b in pairwise(edges)]
