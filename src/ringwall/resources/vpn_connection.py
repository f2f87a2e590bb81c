"""AWS::EC2::VPNConnection: read only, without its keys.

Pre-shared keys and the configuration of the customer's device, which holds them, are never kept.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ringwall.model.graph import Node
from ringwall.resources.ec2 import ec2_node
from ringwall.resources.enums import ENUMS
from ringwall.resources.identifiers import reference
from ringwall.resources.kind import Item, Listing, Reads, ResourceType
from ringwall.resources.premises import may_have_vpn

VPN_CONNECTIONS = Listing("ec2", "describe_vpn_connections", "VpnConnections")
GONE_STATES = ENUMS["VpnState"].gone
ENDS = ("VpnGatewayId", "TransitGatewayId", "CustomerGatewayId")
ROUTE = ("DestinationCidrBlock", "State")
TUNNEL = ("OutsideIpAddress", "Status")


def read(reads: Reads) -> Iterable[Node]:
    """Yield every connection that is not deleted."""
    for item in reads.items(VPN_CONNECTIONS):
        if item.get("State") in GONE_STATES:
            continue
        options = item.get("Options") or {}
        properties: dict[str, Any] = {
            "Type": item.get("Type") or "ipsec.1",
            "StaticRoutesOnly": bool(options.get("StaticRoutesOnly", False)),
        }
        properties |= {name: reference(item[name]) for name in ENDS if item.get(name)}
        observed = {
            "State": item.get("State"),
            "Routes": list(_parts(item.get("Routes"), ROUTE)),
            "VgwTelemetry": list(_parts(item.get("VgwTelemetry"), TUNNEL)),
        }
        yield ec2_node(
            reads, RESOURCE.name, item["VpnConnectionId"], properties, observed, item.get("Tags")
        )


def _parts(items: Iterable[Item] | None, names: tuple[str, ...]) -> Iterator[Mapping[str, Any]]:
    for item in items or ():
        part = {name: item[name] for name in names if item.get(name) is not None}
        if names is not ROUTE or part.get("State") not in GONE_STATES:
            yield part


RESOURCE = ResourceType(
    name="AWS::EC2::VPNConnection",
    listings=(VPN_CONNECTIONS,),
    survey=True,
    possible=may_have_vpn,
    read=read,
)
