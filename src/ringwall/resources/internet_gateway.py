"""AWS::EC2::InternetGateway."""

from collections.abc import Iterable

from ringwall.model.calls import Call, Idempotence
from ringwall.model.graph import Node
from ringwall.resources.ec2 import ec2_node, ec2_tag
from ringwall.resources.kind import Listing, Reads, ResourceType
from ringwall.resources.ownership import specification

INTERNET_GATEWAYS = Listing("ec2", "describe_internet_gateways", "InternetGateways")


def read(reads: Reads) -> Iterable[Node]:
    """Yield every internet gateway; its attachment is a node of its own."""
    for item in reads.items(INTERNET_GATEWAYS):
        observed = {
            "OwnerId": item.get("OwnerId"),
            "Attachments": list(item.get("Attachments") or ()),
        }
        yield ec2_node(
            reads, RESOURCE.name, item["InternetGatewayId"], {}, observed, item.get("Tags")
        )


def create(node: Node) -> tuple[Call, ...]:
    """Create it; nothing goes through before it is attached."""
    return (
        Call(
            "ec2",
            "create_internet_gateway",
            {"TagSpecifications": specification("internet-gateway", node.tags)},
            extract={"id": "InternetGateway.InternetGatewayId"},
            idempotent_by=Idempotence.TAG,
        ),
    )


def delete(node: Node) -> tuple[Call, ...]:
    """Delete it; AWS refuses while it is attached."""
    return (
        Call(
            "ec2",
            "delete_internet_gateway",
            {"InternetGatewayId": node.ref},
            ignore=frozenset({"InvalidInternetGatewayID.NotFound"}),
        ),
    )


RESOURCE = ResourceType(
    name="AWS::EC2::InternetGateway",
    listings=(INTERNET_GATEWAYS,),
    read=read,
    create=create,
    delete=delete,
    tag=ec2_tag,
    permissions={"apply": ("ec2:CreateTags",)},
)
