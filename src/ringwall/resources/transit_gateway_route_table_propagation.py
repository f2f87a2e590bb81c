"""AWS::EC2::TransitGatewayRouteTablePropagation: an attachment's routes, announced to a table."""

from collections.abc import Iterable, Mapping
from typing import Any

from ringwall.model.calls import Call, Wait
from ringwall.model.graph import Node, Ref
from ringwall.resources.ec2 import ec2_node
from ringwall.resources.kind import Reads, ResourceType
from ringwall.resources.kind import opens as exposure
from ringwall.resources.transit_gateway_route_table import (
    TABLES,
    is_present,
    table_detail,
    table_id,
)

TYPE = "AWS::EC2::TransitGatewayRouteTablePropagation"
PROPAGATIONS = table_detail(
    "get_transit_gateway_route_table_propagations", "TransitGatewayRouteTablePropagations"
)
NOT_FOUND = frozenset(
    {
        "InvalidRouteTableID.NotFound",
        "InvalidTransitGatewayAttachmentID.NotFound",
        "TransitGatewayRouteTablePropagation.NotFound",
    }
)


def key(properties: Mapping[str, Any]) -> str:
    """Return `table<attachment`."""
    table = properties["TransitGatewayRouteTableId"].key
    return f"{table}<{properties['TransitGatewayAttachmentId'].key}"


def read(reads: Reads) -> Iterable[Node]:
    """Yield the propagations that are on or on their way."""
    for item in reads.items(TABLES):
        if not is_present(item):
            continue
        for found in reads.detail(PROPAGATIONS, table_id(item)) or ():
            attachment = found.get("TransitGatewayAttachmentId")
            if attachment is None or found.get("State") not in {"enabling", "enabled"}:
                continue
            properties = {
                "TransitGatewayAttachmentId": Ref("AWS::EC2::TransitGatewayAttachment", attachment),
                "TransitGatewayRouteTableId": Ref(
                    "AWS::EC2::TransitGatewayRouteTable", table_id(item)
                ),
            }
            observed = {
                "State": found.get("State"),
                "ResourceType": found.get("ResourceType"),
                "ResourceId": found.get("ResourceId"),
            }
            yield ec2_node(reads, TYPE, key(properties), properties, observed)


def _state(node: Node, success: set[str]) -> Wait:
    return Wait(
        "get_transit_gateway_route_table_propagations",
        {
            "TransitGatewayRouteTableId": node.properties["TransitGatewayRouteTableId"],
            "Filters": [
                {
                    "Name": "transit-gateway-attachment-id",
                    "Values": [node.properties["TransitGatewayAttachmentId"]],
                }
            ],
        },
        "TransitGatewayRouteTablePropagations[].State",
        success=frozenset(success),
        gone_codes=NOT_FOUND,
    )


def create(node: Node) -> tuple[Call, ...]:
    """Enable it."""
    return (
        Call(
            "ec2",
            "enable_transit_gateway_route_table_propagation",
            dict(node.properties),
            extract={"id": "Propagation.TransitGatewayAttachmentId"},
            waits_for=(_state(node, {"enabled"}),),
            ignore=frozenset({"TransitGatewayRouteTablePropagation.Duplicate"}),
        ),
    )


def delete(node: Node) -> tuple[Call, ...]:
    """Disable it, and wait until it is gone: only then are its routes."""
    return (
        Call(
            "ec2",
            "disable_transit_gateway_route_table_propagation",
            dict(node.properties),
            waits_for=(_state(node, {"disabled", "gone"}),),
            ignore=NOT_FOUND,
        ),
    )


RESOURCE = ResourceType(
    name=TYPE,
    listings=(TABLES,),
    details=(PROPAGATIONS,),
    read=read,
    key=key,
    parent="TransitGatewayRouteTableId",
    create=create,
    delete=delete,
    replace=frozenset({"TransitGatewayAttachmentId", "TransitGatewayRouteTableId"}),
    exposure=exposure,
)
