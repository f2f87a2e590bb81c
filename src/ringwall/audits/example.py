"""Networks in a few words, for the examples of checks: text → ResourceGraph.

A line is one resource:
  vpc V CIDR                     subnet V/TIER/ZONE CIDR [acl=A] [public]
  igw V                          route V/TIER CIDR TARGET        (TARGET: igw, KIND:KEY, blackhole)
  acl V/A                        entry V/A in|out NUMBER allow|deny PORTS CIDR
  group V/G TIER|-               rule V/G in|out PORTS CIDR|V/G
  eni ID V/TIER/ZONE ADDRESS V/G[,V/G] [public]
  peering P V W                  tgw V=SEGMENT [V=SEGMENT …]     (one route table a segment)
PORTS: tcp/443, udp/53-54, icmp/8, all.
"""

from collections.abc import Callable, Mapping
from typing import Any

from ringwall.model.graph import Node, Ref, ResourceGraph
from ringwall.resources.ownership import TIER_TAG

ACCOUNT, REGION = "111122223333", "us-east-1"
NUMBERS = {"all": -1, "tcp": 6, "udp": 17, "icmp": 1, "icmpv6": 58}


def example(text: str) -> ResourceGraph:
    """Build the network that the lines describe; raises KeyError for an unknown word."""
    draft = _Draft()
    for line in text.strip().splitlines():
        word, *rest = line.split()
        _WORDS[word](draft, *rest)
    return ResourceGraph.of(draft.nodes.values())


def _ref(kind: str, key: str) -> Ref:
    return Ref(kind if "::" in kind else f"AWS::EC2::{kind}", key)


class _Draft:
    """Collects nodes."""

    def __init__(self) -> None:
        self.nodes: dict[tuple[str, str], Node] = {}

    def add(
        self,
        kind: str,
        key: str,
        properties: Mapping[str, Any],
        observed: Mapping[str, Any] | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> None:
        name = kind if "::" in kind else f"AWS::EC2::{kind}"
        node = Node(
            name, key, ACCOUNT, REGION, properties, observed=observed or {}, tags=tags or {}
        )
        self.nodes[name, key] = node


def _vpc(draft: _Draft, key: str, cidr: str) -> None:
    draft.add("VPC", key, {"CidrBlock": cidr})
    properties = {"VpcId": _ref("VPC", key), "Ingress": [], "Egress": []}
    draft.add("Ringwall::EC2::DefaultSecurityGroup", key, properties)


def _subnet(draft: _Draft, key: str, cidr: str, *options: str) -> None:
    vpc, tier, zone = key.split("/")
    properties = {
        "VpcId": _ref("VPC", vpc),
        "CidrBlock": cidr,
        "AvailabilityZone": zone,
        "MapPublicIpOnLaunch": "public" in options,
    }
    draft.add("Subnet", key, properties)
    table = f"{vpc}/{tier}"
    draft.add("RouteTable", table, {"VpcId": _ref("VPC", vpc)})
    link = {"SubnetId": _ref("Subnet", key), "RouteTableId": _ref("RouteTable", table)}
    draft.add("SubnetRouteTableAssociation", key, link)
    for option in options:
        name, _, value = option.partition("=")
        if name == "acl":
            link = {"SubnetId": _ref("Subnet", key), "NetworkAclId": _ref("NetworkAcl", value)}
            draft.add("SubnetNetworkAclAssociation", key, link)


def _igw(draft: _Draft, vpc: str) -> None:
    draft.add("InternetGateway", vpc, {})
    link = {"VpcId": _ref("VPC", vpc), "InternetGatewayId": _ref("InternetGateway", vpc)}
    draft.add("VPCGatewayAttachment", vpc, link)


_TARGETS = {
    "peering": ("VpcPeeringConnectionId", "VPCPeeringConnection"),
    "tgw": ("TransitGatewayId", "TransitGateway"),
    "nat": ("NatGatewayId", "NatGateway"),
}


def _route(draft: _Draft, table: str, cidr: str, target: str) -> None:
    properties: dict[str, Any] = {
        "RouteTableId": _ref("RouteTable", table),
        "DestinationCidrBlock": cidr,
    }
    observed = {}
    kind, _, key = target.partition(":")
    if kind == "igw":
        properties["GatewayId"] = _ref("InternetGateway", table.split("/", maxsplit=1)[0])
    elif kind == "blackhole":
        properties["NatGatewayId"] = _ref("NatGateway", "gone")
        observed = {"State": "blackhole"}
    else:
        name, type_name = _TARGETS[kind]
        properties[name] = _ref(type_name, key)
    draft.add("Route", f"{table}:{cidr}", properties, observed)


def _acl(draft: _Draft, key: str) -> None:
    draft.add("NetworkAcl", key, {"VpcId": _ref("VPC", key.split("/", maxsplit=1)[0])})


def _span(ports: str) -> tuple[str, int, int]:
    protocol, _, text = ports.partition("/")
    low, _, high = text.partition("-")
    return protocol, int(low or -1), int(high or low or -1)


def _entry(
    draft: _Draft, acl: str, way: str, number: str, action: str, ports: str, cidr: str
) -> None:
    protocol, low, high = _span(ports)
    properties: dict[str, Any] = {
        "NetworkAclId": _ref("NetworkAcl", acl),
        "Egress": way == "out",
        "RuleNumber": int(number),
        "RuleAction": action,
        "Protocol": NUMBERS[protocol],
        "CidrBlock": cidr,
    }
    if protocol in {"tcp", "udp"} and low >= 0:
        properties["PortRange"] = {"From": low, "To": high}
    elif protocol == "icmp":
        properties["Icmp"] = {"Type": low, "Code": -1}
    draft.add("NetworkAclEntry", f"{acl}:{way}:{number}", properties)


def _group(draft: _Draft, key: str, tier: str) -> None:
    tags = {} if tier == "-" else {TIER_TAG: tier}
    draft.add(
        "SecurityGroup", key, {"VpcId": _ref("VPC", key.split("/", maxsplit=1)[0])}, tags=tags
    )


def _rule(draft: _Draft, group: str, way: str, ports: str, peer: str) -> None:
    protocol, low, high = _span(ports)
    properties: dict[str, Any] = {
        "GroupId": _ref("SecurityGroup", group),
        "IpProtocol": "-1" if protocol == "all" else protocol,
    }
    if low >= 0:
        properties |= {"FromPort": low, "ToPort": -1 if protocol == "icmp" else high}
    if peer[0].isdigit():
        properties["CidrIp"] = peer
    else:
        side = "Destination" if way == "out" else "Source"
        properties[f"{side}SecurityGroupId"] = _ref("SecurityGroup", peer)
    kind = "SecurityGroupEgress" if way == "out" else "SecurityGroupIngress"
    draft.add(kind, f"{group}:{way}:{ports}:{peer}", properties)


def _eni(draft: _Draft, key: str, subnet: str, address: str, groups: str, public: str = "") -> None:
    item: dict[str, Any] = {"PrivateIpAddress": address}
    if public:
        item["Association"] = {"PublicIp": "198.51.100.1"}
    observed = {"InterfaceType": "interface", "PrivateIpAddresses": [item]}
    properties = {
        "SubnetId": _ref("Subnet", subnet),
        "GroupSet": [_ref("SecurityGroup", name) for name in groups.split(",")],
    }
    draft.add("NetworkInterface", key, properties, observed)


def _peering(draft: _Draft, key: str, one: str, other: str) -> None:
    ends = {"VpcId": _ref("VPC", one), "PeerVpcId": _ref("VPC", other)}
    draft.add("VPCPeeringConnection", key, ends, {"Status": "active"})


def _tgw(draft: _Draft, *attached: str) -> None:
    gateway = _ref("TransitGateway", "tgw")
    draft.add("TransitGateway", "tgw", {})
    for text in attached:
        vpc, _, segment = text.partition("=")
        table = _ref("TransitGatewayRouteTable", segment)
        attachment = _ref("TransitGatewayAttachment", vpc)
        subnets = [
            _ref("Subnet", key)
            for kind, key in draft.nodes
            if kind == "AWS::EC2::Subnet" and key.startswith(f"{vpc}/")
        ]
        properties = {"VpcId": _ref("VPC", vpc), "TransitGatewayId": gateway, "SubnetIds": subnets}
        draft.add("TransitGatewayAttachment", vpc, properties, {"State": "available"})
        draft.add("TransitGatewayRouteTable", segment, {"TransitGatewayId": gateway})
        link = {"TransitGatewayAttachmentId": attachment, "TransitGatewayRouteTableId": table}
        draft.add("TransitGatewayRouteTableAssociation", vpc, link)
        draft.add("TransitGatewayRouteTablePropagation", f"{segment}<{vpc}", link)


_WORDS: Mapping[str, Callable[..., None]] = {
    "vpc": _vpc,
    "subnet": _subnet,
    "igw": _igw,
    "route": _route,
    "acl": _acl,
    "entry": _entry,
    "group": _group,
    "rule": _rule,
    "eni": _eni,
    "peering": _peering,
    "tgw": _tgw,
}
