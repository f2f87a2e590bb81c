"""AWS::EC2::NetworkAcl: the stateless filter of subnets."""

from collections.abc import Iterable

from ringwall.model.calls import Call, Idempotence, Token
from ringwall.model.graph import Node, Ref
from ringwall.resources.ec2 import ec2_node, ec2_tag
from ringwall.resources.kind import Listing, Reads, ResourceType
from ringwall.resources.ownership import specification

NETWORK_ACLS = Listing("ec2", "describe_network_acls", "NetworkAcls")


def read(reads: Reads) -> Iterable[Node]:
    """Yield every NACL that somebody made; entries and associations are nodes of their own."""
    for item in reads.items(NETWORK_ACLS):
        if not item.get("IsDefault"):
            yield ec2_node(
                reads,
                RESOURCE.name,
                item["NetworkAclId"],
                {"VpcId": Ref("AWS::EC2::VPC", item["VpcId"])},
                {"OwnerId": item.get("OwnerId")},
                item.get("Tags"),
            )


def create(node: Node) -> tuple[Call, ...]:
    """Create it; it denies everything until it has entries."""
    request = {
        "VpcId": node.properties["VpcId"],
        "ClientToken": Token(),
        "TagSpecifications": specification("network-acl", node.tags),
    }
    return (
        Call(
            "ec2",
            "create_network_acl",
            request,
            extract={"id": "NetworkAcl.NetworkAclId"},
            idempotent_by=Idempotence.TOKEN,
        ),
    )


def delete(node: Node) -> tuple[Call, ...]:
    """Delete it with its entries; AWS refuses while a subnet uses it."""
    return (
        Call(
            "ec2",
            "delete_network_acl",
            {"NetworkAclId": node.ref},
            ignore=frozenset({"InvalidNetworkAclID.NotFound"}),
        ),
    )


RESOURCE = ResourceType(
    name="AWS::EC2::NetworkAcl",
    listings=(NETWORK_ACLS,),
    read=read,
    create=create,
    delete=delete,
    tag=ec2_tag,
    replace=frozenset({"VpcId"}),
    permissions={"apply": ("ec2:CreateTags",)},
)
