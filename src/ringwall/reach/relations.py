"""Ends of a network → who reaches whom, counted by names.

Rules:
- A relation between two names holds, for each kind of pair of sites that there is (what becomes of
  first packets and of replies, and what forbids a verdict), how many pairs are of it.
- Ends inside are taken a row or a column at a time; those outside are walked.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ringwall.model.collector import uncollected
from ringwall.reach.answers import Pair
from ringwall.reach.blocks import FAMILIES
from ringwall.reach.end import OUTER, End
from ringwall.reach.engine import Engine
from ringwall.reach.levels import DROP_ALL, Outcome
from ringwall.reach.packets import TCP, UDP, Mask
from ringwall.reach.plane import Line, Plane
from ringwall.reach.verdicts import ORDER, Verdict
from ringwall.reach.ways import Site

Packed = NDArray[np.uint64]
Codes = NDArray[np.uint8]  # places of verdicts in ORDER, for each class of packets
CODE = {verdict: code for code, verdict in enumerate(ORDER)}
# By outcome of the first packet; PASS is decided by the reply.
NOT_PASSED: Codes = np.array(
    [CODE[v] for v in (Verdict.DENY, Verdict.UNKNOWN, Verdict.UNDETERMINED, Verdict.ALLOW)],
    dtype=np.uint8,
)


class Kind(NamedTuple):
    """A kind of pair: level vectors, the last one of what may pass beside its ways."""

    version: int
    forward: int
    back: int
    beside: int


Relation = Counter[Kind]
Relations = dict[tuple[str, str], Relation]


class Board:
    """The planes of a network, and verdicts of kinds of pairs."""

    def __init__(self, engine: Engine, planes: Mapping[int, Plane] | None = None) -> None:
        self.engine = engine
        if planes is not None:
            self.planes = dict(planes)
        self._codes: dict[Kind, Codes] = {}
        self._known: dict[End, list[tuple[Site, int | None]]] = {}

    @cached_property
    def planes(self) -> dict[int, Plane]:
        """Return the plane of each family that has sites."""
        with uncollected():
            planes = {version: Plane(self.engine, version) for version in FAMILIES}
        return {version: plane for version, plane in planes.items() if len(plane)}

    def codes(self, kind: Kind) -> Codes:
        """Return the verdict about every class of packets, as its place in ORDER."""
        found = self._codes.get(kind)
        if found is None:
            found = self._codes[kind] = self._doubted(kind, self._plain(kind))
        return found

    def _plain(self, kind: Kind) -> Codes:
        """Return what becomes of packets and replies; those of one protocol's ports fare alike."""
        verdicts, filters = self.engine.verdicts, self.engine.filters
        row = filters.levels.row(kind.forward)
        found: Codes = NOT_PASSED[row]
        passes: Mask = row == Outcome.PASS
        for protocol in (TCP, UDP):
            here = passes & (filters.packets.protocols == protocol)
            if here.any():
                found[here] = CODE[verdicts.answered(kind.back, int(here.argmax()))[0]]
                passes &= ~here
        for index in np.flatnonzero(passes).tolist():
            found[index] = CODE[verdicts.answered(kind.back, index)[0]]
        return found

    def _doubted(self, kind: Kind, codes: Codes) -> Codes:
        """Put UNKNOWN where something unread, or beside the ways, forbids the verdict."""
        denied: Mask = codes == CODE[Verdict.DENY]
        if self.engine.gaps.unread:
            certain = denied | (codes == CODE[Verdict.ALLOW])
            return np.where(certain, CODE[Verdict.UNKNOWN], codes).astype(np.uint8)
        if kind.beside == DROP_ALL:
            return codes
        may_pass: Mask = self.engine.filters.levels.row(kind.beside) != Outcome.DROP
        return np.where(denied & may_pass, CODE[Verdict.UNKNOWN], codes).astype(np.uint8)

    def kind(self, pair: Pair) -> Kind:
        """Return the kind of a pair."""
        return Kind(pair.source.spot.version, pair.forward, pair.back, pair.beside)

    def pairs(self, source: End, destination: End) -> Iterator[Pair]:
        """Yield what the engine yields of two ends, from the planes where they have it."""
        numbers = self._numbers(source), self._numbers(destination)
        for one, first in numbers[0]:
            for other, second in numbers[1]:
                if one.spot.version == other.spot.version:
                    yield self._pair_at(one, first, other, second)

    def _numbers(self, end: End) -> list[tuple[Site, int | None]]:
        """Return the sites of an end, with their numbers in the planes."""
        found = self._known.get(end)
        if found is None:
            found = self._known[end] = []
            for site in self.engine.ends.sites(end):
                plane = self.planes.get(site.spot.version)
                inside = plane is not None and site.subnet is not None
                found.append((site, plane.number(site) if plane and inside else None))
        return found

    def _pair_at(self, one: Site, first: int | None, other: Site, second: int | None) -> Pair:
        engine = self.engine
        if first is None or second is None or one.spot == other.spot or engine.gaps.beside:
            return engine.pair(one, other)
        return Pair(one, other, *self.planes[one.spot.version].at(first, second), DROP_ALL)

    def to(self, ends: Iterable[End]) -> Relations:
        """Return who reaches these ends, from everywhere."""
        return self._gather(ends, incoming=True)

    def of(self, ends: Iterable[End]) -> Relations:
        """Return whom these ends reach, everywhere."""
        return self._gather(ends, incoming=False)

    def _gather(self, ends: Iterable[End], *, incoming: bool) -> Relations:
        found: Relations = defaultdict(Counter)
        ends = tuple(ends)
        for name, site in self._sites(ends):
            for other, kind, count in self._against(site, incoming=incoming):
                key = (other, name) if incoming else (name, other)
                found[key][kind] += count
        internet = self.engine.ends.internet
        for end in ends if incoming else ():
            if (behind := end.facing(internet)) is not end:
                kinds = (self.kind(pair) for pair in self.engine.pairs(internet, behind))
                found[internet.name, self.engine.ends.label(end)].update(kinds)
        return dict(found)

    def _sites(self, ends: Iterable[End]) -> Iterator[tuple[str, Site]]:
        seen = set()
        for end in ends:
            name = self.engine.ends.label(end)
            for site in self.engine.ends.sites(end):
                if (name, site) not in seen:
                    seen.add((name, site))
                    yield name, site

    def _against(self, site: Site, *, incoming: bool) -> Iterator[tuple[str, Kind, int]]:
        plane = self.planes.get(site.spot.version)
        number = plane.number(site) if plane is not None else None
        if plane is not None and number is not None:
            line = plane.column(number) if incoming else plane.row(number)
            yield from self._counted(plane, number, line)
        elif plane is not None:
            for other, names in zip(plane.sites, plane.names, strict=True):
                pair = self._pair(site, other, incoming=incoming)
                for name in names:
                    yield name, self.kind(pair), 1
        if site.kind not in OUTER:
            for end in (self.engine.ends.internet, self.engine.ends.outside):
                for other in self.engine.ends.sites(end):
                    if other.spot.version == site.spot.version:
                        pair = self._pair(site, other, incoming=incoming)
                        yield end.name, self.kind(pair), 1

    def _pair(self, site: Site, other: Site, *, incoming: bool) -> Pair:
        pair = (other, site) if incoming else (site, other)
        return self.engine.pair(*pair)

    def _counted(self, plane: Plane, number: int, line: Line) -> Iterator[tuple[str, Kind, int]]:
        """Count the kinds of pairs of a line by names; a site is no question about itself."""
        packed = self.packed(line)
        others = np.ones(len(plane.site_of), dtype=bool)
        if plane.is_single[number]:
            others = plane.site_of != number
        keys, labels = packed[plane.site_of][others], plane.label_of[others]
        kinds, inverse = np.unique(keys, return_inverse=True)
        counts = np.bincount(inverse * len(plane.labels) + labels)
        for at in np.flatnonzero(counts).tolist():
            which, label = divmod(at, len(plane.labels))
            kind = unpacked(plane.version, int(kinds[which]))
            yield plane.labels[label], kind, int(counts[at])

    @staticmethod
    def packed(line: Line) -> Packed:
        """Return the kinds of the pairs of a line, each as one number."""
        found: Packed = line.beside.astype(np.uint64)
        found |= line.forward.astype(np.uint64) << np.uint64(32)
        found |= line.back.astype(np.uint64) << np.uint64(16)
        return found


def unpacked(version: int, key: int) -> Kind:
    """Return the kind that a number of `packed` stands for."""
    return Kind(version, key >> 32, key >> 16 & 0xFFFF, key & 0xFFFF)
