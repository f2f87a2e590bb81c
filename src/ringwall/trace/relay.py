"""Load balancers as destinations: a listener, its targets, and the second connection (F14, F15).

Rules (decision 21):
- A node of a balancer is reached if its listener takes the packet and one of its targets is reached
  by the second connection; what becomes of that connection's reply becomes of the client's.
- The second connection bears the node's address and the balancer's groups, or, where client
  addresses are preserved, the client's address and both ends' groups.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import ClassVar

from ringwall.model.graph import Unknown
from ringwall.trace import codes
from ringwall.trace.addresses import Host, first_host
from ringwall.trace.arrival import acl_step, group_step
from ringwall.trace.atoms import atoms_of
from ringwall.trace.balancers import (
    PROTOCOLS,
    Balancer,
    Listener,
    Registered,
    TargetGroup,
    balancers,
    eligible,
    preserves,
)
from ringwall.trace.ends import Placement, nodes_of, of_tier
from ringwall.trace.filters import Decision, Outcome, Remote
from ringwall.trace.network import Network
from ringwall.trace.outcomes import (
    MOST,
    Paths,
    combine,
    decisions,
    forward_outcome,
    outcome,
    return_outcome,
)
from ringwall.trace.packet import EPHEMERAL, TCP, Packet, reply
from ringwall.trace.path import Goal, Path, Position, Step
from ringwall.trace.preserving import is_straight, preserved_paths
from ringwall.trace.targets import target_of

Connect = Callable[[Network, Placement, Host, Placement, Host], Paths]
Told = tuple[tuple[Step, Decision], ...]
# What a balancer does with a packet is said by all of these.
PARTS = tuple(
    f"AWS::ElasticLoadBalancingV2::{name}" for name in ("Listener", "ListenerRule", "TargetGroup")
)
_NOWHERE = Goal("", Host(4, 0))


@dataclass(frozen=True, slots=True)
class Relayed:
    """What becomes of a request behind a node, and of its answer, with the hops of either way."""

    forward: Outcome
    back: Outcome
    there: Told = ()
    home: Told = ()
    unknown: Unknown | None = None

    @property
    def rank(self) -> tuple[int, int]:
        """Order by what reaches most."""
        return (MOST.index(self.forward), MOST.index(self.back))


@dataclass(frozen=True, slots=True)
class Client:
    """Who asks a node, as the node sees it; `by_service`: through an endpoint service."""

    host: Host
    groups: frozenset[str] = frozenset()
    by_service: bool = False


@dataclass(frozen=True, slots=True)
class RelayFilter:
    """Ask what lies behind a balancer's node, or behind an endpoint of a service."""

    heeds_source_port: ClassVar[bool] = True
    end: Placement
    address: Host
    client: Client
    is_reply: bool = False
    connect: Connect = field(compare=False, kw_only=True)

    def decide(self, network: Network, packet: Packet) -> Decision:
        """Decide about a request, or about the answer to one."""
        asked = packet
        if self.is_reply:
            asked = Packet(packet.protocol, packet.source_port, packet.code, packet.port)
        found = self._ask(network, asked)
        if self.is_reply and found.forward is not Outcome.PASS:
            return Decision(Outcome.PASS, "", "there is nothing to answer")
        stands = found.back if self.is_reply else found.forward
        told = found.home if self.is_reply else found.there
        text = "answers what its target answers" if self.is_reply else f"takes {packet}"
        if _of_steps(told) is stands:
            return Decision(Outcome.PASS, "", text, inner=told)
        if found.unknown is not None:
            text = str(found.unknown)
        elif stands is Outcome.DROP:
            text = f"no listener takes {packet}"
        else:
            text = "the answer depends on the port that the balancer chooses, or on its way"
        return Decision(stands, "", text, unknown=found.unknown)

    def _ask(self, network: Network, asked: Packet) -> Relayed:
        key = ("relay", self.end, self.address, self.client, asked)
        found: Relayed | None = network.memo.get(key)
        if found is None:
            unknown = Unknown(f"balancer {self.end.name}", "it leads to itself")
            network.memo[key] = Relayed(Outcome.UNKNOWN, Outcome.UNKNOWN, unknown=unknown)
            if self.end.service:
                found = _by_service(network, self, asked)
            else:
                balancer = balancers(network)[self.end.balancer]
                found = behind(network, balancer, self, asked)
            network.memo[key] = found
        return found


def _of_steps(told: Told) -> Outcome:
    seen = {decision.outcome for _, decision in told}
    return max(seen, key=MOST.index, default=Outcome.PASS)


def relay_of(
    network: Network, end: Placement, address: Host, path: Path, connect: Connect
) -> tuple[Step, Step] | None:
    """Return the steps that ask what lies behind a destination: of the request, of the answer."""
    if not (end.balancer or end.service) or not path.delivered or path.source is None:
        return None
    near = path.via.crossed in {"", "peering"}
    client = Client(path.source, path.sender_groups if near else frozenset())
    kind, node, code = "endpoint-service", network.graph.get(_service(end)), codes.LISTENERS
    if end.balancer:
        balancer = balancers(network)[end.balancer]
        kind, node = "load-balancer", balancer.node
        code = codes.CLASSIC_LISTENERS if balancer.kind == "classic" else codes.LISTENERS
    asked = RelayFilter(end, address, client, connect=connect)
    name = end.balancer or end.service
    step = Step(kind, name, "", code=code, node=node, filter=asked)
    return step, replace(step, filter=replace(asked, is_reply=True))


def _service(end: Placement) -> tuple[str, str]:
    return ("AWS::EC2::VPCEndpointService", end.service)


def beyond(
    network: Network, end: Placement, receiver: Host, paths: Paths, connect: Connect
) -> Paths:
    """Add to paths what lies behind their end, where packets go on there."""
    found = []
    for path, backs in paths:
        asked = relay_of(network, end, receiver, path, connect)
        if asked is None:
            found.append((path, backs))
            continue
        there, home = asked
        told = replace(path, steps=(*path.steps, there))
        found.append((told, tuple(replace(b, steps=(home, *b.steps)) for b in backs)))
    return tuple(found)


def behind(network: Network, balancer: Balancer, asked: RelayFilter, packet: Packet) -> Relayed:
    """Return what becomes of a packet at a node: the target that is reached best counts."""
    if balancer.state not in {"active", "active_impaired"}:
        unknown = Unknown(f"balancer {balancer.key}", f"state {balancer.state!r} is not modelled")
        return Relayed(Outcome.UNKNOWN, Outcome.UNKNOWN, unknown=unknown)
    lost = network.lacks(*PARTS)
    if lost is not None:
        return Relayed(Outcome.UNKNOWN, Outcome.UNKNOWN, unknown=lost)
    listeners = [each for each in balancer.listeners if _takes(each, packet)]
    if not listeners:
        return Relayed(Outcome.DROP, Outcome.DROP)
    found = [each for one in listeners for each in _of(network, balancer, one, asked, packet)]
    return min(found, key=lambda each: each.rank)


def _takes(listener: Listener, packet: Packet) -> bool:
    return packet.protocol in listener.protocols and listener.port in {0, packet.port}


def _of(
    network: Network, balancer: Balancer, listener: Listener, asked: RelayFilter, packet: Packet
) -> Iterator[Relayed]:
    step = Step("load-balancer", balancer.key, str(listener), node=balancer.node)
    if listener.answers:
        text = f"{listener} answers by {listener.answers}"
        told = ((step, Decision(Outcome.PASS, "", text, listener.node)),)
        yield Relayed(Outcome.PASS, Outcome.PASS, told)
    reasons: list[tuple[str, str]] = []
    for group in listener.groups:
        if isinstance(group, Unknown):
            yield Relayed(Outcome.UNKNOWN, Outcome.UNKNOWN, unknown=group)
            continue
        opens, available = balancer.kind != "classic", list[Registered]()
        anywhere = eligible(group, opens=opens)
        for each in group.targets:
            reason = _out_of_zone(network, balancer, group, each, asked.end)
            if reason is None:
                available.append(each)
            elif isinstance(reason, Unknown):
                yield Relayed(Outcome.UNKNOWN, Outcome.UNKNOWN, unknown=reason)
            elif each in anywhere:
                reasons.append(reason)
        for each in eligible(group, available, opens=opens):
            yield _to(network, balancer, group, each, asked, packet)
    crossing = [each for each in reasons if each[0] == codes.NOT_CROSS_ZONE]
    nothing = (codes.NO_TARGETS, f"{listener} has no target that gets traffic")
    code, text = (*crossing, *reasons, nothing)[0]
    drop = Decision(Outcome.DROP, "", text, listener.node)
    yield Relayed(Outcome.DROP, Outcome.DROP, ((replace(step, code=code), drop),))


def _out_of_zone(
    network: Network, balancer: Balancer, group: TargetGroup, each: Registered, node: Placement
) -> tuple[str, str] | Unknown | None:
    """Return the code and the reason why a node sends nothing to a target for its zone.

    F14: a balancer sends to targets in its enabled zones alone, and each of its nodes to its own
    zone's unless cross-zone load balancing is on (ELB guide).
    """
    end = target_of(network, group, each)
    if isinstance(end, Unknown) or end.subnet is None or node.subnet is None:
        return None
    if group.kind in {"alb", "lambda"} or end.vpc != node.vpc:
        return None
    enabled = {network.subnets[key].zone for key in balancer.subnets if key in network.subnets}
    where = end.subnet.zone_name
    if end.subnet.zone not in enabled:
        return codes.NOT_ENABLED_ZONE, f"{end.name} is in {where}, where it has no node"
    crosses = balancer.crosses if group.crosses is None else group.crosses
    if crosses is None and end.subnet.zone != node.subnet.zone:
        return _not_said(balancer)
    if not crosses and end.subnet.zone != node.subnet.zone:
        return codes.NOT_CROSS_ZONE, f"{end.name} is in {where}, and cross-zone is off"
    return None


def _not_said(balancer: Balancer) -> Unknown:
    return Unknown(f"balancer {balancer.key}", "its attribute of cross-zone is not in the input")


def _to(
    network: Network,
    balancer: Balancer,
    group: TargetGroup,
    each: Registered,
    asked: RelayFilter,
    packet: Packet,
) -> Relayed:
    """Follow the second connection to one target."""
    step = Step("target-group", group.key, f"to {each.target}", node=group.node)
    if group.kind == "lambda":
        told = ((step, Decision(Outcome.PASS, "", "invokes a function", group.node)),)
        return Relayed(Outcome.PASS, Outcome.PASS, told)
    numbers = PROTOCOLS.get(group.protocol, frozenset({TCP}))
    protocol = packet.protocol if packet.protocol in numbers else min(numbers)
    second = Packet(protocol, each.port or group.port or packet.port)
    text = f"to {each.target} {second}"
    told = ((step, Decision(Outcome.PASS, "", text, group.node)),)
    if group.kind == "alb":
        inner = balancers(network).get(each.target)
        ends = list(nodes_of(network, inner)) if inner is not None else []
        if not ends:
            return _lost(Unknown(f"balancer {each.target}", "not in the input"), told)
    elif group.kind == "group":
        bearing = network.groups.get(each.target)
        ends = list(of_tier(network, bearing)) if bearing is not None else []
        if not ends:
            why = "the group that it is for has no place"
            return _lost(Unknown(f"target group {group.key}", why), told)
    else:
        end = target_of(network, group, each)
        if isinstance(end, Unknown):
            return _lost(end, told)
        ends = [end]
    found = [_connected(network, balancer, group, asked, end, packet, second) for end in ends]
    best = min(found, key=lambda one: one.rank)
    return replace(best, there=(*told, *best.there))


def _lost(unknown: Unknown, told: Told) -> Relayed:
    return Relayed(Outcome.UNKNOWN, Outcome.UNKNOWN, told, unknown=unknown)


def _connected(
    network: Network,
    balancer: Balancer,
    group: TargetGroup,
    asked: RelayFilter,
    end: Placement,
    packet: Packet,
    second: Packet,
) -> Relayed:
    client, receiver = asked.client, first_host(end.blocks, asked.address.version)
    if receiver is None:
        receiver = first_host(end.blocks, 4) or first_host(end.blocks, 6)
    if receiver is None:
        return _lost(Unknown(f"target {end.name}", "its addresses are not in the input"), ())
    sees_client = preserves(balancer, group) and not client.by_service
    if not sees_client or client.host.version != receiver.version:
        return _with_own_address(network, balancer, asked, end, receiver, second)
    kept = replace(second, source_port=packet.source_port)
    paths = preserved_paths(network, balancer, asked.end, client, end, receiver)
    is_supported = all(is_straight(path) for path, _ in paths)
    paths = beyond(network, end, receiver, paths, asked.connect)
    found = _told(network, paths, kept, (kept,))
    if is_supported:
        return found
    other = _with_own_address(network, balancer, asked, end, receiver, second)
    if found.forward is other.forward is Outcome.DROP:
        return found
    why = "client addresses are not supported on the way to it, and are to be preserved"
    return _lost(Unknown(f"target {end.name}", why), ())


def _with_own_address(
    network: Network,
    balancer: Balancer,
    asked: RelayFilter,
    end: Placement,
    receiver: Host,
    second: Packet,
) -> Relayed:
    sender = asked.address
    if sender.version != receiver.version:
        found = first_host(asked.end.subnet.blocks if asked.end.subnet else (), receiver.version)
        if found is None:
            return _lost(Unknown(f"balancer {balancer.key}", "its addresses of that family"), ())
        sender = found
    paths = asked.connect(network, asked.end, sender, end, receiver)
    if balancer.kind == "classic" and end.subnet == asked.end.subnet:
        paths = _with_acls(paths, asked.end, receiver)
    starts = [
        max(start, EPHEMERAL[0])
        for start, stop in atoms_of(network).of_source_ports(second.protocol)
        if stop > EPHEMERAL[0]
    ]
    # The node takes any port from 1024 up for its side, so that replies must pass on all of them.
    chosen = [replace(second, source_port=start) for start in starts]
    return _told(network, paths, second, tuple(chosen) or (second,))


def _with_acls(paths: Paths, node: Placement, target: Host) -> Paths:
    """Ask the ACL of a node's subnet about its traffic inside the subnet.

    F14: "Classic Load Balancers apply network ACLs to outbound traffic, even if it's destined for a
    target in the same subnet" (Reachability Analyzer guide); its answer comes back in through it.
    """
    assert node.subnet is not None
    if node.subnet.acl is None:
        return paths
    out = replace(acl_step(node.subnet, target, egress=True), code=codes.CLASSIC_ACL)
    back = replace(acl_step(node.subnet, target, egress=False), code=codes.CLASSIC_ACL)
    return tuple(
        (
            replace(path, steps=(path.steps[0], out, *path.steps[1:])),
            tuple(replace(each, steps=(*each.steps[:1], back, *each.steps[1:])) for each in backs),
        )
        for path, backs in paths
    )


def _told(network: Network, paths: Paths, second: Packet, chosen: tuple[Packet, ...]) -> Relayed:
    forward = forward_outcome(network, paths, second)
    backs = [return_outcome(network, paths, each) for each in chosen]
    back = combine(backs) if forward is Outcome.PASS else Outcome.DROP
    shown, ways = next((e for e in paths if outcome(network, e[0], second) is forward), paths[0])
    there = tuple(decisions(network, shown, second))
    home: Told = ()
    witness = next((p for p, o in zip(chosen, backs, strict=True) if o is not Outcome.PASS), second)
    answer = reply(witness)
    if ways and answer is not None:
        stopped = [w for w in ways if outcome(network, w, answer) is not Outcome.PASS]
        home = tuple(decisions(network, (stopped or list(ways))[0], answer))
    unknown = next((d.unknown for _, d in (*there, *home) if d.unknown is not None), None)
    return Relayed(forward, back, there, home, unknown)


def _by_service(network: Network, asked: RelayFilter, packet: Packet) -> Relayed:
    """Follow an endpoint to the balancers of its service.

    R27: the endpoint of a zone is served by the balancer's node there, by any with cross-zone load
    balancing (PrivateLink guide).
    """
    node = network.graph[_service(asked.end)]
    found = []
    for key in network.values.keys(node.properties.get("NetworkLoadBalancerArns")):
        balancer = balancers(network).get(key)
        if balancer is None:
            lost = Unknown(f"balancer {key}", "not in the input")
            found.append(Relayed(Outcome.UNKNOWN, Outcome.UNKNOWN, unknown=lost))
            continue
        for each in nodes_of(network, balancer):
            if _serves(balancer, each, asked.end):
                found.append(_at_node(network, balancer, each, asked, packet))
            elif balancer.crosses is None:
                lost = _not_said(balancer)
                found.append(Relayed(Outcome.UNKNOWN, Outcome.UNKNOWN, unknown=lost))
    if not found:
        text = f"the service has no node in {asked.end.zone}"
        step = Step("endpoint-service", node.key, "", code=codes.SERVICE_ZONE, node=node)
        return Relayed(
            Outcome.DROP, Outcome.DROP, ((step, Decision(Outcome.DROP, "", text, node)),)
        )
    return min(found, key=lambda each: each.rank)


def _serves(balancer: Balancer, node: Placement, end: Placement) -> bool:
    if balancer.crosses:
        return True
    if node.subnet is None or end.subnet is None:
        return False
    return node.subnet.zone == end.subnet.zone


def _at_node(
    network: Network, balancer: Balancer, node: Placement, asked: RelayFilter, packet: Packet
) -> Relayed:
    """Ask a node on behalf of an endpoint's client.

    F15: the inbound rules of its groups are asked about the client's private address unless that
    is switched off for PrivateLink (NLB guide, security groups).
    """
    address = first_host(node.blocks, 4) or first_host(node.blocks, 6)
    assert address is not None
    told: Told = ()
    if balancer.groups is not None and balancer.asks_groups_of_endpoints:
        remote = Remote(asked.client.host)
        here = Position((), asked.client.host, _NOWHERE, node.subnet, frozenset(), False)
        step = group_step(network, here, balancer.groups, remote, egress=False)
        assert step.filter is not None
        decision = step.filter.decide(network, packet)
        told = ((step, decision),)
        if decision.outcome is not Outcome.PASS:
            return Relayed(decision.outcome, decision.outcome, told, unknown=decision.unknown)
    inner = replace(asked, end=node, address=address, client=replace(asked.client, by_service=True))
    found = behind(network, balancer, inner, packet)
    if found.forward is Outcome.DROP and not found.there:
        step = Step("load-balancer", balancer.key, "", code=codes.LISTENERS, node=balancer.node)
        told = (*told, (step, Decision(Outcome.DROP, "", f"no listener takes {packet}")))
    return replace(found, there=(*told, *found.there))
