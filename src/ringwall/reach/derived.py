"""A plane, and what changed in its network → the plane of the changed network, mostly shared.

Rules:
- Only the sites of subnets that are cut anew, or are others, are made again; the rest are as they
  were, in the same order.
- What did not change says of a site what it said of the one that it is a part of.
"""

from collections.abc import Collection, Sequence
from functools import cached_property
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from ringwall.reach.derived_places import DerivedFabric, DerivedPlaces
from ringwall.reach.elements import Subnet
from ringwall.reach.engine import Engine
from ringwall.reach.gathering import Gathered, SiteKey, gather, key_of
from ringwall.reach.levels import Ids
from ringwall.reach.places import Ints, Place
from ringwall.reach.plane import Mask, Plane, trait_of
from ringwall.reach.relaying import DerivedRelaying, Relaying
from ringwall.reach.ways import Kind, Site
from ringwall.reach.woven import Links

T = TypeVar("T")
Groups = Collection[tuple[str, bool]]  # groups whose rules of one direction (True: egress) changed


class UnforeseenError(Exception):
    """A change makes what the plane has no room for: it is to be made anew."""


class DerivedPlane(Plane):
    """The plane of a changed network.

    `fresh` are the keys of subnets that are cut anew or are others, `vpcs` those in which, or to
    which, ways changed; `acls` and `groups` are those whose rules changed; `leaning` are the sites
    behind which these may count. Raises UnforeseenError.
    """

    places: DerivedPlaces

    def __init__(
        self,
        base: Plane,
        engine: Engine,
        fresh: Collection[str],
        acls: Collection[str] = (),
        groups: Groups = (),
        vpcs: Collection[str] = (),
        leaning: Collection[int] = (),
    ) -> None:
        self.base, self.engine, self.version = base, engine, base.version
        self.store = engine.filters.levels
        self._made: dict[str, Gathered] = {}
        known = engine.network.subnets
        for key in fresh:
            found = gather(engine, self.version, engine.ends.in_subnet(known[key]))
            if bool(found.sites) != (key in base.segments):
                raise UnforeseenError
            if found.sites:
                self._made[key] = found
        self.order = sorted(self._made, key=lambda key: base.segments[key])
        self.sites = self._spliced(base.sites, [tuple(g.sites.values()) for g in self._in_order])
        names = [tuple(map(tuple, each.names.values())) for each in self._in_order]
        self.names = self._spliced(base.names, names)
        single = [tuple(each.is_single()) for each in self._in_order]
        self.is_single = list(self._spliced(tuple(base.is_single), single))
        self._set_places(acls)
        self._set_arrays()
        self._set_rules(groups)
        self._set_ways(vpcs)
        self._leaning = list(leaning)

    @property
    def _in_order(self) -> list[Gathered]:
        return [self._made[key] for key in self.order]

    def _spliced(self, items: Sequence[T], parts: Sequence[Sequence[T]]) -> tuple[T, ...]:
        """Put what is fresh in the place of what was there."""
        found: list[T] = []
        for piece in self._pieces(parts):
            found += items[piece[0] : piece[1]] if isinstance(piece, tuple) else piece
        return tuple(found)

    def _pieces(self, parts: Sequence[Sequence[T]]) -> list[tuple[int, int] | list[T]]:
        found: list[tuple[int, int] | list[T]] = []
        last = 0
        for key, part in zip(self.order, parts, strict=True):
            start, end = self.base.segments[key]
            found += [(last, start), list(part)]
            last = end
        return [*found, (last, len(self.base))]

    def _array(self, items: NDArray[np.generic], parts: Sequence[Sequence[object]]) -> Ints:
        pieces = [
            items[piece[0] : piece[1]]
            if isinstance(piece, tuple)
            else np.array(piece, dtype=items.dtype)
            for piece in self._pieces(parts)
        ]
        found: Ints = np.concatenate(pieces)
        return found

    def _set_places(self, acls: Collection[str]) -> None:
        base = self.base
        parts: dict[int, list[tuple[Place, int]]] = {}
        for key in self.order:
            old = base.engine.network.subnets[key]
            number = base.places.number_of[id(old)]
            firsts: dict[int, Site] = {}
            for (_, cut, *_), site in self._made[key].sites.items():
                firsts.setdefault(cut, site)
            parts[number] = [
                (Place(_subnet(site), site.spot), base.place_of(old, site.spot.address))
                for _, site in sorted(firsts.items())
            ]
        self.places = DerivedPlaces(base.places, self.engine.ground, parts, acls)

    def _set_arrays(self) -> None:
        base, places = self.base, self.places
        where = np.full(len(base.places), -1, dtype=np.int32)
        where[places.of] = np.arange(len(places), dtype=np.int32)
        fresh = {
            (int(places.subnet[n]), self._cut(places.all[n])): n for n in places.fresh.tolist()
        }
        numbers: list[list[int]] = []
        sets: list[list[int]] = []
        for key in self.order:
            made = self._made[key]
            subnet = places.number_of[id(self.engine.network.subnets[key])]
            numbers.append([fresh[subnet, cut] for _, cut, *_ in made.sites])
            sets.append([self._set(site) for site in made.sites.values()])
        self.members = base.members
        self.place = self._array(where[base.place], numbers)
        self.set_of = self._array(base.set_of, sets)
        self.vpc = self.places.vpc[self.place]
        starts = [[s.kind is not Kind.ENDPOINT for s in g.sites.values()] for g in self._in_order]
        self.starts = self._array(base.starts, starts).astype(bool)
        # Where each of the other plane's sites is now, -1 for those that are made again.
        self.moved = np.full(len(base), -1, dtype=np.int32)
        marks = self._array(np.arange(len(base), dtype=np.int32), [[-1] * len(p) for p in numbers])
        kept = np.flatnonzero(marks >= 0)
        self.moved[marks[kept]] = kept

    def _cut(self, place: Place) -> int:
        return self.engine.ends.cuts.number(place.spot)

    def _set(self, site: Site) -> int:
        number = self.base.numbers_of_sets.get(site.groups)
        if number is None:
            raise UnforeseenError
        return number

    def _set_rules(self, groups: Groups) -> None:
        """Ask the sets of groups whose rules changed again."""
        filters, places = self.engine.filters, self.places
        self._asked: dict[bool, dict[int, Ids]] = {True: {}, False: {}}
        for group, egress in groups:
            for number in self.base.sets_with(group):
                pieces = filters.group_pieces(self.members[number], egress, self.version)
                self._asked[egress][number] = places.row(pieces)

    def start_of(self, key: str) -> int:
        """Return the number of the first site of a subnet that is made again."""
        start = self.base.segments[key][0]
        for other in self.order[: self.order.index(key)]:
            first, last = self.base.segments[other]
            start += len(self._made[other].sites) - (last - first)
        return start

    def sites_of(self, key: str) -> tuple[Site, ...]:
        """Return the sites of a subnet that is made again."""
        return tuple(self._made[key].sites.values())

    def changed_sets(self, *, egress: bool) -> list[int]:
        """Return the sets of groups whose rules of one direction changed."""
        return list(self._asked[egress])

    def _set_ways(self, vpcs: Collection[str]) -> None:
        """Compute the fabric from and to the VPCs in which, or to which, ways changed."""
        places = self.places
        numbers = [places.vpcs[vpc] for vpc in vpcs if vpc in places.vpcs]
        self._targets = np.flatnonzero(np.isin(places.vpc, numbers)).astype(np.int32)
        self._target_of = np.full(len(places), -1, dtype=np.int32)
        self._target_of[self._targets] = np.arange(len(self._targets), dtype=np.int32)
        if not len(self._targets):
            return
        self.fabric = DerivedFabric(self.base.fabric, self.engine.ground, places, vpcs)
        rows = [self.fabric.row(place) for place in self._targets.tolist()]
        self._there = (np.stack([r.levels for r in rows]), np.stack([r.vias for r in rows]))
        self._back = self.fabric.columns(self._targets)

    @cached_property
    def relaying(self) -> Relaying:
        """Return what lies behind balancers' nodes, and behind ends of services."""
        own, packets = self.base.engine.filters.packets, self.engine.filters.packets
        columns = None
        if packets is not own:
            columns = [own.class_of(each.first) for each in packets.classes]
        base = self.base.relaying
        return DerivedRelaying(self, base, self._part_of, self.leaning, columns)

    @cached_property
    def leaning(self) -> Ints:
        """Return the sites behind which what changed may count."""
        if not self._leaning:
            return np.zeros(0, dtype=np.int32)
        return np.flatnonzero(np.isin(self._part_of, self._leaning)).astype(np.int32)

    @cached_property
    def _part_of(self) -> Ints:
        """Return the sites of the other plane that sites are parts of."""
        fresh: list[list[int]] = []
        for key, made in zip(self.order, self._in_order, strict=True):
            subnet, first = self.base.engine.network.subnets[key], self.base.segments[key][0]
            known = {
                self.base.trait(number): number
                for number in range(first, self.base.segments[key][1])
            }
            found = []
            for site in made.sites.values():
                place = self.base.place_of(subnet, site.spot.address)
                number = known.get(trait_of(site, place))
                if number is None:
                    raise UnforeseenError
                found.append(number)
            fresh.append(found)
        return self._array(np.arange(len(self.base), dtype=np.int32), fresh)

    @cached_property
    def opens(self) -> Mask:
        """Tell which sites are nodes that ask no groups."""
        found: Mask = self.base.opens[self._part_of]
        return found

    @cached_property
    def pool(self) -> tuple[tuple[tuple[str, ...], ...], Ints]:
        """Return the names that sites have, each once, and which each site has."""
        names, of_site = self.base.pool
        fresh = [[tuple(each) for each in made.names.values()] for made in self._in_order]
        added = dict.fromkeys(each for part in fresh for each in part)
        known = set(names) if added else set()
        added = {each: None for each in added if each not in known}
        numbers = {each: len(names) + number for number, each in enumerate(added)}
        if known:
            numbers |= {each: n for n, each in enumerate(names)}
        pool = (*names, *added) if added else names
        return pool, self._array(of_site, [[numbers[n] for n in p] for p in fresh])

    @cached_property
    def of_key(self) -> dict[SiteKey, int]:
        """Return the numbers of sites by what makes them one."""
        return {key_of(self.engine, site): number for number, site in enumerate(self.sites)}

    @cached_property
    def peered(self) -> NDArray[np.bool_]:
        """Tell which VPCs are peered: no change in place makes a peering."""
        return self.base.peered

    def bearing(self, group: str) -> Ints | None:
        """Return the sites that bear a group, None if there are none."""
        found = np.flatnonzero(np.isin(self.set_of, self.base.sets_with(group))).astype(np.int32)
        return found if len(found) else None

    def of_set(self, number: int) -> Ints:
        """Return the sites that bear one set of groups."""
        return np.flatnonzero(self.set_of == number).astype(np.int32)

    def referring(self, group: str, *, egress: bool) -> list[tuple[int, int]]:
        """Return the sets whose rules of one direction name a group, and what they say."""
        asked = self._asked[egress]
        kept = [each for each in self.base.referring(group, egress=egress) if each[0] not in asked]
        for number in asked:
            named = self.engine.filters.references(self.members[number], egress)
            if group in named:
                kept.append((number, named[group]))
        return kept

    def fabric_of(self, place: int) -> tuple[Links, Links]:
        """Return the fabric from a place to every place, and from every place to it."""
        at = int(self._target_of[place])
        if at >= 0:
            return (
                (self._there[0][at], self._there[1][at]),
                (self._back[0][at], self._back[1][at]),
            )
        of = self.places.of
        (levels, vias), (back, back_vias) = self.base.fabric_of(int(of[place]))
        found = (levels[of], vias[of]), (back[of], back_vias[of])
        if len(self._targets):
            for side in (0, 1):
                found[0][side][self._targets] = self._back[side][:, place]
                found[1][side][self._targets] = self._there[side][:, place]
        return found

    def _out(self, number: int, *, outward: bool) -> Ids:
        asked = self._asked[True]
        own, place = int(self.set_of[number]), int(self.place[number])
        of = self.places.of
        if outward:
            row = asked.get(own)
            return (self.base.egress[own][of] if row is None else row)[self.place]
        found: Ids = self.base.egress[:, of[place]][self.set_of]
        for group, row in asked.items():
            found[self.set_of == group] = row[place]
        return found

    def _into(self, number: int, *, outward: bool) -> Ids:
        asked = self._asked[False]
        own, place = int(self.set_of[number]), int(self.place[number])
        of = self.places.of
        if not outward:
            row = asked.get(own)
            return (self.base.ingress[:, own][of] if row is None else row)[self.place]
        found: Ids = self.base.ingress[of[place]][self.set_of]
        for group, row in asked.items():
            found[self.set_of == group] = row[place]
        return found

    def at(self, source: int, destination: int) -> tuple[int, int]:
        """Return the level vectors of first packets and of replies of one pair."""
        line = self.row(source)
        return int(line.forward[destination]), int(line.back[destination])


def _subnet(site: Site) -> Subnet:
    assert site.subnet is not None
    return site.subnet
