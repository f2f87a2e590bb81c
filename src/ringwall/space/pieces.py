"""Edges on a line of addresses → which of the pieces between them each address is in.

Rules:
- A piece begins at an edge and ends before the next one; pieces are numbered along the line.
- An address is a pair of 64-bit halves, unsigned; on a line that is not `wide` the low half is all.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

HALF = 1 << 64

Halves = NDArray[np.uint64]


class Pieces:
    """The pieces of one line of addresses, which has `edges`."""

    def __init__(self, edges: Iterable[int], *, wide: bool) -> None:
        end = HALF * HALF if wide else HALF
        inner = sorted({edge for edge in edges if 0 < edge < end})
        highs = np.array([edge // HALF for edge in inner], np.uint64)
        lows = np.array([edge % HALF for edge in inner], np.uint64)
        self._wide = wide
        self._keys = _keys(highs, lows) if wide else lows

    def __len__(self) -> int:
        return len(self._keys) + 1

    def of(self, high: Halves, low: Halves) -> NDArray[np.int64]:
        """Return the number of the piece that each address is in."""
        keys = _keys(high, low) if self._wide else low
        return np.searchsorted(self._keys, keys, side="right").astype(np.int64, copy=False)


def _keys(high: Halves, low: Halves) -> NDArray[np.bytes_]:
    """Return addresses as texts of bytes, whose order is theirs."""
    both = np.empty((len(high), 2), ">u8")
    both[:, 0], both[:, 1] = high, low
    return both.view("S16").ravel()
