"""Route tables and what lies behind each kind of target: one function a kind, and their table.

A kind of target without a function in `TARGETS` is UNKNOWN by its name.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from ringwall.model.graph import Node, Unknown
from ringwall.reach import codes
from ringwall.reach.blocks import SHARED
from ringwall.reach.edges import Ground, acl_step, arrive
from ringwall.reach.elements import Lead, Nat, Route, RouteTable, Subnet
from ringwall.reach.filters import Spot
from ringwall.reach.inspections import pass_endpoint
from ringwall.reach.internet import (
    MIDDLEBOXES,
    edge_table,
    embedded,
    is_on_internet,
    public_access,
    redirected,
)
from ringwall.reach.links import gateway_endpoint, peering, private_gateway
from ringwall.reach.middleboxes import pass_interface
from ringwall.reach.routing import is_never_forwarded
from ringwall.reach.transit import cross
from ringwall.reach.ways import AskNat, Position, Step, Translator, Way

Follow = Callable[[Ground, Position, Route, str], Iterator[Way]]

# Targets that a table may lead to which is no subnet's: a regional NAT gateway's own.
WITHOUT_SUBNET = frozenset({"local", "internet-gateway"})
MOST_TABLES = 16  # a packet that asks more tables than this is going in circles


def route(ground: Ground, position: Position) -> Iterator[Way]:
    """Ask the route table of the subnet in which a packet is, and follow the answer."""
    assert position.subnet is not None
    yield from route_by(ground, position, position.subnet.table, position.subnet.key)


def route_by(
    ground: Ground, position: Position, table: RouteTable | Unknown, name: str
) -> Iterator[Way]:
    """Ask a route table, and follow the answer; `name` stands for a table that is not known."""
    goal = position.goal
    step = Step("route-table", name, "")
    if is_never_forwarded(goal.spot):
        text = f"{goal.spot} is never forwarded"
        yield position.end(step.dropped(text, codes.NEVER_FORWARDED))
        return
    if isinstance(table, Unknown):
        yield position.end(step.unsure(table))
        return
    step = Step("route-table", table.key, "", node=table.node)
    found = ground.routing.lookup(table, goal.spot)
    if isinstance(found, Unknown):
        yield position.end(step.unsure(found))
    elif found is None:
        yield position.end(step.dropped(f"no route to {goal.spot}", codes.NO_ROUTE))
    else:
        yield from _follow(ground, position, step, found)


def resume(ground: Ground, position: Position) -> Iterator[Way]:
    """Go on where a packet came out of a target: to the goal in its subnet, or out of that."""
    home, goal = position.subnet, position.goal
    assert home is not None
    if goal.subnet is not None and goal.subnet.key == home.key:
        yield from arrive(ground, position)
    else:
        yield from route(ground, position.add(acl_step(ground, home, goal.spot, egress=True)))


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
    here = (step.name, position.subnet, position.source, position.goal.spot)
    is_back = here in position.visited
    position = replace(
        position.add(replace(step, text=text)),
        tables=position.tables + 1,
        visited=position.visited | {here},
    )
    if is_back or position.tables > MOST_TABLES:
        circle = replace(step, rule="", rule_node=None)
        yield position.end(circle.dropped("the packet goes in circles", codes.LOOP))
        return
    follow = TARGETS.get(found.lead.kind)
    if follow is None or (position.subnet is None and found.lead.kind not in WITHOUT_SUBNET):
        where = " from a gateway without a subnet" if follow is not None else ""
        why = f"routes to a {found.lead.kind}{where} are not modelled"
        unknown = Unknown(str(found.lead), why)
        end = Step(found.lead.kind, found.lead.key, "", rule_node=rule_node)
        yield position.end(end.unsure(unknown, unknown.why))
        return
    yield from follow(ground, position, found, found.lead.key)


def local(ground: Ground, position: Position, found: Route, _name: str) -> Iterator[Way]:
    """R3: the local route of a VPC's block leads to every subnet in it (VPC guide)."""
    goal, vpc = position.goal, position.vpc
    if goal.subnet is not None and goal.subnet.vpc == vpc:
        yield from arrive(ground, position)
        return
    code = codes.NO_SUBNET if goal.subnet is None else codes.CANNOT_ROUTE
    text = f"{goal.spot} is local to {vpc}, where {goal.name} is not"
    yield position.end(Step("local", vpc, "", rule=str(found)).dropped(text, code))


def internet_gateway(ground: Ground, position: Position, _found: Route, name: str) -> Iterator[Way]:
    """Go out through an internet gateway.

    R9: it pairs private with public IPv4 addresses one to one; what has no public address does not
    get out (VPC guide, internet gateways).
    """
    vpc, goal = position.vpc, position.goal
    gateway = ground.network.internet_gateways.get(vpc)
    if gateway is None or name not in {gateway.key, gateway.physical_id}:
        text = f"internet gateway {name} is not attached to {vpc}"
        end = Step("internet-gateway", name, "").dropped(text, codes.BAD_ATTACHMENT)
        yield position.end(end)
        return
    translated = position.via.nat is not None and position.via.nat.kind == "nat-gateway"
    behind_nat = translated or position.after_nat
    position = position.add(*public_access(ground, vpc, position.subnet, only_outward=behind_nat))
    step = Step("internet-gateway", gateway.key, "to the internet", node=gateway)
    if goal.spot.version == 4 and not is_on_internet(goal.spot):
        is_shared = SHARED.holds(4, goal.spot.address)
        code = codes.SHARED_DESTINATION if is_shared else codes.PRIVATE_DESTINATION
        text = f"{goal.spot} is not an address of the internet"
        yield position.end(step.dropped(text, code))
        return
    blocks = ground.network.blocks.get(vpc, ())
    # A regional NAT gateway bears public addresses, which are in no block of the VPC.
    is_regional = position.via.nat is not None and position.via.nat.subnet is None
    own = is_regional or any(b.holds(4, position.source.address) for b in blocks)
    if goal.spot.version == 4 and not (position.sender_public and own):
        text = f"{position.source} has no public address"
        yield position.end(step.dropped(text, codes.NO_PUBLIC_ADDRESS_OUT))
        return
    passed = redirected(ground, gateway, position)
    if passed:
        text = f"what comes in for {position.source} goes to {passed}, which it did not pass"
        yield position.end(step.dropped(text, codes.INGRESS_REDIRECTION))
        return
    via = replace(position.via, internet_gateway=vpc, crossed="internet")
    yield from _out_there(ground, replace(position.add(step), via=via))


def _out_there(ground: Ground, position: Position) -> Iterator[Way]:
    goal = position.goal
    if goal.subnet is not None and position.egress_only == goal.subnet.vpc:
        back = replace(position, subnet=None, sender_groups=frozenset(), sender_public=True)
        yield from arrive(ground, back.add(answered_through(position.egress_only)))
    elif goal.subnet is not None:
        yield from enter_from_internet(ground, position)
    elif goal.spot.version == 6 and not is_on_internet(goal.spot):
        text = f"{goal.spot} is not an address of the internet"
        yield position.end(Step("internet", goal.name, "").dropped(text, codes.CANNOT_ROUTE))
    else:
        yield position.end(delivered=True)


def answered_through(vpc: str) -> Step:
    """R10: an egress-only gateway is stateful: what it let out is answered through it.

    It "forwards traffic from the instances in the subnet to the internet [...], and then sends the
    response back to the instances" (VPC guide, egress-only internet gateways).
    """
    return Step("egress-only-internet-gateway", vpc, "lets in replies of connections from inside")


def egress_only(ground: Ground, position: Position, _found: Route, name: str) -> Iterator[Way]:
    """R10: "for outbound communication over IPv6 only"; stateful, no way in (VPC guide)."""
    subnet = position.subnet
    assert subnet is not None
    step = Step("egress-only-internet-gateway", name, "to the internet, with state")
    if position.goal.spot.version == 4:
        text = "an egress-only internet gateway carries IPv6 alone"
        yield position.end(step.dropped(text, codes.CANNOT_ROUTE))
        return
    position = position.add(*public_access(ground, subnet.vpc, subnet, only_outward=True))
    via = replace(position.via, egress_only=subnet.vpc, crossed="internet")
    yield from _out_there(ground, replace(position.add(step), via=via))


def enter_from_internet(ground: Ground, position: Position) -> Iterator[Way]:
    """Come in through an internet gateway.

    R9: the public address becomes the private one before any ACL or group is asked, so both see
    private addresses (VPC guide, internet gateways).
    """
    goal = position.goal
    vpc = goal.vpc
    gateway = ground.network.internet_gateways.get(vpc)
    if gateway is None:
        text = f"{vpc} has no internet gateway"
        yield position.end(Step("internet", vpc, "").dropped(text, codes.NO_GATEWAY))
        return
    to_nat = goal.kind == "nat-gateway" and position.is_reply
    outward = to_nat or (position.is_reply and goal.spot.version == 6)
    position = position.add(*public_access(ground, vpc, goal.subnet, only_outward=outward))
    step = Step("internet-gateway", gateway.key, f"to {goal.spot}", node=gateway)
    if goal.spot.version == 4 and not goal.public:
        step = step.dropped(f"{goal.name} has no public address", codes.NO_PUBLIC_ADDRESS_IN)
    via = replace(position.via, internet_gateway=vpc, crossed="internet")
    position = replace(
        position.add(step), via=via, subnet=None, sender_groups=frozenset(), sender_public=True
    )
    yield from by_edge(ground, position, gateway)


def by_edge(ground: Ground, position: Position, gateway: Node) -> Iterator[Way]:
    """Go on behind a gateway: by its own table where it has one (R16), else to the goal."""
    table = edge_table(ground, gateway)
    if table is None:
        yield from arrive(ground, position)
        return
    step = Step("route-table", gateway.key, "")
    if isinstance(table, Unknown):
        yield position.end(step.unsure(table))
        return
    step = Step("route-table", table.key, "", node=table.node)
    found = ground.routing.lookup(table, position.goal.spot)
    if isinstance(found, Unknown):
        yield position.end(step.unsure(found))
        return
    if found is None:
        yield position.end(step.dropped(f"no route to {position.goal.spot}", codes.NO_ROUTE))
        return
    step = replace(step, rule=str(found), rule_node=found.node if found.kind != "local" else None)
    lead = found.lead
    if isinstance(lead, Lead) and lead.kind == "local":
        yield from arrive(ground, position.add(replace(step, text=f"{found} -> local")))
    elif found.list_name or not isinstance(lead, Lead) or lead.kind not in MIDDLEBOXES:
        unknown = Unknown(f"route {found} of {table.key}", "a gateway's table may not hold it")
        yield position.end(step.unsure(unknown))
    elif found.blackhole:
        yield position.end(step.dropped(f"{found} is a blackhole", codes.BAD_ROUTE))
    else:
        step = replace(step, text=f"{found} -> {lead}")
        yield from _by_edge_middlebox(ground, position.add(step), found, lead, gateway)


def _by_edge_middlebox(
    ground: Ground, position: Position, found: Route, lead: Lead, gateway: Node
) -> Iterator[Way]:
    from_internet = gateway.type == "AWS::EC2::InternetGateway" or bool(
        position.via.internet_gateway
    )
    if lead.kind == "gateway-load-balancer-endpoint" and not from_internet:
        step = Step("gateway-load-balancer-endpoint", lead.key, "")
        text = "a private gateway sends nothing to such an endpoint"
        yield position.end(step.dropped(text, codes.CANNOT_ROUTE))
        return
    redirected = replace(position, redirected=from_internet)
    yield from TARGETS[lead.kind](ground, redirected, found, lead.key)


def nat_gateway(ground: Ground, position: Position, _found: Route, name: str) -> Iterator[Way]:
    """Go through a NAT gateway.

    R11: the gateway bears its own address, has no groups, and the ACL of its subnet applies both
    times (VPC guide, NAT gateways). R12: what leaves a private one is dropped by an internet
    gateway; (verify) toward other networks the source is the gateway's private address. A regional
    one has no subnet and a table of its own.
    """
    subnet, goal = position.subnet, position.goal
    assert subnet is not None
    nat = ground.network.nats.get(name)
    what, why = f"NAT gateway {name}", ""
    if nat is None:
        why = "not in the input"
    elif goal.spot.version == 6 and embedded(goal.spot) is None:
        why = "it takes IPv6 to 64:ff9b::/96 on the internet alone"
    elif position.via.nat is not None:
        why = "two translations on one path are not modelled"
    elif not nat.addresses or not (nat.regional or nat.subnet in ground.network.subnets):
        why = "where it stands, or its address, is not in the input"
    if why or nat is None:
        node = nat.node if nat else None
        yield position.end(Step("nat-gateway", name, "", node=node).unsure(Unknown(what, why)))
        return
    home = ground.network.subnets.get(nat.subnet)
    if home is not None and home.key != subnet.key:
        position = position.add(acl_step(ground, home, position.source, egress=False))
    bad = Step("nat-gateway", name, "", node=nat.node)
    if nat.state != "available":
        position = position.add(bad.dropped(f"the gateway is {nat.state}", codes.BAD_STATE))
    if nat.zones and subnet.zone not in nat.zones and subnet.zone_name not in nat.zones:
        text = f"the gateway has no address in {subnet.zone_name}"
        position = position.add(bad.dropped(text, codes.REGIONAL_NAT_ZONE))
    for address in nat.addresses:
        yield from _translate(ground, position, nat, home, Spot(4, address))


def _translate(
    ground: Ground, position: Position, nat: Nat, home: Subnet | None, spot: Spot
) -> Iterator[Way]:
    step = Step(
        "nat-gateway",
        nat.key,
        "",
        ground.filters.translated(),
        code=codes.NAT_PROTOCOL,
        node=nat.node,
        ask=AskNat(nat.node),
    )
    goal = position.goal
    if goal.spot.version == 6:
        inner = embedded(goal.spot)
        assert inner is not None
        goal = replace(goal, spot=inner)  # R13: NAT64
    table = home.table if home is not None else nat.table
    box = Translator("nat-gateway", nat.key, spot, home, table, nat.public, None, nat.node)
    position = replace(
        position.add(step),
        source=spot,
        goal=goal,
        subnet=home,
        sender_groups=frozenset(),
        sender_public=nat.public,
        via=replace(position.via, nat=box),
        home=nat.vpc,
    )
    if home is None:
        yield from route_by(ground, position, table, nat.key)
    elif goal.subnet is not None and goal.subnet.key == home.key:
        yield from arrive(ground, position)
    else:
        yield from route(ground, position.add(acl_step(ground, home, goal.spot, egress=True)))


def network_interface(
    ground: Ground, position: Position, _found: Route, name: str
) -> Iterator[Way]:
    """Go through an interface that takes packets of others (R14, R15, F21)."""
    subnet, goal = position.subnet, position.goal
    box = ground.network.interfaces.get(name)
    if box is None:
        unknown = Unknown(f"network interface {name}", "not in the input")
        yield position.end(Step("network-interface", name, "").unsure(unknown))
        return
    if (
        goal.subnet is not None
        and goal.subnet is box.subnet
        and box.holds(goal.spot.version, goal.spot.address)
    ):
        yield from arrive(ground, position)
        return
    if len(position.via.middleboxes) > MOST_TABLES:
        step = Step("network-interface", name, "", node=box.node)
        yield position.end(step.dropped("the packet goes in circles", codes.LOOP))
        return
    if subnet is None or subnet.key != box.subnet.key:
        position = position.add(acl_step(ground, box.subnet, position.source, egress=False))
    for reached in pass_interface(ground, position, box):
        yield from (reached,) if isinstance(reached, Way) else resume(ground, reached)


def inspection(ground: Ground, position: Position, _found: Route, name: str) -> Iterator[Way]:
    """R28: go through an endpoint of a Gateway Load Balancer, and out into its subnet."""
    for reached in pass_endpoint(ground, position, name):
        yield from (reached,) if isinstance(reached, Way) else resume(ground, reached)


def endpoint(ground: Ground, position: Position, found: Route, name: str) -> Iterator[Way]:
    """Go to a service by a gateway endpoint, or through an endpoint of another kind."""
    node = ground.network.graph.get(("AWS::EC2::VPCEndpoint", name))
    if node is None or node.properties.get("VpcEndpointType") != "Gateway":
        yield from inspection(ground, position, found, name)
    else:
        yield gateway_endpoint(position, node)


def instance(ground: Ground, position: Position, found: Route, name: str) -> Iterator[Way]:
    """Go through the first interface of an instance, which stands for it."""
    first = ground.network.first_interfaces.get(name)
    if first is None:
        unknown = Unknown(f"instance {name}", "not in the input")
        yield position.end(Step("instance", name, "").unsure(unknown))
        return
    yield from network_interface(ground, position, found, first)


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
    "vpc-endpoint": endpoint,
    "gateway-load-balancer-endpoint": inspection,
    "peering": peering,
    "transit-gateway": transit_gateway,
    "network-interface": network_interface,
    "instance": instance,
    "virtual-private-gateway": private_gateway,
}
