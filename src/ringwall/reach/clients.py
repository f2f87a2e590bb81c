"""A balancer's node → the classes of clients between which nothing behind it tells.

Rules:
- A client counts by what is asked about its address (ACLs of targets' subnets, groups of targets or
  of the balancer, whether it is a target's own), and by its groups where rules of targets name
  them: next to the node, that is in its VPC or over a peering.
- Where a way from the node leaves its VPC, or meets anything but filters, each pair is walked.
"""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ringwall.model.graph import Unknown
from ringwall.reach.connecting import kept, preserves, site_of
from ringwall.reach.elements import Acl
from ringwall.reach.fabric import LOCAL, PEERING
from ringwall.reach.filters import Members
from ringwall.reach.levels import DROP_ALL
from ringwall.reach.places import Ints, acl_key
from ringwall.reach.reading_services import Balancer
from ringwall.reach.targets import Target, target_of
from ringwall.reach.ways import Client, Site, Via

if TYPE_CHECKING:
    from ringwall.reach.engine import Engine
    from ringwall.reach.plane import Plane


@dataclass(slots=True)
class Asked:
    """What is asked about a client behind a node; with nothing in it all clients fare alike."""

    acls: dict[str, Acl | Unknown] = field(default_factory=dict)
    addresses: set[Members] = field(default_factory=set)  # groups, about its address
    itself: set[int] = field(default_factory=set)  # addresses of targets, which may be its own
    references: set[Members] = field(default_factory=set)  # groups, about its groups

    def __bool__(self) -> bool:
        return bool(self.acls or self.addresses)


@dataclass(slots=True)
class Classes:
    """The class of every site as a client; `clients` are one of each."""

    of_site: Ints
    clients: list[Client]


def asked_behind(engine: "Engine", site: Site) -> Asked | None:
    """Return what is asked about clients of a node or an endpoint; None: walk each pair."""
    services, found = engine.network.services, Asked()
    if not site.service:
        return _behind(engine, services.balancers[site.balancer], site, found)
    node = services.by_name[site.service]
    for key in engine.network.values.keys(node.properties.get("NetworkLoadBalancerArns")):
        balancer = services.balancers.get(key)
        if balancer is None or balancer.groups is None:
            continue
        if balancer.asks_groups_of_endpoints:
            found.addresses.add(balancer.groups)
    return found


def _behind(engine: "Engine", balancer: Balancer, site: Site, found: Asked) -> Asked | None:
    client = Client(site.spot)
    for group in (group for listener in balancer.listeners for group in listener.groups):
        if isinstance(group, Unknown) or not preserves(balancer, group, client):
            continue
        if group.kind == "alb":
            return None
        for each in group.targets:
            target = target_of(engine.network, group, each)
            if isinstance(target, Unknown) or target.block.version != site.spot.version:
                continue  # what is not known is so for all; of another family none is shown
            if not _is_near(engine, balancer, site, target):
                return None
            assert target.subnet is not None
            if target.subnet is not site.subnet:
                found.acls[acl_key(target.subnet.acl)] = target.subnet.acl
            found.addresses.add(target.groups)
            if balancer.groups is not None:
                found.references.add(target.groups)
            if not target.balancer:
                found.itself.add(target.block.start)
    return found


def _is_near(engine: "Engine", balancer: Balancer, site: Site, target: Target) -> bool:
    """Tell whether the way from a node to a target stays in its VPC and meets filters alone."""
    if target.subnet is None or site.subnet is None or target.subnet.vpc != site.vpc:
        return False
    asking = (site, Client(site.spot))
    ways = kept(engine.ground, balancer, asking, target.name, site_of(target))
    return all(way.delivered and way.via == Via() for way, _ in ways)


def classes_of(plane: "Plane", number: int, asked: Asked) -> Classes:
    """Return the classes of all sites of a plane as clients of one of them."""
    filters, places = plane.engine.filters, plane.places
    rows = [
        places.acl_row(acl, egress=egress)
        for acl in asked.acls.values()
        for egress in (False, True)
    ]
    rows += [
        places.row(filters.group_pieces(members, egress=False, version=plane.version))
        for members in sorted(asked.addresses)
    ]
    of_place = np.zeros(len(places), dtype=np.int64)
    addresses = places.addresses
    for own, address in enumerate(sorted(asked.itself), 1):
        of_place[bisect_left(addresses, address) : bisect_right(addresses, address)] = own
    for row in rows:
        _, of_place = np.unique((of_place << 16) + row, return_inverse=True)
    of_site: Ints = of_place[plane.place].astype(np.int32)
    vias = plane.fabric_of(int(plane.place[number]))[1][1][plane.place]
    near = (vias == LOCAL) | (vias == PEERING)
    named = _named(plane, asked, near)
    more: dict[tuple[int, int], int] = {}
    count = int(of_place.max(initial=0)) + 1
    for at in np.flatnonzero(named).tolist():
        key = int(of_site[at]), int(named[at])
        of_site[at] = more.setdefault(key, count + len(more))
    _, firsts, which = np.unique(of_site, return_index=True, return_inverse=True)
    clients = [
        Client(site.spot, frozenset(site.groups) if near[at] else frozenset())
        for at in firsts.tolist()
        for site in [plane.sites[at]]
    ]
    return Classes(which.astype(np.int32), clients)


def _named(plane: "Plane", asked: Asked, near: NDArray[np.bool_]) -> Ints:
    """Return, for near sites, a number for what references to their groups say, 0 for nothing."""
    references, join = plane.engine.filters.references, plane.store.join
    heard = [references(members, egress=False) for members in sorted(asked.references)]
    known: dict[tuple[int, ...], int] = {(DROP_ALL,) * len(heard): 0}
    of_set: dict[int, int] = {}
    found = np.zeros(len(plane), dtype=np.int32)
    for at in np.flatnonzero(near).tolist() if heard else ():
        own = int(plane.set_of[at])
        if own not in of_set:
            said = [DROP_ALL] * len(heard)
            for group in plane.members[own]:
                said = [join(a, b.get(group, DROP_ALL)) for a, b in zip(said, heard, strict=True)]
            of_set[own] = known.setdefault(tuple(said), len(known))
        found[at] = of_set[own]
    return found
