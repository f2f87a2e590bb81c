"""What may stand somewhere in a network: groups, interfaces, endpoints, nodes of balancers."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ringwall.model.graph import Node, Unknown
from ringwall.trace.addresses import Block, addresses_of, block
from ringwall.trace.balancers import Balancer, balancer_of, node_addresses
from ringwall.trace.elements import Group, Subnet
from ringwall.trace.gaps import OWN_MODEL
from ringwall.trace.network import Network


class Kind(StrEnum):
    """What stands at a placement."""

    GROUP = "group"  # anything that bears a group of a tier
    SUBNET = "subnet"  # anything that bears the default group
    INTERFACE = "interface"  # a live interface
    ENDPOINT = "endpoint"  # the interfaces of an interface endpoint
    BALANCER = "balancer"  # a node of a load balancer
    INTERNET = "internet"
    OUTSIDE = "outside"  # private addresses of no VPC of the network
    SERVICE = "service"  # an AWS service with public addresses


@dataclass(frozen=True, slots=True)
class Placement:
    """One end of a question; `blocks` are the addresses that it may have, of either family.

    `public`: its IPv4 address may be paired with a public one. `list_name`: the prefix list of a
    service. `balancer`, `service`: what a node of a load balancer, or an interface endpoint, stands
    for. `is_open`: it has no groups and takes everything. A public address that is `borne_by`
    something in the network is one of the internet, with the placement `behind` it.
    """

    name: str
    kind: Kind
    blocks: tuple[Block, ...]
    vpc: str = ""
    subnet: Subnet | None = None
    zone: str = ""
    groups: tuple[str, ...] = ()
    public: bool = False
    interface: str = ""
    list_name: str = ""
    balancer: str = ""
    service: str = ""
    is_open: bool = False
    borne_by: str = ""
    behind: "Placement | None" = None

    @property
    def is_inside(self) -> bool:
        """Tell whether it is in a subnet of the network."""
        return self.subnet is not None

    def __str__(self) -> str:
        where = f" in {self.zone}" if self.zone else ""
        what = f" ({self.interface})" if self.interface else ""
        return f"{self.name}{where}{what}"


def nodes_of(network: Network, balancer: Balancer) -> Iterator[Placement]:
    """Yield a load balancer's nodes, one in each of its subnets."""
    if balancer.kind == "gateway":
        return  # its traffic comes by endpoints alone
    for key in balancer.subnets:
        subnet = network.subnets.get(key)
        if subnet is not None:
            yield Placement(
                name=balancer.key,
                kind=Kind.BALANCER,
                blocks=node_addresses(network, balancer, subnet),
                vpc=subnet.vpc,
                subnet=subnet,
                zone=subnet.zone_name,
                groups=balancer.groups or (),
                public=balancer.is_public,
                balancer=balancer.key,
                is_open=balancer.groups is None,
            )


def of_tier(network: Network, group: Group) -> Iterator[Placement]:
    """Yield what may bear a group in each subnet of its tier, whatever runs there."""
    for subnet in network.subnets.values():
        if group.tier and subnet.vpc == group.vpc and subnet.tier == group.tier:
            yield hypothetical(subnet, Kind.GROUP, group.key)


def hypothetical(subnet: Subnet, kind: Kind, group: str) -> Placement:
    """Return the placement of whatever may be started in a subnet with a group."""
    return Placement(
        name=group if kind is Kind.GROUP else subnet.key,
        kind=kind,
        blocks=subnet.blocks,
        vpc=subnet.vpc,
        subnet=subnet,
        zone=subnet.zone_name,
        groups=(group,),
        public=may_be_public(subnet),
    )


def may_be_public(subnet: Subnet) -> bool:
    """Tell whether what is started in a subnet may have a public address.

    It gets one by the subnet's own switch; a load balancer, or whoever brings an Elastic IP, has
    one wherever the subnet's table leads to an internet gateway (VPC guide, public subnets).
    """
    if subnet.gives_public_addresses or isinstance(subnet.table, Unknown):
        return True
    return any(
        not isinstance(route.target, Unknown) and route.target.kind == "internet-gateway"
        for route in subnet.table.routes
    )


def endpoints(network: Network, vpc: str) -> Iterator[Placement]:
    """Yield the interfaces of a VPC's interface endpoints."""
    for node in network.graph.of_type("AWS::EC2::VPCEndpoint"):
        if network.values.key(node.properties.get("VpcId")) == vpc:
            yield from of_endpoint(network, node)


def of_endpoint(network: Network, node: Node) -> Iterator[Placement]:
    """Yield the interfaces of an interface endpoint."""
    if node.properties.get("VpcEndpointType") != "Interface":
        return
    groups = tuple(group_keys(network, node.properties.get("SecurityGroupIds")))
    # "ipv4", the default, gives the interfaces IPv4 addresses alone (EC2 API, IpAddressType).
    asked = node.properties.get("IpAddressType") or node.observed.get("IpAddressType") or "ipv4"
    versions = {"ipv4": (4,), "ipv6": (6,)}.get(str(asked), (4, 6))
    for key in network.values.keys(node.properties.get("SubnetIds")):
        subnet = network.subnets.get(key)
        if subnet is not None:
            yield Placement(
                name=node.key,
                kind=Kind.ENDPOINT,
                blocks=tuple(b for b in subnet.blocks if b.version in versions),
                vpc=subnet.vpc,
                subnet=subnet,
                zone=subnet.zone_name,
                groups=groups,
                service=service_of(network, node),
            )


def service_of(network: Network, endpoint: Node) -> str:
    """Return the key of the endpoint service that an endpoint leads to, "" for any other."""
    name = endpoint.properties.get("ServiceName")
    for node in network.graph.of_type("AWS::EC2::VPCEndpointService"):
        if name and name in {node.observed.get("ServiceName"), node.key}:
            return node.key
    return ""


def group_keys(network: Network, value: Any) -> Iterator[str]:  # noqa: ANN401  (a list of Refs)
    """Yield the keys of groups; a reference to a default group is the group's own key."""
    stand_ins = {
        group.node.physical_id or group.node.key: key
        for key, group in network.groups.items()
        if group.is_default and group.node is not None
    } | {
        group.node.key: key
        for key, group in network.groups.items()
        if group.is_default and group.node is not None and group.node.physical_id
    }
    for item, key in zip(value or (), network.values.keys(value), strict=True):
        is_default = getattr(item, "type", "") == "Ringwall::EC2::DefaultSecurityGroup"
        yield stand_ins.get(key, key) if is_default or key not in network.groups else key


def interfaces(network: Network) -> tuple[Placement, ...]:
    """Return the live interfaces that no other placement stands for already."""
    found = network.memo.get("interfaces")
    if found is None:
        found = network.memo["interfaces"] = tuple(_interfaces(network))
    return found


def _interfaces(network: Network) -> Iterator[Placement]:
    for node in network.graph.of_type("AWS::EC2::NetworkInterface"):
        if node.observed.get("InterfaceType") in OWN_MODEL:
            continue
        found = of_interface(network, node)
        if found is None or found.subnet is None or balancer_of(network, node) is not None:
            continue
        group = network.groups.get(found.groups[0]) if len(found.groups) == 1 else None
        stands = group is not None and group.tier != "" and group.tier == found.subnet.tier
        if stands and found.public == may_be_public(found.subnet):
            continue  # the group's placement in this subnet has the same groups and more addresses
        yield found


def of_interface(network: Network, node: Node) -> Placement | None:
    """Return where a live interface stands; None if its subnet is not in the input."""
    observed = node.observed
    subnet = network.subnets.get(network.values.key(node.properties.get("SubnetId")))
    if subnet is None:
        return None
    public = observed.get("PublicIp") is not None or any(
        isinstance(item, Mapping) and item.get("Association")
        for item in observed.get("PrivateIpAddresses", ())
    )
    # Where DescribeNetworkInterfaces says which addresses an interface has.
    blocks = tuple(block(text) for text in addresses_of(observed))
    return Placement(
        name=node.key,
        kind=Kind.INTERFACE,
        blocks=blocks or subnet.blocks,
        vpc=subnet.vpc,
        subnet=subnet,
        zone=subnet.zone_name,
        groups=tuple(sorted(group_keys(network, node.properties.get("GroupSet")))),
        public=public,
        interface=node.physical_id or node.key,
    )
