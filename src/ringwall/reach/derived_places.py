"""The places and the fabric of a network → those of a changed one, mostly shared.

Rules:
- A place is a part of one of the places that there were, so that what did not change says of it
  what it said of that one.
- Numbers of level vectors mean the same in both networks.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ringwall.model.graph import Unknown
from ringwall.reach.edges import Ground
from ringwall.reach.elements import Acl, Lead, Route, RouteTable, Subnet
from ringwall.reach.fabric import LOCAL, LOST, NOTHING, Fabric, Row, Vias, unsure
from ringwall.reach.internet import is_on_internet
from ringwall.reach.levels import DROP_ALL, PASS_ALL, UNKNOWN_ALL, Ids
from ringwall.reach.places import Ints, Place, Places, acl_key
from ringwall.reach.routing import Found, is_never_forwarded

Parts = Mapping[int, Sequence[tuple[Place, int]]]  # by subnet: its places, each a part of which


class DerivedPlaces(Places):
    """The places of a changed network; `of` are those of the other one that they are parts of.

    `fresh` are the subnets that are cut anew or are others, by their numbers; `acls` are the keys
    of the ACLs whose entries changed.
    """

    def __init__(self, base: Places, ground: Ground, fresh: Parts, acls: Collection[str]) -> None:
        self.base, self.ground, self.version = base, ground, base.version
        self._order(base, fresh)
        self.subnets = list(base.subnets)
        self.number_of = dict(base.number_of)
        for number, parts in fresh.items():
            self.subnets[number] = parts[0][0].subnet
            self.number_of[id(parts[0][0].subnet)] = number
        self.subnet = base.subnet[self.of]
        self.vpcs, self.zones = base.vpcs, base.zones
        self.vpc, self.zone = base.vpc[self.of], base.zone[self.of]
        self.reserved = base.reserved[self.of]
        self.fresh = np.flatnonzero(np.isin(self.subnet, list(fresh)))
        for place in self.fresh.tolist():
            self.reserved[place] = is_never_forwarded(self.all[place].spot)
        self._out = {}
        self.acl = base.acl[self.of]
        self.acls = dict(base.acls)
        self._unlike: dict[str, Acl | Unknown] = {}
        for number in fresh:
            acl = self.subnets[number].acl
            key = acl_key(acl)
            if key in acls or key not in base.acls:
                self._unlike[key] = acl
            self.acl[self.subnet == number] = self.acls.setdefault(key, len(self.acls))
        self._shared = np.minimum(self.acl, len(base.acls) - 1)

    def _order(self, base: Places, fresh: Parts) -> None:
        ordered, addresses, gone = list(base.all), base.addresses, list[int]()
        for number, parts in fresh.items():
            old = np.flatnonzero(base.subnet == number).tolist()
            if [(at, addresses[at]) for at in old] == [(n, p.spot.address) for p, n in parts]:
                for place, at in parts:
                    ordered[at] = place
            else:
                gone += old
        of = list(range(len(ordered)))
        if gone:
            addresses = list(addresses)
            for at in sorted(gone, reverse=True):
                del ordered[at], addresses[at], of[at]
            wanted = set(gone)
            for place, n in (part for parts in fresh.values() for part in parts):
                if n in wanted:
                    at = bisect_left(addresses, place.spot.address)
                    while (
                        at < len(ordered)
                        and addresses[at] == place.spot.address
                        and ordered[at].subnet.key < place.subnet.key
                    ):
                        at += 1
                    ordered.insert(at, place)
                    addresses.insert(at, place.spot.address)
                    of.insert(at, n)
        self.all, self.addresses = tuple(ordered), addresses
        self.of = np.array(of, dtype=np.int32)

    def into_row(self, place: int) -> Ids:
        """Return what the ACL of every place says about packets from one place."""
        found: Ids = self.base.into[self.of[place]][self._shared]
        for key, acl in self._unlike.items():
            found[self.acl == self.acls[key]] = self._asked(acl, place, egress=False)
        return found

    def into_column(self, place: int) -> Ids:
        """Return what the ACL of one place says about packets from every place."""
        return self.into_of(self.subnets[self.subnet[place]].acl)

    def into_of(self, acl: Acl | Unknown) -> Ids:
        """Return what the inbound rules of an ACL say about packets from every place."""
        key = acl_key(acl)
        if key in self.base.acls and key not in self._unlike:
            found: Ids = self.base.into[:, self.base.acls[key]][self.of]
            return found
        return self.acl_row(acl, egress=False)

    def out_column(self, place: int) -> Ids:
        """Return what the ACL of every place says about packets to one place."""
        found: Ids = self.base.out[:, self.of[place]][self._shared]
        for key, acl in self._unlike.items():
            found[self.acl == self.acls[key]] = self._asked(acl, place, egress=True)
        return found

    def into_acl(self, acl: Acl | Unknown, place: int) -> int:
        """Return what the inbound rules of an ACL say about packets from a place."""
        return self._asked(acl, place, egress=False)

    def entry_levels(self, acls: Sequence[Acl | Unknown | None]) -> Ids:
        """Return what the ACL of each subnet's way in says about packets from its places."""
        known = self.base.acls
        keys = [None if acl is None else acl_key(acl) for acl in acls]
        numbers = [-1 if key is None or key in self._unlike else known.get(key, -1) for key in keys]
        columns = np.array(numbers, dtype=np.int32)[self.subnet]
        found: Ids = self.base.into[self.of, np.maximum(columns, 0)]
        found[columns < 0] = PASS_ALL
        for number, (acl, at) in enumerate(zip(acls, numbers, strict=True)):
            if acl is not None and at < 0:
                here = self.subnet == number
                found[here] = self.acl_row(acl, egress=False)[here]
        return found

    def _asked(self, acl: Acl | Unknown, place: int, *, egress: bool) -> int:
        if isinstance(acl, Unknown):
            return UNKNOWN_ALL
        return self.ground.filters.acl(acl, self.all[place].spot, egress=egress)


@dataclass(slots=True)
class _Block:
    """What routing says of packets from some subnets to every target.

    `gateways` are the transit gateways that they enter, by number, -1 for none.
    """

    levels: Ids
    vias: Vias
    inside: NDArray[np.bool_]
    gateways: Ints


@dataclass(slots=True)
class _Targets:
    """Places in order, and how subnets' tables lead to them."""

    places: Ints
    addresses: list[int]
    blocks: list[_Block] = field(default_factory=list)
    numbers: dict[object, int] = field(default_factory=dict)
    gateways: list[str] = field(default_factory=list)
    runs: dict[int, list[tuple[int, int, Found]]] = field(default_factory=dict)


class DerivedFabric(Fabric):
    """The fabric of a changed network; `vpcs` are those in which, or to which, ways changed."""

    places: DerivedPlaces

    def __init__(
        self, base: Fabric, ground: Ground, places: DerivedPlaces, vpcs: Collection[str]
    ) -> None:
        super().__init__(ground, places)
        self.places = places
        self._base = base
        self._vpcs = vpcs
        # Tables that changed have another compiled form.
        self._transit_unlike = {
            key
            for key, table in ground.network.transit_tables.items()
            if table is not base.ground.network.transit_tables.get(key)
        }
        # No change in place changes attachments, associations with tables or zones.
        self.entrances = base.entrances
        private = base.private[places.of]
        for place in places.fresh.tolist():
            private[place] = not is_on_internet(places.all[place].spot)
        self.private = private

    def _table(self, associated: str, zone: str) -> Row:
        behind = self._base.behind.get((associated, zone))
        if behind is None or associated in self._transit_unlike:
            return super()._table(associated, zone)
        of = self.places.of
        found = Row(behind.levels[of], behind.vias[of], behind.inside[of])
        table = self.ground.network.transit_tables[associated]
        attachments = self.ground.network.attachments
        pieces = self.ground.routing.transit_pieces(table, self.places.version)
        for first, last, route in self.places.runs(pieces):
            if isinstance(route, Unknown) or route is None or len(route) > 1:
                continue
            leads = route[0].attachment
            if not isinstance(leads, str) or route[0].blackhole:
                continue
            if attachments[leads].vpc in self._vpcs:
                part = slice(first, last)
                found.levels[part], found.vias[part] = DROP_ALL, NOTHING
                found.inside[part] = False
                self._attachment(route[0], zone, part, found)
        return found

    def columns(self, targets: Ints) -> tuple[Ids, Vias]:
        """Return the fabric from every place to some places, one row a target."""
        places, store = self.places, self.store
        asked = _Targets(targets, [places.addresses[n] for n in targets.tolist()])
        which = np.array([self._block(subnet, asked) for subnet in places.subnets], dtype=np.int32)
        entries = [self._entries(gateway) for gateway in asked.gateways]
        of_place = which[places.subnet]
        size = (len(targets), len(places))
        levels, vias = np.zeros(size, dtype=np.uint16), np.zeros(size, dtype=np.uint8)
        for row, target in enumerate(targets.tolist()):
            at = _column(asked.blocks, row)
            found = store.meet_arrays(places.out_column(target), at.levels[of_place])
            entered = at.gateways[of_place]
            for gateway, entry in enumerate(entries):
                met = store.meet_arrays(found, entry)
                found = np.where(entered == gateway, met, found)
            via, into = at.vias[of_place], places.into_column(target)
            into[(via == LOST) | at.inside[of_place]] = PASS_ALL
            found = store.meet_arrays(found, into)
            if places.reserved[target]:
                found[:] = DROP_ALL
            own = places.subnet == places.subnet[target]
            found[own], via[own] = PASS_ALL, LOCAL
            levels[row], vias[row] = found, via
        return levels, vias

    def _entries(self, gateway: str) -> Ids:
        """Return what ACLs on the way into a gateway say about packets from every place (F11)."""
        network = self.ground.network
        acls: list[Acl | Unknown | None] = []
        for subnet in self.places.subnets:
            key = self._base.way_in(subnet.vpc, subnet.zone, gateway)
            acls.append(network.subnets[key].acl if key else None)
        return self.places.entry_levels(acls)

    def _block(self, subnet: Subnet, asked: _Targets) -> int:
        """Return the number of what routing says of a subnet's packets to the targets."""
        runs = self._runs_to(subnet.table, asked)
        key = tuple((first, last, self._mark(subnet, route)) for first, last, route in runs)
        number = asked.numbers.get(key)
        if number is None:
            number = asked.numbers[key] = len(asked.blocks)
            asked.blocks.append(self._made(subnet, runs, asked))
        return number

    def _runs_to(
        self, table: RouteTable | Unknown, asked: _Targets
    ) -> list[tuple[int, int, Found]]:
        if isinstance(table, Unknown):
            return [(0, len(asked.addresses), table)]
        found = asked.runs.get(id(table))
        if found is None:
            pieces = self.ground.routing.pieces(table, self.places.version)
            found, first = [], 0
            while first < len(asked.addresses):
                at = bisect_right(pieces.starts, asked.addresses[first]) - 1
                last = len(asked.addresses)
                if at + 1 < len(pieces.starts):
                    last = bisect_right(asked.addresses, pieces.starts[at + 1] - 1)
                found.append((first, last, pieces.values[at]))
                first = last
            asked.runs[id(table)] = found
        return found

    def _mark(self, subnet: Subnet, route: Found) -> object:
        """Return what tells apart how routes lead on from different subnets."""
        if route is None or (isinstance(route, Route) and route.blackhole):
            return None
        lead = route if isinstance(route, Unknown) else route.lead
        if isinstance(lead, Unknown):
            return unsure(lead)
        if lead.kind == "local":
            return lead.kind, subnet.vpc if subnet.vpc in self._vpcs else ""
        if lead.kind == "transit-gateway":
            return lead.kind, lead.key, self.entrance(subnet.vpc, subnet.zone, lead.key)
        if lead.kind == "peering":
            return lead.kind, lead.key, subnet.vpc
        return lead.kind, lead.key if lead.kind == "nat-gateway" else ""

    def _made(
        self, subnet: Subnet, runs: Sequence[tuple[int, int, Found]], asked: _Targets
    ) -> _Block:
        row = self._everywhere(DROP_ALL)
        gateways = np.full(len(asked.places), -1, dtype=np.int32)
        for first, last, route in runs:
            if route is None or (isinstance(route, Route) and route.blackhole):
                continue
            part = slice(int(asked.places[first]), int(asked.places[last - 1]) + 1)
            lead = route if isinstance(route, Unknown) else route.lead
            if isinstance(lead, Unknown):
                row.levels[part], row.vias[part] = unsure(lead), LOST
                continue
            if lead.kind == "transit-gateway":
                gateways[first:last] = _numbered(asked.gateways, lead)
            self._follow(subnet, lead, part, row)
        at = asked.places
        return _Block(row.levels[at], row.vias[at], row.inside[at], gateways)


def _numbered(gateways: list[str], lead: Lead) -> int:
    if lead.key not in gateways:
        gateways.append(lead.key)
    return gateways.index(lead.key)


def _column(blocks: Sequence[_Block], row: int) -> _Block:
    """Return what every block says of one target."""
    return _Block(
        np.array([block.levels[row] for block in blocks], dtype=np.uint16),
        np.array([block.vias[row] for block in blocks], dtype=np.uint8),
        np.array([block.inside[row] for block in blocks], dtype=bool),
        np.array([block.gateways[row] for block in blocks], dtype=np.int32),
    )
