"""Interfaces and instances as targets of routes: appliances, NAT instances, or the receiver itself.

F21, R14: what forwards must not check sources and destinations (VPC guide). R15: a NAT instance
has groups both ways and bears its own address. What the machine does is what its tag says.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from ringwall.verify.case import Case
from ringwall.verify.edges import admitted_into, filtered, groups_name
from ringwall.verify.elements import Route, Subnet
from ringwall.verify.filters import admitted_by_groups
from ringwall.verify.places import Move, Part, Place, lost, stopped, to
from ringwall.verify.reading import APPLIANCE_TAG
from ringwall.verify.sets import FAMILIES, Packets, join
from ringwall.verify.traffic import NAT_PROTOCOLS, protocols

ROUTABLE = frozenset({"interface", "efa"})


def interface(
    case: Case, place: Place, here: Subnet, packets: Packets, route: Route
) -> Iterator[Part]:
    """Arrive at an interface whose own address is asked, or pass it."""
    box = case.network.interfaces.get(route.target)
    own = join(box.part, box.address) if box is not None else ()
    inside = case.receivers_that(lambda end: bool(end.vpc))
    mine = case.destination(place, packets, own).only(receiver=inside)
    yield Part(mine, case.arrive(here, place))
    yield from enter(case, place, here, packets - mine, route)


def enter(
    case: Case, place: Place, here: Subnet | None, packets: Packets, route: Route
) -> Iterator[Part]:
    """Go to an interface that a route leads to."""
    box = case.network.interfaces.get(route.target)
    if case.strict:
        yield lost(packets, "that packets get through an appliance is not certified")
        return
    if box is None or box.subnet not in case.network.subnets:
        yield lost(packets, f"{route.kind} {route.target} is not in the input")
        return
    at = "box" if here is not None and here.key == box.subnet else "box-in"
    yield Part(packets, to(replace(place, at=at, of=box.key)))


def home(case: Case, place: Place) -> Subnet:
    """Return the subnet of an interface."""
    return case.network.subnets[case.network.interfaces[place.of].subnet]


def box(case: Case, place: Place, packets: Packets) -> Iterator[Part]:
    """Go into an interface by its groups, and through the machine behind it."""
    it = case.network.interfaces[place.of]
    name = f"NetworkInterface {it.key}"
    if it.kind not in ROUTABLE:
        yield lost(packets, f"interfaces of type {it.kind!r} are not modelled as targets")
        return
    hidden = place.gateway == "internet-gateway" and not it.public
    for is_wrong, why in (
        (it.broken, it.broken),
        (it.checks, "its source/destination check rejects packets of others"),
        (hidden, "without a public address it takes nothing from an internet gateway"),
    ):
        if is_wrong:
            yield stopped(packets, name, why)
            return
    through = replace(place, at="box-out", gateway="")
    admitted = admitted_into(case, place, it.groups)
    text = "no ingress rule allows it"
    if it.does == "forwards":
        goes = to(replace(through, bears=""))
        yield from filtered(packets, packets - admitted, groups_name(it.groups), text, goes)
    elif it.does == "translates" and it.address:
        v4, v6 = (case.destination(place, packets, FAMILIES[n]) for n in (4, 6))
        passed = v4.only(traffic=protocols(*NAT_PROTOCOLS))
        yield lost(v6 & admitted, f"which address {it.key} translates to is not known")
        yield stopped(v6 - admitted, groups_name(it.groups), text)
        yield stopped(packets - passed - v6, name, "it translates TCP, UDP and ICMP alone")
        own = replace(through, bears=it.key, nat=it.key)
        denied = passed - admitted
        borne = case.borne(own)
        goes = partial(_bearing, own, borne)
        yield from filtered(passed, denied, groups_name(it.groups), text, goes)
    else:
        yield lost(packets & admitted, f"no tag {APPLIANCE_TAG} says what {it.key} does")
        yield stopped(packets - admitted, groups_name(it.groups), text)


def box_out(case: Case, place: Place, packets: Packets) -> Iterator[Part]:
    """Leave an interface by its groups, and its subnet by ACL and table."""
    it = case.network.interfaces[place.of]
    admitted = admitted_by_groups(case, place, it.groups, (), egress=True)
    goes = case.leave(home(case, place), place)
    text = "no egress rule allows it"
    yield from filtered(packets, packets - admitted, groups_name(it.groups), text, goes)


def _bearing(place: Place, borne: int, packets: Packets) -> Iterator[Move]:
    yield place, packets.bearing(borne)
