"""What joins VPCs: peering connections, transit gateways; and gateway endpoints to services."""

from collections.abc import Iterator
from dataclasses import replace

from ringwall.verify import inspections, premises
from ringwall.verify.case import Case
from ringwall.verify.elements import Attachment, Route, Subnet, TransitRoute, TransitTable
from ringwall.verify.network import peering_status
from ringwall.verify.places import Move, Part, Place, arrived, lost, stopped, to
from ringwall.verify.reading import ANYWHERE
from ringwall.verify.sets import Packets, meet, minus
from ringwall.verify.transit import IDLE, LINES, PEERINGS, WORKING
from ringwall.verify.values import is_gateway

IDLE_PEERING = frozenset({"deleting", "deleted", "rejected", "failed", "expired"})


def peering(
    case: Case, place: Place, here: Subnet, packets: Packets, route: Route
) -> Iterator[Part]:
    """Cross a peering connection.

    R17: only while active, only between the two VPCs' own addresses: no transit, no use of the
    peer's gateways (peering guide, limitations).
    """
    network, name = case.network, f"VPCPeeringConnection {route.target}"
    node = network.peerings.get(route.target)
    if node is None:
        yield lost(packets, f"peering {route.target} is not in the input")
        return
    status, ends = peering_status(node), network.peering_ends(node)
    if status in IDLE_PEERING:
        yield stopped(packets, name, f"it is {status}")
    elif status != "active":
        yield lost(packets, f"peering {route.target} is {status!r}")
    elif not ends <= network.vpcs.keys():
        yield lost(packets, f"the other side of peering {route.target} is not in the input")
    else:
        far = 0
        if not place.crossed:
            pairs = case.receivers_that(lambda end: {here.vpc, end.vpc} == ends)
            far = pairs
        one_region = len({network.vpcs[vpc].region for vpc in ends}) < 2
        over = replace(place, crossed="peering" if one_region else "peering of Regions")
        yield Part(packets.only(receiver=far), case.arrive(None, over))
        text = "it carries traffic between the addresses of its two VPCs alone"
        yield stopped(packets.only(receiver=~far), name, text)


def endpoint(
    case: Case, place: Place, here: Subnet, packets: Packets, route: Route
) -> Iterator[Part]:
    """Go to a service through a gateway endpoint, or through an endpoint that inspects.

    R26: "endpoint connections cannot be extended out of a VPC" (PrivateLink guide, gateway
    endpoints). F19: its policy is IAM's, not packets'.
    """
    name = f"VPCEndpoint {route.target}"
    node = case.network.values.node("AWS::EC2::VPCEndpoint", route.target)
    if node is None or not is_gateway(node):
        yield from inspections.enter(case, place, here, packets, route.target)
    elif case.reply:
        yield stopped(packets, name, "it never saw the connection")
    elif place.crossed:
        yield stopped(packets, name, "it serves its own VPC alone")
    elif str(node.observed.get("State", "available")).lower() != "available":
        yield lost(packets, f"endpoint {route.target} is {node.observed['State']!r}")
    else:
        yield Part(packets, arrived(place, "vpc-endpoint"))


def transit_gateway(
    case: Case, place: Place, here: Subnet, packets: Packets, route: Route
) -> Iterator[Part]:
    """R18: attachment, associated table, longest prefix, attachment (Transit Gateway guide).

    R19: a subnet reaches the gateway only if the attachment has a subnet in its zone.
    """
    name = f"TransitGateway {route.target}"
    found = [a for a in case.network.attachments.values() if a.vpc and a.vpc == here.vpc]
    attachment = next((a for a in reversed(found) if a.gateway == route.target), None)
    if attachment is None:
        yield stopped(packets, name, f"{here.vpc} has no attachment to it")
        return
    idle = _idle(attachment, packets)
    entry = next((s for s in _subnets(case, attachment) if s.zone == here.zone), None)
    if idle is not None:
        yield idle
    elif entry is None:
        text = f"the attachment has no subnet in {here.zone}"
        yield stopped(packets, attachment_name(attachment), text)
    else:
        came = replace(place, at="transit-in", of=attachment.key, entered=entry.key)
        yield Part(packets, to(replace(came, gateway=attachment.gateway)))


def attachment_name(attachment: Attachment) -> str:
    """Name an attachment as what stops packets."""
    return f"TransitGatewayAttachment {attachment.key}"


def _subnets(case: Case, attachment: Attachment) -> list[Subnet]:
    known = case.network.subnets
    return [known[key] for key in attachment.subnets if key in known]


def _idle(attachment: Attachment, packets: Packets) -> Part | None:
    if attachment.state in WORKING:
        return None
    if attachment.state in IDLE:
        return stopped(packets, attachment_name(attachment), f"it is {attachment.state}")
    return lost(packets, f"attachment {attachment.key} is {attachment.state!r}")


def entry_subnet(case: Case, place: Place) -> Subnet:
    """F11: what goes to a transit gateway meets the ACL of the attachment's subnet in its zone."""
    return case.network.subnets[place.entered]


def transit(case: Case, place: Place, packets: Packets) -> Iterator[Part]:
    """Ask the transit gateway's table of the attachment by which packets came in."""
    attachment = case.network.attachments[place.of]
    table = _table(case, attachment, place.gateway)
    if isinstance(table, str):
        text = "it is associated with no route table"
        yield lost(packets, table) if table else stopped(packets, attachment_name(attachment), text)
        return
    if table.doubt:
        yield lost(packets, table.doubt)
        return
    name, left = f"TransitGatewayRouteTable {table.key}", ANYWHERE
    for route in sorted(table.routes, key=lambda r: (-r.length, r.rank)):
        part = meet(left, route.part)
        equal = [r for r in table.routes if (r.part, r.rank) == (route.part, route.rank)]
        left = minus(left, part)
        for each in equal if part else ():  # AWS spreads flows over equal routes
            yield from _take(case, place, case.destination(place, packets, part), name, each)
    yield stopped(case.destination(place, packets, left), name, "no route")


def _table(case: Case, attachment: Attachment, gateway: str) -> TransitTable | str:
    """Return the table that an attachment asks; "" for none, else what is not in the input.

    R21: a peering's side asks the table that it is associated with there (Transit Gateway guide).
    """
    network = case.network
    known = network.associations
    if attachment.kind not in PEERINGS:
        keys = known.get(attachment.key, ())[-1:]
        tables = [network.transit_tables.get(key) for key in keys]
        return next((table or _missing(keys[0]) for table in tables), "")
    own, absent = attachment.node.physical_id, ""
    for twin in network.attachments.values():
        is_same = twin.key == attachment.key or (own and own == twin.node.physical_id)
        joins = twin.kind in PEERINGS and set(twin.gateways) == set(attachment.gateways)
        for key in known.get(twin.key, ()) if is_same or joins else ():
            table = network.transit_tables.get(key)
            if table is not None and table.gateway == gateway:
                return table
            if table is None:
                absent = _missing(key)
    return absent


def _missing(key: str) -> str:
    return f"transit gateway route table {key} is not in the input"


def _take(
    case: Case, place: Place, packets: Packets, name: str, route: TransitRoute
) -> Iterator[Part]:
    if route.blackhole:
        yield stopped(packets, name, "the route is a blackhole")
        return
    if route.doubt:
        yield lost(packets, route.doubt)
        return
    far = case.network.attachments[route.attachment]
    idle = _idle(far, packets)
    if idle is not None:
        yield idle
    elif far.vpc:
        crossed = place.crossed or "transit-gateway"
        yield from _into(case, replace(place, crossed=crossed), packets, far)
    elif far.kind in PEERINGS:
        yield _over(case, place, packets, far, route)
    elif far.kind in LINES:
        yield from premises.leave_transit(case, place, packets, far)
    else:
        yield lost(packets, f"attachments of type {far.kind!r} are not modelled")


def _over(case: Case, place: Place, packets: Packets, far: Attachment, route: TransitRoute) -> Part:
    """R21: a peering of transit gateways takes static routes alone (Transit Gateway guide)."""
    other = next((each for each in far.gateways if each != place.gateway), "")
    known = ("AWS::EC2::TransitGateway", other) in case.network.graph or any(
        table.gateway == other for table in case.network.transit_tables.values()
    )
    if route.propagated or not other or not known:
        return lost(packets, f"what lies behind attachment {far.key} is not in the input")
    beyond = replace(
        place, of=far.key, gateway=other, entered="", crossed="transit-gateway-peering"
    )
    return Part(packets, to(beyond))


def _into(case: Case, place: Place, packets: Packets, far: Attachment) -> Iterator[Part]:
    """Come out of a transit gateway into a VPC.

    R22: the packet starts in the attachment's subnet, whose table decides. R23: without appliance
    mode it stays in its zone where the attachment has a subnet there; with it, or without such a
    subnet, AWS chooses. F11: what comes from the gateway meets the outbound rules of the attachment
    subnet's ACL, none inside that subnet (Transit Gateway guide).
    """
    subnets = _subnets(case, far)
    zones = {subnet.zone for subnet in subnets}
    known = case.network.subnets
    away = case.receivers_that(
        lambda end: end.vpc == far.vpc and known[end.subnet].zone not in zones
    )
    text = "it has no subnet in the zone of the destination"
    yield stopped(packets.only(receiver=away), attachment_name(far), text)
    near = [subnet for subnet in subnets if subnet.zone == case.zone(place)]
    choices = near if near and not far.appliance_mode else subnets
    out = replace(place, entered="", gateway="")

    def go(packets: Packets) -> Iterator[Move]:
        for subnet in choices:
            same = case.receivers.by_subnet.get(subnet.key, 0)
            yield replace(out, at="table", of=subnet.key), packets.only(receiver=same)
            yield replace(out, at="acl-out", of=subnet.key), packets.only(receiver=~same)

    rest = packets.only(receiver=~away)
    if choices:
        yield Part(rest, go)
    else:
        yield lost(rest, f"the subnets of attachment {far.key} are not in the input")
