"""Route tables and what lies behind each kind of target: one function a kind, and their table.

A kind of target without a function in `TARGETS` is UNKNOWN by its name.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from ringwall.model.graph import Unknown
from ringwall.trace import codes
from ringwall.trace.addresses import block, is_on_internet
from ringwall.trace.arrival import acl_step, arrive
from ringwall.trace.elements import Route, Subnet, Target
from ringwall.trace.filters import Outcome
from ringwall.trace.network import Network
from ringwall.trace.path import NatFilter, Path, Position, Step
from ringwall.trace.routing import is_never_forwarded, lookup
from ringwall.trace.transit import cross

Follow = Callable[[Network, Position, Route], Iterator[Path]]

MOST_TABLES = 16  # a packet that asks more tables than this is going in circles
# States in which peerings carry no traffic; others but `active` are UNKNOWN.
IDLE_PEERING = frozenset({"deleting", "deleted", "rejected", "failed", "expired"})
SHARED = block("100.64.0.0/10")  # RFC 6598


def route(network: Network, position: Position) -> Iterator[Path]:
    """Ask the route table of the subnet in which a packet is, and follow the answer."""
    subnet, goal = position.subnet, position.goal
    assert subnet is not None
    if is_never_forwarded(goal.host):
        text = f"{goal.host} is never forwarded"
        yield position.end(
            Step("route-table", subnet.key, text, Outcome.DROP, code=codes.NEVER_FORWARDED)
        )
        return
    table = subnet.table
    if isinstance(table, Unknown):
        yield position.end(
            Step("route-table", subnet.key, str(table), Outcome.UNKNOWN, unknown=table)
        )
        return
    found = lookup(table, goal.host)
    if isinstance(found, Unknown):
        undetermined = found.what.startswith("order of")
        outcome = Outcome.UNDETERMINED if undetermined else Outcome.UNKNOWN
        step = Step("route-table", table.key, str(found), outcome, node=table.node, unknown=found)
        yield position.end(step)
        return
    if found is None:
        text = f"no route to {goal.host}"
        yield position.end(
            Step("route-table", table.key, text, Outcome.DROP, code=codes.NO_ROUTE, node=table.node)
        )
        return
    if isinstance(found.target, Unknown):
        step = Step(
            "route-table",
            table.key,
            str(found.target),
            Outcome.UNKNOWN,
            rule=str(found),
            node=table.node,
            rule_node=found.node,
            unknown=found.target,
        )
        yield position.end(step)
        return
    leads = f"{found.target.kind} {found.target.key}".strip()
    text = f"{found} -> {leads}"
    rule_node = found.node if found.origin != "local" else None
    if found.blackhole:  # R7
        yield position.end(
            Step(
                "route-table",
                table.key,
                f"{text} is a blackhole",
                Outcome.DROP,
                str(found),
                codes.BAD_ROUTE,
                table.node,
                rule_node,
            )
        )
        return
    step = Step(
        "route-table", table.key, text, rule=str(found), node=table.node, rule_node=rule_node
    )
    position = replace(
        position.add(step), visited=position.visited | {f"{table.key} {len(position.visited)}"}
    )
    if len(position.visited) > MOST_TABLES:
        text = "the packet goes in circles"
        yield position.end(Step("route-table", table.key, text, Outcome.DROP, code=codes.LOOP))
        return
    follow = TARGETS.get(found.target.kind)
    if follow is None:
        unknown = Unknown(leads, f"routes to a {found.target.kind} are not modelled")
        yield position.end(
            Step(
                found.target.kind,
                found.target.key,
                unknown.why,
                Outcome.UNKNOWN,
                unknown=unknown,
                rule_node=rule_node,
            )
        )
        return
    yield from follow(network, position, found)


def local(network: Network, position: Position, found: Route) -> Iterator[Path]:
    """R3: the local route of a VPC's block leads to every subnet in it (VPC guide)."""
    goal, subnet = position.goal, position.subnet
    assert subnet is not None
    if goal.subnet is not None and goal.subnet.vpc == subnet.vpc:
        yield from arrive(network, position)
        return
    code = codes.NO_SUBNET if goal.subnet is None else codes.CANNOT_ROUTE
    text = f"{goal.host} is local to {subnet.vpc}, where {goal.name} is not"
    yield position.end(Step("local", subnet.vpc, text, Outcome.DROP, str(found), code))


def internet_gateway(network: Network, position: Position, found: Route) -> Iterator[Path]:
    """Go out through an internet gateway.

    R9: it pairs private with public IPv4 addresses one to one; what has no public address does not
    get out (VPC guide, internet gateways).
    """
    subnet, goal = position.subnet, position.goal
    assert subnet is not None
    gateway = network.internet_gateways.get(subnet.vpc)
    name = found.target.key if isinstance(found.target, Target) else ""
    if gateway is None or name not in {gateway.key, gateway.physical_id}:
        text = f"internet gateway {name} is not attached to {subnet.vpc}"
        yield position.end(
            Step("internet-gateway", name, text, Outcome.DROP, code=codes.BAD_ATTACHMENT)
        )
        return
    behind_nat = bool(position.via.nat) or (position.is_reply and not position.sender_groups)
    position = position.add(*_public_access(network, subnet, only_outward=behind_nat))
    step = Step("internet-gateway", gateway.key, "to the internet", node=gateway)
    if goal.host.version == 4:
        if not is_on_internet(goal.host):
            shared = goal.host in SHARED
            code = codes.SHARED_DESTINATION if shared else codes.PRIVATE_DESTINATION
            text = f"{goal.host} is not an address of the internet"
            yield position.end(replace(step, text=text, outcome=Outcome.DROP, code=code))
            return
        if not position.sender_public:
            text = f"{position.source} has no public address"
            code = codes.NO_PUBLIC_ADDRESS_OUT
            yield position.end(replace(step, text=text, outcome=Outcome.DROP, code=code))
            return
    via = replace(position.via, internet_gateway=subnet.vpc, crossed="internet")
    position = replace(position.add(step), via=via)
    yield from _out_there(network, position)


def _out_there(network: Network, position: Position) -> Iterator[Path]:
    goal = position.goal
    if goal.subnet is not None:
        yield from enter_from_internet(network, position)
        return
    if goal.host.version == 6 and not is_on_internet(goal.host):
        text = f"{goal.host} is not an address of the internet"
        yield position.end(Step("internet", goal.name, text, Outcome.DROP, code=codes.CANNOT_ROUTE))
        return
    yield position.end(delivered=True)


def egress_only(network: Network, position: Position, found: Route) -> Iterator[Path]:
    """R10: "for outbound communication over IPv6 only"; stateful, no way in (VPC guide)."""
    subnet = position.subnet
    assert subnet is not None
    name = found.target.key if isinstance(found.target, Target) else ""
    if position.goal.host.version == 4:
        text = "an egress-only internet gateway carries IPv6 alone"
        yield position.end(
            Step("egress-only-internet-gateway", name, text, Outcome.DROP, code=codes.CANNOT_ROUTE)
        )
        return
    position = position.add(*_public_access(network, subnet, only_outward=True))
    step = Step("egress-only-internet-gateway", name, "to the internet, with state")
    via = replace(position.via, egress_only=subnet.vpc, crossed="internet")
    yield from _out_there(network, replace(position.add(step), via=via))


def _public_access(network: Network, subnet: Subnet, *, only_outward: bool) -> list[Step]:
    """Ask VPC Block Public Access.

    F17: block-bidirectional stops all traffic of internet and egress-only gateways, block-ingress
    all but that of NAT and egress-only gateways; exclusions hold for a VPC or a subnet (VPC guide,
    Block Public Access).
    """
    mode, exclusions, node = network.public_access
    if mode == "off":
        return []
    excluded = exclusions.get(subnet.key) or exclusions.get(subnet.vpc) or ""
    if excluded == "allow-bidirectional":
        return []
    if only_outward and (mode == "block-ingress" or excluded == "allow-egress"):
        return []
    if mode not in {"block-bidirectional", "block-ingress"}:
        unknown = Unknown("VPC Block Public Access", f"mode {mode!r} is not modelled")
        return [Step("block-public-access", mode, str(unknown), Outcome.UNKNOWN, unknown=unknown)]
    text = f"VPC Block Public Access is {mode}"
    code = codes.BLOCK_PUBLIC_ACCESS
    return [Step("block-public-access", mode, text, Outcome.DROP, code=code, node=node)]


def enter_from_internet(network: Network, position: Position) -> Iterator[Path]:
    """Come in through an internet gateway.

    R9: the public address becomes the private one before any ACL or group is asked, so both see
    private addresses (VPC guide, internet gateways).
    """
    goal = position.goal
    assert goal.subnet is not None
    vpc = goal.subnet.vpc
    gateway = network.internet_gateways.get(vpc)
    if gateway is None:
        text = f"{vpc} has no internet gateway"
        yield position.end(Step("internet", vpc, text, Outcome.DROP, code=codes.NO_GATEWAY))
        return
    edge = network.edge_tables.get(gateway.key) or network.edge_tables.get(gateway.physical_id)
    if edge:
        unknown = Unknown(f"route table {edge} of {gateway.key}", "ingress routing is not modelled")
        yield position.end(
            Step("internet-gateway", gateway.key, str(unknown), Outcome.UNKNOWN, unknown=unknown)
        )
        return
    stop_over = goal.groups is None and position.is_reply
    outward = stop_over or (position.is_reply and goal.host.version == 6)
    position = position.add(*_public_access(network, goal.subnet, only_outward=outward))
    step = Step("internet-gateway", gateway.key, f"to {goal.host}", node=gateway)
    if goal.host.version == 4 and not goal.public:
        text = f"{goal.name} has no public address"
        step = replace(step, text=text, outcome=Outcome.DROP, code=codes.NO_PUBLIC_ADDRESS_IN)
    via = replace(position.via, internet_gateway=vpc, crossed="internet")
    position = replace(
        position.add(step), via=via, subnet=None, sender_groups=frozenset(), sender_public=True
    )
    yield from arrive(network, position)


def nat_gateway(network: Network, position: Position, found: Route) -> Iterator[Path]:
    """Go through a NAT gateway.

    R11: the gateway bears its own address, has no groups, and the ACL of its subnet applies both
    times (VPC guide, NAT gateways). R12: what leaves a private one is dropped by an internet
    gateway; (verify) toward other networks the source is the gateway's private address.
    """
    subnet, goal = position.subnet, position.goal
    assert subnet is not None
    name = found.target.key if isinstance(found.target, Target) else ""
    nat = network.nats.get(name)
    home = network.subnets.get(nat.subnet) if nat else None
    unknown: Unknown | None = None
    if nat is None:
        unknown = Unknown(f"NAT gateway {name}", "not in the input")
    elif home is None or nat.address is None:
        unknown = Unknown(f"NAT gateway {name}", "a gateway without a subnet is not modelled")
    elif goal.host.version == 6:
        unknown = Unknown(f"NAT gateway {name}", "IPv6 through a NAT gateway is not modelled")
    elif position.via.nat:
        unknown = Unknown(f"NAT gateway {name}", "two NAT gateways on one path are not modelled")
    if unknown is not None or nat is None or home is None or nat.address is None:
        yield position.end(
            Step("nat-gateway", name, str(unknown), Outcome.UNKNOWN, unknown=unknown)
        )
        return
    if home.key != subnet.key:
        position = position.add(acl_step(home, position.source, egress=False))
    if nat.state != "available":
        text = f"the gateway is {nat.state}"
        position = position.add(
            Step("nat-gateway", name, text, Outcome.DROP, code=codes.BAD_STATE, node=nat.node)
        )
    asked = NatFilter(nat.node, codes.NAT_PROTOCOL)
    step = Step("nat-gateway", name, "", code=codes.NAT_PROTOCOL, node=nat.node, filter=asked)
    position = replace(
        position.add(step),
        source=nat.address,
        subnet=home,
        sender_groups=frozenset(),
        sender_public=nat.public,
        via=replace(position.via, nat=nat.key),
    )
    if goal.subnet is not None and goal.subnet.key == home.key:
        yield from arrive(network, position)
        return
    yield from route(network, position.add(acl_step(home, goal.host, egress=True)))


def gateway_endpoint(network: Network, position: Position, found: Route) -> Iterator[Path]:
    """Go to a service through a gateway endpoint.

    R26: "endpoint connections cannot be extended out of a VPC": only subnets whose table is listed
    use it (PrivateLink guide, gateway endpoints). F19: its policy is IAM's, not packets'.
    """
    name = found.target.key if isinstance(found.target, Target) else ""
    node = network.graph.get(("AWS::EC2::VPCEndpoint", name))
    if node is None or node.properties.get("VpcEndpointType") != "Gateway":
        unknown = Unknown(f"endpoint {name}", "only gateway endpoints are modelled as targets")
        yield position.end(
            Step("endpoint", name, str(unknown), Outcome.UNKNOWN, unknown=unknown, node=node)
        )
        return
    step = Step("gateway-endpoint", name, "to the service; its policy is IAM's", node=node)
    if position.via.crossed:
        text = "a gateway endpoint serves its own VPC alone"
        yield position.end(replace(step, text=text, outcome=Outcome.DROP, code=codes.CANNOT_ROUTE))
        return
    state = str(node.observed.get("State", "available")).lower()
    if state != "available":
        unknown = Unknown(f"endpoint {name}", f"state {state!r} is not modelled")
        yield position.end(
            replace(step, text=str(unknown), outcome=Outcome.UNKNOWN, unknown=unknown)
        )
        return
    via = replace(position.via, service_endpoint=name)
    yield replace(position, via=via).end(step, delivered=True)


def peering(network: Network, position: Position, found: Route) -> Iterator[Path]:
    """Cross a peering connection.

    R17: only while active, only between the two VPCs' own addresses: no transit, no use of the
    peer's gateways (peering guide, limitations).
    """
    subnet, goal = position.subnet, position.goal
    assert subnet is not None
    name = found.target.key if isinstance(found.target, Target) else ""
    node = network.peerings.get(name)
    if node is None:
        unknown = Unknown(f"peering {name}", "not in the input")
        yield position.end(Step("peering", name, str(unknown), Outcome.UNKNOWN, unknown=unknown))
        return
    step = Step("peering", name, "to the peer", node=node)
    status = node.observed.get("Status", "active")
    status = status.get("Code") if isinstance(status, Mapping) else status
    ends = {network.values.key(node.properties.get(end)) for end in ("VpcId", "PeerVpcId")}
    if status != "active" and status not in IDLE_PEERING:
        unknown = Unknown(f"peering {name}", f"state {status!r} is not modelled")
        yield position.end(
            replace(step, text=str(unknown), outcome=Outcome.UNKNOWN, unknown=unknown)
        )
    elif status != "active":
        text = f"the peering is {status}"
        yield position.end(replace(step, text=text, outcome=Outcome.DROP, code=codes.BAD_STATE))
    elif not ends <= set(network.vpcs):
        unknown = Unknown(f"peering {name}", "the VPC on the other side is not in the input")
        yield position.end(
            replace(step, text=str(unknown), outcome=Outcome.UNKNOWN, unknown=unknown)
        )
    elif position.via.crossed or goal.subnet is None or {subnet.vpc, goal.subnet.vpc} != ends:
        text = "a peering carries traffic between the addresses of its two VPCs alone"
        yield position.end(replace(step, text=text, outcome=Outcome.DROP, code=codes.PEERING_EDGE))
    else:
        via = replace(position.via, crossed="peering")
        yield from arrive(network, replace(position.add(step), via=via, subnet=None))


def transit_gateway(network: Network, position: Position, found: Route) -> Iterator[Path]:
    """R22: what a transit gateway delivers asks the table of the attachment's subnet again."""
    for reached in cross(network, position, found):
        if isinstance(reached, Position):
            yield from route(network, reached)
        else:
            yield reached


TARGETS: Mapping[str, Follow] = {
    "local": local,
    "internet-gateway": internet_gateway,
    "egress-only-internet-gateway": egress_only,
    "nat-gateway": nat_gateway,
    "vpc-endpoint": gateway_endpoint,
    "peering": peering,
    "transit-gateway": transit_gateway,
}
