"""AWS::EC2::EIP: a public IPv4 address that stays."""

from collections.abc import Iterable, Mapping
from typing import Any

from ringwall.model.calls import Call, Idempotence
from ringwall.model.graph import Node
from ringwall.resources.ec2 import ec2_node, ec2_tag
from ringwall.resources.kind import Listing, Reads, ResourceType
from ringwall.resources.ownership import specification

ADDRESSES = Listing("ec2", "describe_addresses", "Addresses")
_OBSERVED = (
    "PublicIp",
    "AssociationId",
    "NetworkInterfaceId",
    "InstanceId",
    "PrivateIpAddress",
    "PublicIpv4Pool",
    "NetworkBorderGroup",
    "CarrierIp",
    "CustomerOwnedIp",
    "ServiceManaged",
)


def normalise(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Fill in the domain: every address belongs to a VPC nowadays."""
    return {"Domain": "vpc"} | dict(properties)


def read(reads: Reads) -> Iterable[Node]:
    """Yield every Elastic IP address."""
    for item in reads.items(ADDRESSES):
        yield ec2_node(
            reads,
            RESOURCE.name,
            item.get("AllocationId") or item["PublicIp"],
            {"Domain": item.get("Domain", "vpc")},
            {name: item.get(name) or None for name in _OBSERVED},
            item.get("Tags"),
        )


def implicit(node: Node) -> bool:
    """Tell whether an AWS service allocated it for itself."""
    return "ServiceManaged" in node.observed


def create(node: Node) -> tuple[Call, ...]:
    """Allocate an address."""
    request = {
        "Domain": node.properties["Domain"],
        "TagSpecifications": specification("elastic-ip", node.tags),
    }
    return (
        Call(
            "ec2",
            "allocate_address",
            request,
            extract={"id": "AllocationId", "PublicIp": "PublicIp"},
            idempotent_by=Idempotence.TAG,
        ),
    )


def delete(node: Node) -> tuple[Call, ...]:
    """Release the address; AWS refuses while it is associated."""
    return (
        Call(
            "ec2",
            "release_address",
            {"AllocationId": node.ref},
            ignore=frozenset({"InvalidAllocationID.NotFound"}),
        ),
    )


RESOURCE = ResourceType(
    name="AWS::EC2::EIP",
    listings=(ADDRESSES,),
    read=read,
    implicit=implicit,
    normalise=normalise,
    create=create,
    delete=delete,
    tag=ec2_tag,
    replace=frozenset({"Domain"}),
    permissions={"apply": ("ec2:CreateTags",)},
    price=lambda _node: ("public-ipv4-address", 1),
)
