"""Two networks → the pairs of ends inside with what is outside whose verdicts differ."""

from collections.abc import Sequence

import numpy as np

from ringwall.model.graph import Unknown
from ringwall.reach.blocks import FAMILIES
from ringwall.reach.differing import Position, Where, position_of
from ringwall.reach.filters import Spot
from ringwall.reach.findings import Findings
from ringwall.reach.matching import Sides
from ringwall.reach.relations import Board
from ringwall.reach.ways import Site

BOTH = (True, True)  # what goes out, and what comes in


def across(sides: Sides, found: Findings) -> int:
    """Compare what is outside with everything inside, both ways; return how many pairs are."""
    outer = [_outer(board, sides.version) for board in sides.boards]
    names = list(dict.fromkeys((*outer[0], *outer[1])))
    common, alone = sides.match.common, sides.match.alone
    # In the order of the old network's sites, then those that the new one alone has.
    order: dict[int, int | None] = dict.fromkeys(alone[0].tolist())
    for index in np.flatnonzero(sides.rows | sides.columns).tolist():
        order[int(common[0][index])] = index
    for number, at in sorted(order.items()):
        numbers = (number, None) if at is None else sides.numbers(at)
        ways = BOTH if at is None else (bool(sides.rows[at]), bool(sides.columns[at]))
        _outward(sides, outer, names, numbers, (0, number), ways, found)
    for number in alone[1].tolist():
        _outward(sides, outer, names, (None, number), (1, number), BOTH, found)
    count = sum(1 if spot.lists else 2 for _, spot in names)
    return count * (len(common[0]) + len(alone[0]) + len(alone[1]))


Outer = dict[tuple[str, Spot], Site]


def _outer(board: Board, version: int) -> Outer:
    ends = board.engine.ends
    services = [
        end
        for name in sorted(board.engine.network.lists.services)
        if not isinstance(listed := ends.named(f"aws:{name}"), Unknown)
        for end in listed
    ]
    return {
        (end.name, site.spot): site
        for end in (ends.internet, ends.outside, *services)
        for site in ends.sites(end)
        if site.spot.version == version
    }


def _outward(
    sides: Sides,
    outer: list[Outer],
    names: Sequence[tuple[str, Spot]],
    numbers: tuple[int | None, int | None],
    place: tuple[int, int],
    ways: tuple[bool, bool],
    found: Findings,
) -> None:
    inside = tuple(
        dict.fromkeys(
            name
            for side in (1, 0)
            if (number := numbers[side]) is not None
            for name in sides.plane(side).names[number]
        )
    )
    after = FAMILIES[-1]  # behind all pairs inside
    for at, key in enumerate(names):
        for outward, is_asked in zip((True, False), ways, strict=True):
            if not is_asked or (not outward and key[1].lists):
                continue  # what a service starts comes from the internet
            couples = _couples(sides, outer, numbers, key, outward=outward)
            kinds = tuple(
                None
                if (one := couple[0]) is None or (other := couple[1]) is None
                else board.kind(board.engine.pair(one, other))
                for board, couple in zip(sides.boards, couples, strict=True)
            )
            if kinds[0] != kinds[1] or sides.force:
                whose = (inside, (key[0],)) if outward else ((key[0],), inside)
                position = position_of(after + sides.version, *place, 0, 2 * at + (not outward))
                found.add(whose, (kinds[0], kinds[1]), position, _known(couples))


def _known(couples: list[tuple[Site | None, Site | None]]) -> Where:
    def found(_position: Position, side: int) -> tuple[Site, Site]:
        one, other = couples[side]
        assert one is not None  # what reaches more is there
        assert other is not None
        return one, other

    return found


def _couples(
    sides: Sides,
    outer: list[Outer],
    numbers: tuple[int | None, int | None],
    key: tuple[str, Spot],
    *,
    outward: bool,
) -> list[tuple[Site | None, Site | None]]:
    shown = outer[0].get(key) or outer[1][key]
    found: list[tuple[Site | None, Site | None]] = []
    for side, number in enumerate(numbers):
        here = None if number is None else sides.site(side, number)
        there = _stands(sides, side, outer[side], key, shown)
        found.append((here, there) if outward else (there, here))
    return found


def _stands(
    sides: Sides, here: int, others: Outer, key: tuple[str, Spot], shown: Site
) -> Site | None:
    """Return what stands in one network for a class of addresses outside.

    A prefix list whose addresses one network alone knows is an address there and a name in the
    other; any other address is asked as it is, unless it lies in a VPC.
    """
    spot = key[1]
    lists = [board.engine.network.lists for board in sides.boards]
    mine, theirs = lists[here], lists[1 - here]
    for name in () if spot.lists else sorted(mine.services - mine.blocks.keys()):
        if any(b.holds(spot.version, spot.address) for b in theirs.blocks.get(name, ())):
            wanted = frozenset({name})
            return next((s for s in others.values() if s.spot.lists == wanted), None)
    if key in others:
        return others[key]
    for name in spot.lists:
        blocks = mine.blocks.get(name, ())
        for site in others.values():
            if any(b.holds(site.spot.version, site.spot.address) for b in blocks):
                return site
        return None
    vpcs = sides.boards[here].engine.network.blocks.values()
    taken = any(b.holds(spot.version, spot.address) for part in vpcs for b in part)
    return None if taken else shown
