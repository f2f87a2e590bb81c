"""Pairs where something may pass → the flows of a scene.

Rule: what all addresses of a party outside have is told of the party; what only some have is told
of the smallest block that a rule names for them.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ringwall.picture.boxes import Boxes
from ringwall.picture.facts import Facts
from ringwall.picture.reachable import IN_PART, Outer, Reachable, Row
from ringwall.picture.scene import INTERNET, End, Flow, FlowKind
from ringwall.reach.blocks import Block
from ringwall.reach.ways import Kind

_OUTER_KINDS = {Kind.INTERNET: FlowKind.INTERNET}


# By name and doubt: classes of packets by family.
Parts = dict[tuple[str, str], dict[int, set[int]]]


@dataclass(frozen=True, slots=True)
class Found:
    """A flow with the classes of packets that it is made of."""

    flow: Flow
    classes: frozenset[int]


class Flows:
    """The flows of a network, made for those boxes that are asked about."""

    def __init__(self, reachable: Reachable, facts: Facts) -> None:
        self.reachable, self._facts = reachable, facts
        self._boxes: Boxes = reachable.boxes
        self._at: dict[str, list[int]] = defaultdict(list)
        for number, outer in enumerate(reachable.outer):
            self._at[outer.name].append(number)

    def end(self, box: int) -> End:
        """Return a box as the end of a flow."""
        found = self._boxes.all[box]
        name = self._facts.box_names[found.vpc, found.key]
        return End(f"{self._facts.names[found.vpc]}/{name}", found.vpc, found.key)

    def inside(self, pairs: Iterable[tuple[int, int]]) -> Iterator[Found]:
        """Yield the flows of pairs of boxes."""
        for source, target in pairs:
            ends = self.end(source), self.end(target)
            kind = FlowKind.INSIDE if ends[0].vpc == ends[1].vpc else FlowKind.ACROSS
            for row in self.reachable.of_pair(source, target):
                yield Found(Flow(*ends, row.ports, kind, row.doubt), row.classes)

    def outside(self, boxes: Iterable[int]) -> Iterator[Found]:
        """Yield what boxes and parties outside have with each other."""
        for box in boxes:
            for outward in (False, True):
                for name, kind, row in self._outer_rows(box, outward=outward):
                    ends = (self.end(box), End(name)) if outward else (End(name), self.end(box))
                    yield Found(Flow(*ends, row.ports, kind, row.doubt), row.classes)

    def _outer_rows(self, box: int, *, outward: bool) -> Iterator[tuple[str, FlowKind, Row]]:
        table = self.reachable.outward if outward else self.reachable.inward
        families = sum(bool(found[box]) for found in self.reachable.members.values())
        for party, numbers in self._at.items():
            members = [n for n in numbers if not (outward and self._is_service(n))]
            met = [n for n in members if (box, n) in table]
            if not met:
                continue
            tally: dict[str, dict[tuple[int, int], set[int]]] = defaultdict(
                lambda: defaultdict(set)
            )
            for number in met:
                version = self.reachable.outer[number].site.spot.version
                totals = {version: int(self.reachable.members[version][box])}
                for row in self.reachable.rows(table[box, number], totals):
                    for index in row.classes:
                        tally[row.doubt][version, index].add(number)
            kind = _OUTER_KINDS.get(self.reachable.outer[met[0]].site.kind, FlowKind.OUTSIDE)
            parts: Parts = defaultdict(lambda: defaultdict(set))
            for doubt, classes in tally.items():
                for name, found in self._named(box, party, members, classes, outward=outward):
                    said = dict.fromkeys(each for each in doubt.split(", ") if each)
                    if name == f"{party}*":
                        said[IN_PART] = None
                    for version, indices in found.items():
                        parts[name.removesuffix("*"), ", ".join(said)][version] |= indices
            for (name, doubt), those in parts.items():
                for row in self.reachable.told(doubt, those, families):
                    yield name, kind, row

    def _is_service(self, number: int) -> bool:
        """Tell whether a class of the internet's addresses is a service's, told by its name."""
        outer = self.reachable.outer[number]
        return outer.name == INTERNET and bool(outer.site.spot.lists)

    def _named(
        self,
        box: int,
        party: str,
        members: list[int],
        classes: Mapping[tuple[int, int], set[int]],
        *,
        outward: bool,
    ) -> Iterator[tuple[str, Mapping[int, set[int]]]]:
        """Yield the names of those who have some packets in common, with those packets."""
        by_version: dict[int, set[int]] = defaultdict(set)
        for number in members:
            by_version[self.reachable.outer[number].site.spot.version].add(number)
        found: dict[str, dict[int, set[int]]] = defaultdict(lambda: defaultdict(set))
        for (version, index), those in classes.items():
            if those >= by_version[version]:
                found[party][version].add(index)
                continue
            for number in those:
                name = self._block(box, self.reachable.outer[number], outward=outward)
                found[name][version].add(index)
        yield from found.items()

    def _block(self, box: int, outer: Outer, *, outward: bool) -> str:
        """Return the smallest block of a rule that holds a class of addresses, if it is that."""
        spot, network = outer.site.spot, self._boxes.network
        if spot.lists:
            return ", ".join(sorted(f"aws:{name}" for name in spot.lists))
        blocks = [
            rule.peer
            for key in self._boxes.all[box].groups
            if key in network.groups
            for rule in network.groups[key].rules(egress=outward)
            if isinstance(rule.peer, Block) and rule.peer.holds(spot.version, spot.address)
        ]
        best = min(blocks, key=lambda b: b.end - b.start, default=None)
        if best is not None and best.end - best.start <= outer.site.size:
            return str(best)
        return f"{outer.name}*"
