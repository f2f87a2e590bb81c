"""AWS::EC2::VPNGateway: read only, with its attachment to a VPC."""

from collections.abc import Iterable, Iterator
from typing import Any

from ringwall.model.graph import Node, Ref
from ringwall.resources.ec2 import ec2_node
from ringwall.resources.enums import ENUMS
from ringwall.resources.kind import Item, Listing, Reads, ResourceType
from ringwall.resources.vpc_gateway_attachment import RESOURCE as ATTACHMENT

VPN_GATEWAYS = Listing("ec2", "describe_vpn_gateways", "VpnGateways")
GONE_STATES = ENUMS["VpnState"].gone
DETACHED = ENUMS["AttachmentStatus"].gone


def attachments(item: Item) -> Iterator[Item]:
    """Yield the attachments of a gateway that hold or are being made."""
    for attachment in item.get("VpcAttachments") or ():
        if attachment.get("State") not in DETACHED and attachment.get("VpcId"):
            yield attachment


def read(reads: Reads) -> Iterable[Node]:
    """Yield every virtual private gateway that is not deleted, and its attachment."""
    for item in reads.items(VPN_GATEWAYS):
        if item.get("State") in GONE_STATES:
            continue
        gateway = item["VpnGatewayId"]
        properties: dict[str, Any] = {"Type": item.get("Type") or "ipsec.1"}
        if item.get("AmazonSideAsn") is not None:
            properties["AmazonSideAsn"] = item["AmazonSideAsn"]
        held = list(attachments(item))
        observed = {"State": item.get("State"), "VpcAttachments": [dict(each) for each in held]}
        yield ec2_node(reads, RESOURCE.name, gateway, properties, observed, item.get("Tags"))
        for attachment in held:
            yield ec2_node(
                reads,
                ATTACHMENT.name,
                f"{attachment['VpcId']}|{gateway}",
                {
                    "VpcId": Ref("AWS::EC2::VPC", attachment["VpcId"]),
                    "VpnGatewayId": Ref(RESOURCE.name, gateway),
                },
                {"State": attachment.get("State")},
            )


RESOURCE = ResourceType(
    name="AWS::EC2::VPNGateway", listings=(VPN_GATEWAYS,), survey=True, watched=True, read=read
)
