"""Interface endpoints → their ends, one in each of their subnets."""

from collections.abc import Iterator

from ringwall.model.graph import Node
from ringwall.reach.blocks import FAMILIES
from ringwall.reach.end import End
from ringwall.reach.network import Network
from ringwall.reach.ways import Kind

_FAMILIES = {"ipv4": (4,), "ipv6": (6,)}  # what an endpoint's IpAddressType gives


def of_endpoint(network: Network, node: Node, name: str) -> Iterator[End]:
    """Yield the interfaces of an interface endpoint, under a name."""
    if node.properties.get("VpcEndpointType") != "Interface":
        return
    groups = tuple(network.members(node.properties.get("SecurityGroupIds")))
    # Without an IpAddressType its interfaces have IPv4 addresses (EC2 API, CreateVpcEndpoint).
    kind = node.properties.get("IpAddressType") or node.observed.get("IpAddressType")
    service = network.services.by_name.get(str(node.properties.get("ServiceName") or ""))
    leads = service.key if service is not None else ""
    families = _FAMILIES.get(str(kind or "ipv4"), FAMILIES)
    for key in network.values.keys(node.properties.get("SubnetIds")):
        subnet = network.subnets.get(key)
        if subnet is not None:
            blocks = tuple(b for b in subnet.blocks if b.version in families)
            yield End(name, Kind.ENDPOINT, blocks, subnet, groups, service=leads)
