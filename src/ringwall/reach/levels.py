"""What becomes of every class of packets at a place: vectors of outcomes, one number each.

Rules:
- Outcomes are ordered DROP < UNKNOWN < UNDETERMINED < PASS. Places in a row take the lowest, rules
  of security groups side by side the highest; where AWS chooses between ways that differ, nobody
  knows which: UNKNOWN if one of them is unknown, else UNDETERMINED.
- Equal vectors have equal numbers, so a network's worth of filters is a table of small integers.
"""

from copy import copy
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

Row = NDArray[np.uint8]
Rows = NDArray[np.uint8]
Ids = NDArray[np.uint16]
Ints = NDArray[np.int32]
MISSING = (1 << 16) - 1  # stands for a meet that was not asked yet
MOST = MISSING  # vectors: their numbers fit 16 bits


class Outcome(IntEnum):
    """What happens to a packet at one place."""

    DROP = 0
    UNKNOWN = 1
    UNDETERMINED = 2
    PASS = 3

    @property
    def word(self) -> str:
        """Return the name in lower case."""
        return self.name.lower()


DROP_ALL, UNKNOWN_ALL, UNDETERMINED_ALL, PASS_ALL = 0, 1, 2, 3


class LevelStore:
    """Vectors of `width` outcomes by number; 0 to 3 are those of one outcome throughout."""

    def __init__(self, width: int) -> None:
        self.width = width
        self._ids: dict[bytes, int] = {}
        self._rows = np.zeros((64, width), dtype=np.uint8)
        self._count = 0
        self._meets: dict[tuple[int, int], int] = {}
        self._joins: dict[tuple[int, int], int] = {}
        self._choices: dict[tuple[int, int], int] = {}
        self._sheaves: dict[tuple[int, ...], int] = {}
        self._parts: dict[int, tuple[int, ...]] = {}
        self._table = np.zeros((0, 0), dtype=np.uint16)
        self._passing = np.zeros(0, dtype=bool)
        for outcome in Outcome:
            self.number(np.full(width, outcome, dtype=np.uint8))

    def with_columns(self, columns: Ints | None = None) -> "LevelStore":
        """Return a store of its own in which numbers so far mean the same.

        With `columns` its vectors are wider: class n is a part of what was class `columns[n]`.
        """
        other = copy(self)
        rows = self._rows[: self._count]
        rows = rows.copy() if columns is None else np.ascontiguousarray(rows[:, columns])
        other._rows, other.width = rows, rows.shape[1]
        other._ids = {
            row.tobytes(): number for number, row in enumerate(rows) if number not in self._parts
        }
        other._meets, other._joins = dict(self._meets), dict(self._joins)
        other._choices, other._parts = dict(self._choices), dict(self._parts)
        if columns is not None:
            at = columns.tolist()
            other._parts = {n: tuple(part[i] for i in at) for n, part in self._parts.items()}
        other._sheaves = {part: number for number, part in other._parts.items()}
        other._table, other._passing = self._table.copy(), np.zeros(0, dtype=bool)
        return other

    def __len__(self) -> int:
        return self._count

    @property
    def rows(self) -> Rows:
        """Return all vectors, by number."""
        found: Rows = self._rows[: self._count]
        return found

    @property
    def passing(self) -> NDArray[np.bool_]:
        """Tell of every vector, by number, whether some class passes: of a sheaf, in some part."""
        if len(self._passing) != self._count:
            found = (self.rows == Outcome.PASS).any(axis=1)
            for number, parts in self._parts.items():
                found[number] = found[list(parts)].any()
            self._passing = found
        return self._passing

    def row(self, number: int) -> Rows:
        """Return one vector; it is not to be changed."""
        found: Row = self._rows[number]
        return found

    def number(self, row: Rows) -> int:
        """Return the number of a vector, a new one if it was not seen before."""
        key = row.tobytes()
        found = self._ids.get(key)
        if found is None:
            found = self._ids[key] = self._append(row)
        return found

    def _append(self, row: Rows) -> int:
        found = self._count
        if found >= MOST:
            msg = f"a network with more than {MOST} different filters is beyond this engine"
            raise OverflowError(msg)
        if found == len(self._rows):
            self._rows = np.concatenate([self._rows, np.zeros_like(self._rows)])
        self._rows[found] = row
        self._count += 1
        return found

    def sheaf(self, numbers: tuple[int, ...]) -> int:
        """Return one number for a vector of its own for each class; of equal ones it is theirs.

        A sheaf says what becomes of replies where that hangs on what was asked, too. Read as a
        vector it is UNKNOWN throughout: `part` takes the right one out of it.
        """
        if len(set(numbers)) == 1:
            return numbers[0]
        found = self._sheaves.get(numbers)
        if found is None:
            found = self._sheaves[numbers] = self._append(self._rows[UNKNOWN_ALL])
            self._parts[found] = numbers
        return found

    def part(self, number: int, index: int) -> int:
        """Return the vector of a sheaf for one class that was asked; any other vector is it."""
        parts = self._parts.get(number)
        return number if parts is None else parts[index]

    def meet(self, one: int, other: int) -> int:
        """Return the lower outcome of each class: places in a row."""
        if other in {one, PASS_ALL} or one == DROP_ALL:
            return one
        if one == PASS_ALL or other == DROP_ALL:
            return other
        key = (one, other) if one < other else (other, one)
        found = self._meets.get(key)
        if found is None:
            found = self.number(np.minimum(self._rows[one], self._rows[other]))
            self._meets[key] = found
        return found

    def join(self, one: int, other: int) -> int:
        """Return the higher outcome of each class: rules side by side."""
        if other in {one, DROP_ALL} or one == PASS_ALL:
            return one
        if one == DROP_ALL or other == PASS_ALL:
            return other
        key = (one, other) if one < other else (other, one)
        found = self._joins.get(key)
        if found is None:
            found = self.number(np.maximum(self._rows[one], self._rows[other]))
            self._joins[key] = found
        return found

    def choice(self, numbers: tuple[int, ...]) -> int:
        """Return what is known where AWS takes one of several ways; all UNKNOWN for none."""
        if not numbers:
            return UNKNOWN_ALL
        ways = tuple(dict.fromkeys(numbers))
        if len(ways) == 1:
            return ways[0]
        rows = self._rows[list(ways)]
        same = (rows == rows[0]).all(axis=0)
        unknown = (rows == Outcome.UNKNOWN).any(axis=0)
        unlike = np.where(unknown, Outcome.UNKNOWN, Outcome.UNDETERMINED)
        return self.number(np.where(same, rows[0], unlike).astype(np.uint8))

    def undelivered(self, number: int) -> int:
        """Return the vector of a way that ends nowhere: what passed so far is UNKNOWN."""
        row = self._rows[number]
        return self.number(np.where(row == Outcome.PASS, Outcome.UNKNOWN, row).astype(np.uint8))

    def meet_arrays(self, one: Ids, other: Ids) -> Ids:
        """Return the meets of two arrays of numbers, place by place."""
        if len(self._table) < self._count:
            self._grow(self._count)
        wide = len(self._table)
        flat = one.astype(np.uint32)
        flat *= np.uint32(wide)
        flat += other
        found: Ids = self._table.reshape(-1).take(flat)
        missing = found == MISSING
        if missing.any():
            for key in np.unique(flat[missing]).tolist():
                a, b = divmod(key, wide)
                self._table[a, b] = self._table[b, a] = self.meet(a, b)
            found = self._table.reshape(-1).take(flat)
        return found

    def _grow(self, size: int) -> None:
        wide = max(256, 1 << (size - 1).bit_length())
        table = np.full((wide, wide), MISSING, dtype=np.uint16)
        old = len(self._table)
        table[:old, :old] = self._table
        self._table = table
