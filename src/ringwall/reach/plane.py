"""All ends inside of a network at once, one family of addresses: who reaches whom, as arrays.

Rules:
- A site is a class of interfaces and placements: a place, a set of groups, and whether it has a
  public address. No rule tells the members of a site apart.
- A row (from one site to all) or a column (from all sites to one) holds numbers of level vectors:
  what becomes of first packets, and of the replies to them.
- Pairs that the fabric cannot do are walked, each once.
"""

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ringwall.model.collector import uncollected
from ringwall.model.graph import Unknown
from ringwall.reach.elements import Subnet
from ringwall.reach.engine import Engine
from ringwall.reach.fabric import LOCAL, LOST, PEERING, TRANSIT, WALK, Fabric, Vias
from ringwall.reach.filters import Members, Spot
from ringwall.reach.gathering import SiteKey, gather, key_of
from ringwall.reach.levels import DROP_ALL, PASS_ALL, Ids
from ringwall.reach.pairs import Pairs
from ringwall.reach.places import Ints, Place, Places
from ringwall.reach.relaying import Relaying
from ringwall.reach.ways import Kind, Site
from ringwall.reach.woven import Links, Woven

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Line:
    """A row or a column over all sites: first packets, replies, and what may pass beside both."""

    forward: Ids
    back: Ids
    beside: Ids


# A place, groups, whether it is public, whether it only answers, and what it stands for.
Trait = tuple[int, Members, bool, bool, str]


def trait_of(site: Site, place: int) -> Trait:
    """Return what makes a site at a place the one that it is."""
    stands_for = site.balancer or site.service
    return place, site.groups, site.public, site.kind is Kind.ENDPOINT, stands_for


class Plane:
    """The sites of one family; `names` are those of the ends at each site."""

    def __init__(self, engine: Engine, version: int) -> None:
        self.engine = engine
        self.version = version
        self.store = engine.filters.levels
        gathered = gather(engine, version, engine.ends.everything())
        self.keys = list(gathered.sites)
        self.sites: tuple[Site, ...] = tuple(gathered.sites.values())
        self.names: tuple[tuple[str, ...], ...] = tuple(map(tuple, gathered.names.values()))
        self.is_single = gathered.is_single()
        places: dict[tuple[int, int], Place] = {}
        for key, site in gathered.sites.items():
            if site.subnet is not None:
                places.setdefault(key[:2], Place(site.subnet, site.spot))
        self._places = places
        self.places = Places(engine.ground, version, places.values())
        self.fabric = Fabric(engine.ground, self.places)
        self._index()

    def _index(self) -> None:
        members = list(dict.fromkeys(site.groups for site in self.sites))
        numbers = {groups: number for number, groups in enumerate(members)}
        self.members: list[Members] = members
        at = {key: self.places.index[id(p.subnet), p.spot] for key, p in self._places.items()}
        self.place: Ints = np.array([at[key[:2]] for key in self.keys], dtype=np.int32)
        self.set_of: Ints = np.array([numbers[s.groups] for s in self.sites], dtype=np.int32)
        self.vpc: Ints = self.places.vpc[self.place]
        self.starts: Mask = np.array([s.kind is not Kind.ENDPOINT for s in self.sites], dtype=bool)

    @cached_property
    def relaying(self) -> Relaying:
        """Return what lies behind balancers' nodes, and behind ends of services."""
        return Relaying(self)

    @cached_property
    def opens(self) -> Mask:
        """Tell which sites are nodes that ask no groups."""
        return np.array([s.is_open for s in self.sites], dtype=bool)

    @cached_property
    def of_key(self) -> dict[SiteKey, int]:
        """Return the numbers of sites by what makes them one."""
        return {key: number for number, key in enumerate(self.keys)}

    @cached_property
    def numbers_of_sets(self) -> dict[Members, int]:
        """Return the places of sets of groups in `members`."""
        return {groups: number for number, groups in enumerate(self.members)}

    def sets_with(self, group: str) -> list[int]:
        """Return the sets that a group is in."""
        return self._sets_with.get(group, [])

    @cached_property
    def _sets_with(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = defaultdict(list)
        for number, groups in enumerate(self.members):
            for group in groups:
                found[group].append(number)
        return dict(found)

    @cached_property
    def _by_group(self) -> dict[str, Ints]:
        found: dict[str, list[int]] = defaultdict(list)
        for number, site in enumerate(self.sites):
            for group in site.groups:
                found[group].append(number)
        return {group: np.array(numbers, dtype=np.int32) for group, numbers in found.items()}

    @cached_property
    def _by_set(self) -> list[Ints]:
        found: list[list[int]] = [[] for _ in self.members]
        for number, at in enumerate(self.set_of.tolist()):
            found[at].append(number)
        return [np.array(numbers, dtype=np.int32) for numbers in found]

    def bearing(self, group: str) -> Ints | None:
        """Return the sites that bear a group, None if there are none."""
        return self._by_group.get(group)

    def of_set(self, number: int) -> Ints:
        """Return the sites that bear one set of groups."""
        return self._by_set[number]

    @cached_property
    def segments(self) -> dict[str, tuple[int, int]]:
        """Return the sites of each subnet, which are side by side: the first, and the next one."""
        found: dict[str, tuple[int, int]] = {}
        for number, site in enumerate(self.sites):
            key = site.subnet.key if site.subnet is not None else ""
            found[key] = (found.get(key, (number, 0))[0], number + 1)
        return found

    def trait(self, number: int) -> Trait:
        """Return what makes a site of a subnet the one that it is."""
        return trait_of(self.sites[number], int(self.place[number]))

    def place_of(self, subnet: Subnet, address: int) -> int:
        """Return the place in which an address of a subnet is."""
        cut = self.engine.ends.cuts.number(Spot(self.version, address))
        place = self._places[id(subnet), cut]
        return self.places.index[id(subnet), place.spot]

    @cached_property
    def pool(self) -> tuple[tuple[tuple[str, ...], ...], Ints]:
        """Return the names that sites have, each once, and which each site has."""
        numbers: dict[tuple[str, ...], int] = {}
        found = [numbers.setdefault(names, len(numbers)) for names in self.names]
        return tuple(numbers), np.array(found, dtype=np.int32)

    @cached_property
    def labels(self) -> list[str]:
        """Return every name of an end, once."""
        return list(dict.fromkeys(name for names in self.names for name in names))

    @cached_property
    def label_numbers(self) -> dict[str, int]:
        """Return the places of names in `labels`."""
        return {name: number for number, name in enumerate(self.labels)}

    @cached_property
    def named(self) -> tuple[Ints, Ints]:
        """Return each site with each of its names: numbers of sites, and of labels."""
        numbers = self.label_numbers
        pairs = [(n, numbers[name]) for n, names in enumerate(self.names) for name in names]
        found = np.array(pairs, dtype=np.int32).reshape(-1, 2)
        return np.ascontiguousarray(found[:, 0]), np.ascontiguousarray(found[:, 1])

    @property
    def site_of(self) -> Ints:
        """Return the site of each pair of `named`."""
        return self.named[0]

    @property
    def label_of(self) -> Ints:
        """Return the label of each pair of `named`."""
        return self.named[1]

    def __len__(self) -> int:
        return len(self.sites)

    def number(self, site: Site) -> int | None:
        """Return the number of a site, None if it is none of this plane's."""
        return self.of_key.get(key_of(self.engine, site))

    @cached_property
    def egress(self) -> Ids:
        """Return what each set of groups says about packets to each place."""
        return self._sets(egress=True)

    @cached_property
    def ingress(self) -> Ids:
        """Return what each set of groups says about packets from each place; places first."""
        return np.ascontiguousarray(self._sets(egress=False).T)

    def _sets(self, *, egress: bool) -> Ids:
        filters, places = self.engine.filters, self.places
        rows = [
            places.row(filters.group_pieces(groups, egress, self.version))
            for groups in self.members
        ]
        return np.stack(rows) if rows else np.zeros((0, len(places)), dtype=np.uint16)

    def referring(self, group: str, *, egress: bool) -> list[tuple[int, int]]:
        """Return the sets whose rules of one direction name a group, and what they say."""
        return self._referring[egress].get(group, [])

    @cached_property
    def _referring(self) -> dict[bool, dict[str, list[tuple[int, int]]]]:
        """Return, by direction and group, the sets whose rules name it, and what they say."""
        found: dict[bool, dict[str, list[tuple[int, int]]]] = {}
        for egress in (False, True):
            by_group: dict[str, list[tuple[int, int]]] = defaultdict(list)
            for number, groups in enumerate(self.members):
                for group, level in self.engine.filters.references(groups, egress).items():
                    by_group[group].append((number, level))
            found[egress] = dict(by_group)
        return found

    @cached_property
    @uncollected()
    def woven(self) -> Woven:
        """Return the fabric between all places."""
        return Woven(self.fabric, len(self.places))

    def fabric_of(self, place: int) -> tuple[Links, Links]:
        """Return the fabric from a place to every place, and from every place to it."""
        return self.woven.of(place)

    @cached_property
    def peered(self) -> NDArray[np.bool_]:
        """Tell which VPCs are peered, or the same: there references match on the way out."""
        names = list(self.places.vpcs)
        found = np.eye(len(names), dtype=bool)
        for pair in self.engine.network.peered:
            numbers = [self.places.vpcs[vpc] for vpc in pair if vpc in self.places.vpcs]
            found[np.ix_(numbers, numbers)] = True
        return found

    def _out(self, number: int, *, outward: bool) -> Ids:
        """Return what senders' sets say: of one site to all (`outward`), or of all to one."""
        group, place = int(self.set_of[number]), int(self.place[number])
        found: Ids = (
            self.egress[group][self.place] if outward else self.egress[:, place][self.set_of]
        )
        return found

    def _into(self, number: int, *, outward: bool) -> Ids:
        """Return what receivers' sets say: of all about one site (`outward`), or of one."""
        group, place = int(self.set_of[number]), int(self.place[number])
        found: Ids = (
            self.ingress[place][self.set_of] if outward else self.ingress[:, group][self.place]
        )
        return found

    def row(self, number: int) -> Line:
        """Return what becomes of packets from one site to every site."""
        groups = self.sites[number].groups
        out = self._out(number, outward=True)
        for group, level in self.engine.filters.references(groups, egress=True).items():
            members = self.bearing(group)
            if members is not None:
                near = members[self.peered[self.vpc[number]][self.vpc[members]]]
                out[near] = self._join(out[near], level)
        into = self._into(number, outward=True)
        there, home = self.fabric_of(int(self.place[number]))
        vias = there[1][self.place]
        for group in groups:
            for referring, level in self.referring(group, egress=False):
                targets = self.of_set(referring)
                self._admit(into, targets, level, vias[targets], self.sites[number].vpc)
        into[(vias == LOST) | self.opens] = PASS_ALL
        if self.opens[number]:
            out[:] = PASS_ALL
        levels = there[0][self.place]
        forward = self.store.meet_arrays(levels, self.store.meet_arrays(out, into))
        if not self.starts[number]:
            forward[:] = DROP_ALL
        back = home[0][self.place]
        self.relaying.behind_all(number, forward, back, vias == LOST)
        walk = (vias == WALK) | (home[1][self.place] == WALK) | self.relaying.walked
        for other in np.flatnonzero(walk).tolist():
            pair = self.engine.walked(self.sites[number], self.sites[other])
            forward[other], back[other] = pair.forward, pair.back
        lattice = None
        if self.engine.beside.calls_lattice(self.sites[number]):
            lattice = self._from_lattice
        return Line(forward, back, self._beside(number, out, lattice))

    def column(self, number: int) -> Line:
        """Return what becomes of packets from every site to one site."""
        groups = self.sites[number].groups
        out = self._out(number, outward=False)
        for group in groups:
            for referring, level in self.referring(group, egress=True):
                sources = self.of_set(referring)
                near = sources[self.peered[self.vpc[number]][self.vpc[sources]]]
                out[near] = self._join(out[near], level)
        into = self._into(number, outward=False)
        home, there = self.fabric_of(int(self.place[number]))
        vias = there[1][self.place]
        for group, level in self.engine.filters.references(groups, egress=False).items():
            members = self.bearing(group)
            if members is not None:
                self._admit_each(into, members, level, vias[members])
        into[vias == LOST] = PASS_ALL
        if self.opens[number]:
            into[:] = PASS_ALL
        out[self.opens] = PASS_ALL
        levels = there[0][self.place]
        forward = self.store.meet_arrays(levels, self.store.meet_arrays(out, into))
        forward[~self.starts] = DROP_ALL
        back = home[0][self.place]
        self.relaying.behind(number, forward, back, vias == LOST)
        walk = (vias == WALK) | (home[1][self.place] == WALK) | self.relaying.walked[number]
        for other in np.flatnonzero(walk).tolist():
            pair = self.engine.walked(self.sites[other], self.sites[number])
            forward[other], back[other] = pair.forward, pair.back
        lattice = None
        if self._calls_lattice.any():
            into = self._from_lattice[number]
            lattice = np.where(self._calls_lattice, into, DROP_ALL).astype(np.uint16)
        return Line(forward, back, self._beside(number, out, lattice))

    def _beside(self, number: int, out: Ids, lattice: Ids | None) -> Ids:
        """Return what may pass beside: by a gap in one of the VPCs, or by VPC Lattice."""
        gaps, found = self.engine.gaps, np.full(len(self), DROP_ALL, dtype=np.uint16)
        if gaps.of(self.sites[number].vpc):
            found = out.copy()
        elif gaps.vpcs:
            marked = [self.places.vpcs[vpc] for vpc in gaps.vpcs if vpc in self.places.vpcs]
            found = np.where(np.isin(self.vpc, marked), out, DROP_ALL).astype(np.uint16)
        if lattice is None or not found.any():
            return found if lattice is None else lattice
        pairs = found.astype(np.uint32) << np.uint32(16) | lattice
        known, at = np.unique(pairs, return_inverse=True)
        levels = [self.store.join(pair >> 16, pair & 0xFFFF) for pair in known.tolist()]
        return np.array(levels, dtype=np.uint16)[at]

    @cached_property
    def _calls_lattice(self) -> Mask:
        """Tell which sites may call anything by VPC Lattice."""
        if not self.engine.gaps.has_lattice:
            return np.zeros(len(self), dtype=bool)
        calls = self.engine.beside.calls_lattice
        return np.array([calls(site) for site in self.sites], dtype=bool)

    @cached_property
    def _from_lattice(self) -> Ids:
        """Return what each site admits from VPC Lattice."""
        admits = self.engine.beside.from_lattice
        by_set = np.array([admits(groups) for groups in self.members], dtype=np.uint16)
        return np.where(self.opens, PASS_ALL, by_set[self.set_of]).astype(np.uint16)

    @cached_property
    def _pairs(self) -> Pairs:
        return Pairs(self)

    def at(self, source: int, destination: int) -> tuple[int, int]:
        """Return the level vectors of first packets and of replies of one pair."""
        return self._pairs.at(source, destination)

    def _join(self, levels: Ids, level: int) -> Ids:
        known = np.unique(levels)
        joined = np.array([self.store.join(int(k), level) for k in known], dtype=np.uint16)
        return joined[np.searchsorted(known, levels)]

    def _admit(self, into: Ids, targets: Ints, level: int, vias: Vias, vpc: str) -> None:
        """Let references to a sender's group match where what is crossed lets them (F4, F5)."""
        near = targets[(vias == LOCAL) | (vias == PEERING)]
        into[near] = self._join(into[near], level)
        far = targets[vias == TRANSIT]
        if len(far):
            crossing = self.engine.filters.crosses("transit-gateway", vpc, egress=False)
            self._cross(into, far, level, crossing)

    def _admit_each(self, into: Ids, members: Ints, level: int, vias: Vias) -> None:
        near = members[(vias == LOCAL) | (vias == PEERING)]
        into[near] = self._join(into[near], level)
        far = members[vias == TRANSIT]
        for vpc in {self.sites[n].vpc for n in far.tolist()}:
            crossing = self.engine.filters.crosses("transit-gateway", vpc, egress=False)
            self._cross(into, far[self.vpc[far] == self.places.vpcs[vpc]], level, crossing)

    def _cross(self, into: Ids, far: Ints, level: int, crossing: bool | Unknown) -> None:
        if crossing is not False:
            into[far] = self._join(into[far], self.engine.filters.through(level, crossing))
