"""AWS::EC2::TransitGatewayRoute: a static route; propagated ones are observed at their table."""

from collections.abc import Iterable, Mapping
from typing import Any

from ringwall.model.calls import Call
from ringwall.model.graph import Node, Ref
from ringwall.model.plan import Exposure
from ringwall.resources.ec2 import canonical_cidr, ec2_node
from ringwall.resources.kind import Reads, ResourceType, closes, opens
from ringwall.resources.transit_gateway_route_table import (
    ROUTES,
    TABLES,
    is_present,
    routes,
    table_id,
)

TYPE = "AWS::EC2::TransitGatewayRoute"


def key(properties: Mapping[str, Any]) -> str:
    """Return `table>destination`."""
    return f"{properties['TransitGatewayRouteTableId'].key}>{properties['DestinationCidrBlock']}"


def normalise(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Write the destination canonically, and say Blackhole only where it is so."""
    full = {n: v for n, v in properties.items() if n != "Blackhole" or v}
    return full | {"DestinationCidrBlock": canonical_cidr(full["DestinationCidrBlock"])}


def exposure(before: Node | None, after: Node | None) -> Exposure:
    """Tell the exposure: a blackhole closes what a route opens."""
    present = [node for node in (before, after) if node is not None]
    if all(node.properties.get("Blackhole") for node in present):
        return closes(before, after)
    return opens(before, after)


def read(reads: Reads) -> Iterable[Node]:
    """Yield the static routes; those of a prefix list belong to its reference."""
    for item in reads.items(TABLES):
        if not is_present(item):
            continue
        for route in routes(reads, item):
            if route.get("Type") != "static" or "PrefixListId" in route:
                continue
            properties: dict[str, Any] = {
                "TransitGatewayRouteTableId": Ref(
                    "AWS::EC2::TransitGatewayRouteTable", table_id(item)
                ),
                "DestinationCidrBlock": route["DestinationCidrBlock"],
            }
            attachments = [
                found["TransitGatewayAttachmentId"]
                for found in route.get("TransitGatewayAttachments") or ()
                if "TransitGatewayAttachmentId" in found
            ]
            # A route whose attachment is deleted is in state blackhole and names none.
            if attachments:
                properties["TransitGatewayAttachmentId"] = Ref(
                    "AWS::EC2::TransitGatewayAttachment", attachments[0]
                )
            else:
                properties["Blackhole"] = True
            full = normalise(properties)
            yield ec2_node(reads, TYPE, key(full), full, {"State": route.get("State")})


def create(node: Node) -> tuple[Call, ...]:
    """Create it."""
    return (
        Call(
            "ec2",
            "create_transit_gateway_route",
            dict(node.properties),
            extract={"id": "Route.DestinationCidrBlock"},
            ignore=frozenset({"RouteAlreadyExists"}),
        ),
    )


def update(_before: Node, after: Node, _changed: frozenset[str]) -> tuple[Call, ...]:
    """Give it another target."""
    return (Call("ec2", "replace_transit_gateway_route", dict(after.properties)),)


def delete(node: Node) -> tuple[Call, ...]:
    """Delete it."""
    request = {
        name: node.properties[name]
        for name in ("TransitGatewayRouteTableId", "DestinationCidrBlock")
    }
    return (
        Call(
            "ec2",
            "delete_transit_gateway_route",
            request,
            ignore=frozenset({"InvalidRoute.NotFound", "InvalidRouteTableID.NotFound"}),
        ),
    )


RESOURCE = ResourceType(
    name=TYPE,
    listings=(TABLES,),
    details=(ROUTES,),
    read=read,
    key=key,
    parent="TransitGatewayRouteTableId",
    normalise=normalise,
    create=create,
    update=update,
    delete=delete,
    replace=frozenset({"TransitGatewayRouteTableId", "DestinationCidrBlock"}),
    exposure=exposure,
)
