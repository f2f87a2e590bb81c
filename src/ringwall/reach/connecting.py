"""A load balancer's node, its client and a target → the second connection, and what it meets."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ringwall.model.graph import Unknown
from ringwall.reach import codes
from ringwall.reach.crossings import resume
from ringwall.reach.deciding import Decision, decide
from ringwall.reach.edges import Ground, acl_step, group_step
from ringwall.reach.filters import Remote, Spot
from ringwall.reach.levels import DROP_ALL, Outcome
from ringwall.reach.packets import EPHEMERAL, Packet
from ringwall.reach.reading_services import Balancer, TargetGroup
from ringwall.reach.targets import Target, may_preserve
from ringwall.reach.walk import goal_of
from ringwall.reach.ways import Client, Goal, Kind, Position, Site, Step, Via, Way

if TYPE_CHECKING:
    from ringwall.reach.engine import Engine, Replies

Told = tuple[tuple[Step, Decision], ...]
NOT_SUPPORTED = "client addresses are not supported on the way to it, and are to be preserved"


@dataclass(frozen=True, slots=True)
class Connection:
    """A second connection; `second` is its packet, `back` the vector of replies by client.

    `keeps` the client's address and port; else the node takes any port from 1024 on for its side.
    """

    ways: "Replies"
    second: Packet
    keeps: bool
    forward: Outcome
    back: int
    unknown: Unknown | None = None

    def tell(self, engine: "Engine", asked: Packet) -> tuple[Told, Told]:
        """Return the hops of the second connection, and of the answer to it."""
        packets, level = engine.filters.packets, engine.walker.level
        second, index = self.second, packets.class_of(self.second)

        def outcome(way: Way, packet: Packet, of: int | None = None) -> Outcome:
            row = engine.filters.levels.row(level(way, of))
            return Outcome(int(row[packets.class_of(packet)]))

        fitting = ((w, h) for w, h in self.ways if outcome(w, second) is self.forward)
        shown, homes = next(fitting, self.ways[0])
        there = _decided(engine, shown, replace(second, source_port=asked.source_port))
        if not homes:
            return there, ()
        port = asked.source_port if self.keeps else self._stopped(engine, index)
        answer = replace(second, port=port, source_port=second.port)
        stopped = (w for w in homes if outcome(w, answer, index) is not Outcome.PASS)
        return there, _decided(engine, next(stopped, homes[0]), answer)

    def _stopped(self, engine: "Engine", index: int) -> int:
        """Return the first port of the node's side to which no answer comes, 0 for none."""
        level = engine.answers(self.ways, index)
        row = engine.filters.levels.row(level)
        for start, end, client in engine.filters.packets.ports_in_order(self.second.protocol):
            if end > EPHEMERAL[0] and row[client] != Outcome.PASS:
                return max(start, EPHEMERAL[0])
        return 0


def _decided(engine: "Engine", way: Way, packet: Packet) -> Told:
    found: list[tuple[Step, Decision]] = []
    for step in way.steps:
        decision = decide(engine.filters, step, packet)
        found += ((step, decision), *decision.inner)
    return tuple(found)


def connect(
    engine: "Engine",
    balancer: Balancer,
    group: TargetGroup,
    asking: tuple[Site, Client],
    end: tuple[str, Site],
    second: Packet,
) -> Connection | Unknown:
    """Return the second connection from a node to a target, Unknown without an address for it."""
    client, (name, target) = asking[1], end
    if not preserves(balancer, group, client) or client.spot.version != target.spot.version:
        return _anew(engine, balancer, asking[0], end, second)
    ways = kept(engine.ground, balancer, asking, name, target)
    found = _of(engine, engine.beyond(target, ways), second, keeps=True)
    if all(is_direct(way) for way, _ in ways):
        return found
    other = _anew(engine, balancer, asking[0], end, second)
    if found.forward is Outcome.DROP and _is_dropped(other):
        return found
    return Unknown(f"target {name}", NOT_SUPPORTED)


def is_direct(way: Way) -> bool:
    """Tell whether a way may keep a client's address.

    F15: "The target must be located in the same VPC as the load balancer or in a peered VPC in the
    same Region. Client IP preservation is not supported when targets are reached through a transit
    gateway", nor with a Gateway Load Balancer endpoint on the way (NLB guide, target group
    attributes).
    """
    return way.via.crossed in {"", "peering"} and replace(way.via, crossed="") == Via()


def _is_dropped(found: Connection | Unknown) -> bool:
    return isinstance(found, Connection) and found.forward is Outcome.DROP


def _anew(
    engine: "Engine", balancer: Balancer, node: Site, end: tuple[str, Site], second: Packet
) -> Connection | Unknown:
    """Return the second connection with the node's own address."""
    name, target = end
    if node.spot.version != target.spot.version:
        blocks = node.subnet.blocks if node.subnet is not None else ()
        part = next((b for b in blocks if b.version == target.spot.version), None)
        if part is None:
            return Unknown(f"balancer {balancer.key}", "its addresses of that family")
        start = part.start + 5 if part.end - part.start > 8 else part.start
        node = replace(node, spot=Spot(part.version, start))
    ways = engine.ways(node, target, (balancer.key, name))
    if balancer.kind == "classic" and target.subnet is node.subnet:
        ways = _with_acls(engine.ground, ways, node, target)
    return _of(engine, ways, second, keeps=False)


def _of(engine: "Engine", ways: "Replies", second: Packet, *, keeps: bool) -> Connection:
    filters = engine.filters
    index = filters.packets.class_of(second)
    level = engine.reached(tuple(way for way, _ in ways))
    forward = Outcome(int(filters.levels.row(level)[index]))
    back = engine.answers(ways, index) if forward is Outcome.PASS else DROP_ALL
    if not keeps and forward is Outcome.PASS:
        back = _on_all_ports(engine, back, second.protocol)
    unknowns = (step.unknown for way, _ in ways for step in way.steps if step.unknown is not None)
    return Connection(ways, second, keeps, forward, back, next(unknowns, None))


def _on_all_ports(engine: "Engine", back: int, protocol: int) -> int:
    """Return what becomes of answers to a port that the node takes: all of them must pass."""
    levels, packets = engine.filters.levels, engine.filters.packets
    runs = packets.ports_in_order(protocol)
    indices = [index for _, end, index in runs if end > EPHEMERAL[0]]
    seen = set(np.unique(levels.row(back)[indices]).tolist())
    outcome = Outcome.UNKNOWN if Outcome.UNKNOWN in seen else Outcome.UNDETERMINED
    # The number of the vector of one outcome throughout is that outcome's.
    return seen.pop() if len(seen) == 1 else int(outcome)


def preserves(balancer: Balancer, group: TargetGroup, client: Client) -> bool:
    """Tell whether targets see the client's address.

    F15: it has "no effect on inbound traffic from AWS PrivateLink" (NLB guide, target group
    attributes).
    """
    return may_preserve(balancer, group) and not client.by_service


def kept(
    ground: Ground, balancer: Balancer, asking: tuple[Site, Client], name: str, target: Site
) -> "Replies":
    """Return the ways of a request that bears the client's address, and of its answer.

    F15: the target's rules may name the balancer's groups. "You cannot allow traffic from clients
    to targets through the load balancer using the security groups for the clients in the security
    groups for the targets" was said of balancers without groups; of others nothing is said (NLB
    guide, target security groups). "Traffic must flow directly from the Network Load Balancer to
    the target": the answer returns to the node as part of its flow, whatever the target's table
    says (NLB guide).
    """
    node, client = asking
    assert node.subnet is not None
    own = frozenset(balancer.groups or ())
    start = Position(
        (),
        client.spot,
        goal_of(target, name),
        node.subnet,
        own,
        node.public,
        node.vpc,
        doubted=client.groups - own if balancer.groups is not None else frozenset(),
    )
    if balancer.groups is not None:
        remote = Remote(target.spot, frozenset(target.groups))
        start = start.add(group_step(ground, start, balancer.groups, remote, egress=True))
    answer = _answer(ground, node, client.spot, target)
    if is_hairpin(client.spot, target):
        text = "a packet with the target's own address as its source gets no answer"
        step = Step("target", name, "").dropped(text, codes.HAIRPIN)
        answer = replace(answer, steps=(step, *answer.steps))
    return tuple((way, (answer,)) for way in resume(ground, start))


def is_hairpin(client: Spot, target: Site) -> bool:
    """Tell whether a target is to answer itself.

    F15: "NAT loopback, also known as hairpinning, is not supported when client IP preservation is
    enabled" (NLB guide, target group attributes): source and destination of the packet are one
    address, and it times out.
    """
    same = (client.version, client.address) == (target.spot.version, target.spot.address)
    return same and not target.balancer


def _answer(ground: Ground, node: Site, client: Spot, target: Site) -> Way:
    goal = Goal(node.balancer, client, node.subnet)
    start = Position((), target.spot, goal, target.subnet, frozenset(), False, is_reply=True)
    start = start.add(group_step(ground, start, target.groups, Remote(client), egress=True))
    same = target.subnet is node.subnet
    if not same and target.subnet is not None:
        start = start.add(acl_step(ground, target.subnet, client, egress=True))
    text = "the answer returns to its node by the flow"
    start = start.add(Step("load-balancer", node.balancer, text))
    if not same and node.subnet is not None:
        start = start.add(acl_step(ground, node.subnet, target.spot, egress=False))
    return start.end(delivered=True)


def _with_acls(ground: Ground, ways: "Replies", node: Site, target: Site) -> "Replies":
    """Ask the ACL of a node's subnet about its traffic inside the subnet.

    F14: "Classic Load Balancers apply network ACLs to outbound traffic, even if it's destined for a
    target in the same subnet" (Reachability Analyzer guide); its answer comes back in through it.
    """
    assert node.subnet is not None
    out = replace(acl_step(ground, node.subnet, target.spot, egress=True), code=codes.CLASSIC_ACL)
    back = replace(acl_step(ground, node.subnet, target.spot, egress=False), code=codes.CLASSIC_ACL)
    return tuple(
        (
            replace(way, steps=(way.steps[0], out, *way.steps[1:])),
            tuple(replace(h, steps=(*h.steps[:1], back, *h.steps[1:])) for h in homes),
        )
        for way, homes in ways
    )


def accepted(
    engine: "Engine", groups: tuple[str, ...], client: Client, node: Site, packet: Packet
) -> tuple[Step, Decision]:
    """Ask the groups of a balancer about a client that comes through PrivateLink."""
    goal = Goal("", Spot(4, 0))
    here = Position((), client.spot, goal, node.subnet, frozenset(), False)
    step = group_step(engine.ground, here, groups, Remote(client.spot), egress=False)
    return step, decide(engine.filters, step, packet)


def site_of(end: Target) -> Site:
    """Return a target as an end of ways."""
    spot = Spot(end.block.version, end.block.start)
    kind = Kind(end.kind)
    bears = (end.subnet, end.groups, end.public)
    return Site(kind, spot, *bears, balancer=end.balancer, is_open=end.is_open)
