"""AWS::EC2::SubnetRouteTableAssociation."""

from collections.abc import Iterable, Mapping
from typing import Any

from ringwall.model.calls import Call, Idempotence
from ringwall.model.graph import Node, Ref
from ringwall.model.plan import Exposure
from ringwall.resources.ec2 import ec2_node
from ringwall.resources.identifiers import key_of
from ringwall.resources.kind import Reads, ResourceType
from ringwall.resources.route_table import ROUTE_TABLES, associations


def key(properties: Mapping[str, Any]) -> str:
    """Return the subnet's key: it has one association at most."""
    return key_of(properties["SubnetId"])


def read(reads: Reads) -> Iterable[Node]:
    """Yield every explicit association of a subnet."""
    for table in reads.items(ROUTE_TABLES):
        for association in associations(table):
            if not association.get("SubnetId"):
                continue
            properties = {
                "SubnetId": Ref("AWS::EC2::Subnet", association["SubnetId"]),
                "RouteTableId": Ref("AWS::EC2::RouteTable", table["RouteTableId"]),
            }
            yield ec2_node(
                reads, RESOURCE.name, association["RouteTableAssociationId"], properties, {}
            )


def create(node: Node) -> tuple[Call, ...]:
    """Associate the subnet, which leaves the VPC's main table."""
    return (
        Call(
            "ec2",
            "associate_route_table",
            {name: node.properties[name] for name in ("SubnetId", "RouteTableId")},
            extract={"id": "AssociationId"},
            idempotent_by=Idempotence.NATURAL,
        ),
    )


def update(before: Node, after: Node, _changed: frozenset[str]) -> tuple[Call, ...]:
    """Change the table in one step, so that the subnet never falls back to the main table."""
    return (
        Call(
            "ec2",
            "replace_route_table_association",
            {"AssociationId": before.physical_id, "RouteTableId": after.properties["RouteTableId"]},
            extract={"id": "NewAssociationId"},
            idempotent_by=Idempotence.NATURAL,
        ),
    )


def delete(node: Node) -> tuple[Call, ...]:
    """Disassociate the subnet, which falls back to the VPC's main table."""
    return (
        Call(
            "ec2",
            "disassociate_route_table",
            {"AssociationId": node.ref},
            ignore=frozenset({"InvalidAssociationID.NotFound"}),
        ),
    )


RESOURCE = ResourceType(
    name="AWS::EC2::SubnetRouteTableAssociation",
    listings=(ROUTE_TABLES,),
    read=read,
    key=key,
    parent="SubnetId",
    create=create,
    update=update,
    delete=delete,
    dies_with_parent=lambda _node: True,
    replace=frozenset({"SubnetId"}),
    exposure=lambda _before, _after: Exposure.BOTH,
)
