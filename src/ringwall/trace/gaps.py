"""What could carry packets and is not modelled, by the VPCs that it concerns."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from ringwall.model.graph import Node, Ref, Unknown, references
from ringwall.resources.ownership import KEY_TAG, TIER_TAG
from ringwall.trace.balancers import balancer_of

if TYPE_CHECKING:
    from ringwall.trace.network import Network

VPC = "AWS::EC2::VPC"

# Types whose rules the tracer follows.
MODELLED = (
    frozenset(
        f"AWS::EC2::{name}"
        for name in [
            "VPC",
            "VPCCidrBlock",
            "Subnet",
            "InternetGateway",
            "VPCGatewayAttachment",
            "EIP",
            "NatGateway",
            "RouteTable",
            "EgressOnlyInternetGateway",
            "Route",
            "SubnetRouteTableAssociation",
            "NetworkAcl",
            "NetworkAclEntry",
            "SubnetNetworkAclAssociation",
            "SecurityGroup",
            "SecurityGroupIngress",
            "SecurityGroupEgress",
            "TransitGateway",
            "TransitGatewayAttachment",
            "TransitGatewayRouteTable",
            "TransitGatewayRoute",
            "TransitGatewayRouteTableAssociation",
            "TransitGatewayRouteTablePropagation",
            "VPCEndpoint",
            "PrefixList",
            "NetworkInterface",
            "VPCPeeringConnection",
            "VPCBlockPublicAccessOptions",
            "VPCBlockPublicAccessExclusion",
            "Instance",
            "GatewayRouteTableAssociation",
            "VPNGateway",
            "VPNGatewayRoutePropagation",
            "CustomerGateway",
            "VPNConnection",
        ]
    )
    | frozenset(
        f"Ringwall::EC2::{name}"
        for name in [
            "MainRouteTableAssociation",
            "DefaultSecurityGroup",
            "DefaultNetworkAcl",
            "TransitGatewayPrefixListReference",
        ]
    )
    | {
        "AWS::DirectConnect::DirectConnectGateway",
        "AWS::NetworkFirewall::Firewall",
        "AWS::NetworkFirewall::FirewallPolicy",
        "AWS::NetworkFirewall::RuleGroup",
        "AWS::EC2::VPCEndpointService",
        "AWS::ElasticLoadBalancing::LoadBalancer",
        "AWS::ElasticLoadBalancingV2::LoadBalancer",
        "AWS::ElasticLoadBalancingV2::TargetGroup",
        "AWS::ElasticLoadBalancingV2::Listener",
        "AWS::ElasticLoadBalancingV2::ListenerRule",
    }
)
# F18: a way beside route tables; who may call is for its groups and its policy.
LATTICE = "AWS::VpcLattice::ServiceNetworkVpcAssociation"
CLIENT_VPN = "AWS::EC2::ClientVpnEndpoint"
ENDPOINTS = frozenset({"Gateway", "Interface", "GatewayLoadBalancer"})
# Types that were not read: a packet that meets one of them is told so there, by its name. Load
# balancers are known by their interfaces.
SAID_ON_THE_WAY = (
    frozenset(
        f"AWS::EC2::{name}"
        for name in [
            "ClientVpnEndpoint",
            "CustomerGateway",
            "EgressOnlyInternetGateway",
            "EIP",
            "Instance",
            "NatGateway",
            "PrefixList",
            "TransitGateway",
            "TransitGatewayAttachment",
            "TransitGatewayRoute",
            "TransitGatewayRouteTable",
            "TransitGatewayRouteTableAssociation",
            "TransitGatewayRouteTablePropagation",
            "VPCBlockPublicAccessExclusion",
            "VPCBlockPublicAccessOptions",
            "VPCEndpointService",
            "VPCPeeringConnection",
            "VPNConnection",
            "VPNGateway",
        ]
    )
    | frozenset(name for name in MODELLED if "::ElasticLoadBalancing" in name)
    | frozenset(name for name in MODELLED if "::NetworkFirewall" in name)
    | {
        "AWS::DirectConnect::DirectConnectGateway",
        "Ringwall::EC2::TransitGatewayPrefixListReference",
        LATTICE,
    }
)
# A function stands in a network by its interfaces alone, which are read as such; one that is to
# stand there says so under VpcConfig.
FUNCTION = "AWS::Lambda::Function"
# Types that say nothing about which packets pass; DNS Firewall answers names, it drops no packets.
BESIDE_PACKETS = (
    "AWS::Logs::",
    "AWS::IAM::",
    "AWS::S3::",
    "AWS::Route53::",
    "AWS::SSM::",
    "AWS::Route53Resolver::",
    "AWS::WAFv2::",  # it judges requests, which are more than packets
    "Ringwall::Route53Resolver::",
    "AWS::CloudWatch::",
    "AWS::DynamoDB::",
    "AWS::Events::",
    "AWS::KMS::",
    "AWS::SNS::",
    "AWS::SQS::",
    "AWS::Lambda::Permission",
    "AWS::EC2::FlowLog",
    "AWS::EC2::DHCPOptions",
    "AWS::EC2::VPCDHCPOptionsAssociation",
    "AWS::EC2::KeyPair",
    "AWS::EC2::Volume",
)
# Interfaces that stand for elements with a model of their own.
OWN_MODEL = frozenset(
    {
        "nat_gateway",
        "natGateway",
        "transit_gateway",
        "vpc_endpoint",
        "gateway_load_balancer_endpoint",
    }
)
# Interfaces that send and receive for whoever bears them.
PLAIN_INTERFACES = frozenset({"interface", "efa", "lambda"})
BALANCER = "ELB "  # how the description of a load balancer's interface starts


def find(
    network: "Network",
) -> tuple[tuple[Unknown, ...], Mapping[str, tuple[Unknown, ...]]]:
    """Return what concerns every VPC, and what concerns each."""
    everywhere: list[Unknown] = []
    by_vpc: dict[str, list[Unknown]] = defaultdict(list)
    for node in network.graph:
        if node.type in MODELLED or node.type == LATTICE or is_beside_packets(node.type):
            continue
        if node.type == FUNCTION and "VpcConfig" not in node.properties:
            continue
        unknown = Unknown(str(node), f"{node.type} is not modelled")
        homes = {vpc for ref in references(node.properties) if (vpc := _home(network, ref))}
        for vpc in homes:
            by_vpc[vpc].append(unknown)
        if not homes:
            everywhere.append(unknown)
    rest = (*_of_interfaces(network), *_of_clients(network), *_of_tags(network), *_of_rest(network))
    for vpc, unknown in rest:
        by_vpc[vpc].append(unknown)
    return tuple(everywhere), {vpc: tuple(found) for vpc, found in by_vpc.items()}


def _of_interfaces(network: "Network") -> Iterator[tuple[str, Unknown]]:
    for node in network.graph.of_type("AWS::EC2::NetworkInterface"):
        reason = _interface_gap(network, node)
        subnet = network.subnets.get(network.values.key(node.properties.get("SubnetId")))
        if reason and subnet is not None:
            yield subnet.vpc, Unknown(str(node), reason)


def _of_clients(network: "Network") -> Iterator[tuple[str, Unknown]]:
    """Yield the VPCs in which clients of a Client VPN endpoint that was not read may come out.

    They bear the addresses of interfaces that AWS manages (Client VPN guide).
    """
    lost = network.lacks(CLIENT_VPN)
    for node in network.graph.of_type("AWS::EC2::NetworkInterface") if lost is not None else ():
        subnet = network.subnets.get(network.values.key(node.properties.get("SubnetId")))
        managed = node.observed.get("RequesterManaged")
        if managed and subnet is not None and node.observed.get("InterfaceType") not in OWN_MODEL:
            assert lost is not None
            yield subnet.vpc, lost


def _of_tags(network: "Network") -> Iterator[tuple[str, Unknown]]:
    for group in network.groups.values():
        # Without its tag a group of ours has placements that nobody knows.
        if group.node is not None and KEY_TAG in group.node.tags and not group.tier:
            yield group.vpc, Unknown(str(group.node), f"the tag {TIER_TAG} is missing")


def _of_rest(network: "Network") -> Iterator[tuple[str, Unknown]]:
    """Yield endpoints of kinds without a model, and subnets whose addresses are not known."""
    for node in network.graph.of_type("AWS::EC2::VPCEndpoint"):
        kind = str(node.properties.get("VpcEndpointType", "Gateway"))
        if kind not in ENDPOINTS:
            vpc = network.values.key(node.properties.get("VpcId"))
            yield vpc, Unknown(str(node), f"endpoints of type {kind!r} are not modelled")
    for subnet in network.subnets.values():
        block = network.values.block(subnet.node.properties.get("Ipv6CidrBlock"))
        if isinstance(block, Unknown):
            yield subnet.vpc, block


def _home(network: "Network", ref: Ref) -> str:
    key = network.values.key(ref)
    if ref.type == VPC:
        return key
    subnet = network.subnets.get(key) if ref.type == "AWS::EC2::Subnet" else None
    return subnet.vpc if subnet else ""


def _interface_gap(network: "Network", node: Node) -> str:
    """Return why an interface forbids proofs about its VPC, "" if it does not."""
    kind = str(node.observed.get("InterfaceType", "interface"))
    balancer = str(node.observed.get("Description", "")).startswith(BALANCER)
    if balancer_of(network, node) is not None:
        return ""
    if balancer or kind.endswith("load_balancer"):
        return "the connections that a load balancer makes on are not modelled"
    if kind in PLAIN_INTERFACES | OWN_MODEL:
        return ""
    return f"interfaces of type {kind!r} are not modelled"


def is_beside_packets(type_name: str) -> bool:
    """Tell whether a type says nothing about which packets pass."""
    return type_name.startswith(BESIDE_PACKETS)
