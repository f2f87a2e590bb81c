"""Rows of bits in numpy: many subsets of the same things, eight to a byte.

Rules:
- Bit k of a row is bit k % 64 of its word k // 64. Bits behind the last column are always 0, so
  that equal rows have equal words.
- A matrix never changes; its words are read-only.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

WORD = 64

Words = NDArray[np.uint64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class BitMatrix:
    """Rows of `columns` bits; `words` has a row each, ceil(columns / 64) wide.

    A matrix of one row may be combined with one of many: it counts for each of them.
    """

    words: Words
    columns: int

    def __post_init__(self) -> None:
        if self.words.ndim != 2 or self.words.shape[1] != words_for(self.columns):
            msg = f"words of shape {self.words.shape} do not hold rows of {self.columns} bits"
            raise ValueError(msg)
        own = np.array(self.words, dtype=np.uint64, order="C")
        if own.shape[1]:
            own[:, -1] &= _last_word(self.columns)
        own.setflags(write=False)
        object.__setattr__(self, "words", own)

    @classmethod
    def from_bools(cls, rows: Bools) -> "BitMatrix":
        """Pack a matrix of bools."""
        count, columns = rows.shape
        width = words_for(columns)
        octets = np.zeros((count, width * 8), dtype=np.uint8)
        packed = np.packbits(rows, axis=1, bitorder="little")
        octets[:, : packed.shape[1]] = packed
        return cls(octets.view("<u8").astype(np.uint64).reshape(count, width), columns)

    @classmethod
    def from_sets(cls, sets: Sequence[Iterable[int]], columns: int) -> "BitMatrix":
        """Build a row of each set of columns; raises IndexError for one that does not exist."""
        words = np.zeros((len(sets), words_for(columns)), dtype=np.uint64)
        for row, members in enumerate(sets):
            at = np.array(list(members), dtype=np.int64)
            if at.size and (at.min() < 0 or at.max() >= columns):
                msg = f"row {row} has columns outside [0, {columns})"
                raise IndexError(msg)
            bits = np.uint64(1) << (at % WORD).astype(np.uint64)
            np.bitwise_or.at(words[row], at // WORD, bits)
        return cls(words, columns)

    @classmethod
    def zeros(cls, rows: int, columns: int) -> "BitMatrix":
        """Return rows without a bit."""
        return cls(np.zeros((rows, words_for(columns)), dtype=np.uint64), columns)

    @classmethod
    def ones(cls, rows: int, columns: int) -> "BitMatrix":
        """Return rows of all bits."""
        return ~cls.zeros(rows, columns)

    def to_bools(self) -> Bools:
        """Unpack into a matrix of bools."""
        octets = self.words.astype("<u8").view(np.uint8)
        unpacked = np.unpackbits(octets, axis=1, bitorder="little")
        return unpacked[:, : self.columns].astype(np.bool_)

    def to_sets(self) -> list[frozenset[int]]:
        """Return the columns of each row."""
        return [frozenset(np.flatnonzero(row).tolist()) for row in self.to_bools()]

    def rows(self, picked: Sequence[int] | Ints) -> "BitMatrix":
        """Return some rows, in the order asked for."""
        return BitMatrix(self.words[np.asarray(picked, dtype=np.int64)], self.columns)

    def transposed(self) -> "BitMatrix":
        """Return columns as rows."""
        return BitMatrix.from_bools(self.to_bools().T)

    def counts(self) -> Ints:
        """Return how many bits each row has."""
        found: Ints = np.bitwise_count(self.words).sum(axis=1, dtype=np.int64)
        return found

    def any(self) -> Bools:
        """Tell of each row whether it has a bit."""
        found: Bools = self.counts() > 0
        return found

    def all(self) -> Bools:
        """Tell of each row whether it has all bits."""
        found: Bools = self.counts() == self.columns
        return found

    def unique_rows(self) -> tuple[Ints, "BitMatrix"]:
        """Return (ids, table): row r is row ids[r] of the table, whose rows all differ.

        Ids are given in the order of first appearance.
        """
        places: dict[bytes, int] = {}
        ids = [places.setdefault(row.tobytes(), len(places)) for row in self.words]
        firsts = [0] * len(places)
        for row in range(len(ids) - 1, -1, -1):
            firsts[ids[row]] = row
        return np.array(ids, dtype=np.int64), self.rows(firsts)

    def union(self) -> "BitMatrix":
        """Return the one row of all bits that some row has."""
        return BitMatrix(np.bitwise_or.reduce(self.words, axis=0, keepdims=True), self.columns)

    def __len__(self) -> int:
        return len(self.words)

    def __and__(self, other: "BitMatrix") -> "BitMatrix":
        self._check(other)
        return BitMatrix(self.words & other.words, self.columns)

    def __or__(self, other: "BitMatrix") -> "BitMatrix":
        self._check(other)
        return BitMatrix(self.words | other.words, self.columns)

    def __sub__(self, other: "BitMatrix") -> "BitMatrix":
        self._check(other)
        return BitMatrix(self.words & ~other.words, self.columns)

    def __invert__(self) -> "BitMatrix":
        return BitMatrix(~self.words, self.columns)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, BitMatrix):
            return NotImplemented
        return self.columns == other.columns and np.array_equal(self.words, other.words)

    def __hash__(self) -> int:
        return hash((self.columns, len(self), self.words.tobytes()))

    def _check(self, other: "BitMatrix") -> None:
        same = len(self) == len(other) or 1 in {len(self), len(other)}
        if self.columns != other.columns or not same:
            one, two = (f"{len(m)} rows of {m.columns} bits" for m in (self, other))
            msg = f"{one} and {two} do not mix"
            raise ValueError(msg)


def words_for(columns: int) -> int:
    """Return how many words hold so many bits."""
    return -(-columns // WORD)


def _last_word(columns: int) -> np.uint64:
    """Return the word that lets the bits of the last word pass that are columns."""
    return np.uint64((1 << ((columns - 1) % WORD + 1)) - 1)
