"""Columns of integers → which rows are alike, exactly, and sums over them.

Method: columns are packed into one integer as long as their ranges fit it; where they do not, what
is packed so far is replaced by its rank. Nothing is hashed, so that no two rows fall together.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from ringwall.traffic.batches import Array

_MOST: Final = 1 << 62


@dataclass(frozen=True, slots=True)
class Groups:
    """Rows by group: `number` of each row, and the first row of each group, in order of keys."""

    number: Array
    first: Array

    def __len__(self) -> int:
        return len(self.first)

    def sums(self, values: Array) -> Array:
        """Return the sum of each group; exact up to 2**53, as the sums of view.py are."""
        found = np.bincount(self.number, weights=values, minlength=len(self))
        return found.astype(np.int64)

    def counts(self) -> Array:
        """Return how many rows each group has."""
        return np.bincount(self.number, minlength=len(self)).astype(np.int64)

    def least(self, values: Array) -> Array:
        """Return the smallest value of each group."""
        found = values[self.first].astype(np.int64)
        np.minimum.at(found, self.number, values)
        return found

    def most(self, values: Array) -> Array:
        """Return the largest value of each group."""
        found = values[self.first].astype(np.int64)
        np.maximum.at(found, self.number, values)
        return found


def grouped(columns: Sequence[Array]) -> Groups:
    """Group the rows of columns of one length, of which there is at least one."""
    packed = np.zeros(len(columns[0]), np.int64)
    room = 1  # packed is from 0 to room - 1
    for column in columns:
        values, width = _from_zero(column)
        if room > 1 and room * width >= _MOST:
            packed, room = _ranks(packed)
        if room * width >= _MOST:
            values, width = _ranks(values)
        packed = packed * width + values
        room *= width
    _, first, number = np.unique(packed, return_index=True, return_inverse=True)
    return Groups(number.reshape(-1), first)


def _from_zero(column: Array) -> tuple[Array, int]:
    """Return a column's values less the smallest, and what they are all below."""
    if not len(column):
        return column.astype(np.int64), 1
    low, high = int(column.min()), int(column.max())
    if high - low >= _MOST:
        return _ranks(column)
    return column.astype(np.int64) - low, high - low + 1


def _ranks(values: Array) -> tuple[Array, int]:
    found, number = np.unique(values, return_inverse=True)
    return number.reshape(-1).astype(np.int64), max(len(found), 1)
