"""A network → what of it could carry packets and has no rules here, by VPC."""

from collections.abc import Iterator

from ringwall.model.graph import Node, references
from ringwall.resources.ownership import KEY_TAG, TIER_TAG
from ringwall.verify.balancers import NOT_FOLLOWED, TYPES, is_node
from ringwall.verify.network import OWN_MODEL, Network

_EC2 = """
VPC VPCCidrBlock Subnet InternetGateway VPCGatewayAttachment EIP NatGateway RouteTable
EgressOnlyInternetGateway Route SubnetRouteTableAssociation NetworkAcl NetworkAclEntry
SubnetNetworkAclAssociation SecurityGroup SecurityGroupIngress SecurityGroupEgress TransitGateway
TransitGatewayAttachment TransitGatewayRouteTable TransitGatewayRoute VPCEndpoint PrefixList
TransitGatewayRouteTableAssociation TransitGatewayRouteTablePropagation NetworkInterface Instance
VPCPeeringConnection VPCBlockPublicAccessOptions VPCBlockPublicAccessExclusion VPNGateway
GatewayRouteTableAssociation VPNGatewayRoutePropagation CustomerGateway VPNConnection
"""
_OURS = """
MainRouteTableAssociation DefaultSecurityGroup DefaultNetworkAcl TransitGatewayPrefixListReference
"""
FOLLOWED = frozenset(
    [f"AWS::EC2::{name}" for name in _EC2.split()]
    + [f"Ringwall::EC2::{name}" for name in _OURS.split()]
    + [f"AWS::NetworkFirewall::{name}" for name in ("Firewall", "FirewallPolicy", "RuleGroup")]
    + ["AWS::DirectConnect::DirectConnectGateway"]
)
# A function stands in a network by its interfaces alone, which are read as such; one that is to
# stand there says so under VpcConfig.
FUNCTION = "AWS::Lambda::Function"
# What says nothing about which packets pass; DNS Firewall answers names.
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
PLAIN_INTERFACES = frozenset({"interface", "efa", "lambda"})
ENDPOINTS = frozenset({"Gateway", "Interface", "GatewayLoadBalancer"})


class Gaps:
    """What forbids claims: `unread` every one, the others those about their VPCs."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self.unread = tuple(
            str(u)
            for u in network.graph.unknowns
            if not u.what.startswith((*BESIDE_PACKETS, FUNCTION))
        )
        self._everywhere: list[str] = []
        self._by_vpc: dict[str, list[str]] = {}
        for vpc, why in self._find():
            if vpc:
                self._by_vpc.setdefault(vpc, []).append(why)
            else:
                self._everywhere.append(why)

    def of(self, vpc: str) -> str:
        """Return the first gap that concerns a VPC, "" for none."""
        return next(iter((*self._everywhere, *self._by_vpc.get(vpc, ()))), "")

    def behind(self, name: str) -> str:
        """Return why packets that get to an endpoint or interface may go on, "" if they do not."""
        network, values = self._network, self._network.values
        endpoint = values.node("AWS::EC2::VPCEndpoint", name)
        if endpoint is not None:
            asked = values.key(endpoint.properties.get("ServiceName"))
            for node in values.ec2("VPCEndpointService"):
                if asked in {node.key, str(node.observed.get("ServiceName"))}:
                    return f"what lies behind {endpoint} is not followed"
        if any(name == each.key for each in network.balancers.all):
            return NOT_FOLLOWED
        interface = network.interfaces.get(name)
        return _of_interface(interface.node) if interface is not None else ""

    def _find(self) -> Iterator[tuple[str, str]]:
        network, values = self._network, self._network.values
        for name in values.types:
            if name in FOLLOWED or name.startswith((*BESIDE_PACKETS, *TYPES)):
                continue
            for node in filter(_is_placed, values.of_type(name)):
                vpcs = self._homes(node) or {""}
                yield from ((vpc, f"{node}: {name} is not modelled") for vpc in sorted(vpcs))
        for node in values.ec2("NetworkInterface"):
            subnet = network.subnets.get(values.key(node.properties.get("SubnetId")))
            if subnet is not None and not is_node(node) and (why := _of_interface(node)):
                yield subnet.vpc, f"{node}: {why}"
        for node in values.ec2("VPCEndpoint"):
            kind = str(node.properties.get("VpcEndpointType", "Gateway"))
            if kind not in ENDPOINTS:
                vpc = values.key(node.properties.get("VpcId"))
                yield vpc, f"{node}: endpoints of type {kind!r} are not modelled"
        for group in network.groups.values():
            if KEY_TAG in group.node.tags and not group.tier:
                # Without its tag a group of ours has placements that nobody knows.
                yield group.vpc, f"{group.node}: the tag {TIER_TAG} is missing"
        for subnet in network.subnets.values():
            doubt = values.block(subnet.node.properties.get("Ipv6CidrBlock"))[1]
            if doubt:
                yield subnet.vpc, doubt

    def _homes(self, node: Node) -> set[str]:
        found = set()
        for ref in references(node.properties):
            key = self._network.values.key(ref)
            subnet = self._network.subnets.get(key) if ref.type == "AWS::EC2::Subnet" else None
            if ref.type == "AWS::EC2::VPC":
                found.add(key)
            elif subnet is not None:
                found.add(subnet.vpc)
        return found - {""}


def _of_interface(node: Node) -> str:
    kind = str(node.observed.get("InterfaceType", "interface"))
    if is_node(node):
        return NOT_FOLLOWED
    if kind in PLAIN_INTERFACES | OWN_MODEL:
        return ""
    return f"interfaces of type {kind!r} are not modelled"


def _is_placed(node: Node) -> bool:
    """Tell whether a node may stand in a network: not a function without a `VpcConfig`."""
    return node.type != FUNCTION or "VpcConfig" in node.properties
