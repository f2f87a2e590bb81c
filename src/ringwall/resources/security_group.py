"""AWS::EC2::SecurityGroup: a group without its rules, which are nodes of their own."""

from collections.abc import Iterable
from typing import Any

from ringwall.model.calls import Call, Idempotence
from ringwall.model.graph import Node, Ref
from ringwall.resources.ec2 import ec2_node, ec2_tag
from ringwall.resources.kind import Item, Listing, Reads, ResourceType
from ringwall.resources.ownership import specification

SECURITY_GROUPS = Listing("ec2", "describe_security_groups", "SecurityGroups")
# "A security group name cannot be `default`" unless AWS made it with the VPC.
DEFAULT_NAME = "default"
ALLOW_ALL = (
    {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]},
    # AWS adds this one where the VPC has an IPv6 block.
    {"IpProtocol": "-1", "Ipv6Ranges": [{"CidrIpv6": "::/0"}]},
)


def is_default(item: Item) -> bool:
    """Tell whether AWS made the group with its VPC."""
    return item.get("GroupName") == DEFAULT_NAME


def read(reads: Reads) -> Iterable[Node]:
    """Yield every group that somebody made."""
    for item in reads.items(SECURITY_GROUPS):
        if is_default(item) or not item.get("VpcId"):
            continue
        properties = {
            "GroupName": item["GroupName"],
            "GroupDescription": item.get("Description", ""),
            "VpcId": Ref("AWS::EC2::VPC", item["VpcId"]),
        }
        yield ec2_node(
            reads,
            RESOURCE.name,
            item["GroupId"],
            properties,
            {"OwnerId": item.get("OwnerId")},
            item.get("Tags"),
        )


def revoke_all_egress(group: Any) -> tuple[Call, ...]:  # noqa: ANN401  (a Ref or a Lookup)
    """Return the calls that take away the rules that AWS puts into every new group."""
    return tuple(
        Call(
            "ec2",
            "revoke_security_group_egress",
            {"GroupId": group, "IpPermissions": [permission]},
            ignore=frozenset({"InvalidPermission.NotFound"}),
        )
        for permission in ALLOW_ALL
    )


def create(node: Node) -> tuple[Call, ...]:
    """Create it without any rule: AWS lets a new group send everything, so that is revoked."""
    request = {
        "GroupName": node.properties["GroupName"],
        "Description": node.properties["GroupDescription"],
        "VpcId": node.properties["VpcId"],
        "TagSpecifications": specification("security-group", node.tags),
    }
    made = Call(
        "ec2",
        "create_security_group",
        request,
        extract={"id": "GroupId"},
        idempotent_by=Idempotence.TAG,
    )
    return (made, *revoke_all_egress(node.ref))


def delete(node: Node) -> tuple[Call, ...]:
    """Delete it; AWS refuses while an interface or a rule of another group uses it."""
    return (
        Call(
            "ec2",
            "delete_security_group",
            {"GroupId": node.ref},
            ignore=frozenset({"InvalidGroup.NotFound"}),
        ),
    )


RESOURCE = ResourceType(
    name="AWS::EC2::SecurityGroup",
    listings=(SECURITY_GROUPS,),
    read=read,
    create=create,
    delete=delete,
    tag=ec2_tag,
    replace=frozenset({"VpcId"}),
    # AWS takes name and description at creation alone; a renamed group keeps its members this way.
    initial=frozenset({"GroupName", "GroupDescription"}),
    permissions={"apply": ("ec2:CreateTags",)},
)
