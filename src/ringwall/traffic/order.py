"""The order in which the rows of a batch are written: by hour, then by source, then as read.

IPv4 rows have one key of 64 bits: rank of the hour, source, number of the row. Rows of the other
family are sorted by (high, low); in an hour they follow, as (family, high, low) says.
"""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ringwall.traffic.batches import Array, Batch

_ROW_BITS, _SOURCE_BITS = 20, 32
_MOST_RANKS = 1 << (64 - _ROW_BITS - _SOURCE_BITS)


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
    if "srcaddr_high" not in batch.arrays:
        return by_hour(rows.start, chosen)
    hours = rows.start[chosen] // 3600
    family = rows.family[chosen]
    known = batch.given["srcaddr_high"][chosen].astype(bool)
    plain = (family == 4) & known
    ranks, rank = np.unique(hours, return_inverse=True)
    if len(ranks) > _MOST_RANKS or len(batch.arrays["srcaddr_low"]) > 1 << _ROW_BITS:
        plain[:] = False
    four = _sorted_plain(batch, chosen[plain], rank[plain])
    if len(four) == len(chosen):
        return _cut(rows.start[four] // 3600, four)
    rest = _sorted_rest(batch, chosen[~plain], hours[~plain])
    both = np.concatenate([four, rest])
    keys = (rows.family[both].astype(np.int64)) | (rows.start[both] // 3600 << 3)
    both = both[np.argsort(keys, kind="stable")]
    return _cut(rows.start[both] // 3600, both)


def _sorted_plain(batch: Batch, chosen: Array, rank: Array) -> Array:
    source = batch.arrays["srcaddr_low"][chosen].astype(np.uint64)
    keys = rank.astype(np.uint64) << np.uint64(_ROW_BITS + _SOURCE_BITS)
    keys |= source << np.uint64(_ROW_BITS)
    keys |= chosen.astype(np.uint64)
    keys.sort()
    return (keys & np.uint64((1 << _ROW_BITS) - 1)).astype(np.int64)


def _sorted_rest(batch: Batch, chosen: Array, hours: Array) -> Array:
    high = batch.arrays["srcaddr_high"][chosen]
    low = batch.arrays["srcaddr_low"][chosen]
    family = batch.fixed.family[chosen]
    return chosen[np.lexsort((low, high, family, hours))]


def _cut(hours: Array, rows: Array) -> list[Slice]:
    if not len(rows):
        return []
    edges = [0, *(np.flatnonzero(np.diff(hours)) + 1).tolist(), len(rows)]
    return [Slice(int(hours[a]), rows[a:b]) for a, b in pairwise(edges)]
