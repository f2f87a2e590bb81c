"""Physical ids → references: an id's prefix says what kind of resource it names."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from ringwall.model.graph import Ref

# EC2 User Guide, resource IDs: "a resource identifier, a hyphen, and a unique combination".
TYPES: Mapping[str, str] = MappingProxyType(
    {
        "acl": "AWS::EC2::NetworkAcl",
        "cagw": "AWS::EC2::CarrierGateway",
        "cgw": "AWS::EC2::CustomerGateway",
        "eigw": "AWS::EC2::EgressOnlyInternetGateway",
        "eipalloc": "AWS::EC2::EIP",
        "eni": "AWS::EC2::NetworkInterface",
        "i": "AWS::EC2::Instance",
        "igw": "AWS::EC2::InternetGateway",
        "nat": "AWS::EC2::NatGateway",
        "pcx": "AWS::EC2::VPCPeeringConnection",
        "pl": "AWS::EC2::PrefixList",
        "rtb": "AWS::EC2::RouteTable",
        "sg": "AWS::EC2::SecurityGroup",
        "subnet": "AWS::EC2::Subnet",
        "tgw": "AWS::EC2::TransitGateway",
        "tgw-attach": "AWS::EC2::TransitGatewayAttachment",
        "tgw-rtb": "AWS::EC2::TransitGatewayRouteTable",
        "vgw": "AWS::EC2::VPNGateway",
        "vpc": "AWS::EC2::VPC",
        "vpce": "AWS::EC2::VPCEndpoint",
        "vpce-svc": "AWS::EC2::VPCEndpointService",
        "vpn": "AWS::EC2::VPNConnection",
    }
)


def reference(physical_id: str) -> Ref | str:
    """Return the reference that an id stands for; `local` and ids of other kinds stay text."""
    prefix, separator, _ = physical_id.rpartition("-")
    type_name = TYPES.get(prefix) if separator else None
    return Ref(type_name, physical_id) if type_name else physical_id


def key_of(value: Any) -> str:  # noqa: ANN401  (a Ref or its text)
    """Return the key that a reference names, or the text itself."""
    return value.key if isinstance(value, Ref) else str(value)
