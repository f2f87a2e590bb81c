"""Ringwall::EC2::TransitGatewayPrefixListReference: a static route to a whole prefix list.

CloudFormation has no type for it.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from ringwall.model.calls import Call, Wait
from ringwall.model.graph import Node, Ref
from ringwall.resources.ec2 import ec2_node
from ringwall.resources.kind import Reads, ResourceType
from ringwall.resources.transit_gateway_route import exposure
from ringwall.resources.transit_gateway_route_table import (
    TABLES,
    is_present,
    table_detail,
    table_id,
)

TYPE = "Ringwall::EC2::TransitGatewayPrefixListReference"
REFERENCES = table_detail(
    "get_transit_gateway_prefix_list_references", "TransitGatewayPrefixListReferences"
)
NOT_FOUND = frozenset(
    {
        "InvalidPrefixListID.NotFound",
        "InvalidPrefixListId.NotFound",
        "InvalidRouteTableID.NotFound",
    }
)


def key(properties: Mapping[str, Any]) -> str:
    """Return `table>prefix list`."""
    return f"{properties['TransitGatewayRouteTableId'].key}>{properties['PrefixListId'].key}"


def normalise(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Say Blackhole only where it is so."""
    return {name: v for name, v in properties.items() if name != "Blackhole" or v}


def read(reads: Reads) -> Iterable[Node]:
    """Yield the references that are not being deleted."""
    for item in reads.items(TABLES):
        if not is_present(item):
            continue
        for found in reads.detail(REFERENCES, table_id(item)) or ():
            if found.get("State") == "deleting":
                continue
            properties: dict[str, Any] = {
                "TransitGatewayRouteTableId": Ref(
                    "AWS::EC2::TransitGatewayRouteTable", table_id(item)
                ),
                "PrefixListId": Ref("AWS::EC2::PrefixList", found["PrefixListId"]),
            }
            attachment = (found.get("TransitGatewayAttachment") or {}).get(
                "TransitGatewayAttachmentId"
            )
            if attachment:
                properties["TransitGatewayAttachmentId"] = Ref(
                    "AWS::EC2::TransitGatewayAttachment", attachment
                )
            else:
                properties["Blackhole"] = True
            yield ec2_node(reads, TYPE, key(properties), properties, {"State": found.get("State")})


def _state(node: Node, success: set[str]) -> Wait:
    return Wait(
        "get_transit_gateway_prefix_list_references",
        {
            "TransitGatewayRouteTableId": node.properties["TransitGatewayRouteTableId"],
            "Filters": [{"Name": "prefix-list-id", "Values": [node.properties["PrefixListId"]]}],
        },
        "TransitGatewayPrefixListReferences[].State",
        success=frozenset(success),
        gone_codes=NOT_FOUND,
    )


def create(node: Node) -> tuple[Call, ...]:
    """Create it."""
    return (
        Call(
            "ec2",
            "create_transit_gateway_prefix_list_reference",
            dict(node.properties),
            extract={"id": "TransitGatewayPrefixListReference.PrefixListId"},
            waits_for=(_state(node, {"available"}),),
            ignore=frozenset({"DuplicatePrefixListReference"}),
        ),
    )


def update(_before: Node, after: Node, _changed: frozenset[str]) -> tuple[Call, ...]:
    """Give it another target."""
    return (
        Call(
            "ec2",
            "modify_transit_gateway_prefix_list_reference",
            dict(after.properties),
            waits_for=(_state(after, {"available"}),),
        ),
    )


def delete(node: Node) -> tuple[Call, ...]:
    """Delete it, and wait until its routes are gone."""
    request = {
        name: node.properties[name] for name in ("TransitGatewayRouteTableId", "PrefixListId")
    }
    return (
        Call(
            "ec2",
            "delete_transit_gateway_prefix_list_reference",
            request,
            waits_for=(_state(node, {"gone"}),),
            ignore=NOT_FOUND,
        ),
    )


RESOURCE = ResourceType(
    name=TYPE,
    listings=(TABLES,),
    details=(REFERENCES,),
    read=read,
    key=key,
    parent="TransitGatewayRouteTableId",
    normalise=normalise,
    create=create,
    update=update,
    delete=delete,
    replace=frozenset({"TransitGatewayRouteTableId", "PrefixListId"}),
    exposure=exposure,
)
