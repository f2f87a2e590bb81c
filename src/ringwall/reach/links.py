"""Targets behind which the way ends, or is in another VPC: peerings, services, private gateways."""

from collections.abc import Iterator
from dataclasses import replace

from ringwall.model.graph import Node, Unknown
from ringwall.reach import codes
from ringwall.reach.edges import Ground, arrive
from ringwall.reach.elements import Route
from ringwall.reach.network import peering_status
from ringwall.reach.premises import out_by_gateway
from ringwall.reach.ways import Position, Step, Way

# States in which peerings carry no traffic; others but `active` are UNKNOWN.
IDLE_PEERING = frozenset({"deleting", "deleted", "rejected", "failed", "expired"})


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
        crossed = "peering" if network.is_one_region(ends) else "beyond"
        via = replace(position.via, crossed=crossed)
        yield from arrive(ground, replace(position.add(step), via=via, subnet=None))


def gateway_endpoint(position: Position, node: Node) -> Way:
    """Go to a service through a gateway endpoint.

    R26: "endpoint connections cannot be extended out of a VPC": only subnets whose table is listed
    use it (PrivateLink guide, gateway endpoints). F19: its policy is IAM's, not packets'.
    """
    name = node.key
    step = Step("gateway-endpoint", name, "to the service; its policy is IAM's", node=node)
    state = str(node.observed.get("State", "available")).lower()
    if position.via.crossed:
        text = "a gateway endpoint serves its own VPC alone"
        return position.end(step.dropped(text, codes.CANNOT_ROUTE))
    if state != "available":
        unknown = Unknown(f"endpoint {name}", f"state {state!r} is not modelled")
        return position.end(step.unsure(unknown))
    via = replace(position.via, service_endpoint=name)
    return replace(position, via=via).end(step, delivered=True)


def private_gateway(ground: Ground, position: Position, _found: Route, name: str) -> Iterator[Way]:
    """Go out to on-premises networks."""
    yield from out_by_gateway(ground, position, name)
