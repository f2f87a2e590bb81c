"""Pairs where something may pass → who reaches whom, by segments."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from ringwall.picture.facts import Facts
from ringwall.picture.flows import Flows
from ringwall.picture.scene import ANSWERS, INTERNET, OUTSIDE, Bunch, Cell, Matrix, Vpc
from ringwall.reach.verdicts import UNDECIDED

MOST_PARTIES = 16  # without the internet
MOST_EXAMPLES = 8
REST = "VPCs of no segment"

Cells = dict[tuple[int, int], Cell]


def matrix(vpcs: Sequence[Vpc], bunches: Sequence[Bunch], flows: Flows, facts: Facts) -> Matrix:
    """Return the matrix; VPCs of no segment are parties bunch by bunch, or together if many."""
    party_of, names = _parties(vpcs, bunches, facts)
    sizes = [sum(party == n for party in party_of.values()) for n in range(len(names))]
    cells = dict(_inside(party_of, len(names), flows))
    outer = _outer_names(flows)
    for name in outer:
        _add_outer(name, len(names), party_of, flows, cells)
        names.append(name)
        sends = any(each.sends for each in flows.reachable.outer if each.name == name)
        sizes.append(OUTSIDE if sends else ANSWERS)
    doubtful = {party_of[vpc.key] for vpc in vpcs if vpc.gaps}
    engine = flows.reachable.board.engine
    everywhere = bool(engine.gaps.of() or engine.gaps.unread)
    for at in [(a, b) for a in range(len(names)) for b in range(len(names))]:
        both_outside = min(at) >= len(names) - len(outer)
        if not both_outside and (everywhere or doubtful & set(at)):
            cell = cells.get(at, Cell(0))
            cells[at] = Cell(cell.reached, cell.examples, unknown=True)
    return Matrix(tuple(names), tuple(sizes), cells)


def _parties(
    vpcs: Sequence[Vpc], bunches: Sequence[Bunch], facts: Facts
) -> tuple[dict[str, int], list[str]]:
    segments = list(dict.fromkeys(vpc.segment for vpc in vpcs if vpc.segment))
    names = [facts.segment_name(key) for key in segments]
    party_of = {vpc.key: segments.index(vpc.segment) for vpc in vpcs if vpc.segment}
    loose = [bunch for bunch in bunches if bunch.vpcs[0] not in party_of]
    apart = len(names) + len(loose) <= MOST_PARTIES
    for bunch in loose:
        if apart or len(names) == len(segments):
            more = f" and {len(bunch.vpcs) - 1} like it" if len(bunch.vpcs) > 1 else ""
            names.append(f"{facts.names[bunch.vpcs[0]]}{more}" if apart else REST)
        for key in bunch.vpcs:
            party_of[key] = len(names) - 1
    return party_of, names


def _inside(
    party_of: Mapping[str, int], parties: int, flows: Flows
) -> Iterator[tuple[tuple[int, int], Cell]]:
    reachable = flows.reachable
    boxes = reachable.boxes.all
    if not boxes:
        return
    homes = list(dict.fromkeys(box.vpc for box in boxes))
    home = np.array([homes.index(box.vpc) for box in boxes])
    party = np.array([party_of[box.vpc] for box in boxes])
    sure, unsure = _certain(flows)
    sources, targets = reachable.sources, reachable.targets
    across = home[sources] != home[targets]
    cell = party[sources] * parties + party[targets]
    doubted = set(np.unique(cell[across & unsure[reachable.which]]).tolist())
    known = np.flatnonzero(across & sure[reachable.which])
    reached: dict[int, dict[int, int]] = defaultdict(dict)
    _, firsts = np.unique(cell[known] * len(boxes) + targets[known], return_index=True)
    for at in known[firsts].tolist():
        reached[int(cell[at])].setdefault(int(targets[at]), int(sources[at]))
    for number in sorted(reached.keys() | doubted):
        pairs = [(source, target) for target, source in reached[number].items()]
        examples = tuple(
            f"{found.flow.source.name} → {found.flow.target.name} {found.flow.text}"
            for found in flows.inside(pairs[:MOST_EXAMPLES])
        )
        yield divmod(number, parties), Cell(len(pairs), examples, number in doubted)


def _certain(flows: Flows) -> tuple[np.ndarray, np.ndarray]:
    """Return, for each kind of pair, whether something passes, and whether something may."""
    reachable = flows.reachable
    verdicts = [set(reachable.verdicts(n).values()) for n in range(len(reachable.kinds))]
    sure = np.array([bool(each - UNDECIDED) for each in verdicts], dtype=bool)
    unsure = np.array([bool(each & UNDECIDED) for each in verdicts], dtype=bool)
    return sure, unsure


def _outer_names(flows: Flows) -> list[str]:
    reachable = flows.reachable
    met = {
        reachable.outer[outer].name
        for table in (reachable.outward, reachable.inward)
        for _, outer in table
    }
    further = dict.fromkeys(outer.name for outer in reachable.outer if outer.name in met)
    return [INTERNET, *(name for name in further if name != INTERNET)]


def _add_outer(
    name: str, place: int, party_of: Mapping[str, int], flows: Flows, cells: Cells
) -> None:
    reachable = flows.reachable
    sure, unsure = _certain(flows)
    for outward, table in ((True, reachable.outward), (False, reachable.inward)):
        reached: dict[int, set[int]] = defaultdict(set)
        doubted: set[int] = set()
        for (box, outer), kinds in table.items():
            if reachable.outer[outer].name != name:
                continue
            party = party_of[reachable.boxes.all[box].vpc]
            if any(sure[kind] for kind in kinds):
                reached[party].add(box)
            if any(unsure[kind] for kind in kinds):
                doubted.add(party)
        for party in reached.keys() | doubted:
            boxes = sorted(reached[party])
            examples = tuple(
                f"{name} → {flows.end(box).name}"
                if not outward
                else f"{flows.end(box).name} → {name}"
                for box in boxes[:MOST_EXAMPLES]
            )
            at = (party, place) if outward else (place, party)
            cells[at] = Cell(len(boxes), examples, party in doubted)
