"""Two networks → exactly which traffic becomes possible and impossible.

Rules:
- Both networks are cut by the rules of both, so that a class of packets or addresses is one in
  either. Ends are the same if they have the same name, subnet, groups and addresses.
- What is compared is the verdict of each class: a class whose verdict changes is in the difference.
- An end that one network alone has reaches nothing, and is reached by nothing, in the other.
- The pairs are those of sites with each other, then with what is outside, both ways.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringwall.model.graph import ResourceGraph
from ringwall.reach.across import across
from ringwall.reach.blocks import FAMILIES
from ringwall.reach.differing import Difference, position_of
from ringwall.reach.ends import Networks
from ringwall.reach.engine import Engine
from ringwall.reach.findings import Fan, Findings
from ringwall.reach.matching import Asked, Everything, Sides
from ringwall.reach.network import Network
from ringwall.reach.places import Ints
from ringwall.reach.relations import Board, Packed

Some = NDArray[np.signedinteger[Any]]


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
    assumed = dict.fromkeys((*old.engine.assumed, *new.engine.assumed))
    return Difference(tuple(found.rows()), compared, tuple(unknowns), tuple(assumed))


def _inside(sides: Sides, found: Findings) -> None:
    """Compare everything inside with everything inside, from each site to all."""
    ids = sides.ids(found)
    every = np.arange(len(ids), dtype=np.int32)
    for index in np.flatnonzero(sides.rows).tolist():
        _common_line(sides, found, index, every, ids, outward=True)
    rest = np.flatnonzero(~sides.rows).astype(np.int32)
    for index in np.flatnonzero(sides.columns).tolist() if len(rest) else ():
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
    if len(unlike):
        far = others[unlike]
        ends = (index, far) if outward else (far, index)
        fan = Fan(names, ids[far], outward, _places(sides, 0, ends[0], 0, ends[1]), sides.pair_at)
        found.line(fan, sides.version, (here[unlike], there[unlike]))
    for side in (0, 1) if outward else ():
        alone = sides.match.alone[side]
        if len(alone):
            fan = Fan(
                names,
                found.ids(sides.names_alone(side)),
                outward,
                _places(sides, 0, index, 1 + side, np.arange(len(alone))),
                sides.pair_at,
            )
            found.line(fan, sides.version, _one_sided(side, lines[side][alone]))


def _places(
    sides: Sides, one: int, source: int | Some, two: int, destination: int | Some
) -> NDArray[np.int64]:
    """Return the positions of the pairs of one end with many."""
    ends = np.asarray(source, dtype=np.int64), np.asarray(destination, dtype=np.int64)
    return position_of(sides.version, one, ends[0], two, ends[1])


def _one_sided(side: int, packed: Packed) -> tuple[Packed | None, Packed | None]:
    return (packed, None) if side == 0 else (None, packed)


def _alone(sides: Sides, found: Findings, side: int, ids: Ints) -> None:
    """Compare pairs of sites that one network alone has with nothing."""
    rest = np.flatnonzero(~sides.rows).astype(np.int32)
    for place, number in enumerate(sides.match.alone[side].tolist()):
        plane = sides.plane(side)
        leave = Fan(
            plane.names[number],
            found.ids(plane.names),
            True,
            _places(sides, 1 + side, place, 0, np.arange(len(plane))),
            sides.pair_at,
        )
        line = sides.line(side, number, outward=True)
        found.line(leave, sides.version, _one_sided(side, line))
        if len(rest):
            come = Fan(
                plane.names[number],
                ids[rest],
                False,
                _places(sides, 0, rest, 1 + side, place),
                sides.pair_at,
            )
            line = sides.line(side, number, outward=False)[sides.match.common[side][rest]]
            found.line(come, sides.version, _one_sided(side, line))
