"""A network → what of it is not modelled or was not read, and which answers that forbids."""

from collections import defaultdict
from collections.abc import Iterator

from ringwall.model.graph import Node, Ref, Unknown, references
from ringwall.reach.network import Network
from ringwall.resources.ownership import KEY_TAG, TIER_TAG

# Types whose rules the engine follows.
_EC2 = """
VPC VPCCidrBlock Subnet InternetGateway VPCGatewayAttachment EIP NatGateway RouteTable
EgressOnlyInternetGateway Route SubnetRouteTableAssociation NetworkAcl NetworkAclEntry
SubnetNetworkAclAssociation SecurityGroup SecurityGroupIngress SecurityGroupEgress
TransitGateway TransitGatewayAttachment TransitGatewayRouteTable TransitGatewayRoute
TransitGatewayRouteTableAssociation TransitGatewayRouteTablePropagation VPCEndpoint
PrefixList NetworkInterface VPCPeeringConnection VPCBlockPublicAccessOptions
VPCBlockPublicAccessExclusion Instance GatewayRouteTableAssociation VPNGateway
VPNGatewayRoutePropagation CustomerGateway VPNConnection
"""
_OURS = """
MainRouteTableAssociation DefaultSecurityGroup DefaultNetworkAcl
TransitGatewayPrefixListReference
"""
MODELLED = frozenset(
    [f"AWS::EC2::{name}" for name in _EC2.split()]
    + [f"Ringwall::EC2::{name}" for name in _OURS.split()]
    + ["AWS::DirectConnect::DirectConnectGateway"]
    + [f"AWS::NetworkFirewall::{name}" for name in ("Firewall", "FirewallPolicy", "RuleGroup")]
)
# Types that say nothing about which packets pass: DNS Firewall answers names.
BESIDE_PACKETS = (
    "AWS::Logs::",
    "AWS::IAM::",
    "AWS::S3::",
    "AWS::Route53::",
    "AWS::SSM::",
    "AWS::Route53Resolver::",
    "Ringwall::Route53Resolver::",
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


class Gaps:
    """What could carry packets and is not modelled: everywhere, or in one VPC."""

    def __init__(self, network: Network) -> None:
        self._network = network
        unread = network.graph.unknowns
        # What was not read and says which packets pass forbids every answer.
        self.unread = tuple(u for u in unread if not u.what.startswith(BESIDE_PACKETS))
        self._everywhere: list[Unknown] = []
        self._by_vpc: dict[str, list[Unknown]] = defaultdict(list)
        self._types()
        self._interfaces()
        for group in network.groups.values():
            # Without its tag a group of ours has placements that nobody knows.
            if group.node is not None and KEY_TAG in group.node.tags and not group.tier:
                lost = Unknown(str(group.node), f"the tag {TIER_TAG} is missing")
                self._by_vpc[group.vpc].append(lost)
        for subnet in network.subnets.values():
            block = network.values.block(subnet.node.properties.get("Ipv6CidrBlock"))
            if isinstance(block, Unknown):
                self._by_vpc[subnet.vpc].append(block)

    def of(self, *vpcs: str) -> tuple[Unknown, ...]:
        """Return what could carry packets into or out of these VPCs and is not modelled."""
        here = (u for vpc in dict.fromkeys(vpcs) for u in self._by_vpc.get(vpc, ()))
        return (*self._everywhere, *here)

    @property
    def vpcs(self) -> frozenset[str]:
        """Return the VPCs that have gaps of their own."""
        return frozenset(self._by_vpc)

    def _types(self) -> None:
        for node in self._not_modelled():
            unknown = Unknown(str(node), f"{node.type} is not modelled")
            homes = {vpc for ref in references(node.properties) if (vpc := self._home(ref))}
            for vpc in sorted(homes):
                self._by_vpc[vpc].append(unknown)
            if not homes:
                self._everywhere.append(unknown)

    def _not_modelled(self) -> Iterator[Node]:
        values = self._network.values
        for name in values.types:
            if name not in MODELLED and not name.startswith(BESIDE_PACKETS):
                yield from values.of_type(name)

    def _home(self, ref: Ref) -> str:
        key = self._network.values.key(ref)
        if ref.type == "AWS::EC2::VPC":
            return key
        subnet = self._network.subnets.get(key) if ref.type == "AWS::EC2::Subnet" else None
        return subnet.vpc if subnet else ""

    def _interfaces(self) -> None:
        network = self._network
        for node in network.values.ec2("NetworkInterface"):
            reason = interface_gap(node)
            if reason:
                subnet = network.subnets.get(network.values.key(node.properties.get("SubnetId")))
                if subnet is not None:
                    self._by_vpc[subnet.vpc].append(Unknown(str(node), reason))


def interface_gap(node: Node) -> str:
    """Return why an interface forbids proofs about its VPC, "" if it does not."""
    kind = str(node.observed.get("InterfaceType", "interface"))
    balancer = str(node.observed.get("Description", "")).startswith(BALANCER)
    if balancer or kind.endswith("load_balancer"):
        return "the connections that a load balancer makes on are not modelled"
    if kind in PLAIN_INTERFACES | OWN_MODEL:
        return ""
    return f"interfaces of type {kind!r} are not modelled"
