"""Ends → sites: addresses of one end that no rule, route or block of the network tells apart.

Rule: a set of addresses that the checker asks about holds a site whole or not at all. Of one that
cuts a site through nothing is said: `StraddledError`.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ringwall.errors import InputError
from ringwall.verify.ends import End, labels
from ringwall.verify.sets import Ranges, join, meet


class StraddledError(InputError):
    """A set of addresses cuts a site."""

    def __init__(self) -> None:
        super().__init__("addresses that the network does not tell apart were told apart")


@dataclass(frozen=True, slots=True)
class Site:
    """Addresses of an end; `label` is the end's name, another for each end of a side."""

    end: End
    part: Ranges
    label: str


class Grid:
    """The line of addresses, cut by sets of them; pieces that lie in the same sets are alike."""

    def __init__(self, cuts: Iterable[Ranges]) -> None:
        sets = list(dict.fromkeys(cuts))
        edges: dict[int, list[int]] = {}
        for number, part in enumerate(sets):
            for pair in part:
                for edge in pair:
                    edges.setdefault(edge, []).append(number)
        self._starts = sorted(edges)
        self._kinds: list[int] = []  # of each piece, the sets that hold it, as bits
        held = 0
        for start in self._starts:
            for number in edges[start]:
                held ^= 1 << number
            self._kinds.append(held)

    def pieces(self, part: Ranges) -> tuple[Ranges, ...]:
        """Return the parts of a set of addresses that no cut tells apart, in order."""
        found: dict[int, list[tuple[int, int]]] = {}
        for low, high in part:
            at, start = bisect_right(self._starts, low), low
            while start < high:
                stop = min(high, self._starts[at]) if at < len(self._starts) else high
                found.setdefault(self._kinds[at - 1] if at else 0, []).append((start, stop))
                start, at = stop, at + 1
        return tuple(join(tuple(each)) for each in found.values())


class Sites:
    """The sites of ends on one side of a claim; sets of them are bits, in their order."""

    def __init__(self, grid: Grid, ends: tuple[End, ...]) -> None:
        self.all = tuple(
            Site(end, piece, label)
            for end, label in zip(ends, labels(ends), strict=True)
            for piece in grid.pieces(end.part)
        )
        self.ends = ends
        self.by_subnet: dict[str, int] = {}  # "" for what is outside
        self.by_vpc: dict[str, int] = {}
        for number, site in enumerate(self.all):
            for found, key in ((self.by_subnet, site.end.subnet), (self.by_vpc, site.end.vpc)):
                found[key] = found.get(key, 0) | 1 << number
        self.bits = (1 << len(self.all)) - 1
        self._found: dict[Ranges, int] = {}

    def __iter__(self) -> Iterator[Site]:
        return iter(self.all)

    def within(self, part: Ranges) -> int:
        """Return the sites whose addresses are in a set; raises StraddledError."""
        found = self._found.get(part)
        if found is None:
            found = self._found[part] = bits_within([site.part for site in self.all], part)
        return found


def bits_within(pieces: list[Ranges], part: Ranges) -> int:
    """Return which pieces lie in a set of addresses, as bits; raises StraddledError."""
    bits = 0
    for number, piece in enumerate(pieces):
        common = meet(piece, part)
        if common == piece:
            bits |= 1 << number
        elif common:
            raise StraddledError
    return bits
