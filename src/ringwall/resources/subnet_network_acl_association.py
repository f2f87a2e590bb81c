"""AWS::EC2::SubnetNetworkAclAssociation.

Every subnet has exactly one NACL at all times, so that creating, changing and removing are all a
replacement of the present association, whose id AWS alone knows and changes each time.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from ringwall.model.calls import Call, Idempotence, Lookup
from ringwall.model.graph import Node, Ref
from ringwall.model.plan import Exposure
from ringwall.resources.ec2 import ec2_node
from ringwall.resources.identifiers import key_of
from ringwall.resources.kind import Reads, ResourceType
from ringwall.resources.network_acl import NETWORK_ACLS


def key(properties: Mapping[str, Any]) -> str:
    """Return the subnet's key."""
    return key_of(properties["SubnetId"])


def read(reads: Reads) -> Iterable[Node]:
    """Yield the association of every subnet."""
    for acl in reads.items(NETWORK_ACLS):
        kind = (
            "Ringwall::EC2::DefaultNetworkAcl" if acl.get("IsDefault") else "AWS::EC2::NetworkAcl"
        )
        for association in acl.get("Associations") or ():
            properties = {
                "SubnetId": Ref("AWS::EC2::Subnet", association["SubnetId"]),
                "NetworkAclId": Ref(kind, acl["NetworkAclId"]),
            }
            yield ec2_node(
                reads,
                RESOURCE.name,
                association["NetworkAclAssociationId"],
                properties,
                {"VpcId": acl["VpcId"]},
            )


def implicit(node: Node) -> bool:
    """Tell whether the subnet has the NACL that AWS gives it by itself."""
    acl = node.properties["NetworkAclId"]
    return isinstance(acl, Ref) and acl.type == "Ringwall::EC2::DefaultNetworkAcl"


def _replace(node: Node, acl: Any) -> tuple[Call, ...]:  # noqa: ANN401  (a Ref or a Lookup)
    subnet = node.properties["SubnetId"]
    present = Lookup(
        "ec2",
        "describe_network_acls",
        {"Filters": [{"Name": "association.subnet-id", "Values": [subnet]}]},
        # The filter finds the NACL, which lists the associations of all its subnets.
        "NetworkAcls[].Associations[] | [?SubnetId==$subnet].NetworkAclAssociationId | [0]",
        values={"subnet": subnet},
    )
    return (
        Call(
            "ec2",
            "replace_network_acl_association",
            {"AssociationId": present, "NetworkAclId": acl},
            extract={"id": "NewAssociationId"},
            idempotent_by=Idempotence.NATURAL,
        ),
    )


def create(node: Node) -> tuple[Call, ...]:
    """Give the subnet this NACL, whichever it has."""
    return _replace(node, node.properties["NetworkAclId"])


def update(_before: Node, after: Node, _changed: frozenset[str]) -> tuple[Call, ...]:
    """Give the subnet this NACL, whichever it has."""
    return create(after)


def delete(node: Node) -> tuple[Call, ...]:
    """Give the subnet the VPC's default NACL back."""
    filters = [
        {"Name": "vpc-id", "Values": [node.observed.get("VpcId", "")]},
        {"Name": "default", "Values": ["true"]},
    ]
    default = Lookup(
        "ec2", "describe_network_acls", {"Filters": filters}, "NetworkAcls[0].NetworkAclId"
    )
    return _replace(node, default)


RESOURCE = ResourceType(
    name="AWS::EC2::SubnetNetworkAclAssociation",
    listings=(NETWORK_ACLS,),
    read=read,
    key=key,
    parent="SubnetId",
    implicit=implicit,
    create=create,
    update=update,
    delete=delete,
    dies_with_parent=lambda _node: True,
    replace=frozenset({"SubnetId"}),
    exposure=lambda _before, _after: Exposure.BOTH,
)
