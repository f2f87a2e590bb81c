"""On-premises networks: virtual private gateways, VPN connections, Direct Connect, both ways.

Rules (decision 21):
- On-premises addresses are private ones outside of every VPC of the network.
- What BGP learned is in no API: routes that were propagated are the evidence of it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from ringwall.model.graph import Node, Unknown
from ringwall.trace import codes
from ringwall.trace.addresses import Block, Host, block
from ringwall.trace.edges import enter
from ringwall.trace.elements import Attachment, Route, Target
from ringwall.trace.filters import Outcome
from ringwall.trace.memory import remembered
from ringwall.trace.network import Network
from ringwall.trace.path import Path, Position, Step

VPN, DIRECT = "vpn", "direct-connect-gateway"
LINES = frozenset({VPN, DIRECT})
OUTSIDE = "outside"  # the kind of a goal that is on-premises


@dataclass(frozen=True, slots=True)
class Line:
    """A way to on-premises; `reached` are static routes or None for BGP's, `allowed` prefixes."""

    kind: str
    key: str
    gateway: str
    broken: str
    reached: tuple[Block, ...] | None
    allowed: tuple[Block, ...] | None
    node: Node = field(compare=False)

    @property
    def step(self) -> Step:
        """Return the hop over it."""
        kind = "vpn-connection" if self.kind == VPN else DIRECT
        return Step(kind, self.key, "", node=self.node)


@remembered
def lines(network: Network) -> tuple[Line, ...]:
    """Return every VPN connection and Direct Connect gateway by the gateway that it ends at.

    R25: Direct Connect is preferred over VPN, so it comes first.
    """
    return (*_direct(network), *_vpns(network))


def _direct(network: Network) -> Iterator[Line]:
    """Yield a line for each association: its own prefixes are those that it announces."""
    for node in network.graph.of_type("AWS::DirectConnect::DirectConnectGateway"):
        state = str(node.observed.get("State", "available"))
        broken = "" if state == "available" else f"it is {state}"
        for end in node.observed.get("AssociatedGateway") or ():
            given = end.get("allowedPrefixes")
            allowed = None if given is None else tuple(block(text) for text in given)
            gateway = network.values.key(end.get("id"))
            yield Line(DIRECT, node.key, gateway, broken, None, allowed, node)


def _vpns(network: Network) -> Iterator[Line]:
    for node in network.graph.of_type("AWS::EC2::VPNConnection"):
        to = node.properties.get("VpnGatewayId") or node.properties.get("TransitGatewayId")
        tunnels = [t.get("Status") for t in node.observed.get("VgwTelemetry") or ()]
        state = str(node.observed.get("State", "available"))
        broken = "" if state == "available" else f"it is {state}"
        if tunnels and all(status == "DOWN" for status in tunnels):
            broken = "its tunnels are down"
        static = None
        if node.properties.get("StaticRoutesOnly"):
            routes = node.observed.get("Routes") or ()
            static = tuple(
                block(item["DestinationCidrBlock"])
                for item in routes
                if item.get("State", "available") == "available"
            )
        yield Line(VPN, node.key, network.values.key(to), broken, static, None, node)


def unread_lines(network: Network, kind: str = "") -> Unknown | None:
    """Return that lines, or those of a kind of attachment, were not read."""
    types = {VPN: ("AWS::EC2::VPNConnection",)}
    types[DIRECT] = ("AWS::DirectConnect::DirectConnectGateway",)
    return network.lacks(*types.get(kind, types[VPN] + types[DIRECT]))


@remembered
def private_gateways(network: Network) -> dict[str, set[str]]:
    """Return the VPCs to which each virtual private gateway is attached."""
    found: dict[str, set[str]] = {
        node.key: {
            network.values.key(item.get("VpcId"))
            for item in node.observed.get("VpcAttachments") or ()
            if item.get("State", "attached") == "attached"
        }
        for node in network.graph.of_type("AWS::EC2::VPNGateway")
    }
    for node in network.graph.of_type("AWS::EC2::VPCGatewayAttachment"):
        if node.properties.get("VpnGatewayId") is not None:
            key = network.values.key(node.properties["VpnGatewayId"])
            found.setdefault(key, set()).add(network.values.key(node.properties.get("VpcId")))
    return found


def private_gateway(
    network: Network, position: Position, found: Route
) -> Iterator[Path | Position]:
    """R24: go out by a virtual private gateway; it carries IPv4 of its VPC's interfaces alone."""
    subnet, goal = position.subnet, position.goal
    assert subnet is not None
    assert isinstance(found.target, Target)
    name = found.target.key
    node = network.graph.get(("AWS::EC2::VPNGateway", name))
    step = Step("virtual-private-gateway", name, "to on-premises", node=node)
    vpcs = private_gateways(network).get(name)
    lost = network.lacks("AWS::EC2::VPNGateway")
    if vpcs is None or (lost is not None and subnet.vpc not in vpcs):
        why = lost.why if lost is not None else "not in the input"
        yield position.end(_unknown(step, f"virtual-private-gateway {name}", why))
        return
    blocks = network.blocks.get(subnet.vpc, ())
    for is_wrong, text, code in (
        (subnet.vpc not in vpcs, f"it is not attached to {subnet.vpc}", codes.BAD_ATTACHMENT),
        (goal.host.version == 6, "it carries IPv4 alone", codes.CANNOT_ROUTE),
        (
            not any(position.source in part for part in blocks),
            f"{position.source} is no address of {subnet.vpc}",
            codes.VGW_SOURCE,
        ),
    ):
        if is_wrong:
            yield position.end(replace(step, text=text, outcome=Outcome.DROP, code=code))
            return
    if goal.kind != OUTSIDE:
        why = f"whether on-premises networks lead to {goal.name} is not in the input"
        yield position.end(_unknown(step, f"virtual-private-gateway {name}", why))
        return
    yield _over_a_line(network, position.add(step), name, subnet.vpc)


def _over_a_line(network: Network, position: Position, gateway: str, vpc: str) -> Path:
    ends = [line for line in lines(network) if line.gateway == gateway]
    up = [line for line in ends if not line.broken]
    host = position.goal.host
    lost = unread_lines(network)
    if ends and not up and lost is None:
        first = ends[0]
        text = "; ".join(line.broken for line in ends)
        return position.end(
            replace(first.step, text=text, outcome=Outcome.DROP, code=codes.BAD_VPN)
        )
    by_bgp = _is_learned(network, gateway, vpc, host)
    for line in up:
        routes = line.reached
        if by_bgp if routes is None else any(host in part for part in routes):
            text = "by a propagated route" if routes is None else "by a static route"
            return position.end(replace(line.step, text=text), delivered=True)
    if up and lost is None and all(line.reached is not None for line in up):
        text = f"no static route of it covers {host}"
        return position.end(
            replace(up[0].step, text=text, outcome=Outcome.DROP, code=codes.NO_ROUTE)
        )
    what = f"virtual-private-gateway {gateway}"
    why = "what it learned by BGP is not in the input" if up else "no connection is in the input"
    why = lost.why if lost is not None else why
    step = Step("virtual-private-gateway", gateway, "")
    return position.end(_unknown(step, what, why))


def _is_learned(network: Network, gateway: str, vpc: str, host: Host) -> bool:
    return any(
        route.origin == "propagated"
        and route.destination is not None
        and host in route.destination
        and isinstance(route.target, Target)
        and route.target.key == gateway
        for table in network.tables.values()
        if table.vpc == vpc
        for route in table.routes
    )


def leave_transit(network: Network, position: Position, far: Attachment) -> Path:
    """Go out of a transit gateway to on-premises: its route is the evidence of the way."""
    step = Step("attachment", far.key, "to on-premises", node=far.node)
    if position.goal.kind != OUTSIDE:
        why = f"whether on-premises networks lead to {position.goal.name} is not in the input"
        return position.end(_unknown(step, f"attachment {far.key}", why))
    lost = unread_lines(network, far.kind)
    if lost is not None:
        return position.end(_unknown(step, f"attachment {far.key}", lost.why))
    line = line_of(network, far)
    if line is not None and line.broken:
        return position.end(
            replace(step, text=line.broken, outcome=Outcome.DROP, code=codes.TRANSIT_BAD_VPN)
        )
    return position.end(step, delivered=True)


def line_of(network: Network, attachment: Attachment) -> Line | None:
    """Return the VPN connection or Direct Connect gateway of an attachment, if it was read."""
    key = network.values.key(attachment.node.observed.get("ResourceId"))
    known = [line for line in lines(network) if line.key == key]
    return next((line for line in known if line.gateway == attachment.gateway), None)


def entrances(network: Network, position: Position, vpc: str) -> Iterator[Path | Position]:
    """Come in by every virtual private gateway of a VPC that has a usable line.

    R24: the VPC announces its whole blocks, so on-premises reaches subnets without a way back.
    """
    for gateway, vpcs in private_gateways(network).items():
        if vpc not in vpcs:
            continue
        node = network.graph.get(("AWS::EC2::VPNGateway", gateway))
        ends = [line for line in lines(network) if line.gateway == gateway]
        lost = unread_lines(network)
        if not ends or node is None or lost is not None:
            step = Step("virtual-private-gateway", gateway, "", node=node)
            why = lost.why if lost is not None else "no connection of it is in the input"
            at = replace(position, entrance=f"{gateway} unread")
            step = _unknown(step, f"virtual-private-gateway {gateway}", why)
            if node is None:
                yield at.end(step)
                continue
            at = replace(at.add(step), via=replace(at.via, crossed=OUTSIDE))
            yield from enter(network, at, node, "virtual-private-gateway")
        for line in ends:
            start = replace(position, entrance=f"{gateway} {line.key}")
            stopped = admission(start, line)
            if stopped is not None:
                yield stopped
                continue
            step = Step("virtual-private-gateway", gateway, f"into {vpc}", node=node)
            start = replace(start.add(line.step, step), via=replace(start.via, crossed=OUTSIDE))
            yield from enter(network, start, node, "virtual-private-gateway")


def admission(position: Position, line: Line) -> Path | None:
    """Return the end of what a line does not let in, None if it does.

    R25: the allowed prefixes of a Direct Connect gateway are what on-premises networks learn.
    """
    host = position.goal.host
    if line.broken:
        return position.end(
            replace(line.step, text=line.broken, outcome=Outcome.DROP, code=codes.BAD_VPN)
        )
    if line.allowed is not None and not any(host in part for part in line.allowed):
        text = f"no allowed prefix announces {host}"
        return position.end(
            replace(line.step, text=text, outcome=Outcome.DROP, code=codes.NOT_ANNOUNCED)
        )
    return None


def _unknown(step: Step, what: str, why: str) -> Step:
    unknown = Unknown(what, why)
    return replace(step, text=str(unknown), outcome=Outcome.UNKNOWN, unknown=unknown)
