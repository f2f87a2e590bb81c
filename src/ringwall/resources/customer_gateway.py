"""AWS::EC2::CustomerGateway: read only; the far end of a VPN connection."""

from collections.abc import Iterable
from typing import Any

from ringwall.model.graph import Node
from ringwall.resources.ec2 import ec2_node
from ringwall.resources.enums import ENUMS
from ringwall.resources.kind import Listing, Reads, ResourceType
from ringwall.resources.premises import may_have_vpn

CUSTOMER_GATEWAYS = Listing("ec2", "describe_customer_gateways", "CustomerGateways")
GONE_STATES = ENUMS["VpnState"].gone  # CustomerGateway.State has the same values, as text


def read(reads: Reads) -> Iterable[Node]:
    """Yield every customer gateway that is not deleted."""
    for item in reads.items(CUSTOMER_GATEWAYS):
        if item.get("State") in GONE_STATES:
            continue
        properties: dict[str, Any] = {"Type": item.get("Type") or "ipsec.1"}
        if item.get("IpAddress"):
            properties["IpAddress"] = item["IpAddress"]
        number = str(item.get("BgpAsn") or item.get("BgpAsnExtended") or "")
        if number.isdecimal():  # the API answers text, CloudFormation takes a number
            properties["BgpAsn"] = int(number)
        yield ec2_node(
            reads,
            RESOURCE.name,
            item["CustomerGatewayId"],
            properties,
            {"State": item.get("State")},
            item.get("Tags"),
        )


RESOURCE = ResourceType(
    name="AWS::EC2::CustomerGateway",
    listings=(CUSTOMER_GATEWAYS,),
    survey=True,
    possible=may_have_vpn,
    read=read,
)
