"""AWS::EC2::VPCGatewayAttachment: an internet gateway at a VPC.

Virtual private gateways at VPCs are read with these gateways. No blueprint can ask for one.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from ringwall.model.calls import Call, Idempotence
from ringwall.model.graph import Address, Node, Ref, ResourceGraph
from ringwall.resources.ec2 import ec2_node
from ringwall.resources.enums import ENUMS
from ringwall.resources.identifiers import key_of
from ringwall.resources.internet_gateway import INTERNET_GATEWAYS
from ringwall.resources.kind import Reads, ResourceType, opens

# An internet gateway's attachment is reported as `available` (InternetGatewayAttachment.State).
GONE_STATES = ENUMS["AttachmentStatus"].gone


def key(properties: Mapping[str, Any]) -> str:
    """Return `<vpc>/internet-gateway` or `<vpc>/vpn-gateway`: a VPC has one of each at most."""
    if "VpnGatewayId" in properties:
        return f"{key_of(properties['VpcId'])}/vpn-gateway"
    return attachment_key(properties["VpcId"])


def attachment_key(vpc: Ref) -> str:
    """Return the key of the attachment of a VPC's internet gateway."""
    return f"{key_of(vpc)}/internet-gateway"


def attachment_of(vpc: Any, graph: ResourceGraph) -> Iterable[Address]:  # noqa: ANN401  (a Ref or nothing)
    """Yield the attachment of a VPC's internet gateway, if the graph has it."""
    if isinstance(vpc, Ref):
        address = (RESOURCE.name, attachment_key(vpc))
        if address in graph:
            yield address


def read(reads: Reads) -> Iterable[Node]:
    """Yield the attachment of every internet gateway."""
    for item in reads.items(INTERNET_GATEWAYS):
        gateway = item["InternetGatewayId"]
        for attachment in item.get("Attachments") or ():
            if attachment.get("State") in GONE_STATES:
                continue
            properties = {
                "VpcId": Ref("AWS::EC2::VPC", attachment["VpcId"]),
                "InternetGatewayId": Ref("AWS::EC2::InternetGateway", gateway),
            }
            yield ec2_node(
                reads,
                RESOURCE.name,
                f"{attachment['VpcId']}|{gateway}",
                properties,
                {"State": attachment.get("State")},
            )


def foreign(node: Node) -> bool:
    """Tell whether it is a virtual private gateway's: whoever attached it may take it away."""
    return "VpnGatewayId" in node.properties


def _request(node: Node) -> dict[str, Any]:
    return {name: node.properties[name] for name in ("InternetGatewayId", "VpcId")}


def create(node: Node) -> tuple[Call, ...]:
    """Attach the gateway.

    `Resource.AlreadyAssociated` is not ignored: the gateway may hang at another VPC.
    """
    call = Call("ec2", "attach_internet_gateway", _request(node), idempotent_by=Idempotence.NATURAL)
    return (call,)


def delete(node: Node) -> tuple[Call, ...]:
    """Detach the gateway; AWS refuses while the VPC has mapped public addresses."""
    return (
        Call(
            "ec2",
            "detach_internet_gateway",
            _request(node),
            ignore=frozenset({"Gateway.NotAttached", "InvalidInternetGatewayID.NotFound"}),
        ),
    )


RESOURCE = ResourceType(
    name="AWS::EC2::VPCGatewayAttachment",
    listings=(INTERNET_GATEWAYS,),
    read=read,
    key=key,
    parent="VpcId",
    foreign=foreign,
    create=create,
    delete=delete,
    replace=frozenset({"VpcId", "InternetGatewayId"}),
    exposure=opens,
)
