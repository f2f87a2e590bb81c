"""Packets at a load balancer's node → what its listeners do, and the connections that follow.

F14, F15: a node asks a target with an address of its own and the load balancer's groups or, where
client addresses are preserved, with the client's and both groups (ELB, NLB guide). R27: what goes
to an endpoint of a service comes to the nodes of its load balancers (PrivateLink guide).
Rule: packets that arrive at a node are not stopped unless no listener does anything with them; all
that follows of the others is a further way, and nothing may arrive by it, either.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial

from ringwall.verify.balancers import Balancer, Pool, taken_by
from ringwall.verify.case import OWN, Case
from ringwall.verify.edges import filtered, groups_name, matches_out
from ringwall.verify.ends import BALANCER, ENDPOINT, End, lost_nodes, nodes_of
from ringwall.verify.filters import admitted_by_groups
from ringwall.verify.network import Network
from ringwall.verify.places import (
    ARRIVED,
    Goes,
    Move,
    Part,
    Place,
    arrived,
    lost,
    stopped,
    to,
    unknown,
)
from ringwall.verify.routes import share
from ringwall.verify.sets import FAMILIES, Box, Packets, Ranges, join, meet, minus
from ringwall.verify.targets import Target, targets_of
from ringwall.verify.traffic import ALL

NODE, RELAYED = "node", "relayed"
MOST_RELAYS = 3  # that stand behind one another
Start = tuple[Case, Place, Packets]


@dataclass(frozen=True, slots=True)
class Desk:
    """Who answers for an end: balancers, and at which of their nodes; or what is not known."""

    name: str
    nodes: tuple[tuple[Balancer, tuple[End, ...]], ...]
    by_service: bool = False
    doubt: str = ""


def desk_of(network: Network, end: End) -> Desk | None:
    """Return what takes the packets that get to an end, None where they end there."""
    known = network.balancers.by_key
    if end.kind == BALANCER and end.key in known:
        balancer = known[end.key]
        whole = replace(end, part=network.subnets[end.subnet].part)  # it may ask by another one
        return Desk(f"LoadBalancer {end.key}", ((balancer, (whole,)),), doubt=balancer.doubt)
    if end.kind != ENDPOINT:
        return None
    node = network.values.node("AWS::EC2::VPCEndpoint", end.key)
    keys = network.balancers.behind_service(node)
    if keys is None:
        return None
    there = [known[key] for key in keys if key in known]
    found = tuple((each, tuple(nodes_of(network, each))) for each in there)
    lost = [f"load balancer {key} is not in the input" for key in keys if key not in known]
    lost += [each.doubt or lost_nodes(network, each) for each in there]
    lost += [] if keys else [f"the load balancers behind endpoint {end.key} are not in the input"]
    return Desk(f"VPCEndpoint {end.key}", found, True, next(filter(None, lost), ""))


def _desks(case: Case) -> Iterator[tuple[int, Desk]]:
    """Yield the desks of receivers, with the bits of these."""
    found: dict[End, int] = {}
    for number, site in enumerate(case.receivers):
        if site.end.kind in {BALANCER, ENDPOINT}:
            found[site.end] = found.get(site.end, 0) | 1 << number
    for end, bits in found.items():
        desk = desk_of(case.network, end)
        if desk is not None:
            yield bits, desk


def at_end(case: Case, place: Place) -> Goes:
    """Return how packets go on that a receiver's groups let pass: they arrive, but at nodes."""
    further = 0
    if not (case.strict or case.reply):
        further = sum(bits for bits, _ in _desks(case))
    ends = arrived(place)

    def go(packets: Packets) -> Iterator[Move]:
        yield from ends(packets.only(receiver=~further))
        yield replace(place, at=NODE), packets.only(receiver=further)

    return go


def node(case: Case, place: Place, packets: Packets) -> Iterator[Part]:
    """Ask the listeners behind every receiver."""
    for bits, desk in _desks(case):
        mine = packets.only(receiver=bits)
        if desk.doubt:
            yield lost(mine, desk.doubt)
            continue
        listeners = [each for balancer, _ in desk.nodes for each in balancer.listeners]
        takes = taken_by(listeners)
        text = "no listener takes it, or none has a target"
        yield stopped(mine.only(traffic=minus(ALL, takes)), desk.name, text)
        yield from _accepted(case, place, desk, mine.only(traffic=takes))
        for each in listeners:
            asked = mine.only(traffic=each.takes)
            targets = (t for pool in each.pools for t in targets_of(case.network, pool))
            doubt = each.doubt or next((t.doubt for t in targets if t.doubt), "")
            if doubt:
                yield lost(asked, doubt)
            if each.answers:
                yield Part(asked, arrived(place))


def _accepted(case: Case, place: Place, desk: Desk, packets: Packets) -> Iterator[Part]:
    """Yield what comes to a node: F15, its groups are asked about clients of endpoints, too."""
    ends = to(Place(ARRIVED, of=NODE, bears=place.bears, nat=place.nat))
    asking = [b.groups for b, _ in desk.nodes if desk.by_service and b.asks_of_endpoints]
    if len(asking) == len(desk.nodes) == 1 and asking[0]:
        admitted = admitted_by_groups(case, place, asking[0], (), egress=False)
        text = "no ingress rule allows the endpoint's client"
        yield from filtered(packets, packets - admitted, groups_name(asking[0]), text, ends)
    else:
        yield Part(packets, ends)


def relayed(case: Case, place: Place, packets: Packets) -> Iterator[Part]:
    """Leave a node with the client's address, by the groups of the load balancer."""
    here = case.network.subnets[place.of]
    groups = case.network.balancers.by_key[place.relay].groups
    members = [
        (1 << n, site.end.groups if matches_out(case, here.vpc, site.end) else ())
        for n, site in enumerate(case.receivers)
    ]
    admitted = admitted_by_groups(case, place, groups, members, egress=True)

    def go(packets: Packets) -> Iterator[Move]:
        for vpc, theirs in case.by_vpc(packets):
            gap = case.gaps.of(here.vpc) or case.gaps.of(vpc)
            if gap:
                yield unknown(gap), theirs
            else:
                yield from case.leave(here, place)(theirs)

    text = "no egress rule allows it"
    yield from filtered(packets, packets - admitted, groups_name(groups), text, go)


def onward(case: Case, arrived: Mapping[Place, Packets]) -> Iterator[Start]:
    """Yield the ways that follow of packets that arrived at nodes: case, place, packets."""
    for place, packets in sorted(arrived.items()):
        for bits, desk in _desks(case):
            mine = packets.only(receiver=bits)
            for each in desk.nodes if mine else ():
                starts = _asked(case, place, mine, desk, each)
                yield from (start for start in starts if start[2])


def _asked(
    case: Case, place: Place, packets: Packets, desk: Desk, of: tuple[Balancer, tuple[End, ...]]
) -> Iterator[Start]:
    """Yield what a balancer's nodes ask: with the client's address, then with their own."""
    balancer, nodes = of
    found = list(_second(case.network, packets, balancer))
    ends = tuple(dict.fromkeys(end for _, _, target, _ in found for end in target.ends))
    own = Case(case.network, case.gaps, case.grid, nodes, ends)
    client = Case(case.network, case.gaps, case.grid, case.senders.ends, ends)
    of_nodes: list[Box] = []
    for node in nodes:
        mine = own.senders.by_subnet[node.subnet]
        of_clients: list[Box] = []
        for (f, t, borne, _), pool, target, traffic in found:
            there = own.receivers_that(partial(_is_asked, case.network, node, pool, target))
            for family in FAMILIES.values():
                to_it = there & own.receivers.within(family)
                # The client's address cannot be kept where the target has none of its family.
                kept = t & case.receivers.within(family) if _keeps(desk, pool) else 0
                if kept:
                    of_clients.append((f, to_it, borne, traffic))
                if kept != t or (to_it and not _is_straight(case.network, node, target)):
                    of_nodes.append((mine & own.senders.within(family), to_it, OWN, traffic))
        begin = Place(RELAYED, node.subnet, bears=place.bears, nat=place.nat, relay=balancer.key)
        yield client, begin, Packets.of(of_clients)
    yield own, Place("sender"), Packets.of(of_nodes)


def _keeps(desk: Desk, pool: Pool) -> bool:
    """F15: "no effect on inbound traffic from AWS PrivateLink" (NLB guide, preservation)."""
    return pool.preserves and not desk.by_service


def _is_straight(network: Network, node: End, target: Target) -> bool:
    """Tell whether the way from a node to a target is one on which client addresses are kept.

    F15: in the same VPC or over a peering in one Region, and not through a transit gateway or what
    inspects packets (NLB guide, target group attributes).
    """
    here = network.subnets[node.subnet]
    vpcs = {here.vpc, *(end.vpc for end in target.ends)}
    part = join(*(end.part for end in target.ends))
    shares = [each for each in share(here.table, part) if not each.list_name]
    kinds = {each.route.kind if each.route and not each.doubt else "" for each in shares}
    regions = {network.vpcs[vpc].region if vpc in network.vpcs else vpc for vpc in vpcs}
    inside = all(end.subnet == node.subnet for end in target.ends)
    return inside or (kinds <= {"local", "peering"} and len(regions) == 1)


def _is_asked(network: Network, node: End, pool: Pool, target: Target, end: End) -> bool:
    """F14: nodes ask targets of their own zone alone unless cross-zone load balancing is on."""
    if end not in target.ends:
        return False
    if pool.crosses is not False or pool.kind == "alb" or end.vpc != node.vpc:
        return True
    return network.subnets[node.subnet].zone == network.subnets[end.subnet].zone


def _second(
    network: Network, packets: Packets, balancer: Balancer
) -> Iterator[tuple[Box, Pool, Target, Ranges]]:
    """Yield what each target is sent for packets that a balancer takes."""
    for listener in balancer.listeners:
        taken = [(box, meet(box[3], listener.takes)) for box in packets]
        for pool in listener.pools if any(asked for _, asked in taken) else ():
            for target in targets_of(network, pool):
                for box, asked in taken:
                    yield box, pool, target, pool.second(asked, target.port)
