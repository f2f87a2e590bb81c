"""Endpoints as targets of routes: to a service, or through appliances and out again."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import ClassVar

from ringwall.model.graph import Node, Unknown
from ringwall.trace import codes
from ringwall.trace.addresses import Host
from ringwall.trace.arrival import acl_steps
from ringwall.trace.balancers import Balancer, balancers, eligible
from ringwall.trace.elements import Route, Target
from ringwall.trace.ends import service_of
from ringwall.trace.filters import Decision, Outcome
from ringwall.trace.firewall import FIREWALL, FirewallFilter, forwards
from ringwall.trace.memory import remembered
from ringwall.trace.network import Network
from ringwall.trace.packet import Packet
from ringwall.trace.path import Path, Position, Step
from ringwall.trace.targets import target_of


def gateway_endpoint(
    network: Network, position: Position, found: Route
) -> Iterator[Path | Position]:
    """Go to a service through a gateway endpoint.

    R26: "endpoint connections cannot be extended out of a VPC": only subnets whose table is listed
    use it (PrivateLink guide, gateway endpoints). F19: its policy is IAM's, not packets'.
    """
    name = found.target.key if isinstance(found.target, Target) else ""
    node = network.graph.get(("AWS::EC2::VPCEndpoint", name))
    if node is None or node.properties.get("VpcEndpointType") != "Gateway":
        yield from pass_endpoint(network, position, Target("vpc-endpoint", name))
        return
    step = Step("gateway-endpoint", name, "to the service; its policy is IAM's", node=node)
    if position.via.crossed:
        text = "a gateway endpoint serves its own VPC alone"
        yield position.end(replace(step, text=text, outcome=Outcome.DROP, code=codes.CANNOT_ROUTE))
        return
    state = str(node.observed.get("State", "available")).lower()
    if state != "available":
        unknown = Unknown(f"endpoint {name}", f"state {state!r} is not modelled")
        yield position.end(
            replace(step, text=str(unknown), outcome=Outcome.UNKNOWN, unknown=unknown)
        )
        return
    via = replace(position.via, service_endpoint=name)
    yield replace(position, via=via).end(step, delivered=True)


@dataclass(frozen=True, slots=True)
class Inspection:
    """An endpoint that packets go through: to a firewall, or to the appliances of a service."""

    key: str
    subnet: str
    state: str
    service: str
    node: Node | None = field(compare=False)
    firewall: Node | None = field(default=None, compare=False)


RULES = ("AWS::NetworkFirewall::FirewallPolicy", "AWS::NetworkFirewall::RuleGroup")
# States of an endpoint that carries packets; of one that is gone. Others are UNKNOWN.
WORKING = frozenset({"available", "ready", "scaling"})
GONE = frozenset({"deleting", "deleted", "rejected", "failed", "expired"})


@remembered
def inspections(network: Network) -> dict[str, Inspection]:
    """Return the endpoints of Gateway Load Balancers and of firewalls."""
    found = {}
    for node in network.graph.of_type("AWS::EC2::VPCEndpoint"):
        if node.properties.get("VpcEndpointType") != "GatewayLoadBalancer":
            continue
        subnets = network.values.keys(node.properties.get("SubnetIds"))
        state = str(node.observed.get("State", "available")).lower()
        service = str(node.properties.get("ServiceName", ""))
        found[node.key] = Inspection(node.key, (*subnets, "")[0], state, service, node)
    for firewall in network.graph.of_type(FIREWALL):
        for synced in (firewall.observed.get("SyncStates") or {}).values():
            attachment = synced.get("Attachment") or {}
            key = network.values.key(attachment.get("EndpointId"))
            subnet = network.values.key(attachment.get("SubnetId"))
            state = str(attachment.get("Status", "READY")).lower()
            known = found.get(key)
            node = known.node if known is not None and known.node is not None else firewall
            found[key] = Inspection(key, subnet, state, "", node, firewall)
    return found


def pass_endpoint(
    network: Network, position: Position, target: Target
) -> Iterator[Path | Position]:
    """Go through a Gateway Load Balancer endpoint and out into its subnet.

    R28: "traffic ... is sent to the Gateway Load Balancer endpoint", inspected and returned to it
    unchanged; the endpoint's subnet's table says where it goes on (Gateway Load Balancer guide).
    """
    known = inspections(network).get(target.key)
    home = network.subnets.get(known.subnet) if known is not None else None
    if known is None or home is None:
        unknown = Unknown(f"gateway-load-balancer-endpoint {target.key}", "not in the input")
        yield position.end(
            Step("endpoint", target.key, str(unknown), Outcome.UNKNOWN, unknown=unknown)
        )
        return
    if position.subnet is None or position.subnet.key != home.key:
        position = position.add(*acl_steps(home, position.source, egress=False))
    step = Step("gateway-load-balancer-endpoint", known.key, "", node=known.node)
    if known.state in GONE:
        text = f"the endpoint is {known.state}"
        yield position.end(replace(step, text=text, outcome=Outcome.DROP, code=codes.BAD_STATE))
        return
    if known.state not in WORKING:
        unknown = Unknown(f"endpoint {known.key}", f"state {known.state!r} is not modelled")
        yield position.end(
            replace(step, text=str(unknown), outcome=Outcome.UNKNOWN, unknown=unknown)
        )
        return
    position = position.add(*_inspect(network, position, known, step))
    via = replace(position.via, middleboxes=(*position.via.middleboxes, known.key))
    yield replace(position, subnet=home, sender_groups=frozenset(), via=via)


def _inspect(network: Network, position: Position, known: Inspection, step: Step) -> Iterator[Step]:
    lost = network.lacks("AWS::NetworkFirewall::Firewall", *RULES)
    if lost is not None:
        yield replace(step, text=str(lost), outcome=Outcome.UNKNOWN, unknown=lost)
        return
    if known.firewall is None:
        yield _appliances(network, known, step)
        return
    yield replace(step, text=f"into {known.subnet}")
    name = known.firewall.key
    asked = FirewallFilter(
        known.firewall, position.source, position.goal.host, is_reply=position.is_reply
    )
    if position.is_reply and known.key not in getattr(position.answers, "middleboxes", ()):
        yield Step("network-firewall", name, "never saw the connection", node=known.firewall)
        return
    yield Step("network-firewall", name, "", code=codes.FIREWALL, node=known.firewall, filter=asked)


def _appliances(network: Network, known: Inspection, step: Step) -> Step:
    """Tell whether a service's balancer has an appliance for an endpoint's zone.

    Appliances return packets as they were, in GENEVE (Gateway Load Balancer guide); what they let
    pass is theirs to say, and they are taken to let pass.
    """
    step = replace(step, text="through the service's appliances, which leave packets as they are")
    key = service_of(network, known.node) if known.node is not None else ""
    service = network.graph.get(("AWS::EC2::VPCEndpointService", key))
    keys = service.properties.get("GatewayLoadBalancerArns") if service is not None else None
    found = [balancers(network).get(each) for each in network.values.keys(keys)]
    zone = network.subnets[known.subnet].zone
    if not found or any(each is None or _has_targets(network, each, zone) for each in found):
        return step
    text = "the service has no target that gets traffic"
    return replace(step, text=text, outcome=Outcome.DROP, code=codes.NO_TARGETS)


def _has_targets(network: Network, balancer: Balancer, zone: str) -> bool:
    for group in (group for each in balancer.listeners for group in each.groups):
        if isinstance(group, Unknown):
            return True
        for each in eligible(group, opens=True):
            end = target_of(network, group, each)
            if balancer.crosses is not False or isinstance(end, Unknown) or end.subnet is None:
                return True
            if end.subnet.zone == zone:
                return True
    return False


@dataclass(frozen=True, slots=True)
class SymmetryFilter:
    """R23, R28: what inspects with state must see both directions of a flow.

    `there` and `back` are the endpoints of either direction, each in the order of the packet.
    """

    heeds_source_port: ClassVar[bool] = True
    there: tuple[str, ...]
    back: tuple[str, ...]
    ends: tuple[Host, Host]  # of the first packet: source and destination

    def decide(self, network: Network, packet: Packet) -> Decision:
        """Decide about a reply."""
        asked = Packet(packet.protocol, packet.source_port, packet.code, packet.port)
        for key in dict.fromkeys((*self.there, *self.back)):
            known = inspections(network)[key]
            firewall = known.firewall
            if key in self.there and key in self.back and firewall is not None:
                continue
            if firewall is None or forwards(network, firewall, asked, self.ends):
                text = f"{key} sees one direction of the flow alone, or in another order"
                return Decision(Outcome.DROP, "", text, known.node)
        return Decision(Outcome.PASS, "", "no inspection with state misses a direction")


def symmetry(network: Network, there: Path, back: Path, ends: tuple[Host, Host]) -> Path:
    """Add to a reply's path the step that asks for symmetry, where the two ways differ."""
    known = inspections(network)
    forth = tuple(key for key in there.via.middleboxes if key in known)
    home = tuple(key for key in back.via.middleboxes if key in known)
    if not back.delivered or forth == home[::-1]:
        return back
    name = next(iter({*forth} ^ {*home}), (forth or home)[0])
    step = Step(
        "gateway-load-balancer-endpoint",
        name,
        "",
        code=codes.ASYMMETRIC,
        node=known[name].node,
        filter=SymmetryFilter(forth, home, ends),
    )
    return replace(back, steps=(*back.steps, step))
