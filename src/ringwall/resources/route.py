"""AWS::EC2::Route: one destination and one target in a route table."""

from collections.abc import Iterable, Mapping
from typing import Any

from ringwall.model.calls import Call, Idempotence
from ringwall.model.graph import Address, Node, Ref, ResourceGraph
from ringwall.model.plan import Exposure
from ringwall.resources.ec2 import canonical_cidr, ec2_node
from ringwall.resources.identifiers import key_of, reference
from ringwall.resources.kind import Item, Reads, ResourceType, opens
from ringwall.resources.route_table import ROUTE_TABLES
from ringwall.resources.vpc_gateway_attachment import attachment_of

DESTINATIONS = ("DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId")
TARGETS = (
    "CarrierGatewayId",
    "CoreNetworkArn",
    "EgressOnlyInternetGatewayId",
    "GatewayId",
    "InstanceId",
    "LocalGatewayId",
    "NatGatewayId",
    "NetworkInterfaceId",
    "OdbNetworkArn",
    "TransitGatewayId",
    "VpcEndpointId",
    "VpcPeeringConnectionId",
)
LOCAL = "local"
# Made by AWS or by a gateway: `CreateRouteTable`, `EnableVgwRoutePropagation`, `Advertisement`.
CREATED_BY_CALL = "CreateRoute"
BLACKHOLE = "blackhole"


def normalise(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Bring the destination into canonical form."""
    normal = dict(properties)
    for name in DESTINATIONS[:2]:
        if isinstance(normal.get(name), str):
            normal[name] = canonical_cidr(normal[name])
    return normal


def destination_of(properties: Mapping[str, Any]) -> str:
    """Return the destination: a block, or the key of a prefix list."""
    return next((key_of(properties[name]) for name in DESTINATIONS if name in properties), "?")


def key(properties: Mapping[str, Any]) -> str:
    """Return `<route table>><destination>`."""
    return f"{key_of(properties['RouteTableId'])}>{destination_of(properties)}"


def _target(route: Item) -> dict[str, Any]:
    """Return the target under CloudFormation's name.

    DescribeRouteTables names endpoints `GatewayId`; those of gateway load balancers have a block as
    destination and are CloudFormation's VpcEndpointId. Of an instance it also names the interface,
    which is the true target.
    """
    found = {name: route[name] for name in TARGETS if route.get(name)}
    gateway = found.get("GatewayId", "")
    if gateway.startswith("vpce-") and not route.get("DestinationPrefixListId"):
        found["VpcEndpointId"] = found.pop("GatewayId")
    if "NetworkInterfaceId" in found:
        found.pop("InstanceId", None)
    return {name: reference(value) for name, value in found.items()}


def read(reads: Reads) -> Iterable[Node]:
    """Yield every route, AWS's own included."""
    for table in reads.items(ROUTE_TABLES):
        for route in table.get("Routes") or ():
            properties: dict[str, Any] = {
                "RouteTableId": Ref("AWS::EC2::RouteTable", table["RouteTableId"])
            }
            for name in DESTINATIONS:
                if route.get(name):
                    properties[name] = reference(route[name])
            properties |= _target(route)
            observed = {
                "State": route.get("State"),
                "Origin": route.get("Origin"),
                "InstanceId": route.get("InstanceId") or None,
                "InstanceOwnerId": route.get("InstanceOwnerId") or None,
                "IpAddress": route.get("IpAddress") or None,
                "IgwFirewall": route.get("IgwFirewall") or None,
            }
            normal = normalise(properties)
            physical_id = f"{table['RouteTableId']}|{destination_of(normal)}"
            yield ec2_node(reads, RESOURCE.name, physical_id, normal, observed)


def implicit(node: Node) -> bool:
    """Tell whether AWS made it: a local or propagated route, or one of a gateway endpoint."""
    target = node.properties.get("GatewayId")
    if target == LOCAL:
        return True
    if isinstance(target, Ref) and target.type == "AWS::EC2::VPCEndpoint":
        return True
    return node.observed.get("Origin") in {"EnableVgwRoutePropagation", "Advertisement"}


def _destination_request(node: Node) -> dict[str, Any]:
    names = ("RouteTableId", *DESTINATIONS)
    return {name: node.properties[name] for name in names if name in node.properties}


def _request(node: Node) -> dict[str, Any]:
    target = {name: node.properties[name] for name in TARGETS if name in node.properties}
    return _destination_request(node) | target


def create(node: Node) -> tuple[Call, ...]:
    """Create it.

    `RouteAlreadyExists` is not ignored: the route that is there may have another target.
    """
    return (Call("ec2", "create_route", _request(node), idempotent_by=Idempotence.NATURAL),)


def update(_before: Node, after: Node, _changed: frozenset[str]) -> tuple[Call, ...]:
    """Replace its target."""
    return (Call("ec2", "replace_route", _request(after), idempotent_by=Idempotence.NATURAL),)


def delete(node: Node) -> tuple[Call, ...]:
    """Delete it; a local route that somebody turned away goes back to `local`."""
    request = _destination_request(node)
    if node.observed.get("Origin") == "CreateRouteTable":
        return (Call("ec2", "replace_route", request | {"LocalTarget": True}),)
    return (
        Call(
            "ec2",
            "delete_route",
            request,
            ignore=frozenset({"InvalidRoute.NotFound", "InvalidRouteTableID.NotFound"}),
        ),
    )


def depends(node: Node, graph: ResourceGraph) -> Iterable[Address]:
    """Yield the VPC's attachment to the gateway that it leads to: without it AWS refuses."""
    table = graph.get(node.properties["RouteTableId"])
    vpc = table.properties.get("VpcId") if table is not None else None
    if not isinstance(vpc, Ref):
        return
    gateway = node.properties.get("GatewayId")
    if isinstance(gateway, Ref) and gateway.type == "AWS::EC2::InternetGateway":
        yield from attachment_of(vpc, graph)
    # The attachment of a VPC of ours bears the key of the VPC.
    attachment = ("AWS::EC2::TransitGatewayAttachment", vpc.key)
    if "TransitGatewayId" in node.properties and attachment in graph:
        yield attachment


def exposure(before: Node | None, after: Node | None) -> Exposure:
    """Tell what a route does.

    A route can also close: it wins over a shorter prefix. Taking a blackhole away uncovers what it
    hid.
    """
    if after is None and before is not None and before.observed.get("State") == BLACKHOLE:
        return Exposure.OPENS
    return opens(before, after)


RESOURCE = ResourceType(
    name="AWS::EC2::Route",
    listings=(ROUTE_TABLES,),
    read=read,
    key=key,
    parent="RouteTableId",
    implicit=implicit,
    normalise=normalise,
    create=create,
    update=update,
    delete=delete,
    dies_with_parent=lambda _node: True,
    replace=frozenset({"RouteTableId", *DESTINATIONS}),
    depends=depends,
    exposure=exposure,
)
