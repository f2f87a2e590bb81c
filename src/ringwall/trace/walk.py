"""Two ends and their addresses → the paths of a packet and of its reply.

Rules:
- Routing looks at addresses alone, so a path is walked once and filters are asked along it.
- A path goes on past a blocker as long as it is determined where to, so that all blockers of it are
  found; it ends where nothing says what comes next.
- Where AWS may choose (the zone behind a transit gateway), there is one path for each choice.
"""

from collections.abc import Iterator
from dataclasses import replace

from ringwall.model.graph import Unknown
from ringwall.trace import codes
from ringwall.trace.addresses import Host
from ringwall.trace.arrival import acl_step, arrive, group_step
from ringwall.trace.crossings import (
    enter_from_internet,
    is_active,
    peering_of,
    resume,
    route,
)
from ringwall.trace.elements import Subnet, Target
from ringwall.trace.endpoints import symmetry
from ringwall.trace.ends import Kind, Placement
from ringwall.trace.filters import Outcome, Remote
from ringwall.trace.nat import NAT64, home_of, nat_of
from ringwall.trace.network import Network
from ringwall.trace.path import Goal, GroupFilter, Path, Position, Step, Via
from ringwall.trace.premises import LINES, admission, entrances, line_of, unread_lines
from ringwall.trace.transit import PARTS, gateways_of, through
from ringwall.trace.transit_tables import PEERINGS

# Targets behind which a packet may bear another source.
REWRITING = frozenset(
    {"network-interface", "instance", "gateway-load-balancer-endpoint", "nat-gateway"}
)


def forward_paths(
    network: Network, source: Placement, sender: Host, destination: Placement, receiver: Host
) -> list[Path]:
    """Return the paths of the first packet of a connection."""
    goal = goal_of(destination, receiver)
    start = Position((), sender, goal, source.subnet, frozenset(source.groups), source.public)
    if source.subnet is not None:
        return [_without_references(path) for path in _depart(network, start, source)]
    return list(_from_outside(network, start, source))


def _without_references(path: Path) -> Path:
    """Let the sender's rules match no group where a middlebox lies on the way.

    F3: behind a middlebox "the security group for each instance must reference the private IP
    address of the other instance"; a reference to its group admits nothing (VPC guide).
    """
    first, *rest = path.steps
    if not path.via.middleboxes or not isinstance(first.filter, GroupFilter):
        return path
    asked = replace(first.filter, remote=replace(first.filter.remote, groups=frozenset()))
    return replace(path, steps=(replace(first, filter=asked), *rest))


def return_paths(
    network: Network,
    source: Placement,
    sender: Host,
    destination: Placement,
    receiver: Host,
    path: Path,
) -> list[Path]:
    """Return the paths of the reply to a packet that went along `path`, routed on its own."""
    found = _return_paths(network, source, sender, destination, receiver, path)
    return [symmetry(network, path, back, (sender, receiver)) for back in found]


def _return_paths(
    network: Network,
    source: Placement,
    sender: Host,
    destination: Placement,
    receiver: Host,
    path: Path,
) -> list[Path]:
    goal = goal_of(source, sender)
    via = path.via
    public = destination.public
    groups = frozenset(destination.groups)
    if destination.subnet is not None:
        if via.nat:
            goal = _stop_over(network, via, source)
        start = Position(
            (), receiver, goal, destination.subnet, groups, public, is_reply=True, answers=via
        )
        first = list(_depart(network, start, destination))
        if not via.nat:
            return [_unrewritten(each, path) for each in first]
        return [
            joined
            for each in first
            for joined in _after_nat(network, each, via, receiver, source, sender)
        ]
    # R13: behind a NAT gateway an address of 64:ff9b::/96 is the IPv4 address in it.
    is_nat64 = bool(via.nat) and receiver in NAT64
    remote = Host(4, receiver.address - NAT64.start) if is_nat64 else receiver
    start = Position((), remote, goal, None, groups, public, is_reply=True, answers=via)
    if via.service_endpoint:
        return list(_from_service(network, start, via, source, sender))
    if via.nat:
        outer = replace(destination, kind=Kind.INTERNET) if is_nat64 else destination
        return [
            joined
            for first in _come_in(
                network, replace(start, goal=_stop_over(network, via, source)), outer
            )
            for joined in _after_nat(network, first, via, receiver, source, sender)
        ]
    if via.egress_only:
        step = Step(
            "egress-only-internet-gateway",
            via.egress_only,
            "lets in replies of connections from inside",  # R10
        )
        return list(arrive(network, start.add(step)))
    return list(_come_in(network, start, destination))


def _come_in(network: Network, position: Position, remote: Placement) -> Iterator[Path]:
    """Bring a reply in from outside: from on-premises, or from the internet."""
    if remote.kind is Kind.OUTSIDE:
        yield from _from_premises(network, position, remote.name)
    else:
        yield from enter_from_internet(network, position)


def goal_of(end: Placement, host: Host) -> Goal:
    """Return an end as what a path is to lead to."""
    groups = None if end.is_open else end.groups
    return Goal(end.name, host, end.subnet, groups, end.public, end.kind.value, end.list_name)


def _stop_over(network: Network, via: Via, client: Placement) -> Goal:
    nat = nat_of(network, via.nat)
    assert via.bears is not None
    subnet = home_of(network, nat, client.subnet)
    kind = "nat-gateway" if nat.groups is None else "nat-instance"
    return Goal(nat.key, via.bears, subnet, nat.groups, public=nat.public, kind=kind)


def _unrewritten(path: Path, forward: Path) -> Path:
    """Drop a reply that does not bear the address that was asked: it answers nothing."""
    crossed = path.via
    if crossed.nat or crossed.egress_only not in {"", forward.via.egress_only}:
        name = crossed.nat or crossed.egress_only
        text = f"the reply would leave through {name}, which never saw the connection"
        step = Step("gateway", name, text, Outcome.DROP, code=codes.REWRITTEN_REPLY)
        return replace(path, steps=(*path.steps, step), delivered=False)
    return path


def _depart(network: Network, position: Position, sender: Placement) -> Iterator[Path]:
    """Leave an interface: its groups, then, out of the subnet, the ACL and the route table."""
    assert position.subnet is not None
    subnet, goal = position.subnet, position.goal
    if not position.is_reply and sender.kind is Kind.ENDPOINT:
        # R27: "endpoints ... do not initiate": an endpoint answers requests alone (PrivateLink).
        text = "an interface endpoint starts no connections"
        position = position.add(
            Step("endpoint", sender.name, text, Outcome.DROP, code=codes.NO_INITIATION)
        )
    remote = Remote(goal.host, frozenset(goal.groups or ()), _crossing(network, subnet, goal))
    if not sender.is_open:
        position = position.add(group_step(network, position, sender.groups, remote, egress=True))
    if goal.subnet is not None and goal.subnet.key == subnet.key:
        yield from arrive(network, position)
        return
    position = position.add(acl_step(subnet, goal.host, egress=True))
    yield from route(network, position)


def _crossing(network: Network, subnet: Subnet, goal: Goal) -> str:
    if goal.subnet is None:
        return "internet"
    if goal.subnet.vpc == subnet.vpc:
        return ""
    pair = {subnet.vpc, goal.subnet.vpc}
    for node in network.peerings.values():
        ends = {network.values.key(node.properties.get(n)) for n in ("VpcId", "PeerVpcId")}
        if ends == pair and is_active(node):
            return peering_of(network, node)
    return "transit-gateway"


def _from_outside(network: Network, position: Position, source: Placement) -> Iterator[Path]:
    goal = position.goal
    if goal.subnet is None:
        unknown = Unknown(f"{source.name} to {goal.name}", "neither end is in the network")
        yield position.end(
            Step("outside", source.name, unknown.why, Outcome.UNKNOWN, unknown=unknown)
        )
    elif source.kind is Kind.OUTSIDE:
        yield from _from_premises(network, position, source.name)
    else:  # a gateway endpoint starts no connections; the service comes from the internet
        yield from enter_from_internet(network, position)


def _from_premises(network: Network, position: Position, name: str) -> Iterator[Path]:
    """Private addresses outside of every VPC come in by VPN, Direct Connect or peering alone."""
    goal = position.goal
    assert goal.subnet is not None
    vpc = goal.subnet.vpc
    found = [
        *resume(network, entrances(network, position, vpc)),
        *_from_transit(network, position, vpc),
        *_from_elsewhere(network, position, name, vpc),
    ]
    if not found:
        beside = network.unknowns_for(vpc)
        text = f"{position.source} has no way into {vpc}"
        step = Step("outside", name, text, Outcome.DROP, code=codes.NO_ENTRANCE)
        found = [position.end(_unknown_entrance(name, beside[0]) if beside else step)]
    yield from found


def _from_transit(network: Network, position: Position, vpc: str) -> Iterator[Path]:
    for attachment in network.attachments.values():
        if attachment.kind not in LINES or attachment.gateway not in gateways_of(network, vpc):
            continue
        start = replace(position, entrance=attachment.key)
        line = line_of(network, attachment)
        lost = unread_lines(network, attachment.kind)
        if lost is not None:
            step = Step("attachment", attachment.key, str(lost), Outcome.UNKNOWN, unknown=lost)
            yield start.end(step)
            continue
        stopped = admission(start, line) if line is not None else None
        if stopped is not None:
            yield stopped
            continue
        step = Step("attachment", attachment.key, "from on-premises", node=attachment.node)
        via = replace(start.via, crossed="transit-gateway")
        start = replace(start.add(step), via=via)
        for reached in through(network, start, attachment, attachment.gateway, ""):
            yield from route(network, reached) if isinstance(reached, Position) else (reached,)


def _from_elsewhere(network: Network, position: Position, name: str, vpc: str) -> Iterator[Path]:
    """Yield an end for each way in that has no model or is not in the input."""
    lost: dict[str, Unknown] = {}
    gateways = gateways_of(network, vpc)
    for gateway in sorted(gateways):
        if ("AWS::EC2::TransitGateway", gateway) not in network.graph:
            what = f"other attachments of transit gateway {gateway}"
            lost[gateway] = Unknown(what, "not in the input")
    for attachment in network.attachments.values():
        is_known = attachment.vpc or attachment.kind in LINES | PEERINGS
        if attachment.gateway in gateways and not is_known:
            what = f"attachment {attachment.key}"
            lost[what] = Unknown(what, f"attachments of type {attachment.kind!r} are not modelled")
    for node in network.peerings.values():
        ends = {network.values.key(node.properties.get(end)) for end in ("VpcId", "PeerVpcId")}
        if vpc in ends and not ends <= set(network.vpcs) and is_active(node):
            what = f"peering {node.key}"
            lost[what] = Unknown(what, "the VPC on the other side is not in the input")
    for what, unknown in lost.items():
        yield replace(position, entrance=what).end(_unknown_entrance(name, unknown))
    unread = network.lacks("AWS::EC2::VPNGateway", "AWS::EC2::VPCPeeringConnection", *PARTS)
    if unread is not None:
        start = replace(position, entrance="unread").add(_unknown_entrance(name, unread))
        if _rewrites_inside(network, vpc):
            yield start.end()
        else:  # whatever it comes by, what the goal's ACL and groups drop is dropped
            via = replace(start.via, crossed="unread")
            yield from arrive(network, replace(start, via=via))


def _rewrites_inside(network: Network, vpc: str) -> bool:
    """Tell whether a table leads to a middlebox inside of a VPC, which may change the source."""
    for table in network.tables.values():
        for found in table.routes if table.vpc == vpc else ():
            target, to = found.target, found.destination
            plain = isinstance(target, Target) and target.kind not in REWRITING
            within = to is None or any(to.overlaps(part) for part in network.blocks.get(vpc, ()))
            if found.origin != "local" and not plain and within:
                return True
    return False


def _unknown_entrance(name: str, unknown: Unknown) -> Step:
    return Step("outside", name, str(unknown), Outcome.UNKNOWN, unknown=unknown)


def _from_service(
    network: Network, position: Position, via: Via, source: Placement, sender: Host
) -> Iterator[Path]:
    text = "the reply comes back through the endpoint"
    position = position.add(Step("gateway-endpoint", via.service_endpoint, text))
    if not via.nat:
        yield from arrive(network, position)
        return
    for first in arrive(network, replace(position, goal=_stop_over(network, via, source))):
        yield from _after_nat(network, first, via, position.source, source, sender)


def _after_nat(
    network: Network, first: Path, via: Via, remote: Host, source: Placement, sender: Host
) -> Iterator[Path]:
    """Go on from a NAT gateway or instance to the client: by the table of its subnet."""
    if not first.delivered:
        yield first
        return
    nat = nat_of(network, via.nat)
    kind = "nat-gateway" if nat.groups is None else "appliance"
    step = Step(kind, nat.key, f"destination becomes {sender} again", node=nat.node)
    goal = goal_of(source, sender)
    position = Position(
        (*first.steps, step),
        remote,
        goal,
        home_of(network, nat, source.subnet),
        frozenset(),
        False,
        is_reply=True,
        via=Via(middleboxes=first.via.middleboxes),
        entrance=first.entrance,
        answers=via,
        after_nat=True,
    )
    if nat.groups is not None:
        passed = (*position.via.middleboxes, nat.key)
        position = replace(position, via=replace(position.via, middleboxes=passed))
        position = position.add(
            group_step(network, position, nat.groups, Remote(remote), egress=True)
        )
    yield from resume(network, [position])
