"""AWS::EC2::ClientVpnEndpoint: read only, so that what is not modelled of it is known by name."""

from collections.abc import Iterable
from typing import Any

from ringwall.model.graph import Node, Ref
from ringwall.resources.balancing import DESCRIPTION
from ringwall.resources.ec2 import ec2_node
from ringwall.resources.kind import Listing, Reads, ResourceType
from ringwall.resources.network_interface import NETWORK_INTERFACES, SERVING_TYPES

CLIENT_VPN_ENDPOINTS = Listing("ec2", "describe_client_vpn_endpoints", "ClientVpnEndpoints")
GONE_STATES = frozenset({"deleting", "deleted"})


def read(reads: Reads) -> Iterable[Node]:
    """Yield every endpoint that is not deleted."""
    for item in reads.items(CLIENT_VPN_ENDPOINTS):
        state = (item.get("Status") or {}).get("Code")
        if state in GONE_STATES:
            continue
        properties: dict[str, Any] = {}
        if item.get("VpcId"):
            properties["VpcId"] = Ref("AWS::EC2::VPC", item["VpcId"])
        if item.get("ClientCidrBlock"):
            properties["ClientCidrBlock"] = item["ClientCidrBlock"]
        yield ec2_node(
            reads,
            RESOURCE.name,
            item["ClientVpnEndpointId"],
            properties,
            {"Status": state},
            item.get("Tags"),
        )


def possible(reads: Reads) -> bool:
    """Tell whether an interface may be one of an endpoint's, which AWS manages.

    Its clients' packets have the addresses of its interfaces: source addresses are translated
    (Client VPN guide).
    """
    return not reads.was_read(NETWORK_INTERFACES) or any(
        item.get("RequesterManaged") and item.get("InterfaceType") not in SERVING_TYPES
        for item in reads.items(NETWORK_INTERFACES)
        if not str(item.get("Description") or "").startswith(DESCRIPTION)
    )


RESOURCE = ResourceType(
    name="AWS::EC2::ClientVpnEndpoint",
    listings=(CLIENT_VPN_ENDPOINTS,),
    survey=True,
    watched=True,
    possible=possible,
    read=read,
)
