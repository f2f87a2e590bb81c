"""The fabric between all places of a network, kept small: each kind of way once, by number."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringwall.reach.fabric import Fabric, Vias
from ringwall.reach.levels import Ids

Links = tuple[Ids, Vias]  # level vectors, and what is crossed
Codes = NDArray[np.unsignedinteger[Any]]
VIAS = 8  # what is crossed is less
MISSING = (1 << 16) - 1


class Woven:
    """What the fabric says of packets between every two of `size` places.

    Raises OverflowError where there are more than 65,535 kinds of ways.
    """

    def __init__(self, fabric: Fabric, size: int) -> None:
        self._known = np.full(VIAS << 16, MISSING, dtype=np.uint16)
        self._kinds: list[int] = []
        there: Codes = np.zeros((size, size), dtype=np.uint8)
        for place in range(size):
            row = fabric.row(place)
            codes = self._coded(row.levels.astype(np.int32) * VIAS + row.vias)
            if len(self._kinds) > 1 << 8 and there.dtype == np.uint8:
                there = there.astype(np.uint16)  # numbers do not fit a byte any more
            there[place] = codes
        self._there: Codes = there
        self._back: Codes = np.ascontiguousarray(there.T)
        kinds = np.array(self._kinds, dtype=np.int32)
        self._levels: Ids = (kinds // VIAS).astype(np.uint16)
        self._vias: Vias = (kinds % VIAS).astype(np.uint8)

    def _coded(self, kinds: NDArray[np.int32]) -> Ids:
        codes: Ids = self._known[kinds]
        if (codes == MISSING).any():
            fresh = np.unique(kinds[codes == MISSING])
            first = len(self._kinds)
            if first + len(fresh) > MISSING:
                msg = "a network with more than 65,535 kinds of ways is beyond this engine"
                raise OverflowError(msg)
            self._known[fresh] = np.arange(first, first + len(fresh), dtype=np.uint16)
            self._kinds += fresh.tolist()
            codes = self._known[kinds]
        return codes

    def of(self, place: int) -> tuple[Links, Links]:
        """Return what it says of packets from a place to every place, and of those to it."""
        there, back = self._there[place], self._back[place]
        return (self._levels[there], self._vias[there]), (self._levels[back], self._vias[back])

    @property
    def code(self) -> Callable[[int, int], int]:
        """Return what gives the place in `kinds` of packets between two places."""
        return self._there.item

    @property
    def kinds(self) -> list[tuple[int, int]]:
        """Return the kinds of ways: level vectors, and what is crossed."""
        return [divmod(kind, VIAS) for kind in self._kinds]
