"""AWS::EC2::NetworkInterface: read only; what stands in our subnets and is not ours."""

from collections.abc import Iterable, Mapping
from typing import Any

from ringwall.model.graph import Node, Ref
from ringwall.resources.ec2 import ec2_node
from ringwall.resources.kind import Listing, Reads, ResourceType

NETWORK_INTERFACES = Listing("ec2", "describe_network_interfaces", "NetworkInterfaces")
_OBSERVED = (
    "AvailabilityZone",
    "AvailabilityZoneId",
    "Description",
    "InterfaceType",
    "Ipv6Addresses",
    "Ipv4Prefixes",
    "Ipv6Prefixes",
    "OwnerId",
    "PrivateIpAddress",
    "PrivateIpAddresses",
    "RequesterId",
    "RequesterManaged",
    "Status",
    "VpcId",
)
# The time of attaching says nothing, and is no JSON.
_ATTACHMENT = ("AttachmentId", "DeviceIndex", "InstanceId", "InstanceOwnerId", "Status")
# Interfaces that AWS makes for, and takes away with, a resource that is a node of its own. The
# service model says natGateway, DescribeNetworkInterfaces says nat_gateway.
SERVING_TYPES = frozenset(
    {
        "natGateway",
        "nat_gateway",
        "transit_gateway",
        "vpc_endpoint",
        "gateway_load_balancer_endpoint",
    }
)


def normalise(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Sort the groups, which are a set."""
    normal = dict(properties)
    if "GroupSet" in normal:
        normal["GroupSet"] = sorted(normal["GroupSet"])
    return normal


def read(reads: Reads) -> Iterable[Node]:
    """Yield every interface."""
    for item in reads.items(NETWORK_INTERFACES):
        properties: dict[str, Any] = {
            "GroupSet": [
                Ref("AWS::EC2::SecurityGroup", g["GroupId"]) for g in item.get("Groups", ())
            ]
        }
        if item.get("SubnetId"):
            properties["SubnetId"] = Ref("AWS::EC2::Subnet", item["SubnetId"])
        if item.get("SourceDestCheck") is not None:
            properties["SourceDestCheck"] = item["SourceDestCheck"]
        observed = {name: item.get(name) for name in _OBSERVED}
        attachment = item.get("Attachment")
        if attachment:
            observed["Attachment"] = {n: attachment[n] for n in _ATTACHMENT if n in attachment}
        observed["PublicIp"] = (item.get("Association") or {}).get("PublicIp")
        yield ec2_node(
            reads,
            RESOURCE.name,
            item["NetworkInterfaceId"],
            normalise(properties),
            observed,
            item.get("TagSet"),
        )


def implicit(node: Node) -> bool:
    """Tell whether it serves a NAT gateway, an endpoint or a Transit Gateway attachment."""
    return node.observed.get("InterfaceType") in SERVING_TYPES


RESOURCE = ResourceType(
    name="AWS::EC2::NetworkInterface",
    listings=(NETWORK_INTERFACES,),
    read=read,
    implicit=implicit,
    normalise=normalise,
)
