"""On-premises networks: virtual private gateways, VPN connections, Direct Connect, both ways."""

from collections.abc import Iterator

from ringwall.verify.case import Case
from ringwall.verify.elements import Attachment, Route, Subnet
from ringwall.verify.ends import OUTSIDE
from ringwall.verify.lines import Line
from ringwall.verify.network import Network, peering_status
from ringwall.verify.places import Part, Place, arrived, lost, stopped, to
from ringwall.verify.sets import FAMILIES, Packets, union
from ringwall.verify.transit import LINES, PEERINGS

LINES_NOT_FOLLOWED = "that packets get through to, or from, on-premises networks is not certified"


def _vpcs_of_gateways(network: Network) -> dict[str, set[str]]:
    values = network.values
    found = {
        node.key: {
            values.key(item.get("VpcId"))
            for item in node.observed.get("VpcAttachments") or ()
            if item.get("State", "attached") == "attached"
        }
        for node in values.ec2("VPNGateway")
    }
    for node in values.ec2("VPCGatewayAttachment"):
        if node.properties.get("VpnGatewayId") is not None:
            key = values.key(node.properties["VpnGatewayId"])
            found.setdefault(key, set()).add(values.key(node.properties.get("VpcId")))
    return found


def private_gateway(
    case: Case, place: Place, here: Subnet, packets: Packets, route: Route
) -> Iterator[Part]:
    """R24: go out by a virtual private gateway; it carries IPv4 of its VPC's interfaces alone."""
    network, name = case.network, f"VPNGateway {route.target}"
    if case.strict:
        yield lost(packets, LINES_NOT_FOLLOWED)
        return
    vpcs = _vpcs_of_gateways(network).get(route.target)
    if vpcs is None:
        yield lost(packets, f"virtual private gateway {route.target} is not in the input")
        return
    if here.vpc not in vpcs:
        yield stopped(packets, name, f"it is not attached to {here.vpc}")
        return
    v4 = case.destination(place, packets, FAMILIES[4])
    own = case.source(place, v4, network.of(here.vpc))
    yield stopped(packets - own, name, f"it carries IPv4 of {here.vpc} alone")
    there = case.receivers_that(lambda end: end.kind == OUTSIDE)
    why = f"whether on-premises networks behind {route.target} lead there is not in the input"
    yield lost(own.only(receiver=~there), why)
    found = [line for line in network.lines if line.gateway == route.target]
    up = [line for line in found if not line.broken]
    left = own.only(receiver=there)
    if found and not up:
        yield stopped(left, found[0].name, "; ".join(line.broken for line in found))
    elif up and all(line.reached is not None for line in up):
        # A propagated route is evidence of BGP alone, not of a line with static routes.
        reached = union(case.destination(place, left, line.reached) for line in up if line.reached)
        yield Part(reached, arrived(place))
        yield stopped(left - reached, up[0].name, "no static route of it leads there")
    else:
        yield Part(left, arrived(place))


def leave_transit(case: Case, place: Place, packets: Packets, far: Attachment) -> Iterator[Part]:
    """Go out of a transit gateway to on-premises: its route is the evidence of the way."""
    if case.strict:
        yield lost(packets, LINES_NOT_FOLLOWED)
        return
    there = case.receivers_that(lambda end: end.kind == OUTSIDE)
    why = f"whether on-premises networks behind {far.key} lead there is not in the input"
    yield lost(packets.only(receiver=~there), why)
    line = _line_of(case.network, far)
    left = packets.only(receiver=there)
    if line is not None and line.broken:
        yield stopped(left, line.name, line.broken)
    else:
        yield Part(left, arrived(place))


def _line_of(network: Network, attachment: Attachment) -> Line | None:
    known = (line for line in network.lines if line.key == attachment.resource)
    return next((line for line in known if line.gateway == attachment.gateway), None)


def enter(case: Case, packets: Packets, vpc: str) -> Iterator[Part]:
    """Come into a VPC from on-premises by every way there is; the sender may choose any.

    R24: the VPC announces its whole blocks, so on-premises reaches subnets without a way back.
    """
    if not packets:
        return
    if case.strict:
        yield lost(packets, LINES_NOT_FOLLOWED)
        return
    ways = [
        *_by_gateway(case, packets, vpc),
        *_by_transit(case, packets, vpc),
        *_not_known(case, packets, vpc),
    ]
    yield from ways or [stopped(packets, f"VPC {vpc}", "nothing leads into it from outside")]


def _by_gateway(case: Case, packets: Packets, vpc: str) -> Iterator[Part]:
    network = case.network
    for gateway, vpcs in _vpcs_of_gateways(network).items():
        if vpc not in vpcs:
            continue
        node = network.values.node("AWS::EC2::VPNGateway", gateway)
        found = [line for line in network.lines if line.gateway == gateway]
        if node is None or not found:
            yield lost(packets, f"no connection of virtual private gateway {gateway} is known")
        tables = network.edge_tables
        table = tables.get(gateway) or (tables.get(node.physical_id) if node else None)
        came = Place("edge", table or "", crossed=OUTSIDE, gateway="virtual-private-gateway")
        goes = to(came) if table else case.arrive(None, came)
        for line in found if node is not None else ():
            stop, passed = _admission(case, packets, line)
            yield from stop
            yield Part(passed, goes)


def _admission(case: Case, packets: Packets, line: Line) -> tuple[list[Part], Packets]:
    if line.broken:
        return [stopped(packets, line.name, line.broken)], Packets()
    if line.allowed is None:
        return [], packets
    passed = packets.only(receiver=case.receivers.within(line.allowed))
    return [stopped(packets - passed, line.name, "no allowed prefix announces it")], passed


def _by_transit(case: Case, packets: Packets, vpc: str) -> Iterator[Part]:
    network = case.network
    reachable = _gateways_of(network, vpc)
    for attachment in network.attachments.values():
        if attachment.kind not in LINES or attachment.gateway not in reachable:
            continue
        line = _line_of(network, attachment)
        stop, passed = _admission(case, packets, line) if line is not None else ([], packets)
        yield from stop
        came = Place("transit", attachment.key, "transit-gateway", gateway=attachment.gateway)
        yield Part(passed, to(came))


def _gateways_of(network: Network, vpc: str) -> set[str]:
    """Return the transit gateways that a VPC is attached to, and those that these peer with."""
    found = {each.gateway for each in network.attachments.values() if each.vpc == vpc}
    before = -1
    while len(found) > before:
        before = len(found)
        for each in network.attachments.values():
            if found & set(each.gateways):
                found |= set(each.gateways)
    return found - {""}


def _not_known(case: Case, packets: Packets, vpc: str) -> Iterator[Part]:
    network = case.network
    gateways = _gateways_of(network, vpc)
    for gateway in sorted(gateways):
        if ("AWS::EC2::TransitGateway", gateway) not in network.graph:
            yield lost(packets, f"other attachments of {gateway} are not in the input")
    for each in network.attachments.values():
        if each.gateway in gateways and not each.vpc and each.kind not in LINES | PEERINGS:
            yield lost(packets, f"attachments of type {each.kind!r} are not modelled")
    for node in network.peerings.values():
        ends = network.peering_ends(node)
        if vpc in ends and not ends <= network.vpcs.keys() and peering_status(node) == "active":
            yield lost(packets, f"the other side of peering {node.key} is not in the input")
