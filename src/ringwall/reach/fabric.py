"""Routes and ACLs between all places at once: the part of every way that groups have no say in.

Rules:
- What is direct (local, peering, a transit gateway, and what a gateway to the internet drops) is
  computed for whole runs of places. Everything else is marked WALK: such a pair is walked.
- A row holds, for packets from one place to every place, the number of the level vector of the
  way's ACLs and routes, and what the way crosses.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ringwall.model.graph import Unknown
from ringwall.reach.edges import Ground
from ringwall.reach.elements import Attachment, Lead, Route, Subnet, TransitRoute
from ringwall.reach.internet import is_on_internet
from ringwall.reach.levels import (
    DROP_ALL,
    PASS_ALL,
    UNDETERMINED_ALL,
    UNKNOWN_ALL,
    Ids,
    LevelStore,
)
from ringwall.reach.links import IDLE_PEERING
from ringwall.reach.network import TRANSIT_TYPES, peering_status
from ringwall.reach.places import Places
from ringwall.reach.routing import Found, is_undetermined
from ringwall.reach.transit import IDLE, WORKING, attachment_subnets, entry_subnet, exit_subnets

Vias = NDArray[np.uint8]
# What a way crosses, as far as references to groups care. WALK: the pair is to be walked. LOST: it
# is not known where the way goes on, so that nothing at the destination is asked.
LOCAL, PEERING, TRANSIT, NOTHING, WALK, LOST = range(6)


@dataclass(slots=True)
class Row:
    """Numbers of level vectors, and what is crossed, for every place.

    `inside`: the way comes out in the place's own subnet, so that its ACL is not asked.
    """

    levels: Ids
    vias: Vias
    inside: NDArray[np.bool_]


class Fabric:
    """Rows of one family of addresses."""

    def __init__(self, ground: Ground, places: Places) -> None:
        self.ground = ground
        self.places = places
        self.store: LevelStore = ground.filters.levels
        self.behind: dict[tuple[str, str], Row] = {}
        self._ways_in: dict[tuple[str, str, str], str] = {}
        self._runs_by_table: dict[int, list[tuple[int, int, Found]]] = {}
        self.entrances: dict[tuple[str, str, str], tuple[str, str] | int] = {}

    @cached_property
    def private(self) -> NDArray[np.bool_]:
        """Tell which places have no address of the internet."""
        return np.array([not is_on_internet(p.spot) for p in self.places.all], dtype=bool)

    def row(self, place: int) -> Row:
        """Return the row of packets from a place to every place."""
        here, places = self.places.all[place], self.places
        subnet = here.subnet
        found = self._routed(subnet)
        entry = self._entry_levels(subnet, place)
        levels = self.store.meet_arrays(places.out_row(subnet.acl), found.levels)
        for number, inside in entry:
            levels[inside] = self.store.meet_arrays(
                levels[inside], np.full(int(inside.sum()), number, dtype=np.uint16)
            )
        vias = found.vias
        into = places.into_row(place)
        into[(vias == LOST) | found.inside] = PASS_ALL
        levels = self.store.meet_arrays(levels, into)
        levels[places.reserved] = DROP_ALL
        own = places.subnet == places.subnet[place]
        levels[own], vias[own] = PASS_ALL, LOCAL
        return Row(levels, vias, found.inside)

    def way_in(self, vpc: str, zone: str, gateway: str) -> str:
        """Return the subnet by which a zone's packets enter a gateway, "" where they do not."""
        key = (vpc, zone, gateway)
        found = self._ways_in.get(key)
        if found is None:
            attachment = self.ground.network.attachment_of.get((vpc, gateway))
            entry = None
            lost = self.ground.network.lost(*TRANSIT_TYPES)
            if attachment is not None and attachment.state in WORKING and not lost:
                entry = entry_subnet(self.ground, attachment, zone)
            found = self._ways_in[key] = entry.key if entry is not None else ""
        return found

    def _entry_levels(self, subnet: Subnet, place: int) -> list[tuple[int, NDArray[np.bool_]]]:
        """Return what attachments' ACLs say on the way into transit gateways (F11)."""
        found = []
        for gateway, inside in self._through(subnet).items():
            key = self.way_in(subnet.vpc, subnet.zone, gateway)
            if key:
                entry = self.ground.network.subnets[key]
                found.append((self.places.into_acl(entry.acl, place), inside))
        return found

    def _through(self, subnet: Subnet) -> dict[str, NDArray[np.bool_]]:
        """Return the places to which a subnet's table leads through each transit gateway."""
        found: dict[str, NDArray[np.bool_]] = {}
        for first, last, route in self._runs(subnet):
            lead = route.lead if isinstance(route, Route) and not route.blackhole else None
            if isinstance(lead, Lead) and lead.kind == "transit-gateway":
                inside = found.setdefault(lead.key, np.zeros(len(self.places), dtype=bool))
                inside[first:last] = True
        return found

    def _runs(self, subnet: Subnet) -> list[tuple[int, int, Found]]:
        if isinstance(subnet.table, Unknown):
            return [(0, len(self.places), subnet.table)]
        found = self._runs_by_table.get(id(subnet.table))
        if found is None:
            pieces = self.ground.routing.pieces(subnet.table, self.places.version)
            found = self._runs_by_table[id(subnet.table)] = self.places.runs(pieces)
        return found

    def _routed(self, subnet: Subnet) -> Row:
        """Return what the table of a subnet, and what lies behind its targets, lets through."""
        row = self._everywhere(DROP_ALL)
        levels, vias = row.levels, row.vias
        for first, last, route in self._runs(subnet):
            part = slice(first, last)
            if route is None or (isinstance(route, Route) and route.blackhole):
                continue
            lead = route if isinstance(route, Unknown) else route.lead
            if isinstance(lead, Unknown):
                levels[part], vias[part] = unsure(lead), LOST
                continue
            self._follow(subnet, lead, part, row)
        return row

    def _follow(self, subnet: Subnet, lead: Lead, part: slice, row: Row) -> None:
        places, levels, vias = self.places, row.levels, row.vias
        match lead.kind:
            case "local":
                inside = places.vpc[part] == places.vpcs[subnet.vpc]
                levels[part] = np.where(inside, PASS_ALL, DROP_ALL)
                vias[part] = np.where(inside, LOCAL, NOTHING)
            case "transit-gateway":
                found = self._transit(subnet, lead.key)
                levels[part], vias[part] = found.levels[part], found.vias[part]
                row.inside[part] = found.inside[part]
            case "peering":
                self._peering(subnet, lead.key, part, levels, vias)
            case "internet-gateway" if places.version == 4:
                # R9: an internet gateway drops packets to private addresses.
                vias[part] = np.where(self.private[part], NOTHING, WALK)
            case "egress-only-internet-gateway" if places.version == 4:
                pass  # R10: it carries IPv6 alone
            case "nat-gateway" if places.version == 4 and self._leaves_by_internet(lead.key, part):
                vias[part] = np.where(self.private[part], NOTHING, WALK)
            case _:
                vias[part] = WALK

    def _leaves_by_internet(self, name: str, part: slice) -> bool:
        """Tell whether a NAT gateway's own table leads these places to an internet gateway."""
        nat = self.ground.network.nats.get(name)
        home = self.ground.network.subnets.get(nat.subnet) if nat else None
        if home is None or nat is None or not nat.addresses or nat.regional:
            return False
        if any(self.places.subnets[n] is home for n in np.unique(self.places.subnet[part])):
            return False
        for first, last, route in self._runs(home):
            if first < part.stop and part.start < last:
                lead = route.lead if isinstance(route, Route) else None
                if not isinstance(lead, Lead) or lead.kind != "internet-gateway":
                    return False
        return True

    def _peering(self, subnet: Subnet, name: str, part: slice, levels: Ids, vias: Vias) -> None:
        """R17: a peering carries packets between the addresses of its two VPCs alone."""
        network, places = self.ground.network, self.places
        node = network.peerings.get(name)
        status = peering_status(node) if node is not None else ""
        ends = network.peering_ends(node) if node is not None else frozenset()
        if status in IDLE_PEERING:
            return
        if status != "active" or not ends <= set(network.vpcs):
            levels[part], vias[part] = UNKNOWN_ALL, LOST
            return
        far = places.vpcs.get(next(iter(ends - {subnet.vpc}), ""), -1)
        inside = (places.vpc[part] == far) & (subnet.vpc in ends)
        levels[part] = np.where(inside, PASS_ALL, DROP_ALL)
        crossed = PEERING if network.is_one_region(ends) else NOTHING
        vias[part] = np.where(inside, crossed, NOTHING)

    def _transit(self, subnet: Subnet, gateway: str) -> Row:
        """Return what lies behind a transit gateway for a subnet: its association, its zone."""
        found = self.entrance(subnet.vpc, subnet.zone, gateway)
        if not isinstance(found, tuple):
            return self._everywhere(found, LOST if found == UNKNOWN_ALL else NOTHING)
        row = self.behind.get(found)
        if row is None:
            row = self.behind[found] = self._table(*found)
        return row

    def entrance(self, vpc: str, zone: str, gateway: str) -> tuple[str, str] | int:
        """Return table and zone with which packets go on; a vector where they do not."""
        key = (vpc, zone, gateway)
        found = self.entrances.get(key)
        if found is None:
            found = self.entrances[key] = self._entrance(*key)
        return found

    def _entrance(self, vpc: str, zone: str, gateway: str) -> tuple[str, str] | int:
        network = self.ground.network
        if network.lost(*TRANSIT_TYPES):
            return UNKNOWN_ALL
        attachment = network.attachment_of.get((vpc, gateway))
        if attachment is None or attachment.state in IDLE:
            return DROP_ALL
        if attachment.state not in WORKING:
            return UNKNOWN_ALL
        entry = entry_subnet(self.ground, attachment, zone)
        associated = network.associations.get(attachment.key)
        if entry is None or associated is None:
            return DROP_ALL
        if associated not in network.transit_tables:
            return UNKNOWN_ALL
        return associated, entry.zone

    def _everywhere(self, number: int, via: int = NOTHING) -> Row:
        size = len(self.places)
        return Row(
            np.full(size, number, dtype=np.uint16),
            np.full(size, via, dtype=np.uint8),
            np.zeros(size, dtype=bool),
        )

    def _table(self, associated: str, zone: str) -> Row:
        """Return what a transit gateway's table lets through to packets of a zone (R18)."""
        network = self.ground.network
        found = self._everywhere(DROP_ALL)
        pieces = self.ground.routing.transit_pieces(
            network.transit_tables[associated], self.places.version
        )
        for first, last, route in self.places.runs(pieces):
            part = slice(first, last)
            if isinstance(route, Unknown):
                found.levels[part], found.vias[part] = unsure(route), LOST
            elif route is not None and len(route) > 1:
                found.vias[part] = WALK  # AWS spreads flows
            elif route is not None and not route[0].blackhole:
                self._attachment(route[0], zone, part, found)
        return found

    def _attachment(self, route: TransitRoute, zone: str, part: slice, found: Row) -> None:
        if isinstance(route.attachment, Unknown):
            found.levels[part], found.vias[part] = UNKNOWN_ALL, LOST
            return
        far = self.ground.network.attachments[route.attachment]
        if far.state in IDLE:
            return
        if far.state not in WORKING:
            found.levels[part], found.vias[part] = UNKNOWN_ALL, LOST
            return
        if far.kind != "vpc":
            found.vias[part] = WALK
            return
        places = self.places
        inside = places.vpc[part] == places.vpcs.get(far.vpc, -1)
        zones = {s.zone for s in attachment_subnets(self.ground, far)}
        numbers = [places.zones[z] for z in zones if z in places.zones]
        served = inside & np.isin(places.zone[part], numbers)
        levels, walk, own = self._exits(far, zone, part)
        found.inside[part] = own
        # R19: destinations in a zone without attachment are not reached; what is not in the VPC
        # goes on from there.
        found.levels[part] = np.where(served, levels, DROP_ALL)
        vias = np.where(served, np.where(walk, WALK, TRANSIT), NOTHING)
        found.vias[part] = np.where(inside, vias, WALK)

    def _exits(
        self, far: Attachment, zone: str, part: slice
    ) -> tuple[Ids, NDArray[np.bool_], NDArray[np.bool_]]:
        """Return what subnets in which packets come out let through, what to walk, what is inside.

        R22: the table of the attachment's subnet decides; F11: its outbound rules are asked, none
        inside that subnet.
        """
        places, rows = self.places, []
        walk = np.zeros(part.stop - part.start, dtype=bool)
        own = walk.copy()
        for subnet in exit_subnets(self.ground, far, zone):
            row = places.out_row(subnet.acl)[part].copy()
            number = places.number_of.get(id(subnet), -1)
            here = places.subnet[part] == number
            row[here] = PASS_ALL
            own |= here
            rows.append(row)
            walk |= ~self._is_local(subnet, part)
        if not rows:
            return np.full(part.stop - part.start, DROP_ALL, dtype=np.uint16), ~walk, own
        if len(rows) == 1:
            return rows[0], walk, own
        columns, inverse = np.unique(np.stack(rows), axis=1, return_inverse=True)
        chosen = [self.store.choice(tuple(column)) for column in columns.T.tolist()]
        # Of several ways one alone may come out in the place's subnet: each is to be walked.
        return np.array(chosen, dtype=np.uint16)[inverse.reshape(-1)], walk | own, own

    def _is_local(self, subnet: Subnet, part: slice) -> NDArray[np.bool_]:
        """Tell to which places of a run a subnet's table has a local route."""
        local = np.zeros(len(self.places), dtype=bool)
        for first, last, route in self._runs(subnet):
            lead = route.lead if isinstance(route, Route) and not route.blackhole else None
            local[first:last] = isinstance(lead, Lead) and lead.kind == "local"
        found: NDArray[np.bool_] = local[part]
        return found


def unsure(unknown: Unknown) -> int:
    """Return the vector of what is not known, or of what AWS gives no order to."""
    return UNDETERMINED_ALL if is_undetermined(unknown) else UNKNOWN_ALL
