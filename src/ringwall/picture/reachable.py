"""A network → every pair of boxes, and of a box and what lies outside, where anything may pass.

Rules:
- Pairs between which every packet is known to be dropped are left out before anything else.
- A verdict here is what the rules that were read say; what was not read, or stands beside the way
  and is not modelled, is told of the whole network or VPC (`Engine.gaps`).
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ringwall.model.graph import Unknown
from ringwall.model.ports import ANY
from ringwall.picture.boxes import NOT_DRAWN, Boxes
from ringwall.reach.end import End
from ringwall.reach.exposure import port_texts
from ringwall.reach.levels import Outcome
from ringwall.reach.packets import PacketClasses
from ringwall.reach.plane import Plane
from ringwall.reach.relations import Board, Kind, unpacked
from ringwall.reach.verdicts import ORDER, UNDECIDED, Verdict
from ringwall.reach.ways import Site
from ringwall.space.intervals import Interval

Numbers = NDArray[np.int64]
Asked = dict[int, tuple[Interval, ...]]
DOUBTS = {
    Verdict.ALLOW: "",
    Verdict.PARTIAL: "some clients",
    Verdict.ONE_WAY: "one way",
    Verdict.UNDETERMINED: "unknown",
    Verdict.UNKNOWN: "unknown",
}
IN_PART = "in part"


class Row(NamedTuple):
    """Some ports of a pair with what is not certain of them; `classes` are those of packets."""

    ports: str
    doubt: str
    classes: frozenset[int]


@dataclass(frozen=True, slots=True)
class Outer:
    """A class of addresses outside; `sends` is off where it only answers."""

    name: str
    site: Site
    sends: bool = True


class Reachable:
    """The pairs inside as four arrays that run alike: boxes, kind of pair, and how many there are.

    `outward` and `inward` hold, for a box and a class of addresses outside, the kinds of pairs.
    """

    def __init__(self, board: Board, boxes: Boxes, extra: Iterable[End] = ()) -> None:
        self.board, self.boxes = board, boxes
        self.kinds: list[Kind] = []
        self._numbers: dict[Kind, int] = {}
        self._verdicts: dict[int, dict[int, Verdict]] = {}
        self._pairs: dict[int, Counter[tuple[int, int]]] = {}
        self.members: dict[int, Numbers] = {}  # by family: how many sites a box has
        self.single: dict[int, Numbers] = {}  # and how many of them are one interface alone
        found = [self._inside(plane) for plane in board.planes.values()]
        empty = np.zeros((4, 0), dtype=np.int64)
        merged = np.concatenate(found, axis=1) if found else empty
        self.sources, self.targets, self.which, self.counts = merged
        self.outer = tuple(self._outer(extra))
        self.outward: dict[tuple[int, int], Counter[int]] = defaultdict(Counter)
        self.inward: dict[tuple[int, int], Counter[int]] = defaultdict(Counter)
        self._across()

    @cached_property
    def _packets(self) -> PacketClasses:
        return self.board.engine.filters.packets

    def _number(self, kind: Kind) -> int:
        """Return the number of a kind of pair; NOT_DRAWN if nothing passes."""
        found = self._numbers.get(kind)
        if found is None:
            row = self.board.engine.filters.levels.row(kind.forward)
            found = NOT_DRAWN
            if row.max(initial=0) != Outcome.DROP:
                found = len(self.kinds)
                self.kinds.append(kind)
            self._numbers[kind] = found
        return found

    def _inside(self, plane: Plane) -> Numbers:
        """Return the pairs of one family, summed up by boxes."""
        size, version = len(self.boxes), plane.version
        pairs = [
            (site, self.boxes.number(plane.sites[site], plane.labels[label]))
            for site, label in zip(plane.site_of.tolist(), plane.label_of.tolist(), strict=True)
        ]
        drawn = np.array([pair for pair in pairs if pair[1] != NOT_DRAWN], dtype=np.int64)
        drawn = np.unique(drawn, axis=0) if len(drawn) else drawn.reshape(0, 2)
        site_of, box_of = drawn[:, 0], drawn[:, 1]
        single = np.array(plane.is_single, dtype=bool)
        self.members[version] = np.bincount(box_of, minlength=size)
        self.single[version] = np.bincount(box_of[single[site_of]], minlength=size)
        parts = []
        for number in np.unique(site_of).tolist():
            packed = self.board.packed(plane.row(number))
            keys, inverse = np.unique(packed, return_inverse=True)
            numbers = [self._number(unpacked(version, key)) for key in keys.tolist()]
            kinds = np.array(numbers, dtype=np.int64)[inverse][site_of]
            heard = kinds != NOT_DRAWN
            if single[number]:
                heard &= site_of != number
            met = kinds[heard] * size + box_of[heard]
            if len(met):
                keys_met, counts = np.unique(met, return_counts=True)
                parts += [
                    np.stack([np.full_like(counts, box), keys_met % size, keys_met // size, counts])
                    for box in box_of[site_of == number].tolist()
                ]
        if not parts:
            return np.zeros((4, 0), dtype=np.int64)
        return _summed(np.concatenate(parts, axis=1))

    def _outer(self, extra: Iterable[End]) -> Iterator[Outer]:
        ends, lists = self.board.engine.ends, self.board.engine.network.lists
        for end in (ends.internet, ends.outside, *extra):
            for site in ends.sites(end):
                yield Outer(end.name, site)
        for name in sorted(lists.services):
            service = ends.named(f"aws:{name}")
            for end in () if isinstance(service, Unknown) else service:
                for site in ends.sites(end):
                    yield Outer(end.name, site, sends=False)

    def _across(self) -> None:
        engine = self.board.engine
        for plane in self.board.planes.values():
            for site, labels in zip(plane.sites, plane.names, strict=True):
                boxes = {self.boxes.number(site, label) for label in labels} - {NOT_DRAWN}
                for number, outer in enumerate(self.outer if boxes else ()):
                    if outer.site.spot.version != plane.version:
                        continue
                    ways = [(self.outward, site, outer.site)]
                    if outer.sends:
                        ways.append((self.inward, outer.site, site))
                    for found, source, target in ways:
                        kind = self._number(self.board.kind(engine.pair(source, target)))
                        for box in boxes if kind != NOT_DRAWN else ():
                            found[box, number][kind] += 1

    def of_pair(self, source: int, target: int) -> tuple[Row, ...]:
        """Return what passes from one box to another."""
        totals = {
            version: int(
                found[source] * found[target]
                - (self.single[version][source] if source == target else 0)
            )
            for version, found in self.members.items()
        }
        return self.rows(self._by_pair.get((source, target), Counter()), totals)

    @cached_property
    def _by_pair(self) -> dict[tuple[int, int], Counter[int]]:
        found: dict[tuple[int, int], Counter[int]] = defaultdict(Counter)
        for source, target, kind, count in zip(
            self.sources.tolist(),
            self.targets.tolist(),
            self.which.tolist(),
            self.counts.tolist(),
            strict=True,
        ):
            found[source, target][kind] += count
        return dict(found)

    def verdicts(self, kind: int) -> dict[int, Verdict]:
        """Return what the rules say of each class of packets that is not dropped."""
        found = self._verdicts.get(kind)
        if found is None:
            it, engine = self.kinds[kind], self.board.engine
            asked = self._packets.of_specs([ANY], it.version)
            told = {n: engine.verdicts.verdict(it.forward, it.back, n)[0] for n in asked}
            found = {n: verdict for n, verdict in told.items() if verdict is not Verdict.DENY}
            self._verdicts[kind] = found
        return found

    def rows(self, kinds: Counter[int], totals: dict[int, int]) -> tuple[Row, ...]:
        """Return the ports of a pair by verdict; `totals` count its pairs of sites by family."""
        tally: dict[int, Counter[tuple[int, Verdict]]] = defaultdict(Counter)
        for kind, count in kinds.items():
            version = self.kinds[kind].version
            for index, verdict in self.verdicts(kind).items():
                tally[version][index, verdict] += count
        found: dict[tuple[int, str], dict[int, set[int]]] = defaultdict(lambda: defaultdict(set))
        for version, counts in tally.items():
            for (index, verdict), count in counts.items():
                doubts = [DOUBTS[verdict]] if DOUBTS[verdict] else []
                if count < totals.get(version, 0) and verdict not in UNDECIDED:
                    doubts.append(IN_PART)
                found[ORDER.index(verdict), ", ".join(doubts)][version].add(index)
        families = sum(count > 0 for count in totals.values())
        return tuple(
            row
            for (_, doubt), parts in sorted(found.items())
            for row in self.told(doubt, parts, families)
        )

    def told(self, doubt: str, parts: Mapping[int, set[int]], families: int) -> Iterator[Row]:
        """Yield classes of packets by family as rows, of those that there are in one if alike."""
        texts: dict[str, list[int]] = defaultdict(list)
        for version, classes in sorted(parts.items()):
            texts[self.ports(classes, version)].append(version)
        for text, versions in texts.items():
            which = f" over IPv{versions[0]}" if len(versions) < families else ""
            both = frozenset[int]().union(*(parts[version] for version in versions))
            yield Row(text + which, doubt, both)

    def ports(self, classes: Iterable[int], version: int) -> str:
        """Write classes of packets as people do."""
        asked = self._packets.of_specs([ANY], version)
        wanted = {index: asked[index] for index in sorted(classes)}
        if len(wanted) == len(asked):
            return "any"
        return ", ".join(port_texts(self.board.engine, wanted))


def _summed(pairs: Numbers) -> Numbers:
    """Add up the counts of pairs that agree in boxes and kind."""
    keys, inverse = np.unique(pairs[:3], axis=1, return_inverse=True)
    counts = np.bincount(inverse.ravel(), weights=pairs[3]).astype(np.int64)
    return np.concatenate([keys, counts[None, :]])
