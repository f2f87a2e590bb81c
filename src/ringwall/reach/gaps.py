"""A network → what of it is not modelled or was not read, and which answers that forbids.

Rules:
- What stands on a way (a gateway, a line, an instance, a firewall's endpoint) and was not read is
  UNKNOWN where a packet meets it, and nowhere else.
- What may carry packets beside the ways (a load balancer, VPC Lattice) forbids every DENY between
  the ends that it can touch.
- Anything else that was not read forbids every answer.
"""

from collections import defaultdict
from collections.abc import Iterator

from ringwall.model.graph import Node, Ref, Unknown, references
from ringwall.reach.network import LINE_TYPES, TRANSIT_TYPES, Network
from ringwall.resources.balancing import DESCRIPTION as BALANCER
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
)
LATTICE = "AWS::VpcLattice::ServiceNetworkVpcAssociation"
CLIENT_VPN = "AWS::EC2::ClientVpnEndpoint"
BALANCERS = (
    "AWS::ElasticLoadBalancing::LoadBalancer",
    "AWS::ElasticLoadBalancingV2::LoadBalancer",
)
SERVICE = "AWS::EC2::VPCEndpointService"
UNMADE = frozenset({"CREATE_FAILED"})
ENDPOINT_KINDS = frozenset({"Gateway", "Interface", "GatewayLoadBalancer"})
# Types that carry nothing by themselves. Packets meet a firewall at its endpoint, to which a route
# leads, a load balancer at its nodes, an endpoint service at an endpoint.
BEHIND = frozenset(
    {
        "AWS::NetworkFirewall::Firewall",
        "AWS::NetworkFirewall::FirewallPolicy",
        "AWS::NetworkFirewall::RuleGroup",
        "AWS::ElasticLoadBalancingV2::TargetGroup",
        "AWS::ElasticLoadBalancingV2::Listener",
        "AWS::ElasticLoadBalancingV2::ListenerRule",
        SERVICE,
        *BALANCERS,
    }
)
# Types of which the walk says by name where it misses them: `Network.lost`, or what it does not
# find. The interfaces of load balancers are those of the network.
_MET = """
VPNGateway CustomerGateway VPCPeeringConnection NatGateway EgressOnlyInternetGateway Instance
PrefixList VPCBlockPublicAccessOptions VPCBlockPublicAccessExclusion EIP
"""
ON_THE_WAY = BEHIND.union(
    (LATTICE, CLIENT_VPN),
    (f"AWS::EC2::{name}" for name in _MET.split()),
    TRANSIT_TYPES,
    LINE_TYPES,
)
# Types that say nothing about which packets pass: DNS Firewall answers names.
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
# A function stands in a network by its interfaces alone, which are read as such; one that is to
# stand there says so under VpcConfig.
FUNCTION = "AWS::Lambda::Function"
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


class Gaps:
    """What could carry packets and is not modelled: everywhere, or in one VPC."""

    def __init__(self, network: Network) -> None:
        self._network = network
        unknowns = [
            u for u in network.graph.unknowns if not u.what.startswith((*BESIDE_PACKETS, FUNCTION))
        ]
        self.unread = tuple(u for u in unknowns if u.what not in ON_THE_WAY)
        self._everywhere: list[Unknown] = []
        self._by_vpc: dict[str, list[Unknown]] = defaultdict(list)
        # Whose clients may use VPC Lattice: those of associated VPCs; "" stands for any VPC.
        self._lattice: dict[str, list[Unknown]] = defaultdict(list)
        for unknown in unknowns:
            if unknown.what == LATTICE:
                self._lattice[""].append(unknown)
            elif unknown.what == CLIENT_VPN:
                for vpc in self._managed_interfaces():
                    self._by_vpc[vpc].append(unknown)
        self._types()
        self._interfaces()
        self._endpoints()
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

    def lattice(self, vpc: str) -> tuple[Unknown, ...]:
        """Return by what VPC Lattice may be open to clients in a VPC; "" is outside of all."""
        if not vpc:
            return ()
        return (*self._lattice.get("", ()), *self._lattice.get(vpc, ()))

    @property
    def beside(self) -> bool:
        """Tell whether anything at all may carry packets beside the ways that are walked."""
        return bool(self._everywhere or any(self._by_vpc.values()) or self.has_lattice)

    @property
    def has_lattice(self) -> bool:
        """Tell whether VPC Lattice may be open to any client."""
        return any(self._lattice.values())

    @property
    def vpcs(self) -> frozenset[str]:
        """Return the VPCs that have gaps of their own."""
        return frozenset(self._by_vpc)

    def _types(self) -> None:
        for node in self._not_modelled():
            unknown = Unknown(str(node), f"{node.type} is not modelled")
            homes = self._homes(node)
            found = self._lattice if node.type == LATTICE else self._by_vpc
            for vpc in sorted(homes):
                found[vpc].append(unknown)
            if not homes:
                self._everywhere.append(unknown)

    def _not_modelled(self) -> Iterator[Node]:
        values = self._network.values
        for name in values.types:
            if name in MODELLED | BEHIND or name.startswith(BESIDE_PACKETS):
                continue
            for node in values.of_type(name):
                if name == FUNCTION and "VpcConfig" not in node.properties:
                    continue
                if name != LATTICE or node.observed.get("Status") not in UNMADE:
                    yield node

    def _homes(self, node: Node) -> set[str]:
        """Return the VPCs that a node names."""
        return {vpc for ref in references(node.properties) if (vpc := self._home(ref))}

    def _home(self, ref: Ref) -> str:
        key = self._network.values.key(ref)
        if ref.type == "AWS::EC2::VPC":
            return key
        subnet = self._network.subnets.get(key) if ref.type == "AWS::EC2::Subnet" else None
        return subnet.vpc if subnet else ""

    def _interfaces(self) -> None:
        for node, vpc in self._placed():
            reason = interface_gap(self._network, node)
            if reason:
                self._by_vpc[vpc].append(Unknown(str(node), reason))

    def _placed(self) -> Iterator[tuple[Node, str]]:
        network = self._network
        for node in network.values.ec2("NetworkInterface"):
            subnet = network.subnets.get(network.values.key(node.properties.get("SubnetId")))
            if subnet is not None:
                yield node, subnet.vpc

    def _managed_interfaces(self) -> set[str]:
        """Return the VPCs with interfaces that AWS made for something that is not named here.

        Clients of a Client VPN endpoint bear the addresses of such (Client VPN guide).
        """
        return {
            vpc
            for node, vpc in self._placed()
            if node.observed.get("RequesterManaged")
            and node.observed.get("InterfaceType") not in OWN_MODEL
        }

    def _endpoints(self) -> None:
        for node in self._network.values.ec2("VPCEndpoint"):
            kind = str(node.properties.get("VpcEndpointType", "Gateway"))
            if kind not in ENDPOINT_KINDS:
                vpc = self._network.values.key(node.properties.get("VpcId"))
                why = f"endpoints of type {kind!r} are not modelled"
                self._by_vpc[vpc].append(Unknown(str(node), why))


def interface_gap(network: Network, node: Node) -> str:
    """Return why an interface forbids proofs about its VPC, "" if it does not."""
    if node.key in network.services.owners:
        return ""  # a node of a balancer that is in the input
    kind = str(node.observed.get("InterfaceType", "interface"))
    balancer = str(node.observed.get("Description", "")).startswith(BALANCER)
    if balancer or kind.endswith("load_balancer"):
        return "the connections that a load balancer makes on are not modelled"
    if kind in PLAIN_INTERFACES | OWN_MODEL:
        return ""
    return f"interfaces of type {kind!r} are not modelled"
