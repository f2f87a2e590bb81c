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

from ringwall.model.graph import Unknown
from ringwall.reach.engine import Engine
from ringwall.reach.fabric import LOCAL, LOST, PEERING, TRANSIT, WALK, Fabric, Vias
from ringwall.reach.filters import Members
from ringwall.reach.levels import DROP_ALL, PASS_ALL, Ids
from ringwall.reach.places import Ints, Place, Places
from ringwall.reach.ways import Kind, Site

Mask = NDArray[np.bool_]
# A subnet, an uncut interval of addresses, groups, whether public, whether it only answers, and the
# balancer or service that it stands for.
SiteKey = tuple[int, int, Members, bool, bool, str]


@dataclass(frozen=True, slots=True)
class Line:
    """A row or a column over all sites: first packets, replies, and what may pass beside both."""

    forward: Ids
    back: Ids
    beside: Ids


class Plane:
    """The sites of one family; `names` are those of the ends at each site."""

    def __init__(self, engine: Engine, version: int) -> None:
        self.engine = engine
        self.version = version
        self.store = engine.filters.levels
        found: dict[SiteKey, list[str]] = {}
        sites: dict[SiteKey, Site] = {}
        members: dict[SiteKey, int] = {}
        for end in engine.ends.everything():
            name = engine.ends.label(end)
            for site in engine.ends.sites(end):
                if site.spot.version != version:
                    continue
                key = self._key(site)
                names = found.setdefault(key, [])
                if name not in names:
                    names.append(name)
                sites.setdefault(key, site)
                members[key] = members.get(key, 0) + (1 if end.interface else 2)
        self.sites: tuple[Site, ...] = tuple(sites.values())
        self.names: tuple[tuple[str, ...], ...] = tuple(tuple(n) for n in found.values())
        # A lone live interface is no question about itself.
        self.is_single = [members[key] == 1 for key in sites]
        self.labels = list(dict.fromkeys(name for names in self.names for name in names))
        numbers = {name: number for number, name in enumerate(self.labels)}
        pairs = [(n, numbers[name]) for n, names in enumerate(self.names) for name in names]
        # Each site with each of its names.
        self.site_of = np.array([site for site, _ in pairs], dtype=np.int32)
        self.label_of = np.array([label for _, label in pairs], dtype=np.int32)
        self.of_key = {key: number for number, key in enumerate(sites)}
        places: dict[tuple[int, int], Place] = {}
        for key, site in sites.items():
            if site.subnet is not None:
                places.setdefault(key[:2], Place(site.subnet, site.spot))
        self._keys = list(sites)
        self._places = places
        self.places = Places(engine.ground, version, places.values())
        self.fabric = Fabric(engine.ground, self.places)
        self._index()

    def _index(self) -> None:
        members = list(dict.fromkeys(site.groups for site in self.sites))
        numbers = {groups: number for number, groups in enumerate(members)}
        self.members: list[Members] = members
        at = {key: self.places.index[id(p.subnet), p.spot] for key, p in self._places.items()}
        self.place: Ints = np.array([at[key[:2]] for key in self._keys], dtype=np.int32)
        self.set_of: Ints = np.array([numbers[s.groups] for s in self.sites], dtype=np.int32)
        self.vpc: Ints = self.places.vpc[self.place]
        self.starts: Mask = np.array([s.kind is not Kind.ENDPOINT for s in self.sites], dtype=bool)
        # What lies behind a balancer's node, or an endpoint of a service, is walked to; a node that
        # is open asks no groups.
        self.relays: Mask = np.array(
            [bool(s.balancer or s.service) for s in self.sites], dtype=bool
        )
        self.opens: Mask = np.array([s.is_open for s in self.sites], dtype=bool)
        by_group: dict[str, list[int]] = defaultdict(list)
        by_set: dict[int, list[int]] = defaultdict(list)
        for number, site in enumerate(self.sites):
            by_set[numbers[site.groups]].append(number)
            for group in site.groups:
                by_group[group].append(number)
        self._of_group = {g: np.array(found, dtype=np.int32) for g, found in by_group.items()}
        self._of_set = [np.array(by_set[n], dtype=np.int32) for n in range(len(members))]

    def __len__(self) -> int:
        return len(self.sites)

    def number(self, site: Site) -> int | None:
        """Return the number of a site, None if it is none of this plane's."""
        return self.of_key.get(self._key(site))

    def _key(self, site: Site) -> SiteKey:
        answers = site.kind is Kind.ENDPOINT
        cut = self.engine.ends.cuts.number(site.spot)
        stands_for = site.balancer or site.service
        return (id(site.subnet), cut, site.groups, site.public, answers, stands_for)

    @cached_property
    def _egress(self) -> Ids:
        """What each set of groups says about packets to each place."""
        return self._sets(egress=True)

    @cached_property
    def _ingress(self) -> Ids:
        """What each set of groups says about packets from each place; places first."""
        return np.ascontiguousarray(self._sets(egress=False).T)

    def _sets(self, *, egress: bool) -> Ids:
        filters, places = self.engine.filters, self.places
        rows = [
            places.row(filters.group_pieces(groups, egress, self.version))
            for groups in self.members
        ]
        return np.stack(rows) if rows else np.zeros((0, len(places)), dtype=np.uint16)

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
    def fabric_levels(self) -> tuple[Ids, Vias]:
        """Return the fabric between all places: levels and what is crossed, source first."""
        size = len(self.places)
        levels = np.zeros((size, size), dtype=np.uint16)
        vias = np.zeros((size, size), dtype=np.uint8)
        for place in range(size):
            row = self.fabric.row(place)
            levels[place], vias[place] = row.levels, row.vias
        return levels, vias

    @cached_property
    def fabric_back(self) -> tuple[Ids, Vias]:
        """Return the same with the destination first."""
        levels, vias = self.fabric_levels
        return np.ascontiguousarray(levels.T), np.ascontiguousarray(vias.T)

    @cached_property
    def _peered(self) -> NDArray[np.bool_]:
        """Tell which VPCs are peered, or the same: there references match on the way out."""
        names = list(self.places.vpcs)
        found = np.eye(len(names), dtype=bool)
        for pair in self.engine.network.peered:
            numbers = [self.places.vpcs[vpc] for vpc in pair if vpc in self.places.vpcs]
            found[np.ix_(numbers, numbers)] = True
        return found

    def row(self, number: int) -> Line:
        """Return what becomes of packets from one site to every site."""
        place, groups = int(self.place[number]), self.sites[number].groups
        out = self._egress[self.set_of[number]][self.place]
        for group, level in self.engine.filters.references(groups, egress=True).items():
            members = self._of_group.get(group)
            if members is not None:
                near = members[self._peered[self.vpc[number]][self.vpc[members]]]
                out[near] = self._join(out[near], level)
        into = self._ingress[place][self.set_of]
        vias = self.fabric_levels[1][place][self.place]
        for group in groups:
            for referring, level in self._referring[False].get(group, ()):
                targets = self._of_set[referring]
                self._admit(into, targets, level, vias[targets], self.sites[number].vpc)
        into[vias == LOST] = PASS_ALL
        levels, back = self.fabric_levels[0][place], self.fabric_back[0][place]
        forward = self.store.meet_arrays(levels[self.place], self.store.meet_arrays(out, into))
        if not self.starts[number]:
            forward[:] = DROP_ALL
        back = back[self.place]
        walk = (vias == WALK) | (self.fabric_back[1][place][self.place] == WALK)
        walk |= self.relays | self.relays[number]
        if self.opens[number]:
            out[:] = PASS_ALL
        for other in np.flatnonzero(walk).tolist():
            pair = self.engine.walked(self.sites[number], self.sites[other])
            forward[other], back[other] = pair.forward, pair.back
        lattice = None
        if self.engine.beside.calls_lattice(self.sites[number]):
            lattice = np.where(self.opens, PASS_ALL, self._from_lattice[self.set_of])
            lattice = lattice.astype(np.uint16)
        return Line(forward, back, self._beside(number, out, lattice))

    def column(self, number: int) -> Line:
        """Return what becomes of packets from every site to one site."""
        place, groups = int(self.place[number]), self.sites[number].groups
        out = self._egress[:, place][self.set_of]
        for group in groups:
            for referring, level in self._referring[True].get(group, ()):
                sources = self._of_set[referring]
                near = sources[self._peered[self.vpc[number]][self.vpc[sources]]]
                out[near] = self._join(out[near], level)
        into = self._ingress[:, self.set_of[number]][self.place]
        vias = self.fabric_back[1][place][self.place]
        for group, level in self.engine.filters.references(groups, egress=False).items():
            members = self._of_group.get(group)
            if members is not None:
                self._admit_each(into, members, level, vias[members])
        into[vias == LOST] = PASS_ALL
        levels, back = self.fabric_back[0][place], self.fabric_levels[0][place]
        forward = self.store.meet_arrays(levels[self.place], self.store.meet_arrays(out, into))
        forward[~self.starts] = DROP_ALL
        back = back[self.place]
        walk = (vias == WALK) | (self.fabric_levels[1][place][self.place] == WALK)
        walk |= self.relays | self.relays[number]
        out[self.opens] = PASS_ALL
        for other in np.flatnonzero(walk).tolist():
            pair = self.engine.walked(self.sites[other], self.sites[number])
            forward[other], back[other] = pair.forward, pair.back
        lattice = None
        if self._calls_lattice.any():
            opens = self.opens[number]
            admitted = PASS_ALL if opens else int(self._from_lattice[self.set_of[number]])
            lattice = np.where(self._calls_lattice, admitted, DROP_ALL).astype(np.uint16)
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
        calls = self.engine.beside.calls_lattice
        return np.array([calls(site) for site in self.sites], dtype=bool)

    @cached_property
    def _from_lattice(self) -> Ids:
        """Return what each set of groups admits from VPC Lattice."""
        admits = self.engine.beside.from_lattice
        return np.array([admits(groups) for groups in self.members], dtype=np.uint16)

    def at(self, source: int, destination: int) -> tuple[int, int]:
        """Return the level vectors of first packets and of replies of one pair."""
        one, other = int(self.place[source]), int(self.place[destination])
        via = int(self.fabric_levels[1][one, other])
        back = int(self.fabric_levels[0][other, one])
        relays = bool(self.relays[source] or self.relays[destination])
        if relays or WALK in {via, int(self.fabric_levels[1][other, one])}:
            pair = self.engine.walked(self.sites[source], self.sites[destination])
            return pair.forward, pair.back
        if not self.starts[source]:
            return DROP_ALL, back
        filters, sites = self.engine.filters, self.sites
        out = int(self._egress[self.set_of[source], other])
        into = int(self._ingress[one, self.set_of[destination]])
        if self._peered[self.vpc[source], self.vpc[destination]]:
            named = filters.references(sites[source].groups, egress=True)
            for group in sites[destination].groups:
                out = self.store.join(out, named.get(group, DROP_ALL))
        if via in {LOCAL, PEERING, TRANSIT}:
            named = filters.references(sites[destination].groups, egress=False)
            crossing: bool | Unknown = True
            if via == TRANSIT:
                crossing = filters.crosses("transit-gateway", sites[source].vpc, egress=False)
            for group in sites[source].groups:
                level = filters.through(named.get(group, DROP_ALL), crossing)
                into = self.store.join(into, level)
        if via == LOST:
            into = PASS_ALL
        forward = self.store.meet(
            int(self.fabric_levels[0][one, other]), self.store.meet(out, into)
        )
        return forward, back

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
