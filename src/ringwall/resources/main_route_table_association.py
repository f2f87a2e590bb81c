"""Ringwall::EC2::MainRouteTableAssociation: which table serves subnets without one of their own.

CloudFormation has no type for it.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from ringwall.model.calls import Call, Idempotence, Lookup
from ringwall.model.graph import Node, Ref
from ringwall.model.plan import Exposure
from ringwall.resources.ec2 import ec2_node
from ringwall.resources.identifiers import key_of
from ringwall.resources.kind import Reads, ResourceType
from ringwall.resources.ownership import DEPLOYMENT_TAG
from ringwall.resources.route_table import ROUTE_TABLES, associations


def key(properties: Mapping[str, Any]) -> str:
    """Return the VPC's key: it has exactly one main table."""
    return key_of(properties["VpcId"])


def read(reads: Reads) -> Iterable[Node]:
    """Yield the main table of every VPC."""
    for table in reads.items(ROUTE_TABLES):
        for association in associations(table):
            if association.get("Main"):
                properties = {
                    "VpcId": Ref("AWS::EC2::VPC", table["VpcId"]),
                    "RouteTableId": Ref("AWS::EC2::RouteTable", table["RouteTableId"]),
                }
                yield ec2_node(
                    reads, RESOURCE.name, association["RouteTableAssociationId"], properties, {}
                )


def implicit(node: Node) -> bool:
    """Tell whether a table that is not ours is main, as it is when AWS has made the VPC."""
    table = node.properties["RouteTableId"]
    return isinstance(table, Ref) and table.key.startswith("rtb-")


def _of_vpc(vpc: Any, path: str) -> Lookup:  # noqa: ANN401  (a Ref or an id)
    request = {"Filters": [{"Name": "vpc-id", "Values": [vpc]}]}
    return Lookup("ec2", "describe_route_tables", request, path)


def _replace(node: Node, table: Any) -> tuple[Call, ...]:  # noqa: ANN401  (a Ref or a Lookup)
    path = "RouteTables[].Associations[] | [?Main].RouteTableAssociationId | [0]"
    request = {"AssociationId": _of_vpc(node.properties["VpcId"], path), "RouteTableId": table}
    return (
        Call(
            "ec2",
            "replace_route_table_association",
            request,
            extract={"id": "NewAssociationId"},
            idempotent_by=Idempotence.NATURAL,
        ),
    )


def create(node: Node) -> tuple[Call, ...]:
    """Make the table main, whichever is."""
    return _replace(node, node.properties["RouteTableId"])


def update(_before: Node, after: Node, _changed: frozenset[str]) -> tuple[Call, ...]:
    """Make the table main, whichever is."""
    return create(after)


def delete(node: Node) -> tuple[Call, ...]:
    """Make a table without our tag main again: the one that AWS made with the VPC."""
    path = f"RouteTables[?!(Tags[?Key=='{DEPLOYMENT_TAG}'])].RouteTableId | [0]"
    return _replace(node, _of_vpc(node.properties["VpcId"], path))


RESOURCE = ResourceType(
    name="Ringwall::EC2::MainRouteTableAssociation",
    listings=(ROUTE_TABLES,),
    read=read,
    key=key,
    parent="VpcId",
    implicit=implicit,
    create=create,
    update=update,
    delete=delete,
    replace=frozenset({"VpcId"}),
    restore=True,
    exposure=lambda _before, _after: Exposure.BOTH,
)
