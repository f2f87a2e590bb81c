"""Two networks → exactly which traffic becomes possible and impossible.

Rules:
- Both networks are cut by the rules of both, so that a class of packets or addresses is one in
  either. Ends are the same if they have the same name, subnet, groups and addresses.
- What is compared is the verdict of each class: a class whose verdict changes is in the difference.
- An end that one network alone has reaches nothing, and is reached by nothing, in the other.
- The pairs are those of sites with each other, then with what is outside, both ways.
"""

import numpy as np
from numpy.typing import NDArray

from ringwall.model.graph import ResourceGraph
from ringwall.reach.across import across
from ringwall.reach.blocks import FAMILIES
from ringwall.reach.differing import Difference
from ringwall.reach.ends import Networks
from ringwall.reach.engine import Engine
from ringwall.reach.findings import Couples, Findings, Kinds, Names
from ringwall.reach.matching import Asked, Everything, Sides
from ringwall.reach.network import Network
from ringwall.reach.places import Ints
from ringwall.reach.relations import Board, Packed
from ringwall.reach.ways import Site


def difference(
    before: ResourceGraph,
    after: ResourceGraph,
    networks: tuple[Networks | None, Networks | None] = (None, None),
) -> Difference:
    """Compare two networks of any source."""
    first, second = together(before, after, networks)
    return compare(Board(first), Board(second))


def together(
    before: ResourceGraph,
    after: ResourceGraph,
    networks: tuple[Networks | None, Networks | None] = (None, None),
) -> tuple[Engine, Engine]:
    """Return engines of two networks whose classes of packets and addresses are the same."""
    old, new = Network(before), Network(after)
    first = Engine(old, networks[0], beside=(new,))
    return first, Engine(new, networks[1], beside=(old,), like=first)


def compare(old: Board, new: Board, asked: Asked | None = None) -> Difference:
    """Compare two networks that are cut alike; what is not asked about is known to be equal."""
    asked = asked or Everything(old, new)
    found = Findings(old, new)
    every = [Sides(old, new, version, asked) for version in FAMILIES]
    for sides in every:
        _inside(sides, found)
    compared = sum(sides.compared() for sides in every)
    for sides in every:
        compared += across(sides, found)
    unknowns = dict.fromkeys((*old.engine.gaps.unread, *new.engine.gaps.unread))
    return Difference(tuple(found.rows()), compared, tuple(unknowns))


def _inside(sides: Sides, found: Findings) -> None:
    """Compare everything inside with everything inside, from each site to all."""
    common = len(sides.match.common[0])
    ids = found.ids([sides.names(index) for index in range(common)])
    every = np.arange(common, dtype=np.int32)
    for index in np.flatnonzero(sides.rows).tolist():
        _common_line(sides, found, index, every, ids, outward=True)
    rest = np.flatnonzero(~sides.rows).astype(np.int32)
    for index in np.flatnonzero(sides.columns).tolist():
        _common_line(sides, found, index, rest, ids, outward=False)
    for side in (0, 1):
        _alone(sides, found, side, ids)


def _common_line(
    sides: Sides, found: Findings, index: int, others: Ints, ids: Ints, *, outward: bool
) -> None:
    """Compare pairs of a common site with others of them."""
    numbers, names = sides.numbers(index), sides.names(index)
    lines = [sides.line(side, numbers[side], outward=outward) for side in (0, 1)]
    here, there = (line[sides.match.common[side][others]] for side, line in enumerate(lines))
    unlike = np.arange(len(others)) if sides.force else np.flatnonzero(here != there)
    _add_line(sides, found, (index, names), (here, there), (others, ids), unlike, outward)
    if outward:
        for side in (0, 1):
            at = sides.match.alone[side]
            if len(at):
                _only(sides, found, side, (index, names), lines[side][at])


def _add_line(
    sides: Sides,
    found: Findings,
    site: tuple[int, Names],
    packed: tuple[Packed, Packed],
    others: tuple[Ints, Ints],
    unlike: NDArray[np.int64],
    outward: bool,
) -> None:
    index, own = site

    def add(kinds: Kinds, names: Names, count: int, first: int) -> None:
        other = int(others[0][unlike[first]])
        pair = (index, other) if outward else (other, index)
        whose = (own, names) if outward else (names, own)
        position = (sides.version, 0, pair[0], 0, pair[1])

        def couple() -> Couples:
            one, two = (sides.numbers(each) for each in pair)
            return (
                sides.site(0, one[0]),
                sides.site(0, two[0]),
                sides.site(1, one[1]),
                sides.site(1, two[1]),
            )

        found.add(whose, kinds, count, position, couple)

    if len(unlike):
        here, there = (each[unlike] for each in packed)
        found.line(sides.version, (here, there), others[1][others[0][unlike]], add)


def _one_sided(side: int, source: Site, destination: Site) -> Couples:
    if side == 0:
        return (source, destination, None, None)
    return (None, None, source, destination)


def _only(
    sides: Sides, found: Findings, side: int, site: tuple[int, Names], packed: Packed
) -> None:
    """Compare pairs of a common site with those that one network alone has."""
    index, own = site
    ids = found.ids(sides.names_alone(side))

    def add(kinds: Kinds, names: Names, count: int, first: int) -> None:
        here = sides.site(side, sides.numbers(index)[side])
        there = sides.site(side, int(sides.match.alone[side][first]))
        position = (sides.version, 0, index, 1 + side, first)
        found.add((own, names), kinds, count, position, lambda: _one_sided(side, here, there))

    found.line(sides.version, (packed, None) if side == 0 else (None, packed), ids, add)


def _alone(sides: Sides, found: Findings, side: int, ids: Ints) -> None:
    """Compare pairs of a site that one network alone has with nothing."""
    rest = np.flatnonzero(~sides.rows).astype(np.int32)
    for place, number in enumerate(sides.match.alone[side].tolist()):
        plane = sides.plane(side)
        site, own = plane.sites[number], plane.names[number]

        def leave(kinds: Kinds, names: Names, count: int, first: int) -> None:
            there = sides.site(side, first)
            position = (sides.version, 1 + side, place, 0, first)  # noqa: B023
            couple = _one_sided(side, site, there)  # noqa: B023
            found.add((own, names), kinds, count, position, lambda: couple)  # noqa: B023

        def come(kinds: Kinds, names: Names, count: int, first: int) -> None:
            index = int(rest[first])
            here = sides.site(side, sides.numbers(index)[side])
            position = (sides.version, 0, index, 1 + side, place)  # noqa: B023
            couple = _one_sided(side, here, site)  # noqa: B023
            found.add((names, own), kinds, count, position, lambda: couple)  # noqa: B023

        line = sides.line(side, number, outward=True)
        every = found.ids(plane.names)
        found.line(sides.version, (line, None) if side == 0 else (None, line), every, leave)
        if len(rest):
            line = sides.line(side, number, outward=False)[sides.match.common[side][rest]]
            packed = (line, None) if side == 0 else (None, line)
            found.line(sides.version, packed, ids[rest], come)
