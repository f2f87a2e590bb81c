"""Sets of integers as half-open intervals, closed under `&`, `|`, `-` and `~`.

Rules:
- Every set is canonical: intervals are sorted, not empty, and neither touch nor overlap, so equal
  sets are equal values.
- A set lies in a universe [0, size); sets of different universes do not mix.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

Interval = tuple[int, int]  # [start, end)

PORTS = 1 << 16
IPV4 = 1 << 32
IPV6 = 1 << 128


@dataclass(frozen=True, slots=True)
class IntervalSet:
    """A set of integers of [0, size); build it with `of`, which brings it into canonical form."""

    size: int
    intervals: tuple[Interval, ...] = ()

    @classmethod
    def of(cls, size: int, intervals: Iterable[Interval]) -> "IntervalSet":
        """Build the union of half-open intervals; raises ValueError outside of the universe."""
        merged: list[Interval] = []
        for start, end in sorted(intervals):
            if start < 0 or end > size:
                msg = f"[{start}, {end}) is not inside [0, {size})"
                raise ValueError(msg)
            if start >= end:
                continue
            if merged and start <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
            else:
                merged.append((start, end))
        return cls(size, tuple(merged))

    @classmethod
    def ports(cls, *ranges: tuple[int, int]) -> "IntervalSet":
        """Build a set of ports from ranges whose ends are inclusive, as people write them."""
        return cls.of(PORTS, ((low, high + 1) for low, high in ranges))

    @property
    def is_full(self) -> bool:
        """Tell whether the set is its whole universe."""
        return self.intervals == ((0, self.size),)

    def __bool__(self) -> bool:
        return bool(self.intervals)

    def __contains__(self, item: int) -> bool:
        return any(start <= item < end for start, end in self.intervals)

    def __iter__(self) -> Iterator[Interval]:
        return iter(self.intervals)

    def __len__(self) -> int:
        return sum(end - start for start, end in self.intervals)

    def __invert__(self) -> "IntervalSet":
        gaps: list[Interval] = []
        at = 0
        for start, end in self.intervals:
            gaps.append((at, start))
            at = end
        gaps.append((at, self.size))
        return IntervalSet.of(self.size, gaps)

    def __and__(self, other: "IntervalSet") -> "IntervalSet":
        self._check(other)
        return IntervalSet.of(
            self.size,
            (
                (max(a, c), min(b, d))
                for a, b in self.intervals
                for c, d in other.intervals
                if a < d and c < b
            ),
        )

    def __or__(self, other: "IntervalSet") -> "IntervalSet":
        self._check(other)
        return IntervalSet.of(self.size, self.intervals + other.intervals)

    def __sub__(self, other: "IntervalSet") -> "IntervalSet":
        return self & ~other

    def __le__(self, other: "IntervalSet") -> bool:
        return not self - other

    def first(self) -> int:
        """Return the smallest member; raises ValueError when there is none."""
        if not self.intervals:
            msg = "an empty set has no member"
            raise ValueError(msg)
        return self.intervals[0][0]

    def _check(self, other: "IntervalSet") -> None:
        if self.size != other.size:
            msg = f"sets of [0, {self.size}) and [0, {other.size}) do not mix"
            raise ValueError(msg)


def full(size: int) -> IntervalSet:
    """Return the whole of [0, size)."""
    return IntervalSet.of(size, [(0, size)])
