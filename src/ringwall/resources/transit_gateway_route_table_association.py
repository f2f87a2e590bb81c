"""AWS::EC2::TransitGatewayRouteTableAssociation: which table routes what an attachment sends."""

from collections.abc import Iterable, Mapping
from typing import Any

from ringwall.model.calls import Call, Wait
from ringwall.model.graph import Node, Ref
from ringwall.resources.ec2 import ec2_node
from ringwall.resources.kind import Reads, ResourceType, both
from ringwall.resources.transit_gateway_attachment import ATTACHMENTS, is_present

TYPE = "AWS::EC2::TransitGatewayRouteTableAssociation"
PATIENCE = 300  # seconds; AWS takes a few
NOT_FOUND = frozenset(
    {
        "InvalidAssociation.NotFound",
        "InvalidRouteTableID.NotFound",
        "InvalidTransitGatewayAttachmentID.NotFound",
    }
)


def key(properties: Mapping[str, Any]) -> str:
    """Return the attachment's key: an attachment is associated with one table at most."""
    return str(properties["TransitGatewayAttachmentId"].key)


def read(reads: Reads) -> Iterable[Node]:
    """Yield the associations that the attachments report: no call per route table is needed."""
    for item in reads.items(ATTACHMENTS):
        association = item.get("Association") or {}
        table = association.get("TransitGatewayRouteTableId")
        if not is_present(item) or table is None:
            continue
        if association.get("State") not in {"associating", "associated"}:
            continue
        attachment_id = item["TransitGatewayAttachmentId"]
        properties = {
            "TransitGatewayAttachmentId": Ref("AWS::EC2::TransitGatewayAttachment", attachment_id),
            "TransitGatewayRouteTableId": Ref("AWS::EC2::TransitGatewayRouteTable", table),
        }
        yield ec2_node(reads, TYPE, attachment_id, properties, {"State": association.get("State")})


def _state(node: Node, success: set[str]) -> Wait:
    return Wait(
        "get_transit_gateway_route_table_associations",
        {
            "TransitGatewayRouteTableId": node.properties["TransitGatewayRouteTableId"],
            "Filters": [
                {
                    "Name": "transit-gateway-attachment-id",
                    "Values": [node.properties["TransitGatewayAttachmentId"]],
                }
            ],
        },
        "Associations[].State",
        success=frozenset(success),
        gone_codes=NOT_FOUND,
        timeout=PATIENCE,
        hint="see with which route table the attachment is associated, and run again",
    )


def create(node: Node) -> tuple[Call, ...]:
    """Associate.

    `Resource.AlreadyAssociated` is not ignored: it does not say with which table. The next plan
    reads that, and moves the attachment.
    """
    return (
        Call(
            "ec2",
            "associate_transit_gateway_route_table",
            dict(node.properties),
            extract={"id": "Association.TransitGatewayAttachmentId"},
            waits_for=(_state(node, {"associated"}),),
        ),
    )


def update(before: Node, after: Node, _changed: frozenset[str]) -> tuple[Call, ...]:
    """Leave the old table, and only then join the new: AWS has no call that moves."""
    return (*delete(before), *create(after))


def delete(node: Node) -> tuple[Call, ...]:
    """Disassociate, and wait: until then the attachment cannot be associated anew."""
    return (
        Call(
            "ec2",
            "disassociate_transit_gateway_route_table",
            dict(node.properties),
            waits_for=(_state(node, {"disassociated", "gone"}),),
            ignore=NOT_FOUND,
        ),
    )


RESOURCE = ResourceType(
    name=TYPE,
    listings=(ATTACHMENTS,),
    read=read,
    key=key,
    parent="TransitGatewayAttachmentId",
    create=create,
    update=update,
    delete=delete,
    replace=frozenset({"TransitGatewayAttachmentId"}),
    exposure=both,
)
