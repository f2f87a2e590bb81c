"""Endpoints that packets go through: to a firewall, or to a service's appliances (R28, F16)."""

from collections.abc import Iterator
from dataclasses import replace

from ringwall.model.graph import Unknown
from ringwall.reach import codes
from ringwall.reach.edges import Ground, acl_step
from ringwall.reach.filters import Spot
from ringwall.reach.firewalls import FIREWALL, sees
from ringwall.reach.levels import Outcome
from ringwall.reach.network import Network
from ringwall.reach.packets import Packet
from ringwall.reach.reading_services import Balancer, Inspection
from ringwall.reach.targets import target_of
from ringwall.reach.ways import AskFirewall, AskSymmetry, Position, Step, Way

KIND = "gateway-load-balancer-endpoint"
# States of an endpoint that carries packets, and of one that is gone; others are UNKNOWN.
WORKING = frozenset({"available", "ready", "scaling"})
GONE = frozenset({"deleting", "deleted", "rejected", "failed", "expired"})


def pass_endpoint(ground: Ground, position: Position, name: str) -> Iterator[Way | Position]:
    """Go through an endpoint; yields a Position before the ACL of its subnet is asked outwards.

    R28: traffic is sent to the endpoint, inspected, and returned to it unchanged; the table of the
    endpoint's subnet says where it goes on (Gateway Load Balancer guide).
    """
    network = ground.network
    known = network.services.inspections.get(name)
    home = network.subnets.get(known.subnet) if known is not None else None
    if known is None or home is None:
        unknown = Unknown(f"gateway-load-balancer-endpoint {name}", "not in the input")
        yield position.end(Step("endpoint", name, "").unsure(unknown))
        return
    if position.subnet is None or position.subnet.key != home.key:
        position = position.add(acl_step(ground, home, position.source, egress=False))
    step = Step(KIND, known.key, "", node=known.node)
    if known.state in GONE:
        yield position.end(step.dropped(f"the endpoint is {known.state}", codes.BAD_STATE))
        return
    if known.state not in WORKING:
        unknown = Unknown(f"endpoint {known.key}", f"state {known.state!r} is not modelled")
        yield position.end(step.unsure(unknown))
        return
    position = position.add(*_inspect(ground, position, known, step))
    via = replace(position.via, middleboxes=(*position.via.middleboxes, known.key))
    yield replace(position, subnet=home, sender_groups=frozenset(), via=via, left=known.key)


def _inspect(ground: Ground, position: Position, known: Inspection, step: Step) -> Iterator[Step]:
    firewall = known.firewall
    if firewall is None:
        unread = ground.network.lost(FIREWALL)
        yield _appliances(ground.network, known, step) if unread is None else step.unsure(unread)
        return
    yield replace(step, text=f"into {known.subnet}")
    inspect = Step("network-firewall", firewall.key, "", code=codes.FIREWALL, node=firewall)
    if position.is_reply and known.key not in position.tracked:
        yield replace(inspect, text="never saw the connection")
        return
    policy = ground.network.services.policies[firewall.key]
    ends = (_host(position.source), _host(position.goal.spot))
    inspect = replace(inspect, ask=AskFirewall(firewall, policy, ends, position.is_reply))
    inspector = ground.filters.inspector
    if position.is_reply:
        yield replace(inspect, by_asked=inspector.replies(policy, ends))
    else:
        yield replace(inspect, level=inspector.forward(policy, ends))


def _appliances(network: Network, known: Inspection, step: Step) -> Step:
    """Tell whether a service's balancer has an appliance for an endpoint's zone.

    Appliances return packets as they were; what they let pass is theirs to say, and they are taken
    to let pass.
    """
    step = replace(step, text="through the service's appliances, which leave packets as they are")
    name = str(known.node.properties.get("ServiceName", "")) if known.node is not None else ""
    service = network.services.by_name.get(name)
    names = service.properties.get("GatewayLoadBalancerArns") if service is not None else None
    found = [network.services.balancers.get(each) for each in network.values.keys(names)]
    zone = network.subnets[known.subnet].zone
    if not found or any(each is None or _serves(network, each, zone) for each in found):
        return step
    return step.dropped("the service has no target that gets traffic", codes.NO_TARGETS)


def _serves(network: Network, balancer: Balancer, zone: str) -> bool:
    for group in (group for each in balancer.listeners for group in each.groups):
        if isinstance(group, Unknown):
            return True
        for each in group.eligible(opens=True):
            end = target_of(network, group, each)
            if balancer.crosses is not False or isinstance(end, Unknown) or end.subnet is None:
                return True
            if end.subnet.zone == zone:
                return True
    return False


def symmetry(ground: Ground, way: Way, back: Way, spots: tuple[Spot, Spot]) -> Way:
    """Add to a reply's way the step that asks for symmetry, where the two ways differ.

    R23, R28: what inspects with state must see both directions of a flow. `spots` are the ends
    of the first packet.
    """
    known = ground.network.services.inspections
    forth = tuple(key for key in way.via.middleboxes if key in known)
    home = tuple(key for key in back.via.middleboxes if key in known)
    if not back.delivered or forth == home[::-1]:
        return back
    name = next(iter({*forth} ^ {*home}), (forth or home)[0])
    ends = (_host(spots[0]), _host(spots[1]))
    ask = AskSymmetry(forth, home, ends)
    step = Step(KIND, name, "", code=codes.ASYMMETRIC, node=known[name].node, ask=ask)

    def passes(asked: Packet) -> Outcome:
        stopped = misses(ground.network, ask, asked)
        return Outcome.DROP if stopped else Outcome.PASS

    levels = ground.filters.inspector.table((forth, home, ends), passes)
    return replace(back, steps=(*back.steps, replace(step, by_asked=levels)))


def _host(spot: Spot) -> tuple[int, int]:
    return spot.version, spot.address


def misses(network: Network, ask: AskSymmetry, asked: Packet) -> str:
    """Return the endpoint that inspects a flow with state and misses a direction, "" for none."""
    for key in dict.fromkeys((*ask.there, *ask.back)):
        firewall = network.services.inspections[key].firewall
        if firewall is None:
            return key
        both = key in ask.there and key in ask.back
        if not both and sees(network.services.policies[firewall.key], ask.ends, asked):
            return key
    return ""
