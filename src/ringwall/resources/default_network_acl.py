"""Ringwall::EC2::DefaultNetworkAcl: the NACL that AWS makes with a VPC; it is read, never written.

CloudFormation has no type for it. Its entries and associations are nodes like those of any NACL.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from ringwall.model.graph import Node, Ref
from ringwall.resources.ec2 import ec2_node
from ringwall.resources.identifiers import key_of
from ringwall.resources.kind import Reads, ResourceType
from ringwall.resources.network_acl import NETWORK_ACLS


def key(properties: Mapping[str, Any]) -> str:
    """Return the VPC's key: it has exactly one default NACL."""
    return key_of(properties["VpcId"])


def read(reads: Reads) -> Iterable[Node]:
    """Yield the default NACL of every VPC."""
    for item in reads.items(NETWORK_ACLS):
        if item.get("IsDefault"):
            yield ec2_node(
                reads,
                RESOURCE.name,
                item["NetworkAclId"],
                {"VpcId": Ref("AWS::EC2::VPC", item["VpcId"])},
                {"OwnerId": item.get("OwnerId")},
                item.get("Tags"),
            )


RESOURCE = ResourceType(
    name="Ringwall::EC2::DefaultNetworkAcl",
    listings=(NETWORK_ACLS,),
    read=read,
    key=key,
    parent="VpcId",
    implicit=lambda _node: True,
    replace=frozenset({"VpcId"}),
    restore=True,
)
