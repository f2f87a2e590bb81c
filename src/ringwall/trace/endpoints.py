"""Endpoints as targets of routes: to a service, or through appliances and out again."""

from collections.abc import Iterator
from dataclasses import replace

from ringwall.model.graph import Unknown
from ringwall.trace import codes
from ringwall.trace.elements import Route, Target
from ringwall.trace.filters import Outcome
from ringwall.trace.network import Network
from ringwall.trace.path import Path, Position, Step


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


def pass_endpoint(
    network: Network, position: Position, target: Target
) -> Iterator[Path | Position]:
    """Go through a Gateway Load Balancer endpoint."""
    node = network.graph.get(("AWS::EC2::VPCEndpoint", target.key))
    unknown = Unknown(
        f"{target.kind} {target.key}", "only gateway endpoints are modelled as targets"
    )
    yield position.end(
        Step("endpoint", target.key, str(unknown), Outcome.UNKNOWN, unknown=unknown, node=node)
    )
