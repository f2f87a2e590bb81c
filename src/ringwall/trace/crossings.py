"""Route tables and what lies behind each kind of target: one function a kind, and their table.

A kind of target without a function in `TARGETS` is UNKNOWN by its name. A function yields a Path
where the packet ends, and a Position where it comes out in a subnet and is to leave it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace

from ringwall.model.graph import Node, Unknown
from ringwall.trace import codes
from ringwall.trace.arrival import acl_steps, arrive
from ringwall.trace.elements import Route, Target
from ringwall.trace.endpoints import gateway_endpoint, pass_endpoint
from ringwall.trace.filters import Outcome
from ringwall.trace.internet import egress_only, internet_gateway
from ringwall.trace.internet import enter_from_internet as enter
from ringwall.trace.middleboxes import is_own_address, pass_interface
from ringwall.trace.nat import nat_gateway
from ringwall.trace.network import Network
from ringwall.trace.path import Path, Position, Step
from ringwall.trace.premises import private_gateway
from ringwall.trace.tables import consult
from ringwall.trace.transit import cross

Follow = Callable[[Network, Position, Route], Iterator[Path | Position]]

# States in which peerings carry no traffic; others but `active` are UNKNOWN.
IDLE_PEERING = frozenset({"deleting", "deleted", "rejected", "failed", "expired"})


def route(network: Network, position: Position) -> Iterator[Path]:
    """Ask the route table of the subnet in which a packet is, and follow the answer."""
    subnet = position.subnet
    assert subnet is not None
    asked = consult(network, position, subnet.table, subnet.key)
    if isinstance(asked, Path):
        yield asked
        return
    position, found = asked
    assert isinstance(found.target, Target)
    follow = TARGETS.get(found.target.kind)
    if follow is None:
        leads = f"{found.target.kind} {found.target.key}".strip()
        unknown = Unknown(leads, f"routes to a {found.target.kind} are not modelled")
        yield position.end(
            Step(
                found.target.kind,
                found.target.key,
                unknown.why,
                Outcome.UNKNOWN,
                unknown=unknown,
                rule_node=found.node if found.origin != "local" else None,
            )
        )
        return
    yield from resume(network, follow(network, position, found))


def resume(network: Network, reached: Iterable[Path | Position]) -> Iterator[Path]:
    """Go on where packets came out of a target: out of its subnet, or to the goal inside it."""
    for each in reached:
        if isinstance(each, Path):
            yield each
            continue
        home, goal = each.subnet, each.goal
        assert home is not None
        if goal.subnet is not None and goal.subnet.key == home.key:
            yield from arrive(network, each)
        else:
            yield from route(network, each.add(*acl_steps(home, goal.host, egress=True)))


def enter_from_internet(network: Network, position: Position) -> Iterator[Path]:
    """Come in through the internet gateway of the goal's VPC, and go on to the goal."""
    yield from resume(network, enter(network, position))


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
    status = _status(node)
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
        via = replace(position.via, crossed=peering_of(network, node))
        yield from arrive(network, replace(position.add(step), via=via, subnet=None))


def interface(network: Network, position: Position, found: Route) -> Iterator[Path | Position]:
    """F21, R14, R15: go into an interface or an instance, and out of it as its tag says."""
    assert isinstance(found.target, Target)
    goal = position.goal
    if is_own_address(network, found.target, goal):
        yield from arrive(network, position)
    else:
        yield from pass_interface(network, position, found.target)


def inspection(network: Network, position: Position, found: Route) -> Iterator[Path | Position]:
    """R28: go through a Gateway Load Balancer endpoint, and out into its subnet."""
    assert isinstance(found.target, Target)
    yield from pass_endpoint(network, position, found.target)


def _status(node: Node) -> str:
    status = node.observed.get("Status", "active")
    return str(status.get("Code") if isinstance(status, Mapping) else status)


def is_active(node: Node) -> bool:
    """Tell whether a peering connection carries traffic."""
    return _status(node) == "active"


def peering_of(network: Network, node: Node) -> str:
    """Return what a group's reference crosses at a peering.

    F4: "you can't reference the security group of a peer VPC across Regions" (peering guide).
    """
    regions = {
        network.vpcs[key].region
        for end in ("VpcId", "PeerVpcId")
        if (key := network.values.key(node.properties.get(end))) in network.vpcs
    }
    return "peering" if len(regions) < 2 else "peering of Regions"


def transit_gateway(
    network: Network, position: Position, found: Route
) -> Iterator[Path | Position]:
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
    "network-interface": interface,
    "instance": interface,
    "vpc-endpoint": gateway_endpoint,
    "gateway-load-balancer-endpoint": inspection,
    "peering": peering,
    "transit-gateway": transit_gateway,
    "virtual-private-gateway": private_gateway,
}
