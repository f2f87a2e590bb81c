"""AWS::EC2::RouteTable."""

from collections.abc import Iterable

from ringwall.model.calls import Call, Idempotence, Token
from ringwall.model.graph import Node, Ref
from ringwall.resources.ec2 import ec2_node, ec2_tag
from ringwall.resources.enums import ENUMS
from ringwall.resources.kind import Item, Listing, Reads, ResourceType
from ringwall.resources.ownership import DEPLOYMENT_TAG, specification

ROUTE_TABLES = Listing("ec2", "describe_route_tables", "RouteTables")
GONE_STATES = ENUMS["RouteTableAssociationStateCode"].gone


def associations(item: Item) -> Iterable[Item]:
    """Yield the associations of a route table that hold or are being made."""
    for association in item.get("Associations") or ():
        state = (association.get("AssociationState") or {}).get("State", "associated")
        if state not in GONE_STATES:
            yield association


def read(reads: Reads) -> Iterable[Node]:
    """Yield every route table; its routes and associations with subnets are nodes of their own.

    Associations with gateways (ingress routing) are observed: `GatewayAssociations`.
    """
    for item in reads.items(ROUTE_TABLES):
        held = list(associations(item))
        observed = {
            "Main": any(association.get("Main") for association in held),
            "OwnerId": item.get("OwnerId"),
            "GatewayAssociations": sorted(a["GatewayId"] for a in held if a.get("GatewayId"))
            or None,
            "PropagatingVgws": sorted(v["GatewayId"] for v in item.get("PropagatingVgws") or ())
            or None,
        }
        yield ec2_node(
            reads,
            RESOURCE.name,
            item["RouteTableId"],
            {"VpcId": Ref("AWS::EC2::VPC", item["VpcId"])},
            observed,
            item.get("Tags"),
        )


def implicit(node: Node) -> bool:
    """Tell whether it is the table that AWS made main with the VPC."""
    return bool(node.observed.get("Main")) and DEPLOYMENT_TAG not in node.tags


def create(node: Node) -> tuple[Call, ...]:
    """Create it; AWS puts the local routes in."""
    request = {
        "VpcId": node.properties["VpcId"],
        "ClientToken": Token(),
        "TagSpecifications": specification("route-table", node.tags),
    }
    return (
        Call(
            "ec2",
            "create_route_table",
            request,
            extract={"id": "RouteTable.RouteTableId"},
            idempotent_by=Idempotence.TOKEN,
        ),
    )


def delete(node: Node) -> tuple[Call, ...]:
    """Delete it with its routes; AWS refuses while a subnet uses it."""
    return (
        Call(
            "ec2",
            "delete_route_table",
            {"RouteTableId": node.ref},
            ignore=frozenset({"InvalidRouteTableID.NotFound"}),
        ),
    )


RESOURCE = ResourceType(
    name="AWS::EC2::RouteTable",
    listings=(ROUTE_TABLES,),
    read=read,
    implicit=implicit,
    create=create,
    delete=delete,
    tag=ec2_tag,
    replace=frozenset({"VpcId"}),
    permissions={"apply": ("ec2:CreateTags",)},
)
