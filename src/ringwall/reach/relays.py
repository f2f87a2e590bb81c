"""What lies behind a load balancer's node, or an endpoint of a service (F14, F15, R27).

Rules:
- A node is reached if its listener takes the packet and one of its targets is reached by the second
  connection; what becomes of that connection's reply becomes of the client's.
- The second connection bears the node's address and the balancer's groups or, where client
  addresses are preserved, the client's address and both ends' groups.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING
from weakref import proxy

import numpy as np

from ringwall.model.graph import Unknown
from ringwall.reach import codes
from ringwall.reach.connecting import Connection, accepted, connect, site_of
from ringwall.reach.deciding import Decision
from ringwall.reach.end import End
from ringwall.reach.levels import DROP_ALL, PASS_ALL, UNKNOWN_ALL, Outcome
from ringwall.reach.network import Network
from ringwall.reach.packets import Packet
from ringwall.reach.reading_services import (
    ANY_OF_GROUP,
    ELB,
    Balancer,
    Listener,
    Registered,
    TargetGroup,
)
from ringwall.reach.targets import target_of
from ringwall.reach.ways import AskRelay, Client, Kind, Site, Step, Way

if TYPE_CHECKING:
    from ringwall.reach.engine import Engine

Told = tuple[tuple[Step, Decision], ...]
PARTS = tuple(f"{ELB}{name}" for name in ("Listener", "ListenerRule", "TargetGroup"))


@dataclass(frozen=True, slots=True)
class Hit:
    """What becomes of a request that takes one way behind a node: `back` is a vector by client.

    `told` are the hops so far; `connection` is the second connection, if there is one.
    """

    forward: Outcome
    back: int
    told: Told = ()
    connection: Connection | None = None
    unknown: Unknown | None = None


NOTHING = (Hit(Outcome.DROP, DROP_ALL),)  # no listener takes it


def not_followed(network: Network, balancer: Balancer) -> Unknown | None:
    """Return why it is not known what becomes of packets to a balancer, None where it is."""
    if balancer.state not in {"active", "active_impaired"}:
        return Unknown(f"balancer {balancer.key}", f"state {balancer.state!r} is not modelled")
    return network.lost(*PARTS)


class Relay:
    """What lies behind one node or endpoint, for one client."""

    def __init__(self, engine: "Engine", site: Site, client: Client) -> None:
        self._engine: Engine = proxy(engine)  # which holds this
        self.site, self.client = site, client
        self._hits: dict[int, tuple[Hit, ...]] = {}
        self._telling: set[tuple[Packet, bool]] = set()  # what is being told further up
        self._leads_to_itself = Unknown(f"balancer {site.balancer}", "it leads to itself")

    def hits(self, index: int) -> tuple[Hit, ...]:
        """Return every way behind it for a class of packets; it never leads to itself."""
        if index not in self._taken:
            return NOTHING
        found = self._hits.get(index)
        if found is None:
            unknown = self._leads_to_itself
            self._hits[index] = (Hit(Outcome.UNKNOWN, UNKNOWN_ALL, unknown=unknown),)
            packet = self._engine.filters.packets.classes[index].first
            find = self._by_service if self.site.service else self._behind
            found = self._hits[index] = tuple(find(packet))
        return found

    @cached_property
    def _taken(self) -> Collection[int]:
        """Return the classes that a listener takes; all where it hangs on more."""
        network, packets = self._engine.network, self._engine.filters.packets
        every, key = range(len(packets)), self.site.balancer
        if self.site.service or not_followed(network, network.services.balancers[key]) is not None:
            return every
        found = set[int]()
        for listener in network.services.balancers[key].listeners:
            for protocol in listener.protocols:
                one = [packets.class_of(Packet(protocol, listener.port))]
                found.update(one if listener.port else packets.indices(protocol))
        return sorted(found)

    def vectors(self) -> tuple[int, tuple[int, ...]]:
        """Return the vector of requests, and for each class of them that of the answers.

        A class of which nothing arrives has no answers: theirs are those of all others, if these
        are alike.
        """
        levels = self._engine.filters.levels
        row = np.full(levels.width, Outcome.DROP, dtype=np.uint8)
        backs: dict[int, int] = {}
        for index in self._taken:
            hits = self.hits(index)
            most = max(hit.forward for hit in hits)
            row[index] = most
            if most is Outcome.PASS:
                back = DROP_ALL
                for hit in hits:
                    back = levels.join(back, hit.back) if hit.forward is most else back
                backs[index] = back
        known = set(backs.values())
        answers = [known.pop() if len(known) == 1 else PASS_ALL] * levels.width
        for index, back in backs.items():
            answers[index] = back
        return levels.number(row), tuple(answers)

    def decide(self, packet: Packet, *, is_reply: bool) -> Decision:
        """Decide about one request, or about the answer to one, with the hops behind."""
        if (packet, is_reply) in self._telling:
            unknown = self._leads_to_itself
            return Decision(Outcome.UNKNOWN, "", str(unknown), unknown=unknown)
        self._telling.add((packet, is_reply))
        try:
            return self._decide(packet, is_reply=is_reply)
        finally:
            self._telling.discard((packet, is_reply))

    def _decide(self, packet: Packet, *, is_reply: bool) -> Decision:
        asked = packet
        if is_reply:
            asked = replace(packet, port=packet.source_port, source_port=packet.port)
        hit = self._best(asked)
        if is_reply and hit.forward is not Outcome.PASS:
            return Decision(Outcome.PASS, "", "there is nothing to answer")
        back = self._at(hit.back, asked)
        stands = back if is_reply else hit.forward
        told: Told = () if is_reply else hit.told
        if hit.connection is not None:
            there, home = hit.connection.tell(self._engine, asked)
            told = home if is_reply else (*hit.told, *there)
        text = "answers what its target answers" if is_reply else f"takes {packet}"
        of_steps = max((d.outcome for _, d in told), key=_reach, default=Outcome.PASS)
        if of_steps is stands:
            return Decision(Outcome.PASS, "", text, inner=told)
        unknown = hit.unknown or next((d.unknown for _, d in told if d.unknown is not None), None)
        if unknown is not None:
            text = str(unknown)
        elif stands is Outcome.DROP:
            text = f"no listener takes {packet}"
        else:
            text = "the answer depends on the port that the balancer chooses, or on its way"
        return Decision(stands, "", text, unknown=unknown)

    def _at(self, level: int, asked: Packet) -> Outcome:
        packets, levels = self._engine.filters.packets, self._engine.filters.levels
        client = replace(asked, port=asked.source_port)
        return Outcome(int(levels.row(level)[packets.class_of(client)]))

    def _best(self, asked: Packet) -> Hit:
        hits = self.hits(self._engine.filters.packets.class_of(asked))
        return min(hits, key=lambda h: (_reach(h.forward), _reach(self._at(h.back, asked))))

    def _behind(self, packet: Packet) -> Iterator[Hit]:
        balancer = self._engine.network.services.balancers[self.site.balancer]
        yield from self._of_balancer(balancer, self.site, self.client, packet)

    def _of_balancer(
        self, balancer: Balancer, node: Site, client: Client, packet: Packet
    ) -> Iterator[Hit]:
        unknown = not_followed(self._engine.network, balancer)
        if unknown is not None:
            yield Hit(Outcome.UNKNOWN, UNKNOWN_ALL, unknown=unknown)
            return
        asked = (packet.protocol, packet.port)
        listeners = [each for each in balancer.listeners if each.takes(*asked)]
        if not listeners:
            yield from NOTHING
        for listener in listeners:
            yield from self._of_listener(balancer, listener, node, client, packet)

    def _of_listener(
        self, balancer: Balancer, listener: Listener, node: Site, client: Client, packet: Packet
    ) -> Iterator[Hit]:
        step = Step("load-balancer", balancer.key, str(listener), node=balancer.node)
        if listener.answers:
            text = f"{listener} answers by {listener.answers}"
            yield Hit(Outcome.PASS, PASS_ALL, ((step, _passes(text)),))
        reasons: list[tuple[str, str]] = []
        for group in listener.groups:
            if isinstance(group, Unknown):
                yield Hit(Outcome.UNKNOWN, UNKNOWN_ALL, unknown=group)
                continue
            opens, near = balancer.kind != "classic", list[Registered]()
            meant = group.eligible(opens=opens)
            for each in group.targets:
                reason = self._out_of_zone(balancer, group, each, node)
                if reason is None:
                    near.append(each)
                elif isinstance(reason, Unknown):
                    yield Hit(Outcome.UNKNOWN, UNKNOWN_ALL, unknown=reason)
                elif each in meant:
                    reasons.append(reason)
            for each in group.eligible(near, opens=opens):
                yield from self._to(balancer, group, each, (node, client), packet)
        crossing = [each for each in reasons if each[0] == codes.NOT_CROSS_ZONE]
        nothing = (codes.NO_TARGETS, f"{listener} has no target that gets traffic")
        code, text = (*crossing, *reasons, nothing)[0]
        drop = Decision(Outcome.DROP, "", text, listener.node)
        yield Hit(Outcome.DROP, DROP_ALL, ((replace(step, code=code), drop),))

    def _out_of_zone(
        self, balancer: Balancer, group: TargetGroup, each: Registered, node: Site
    ) -> tuple[str, str] | Unknown | None:
        """Return the code and the reason why a node sends nothing to a target for its zone.

        F14: a balancer sends to targets in its enabled zones alone, and each of its nodes to its
        own zone's unless cross-zone load balancing is on (ELB guide).
        """
        network = self._engine.network
        end = target_of(network, group, each)
        if isinstance(end, Unknown) or end.subnet is None or node.subnet is None:
            return None
        if group.kind in {"alb", "lambda"} or end.subnet.vpc != node.subnet.vpc:
            return None
        known = network.subnets
        enabled = {known[key].zone for key in balancer.subnets if key in known}
        where = end.subnet.zone_name
        if end.subnet.zone not in enabled:
            return codes.NOT_ENABLED_ZONE, f"{end.name} is in {where}, where it has no node"
        crosses = balancer.crosses if group.crosses is None else group.crosses
        if crosses is None and end.subnet.zone != node.subnet.zone:
            return _not_said(balancer.key)
        if not crosses and end.subnet.zone != node.subnet.zone:
            return codes.NOT_CROSS_ZONE, f"{end.name} is in {where}, and cross-zone is off"
        return None

    def _to(
        self,
        balancer: Balancer,
        group: TargetGroup,
        each: Registered,
        asking: tuple[Site, Client],
        packet: Packet,
    ) -> Iterator[Hit]:
        """Follow the second connection to one target, or to the nodes that stand for it."""
        step = Step("target-group", group.key, f"to {each.target}", node=group.node)
        if group.kind == "lambda":
            yield Hit(Outcome.PASS, PASS_ALL, ((step, _passes("invokes a function")),))
            return
        is_taken = packet.protocol in group.protocols
        protocol = packet.protocol if is_taken else min(group.protocols)
        second = Packet(protocol, each.port or group.port or packet.port)
        told = ((step, _passes(f"to {each.target} {second}")),)
        for end in self._ends(group, each):
            found: Connection | Unknown
            if isinstance(end, Unknown):
                found = end
            else:
                found = connect(self._engine, balancer, group, asking, end, second)
            if isinstance(found, Connection):
                yield Hit(found.forward, found.back, told, found, found.unknown)
            else:
                yield Hit(Outcome.UNKNOWN, UNKNOWN_ALL, told, unknown=found)

    def _ends(self, group: TargetGroup, each: Registered) -> Iterator[tuple[str, Site] | Unknown]:
        """Yield where a target stands, with its name; the nodes of another balancer are several."""
        network = self._engine.network
        if group.kind == ANY_OF_GROUP:
            yield from self._whoever_bears(group, each)
            return
        if group.kind != "alb":
            end = target_of(network, group, each)
            yield end if isinstance(end, Unknown) else (end.name, site_of(end))
            return
        inner = network.services.balancers.get(each.target)
        nodes = list(self._engine.ends.of_balancer(inner)) if inner is not None else []
        if not nodes:
            yield Unknown(f"balancer {each.target}", "not in the input")
        for node in nodes:
            yield node.name, _of_end(node, self.site.spot.version)

    def _whoever_bears(
        self, group: TargetGroup, each: Registered
    ) -> Iterator[tuple[str, Site] | Unknown]:
        """Yield where members of a group may be started: each of them may be registered."""
        ends, bearing = self._engine.ends, self._engine.network.groups.get(each.target)
        tier = bearing.tier if bearing is not None else ""
        found = [
            s for s in ends.subnets_of(bearing.vpc if bearing else "") if tier and s.tier == tier
        ]
        for subnet in found:
            end = ends.hypothetical(subnet, Kind.GROUP, each.target)
            yield end.name, _of_end(end, self.site.spot.version)
        if not found:
            yield Unknown(f"target group {group.key}", "the group that it is for has no place")

    def _by_service(self, packet: Packet) -> Iterator[Hit]:
        """Follow an endpoint to the balancers of its service.

        R27: the endpoint of a zone is served by the balancer's node there, by any with cross-zone
        load balancing (PrivateLink guide).
        """
        network, mine = self._engine.network, self.site.subnet
        node = network.services.by_name[self.site.service]
        found = False
        for key in network.values.keys(node.properties.get("NetworkLoadBalancerArns")):
            balancer = network.services.balancers.get(key)
            if balancer is None:
                found = True
                lost = Unknown(f"balancer {key}", "not in the input")
                yield Hit(Outcome.UNKNOWN, UNKNOWN_ALL, unknown=lost)
                continue
            for end in self._engine.ends.of_balancer(balancer):
                same = mine is not None and end.subnet is not None and mine.zone == end.subnet.zone
                if balancer.crosses or same:
                    found = True
                    yield from self._at_node(balancer, end, packet)
                elif balancer.crosses is None:
                    found = True
                    yield Hit(Outcome.UNKNOWN, UNKNOWN_ALL, unknown=_not_said(key))
        if not found:
            text = f"the service has no node in {mine.zone_name if mine else ''}"
            step = Step("endpoint-service", node.key, "", code=codes.SERVICE_ZONE, node=node)
            yield Hit(Outcome.DROP, DROP_ALL, ((step, Decision(Outcome.DROP, "", text, node)),))

    def _at_node(self, balancer: Balancer, end: End, packet: Packet) -> Iterator[Hit]:
        """Ask a node on behalf of an endpoint's client.

        F15: the inbound rules of its groups are asked about the client's private address unless
        that is switched off for PrivateLink (NLB guide, security groups).
        """
        client = replace(self.client, by_service=True)
        node = _of_end(end, 4)
        told: Told = ()
        if balancer.groups is not None and balancer.asks_groups_of_endpoints:
            step, decision = accepted(self._engine, balancer.groups, client, node, packet)
            told = ((step, decision),)
            if decision.outcome is not Outcome.PASS:
                level = int(decision.outcome)
                yield Hit(decision.outcome, level, told, unknown=decision.unknown)
                return
        for hit in self._of_balancer(balancer, node, client, packet):
            found = hit
            if hit.forward is Outcome.DROP and not hit.told:
                step = Step("load-balancer", balancer.key, "", node=balancer.node)
                drop = Decision(Outcome.DROP, "", f"no listener takes {packet}")
                found = replace(hit, told=((replace(step, code=codes.LISTENERS), drop),))
            yield replace(found, told=(*told, *found.told))


def _not_said(balancer: str) -> Unknown:
    return Unknown(f"balancer {balancer}", "its attribute of cross-zone is not in the input")


def _reach(outcome: Outcome) -> int:
    """Order outcomes by what reaches most."""
    return -int(outcome)


def _passes(text: str) -> Decision:
    return Decision(Outcome.PASS, "", text)


def _of_end(end: End, version: int) -> Site:
    """Return an end at one of its addresses: of one that is AWS's to choose the first it may be."""
    part = next((b for b in end.blocks if b.version == version), end.blocks[0])
    return end.at(part.version, part.start + 5 if part.end - part.start > 8 else part.start)


def relayed(
    engine: "Engine", destination: Site, way: Way, homes: tuple[Way, ...]
) -> tuple[Way, tuple[Way, ...]]:
    """Add what lies behind a destination to a way and to its ways back."""
    if not (destination.balancer or destination.service) or not way.delivered or not way.source:
        return way, homes
    near = way.via.crossed in {"", "peering"}
    client = Client(way.source, way.sender_groups if near else frozenset())
    relay = engine.relay(destination, client)
    services = engine.network.services
    kind, key, code = "endpoint-service", destination.service, codes.LISTENERS
    node = services.by_name.get(key)
    if destination.balancer:
        kind, key = "load-balancer", destination.balancer
        node = services.balancers[key].node
        if services.balancers[key].kind == "classic":
            code = codes.CLASSIC_LISTENERS
    forward, backs = relay.vectors()
    step = Step(kind, key, "", forward, code=code, node=node, ask=AskRelay(relay, is_reply=False))
    home = replace(step, level=backs[0], ask=AskRelay(relay, is_reply=True))
    if len(set(backs)) > 1:
        home = replace(home, level=PASS_ALL, by_asked=backs)
    there = replace(way, steps=(*way.steps, step))
    return there, tuple(replace(each, steps=(home, *each.steps)) for each in homes)
