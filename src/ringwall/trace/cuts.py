"""What tells addresses and ports apart beside filters and route tables."""

from collections.abc import Iterable, Iterator

from ringwall.model.graph import Unknown
from ringwall.trace.addresses import Block, addresses_of, block
from ringwall.trace.balancers import balancers, preserves
from ringwall.trace.elements import Target
from ringwall.trace.ends import Placement
from ringwall.trace.firewall import FIREWALL, Policy, policy_of
from ringwall.trace.firewall_rules import Range, Rule
from ringwall.trace.middleboxes import middleboxes
from ringwall.trace.nat import NAT64
from ringwall.trace.network import Network
from ringwall.trace.packet import TCP, UDP
from ringwall.trace.premises import lines
from ringwall.trace.targets import target_of


def blocks(network: Network) -> Iterator[Block]:
    """Yield the blocks of lines to on-premises, and the addresses of what routes lead to."""
    for line in lines(network):
        yield from (*(line.reached or ()), *(line.allowed or ()))
    for part in _firewall_parts(network):
        yield from (each for each in part if isinstance(each, Block))
    yield from _of_targets(network)
    yield from _of_registered(network)


def _of_registered(network: Network) -> Iterator[Block]:
    """Yield the addresses of targets that see who calls: they do not answer themselves (F15)."""
    for balancer in balancers(network).values():
        for group in (group for one in balancer.listeners for group in one.groups):
            if isinstance(group, Unknown) or not preserves(balancer, group):
                continue
            for each in group.targets if group.kind != "alb" else ():
                end = target_of(network, group, each)
                if isinstance(end, Placement) and end.is_inside and not end.balancer:
                    yield from end.blocks


def _of_targets(network: Network) -> Iterator[Block]:
    """Yield the own addresses of interfaces that routes lead to: there a packet arrives."""
    leads = {
        route.target.key
        for table in network.tables.values()
        for route in table.routes
        if isinstance(route.target, Target)
        and route.target.kind in {"network-interface", "instance"}
    }
    boxes = middleboxes(network) if leads else {}
    for key in sorted(leads & boxes.keys()):
        observed = boxes[key].node.observed
        texts = [*addresses_of(observed), observed.get("PrivateIpAddress")]
        yield from (block(text) for text in texts if text)


def behind_nat64(network: Network, found: Iterable[Block]) -> Iterator[Block]:
    """Yield IPv4 blocks as they look inside of 64:ff9b::/96, where a route leads there."""
    leads = any(
        isinstance(route.target, Target)
        and route.target.kind == "nat-gateway"
        and route.destination is not None
        and route.destination.overlaps(NAT64)
        for table in network.tables.values()
        for route in table.routes
    )
    if leads:
        for part in found:
            if part.version == 4:
                start, end = NAT64.start + part.start, NAT64.start + part.end
                yield Block(6, start, end, 96 + max(part.length, 0))


def ranges(network: Network) -> Iterator[tuple[int, tuple[int, int]]]:
    """Yield ranges of ports, inclusive, by the numbers of their protocols."""
    for part in _firewall_parts(network):
        for each in part:
            if not isinstance(each, Block):
                yield from ((protocol, each) for protocol in (TCP, UDP))
    yield from _listened(network)


def _listened(network: Network) -> Iterator[tuple[int, tuple[int, int]]]:
    for balancer in balancers(network).values():
        for listener in balancer.listeners:
            for protocol in listener.protocols if listener.port else ():
                yield protocol, (listener.port, listener.port)


def protocols(network: Network) -> Iterator[int]:
    """Yield protocols that rules of firewalls name."""
    for rule in _firewall_rules(network):
        yield from rule.protocols or ()


def _firewall_rules(network: Network) -> Iterator[Rule]:
    for node in network.graph.of_type(FIREWALL):
        policy = policy_of(network, node)
        if isinstance(policy, Policy):
            yield from (each.rule for each in policy.stateless)
            yield from policy.stateful


def _firewall_parts(network: Network) -> Iterator[tuple[Block | Range, ...]]:
    for rule in _firewall_rules(network):
        for part in (rule.source, rule.destination, rule.source_ports, rule.destination_ports):
            yield part.members
            yield part.excluded
