"""Functions of addresses that are constant between cuts: one value an interval of a family."""

from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, TypeVar

from ringwall.reach.blocks import Block

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Piecewise(Generic[Value]):
    """`values[n]` holds from `starts[n]` up to `starts[n + 1]`; `starts[0]` is 0."""

    starts: tuple[int, ...]
    values: tuple[Value, ...]

    def at(self, address: int) -> Value:
        """Return the value at an address."""
        return self.values[bisect_right(self.starts, address) - 1]


def cuts_of(version: int, blocks: Iterable[Block]) -> list[int]:
    """Return 0 and the edges of those blocks that are of one family, sorted."""
    edges = {0}
    for block in blocks:
        if block.version == version:
            edges.add(block.start)
            edges.add(block.end)
    return sorted(edges)


def piecewise(cuts: Iterable[int], value: Callable[[int], Value]) -> Piecewise[Value]:
    """Build a function from its value at each cut; equal neighbours become one piece."""
    starts: list[int] = []
    values: list[Value] = []
    for start in cuts:
        found = value(start)
        if not values or values[-1] != found:
            starts.append(start)
            values.append(found)
    return Piecewise(tuple(starts), tuple(values))
