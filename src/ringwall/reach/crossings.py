"""Route tables and what lies behind each kind of target: one function a kind, and their table.

A kind of target without a function in `TARGETS` is UNKNOWN by its name.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from ringwall.model.graph import Unknown
from ringwall.reach import codes
from ringwall.reach.blocks import ON_INTERNET, SHARED
from ringwall.reach.edges import Ground, acl_step, arrive
from ringwall.reach.elements import Route, Subnet
from ringwall.reach.filters import Spot
from ringwall.reach.network import peering_status
from ringwall.reach.packets import ICMP, TCP, UDP
from ringwall.reach.routing import is_never_forwarded
from ringwall.reach.transit import cross
from ringwall.reach.ways import AskNat, Position, Step, Way

Follow = Callable[[Ground, Position, Route, str], Iterator[Way]]

MOST_TABLES = 16  # a packet that asks more tables than this is going in circles
# States in which peerings carry no traffic; others but `active` are UNKNOWN.
IDLE_PEERING = frozenset({"deleting", "deleted", "rejected", "failed", "expired"})


def is_on_internet(spot: Spot) -> bool:
    """Tell whether an address is reachable on the internet at all."""
    return spot.address in ON_INTERNET[spot.version]


def route(ground: Ground, position: Position) -> Iterator[Way]:
    """Ask the route table of the subnet in which a packet is, and follow the answer."""
    subnet, goal = position.subnet, position.goal
    assert subnet is not None
    step = Step("route-table", subnet.key, "")
    if is_never_forwarded(goal.spot):
        text = f"{goal.spot} is never forwarded"
        yield position.end(step.dropped(text, codes.NEVER_FORWARDED))
        return
    if isinstance(subnet.table, Unknown):
        yield position.end(step.unsure(subnet.table))
        return
    step = Step("route-table", subnet.table.key, "", node=subnet.table.node)
    found = ground.routing.lookup(subnet.table, goal.spot)
    if isinstance(found, Unknown):
        yield position.end(step.unsure(found))
    elif found is None:
        yield position.end(step.dropped(f"no route to {goal.spot}", codes.NO_ROUTE))
    else:
        yield from _follow(ground, position, step, found)


def _follow(ground: Ground, position: Position, step: Step, found: Route) -> Iterator[Way]:
    rule_node = found.node if found.kind != "local" else None
    step = replace(step, rule=str(found), rule_node=rule_node)
    if isinstance(found.lead, Unknown):
        yield position.end(replace(step, rule_node=found.node).unsure(found.lead))
        return
    text = f"{found} -> {found.lead}"
    if found.blackhole:  # R7: a route in the state blackhole still wins, and drops (VPC guide)
        yield position.end(step.dropped(f"{text} is a blackhole", codes.BAD_ROUTE))
        return
    position = replace(position.add(replace(step, text=text)), tables=position.tables + 1)
    if position.tables > MOST_TABLES:
        circle = replace(step, rule="", rule_node=None)
        yield position.end(circle.dropped("the packet goes in circles", codes.LOOP))
        return
    follow = TARGETS.get(found.lead.kind)
    if follow is None:
        unknown = Unknown(str(found.lead), f"routes to a {found.lead.kind} are not modelled")
        end = Step(found.lead.kind, found.lead.key, "", rule_node=rule_node)
        yield position.end(end.unsure(unknown, unknown.why))
        return
    yield from follow(ground, position, found, found.lead.key)


def local(ground: Ground, position: Position, found: Route, _name: str) -> Iterator[Way]:
    """R3: the local route of a VPC's block leads to every subnet in it (VPC guide)."""
    goal, subnet = position.goal, position.subnet
    assert subnet is not None
    if goal.subnet is not None and goal.subnet.vpc == subnet.vpc:
        yield from arrive(ground, position)
        return
    code = codes.NO_SUBNET if goal.subnet is None else codes.CANNOT_ROUTE
    text = f"{goal.spot} is local to {subnet.vpc}, where {goal.name} is not"
    yield position.end(Step("local", subnet.vpc, "", rule=str(found)).dropped(text, code))


def internet_gateway(ground: Ground, position: Position, _found: Route, name: str) -> Iterator[Way]:
    """Go out through an internet gateway.

    R9: it pairs private with public IPv4 addresses one to one; what has no public address does not
    get out (VPC guide, internet gateways).
    """
    subnet, goal = position.subnet, position.goal
    assert subnet is not None
    gateway = ground.network.internet_gateways.get(subnet.vpc)
    if gateway is None or name not in {gateway.key, gateway.physical_id}:
        text = f"internet gateway {name} is not attached to {subnet.vpc}"
        end = Step("internet-gateway", name, "").dropped(text, codes.BAD_ATTACHMENT)
        yield position.end(end)
        return
    behind_nat = bool(position.via.nat) or (position.is_reply and not position.sender_groups)
    position = position.add(*_public_access(ground, subnet, only_outward=behind_nat))
    step = Step("internet-gateway", gateway.key, "to the internet", node=gateway)
    if goal.spot.version == 4 and not is_on_internet(goal.spot):
        is_shared = SHARED.holds(4, goal.spot.address)
        code = codes.SHARED_DESTINATION if is_shared else codes.PRIVATE_DESTINATION
        text = f"{goal.spot} is not an address of the internet"
        yield position.end(step.dropped(text, code))
        return
    if goal.spot.version == 4 and not position.sender_public:
        text = f"{position.source} has no public address"
        yield position.end(step.dropped(text, codes.NO_PUBLIC_ADDRESS_OUT))
        return
    via = replace(position.via, internet_gateway=subnet.vpc, crossed="internet")
    yield from _out_there(ground, replace(position.add(step), via=via))


def _out_there(ground: Ground, position: Position) -> Iterator[Way]:
    goal = position.goal
    if goal.subnet is not None:
        yield from enter_from_internet(ground, position)
    elif goal.spot.version == 6 and not is_on_internet(goal.spot):
        text = f"{goal.spot} is not an address of the internet"
        yield position.end(Step("internet", goal.name, "").dropped(text, codes.CANNOT_ROUTE))
    else:
        yield position.end(delivered=True)


def egress_only(ground: Ground, position: Position, _found: Route, name: str) -> Iterator[Way]:
    """R10: "for outbound communication over IPv6 only"; stateful, no way in (VPC guide)."""
    subnet = position.subnet
    assert subnet is not None
    step = Step("egress-only-internet-gateway", name, "to the internet, with state")
    if position.goal.spot.version == 4:
        text = "an egress-only internet gateway carries IPv6 alone"
        yield position.end(step.dropped(text, codes.CANNOT_ROUTE))
        return
    position = position.add(*_public_access(ground, subnet, only_outward=True))
    via = replace(position.via, egress_only=subnet.vpc, crossed="internet")
    yield from _out_there(ground, replace(position.add(step), via=via))


def _public_access(ground: Ground, subnet: Subnet, *, only_outward: bool) -> list[Step]:
    """Ask VPC Block Public Access.

    F17: block-bidirectional stops all traffic of internet and egress-only gateways, block-ingress
    all but that of NAT and egress-only gateways; exclusions hold for a VPC or a subnet (VPC guide,
    Block Public Access).
    """
    mode, exclusions, node = ground.network.public_access
    if mode == "off":
        return []
    excluded = exclusions.get(subnet.key) or exclusions.get(subnet.vpc) or ""
    if excluded == "allow-bidirectional":
        return []
    if only_outward and (mode == "block-ingress" or excluded == "allow-egress"):
        return []
    step = Step("block-public-access", mode, "", node=node)
    if mode not in {"block-bidirectional", "block-ingress"}:
        unknown = Unknown("VPC Block Public Access", f"mode {mode!r} is not modelled")
        return [replace(step, node=None).unsure(unknown)]
    return [step.dropped(f"VPC Block Public Access is {mode}", codes.BLOCK_PUBLIC_ACCESS)]


def enter_from_internet(ground: Ground, position: Position) -> Iterator[Way]:
    """Come in through an internet gateway.

    R9: the public address becomes the private one before any ACL or group is asked, so both see
    private addresses (VPC guide, internet gateways).
    """
    goal = position.goal
    assert goal.subnet is not None
    vpc = goal.subnet.vpc
    gateway = ground.network.internet_gateways.get(vpc)
    if gateway is None:
        text = f"{vpc} has no internet gateway"
        yield position.end(Step("internet", vpc, "").dropped(text, codes.NO_GATEWAY))
        return
    tables = ground.network.edge_tables
    edge = tables.get(gateway.key) or tables.get(gateway.physical_id)
    if edge:
        unknown = Unknown(f"route table {edge} of {gateway.key}", "ingress routing is not modelled")
        yield position.end(Step("internet-gateway", gateway.key, "").unsure(unknown))
        return
    stop_over = goal.groups is None and position.is_reply
    outward = stop_over or (position.is_reply and goal.spot.version == 6)
    position = position.add(*_public_access(ground, goal.subnet, only_outward=outward))
    step = Step("internet-gateway", gateway.key, f"to {goal.spot}", node=gateway)
    if goal.spot.version == 4 and not goal.public:
        step = step.dropped(f"{goal.name} has no public address", codes.NO_PUBLIC_ADDRESS_IN)
    via = replace(position.via, internet_gateway=vpc, crossed="internet")
    position = replace(
        position.add(step), via=via, subnet=None, sender_groups=frozenset(), sender_public=True
    )
    yield from arrive(ground, position)


def nat_gateway(ground: Ground, position: Position, _found: Route, name: str) -> Iterator[Way]:
    """Go through a NAT gateway.

    R11: the gateway bears its own address, has no groups, and the ACL of its subnet applies both
    times (VPC guide, NAT gateways). R12: what leaves a private one is dropped by an internet
    gateway; (verify) toward other networks the source is the gateway's private address.
    """
    subnet, goal = position.subnet, position.goal
    assert subnet is not None
    nat = ground.network.nats.get(name)
    home = ground.network.subnets.get(nat.subnet) if nat else None
    what, why = f"NAT gateway {name}", ""
    if nat is None:
        why = "not in the input"
    elif home is None or nat.address is None:
        why = "a gateway without a subnet is not modelled"
    elif goal.spot.version == 6:
        why = "IPv6 through a NAT gateway is not modelled"
    elif position.via.nat:
        why = "two NAT gateways on one path are not modelled"
    if why or nat is None or home is None or nat.address is None:
        yield position.end(Step("nat-gateway", name, "").unsure(Unknown(what, why)))
        return
    if home.key != subnet.key:
        position = position.add(acl_step(ground, home, position.source, egress=False))
    if nat.state != "available":
        bad = Step("nat-gateway", name, "", node=nat.node)
        position = position.add(bad.dropped(f"the gateway is {nat.state}", codes.BAD_STATE))
    # "A NAT gateway supports the following protocols: TCP, UDP, and ICMP" (VPC guide).
    step = Step(
        "nat-gateway",
        name,
        "",
        ground.filters.only(TCP, UDP, ICMP),
        code=codes.NAT_PROTOCOL,
        node=nat.node,
        ask=AskNat(nat.node),
    )
    position = replace(
        position.add(step),
        source=Spot(4, nat.address),
        subnet=home,
        sender_groups=frozenset(),
        sender_public=nat.public,
        via=replace(position.via, nat=nat.key),
    )
    if goal.subnet is not None and goal.subnet.key == home.key:
        yield from arrive(ground, position)
        return
    yield from route(ground, position.add(acl_step(ground, home, goal.spot, egress=True)))


def gateway_endpoint(ground: Ground, position: Position, _found: Route, name: str) -> Iterator[Way]:
    """Go to a service through a gateway endpoint.

    R26: "endpoint connections cannot be extended out of a VPC": only subnets whose table is listed
    use it (PrivateLink guide, gateway endpoints). F19: its policy is IAM's, not packets'.
    """
    node = ground.network.graph.get(("AWS::EC2::VPCEndpoint", name))
    if node is None or node.properties.get("VpcEndpointType") != "Gateway":
        unknown = Unknown(f"endpoint {name}", "only gateway endpoints are modelled as targets")
        yield position.end(Step("endpoint", name, "", node=node).unsure(unknown))
        return
    step = Step("gateway-endpoint", name, "to the service; its policy is IAM's", node=node)
    state = str(node.observed.get("State", "available")).lower()
    if position.via.crossed:
        text = "a gateway endpoint serves its own VPC alone"
        yield position.end(step.dropped(text, codes.CANNOT_ROUTE))
    elif state != "available":
        unknown = Unknown(f"endpoint {name}", f"state {state!r} is not modelled")
        yield position.end(step.unsure(unknown))
    else:
        via = replace(position.via, service_endpoint=name)
        yield replace(position, via=via).end(step, delivered=True)


def peering(ground: Ground, position: Position, _found: Route, name: str) -> Iterator[Way]:
    """Cross a peering connection.

    R17: only while active, only between the two VPCs' own addresses: no transit, no use of the
    peer's gateways (peering guide, limitations).
    """
    subnet, goal, network = position.subnet, position.goal, ground.network
    assert subnet is not None
    node = network.peerings.get(name)
    if node is None:
        unknown = Unknown(f"peering {name}", "not in the input")
        yield position.end(Step("peering", name, "").unsure(unknown))
        return
    step = Step("peering", name, "to the peer", node=node)
    status, ends = peering_status(node), network.peering_ends(node)
    if status in IDLE_PEERING:
        yield position.end(step.dropped(f"the peering is {status}", codes.BAD_STATE))
    elif status != "active":
        unknown = Unknown(f"peering {name}", f"state {status!r} is not modelled")
        yield position.end(step.unsure(unknown))
    elif not ends <= set(network.vpcs):
        unknown = Unknown(f"peering {name}", "the VPC on the other side is not in the input")
        yield position.end(step.unsure(unknown))
    elif position.via.crossed or goal.subnet is None or {subnet.vpc, goal.subnet.vpc} != ends:
        text = "a peering carries traffic between the addresses of its two VPCs alone"
        yield position.end(step.dropped(text, codes.PEERING_EDGE))
    else:
        via = replace(position.via, crossed="peering")
        yield from arrive(ground, replace(position.add(step), via=via, subnet=None))


def transit_gateway(ground: Ground, position: Position, _found: Route, name: str) -> Iterator[Way]:
    """R22: what a transit gateway delivers asks the table of the attachment's subnet again."""
    for reached in cross(ground, position, name):
        if isinstance(reached, Position):
            yield from route(ground, reached)
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
