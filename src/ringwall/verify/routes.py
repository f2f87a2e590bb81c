"""A graph → its route tables, and of each which addresses every route takes.

R2: "the most specific route that matches either IPv4 traffic or IPv6 traffic" (VPC guide, "Route
priority").
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ringwall.model.graph import Node, Ref
from ringwall.verify.elements import Route, Table
from ringwall.verify.sets import Ranges, join, meet, minus
from ringwall.verify.traffic import address_texts, block, length_of
from ringwall.verify.values import Values, is_gateway, service_of

VpcBlocks = Mapping[str, tuple[tuple[Ranges, int], ...]]

# The property of a route that names its target → the kind of target.
_TARGETS = {
    "NatGatewayId": "nat-gateway",
    "TransitGatewayId": "transit-gateway",
    "EgressOnlyInternetGatewayId": "egress-only-internet-gateway",
    "VpcPeeringConnectionId": "peering",
    "NetworkInterfaceId": "network-interface",
    "InstanceId": "instance",
    "VpcEndpointId": "vpc-endpoint",
    "CarrierGatewayId": "carrier-gateway",
    "LocalGatewayId": "local-gateway",
    "CoreNetworkArn": "core-network",
    "OdbNetworkArn": "odb-network",
}
_GATEWAYS = {
    "AWS::EC2::InternetGateway": "internet-gateway",
    "AWS::EC2::VPNGateway": "virtual-private-gateway",
    "AWS::EC2::VPCEndpoint": "vpc-endpoint",
    "AWS::EC2::CarrierGateway": "carrier-gateway",
}
_PREFIXES = {
    "igw-": "internet-gateway",
    "vgw-": "virtual-private-gateway",
    "vpce-": "vpc-endpoint",
    "cagw-": "carrier-gateway",
}
# R5, R6: for the same destination static routes come before those of prefix lists, and these before
# propagated ones; a route that somebody wrote to a VPC's own block replaces the local one (R3).
_PRIORITY = {"static": 0, "local": 1, "endpoint": 2, "list": 2, "propagated": 3}


def read_tables(values: Values, blocks: VpcBlocks) -> dict[str, Table]:
    """Return every route table, with local, static, propagated and endpoints' routes."""
    routes: dict[str, list[Route]] = {}
    for node in values.ec2("Route"):
        table = values.key(node.properties.get("RouteTableId"))
        routes.setdefault(table, []).extend(_routes(values, node))
    for node in values.ec2("VPCEndpoint"):
        if not is_gateway(node):
            continue
        name = service_of(node)
        leads = Route(None, 24, "vpc-endpoint", node.key, "endpoint", name, node, name)
        for table in values.keys(node.properties.get("RouteTableIds")):
            routes.setdefault(table, []).extend(_of_list(values, leads))
    found = {}
    for node in values.ec2("RouteTable"):
        vpc = values.key(node.properties.get("VpcId"))
        local = [Route(p, n, "local", "", "local", "local") for p, n in blocks.get(vpc, ())]
        found[node.key] = Table(node.key, vpc, (*local, *routes.get(node.key, ())))
    return found


def _of_list(values: Values, leads: Route) -> Iterator[Route]:
    cidrs = values.list_cidrs(leads.list_name)
    for cidr in cidrs:
        part = block(cidr)
        yield replace(leads, part=part, length=length_of(part))
    if not cidrs and leads.list_name not in values.lists:
        yield leads


def _routes(values: Values, node: Node) -> Iterator[Route]:
    properties, observed = node.properties, node.observed
    kind, key, doubt = _target(values, properties)
    if kind == "local" and not doubt:
        return  # the local routes of the VPC's blocks stand for it
    if observed.get("State") not in {None, "active", "blackhole"}:
        doubt = f"route {node.key} is {observed['State']!r}"
    if observed.get("Origin") == "Advertisement" or observed.get("IgwFirewall"):
        doubt = f"route {node.key} is of a kind that is not modelled"
    dead = observed.get("State") == "blackhole"
    leads = Route((), 0, kind, key, "static", "", node, blackhole=dead, doubt=doubt)
    listed = properties.get("DestinationPrefixListId")
    if listed is not None:
        if kind == "vpc-endpoint" and properties.get("GatewayId") is not None:
            return  # the endpoint's own list of tables stands for it
        name = values.list_name(listed)
        leads = replace(leads, part=None, length=24, origin="list", text=name, list_name=name)
        yield from _of_list(values, leads)
        return
    cidr = properties.get("DestinationCidrBlock") or properties.get("DestinationIpv6CidrBlock")
    part, lost = values.block(cidr)
    if part is None:
        text = lost or f"route {node.key} names no destination"
        for anywhere in ("0.0.0.0/0", "::/0"):
            yield replace(leads, part=block(anywhere), doubt=text, text=anywhere)
        return
    propagated = observed.get("Origin") == "EnableVgwRoutePropagation"
    yield replace(
        leads,
        part=part,
        length=length_of(part),
        origin="propagated" if propagated else "static",
        text=address_texts(part)[0],
    )


def _target(values: Values, properties: Mapping[str, Any]) -> tuple[str, str, str]:
    """Return the kind and key of a route's target, and what is not known of it."""
    gateway = properties.get("GatewayId")
    if gateway == "local":
        return "local", "", ""
    if gateway is not None:
        text = gateway.key if isinstance(gateway, Ref) else str(gateway)
        kind = _GATEWAYS.get(gateway.type) if isinstance(gateway, Ref) else None
        kind = kind or next((k for prefix, k in _PREFIXES.items() if text.startswith(prefix)), "")
        return kind, values.key(gateway), "" if kind else f"the kind of gateway {text} is not known"
    for name, kind in _TARGETS.items():
        if properties.get(name) is not None:
            return kind, values.key(properties[name]), ""
    return "", "", "a route names no target that is known"


@dataclass(frozen=True, slots=True)
class Share:
    """The addresses that one route of a table takes, or those of which `doubt` is all that is said.

    Without a route nothing takes them. With a `list_name` these are all that the list may hold.
    """

    part: Ranges
    route: Route | None = None
    doubt: str = ""
    list_name: str = ""


def share(table: Table, everything: Ranges) -> tuple[Share, ...]:
    """Return what every route of a table takes of all addresses, longest prefix first."""
    local = join(*(r.part for r in table.routes if r.origin == "local" and r.part))
    known = sorted(
        (route for route in table.routes if route.part is not None),
        key=lambda r: (-r.length, _PRIORITY[r.origin]),
    )
    found, left = [], everything
    lost = [r for r in table.routes if r.part is None and r.origin == "list"]
    for route in known:
        part = meet(left, route.part or ())
        if route.origin == "propagated":
            part = minus(part, local)  # R5: the local route comes before all propagated ones
        left = minus(left, part)
        if lost and route.origin != "local":
            doubt = f"the addresses of prefix list {lost[0].list_name} are not in the input"
            found.append(Share(part, None, doubt))
            continue
        random = _rivals(table, route, part)
        if random:
            doubt = "AWS chooses at random between overlapping prefix lists"
            found.append(Share(random, None, doubt))
        found.append(Share(minus(part, random), route))
    if lost:
        doubt = f"the addresses of prefix list {lost[0].list_name} are not in the input"
        found.append(Share(left, None, doubt))
    else:
        found.append(Share(left))
    found += [
        Share(everything, route, list_name=route.list_name)
        for route in table.routes
        if route.part is None and route.origin == "endpoint"
    ]
    return tuple(each for each in found if each.part)


def _rivals(table: Table, best: Route, part: Ranges) -> Ranges:
    """R6: "we randomly choose" between lists that overlap and lead elsewhere (VPC guide)."""
    if best.origin not in {"list", "endpoint"}:
        return ()
    return join(
        *(
            meet(part, other.part)
            for other in table.routes
            if other.origin == "list"
            and other.part
            and other.list_name != best.list_name
            and (other.kind, other.target, other.doubt) != (best.kind, best.target, best.doubt)
        )
    )
