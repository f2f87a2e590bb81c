"""A ResourceGraph → the elements of a network: one function a kind of element.

Rules:
- A wanted graph is complete: what it does not say, AWS's defaults decide (an empty main table, a
  default ACL that allows all). A graph that was read back is only as complete as its input: what
  is missing there is Unknown.
- Propagated routes are what AWS reported, else what the propagations promise.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ringwall.model.graph import Node, Ref, ResourceGraph, Unknown
from ringwall.resources.ownership import TIER_TAG
from ringwall.trace.addresses import Block, block
from ringwall.trace.elements import (
    Acl,
    AclEntry,
    Group,
    GroupRule,
    Peer,
    Route,
    RouteTable,
    Target,
)
from ringwall.trace.values import Values, protocol_number

ANYWHERE = ("0.0.0.0/0", "::/0")

# The property of a route that names its target → the kind of target. What has no entry in
# trace/targets.py is UNKNOWN by this name.
TARGETS: Mapping[str, str] = {
    "NatGatewayId": "nat-gateway",
    "TransitGatewayId": "transit-gateway",
    "EgressOnlyInternetGatewayId": "egress-only-internet-gateway",
    "VpcPeeringConnectionId": "peering",
    "NetworkInterfaceId": "network-interface",
    "InstanceId": "instance",
    "VpcEndpointId": "gateway-load-balancer-endpoint",
    "CarrierGatewayId": "carrier-gateway",
    "LocalGatewayId": "local-gateway",
    "CoreNetworkArn": "core-network",
    "OdbNetworkArn": "odb-network",
}
GATEWAY_KINDS: Mapping[str, str] = {
    "AWS::EC2::InternetGateway": "internet-gateway",
    "AWS::EC2::VPNGateway": "virtual-private-gateway",
    "AWS::EC2::VPCEndpoint": "vpc-endpoint",
    "AWS::EC2::CarrierGateway": "carrier-gateway",
}
GATEWAY_PREFIXES: Mapping[str, str] = {
    "igw-": "internet-gateway",
    "vgw-": "virtual-private-gateway",
    "vpce-": "vpc-endpoint",
    "cagw-": "carrier-gateway",
}


def target(properties: Mapping[str, Any], values: Values) -> Target | Unknown:
    """Return where a route leads."""
    gateway = properties.get("GatewayId")
    if gateway is not None:
        if gateway == "local":
            return Target("local", "")
        key = values.key(gateway)
        kind = GATEWAY_KINDS.get(gateway.type) if isinstance(gateway, Ref) else None
        text = gateway.key if isinstance(gateway, Ref) else str(gateway)
        kind = kind or next(
            (k for prefix, k in GATEWAY_PREFIXES.items() if text.startswith(prefix)), None
        )
        return Target(kind, key) if kind else Unknown(f"gateway {text}", "its kind is not known")
    for name, kind in TARGETS.items():
        if properties.get(name) is not None:
            return Target(kind, values.key(properties[name]))
    return Unknown("route target", "the route names none that is known")


def vpc_blocks(graph: ResourceGraph, values: Values) -> dict[str, tuple[Block, ...]]:
    """Return every CIDR block of each VPC, both families."""
    found: dict[str, dict[Block, None]] = {}
    for node in graph.of_type("AWS::EC2::VPC"):
        texts = [node.properties.get("CidrBlock")]
        for name, cidr, state in (
            ("CidrBlockAssociationSet", "CidrBlock", "CidrBlockState"),
            ("Ipv6CidrBlockAssociationSet", "Ipv6CidrBlock", "Ipv6CidrBlockState"),
        ):
            texts += [
                item[cidr]
                for item in node.observed.get(name, ())
                if (item.get(state) or {}).get("State", "associated") == "associated"
            ]
        found[node.key] = {block(text): None for text in texts if text}
    for node in graph.of_type("AWS::EC2::VPCCidrBlock"):
        vpc = values.key(node.properties.get("VpcId"))
        for value in (values.block(node.properties.get("CidrBlock")), values.vpc_ipv6(node)):
            if isinstance(value, Block) and vpc in found:
                found[vpc][value] = None
    return {vpc: tuple(blocks) for vpc, blocks in found.items()}


def prefix_lists(graph: ResourceGraph) -> dict[str, tuple[Block, ...]]:
    """Return the blocks of each prefix list whose CIDRs are in the input, by its names."""
    found: dict[str, tuple[Block, ...]] = {}
    for node in graph.of_type("AWS::EC2::PrefixList"):
        cidrs = node.observed.get("Cidrs", node.properties.get("Cidrs"))
        if cidrs is None:
            continue
        blocks = tuple(block(cidr) for cidr in cidrs)
        name = str(node.observed.get("PrefixListName", ""))
        if name.startswith("com.amazonaws."):
            found[service_list(name)] = blocks
        for alias in {node.key, node.physical_id, name} - {""}:
            found[alias] = blocks
    for node in graph.of_type("AWS::EC2::VPCEndpoint"):
        cidrs = node.observed.get("Cidrs")
        if cidrs:
            found[service_list(node.properties["ServiceName"])] = tuple(map(block, cidrs))
    return found


def service_list(service_name: str) -> str:
    """Return the name of a gateway endpoint's prefix list: com.amazonaws.us-east-1.s3 → s3."""
    return service_name.rsplit(".", 1)[-1]


def route_tables(
    graph: ResourceGraph,
    values: Values,
    blocks: Mapping[str, tuple[Block, ...]],
    list_name: Callable[[Any], str],
    lists: Mapping[str, tuple[Block, ...]],
) -> dict[str, RouteTable]:
    """Return every route table with its local, static, propagated and endpoint routes."""
    routes: dict[str, list[Route]] = defaultdict(list)
    for node in graph.of_type("AWS::EC2::Route"):
        table = values.key(node.properties.get("RouteTableId"))
        routes[table] += _routes(node, values, list_name, lists)
    for node in graph.of_type("AWS::EC2::VPCEndpoint"):
        if node.properties.get("VpcEndpointType") == "Gateway":
            name = service_list(node.properties["ServiceName"])
            leads = Target("vpc-endpoint", node.key)
            for table in values.keys(node.properties.get("RouteTableIds")):
                known = lists.get(name)
                routes[table] += [
                    Route(part, leads, "endpoint", node, name) for part in known or (None,)
                ]
    found = {}
    for node in graph.of_type("AWS::EC2::RouteTable"):
        vpc = values.key(node.properties.get("VpcId"))
        local = tuple(
            Route(part, Target("local", ""), "local", node) for part in blocks.get(vpc, ())
        )
        found[node.key] = RouteTable(node.key, vpc, (*local, *routes[node.key]), node)
    return found


def _routes(
    node: Node,
    values: Values,
    list_name: Callable[[Any], str],
    lists: Mapping[str, tuple[Block, ...]],
) -> Iterator[Route]:
    properties, observed = node.properties, node.observed
    leads = target(properties, values)
    blackhole = observed.get("State") == "blackhole"
    if isinstance(leads, Target) and leads.kind == "local":
        return  # the local routes of a VPC's blocks stand for it
    if observed.get("State") not in {None, "active", "blackhole"}:
        leads = Unknown(f"route {node.key}", f"its state is {observed['State']!r}")
    if observed.get("Origin") == "Advertisement":
        leads = Unknown(f"route {node.key}", "advertised routes are not modelled")
    if observed.get("IgwFirewall"):
        leads = Unknown(f"route {node.key}", "firewalls of internet gateways are not modelled")
    if properties.get("DestinationPrefixListId") is not None:
        if isinstance(leads, Target) and leads.kind == "vpc-endpoint":
            return  # the endpoint's own list of tables stands for it
        name = list_name(properties["DestinationPrefixListId"])
        for part in lists.get(name, ()) or (None,):
            yield Route(part, leads, "list", node, name, blackhole=blackhole)
        return
    destination = values.block(
        properties.get("DestinationCidrBlock") or properties.get("DestinationIpv6CidrBlock")
    )
    kind = "propagated" if observed.get("Origin") == "EnableVgwRoutePropagation" else "static"
    if isinstance(destination, Block):
        yield Route(destination, leads, kind, node, blackhole=blackhole)  # type: ignore[arg-type]  # one of two literals
        return
    lost = destination or Unknown(f"route {node.key}", "it names no destination")
    for anywhere in ANYWHERE:
        yield Route(block(anywhere), lost, "static", node)


def acls(graph: ResourceGraph, values: Values) -> dict[str, Acl]:
    """Return every network ACL; entries in the order of their numbers."""
    entries: dict[str, list[AclEntry]] = defaultdict(list)
    for node in graph.of_type("AWS::EC2::NetworkAclEntry"):
        parent = values.key(node.properties.get("NetworkAclId"))
        entries[parent].append(_acl_entry(node.properties, node, values))
    found = {}
    for kind in ("AWS::EC2::NetworkAcl", "Ringwall::EC2::DefaultNetworkAcl"):
        for node in graph.of_type(kind):
            inline = node.properties.get("Entries", node.observed.get("Entries", ()))
            mine = entries[node.key] + [_acl_entry(item, node, values) for item in inline]
            name = node.key if kind == "AWS::EC2::NetworkAcl" else f"default {node.key}"
            found[name] = Acl(name, tuple(sorted(mine, key=lambda e: e.number)), node)
    return found


def _acl_entry(item: Mapping[str, Any], node: Node, values: Values) -> AclEntry:
    cidr = values.block(item.get("CidrBlock") or item.get("Ipv6CidrBlock"))
    ports = item.get("PortRange")
    icmp = item.get("Icmp") or item.get("IcmpTypeCode")
    return AclEntry(
        number=int(item["RuleNumber"]),
        egress=bool(item.get("Egress")),
        allow=str(item["RuleAction"]).lower() == "allow",
        protocol=protocol_number(item["Protocol"]),
        block=cidr or Unknown(f"entry {node.key}", "it names no addresses"),
        ports=None if ports is None else (int(ports["From"]), int(ports["To"])),
        icmp=None if icmp is None else (int(icmp.get("Type", -1)), int(icmp.get("Code", -1))),
        node=node,
    )


def groups(
    graph: ResourceGraph, values: Values, list_name: Callable[[Any], str]
) -> dict[str, Group]:
    """Return every security group; a VPC's default group has the key `default <vpc>`."""
    rules: dict[tuple[str, bool], list[GroupRule]] = defaultdict(list)
    defaults = {
        node.physical_id or node.key: f"default {values.key(node.properties.get('VpcId'))}"
        for node in graph.of_type("Ringwall::EC2::DefaultSecurityGroup")
    }
    by_ref = {
        node.key: f"default {values.key(node.properties.get('VpcId'))}"
        for node in graph.of_type("Ringwall::EC2::DefaultSecurityGroup")
    }

    def group_key(value: Any) -> str:  # noqa: ANN401
        if isinstance(value, Ref) and value.type == "Ringwall::EC2::DefaultSecurityGroup":
            return by_ref.get(value.key, value.key)
        text = value.key if isinstance(value, Ref) else value
        return defaults.get(text) or values.key(value)

    for kind, egress in (("SecurityGroupIngress", False), ("SecurityGroupEgress", True)):
        for node in graph.of_type(f"AWS::EC2::{kind}"):
            parent = group_key(node.properties.get("GroupId"))
            rules[parent, egress].append(
                _group_rule(node.properties, node, values, group_key, list_name)
            )
    found = {}
    for node in graph.of_type("AWS::EC2::SecurityGroup"):
        found[node.key] = Group(
            node.key,
            values.key(node.properties.get("VpcId")),
            tuple(rules[node.key, False]),
            tuple(rules[node.key, True]),
            tier=node.tags.get(TIER_TAG, ""),
            node=node,
        )
    for node in graph.of_type("Ringwall::EC2::DefaultSecurityGroup"):
        key = by_ref[node.key]
        sides = []
        for name, egress in (("Ingress", False), ("Egress", True)):
            inline = [
                _group_rule(item, node, values, group_key, list_name)
                for item in node.properties.get(name, ())
            ]
            sides.append((*inline, *rules[key, egress]))
        vpc = values.key(node.properties.get("VpcId"))
        found[key] = Group(key, vpc, sides[0], sides[1], is_default=True, node=node)
    return found


def _group_rule(
    item: Mapping[str, Any],
    node: Node,
    values: Values,
    group_key: Callable[[Any], str],
    list_name: Callable[[Any], str],
) -> GroupRule:
    cidr = values.block(item.get("CidrIp") or item.get("CidrIpv6"))
    group = item.get("SourceSecurityGroupId") or item.get("DestinationSecurityGroupId")
    prefixes = item.get("SourcePrefixListId") or item.get("DestinationPrefixListId")
    if isinstance(cidr, Block):
        peer = Peer(block=cidr)
    elif group is not None:
        peer = Peer(group=group_key(group))
    elif prefixes is not None:
        peer = Peer(list_name=list_name(prefixes))
    else:
        peer = Peer(unknown=cidr or Unknown(f"rule {node.key}", "it names no peer"))
    protocol = protocol_number(item.get("IpProtocol", -1))
    low, high = int(item.get("FromPort", -1)), int(item.get("ToPort", -1))
    return GroupRule(protocol, low, high, peer, node)
