"""Two networks → exactly which traffic becomes possible and impossible.

Rules:
- Both networks are cut by the rules of both, so that a class of packets or addresses is one in
  either. Ends are the same if they have the same name, subnet, groups and addresses.
- What is compared is the verdict of each class: a class whose verdict changes is in the difference.
- An end that one network alone has reaches nothing, and is reached by nothing, in the other.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ringwall.model.graph import ResourceGraph, Unknown
from ringwall.reach.answers import Case, Pair, Told, unknown_documents
from ringwall.reach.end import End
from ringwall.reach.ends import Networks
from ringwall.reach.engine import Engine
from ringwall.reach.exposure import port_texts
from ringwall.reach.filters import Spot
from ringwall.reach.network import Network
from ringwall.reach.places import Ints
from ringwall.reach.plane import Plane
from ringwall.reach.relations import CODE, Board, Kind, Packed, unpacked
from ringwall.reach.telling import tell
from ringwall.reach.verdicts import ORDER, Verdict
from ringwall.reach.ways import Kind as Stand
from ringwall.reach.ways import Site

SCHEMA = "ringwall/diff/1"


@dataclass(frozen=True, slots=True)
class Changed:
    """One row: what became of these ports between two names; `witness` is a packet of it."""

    source: str
    destination: str
    before: Verdict
    after: Verdict
    ports: tuple[str, ...]
    pairs: int
    witness: dict[str, Any]

    @property
    def appears(self) -> bool:
        """Tell whether more is possible than before."""
        return ORDER.index(self.after) < ORDER.index(self.before)

    def to_dict(self) -> dict[str, Any]:
        """Return its document."""
        return {
            "change": "appears" if self.appears else "disappears",
            "from": self.source,
            "to": self.destination,
            "before": self.before.value,
            "after": self.after.value,
            "ports": list(self.ports),
            "pairs": self.pairs,
            "witness": self.witness,
        }


@dataclass(frozen=True, slots=True)
class Difference:
    """All rows, in order of names; empty if every packet fares the same in both networks."""

    rows: tuple[Changed, ...]
    compared: int
    unknowns: tuple[Unknown, ...] = ()
    assumed: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"<Difference: {len(self.appearing)} appear, {len(self.disappearing)} disappear>"

    def __bool__(self) -> bool:
        return bool(self.rows)

    @property
    def appearing(self) -> tuple[Changed, ...]:
        """Return what becomes possible."""
        return tuple(row for row in self.rows if row.appears)

    @property
    def disappearing(self) -> tuple[Changed, ...]:
        """Return what becomes impossible."""
        return tuple(row for row in self.rows if not row.appears)

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON document `ringwall/diff/1`."""
        return {
            "schema": SCHEMA,
            "same": not self.rows,
            "rows": [row.to_dict() for row in self.rows],
            "compared": self.compared,
            "unknown": unknown_documents(self.unknowns),
            "assumed_absent": list(self.assumed),
        }


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


def compare(old: Board, new: Board) -> Difference:
    """Compare two networks that are cut alike."""
    found = _Findings(old, new)
    for version in (4, 6):
        _inside(old, new, version, found)
    _across(old, new, found)
    unknowns = dict.fromkeys((*old.engine.gaps.unread, *new.engine.gaps.unread))
    assumed = dict.fromkeys((*old.engine.assumed, *new.engine.assumed))
    return Difference(tuple(found.rows()), found.compared, tuple(unknowns), tuple(assumed))


class _Findings:
    """The classes whose verdict differs, by names and verdicts, each with a first witness."""

    def __init__(self, old: Board, new: Board) -> None:
        self.boards = (old, new)
        self.compared = 0
        self._classes: dict[tuple[str, str, int, int], dict[int, int]] = defaultdict(dict)
        self._first: dict[tuple[str, str, int, int], tuple[Site, Site, int]] = {}
        self._denied = np.full(len(old.engine.filters.packets), CODE[Verdict.DENY], dtype=np.uint8)

    def add(
        self,
        names: tuple[tuple[str, ...], tuple[str, ...]],
        sites: tuple[Site | None, Site | None, Site | None, Site | None],
        kinds: tuple[Kind | None, Kind | None],
    ) -> None:
        """Compare one pair of sites; `sites` are the two of the old network, then of the new."""
        before, after = (
            self._denied if kind is None else board.codes(kind)
            for board, kind in zip(self.boards, kinds, strict=True)
        )
        for index in np.flatnonzero(before != after).tolist():
            was, now = int(before[index]), int(after[index])
            shown = sites[2:] if now < was else sites[:2]
            for source in names[0]:
                for destination in names[1]:
                    key = (source, destination, was, now)
                    counts = self._classes[key]
                    counts[index] = counts.get(index, 0) + 1
                    if key not in self._first and shown[0] is not None and shown[1] is not None:
                        self._first[key] = (shown[0], shown[1], index)

    def rows(self) -> Iterator[Changed]:
        """Yield the rows in order of names, what appears first."""
        packets = self.boards[0].engine.filters.packets
        for key, counts in sorted(self._classes.items()):
            source, destination, was, now = key
            asked = {index: packets.classes[index].ports for index in sorted(counts)}
            yield Changed(
                source,
                destination,
                ORDER[was],
                ORDER[now],
                tuple(port_texts(self.boards[0].engine, asked)),
                max(counts.values()),
                self._told(key).witness(),
            )

    def _told(self, key: tuple[str, str, int, int]) -> Told:
        source, destination, index = self._first[key]
        engine = self.boards[1 if key[3] < key[2] else 0].engine
        ends = tuple(
            End(name, site.kind, (), site.subnet, site.groups, site.public)
            for name, site in ((key[0], source), (key[1], destination))
        )
        pair: Pair = engine.pair(source, destination)
        case: Case = engine.case((ends[0], ends[1]), pair, index, ())
        return tell(engine, case)


SiteKey = tuple[str, int, int, tuple[str, ...], bool, bool | None]


def site_key(site: Site) -> SiteKey:
    """Return what makes a site the same in two networks, whether it is public left out."""
    return (
        site.subnet.key if site.subnet else site.kind.value,
        site.spot.version,
        site.spot.address,
        site.groups,
        site.kind is Stand.ENDPOINT,
        None,
    )


def _inside(old: Board, new: Board, version: int, found: _Findings) -> None:
    """Compare everything inside with everything inside, from each site to all."""
    sides = _sides(old, new, version)
    both = [key for key in sides[0].numbers if key in sides[1].numbers]
    common = [side.of_keys(both) for side in sides]
    alone = [
        side.of_keys([key for key in side.numbers if key not in other.numbers])
        for side, other in zip(sides, reversed(sides), strict=True)
    ]
    force = bool(old.engine.gaps.unread) != bool(new.engine.gaps.unread)
    for key in both:
        lines = [side.line(key) for side in sides]
        here, there = lines[0][common[0]], lines[1][common[1]]
        found.compared += len(both)
        unlike = np.arange(len(both)) if force else np.flatnonzero(here != there)
        for at in unlike.tolist():
            found.add(*_couple(sides, (key, both[at]), (int(here[at]), int(there[at]))))
        for number, (side, line) in enumerate(zip(sides, lines, strict=True)):
            _only(sides, number, key, side, line, alone[number], found)
    for number, side in enumerate(sides):
        for site in alone[number].tolist():
            key = side.keys[site]
            everything = np.arange(len(side.keys), dtype=np.int32)
            _only(sides, number, key, side, side.line(key), everything, found)


def _only(
    sides: tuple["_Side", "_Side"],
    number: int,
    key: SiteKey,
    side: "_Side",
    line: Packed,
    others: Ints,
    found: _Findings,
) -> None:
    """Compare pairs that one network alone has with nothing."""
    found.compared += len(others)
    for at in others.tolist():
        kinds = (int(line[at]), None) if number == 0 else (None, int(line[at]))
        found.add(*_couple(sides, (key, side.keys[at]), kinds))


@dataclass(frozen=True, slots=True)
class _Side:
    """The plane of one of the two networks, its sites by what makes them the same in both."""

    board: Board
    plane: Plane | None
    numbers: dict[SiteKey, int]
    keys: list[SiteKey]

    @classmethod
    def of(cls, board: Board, version: int, twins: set[SiteKey]) -> "_Side":
        plane = board.planes.get(version)
        numbers = {}
        for number, site in enumerate(plane.sites if plane is not None else ()):
            key = site_key(site)
            numbers[(*key[:-1], site.public) if key in twins else key] = number
        return cls(board, plane, numbers, list(numbers))

    def of_keys(self, keys: list[SiteKey]) -> Ints:
        return np.array([self.numbers[key] for key in keys], dtype=np.int32)

    def line(self, key: SiteKey) -> Packed:
        assert self.plane is not None
        number = self.numbers[key]
        return self.board.packed(self.plane.row(number))

    def site(self, key: SiteKey) -> Site | None:
        number = self.numbers.get(key)
        return None if number is None or self.plane is None else self.plane.sites[number]

    def names(self, key: SiteKey) -> tuple[str, ...]:
        number = self.numbers.get(key)
        return () if number is None or self.plane is None else self.plane.names[number]


def _sides(old: Board, new: Board, version: int) -> tuple[_Side, _Side]:
    """Return the two networks; sites that only a public address tells apart are kept apart."""
    twins: set[SiteKey] = set()
    for board in (old, new):
        plane = board.planes.get(version)
        counted = Counter(site_key(site) for site in (plane.sites if plane is not None else ()))
        twins |= {key for key, count in counted.items() if count > 1}
    return _Side.of(old, version, twins), _Side.of(new, version, twins)


Couple = tuple[
    tuple[tuple[str, ...], tuple[str, ...]],
    tuple[Site | None, Site | None, Site | None, Site | None],
    tuple[Kind | None, Kind | None],
]


def _couple(
    sides: tuple[_Side, _Side], keys: tuple[SiteKey, SiteKey], packed: tuple[int | None, int | None]
) -> Couple:
    """Return what `_Findings.add` wants of a pair of sites."""
    version = keys[0][1]
    kinds = tuple(None if each is None else unpacked(version, each) for each in packed)
    names = tuple(
        tuple(dict.fromkeys((*sides[1].names(key), *sides[0].names(key)))) for key in keys
    )
    sites = tuple(side.site(key) for side in sides for key in keys)
    return names, sites, kinds  # type: ignore[return-value]  # their lengths are known


def _across(old: Board, new: Board, found: _Findings) -> None:
    """Compare what is outside with everything inside, both ways."""
    for version in (4, 6):
        sides = _sides(old, new, version)
        outer = [_outer(board, version) for board in (old, new)]
        for key in dict.fromkeys((*sides[0].numbers, *sides[1].numbers)):
            for name in dict.fromkeys((*outer[0], *outer[1])):
                for outward in (True, False):
                    _cross(sides, outer, (key, name), outward, found)


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


def _cross(
    sides: tuple[_Side, _Side],
    outer: list[Outer],
    keys: tuple[SiteKey, tuple[str, Spot]],
    outward: bool,
    found: _Findings,
) -> None:
    kinds: list[Kind | None] = []
    sites: list[Site | None] = []
    if not outward and keys[1][1].lists:
        return  # what a service starts comes from the internet
    shown = outer[0].get(keys[1]) or outer[1][keys[1]]
    for number, (side, others) in enumerate(zip(sides, outer, strict=True)):
        here, there = side.site(keys[0]), _stands(sides, number, others, keys[1], shown)
        couple = (here, there) if outward else (there, here)
        sites += couple
        if couple[0] is None or couple[1] is None:
            kinds.append(None)
        else:
            kinds.append(side.board.kind(side.board.engine.pair(couple[0], couple[1])))
    found.compared += 1
    if kinds[0] == kinds[1]:
        return
    inside = tuple(dict.fromkeys((*sides[1].names(keys[0]), *sides[0].names(keys[0]))))
    names = (inside, (keys[1][0],)) if outward else ((keys[1][0],), inside)
    found.add(names, tuple(sites), tuple(kinds))  # type: ignore[arg-type]  # lengths are known


def _stands(
    sides: tuple[_Side, _Side], here: int, others: Outer, key: tuple[str, Spot], shown: Site
) -> Site | None:
    """Return what stands in one network for a class of addresses outside.

    A prefix list whose addresses one network alone knows is an address there and a name in the
    other; any other address is asked as it is, unless it lies in a VPC.
    """
    spot = key[1]
    lists = [side.board.engine.network.lists for side in sides]
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
    vpcs = sides[here].board.engine.network.blocks.values()
    taken = any(b.holds(spot.version, spot.address) for part in vpcs for b in part)
    return None if taken else shown
