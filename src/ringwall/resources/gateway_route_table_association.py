"""AWS::EC2::GatewayRouteTableAssociation: read only; a gateway's table for ingress routing."""

from collections.abc import Iterable, Mapping
from typing import Any

from ringwall.model.graph import Node, Ref
from ringwall.resources.ec2 import ec2_node
from ringwall.resources.identifiers import key_of, reference
from ringwall.resources.kind import Reads, ResourceType
from ringwall.resources.route_table import ROUTE_TABLES, associations


def key(properties: Mapping[str, Any]) -> str:
    """Return `<gateway>/route-table`: a gateway has one at most."""
    return f"{key_of(properties['GatewayId'])}/route-table"


def read(reads: Reads) -> Iterable[Node]:
    """Yield every association of a table with an internet or virtual private gateway."""
    for table in reads.items(ROUTE_TABLES):
        for association in associations(table):
            if not association.get("GatewayId"):
                continue
            table_id = table["RouteTableId"]
            properties = {
                "GatewayId": reference(association["GatewayId"]),
                "RouteTableId": Ref("AWS::EC2::RouteTable", table_id),
            }
            physical_id = association.get("RouteTableAssociationId") or (
                f"{association['GatewayId']}|{table_id}"
            )
            yield ec2_node(reads, RESOURCE.name, physical_id, properties, {})


RESOURCE = ResourceType(
    name="AWS::EC2::GatewayRouteTableAssociation",
    listings=(ROUTE_TABLES,),
    survey=True,
    watched=True,
    read=read,
    key=key,
)
