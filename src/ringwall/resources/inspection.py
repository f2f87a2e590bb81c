"""What the types of Network Firewall share: the trace that a firewall leaves in its VPC."""

from ringwall.resources.kind import Detail, Item, Listing, Reads
from ringwall.resources.network_interface import NETWORK_INTERFACES
from ringwall.resources.route_table import ROUTE_TABLES
from ringwall.resources.vpc_endpoint import ENDPOINTS

SERVICE = "network-firewall"
ENDPOINT_TYPE = "gateway_load_balancer_endpoint"


def arn_of(item: Item) -> str:
    """Return the ARN of a listed firewall, policy or rule group."""
    return str(item.get("FirewallArn") or item["Arn"])


def detail(operation: str, of: Listing, member: str, items: str) -> Detail:
    """Return the call that describes a listed firewall, policy or rule group by its ARN."""
    return Detail(
        SERVICE,
        operation,
        of=of.name,
        item_id=arn_of,
        request=lambda item: {member: arn_of(item)},
        items=items,
    )


def may_have_firewall(reads: Reads) -> bool:
    """Tell whether a firewall may be there: packets reach it by its endpoints alone.

    "For each Availability Zone, Network Firewall creates a firewall endpoint" of the kind of a
    Gateway Load Balancer's (Network Firewall guide, how it works).
    """
    if not reads.was_read(ENDPOINTS, ROUTE_TABLES, NETWORK_INTERFACES):
        return True
    endpoints = (item.get("VpcEndpointType") for item in reads.items(ENDPOINTS))
    interfaces = (item.get("InterfaceType") for item in reads.items(NETWORK_INTERFACES))
    targets = (
        str(route.get("GatewayId") or "")
        for table in reads.items(ROUTE_TABLES)
        for route in table.get("Routes") or ()
        if not route.get("DestinationPrefixListId")
    )
    return (
        "GatewayLoadBalancer" in endpoints
        or ENDPOINT_TYPE in interfaces
        or any(target.startswith("vpce-") for target in targets)
    )
