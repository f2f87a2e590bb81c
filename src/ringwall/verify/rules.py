"""A place and the packets there → what becomes of them: one step, every rule of AWS's once.

Rule: packets may do more here than in truth, never less. A packet that may take several ways takes
them all; what is in doubt at a filter passes it; where it is not known what lies behind a place,
packets go to a place called `unknown`, about which no claim is accepted.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial

from ringwall.verify import border, boxes, crossings, inspections, premises, relays
from ringwall.verify.case import Case
from ringwall.verify.edges import admitted_into, ask_acl, filtered, groups_name, matches_out
from ringwall.verify.elements import Route, Subnet, Table
from ringwall.verify.ends import ENDPOINT, OUTSIDE, End
from ringwall.verify.filters import admitted_by_groups
from ringwall.verify.places import Move, Part, Place, arrived, lost, stopped, to, unknown
from ringwall.verify.reading import ANYWHERE
from ringwall.verify.routes import share
from ringwall.verify.sets import Packets, meet
from ringwall.verify.sites import Sites
from ringwall.verify.traffic import NEVER_FORWARDED

START = Place("sender")
SHORTEST_OF_SERVICES = 24  # the blocks of AWS's services are more specific than default routes
NAT_BACK = "nat-back"
ANSWER = "answer"


def step(case: Case, place: Place, packets: Packets) -> list[Part]:
    """Return the fates of packets at a place; a place that there is not raises KeyError."""
    return [part for part in _STEPS[place.at](case, place, packets) if part.packets]


def _sender(case: Case, place: Place, packets: Packets) -> Iterator[Part]:
    """Leave an interface by its groups, or come in from outside."""
    for (groups, vpc), ends in _alike(case.senders).items():
        mine = packets.only(sender=ends)
        if not vpc:
            yield from _from_outside(case, mine)
            continue
        # R27: an interface endpoint answers, and starts nothing (PrivateLink guide).
        for theirs, silent in _silent(case, mine, vpc):
            yield stopped(silent, f"VPCEndpoint of {vpc}", f"it starts nothing to {theirs}")
            mine -= silent
        members = [
            (1 << n, site.end.groups if matches_out(case, vpc, site.end) else ())
            for n, site in enumerate(case.receivers)
        ]
        admitted = admitted_by_groups(case, place, groups, members, egress=True)
        text = "no egress rule allows it"
        yield from filtered(mine, mine - admitted, groups_name(groups), text, _depart(case, place))


def _silent(case: Case, packets: Packets, vpc: str) -> Iterator[tuple[str, Packets]]:
    """Yield what endpoints would send, by VPC, if nothing beside the way is not modelled."""
    endpoints = case.senders_that(lambda end: end.kind == ENDPOINT)
    for theirs, mine in case.by_vpc(packets.only(sender=endpoints)):
        if not (case.gaps.of(vpc) or case.gaps.of(theirs)):
            yield theirs or "outside", mine


def _alike(sites: Sites) -> dict[tuple[tuple[str, ...], str], int]:
    found: dict[tuple[tuple[str, ...], str], int] = {}
    for number, site in enumerate(sites):
        key = (site.end.groups, site.end.vpc)
        found[key] = found.get(key, 0) | 1 << number
    return found


def _depart(case: Case, place: Place) -> Callable[[Packets], Iterator[Move]]:
    """Return how what an interface sends goes on, if nothing beside its way is not modelled."""

    def go(packets: Packets) -> Iterator[Move]:
        for key, ends in case.senders.by_subnet.items():
            if not key:
                continue
            here = case.network.subnets[key]
            mine = packets.only(sender=ends)
            for vpc, theirs in case.by_vpc(mine):
                gap = case.gaps.of(here.vpc) or case.gaps.of(vpc)
                if gap and not case.strict:
                    yield unknown(gap), theirs
                else:
                    yield from case.leave(here, place)(theirs)

    return go


def _from_outside(case: Case, packets: Packets) -> Iterator[Part]:
    """Come in from outside: from on-premises, or from the internet."""
    outer = case.receivers_that(lambda end: not end.vpc)
    yield lost(packets.only(receiver=outer), "neither end is in the network")
    packets = packets.only(receiver=~outer)
    for vpc, mine in case.by_vpc(packets):
        gap = case.gaps.of(vpc)
        if gap and not case.strict:
            yield lost(mine, gap)
            continue
        private = case.senders_that(lambda end: end.kind == OUTSIDE)
        yield from premises.enter(case, mine.only(sender=private), vpc)
        came = Place("entry", vpc, crossed="internet", bears="")
        yield Part(mine.only(sender=~private), to(came))


def _answer(case: Case, place: Place, packets: Packets) -> Iterator[Part]:
    """Start a reply, by the way that its packet came: F2, no groups are asked (EC2 guide)."""
    for key, ends in case.senders.by_subnet.items():
        mine = packets.only(sender=ends)
        if key:
            yield Part(mine, case.leave(case.network.subnets[key], Place("", bears="")))
        elif place.gateway:  # an egress-only gateway (R10), or the endpoint of a service
            yield Part(mine, case.arrive(None, Place("", bears="")))
        else:
            yield from _from_outside(case, mine)


def _nat_back(case: Case, place: Place, packets: Packets) -> Iterator[Part]:
    """Go on from a NAT gateway, which puts the client's address back, by its subnet's table."""
    home = case.network.subnets[case.network.nats[place.of].subnet]
    yield Part(packets, case.leave(home, Place("", bears="")))


def _acl_out(case: Case, place: Place, packets: Packets) -> Iterator[Part]:
    here = case.home(place)
    assert here.acl is not None
    goes = to(replace(place, at="table"))
    yield from ask_acl(case, place, packets, here.acl, goes, egress=True)


def _acl_in(home: Callable[[Case, Place], Subnet], then: str) -> "Step":
    """Return the step at an ACL on the way into the subnet of a piece on the way."""

    def ask(case: Case, place: Place, packets: Packets) -> Iterator[Part]:
        acl = home(case, place).acl
        goes = to(replace(place, at=then))
        if acl is None:
            yield Part(packets, goes)
            return
        yield from ask_acl(case, place, packets, acl, goes, egress=False)

    return ask


def _arrival(case: Case, place: Place, packets: Packets) -> Iterator[Part]:
    """Enter the receiver's subnet by its ACL; outside of every subnet there is none."""
    goes = to(replace(place, at="receiver"))
    for key, mine in case.by_subnet(packets):
        acl = case.network.subnets[key].acl if key else None
        if acl is None:
            yield Part(mine, goes)
        else:
            yield from ask_acl(case, place, mine, acl, goes, egress=False)


def _receiver(case: Case, place: Place, packets: Packets) -> Iterator[Part]:
    """Meet the groups of the receiver; what they let pass has arrived, or is at a node."""
    for (groups, vpc), ends in _alike(case.receivers).items():
        mine = packets.only(receiver=ends)
        if not vpc or case.reply:  # F2: a reply passes groups by the state of its connection
            yield Part(mine, arrived(place))
            continue
        admitted = admitted_into(case, place, groups)
        text = "no ingress rule allows it"
        goes = relays.at_end(case, place)
        yield from filtered(mine, mine - admitted, groups_name(groups), text, goes)


def _table(case: Case, place: Place, packets: Packets) -> Iterator[Part]:
    """Ask the route table of a subnet, and go where its routes lead."""
    here = case.home(place)
    for part, route in routed(case, place, here.table, packets):
        if route is None:
            yield part
        else:
            yield from _follow(case, place, here, part.packets, route)


def routed(
    case: Case, place: Place, table: Table, packets: Packets
) -> Iterator[tuple[Part, Route | None]]:
    """Yield what each route of a table takes, and without a route what none takes."""
    name = f"RouteTable {table.key}"
    reserved = case.destination(place, packets, NEVER_FORWARDED)
    yield stopped(reserved, name, "reserved addresses are never forwarded"), None  # R8
    packets = packets - reserved
    if table.doubt:
        yield lost(packets, table.doubt), None
        return
    shares = share(table, ANYWHERE)
    listed = {each.list_name for each in shares} - {""}
    of_services = case.receivers_that(lambda end: bool(end.lists & listed))
    for each in shares:
        mine = case.destination(place, packets, each.part)
        route = each.route
        if each.list_name:
            holds = case.receivers_that(partial(_is_listed, each.list_name))
            mine = mine.only(receiver=holds)
        elif not each.doubt and (route is None or route.length < SHORTEST_OF_SERVICES):
            mine = mine.only(receiver=~of_services)
        doubt = each.doubt or (route.doubt if route else "")
        if not mine:
            continue
        if not doubt and route is not None:
            doubt = _illegal(case, table, route)
        if doubt:
            yield lost(mine, doubt), None
        elif route is None:
            yield stopped(mine, name, "no route"), None
        elif route.blackhole:
            yield stopped(mine, name, f"{route.text} is a blackhole"), None  # R7
        else:
            yield Part(mine), route


# R3: what a route inside the VPC's own addresses may lead to (VPC guide, "Routes that are more
# specific than the local route"); its destination must be a whole subnet.
_LEGAL_INSIDE = frozenset({"local", "nat-gateway", "network-interface", "instance", "vpc-endpoint"})


def _illegal(case: Case, table: Table, route: Route) -> str:
    network, part = case.network, route.part
    if route.origin == "local" or part is None:
        return ""
    own = [each for each, _ in network.blocks.get(table.vpc, ())]
    if not any(meet(part, each) == part for each in own):
        return ""
    of_subnets = [pair for s in network.subnets.values() if s.vpc == table.vpc for pair in s.part]
    is_whole = part in own or part[0] in of_subnets
    if is_whole and route.kind in _LEGAL_INSIDE:
        return ""
    return f"route {route.text} of {table.key} is one that AWS would not take"


def _follow(
    case: Case, place: Place, here: Subnet, packets: Packets, route: Route
) -> Iterator[Part]:
    target = TARGETS.get(route.kind)
    if target is None:
        yield lost(packets, f"routes to a {route.kind} are not modelled")
    else:
        yield from target(case, place, here, packets, route)


def _local(
    case: Case, place: Place, here: Subnet, packets: Packets, route: Route
) -> Iterator[Part]:
    """R3: the local route of a VPC's block leads to every subnet in it (VPC guide)."""
    inside = case.receivers.by_vpc.get(here.vpc, 0)
    yield Part(packets.only(receiver=inside), case.arrive(here, place))
    text = f"{route.text}: it is not in {here.vpc}"
    yield stopped(packets.only(receiver=~inside), f"RouteTable {here.table.key}", text)


def _edge(case: Case, place: Place, packets: Packets) -> Iterator[Part]:
    """R16: go on from a gateway into its VPC by the gateway's own table."""
    table = case.network.tables.get(place.of)
    if table is None:
        yield lost(packets, f"route table {place.of} is not in the input")
        return
    for part, route in routed(case, place, table, packets):
        if route is None:
            yield part
        elif route.kind == "local":
            yield Part(part.packets, case.arrive(None, place))
        elif route.kind in {"network-interface", "instance"} and route.origin != "list":
            yield from boxes.enter(case, place, None, part.packets, route)
        elif route.kind == "vpc-endpoint" and route.origin != "list":
            if place.gateway != "internet-gateway":
                # "... traffic from a virtual private gateway to a Gateway Load Balancer endpoint
                # is dropped" (VPC guide, gateway route table rules).
                text = f"a {place.gateway} reaches no endpoint"
                yield stopped(part.packets, f"VPCEndpoint {route.target}", text)
            else:
                yield from inspections.enter(case, place, None, part.packets, route.target)
        else:
            yield lost(part.packets, f"a gateway's route to a {route.kind} is not modelled")


Step = Callable[[Case, Place, Packets], Iterator[Part]]
Target = Callable[[Case, Place, Subnet, Packets, Route], Iterator[Part]]

TARGETS: Mapping[str, Target] = {
    "local": _local,
    "internet-gateway": border.internet_gateway,
    "egress-only-internet-gateway": border.egress_only,
    "nat-gateway": border.nat_gateway,
    "peering": crossings.peering,
    "transit-gateway": crossings.transit_gateway,
    "vpc-endpoint": crossings.endpoint,
    "network-interface": boxes.interface,
    "instance": boxes.interface,
    "virtual-private-gateway": premises.private_gateway,
}
_STEPS: Mapping[str, Step] = {
    "sender": _sender,
    "answer": _answer,
    "nat-back": _nat_back,
    "acl-out": _acl_out,
    "table": _table,
    "edge": _edge,
    "arrival": _arrival,
    "receiver": _receiver,
    "entry": border.entry,
    "nat-in": _acl_in(border.nat_home, "nat"),
    "nat": border.nat,
    "transit-in": _acl_in(crossings.entry_subnet, "transit"),
    "transit": crossings.transit,
    "inspection-in": _acl_in(inspections.home, "inspection"),
    inspections.INSPECTION: inspections.inspection,
    "box-in": _acl_in(boxes.home, "box"),
    "box": boxes.box,
    "box-out": boxes.box_out,
    relays.NODE: relays.node,
    relays.RELAYED: relays.relayed,
}


def _is_listed(name: str, end: End) -> bool:
    return name in end.lists
