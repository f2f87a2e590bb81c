"""Planes of two networks → which of their sites are the same, and which are compared."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from ringwall.reach.differing import Position, parts_of
from ringwall.reach.findings import Findings
from ringwall.reach.packets import Mask
from ringwall.reach.places import Ints
from ringwall.reach.plane import Plane
from ringwall.reach.relations import Board, Packed
from ringwall.reach.tabling import Names
from ringwall.reach.ways import Kind, Site


@dataclass(frozen=True, slots=True)
class Match:
    """Which sites of two planes are the same: numbers in each, in the order of the first.

    `alone` are those that one alone has.
    """

    common: tuple[Ints, Ints]
    alone: tuple[Ints, Ints]


SiteKey = tuple[str, int, int, tuple[str, ...], bool, str, bool | None]


def site_key(site: Site) -> SiteKey:
    """Return what makes a site the same in two networks, whether it is public left out."""
    return (
        site.subnet.key if site.subnet else site.kind.value,
        site.spot.version,
        site.spot.address,
        site.groups,
        site.kind is Kind.ENDPOINT,
        site.balancer or site.service,
        None,
    )


def match_sites(old: Sequence[Site], new: Sequence[Site]) -> Match:
    """Match sites; those that only a public address tells apart are kept apart."""
    twins: set[SiteKey] = set()
    for sites in (old, new):
        counted = Counter(map(site_key, sites))
        twins |= {key for key, count in counted.items() if count > 1}
    sides = []
    for sites in (old, new):
        found: dict[SiteKey, int] = {}
        for number, site in enumerate(sites):
            key = site_key(site)
            found[(*key[:-1], site.public) if key in twins else key] = number
        sides.append(found)
    both = [key for key in sides[0] if key in sides[1]]
    common = [np.array([side[key] for key in both], dtype=np.int32) for side in sides]
    alone = [
        np.array([n for key, n in side.items() if key not in other], dtype=np.int32)
        for side, other in zip(sides, reversed(sides), strict=True)
    ]
    return Match((common[0], common[1]), (alone[0], alone[1]))


class Asked(Protocol):
    """What two networks are to be compared about."""

    def match(self, version: int) -> Match:
        """Return which sites of a family are the same."""

    def asked(self, version: int, match: Match, /) -> tuple[Mask, Mask]:
        """Return of which common sites packets to all, and from all, are compared."""


class Everything:
    """All pairs of sites."""

    def __init__(self, old: Board, new: Board) -> None:
        self._boards = (old, new)

    def match(self, version: int) -> Match:
        """Return which sites of a family are the same."""
        planes = [board.planes.get(version) for board in self._boards]
        return match_sites(*(plane.sites if plane is not None else () for plane in planes))

    def asked(self, _version: int, match: Match, /) -> tuple[Mask, Mask]:
        """Ask about packets from each to all, and so from all to each."""
        every = np.ones(len(match.common[0]), dtype=bool)
        return every, every


class Sides:
    """The planes of two networks, one family."""

    def __init__(self, old: Board, new: Board, version: int, asked: Asked) -> None:
        self.boards, self.version = (old, new), version
        self.planes = (old.planes.get(version), new.planes.get(version))
        self.match = asked.match(version)
        self.rows, self.columns = asked.asked(version, self.match)
        # What was not read on one side alone makes equal vectors into unlike verdicts.
        self.force = bool(old.engine.gaps.unread) != bool(new.engine.gaps.unread)

    def plane(self, side: int) -> Plane:
        """Return the plane of one network, which has sites."""
        found = self.planes[side]
        assert found is not None
        return found

    def line(self, side: int, number: int, *, outward: bool) -> Packed:
        """Return the kinds of the pairs of a row (`outward`) or a column of one network."""
        plane = self.plane(side)
        line = plane.row(number) if outward else plane.column(number)
        return self.boards[side].packed(line)

    def site(self, side: int, number: int) -> Site:
        """Return a site of one network."""
        return self.plane(side).sites[number]

    def pair_at(self, position: Position, side: int) -> tuple[Site, Site]:
        """Return the sites of one network that stand at a place in the order of ends.

        Whether the source is common (0) or which network alone has it (1, 2), and
        its place there; then the same of the destination. What goes out from a site that one
        network alone has goes to any of its sites, by number.
        """
        one, source, two, destination = parts_of(position)
        if one:
            return (
                self.site(side, int(self.match.alone[side][source])),
                self.site(side, destination),
            )
        there = self.match.alone[side] if two else self.match.common[side]
        return (
            self.site(side, int(self.match.common[side][source])),
            self.site(side, int(there[destination])),
        )

    def numbers(self, index: int) -> tuple[int, int]:
        """Return the numbers of a common site."""
        return int(self.match.common[0][index]), int(self.match.common[1][index])

    def names(self, index: int) -> Names:
        """Return the names of a common site, those of the new network first."""
        old, new = self.numbers(index)
        before, after = self.plane(0).names[old], self.plane(1).names[new]
        return after if before == after else tuple(dict.fromkeys((*after, *before)))

    def ids(self, found: Findings) -> Ints:
        """Return the numbers of the names of common sites."""
        if None in self.planes:
            return np.zeros(0, dtype=np.int64)
        ids, pools = [], [self.plane(side).pool for side in (0, 1)]
        numbers = found.ids(pools[0][0])
        for side, (pool, of_site) in enumerate(pools):
            if pool is not pools[0][0]:
                numbers = found.ids(pool)
            ids.append(numbers[of_site[self.match.common[side]]])
        for index in np.flatnonzero(ids[0] != ids[1]).tolist():
            ids[1][index] = found.ids([self.names(index)])[0]
        return ids[1]

    def names_alone(self, side: int) -> list[Names]:
        """Return the names of the sites that one network alone has."""
        return [self.plane(side).names[number] for number in self.match.alone[side].tolist()]

    def compared(self) -> int:
        """Return how many pairs there are."""
        common = len(self.match.common[0])
        alone = [len(each) for each in self.match.alone]
        totals = [common + each for each in alone]
        return common * (common + sum(alone)) + sum(
            each * total for each, total in zip(alone, totals, strict=True)
        )
