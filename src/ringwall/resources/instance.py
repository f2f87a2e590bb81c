"""AWS::EC2::Instance: read only; its state, and the interfaces that it bears."""

from collections.abc import Iterable
from typing import Any

from ringwall.model.graph import Node, Ref
from ringwall.resources.ec2 import ec2_node
from ringwall.resources.enums import ENUMS
from ringwall.resources.kind import Listing, Reads, ResourceType
from ringwall.resources.network_interface import NETWORK_INTERFACES
from ringwall.resources.route_table import ROUTE_TABLES

# DescribeInstances answers no user data; that is an attribute with a call of its own.
INSTANCES = Listing("ec2", "describe_instances", "Reservations[].Instances[]")
GONE_STATES = ENUMS["InstanceStateName"].gone


def read(reads: Reads) -> Iterable[Node]:
    """Yield every instance of a VPC that is not terminated."""
    for item in reads.items(INSTANCES):
        state = (item.get("State") or {}).get("Name")
        if state in GONE_STATES:
            continue
        properties: dict[str, Any] = {
            "SecurityGroupIds": sorted(
                Ref("AWS::EC2::SecurityGroup", group["GroupId"])
                for group in item.get("SecurityGroups") or ()
            )
        }
        if item.get("SubnetId"):
            properties["SubnetId"] = Ref("AWS::EC2::Subnet", item["SubnetId"])
        if item.get("SourceDestCheck") is not None:
            properties["SourceDestCheck"] = item["SourceDestCheck"]
        interfaces = [i["NetworkInterfaceId"] for i in item.get("NetworkInterfaces") or ()]
        observed = {
            "State": state,
            "NetworkInterfaceIds": [Ref("AWS::EC2::NetworkInterface", each) for each in interfaces],
            "PrivateIpAddress": item.get("PrivateIpAddress") or None,
            "PublicIpAddress": item.get("PublicIpAddress") or None,
            "VpcId": item.get("VpcId") or None,
        }
        yield ec2_node(
            reads, RESOURCE.name, item["InstanceId"], properties, observed, item.get("Tags")
        )


def possible(reads: Reads) -> bool:
    """Tell whether a route leads to an interface: there the state of its instance decides."""
    if not reads.was_read(ROUTE_TABLES, NETWORK_INTERFACES):
        return True
    return any(
        route.get("NetworkInterfaceId") or route.get("InstanceId")
        for table in reads.items(ROUTE_TABLES)
        for route in table.get("Routes") or ()
    )


RESOURCE = ResourceType(
    name="AWS::EC2::Instance", listings=(INSTANCES,), survey=True, possible=possible, read=read
)
