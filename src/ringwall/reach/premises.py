"""On-premises networks: out by a private gateway or a line of a transit gateway, and in by them.

Rules:
- Direct Connect and a VPN with BGP carry what a propagated route of some table of the VPC covers;
  what else BGP learned is in no API, hence UNKNOWN.
- R24: a virtual private gateway announces the whole VPC, so that on-premises networks reach
  subnets that have no route back (VPN guide).
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from ringwall.model.graph import Node, Unknown
from ringwall.reach import codes
from ringwall.reach.blocks import to_block
from ringwall.reach.edges import Ground
from ringwall.reach.elements import Attachment, Lead
from ringwall.reach.filters import Spot
from ringwall.reach.network import LINE_TYPES
from ringwall.reach.ways import Position, Step, Way

VPN, DIRECT_CONNECT = "vpn-connection", "direct-connect-gateway"


def out_by_gateway(ground: Ground, position: Position, name: str) -> Iterator[Way]:
    """Go out through a virtual private gateway and a line behind it (R24, R25)."""
    network, subnet, goal = ground.network, position.subnet, position.goal
    assert subnet is not None
    node = network.values.node("AWS::EC2::VPNGateway", name)
    step = Step("virtual-private-gateway", name, "to on-premises networks", node=node)
    blocks = network.blocks.get(subnet.vpc, ())
    lost = network.lost("AWS::EC2::VPNGateway")
    if node is None and not any(name in found for found in network.private_gateways.values()):
        lost = lost or Unknown(f"virtual private gateway {name}", "not in the input")
    if lost and name not in network.private_gateways.get(subnet.vpc, ()):
        yield position.end(step.unsure(lost))
    elif name not in network.private_gateways.get(subnet.vpc, ()):
        text = f"{name} is not attached to {subnet.vpc}"
        yield position.end(step.dropped(text, codes.BAD_ATTACHMENT))
    elif goal.spot.version == 6:
        text = "a virtual private gateway carries no IPv6"
        yield position.end(step.dropped(text, codes.CANNOT_ROUTE))
    elif not any(b.holds(4, position.source.address) for b in blocks):
        text = f"{position.source} is no address of {subnet.vpc}"
        yield position.end(step.dropped(text, codes.VGW_SOURCE))
    elif goal.kind != "outside":
        unknown = Unknown(f"virtual private gateway {name}", "it leads to on-premises networks")
        yield position.end(step.unsure(unknown))
    else:
        yield _by_a_line(ground, position.add(step), name, subnet.vpc)


def _by_a_line(ground: Ground, position: Position, name: str, vpc: str) -> Way:
    """Take the first line that can carry the packet: R25: Direct Connect comes before VPN."""
    goal = position.goal
    lines = [*direct_connects(ground, name), *vpns(ground, name)]
    if not lines:
        unknown = unread_lines(ground, name)
        return position.end(Step("virtual-private-gateway", name, "").unsure(unknown))
    learned = is_learned(ground, vpc, name, goal.spot)
    down: Node | None = None
    doubt: Unknown | None = ground.network.lost(*LINE_TYPES)
    for node in lines:
        step = line_step(node)
        if step.kind == VPN and is_down(node):
            down = node
        elif step.kind == VPN and node.properties.get("StaticRoutesOnly"):
            if carries(node, goal.spot):
                return position.end(step, delivered=True)
        elif learned:
            return position.end(step, delivered=True)
        else:
            what = f"lines of virtual private gateway {name}"
            doubt = Unknown(what, f"whether BGP learned {goal.spot} is not known")
    if doubt is not None:
        return position.end(line_step(lines[0]).unsure(doubt))
    if down is not None:
        text = f"{down.key} is down"
        return position.end(line_step(down).dropped(text, codes.BAD_VPN))
    text = f"no line carries {goal.spot}"
    return position.end(line_step(lines[0]).dropped(text, codes.NO_ROUTE))


def out_by_line(ground: Ground, position: Position, far: Attachment) -> Iterator[Way]:
    """Go out by a line of a transit gateway; the route is the evidence that it leads there."""
    goal = position.goal
    kind = VPN if far.kind == "vpn" else DIRECT_CONNECT
    node = line_of(ground, far)
    step = Step(kind, far.resource or far.key, "to on-premises networks", node=node or far.node)
    lost = unread_line(ground, far)
    if goal.kind != "outside":
        unknown = Unknown(f"attachment {far.key}", "it leads to on-premises networks")
        yield position.end(step.unsure(unknown))
    elif lost is not None:
        yield position.end(step.unsure(lost))
    elif kind == VPN and node is not None and is_down(node):
        yield position.end(step.dropped(f"{node.key} is down", codes.TRANSIT_BAD_VPN))
    else:
        yield position.end(step, delivered=True)


def line_of(ground: Ground, far: Attachment) -> Node | None:
    """Return the VPN connection or Direct Connect gateway of an attachment."""
    kind = "AWS::EC2::VPNConnection"
    if far.kind == "direct-connect-gateway":
        kind = "AWS::DirectConnect::DirectConnectGateway"
    return ground.network.values.node(kind, far.resource)


def unread_line(ground: Ground, far: Attachment) -> Unknown | None:
    """Return that lines of an attachment's kind were not read, None if they were."""
    return ground.network.lost(LINE_TYPES[0] if far.kind == "vpn" else LINE_TYPES[1])


def unread_lines(ground: Ground, gateway: str) -> Unknown:
    """Return that no line of a virtual private gateway is in the input."""
    lost = ground.network.lost(*LINE_TYPES)
    why = lost.why if lost else "no connection of it is in the input"
    return Unknown(f"virtual private gateway {gateway}", why)


def line_step(node: Node) -> Step:
    """Return the step through a line."""
    is_vpn = node.type == "AWS::EC2::VPNConnection"
    kind = VPN if is_vpn else DIRECT_CONNECT
    return Step(kind, node.key, "between the networks", node=node)


def vpns(ground: Ground, gateway: str) -> list[Node]:
    """Return the VPN connections of a virtual private gateway."""
    values = ground.network.values
    return [
        node
        for node in values.ec2("VPNConnection")
        if values.key(node.properties.get("VpnGatewayId")) == gateway
    ]


def direct_connects(ground: Ground, gateway: str) -> list[Node]:
    """Return the Direct Connect gateways that are associated with a gateway."""
    return [
        node
        for node in ground.network.values.of_type("AWS::DirectConnect::DirectConnectGateway")
        if any(_ends_at(ground, end, gateway) for end in associations(node))
    ]


def associations(node: Node) -> list[Mapping[str, Any]]:
    """Return the associations of a Direct Connect gateway, each with a gateway of its own."""
    return list(node.observed.get("AssociatedGateway") or ())


def _ends_at(ground: Ground, end: Mapping[str, Any], gateway: str) -> bool:
    return ground.network.values.key(end.get("id")) == gateway


def is_down(node: Node) -> bool:
    """Tell whether a VPN carries nothing: it is not available, or all its tunnels are down."""
    if node.observed.get("State", "available") != "available":
        return True
    tunnels = [item.get("Status") for item in node.observed.get("VgwTelemetry") or ()]
    return bool(tunnels) and all(status == "DOWN" for status in tunnels)


def carries(node: Node, spot: Spot) -> bool:
    """Tell whether a VPN's own routes hold an address."""
    return any(
        to_block(item["DestinationCidrBlock"]).holds(spot.version, spot.address)
        for item in node.observed.get("Routes") or ()
        if item.get("DestinationCidrBlock") and item.get("State", "available") == "available"
    )


def announces(ground: Ground, node: Node, gateway: str, spot: Spot) -> bool:
    """R25: Direct Connect announces the allowed prefixes alone (Direct Connect guide).

    They are those of the association with the gateway by which packets come in; one that names none
    announces the blocks of the gateway's VPC.
    """
    listed = [
        end["allowedPrefixes"]
        for end in associations(node)
        if _ends_at(ground, end, gateway) and end.get("allowedPrefixes") is not None
    ]
    return not listed or any(
        to_block(text).holds(spot.version, spot.address) for each in listed for text in each
    )


def is_learned(ground: Ground, vpc: str, gateway: str, spot: Spot) -> bool:
    """Tell whether a propagated route of some table of a VPC leads an address to a gateway."""
    lead = Lead("virtual-private-gateway", gateway)
    return any(
        route.kind == "propagated"
        and route.lead == lead
        and route.destination is not None
        and route.destination.holds(spot.version, spot.address)
        for table in ground.network.tables.values()
        if table.vpc == vpc
        for route in table.routes
    )


def entrances(ground: Ground, position: Position) -> Iterator[tuple[Position, str]]:
    """Yield a position behind each private gateway by which the outside may come into a VPC.

    With each goes the gateway's name; "" where the way ends there.
    """
    network, goal = ground.network, position.goal
    assert goal.subnet is not None
    for gateway in network.private_gateways.get(goal.subnet.vpc, ()):
        node = network.values.node("AWS::EC2::VPNGateway", gateway)
        into = Step("virtual-private-gateway", gateway, f"into {goal.subnet.vpc}", node=node)
        lines = [*direct_connects(ground, gateway), *vpns(ground, gateway)]
        if not lines or network.lost(*LINE_TYPES):
            yield position.add(into.unsure(unread_lines(ground, gateway))), gateway
        for line in lines:
            step = line_step(line)
            start = replace(position, entrance=f"{gateway} {line.key}")
            if step.kind == VPN and is_down(line):
                yield start.add(step.dropped(f"{line.key} is down", codes.BAD_VPN)), ""
                continue
            if step.kind == DIRECT_CONNECT and not announces(ground, line, gateway, goal.spot):
                text = f"{line.key} does not announce {goal.spot}"
                step = step.dropped(text, codes.NOT_ANNOUNCED)
            yield start.add(step, into), gateway
