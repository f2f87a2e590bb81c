"""A ResourceGraph → the facts that Z3 is told: classes, rules, entries and routes as plain tuples.

Straight from the nodes; what the encoding knows nothing of (prefix lists, NAT, load balancers) is
refused, so that no figure is of another network than the one that was meant.
"""

from collections import defaultdict
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Any

from ringwall.model.graph import Node, Ref, ResourceGraph

Prefix = tuple[int, int]  # first address and length
Rule = tuple[int, int, int, Prefix | None, str]  # protocol, ports, block or group
Entry = tuple[bool, int, int, int, Prefix]  # allow, protocol, ports, block
Leads = tuple[Prefix, str]  # local, tgw, or other

NAMES = {"tcp": 6, "udp": 17, "icmp": 1, "icmpv6": 58}


@dataclass(frozen=True, slots=True)
class Subnet:
    """A subnet with the contents of its ACL and table; its VPC's attachment in each zone."""

    key: str
    vpc: str
    zone: str
    block: Prefix
    acl_in: tuple[Entry, ...]
    acl_out: tuple[Entry, ...]
    table: tuple[Leads, ...]


@dataclass(frozen=True, slots=True)
class Class:
    """What bears a set of groups in a subnet, with one of its addresses."""

    number: int
    groups: tuple[str, ...]
    subnet: Subnet
    address: int


class Facts:
    """The facts of one family of addresses."""

    def __init__(self, graph: ResourceGraph, version: int = 4) -> None:
        self.version, self.bits = version, 32 if version == 4 else 128
        self._refuse(graph)
        self.ingress, self.egress = self._rules(graph)
        entries = self._entries(graph)
        tables = self._tables(graph)
        acl = self._links(graph, "SubnetNetworkAclAssociation", "NetworkAclId")
        table = self._links(graph, "SubnetRouteTableAssociation", "RouteTableId")
        self.subnets = {
            node.key: Subnet(
                node.key,
                key_of(node.properties["VpcId"]),
                str(node.properties["AvailabilityZone"]),
                self._prefix(self._own(node)),
                entries[acl[node.key], False],
                entries[acl[node.key], True],
                tables[table[node.key]],
            )
            for node in graph.of_type("AWS::EC2::Subnet")
        }
        self._read_transit(graph)
        self.classes = self._classes(graph)

    def _refuse(self, graph: ResourceGraph) -> None:
        kinds = ["PrefixList", "VPCPeeringConnection", "VPCEndpoint"]
        if self.version == 4:
            kinds.append("NatGateway")
        found = [kind for kind in kinds if graph.of_type(f"AWS::EC2::{kind}")]
        if found:
            msg = f"the encoding has no {', '.join(found)}"
            raise ValueError(msg)

    def _prefix(self, cidr: str) -> Prefix:
        network = ip_network(cidr)
        return int(network.network_address), network.prefixlen

    def _own(self, node: Node) -> str:
        return str(node.properties["CidrBlock" if self.version == 4 else "Ipv6CidrBlock"])

    def _rules(self, graph: ResourceGraph) -> tuple[dict[str, tuple[Rule, ...]], ...]:
        found = []
        for kind, side in (("Ingress", "Source"), ("Egress", "Destination")):
            rules: dict[str, list[Rule]] = defaultdict(list)
            for node in graph.of_type(f"AWS::EC2::SecurityGroup{kind}"):
                item = node.properties
                cidr = item.get("CidrIp" if self.version == 4 else "CidrIpv6")
                group = item.get(f"{side}SecurityGroupId")
                if cidr or group:
                    block = self._prefix(cidr) if cidr else None
                    ports = item.get("FromPort", 0), item.get("ToPort", 65_535)
                    rule = (_protocol(item["IpProtocol"]), *ports, block, key_of(group))
                    rules[key_of(item["GroupId"])].append(rule)
            found.append({group: tuple(each) for group, each in rules.items()})
        return tuple(found)

    def _entries(self, graph: ResourceGraph) -> dict[tuple[str, bool], tuple[Entry, ...]]:
        found: dict[tuple[str, bool], list[tuple[int, Entry]]] = defaultdict(list)
        for node in graph.of_type("AWS::EC2::NetworkAclEntry"):
            item = node.properties
            cidr = item.get("CidrBlock" if self.version == 4 else "Ipv6CidrBlock")
            if cidr:
                ports = item.get("PortRange", {"From": 0, "To": 65_535})
                entry = (
                    item["RuleAction"] == "allow",
                    int(item["Protocol"]),
                    ports["From"],
                    ports["To"],
                    self._prefix(cidr),
                )
                side = key_of(item["NetworkAclId"]), bool(item["Egress"])
                found[side].append((item["RuleNumber"], entry))
        return {side: tuple(e for _, e in sorted(each)) for side, each in found.items()}

    def _tables(self, graph: ResourceGraph) -> dict[str, tuple[Leads, ...]]:
        field = "DestinationCidrBlock" if self.version == 4 else "DestinationIpv6CidrBlock"
        found: dict[str, list[Leads]] = defaultdict(list)
        for node in graph.of_type("AWS::EC2::Route"):
            item = node.properties
            if field in item:
                leads = "tgw" if "TransitGatewayId" in item else "other"
                leads = "local" if item.get("GatewayId") == "local" else leads
                found[key_of(item["RouteTableId"])].append((self._prefix(item[field]), leads))
        return {key: tuple(sorted(routes, key=lambda r: -r[0][1])) for key, routes in found.items()}

    def _links(self, graph: ResourceGraph, kind: str, name: str) -> dict[str, str]:
        return {
            key_of(node.properties["SubnetId"]): key_of(node.properties[name])
            for node in graph.of_type(f"AWS::EC2::{kind}")
        }

    def _read_transit(self, graph: ResourceGraph) -> None:
        """Read attachments: their subnets by zone, their tables, and the routes of these."""
        self.attached: dict[str, dict[str, Subnet]] = {}
        vpc_of = {}
        for node in graph.of_type("AWS::EC2::TransitGatewayAttachment"):
            vpc = vpc_of[node.key] = key_of(node.properties["VpcId"])
            subnets = [self.subnets[key_of(each)] for each in node.properties["SubnetIds"]]
            self.attached[vpc] = {subnet.zone: subnet for subnet in subnets}
        self.table_of = {
            vpc_of[key_of(node.properties["TransitGatewayAttachmentId"])]: key_of(
                node.properties["TransitGatewayRouteTableId"]
            )
            for node in graph.of_type("AWS::EC2::TransitGatewayRouteTableAssociation")
        }
        self.transit: dict[str, list[tuple[Prefix, str]]] = {}
        for node in graph.of_type("AWS::EC2::TransitGatewayRouteTable"):
            routes = [
                (self._prefix(route["DestinationCidrBlock"]), vpc_of[key_of(each)])
                for route in node.observed["PropagatedRoutes"]
                if (":" in route["DestinationCidrBlock"]) == (self.version == 6)
                for each in [route["TransitGatewayAttachments"][0]["TransitGatewayAttachmentId"]]
            ]
            self.transit[node.key] = sorted(routes, key=lambda r: -r[0][1])

    def _classes(self, graph: ResourceGraph) -> list[Class]:
        found: dict[tuple[tuple[str, ...], str], int] = {}
        for node in graph.of_type("AWS::EC2::NetworkInterface"):
            groups = tuple(sorted(key_of(group) for group in node.properties["GroupSet"]))
            place = groups, key_of(node.properties["SubnetId"])
            found.setdefault(place, int(ip_network(self._address(node)).network_address))
        return [
            Class(number, groups, self.subnets[subnet], address)
            for number, ((groups, subnet), address) in enumerate(found.items())
        ]

    def _address(self, node: Node) -> str:
        if self.version == 4:
            return str(node.observed["PrivateIpAddress"])
        return str(node.observed["Ipv6Addresses"][0]["Ipv6Address"])


def key_of(value: Any) -> str:  # noqa: ANN401  (a Ref, an id or nothing)
    """Return the key that a reference names."""
    return value.key if isinstance(value, Ref) else str(value or "")


def _protocol(value: Any) -> int:  # noqa: ANN401  ("tcp", 6 or "-1")
    return NAMES.get(str(value)) or int(value)
