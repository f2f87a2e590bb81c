"""Atoms: the coarsest parts of a range that no boundary of a given set of intervals cuts."""

from collections.abc import Iterable
from itertools import pairwise

import numpy as np

from ringwall.space.intervals import Interval, IntervalSet


def boundaries(intervals: Iterable[Interval]) -> list[int]:
    """Return the distinct starts and ends, sorted."""
    return sorted({edge for interval in intervals for edge in interval})


def split(within: Interval, edges: Iterable[int]) -> list[Interval]:
    """Cut a half-open interval at the edges that lie inside of it."""
    start, end = within
    if start >= end:
        return []
    cuts = sorted({start, end, *(edge for edge in edges if start < edge < end)})
    return list(pairwise(cuts))


def atoms_of_set(members: IntervalSet, edges: Iterable[int]) -> list[Interval]:
    """Cut every interval of a set at the edges."""
    cuts = sorted(set(edges))
    return [atom for interval in members for atom in split(interval, cuts)]


def classes_of_ports(atoms: list[Interval], ranges: list[Interval]) -> list[list[Interval]]:
    """Group atoms of ports that lie in the same ranges; no rule over `ranges` tells them apart."""
    if not atoms:
        return []
    starts = np.array([atom[0] for atom in atoms], dtype=np.int64)
    membership = np.zeros((len(atoms), len(ranges)), dtype=bool)
    for column, (low, high) in enumerate(ranges):
        membership[:, column] = (starts >= low) & (starts < high)
    groups: dict[bytes, list[Interval]] = {}
    for atom, row in zip(atoms, membership, strict=True):
        groups.setdefault(row.tobytes(), []).append(atom)
    return list(groups.values())
