"""AWS::EC2::VPCPeeringConnection: read only, so that routes through it are understood."""

from collections.abc import Iterable
from typing import Any

from ringwall.model.graph import Node, Ref
from ringwall.resources.ec2 import ec2_node
from ringwall.resources.enums import ENUMS
from ringwall.resources.kind import Listing, Reads, ResourceType

PEERINGS = Listing("ec2", "describe_vpc_peering_connections", "VpcPeeringConnections")
# They stay listed for a while.
GONE_STATES = ENUMS["VpcPeeringConnectionStateReasonCode"].gone


def read(reads: Reads) -> Iterable[Node]:
    """Yield every peering that is there or asked for."""
    for item in reads.items(PEERINGS):
        status = (item.get("Status") or {}).get("Code")
        if status in GONE_STATES:
            continue
        requester = item.get("RequesterVpcInfo") or {}
        accepter = item.get("AccepterVpcInfo") or {}
        properties: dict[str, Any] = {}
        for name, side in (("VpcId", requester), ("PeerVpcId", accepter)):
            if side.get("VpcId"):
                properties[name] = Ref("AWS::EC2::VPC", side["VpcId"])
        for name, member in (("PeerOwnerId", "OwnerId"), ("PeerRegion", "Region")):
            if accepter.get(member):
                properties[name] = accepter[member]
        observed = {
            "Status": status,
            "RequesterVpcInfo": dict(requester),
            "AccepterVpcInfo": dict(accepter),
        }
        yield ec2_node(
            reads,
            RESOURCE.name,
            item["VpcPeeringConnectionId"],
            properties,
            observed,
            item.get("Tags"),
        )


RESOURCE = ResourceType(
    name="AWS::EC2::VPCPeeringConnection",
    listings=(PEERINGS,),
    read=read,
)
