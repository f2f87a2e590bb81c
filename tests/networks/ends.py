"""A graph → the ends that questions can name, and the edges of its blocks and ranges of ports.

Straight from the nodes, in plain values: no engine's reading of a network is used.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any

from ringwall.model.graph import Node, Ref, ResourceGraph
from ringwall.resources.ownership import TIER_TAG

Block = IPv4Network | IPv6Network
INTERNET = (
    "1.1.1.0/24",
    "8.0.0.0/7",
    "52.0.0.0/11",
    "52.94.0.0/22",
    "3.5.0.0/19",
    "198.41.0.0/24",
    "2a00:1450::/32",
    "2606:4700::/32",
)
# Private addresses of no VPC, addresses that are never forwarded (R8), and NAT64's (R13).
OUTSIDE = (
    "192.168.64.0/20",
    "172.16.8.0/24",
    "169.254.168.0/22",
    "fd00:ec2::/32",
    "64:ff9b::/96",
)
# Interfaces that stand for another resource: nobody asks for them by name.
SERVING = frozenset(
    {"nat_gateway", "transit_gateway", "vpc_endpoint", "gateway_load_balancer_endpoint"}
)


@dataclass(frozen=True, slots=True)
class End:
    """One end of a question: a name that every engine knows, and the addresses that it may have.

    `interface` is the id of a live interface, "" for whatever bears the group or stands in the
    subnet. `groups` are keys; `subnet` is one, "" outside.
    """

    name: str
    kind: str  # group, subnet, interface, endpoint, balancer, internet, outside, service
    blocks: tuple[Block, ...]
    subnet: str = ""
    interface: str = ""
    groups: tuple[str, ...] = ()

    @property
    def vpc(self) -> str:
        return self.subnet.split("/", maxsplit=1)[0]

    def __str__(self) -> str:
        return f"{self.kind} {self.name}" + (f" in {self.subnet}" if self.subnet else "")


def ends(graph: ResourceGraph) -> list[End]:
    """Return every end of a graph, those outside last."""
    found = list(_inside(graph))
    found += _interfaces(graph)
    found += _endpoints(graph)
    found += _balancers(graph)
    found.append(End("internet", "internet", tuple(map(ip_network, INTERNET))))
    found += [End(cidr, "outside", (ip_network(cidr),)) for cidr in OUTSIDE]
    return found


def _inside(graph: ResourceGraph) -> Iterator[End]:
    for node in graph.of_type("AWS::EC2::Subnet"):
        blocks = subnet_blocks(node)
        vpc, tier, _ = node.key.split("/")
        placed = [
            group.key
            for group in graph.of_type("AWS::EC2::SecurityGroup")
            if group.tags.get(TIER_TAG) == tier and key_of(group.properties["VpcId"]) == vpc
        ]
        for key in placed:
            yield End(key, "group", blocks, node.key, groups=(key,))
        if not placed:
            yield End(f"{vpc}/{tier}", "subnet", blocks, node.key, groups=(f"default {vpc}",))


def _interfaces(graph: ResourceGraph) -> Iterator[End]:
    members = {
        "PrivateIpAddresses": "PrivateIpAddress",
        "Ipv6Addresses": "Ipv6Address",
        "Ipv4Prefixes": "Ipv4Prefix",
    }
    for node in graph.of_type("AWS::EC2::NetworkInterface"):
        if node.observed.get("InterfaceType") in SERVING or _balancer_of(graph, node):
            continue
        blocks = tuple(
            ip_network(item[member])
            for name, member in members.items()
            for item in node.observed.get(name, ())
        )
        subnet = key_of(node.properties["SubnetId"])
        groups = tuple(key_of(group) for group in node.properties["GroupSet"])
        yield End(node.key, "interface", blocks, subnet, node.key, groups)


BALANCERS = (
    "AWS::ElasticLoadBalancing::LoadBalancer",
    "AWS::ElasticLoadBalancingV2::LoadBalancer",
)


def _balancer_of(graph: ResourceGraph, interface: Node) -> Node | None:
    """Return the balancer that an interface is a node of."""
    text = str(interface.observed.get("Description", ""))
    if not text.startswith("ELB "):
        return None
    words = text.removeprefix("ELB ").split("/")
    vpc = key_of(interface.properties["SubnetId"]).split("/")[0]
    name = words[1] if len(words) > 1 else words[0]
    addresses = ((kind, f"{vpc}/{name}") for kind in BALANCERS)
    return next((node for each in addresses if (node := graph.get(each)) is not None), None)


def _balancers(graph: ResourceGraph) -> Iterator[End]:
    for node in graph.of_type("AWS::EC2::NetworkInterface"):
        balancer = _balancer_of(graph, node)
        if balancer is not None:
            items = node.observed.get("PrivateIpAddresses", ())
            texts = [item["PrivateIpAddress"] for item in items]
            texts += [item["Ipv6Address"] for item in node.observed.get("Ipv6Addresses", ())]
            blocks = tuple(map(ip_network, texts))
            groups = tuple(key_of(group) for group in node.properties["GroupSet"])
            subnet = key_of(node.properties["SubnetId"])
            yield End(balancer.key, "balancer", blocks, subnet, groups=groups)


def targets(graph: ResourceGraph) -> list[tuple[str, str]]:
    """Return what is registered with balancers, each as the balancer's key and an address."""
    by_instance: dict[str, str] = {}
    for node in graph.of_type("AWS::EC2::NetworkInterface"):
        instance = (node.observed.get("Attachment") or {}).get("InstanceId")
        for item in node.observed.get("PrivateIpAddresses", ())[:1] if instance else ():
            by_instance.setdefault(key_of(instance), item["PrivateIpAddress"])
    found = [
        (node.key, by_instance.get(key_of(item["Id"]), key_of(item["Id"])))
        for node in graph.of_type("AWS::ElasticLoadBalancingV2::TargetGroup")
        for item in node.properties["Targets"]
    ]
    return [(key, text) for key, text in found if text[0].isdigit()]


def public_addresses(graph: ResourceGraph) -> list[End]:
    """Return the public addresses of interfaces: ends outside that something inside bears."""
    found = []
    for node in graph.of_type("AWS::EC2::NetworkInterface"):
        items = node.observed.get("PrivateIpAddresses", ())
        texts = [(item.get("Association") or {}).get("PublicIp") for item in items]
        texts.append(node.observed.get("PublicIp"))
        found += [End(text, "internet", (ip_network(text),)) for text in texts if text]
    return found


def _endpoints(graph: ResourceGraph) -> Iterator[End]:
    for node in graph.of_type("AWS::EC2::VPCEndpoint"):
        if node.properties["VpcEndpointType"] == "Gateway" and node.observed.get("Cidrs"):
            service = node.key.split("/")[1]
            blocks = tuple(map(ip_network, node.observed["Cidrs"]))
            yield End(f"aws:{service}", "service", blocks)
        if node.properties["VpcEndpointType"] == "Interface":
            groups = tuple(key_of(group) for group in node.properties["SecurityGroupIds"])
            for ref in node.properties["SubnetIds"]:
                blocks = subnet_blocks(graph[ref])
                yield End(node.physical_id, "endpoint", blocks, ref.key, groups=groups)


def key_of(value: Any) -> str:
    return value.key if isinstance(value, Ref) else str(value)


def subnet_blocks(node: Node) -> tuple[Block, ...]:
    texts = (node.properties.get("CidrBlock"), node.properties.get("Ipv6CidrBlock"))
    return tuple(ip_network(text) for text in texts if isinstance(text, str))


@dataclass(frozen=True, slots=True)
class Edges:
    """Where answers may change: first addresses of blocks and those after their last, ports."""

    addresses: Mapping[int, tuple[int, ...]]
    ports: Mapping[int, tuple[int, ...]]
    icmp: Mapping[int, tuple[tuple[int, int], ...]]


def edges(graph: ResourceGraph) -> Edges:
    """Return the edges of every block, range of ports and ICMP type that a graph names."""
    addresses: dict[int, set[int]] = {4: set(), 6: set()}
    ports: dict[int, set[int]] = {6: {0, 65_536, 1024}, 17: {0, 65_536, 1024}}
    icmp: dict[int, set[tuple[int, int]]] = {1: {(8, 0), (0, 0)}, 58: {(128, 0), (129, 0)}}
    for node in graph:
        for text in _blocks_in((node.properties, node.observed)):
            block = ip_network(text, strict=False)
            first = int(block.network_address)
            addresses[block.version] |= {first, first + block.num_addresses}
        for protocol, low, high, by_type in _ranges(node):
            numbers = (6, 17, 1, 58) if protocol == -1 else (protocol,)
            for number in numbers:
                if by_type and number in icmp:
                    icmp[number].add((max(low, 0), max(high, 0)))
                elif not by_type and number in ports:
                    ports[number] |= {low, high + 1}
    return Edges(
        {version: tuple(sorted(found)) for version, found in addresses.items()},
        {protocol: tuple(sorted(found)) for protocol, found in ports.items()},
        {protocol: tuple(sorted(found)) for protocol, found in icmp.items()},
    )


def _blocks_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        if "/" in value and value[0] in "0123456789abcdef" and not value[-1].isalpha():
            try:
                yield str(ip_network(value, strict=False))
            except ValueError:
                return
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _blocks_in(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _blocks_in(item)


def protocol_of(value: Any) -> int:
    """Return a protocol's number, -1 for all."""
    names = {"tcp": 6, "udp": 17, "icmp": 1, "icmpv6": 58, "all": -1}
    return names.get(str(value).lower()) or int(value)


def _ranges(node: Node) -> Iterator[tuple[int, int, int, bool]]:
    """Yield protocol, low and high, and whether these are an ICMP type and code."""
    properties = node.properties
    if "RuleNumber" in properties:
        protocol = protocol_of(properties["Protocol"])
        if "PortRange" in properties:
            yield protocol, properties["PortRange"]["From"], properties["PortRange"]["To"], False
        if "Icmp" in properties:
            yield protocol, properties["Icmp"]["Type"], properties["Icmp"]["Code"], True
    elif "IpProtocol" in properties and "FromPort" in properties:
        protocol = protocol_of(properties["IpProtocol"])
        yield protocol, properties["FromPort"], properties["ToPort"], protocol in {1, 58}
