"""Sets of numbers → the coarsest partition of their universe, and a row of bits over it for each.

Rules:
- Atoms are runs of numbers, ascending, and cover the universe. Every set is a union of atoms, and
  two neighbouring atoms lie in different sets: no coarser runs would do.
- Numbers are Python's, so that IPv6 addresses are exact.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ringwall.space.atoms import boundaries
from ringwall.space.intervals import Interval, IntervalSet
from ringwall.space.vectors import BitMatrix, Ints

ROWS_AT_ONCE = 256  # bounds the memory that packing needs


@dataclass(frozen=True, slots=True)
class Partition:
    """Atoms of [0, size): atom k begins at `starts[k]`; row s of `members` is set s."""

    size: int
    starts: tuple[int, ...]
    members: BitMatrix

    def __len__(self) -> int:
        return len(self.starts)

    @property
    def atoms(self) -> tuple[Interval, ...]:
        """The atoms as half-open intervals."""
        return tuple(pairwise((*self.starts, self.size)))

    def atom_of(self, number: int) -> int:
        """Return the atom of a number; raises ValueError outside of the universe."""
        if not 0 <= number < self.size:
            msg = f"{number} is not inside [0, {self.size})"
            raise ValueError(msg)
        return bisect_right(self.starts, number) - 1

    def row_of(self, members: IntervalSet) -> BitMatrix:
        """Return the one row of a set; raises ValueError if the set cuts an atom."""
        _check(self.size, [members])
        place = {start: at for at, start in enumerate((*self.starts, self.size))}
        cut = next((edge for edge in boundaries(members) if edge not in place), None)
        if cut is not None:
            msg = f"{cut} lies inside of an atom"
            raise ValueError(msg)
        return _rows([members], place)

    def to_set(self, row: BitMatrix) -> IntervalSet:
        """Return the numbers of the atoms of a matrix of one row."""
        if row.columns != len(self) or len(row) != 1:
            msg = f"{len(row)} rows of {row.columns} bits are not a row of {len(self)} atoms"
            raise ValueError(msg)
        (atoms,) = row.to_sets()
        every = self.atoms
        return IntervalSet.of(self.size, [every[atom] for atom in atoms])

    def classes(self) -> tuple[Ints, BitMatrix]:
        """Return (class of each atom, sets of each class): atoms of a class lie in the same sets.

        This is the coarsest partition of all; its parts need not be runs.
        """
        return self.members.transposed().unique_rows()


def partition(size: int, sets: Sequence[IntervalSet]) -> Partition:
    """Cut [0, size) where a set begins or ends; raises ValueError if one is of another universe."""
    _check(size, sets)
    if not size:
        return Partition(size, (), BitMatrix.zeros(len(sets), 0))
    edges = boundaries(interval for members in sets for interval in members)
    starts = (0, *(edge for edge in edges if 0 < edge < size))
    place = {start: at for at, start in enumerate((*starts, size))}
    return Partition(size, starts, _rows(sets, place))


def _rows(sets: Sequence[IntervalSet], place: dict[int, int]) -> BitMatrix:
    """Return a row of atoms for each set; `place` numbers the atoms by their starts."""
    packed = [BitMatrix.zeros(0, len(place) - 1).words]
    for first in range(0, len(sets), ROWS_AT_ONCE):
        some = sets[first : first + ROWS_AT_ONCE]
        # 1 where a set begins, -1 behind its end; the sum up to an atom says whether it is inside.
        steps = np.zeros((len(some), len(place)), dtype=np.int8)
        for row, members in enumerate(some):
            for start, end in members:
                steps[row, place[start]] = 1
                steps[row, place[end]] = -1
        inside = np.cumsum(steps[:, :-1], axis=1, dtype=np.int8).astype(np.bool_)
        packed.append(BitMatrix.from_bools(inside).words)
    return BitMatrix(np.concatenate(packed), len(place) - 1)


def _check(size: int, sets: Sequence[IntervalSet]) -> None:
    other = next((members.size for members in sets if members.size != size), None)
    if other is not None:
        msg = f"sets of [0, {other}) and [0, {size}) do not mix"
        raise ValueError(msg)
