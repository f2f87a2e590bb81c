"""Ringwall::EC2::DefaultNetworkAcl: the NACL that AWS makes with a VPC; it is read, never written.

CloudFormation has no type for it. `Entries` are its entries in their normal form, in the order in
which AWS evaluates them, each without NetworkAclId. Its associations are nodes like any NACL's.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from ringwall.model.graph import Node, Ref
from ringwall.resources import network_acl_entry
from ringwall.resources.ec2 import ec2_node
from ringwall.resources.identifiers import key_of
from ringwall.resources.kind import Reads, ResourceType
from ringwall.resources.network_acl import NETWORK_ACLS


def key(properties: Mapping[str, Any]) -> str:
    """Return the VPC's key: it has exactly one default NACL."""
    return key_of(properties["VpcId"])


def normalise(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Bring each entry into normal form, and into order."""
    normal = dict(properties)
    entries = map(network_acl_entry.normalise, normal.get("Entries", ()))
    normal["Entries"] = sorted(entries, key=lambda e: (e["Egress"], e["RuleNumber"]))
    return normal


def read(reads: Reads) -> Iterable[Node]:
    """Yield the default NACL of every VPC."""
    for item in reads.items(NETWORK_ACLS):
        if item.get("IsDefault"):
            properties = {
                "VpcId": Ref("AWS::EC2::VPC", item["VpcId"]),
                "Entries": [
                    network_acl_entry.entry_properties(e) for e in item.get("Entries") or ()
                ],
            }
            yield ec2_node(
                reads,
                RESOURCE.name,
                item["NetworkAclId"],
                normalise(properties),
                {"OwnerId": item.get("OwnerId")},
                item.get("Tags"),
            )


RESOURCE = ResourceType(
    name="Ringwall::EC2::DefaultNetworkAcl",
    listings=(NETWORK_ACLS,),
    read=read,
    key=key,
    parent="VpcId",
    normalise=normalise,
    implicit=lambda _node: True,
    replace=frozenset({"VpcId"}),
    restore=True,
)
