"""AWS::EC2::EgressOnlyInternetGateway: IPv6 to the internet, and replies only on the way back."""

from collections.abc import Iterable

from ringwall.model.calls import Call, Idempotence, Token
from ringwall.model.graph import Node, Ref
from ringwall.resources.ec2 import ec2_node, ec2_tag
from ringwall.resources.kind import Listing, Reads, ResourceType
from ringwall.resources.ownership import specification
from ringwall.resources.vpc_gateway_attachment import GONE_STATES

EGRESS_ONLY_GATEWAYS = Listing(
    "ec2", "describe_egress_only_internet_gateways", "EgressOnlyInternetGateways"
)


def read(reads: Reads) -> Iterable[Node]:
    """Yield every egress-only internet gateway that is attached."""
    for item in reads.items(EGRESS_ONLY_GATEWAYS):
        for attachment in list(item.get("Attachments") or ())[:1]:
            if attachment.get("State") in GONE_STATES:
                continue
            yield ec2_node(
                reads,
                RESOURCE.name,
                item["EgressOnlyInternetGatewayId"],
                {"VpcId": Ref("AWS::EC2::VPC", attachment["VpcId"])},
                {"State": attachment.get("State")},
                item.get("Tags"),
            )


def create(node: Node) -> tuple[Call, ...]:
    """Create it at its VPC."""
    request = {
        "VpcId": node.properties["VpcId"],
        "ClientToken": Token(),
        "TagSpecifications": specification("egress-only-internet-gateway", node.tags),
    }
    return (
        Call(
            "ec2",
            "create_egress_only_internet_gateway",
            request,
            extract={"id": "EgressOnlyInternetGateway.EgressOnlyInternetGatewayId"},
            idempotent_by=Idempotence.TOKEN,
        ),
    )


def delete(node: Node) -> tuple[Call, ...]:
    """Delete it."""
    return (
        Call(
            "ec2",
            "delete_egress_only_internet_gateway",
            {"EgressOnlyInternetGatewayId": node.ref},
            ignore=frozenset({"InvalidGatewayID.NotFound"}),
        ),
    )


RESOURCE = ResourceType(
    name="AWS::EC2::EgressOnlyInternetGateway",
    listings=(EGRESS_ONLY_GATEWAYS,),
    read=read,
    create=create,
    delete=delete,
    tag=ec2_tag,
    replace=frozenset({"VpcId"}),
    permissions={"apply": ("ec2:CreateTags",)},
)
