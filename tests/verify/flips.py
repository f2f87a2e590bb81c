"""A graph → the same with one rule changed: taken away, opened, pointed elsewhere, brought up."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import replace
from random import Random
from typing import Any

from ringwall.model.graph import Node, ResourceGraph

OPENINGS = (("0.0.0.0/0", "CidrBlock", "CidrIp"), ("::/0", "Ipv6CidrBlock", "CidrIpv6"))
# What tables and their likes hold, which a change may take away.
MEMBERS = (
    "Route",
    "NetworkAclEntry",
    "SecurityGroupIngress",
    "SecurityGroupEgress",
    "SubnetRouteTableAssociation",
    "SubnetNetworkAclAssociation",
    "TransitGatewayRoute",
    "TransitGatewayRouteTablePropagation",
    "TransitGatewayRouteTableAssociation",
    "VPCBlockPublicAccessOptions",
    "GatewayRouteTableAssociation",
)
ELB, NFW = "AWS::ElasticLoadBalancingV2::", "AWS::NetworkFirewall::"
# A property that names another piece of the same kind.
POINTERS = (
    ("SubnetRouteTableAssociation", "RouteTableId", "RouteTable"),
    ("SubnetNetworkAclAssociation", "NetworkAclId", "NetworkAcl"),
    (
        "TransitGatewayRouteTableAssociation",
        "TransitGatewayRouteTableId",
        "TransitGatewayRouteTable",
    ),
    ("TransitGatewayRoute", "TransitGatewayAttachmentId", "TransitGatewayAttachment"),
    ("Route", "NatGatewayId", "NatGateway"),
)


def flipped(graph: ResourceGraph, rng: Random) -> ResourceGraph:
    """Return a graph with one change drawn among all kinds of them."""
    for _ in range(20):
        found = rng.choice(FLIPS)(graph, rng)
        if found is not None:
            return found
    return graph


def opened(graph: ResourceGraph, stop: str) -> ResourceGraph:
    """Return a graph in which what a cut names (`NetworkAcl key`, …) lets everything pass."""
    kind, _, keys = stop.partition(" ")
    if kind == "NetworkAcl":
        return graph.with_nodes(_entries(graph, keys))
    if kind == "SecurityGroup":
        return graph.with_nodes(_rules(graph, keys.split(" + ", maxsplit=1)[0]))
    if kind == "RouteTable":
        return graph.with_nodes(_routes(graph, keys))
    if kind in {"LoadBalancer", "VPCEndpoint"}:
        return graph.with_nodes(listening(graph, keys))
    if kind == "Firewall":
        policies = graph.of_type(f"{NFW}FirewallPolicy")
        open_one = {"StatelessDefaultActions": ["aws:pass"]}
        properties = {"FirewallPolicy": open_one}
        return graph.with_nodes(replace(node, properties=properties) for node in policies)
    if kind == "InternetGateway":  # what has a public address is let in
        public = {"MapPublicIpOnLaunch": True}
        subnets = graph.of_type("AWS::EC2::Subnet")
        return graph.with_nodes(replace(n, properties={**n.properties, **public}) for n in subnets)
    node = graph.get((f"AWS::EC2::{kind}", keys))
    return graph if node is None else graph.with_nodes([_up(node)])


def thinned(graph: ResourceGraph, rng: Random, share: float) -> ResourceGraph:
    """Return a graph that has lost a share of its rules, routes and associations."""
    kinds = {f"AWS::EC2::{kind}" for kind in MEMBERS}
    gone = [node for node in graph if node.type in kinds and rng.random() < share]
    return graph.without([(node.type, node.key) for node in gone])


def _entries(graph: ResourceGraph, key: str) -> Iterator[Node]:
    default = key.startswith("default ")
    name = "Ringwall::EC2::DefaultNetworkAcl" if default else "AWS::EC2::NetworkAcl"
    acl = graph.get((name, key.removeprefix("default ")))
    for egress in (False, True):
        for number, (cidr, member, _) in enumerate(OPENINGS, 1):
            if acl is not None:
                properties = {
                    "NetworkAclId": acl.ref,
                    "Egress": egress,
                    "RuleNumber": number,
                    "RuleAction": "allow",
                    "Protocol": -1,
                    member: cidr,
                }
                yield _new(acl, "NetworkAclEntry", f"{key}/{egress}/{number}/open", properties)


def _rules(graph: ResourceGraph, key: str) -> Iterator[Node]:
    default = key.startswith("default ")
    name = "Ringwall::EC2::DefaultSecurityGroup" if default else "AWS::EC2::SecurityGroup"
    group = graph.get((name, key.removeprefix("default ")))
    for kind in ("SecurityGroupIngress", "SecurityGroupEgress"):
        for cidr, _, member in OPENINGS:
            if group is not None:
                properties = {"GroupId": group.ref, "IpProtocol": "-1", member: cidr}
                yield _new(group, kind, f"{key}/{kind}/{cidr}/open", properties)


def _routes(graph: ResourceGraph, key: str) -> Iterator[Node]:
    """Bring dead routes up, and give the table default routes like another table's."""
    mine = [
        node
        for node in graph.of_type("AWS::EC2::Route")
        if getattr(node.properties.get("RouteTableId"), "key", "") == key
    ]
    yield from (_up(node) for node in mine if node.observed.get("State") == "blackhole")
    table = graph.get(("AWS::EC2::RouteTable", key))
    vpc = table.properties.get("VpcId") if table else None
    for node in graph.of_type("AWS::EC2::Route"):
        other = graph.get(node.properties.get("RouteTableId", ("", "")))
        if table is not None and other is not None and other.properties.get("VpcId") == vpc:
            properties = {**node.properties, "RouteTableId": table.ref}
            yield replace(node, key=f"{key}>{node.key}/open", properties=properties)


def listening(graph: ResourceGraph, key: str) -> Iterator[Node]:
    """Let a load balancer, or those of an endpoint's service, take everything to its targets."""
    endpoint = graph.get(("AWS::EC2::VPCEndpoint", key))
    name = endpoint.properties.get("ServiceName") if endpoint else None
    keys = {key} | {
        ref.key
        for service in graph.of_type("AWS::EC2::VPCEndpointService")
        if name and service.observed.get("ServiceName") == name
        for ref in service.properties.get("NetworkLoadBalancerArns", ())
    }
    classic = graph.get(("AWS::ElasticLoadBalancing::LoadBalancer", key))
    if classic is not None:
        ports = (22, 80, 443, 3306, 5432, 8080)
        like = classic.properties["Listeners"][0]
        more = [{**like, "LoadBalancerPort": str(port)} for port in ports]
        yield replace(classic, properties={**classic.properties, "Listeners": more})
    for node in graph.of_type(f"{ELB}Listener"):
        if node.properties["LoadBalancerArn"].key in keys:
            for protocol in ("TCP", "UDP"):
                properties = {**node.properties, "Port": 0, "Protocol": protocol}
                yield replace(node, key=f"{node.key}/{protocol}/open", properties=properties)


def _new(like: Node, kind: str, key: str, properties: dict[str, Any]) -> Node:
    return Node(f"AWS::EC2::{kind}", key, like.account, like.region, properties)


def _up(node: Node) -> Node:
    observed = dict(node.observed)
    if observed.get("State") in {"blackhole", "pending", "failed", "deleted", "deleting"}:
        observed["State"] = "active" if node.type.endswith("Route") else "available"
    if isinstance(observed.get("Status"), dict):
        observed["Status"] = {"Code": "active"}
    properties = dict(node.properties)
    if "SourceDestCheck" in properties:
        properties["SourceDestCheck"] = False
    return replace(node, observed=observed, properties=properties)


def _pick(graph: ResourceGraph, rng: Random, *kinds: str) -> Node | None:
    found = [node for kind in kinds for node in graph.of_type(f"AWS::EC2::{kind}")]
    return rng.choice(found) if found else None


def _take_away(graph: ResourceGraph, rng: Random) -> ResourceGraph | None:
    node = _pick(graph, rng, *MEMBERS)
    return None if node is None else graph.without([(node.type, node.key)])


def _change_entry(graph: ResourceGraph, rng: Random) -> ResourceGraph | None:
    """Turn an entry of an ACL round, or let it mean everyone, or everything."""
    node = _pick(graph, rng, "NetworkAclEntry")
    if node is None:
        return None
    properties = dict(node.properties)
    match rng.randrange(3):
        case 0:
            allow = str(properties["RuleAction"]).lower() == "allow"
            properties["RuleAction"] = "deny" if allow else "allow"
        case 1:
            member, cidr = (
                ("CidrBlock", "0.0.0.0/0")
                if "CidrBlock" in properties
                else ("Ipv6CidrBlock", "::/0")
            )
            properties[member] = cidr
        case _:
            properties["Protocol"] = -1
    return graph.with_nodes([replace(node, properties=properties)])


def _change_rule(graph: ResourceGraph, rng: Random) -> ResourceGraph | None:
    """Let a rule of a group mean everything."""
    node = _pick(graph, rng, "SecurityGroupIngress", "SecurityGroupEgress")
    if node is None:
        return None
    return graph.with_nodes([replace(node, properties={**node.properties, "IpProtocol": "-1"})])


def _point(graph: ResourceGraph, rng: Random) -> ResourceGraph | None:
    kind, name, to = rng.choice(POINTERS)
    node = _pick(graph, rng, kind)
    other = _pick(graph, rng, to)
    if node is None or other is None or name not in node.properties:
        return None
    return graph.with_nodes([replace(node, properties={**node.properties, name: other.ref})])


def _open(graph: ResourceGraph, rng: Random) -> ResourceGraph | None:
    kinds = ("NetworkAcl", "SecurityGroup", "RouteTable", "VPCPeeringConnection", "NatGateway")
    node = _pick(graph, rng, *kinds, "TransitGatewayAttachment", "NetworkInterface")
    return None if node is None else opened(graph, f"{node.short_type} {node.key}")


def _listen(graph: ResourceGraph, rng: Random) -> ResourceGraph | None:
    """Let a listener take another port, or answer by itself."""
    found = [*graph.of_type(f"{ELB}Listener"), *graph.of_type(f"{ELB}ListenerRule")]
    if not found:
        return None
    node = rng.choice(found)
    properties = dict(node.properties)
    match rng.randrange(3):
        case 0 if "Port" in properties:
            properties["Port"] = rng.choice((22, 80, 443, 5432, 8080))
        case 1 if "Protocol" in properties:
            properties["Protocol"] = rng.choice(("TCP", "UDP", "TCP_UDP"))
        case _:
            name = "DefaultActions" if "DefaultActions" in properties else "Actions"
            properties[name] = [{"Type": "fixed-response"}]
    return graph.with_nodes([replace(node, properties=properties)])


def _register(graph: ResourceGraph, rng: Random) -> ResourceGraph | None:
    """Give a target group one more target, another port, or let it keep clients' addresses."""
    groups = graph.of_type(f"{ELB}TargetGroup")
    inside = [
        node
        for node in graph.of_type("AWS::EC2::NetworkInterface")
        if node.observed.get("PrivateIpAddresses")
        and not str(node.observed.get("Description", "")).startswith("ELB ")
    ]
    if not groups or not inside:
        return None
    node, interface = rng.choice(groups), rng.choice(inside)
    properties, observed = dict(node.properties), dict(node.observed)
    match rng.randrange(4):
        case 0 | 1:
            address = interface.observed["PrivateIpAddresses"][0]["PrivateIpAddress"]
            instance = (interface.observed.get("Attachment") or {}).get("InstanceId")
            if properties["TargetType"] == "instance" and instance is None:
                return None
            by_address = properties["TargetType"] == "ip"
            target = {"Id": address if by_address else instance, "Port": 8080}
            properties["Targets"] = [*properties["Targets"], target]
            observed.pop("TargetHealth", None)
        case 2:
            properties["Port"] = rng.choice((22, 80, 443, 5432))
            properties["Targets"] = [{"Id": each["Id"]} for each in properties["Targets"]]
            observed.pop("TargetHealth", None)
        case _:
            text = rng.choice(("true", "false"))
            kept = {"Key": "preserve_client_ip.enabled", "Value": text}
            properties["TargetGroupAttributes"] = [kept]
    return graph.with_nodes([replace(node, properties=properties, observed=observed)])


def _bear(graph: ResourceGraph, rng: Random) -> ResourceGraph | None:
    """Give a load balancer other groups, or none."""
    balancers, groups = (
        graph.of_type(name) for name in (f"{ELB}LoadBalancer", "AWS::EC2::SecurityGroup")
    )
    if not balancers or not groups:
        return None
    node = rng.choice(balancers)
    bears = [rng.choice(groups).ref] if rng.random() < 0.6 else []
    return graph.with_nodes(
        [replace(node, properties={**node.properties, "SecurityGroups": bears})]
    )


def _inspect(graph: ResourceGraph, rng: Random) -> ResourceGraph | None:
    """Change a policy of a firewall, or one of its rules."""
    nodes = [*graph.of_type(f"{NFW}FirewallPolicy"), *graph.of_type(f"{NFW}RuleGroup")]
    if not nodes:
        return None
    node = rng.choice(nodes)
    properties = deepcopy(dict(node.properties))
    said = properties.get("FirewallPolicy") or properties["RuleGroup"]["RulesSource"]
    match rng.randrange(3):
        case 0 if "FirewallPolicy" in properties:
            said.pop(rng.choice([name for name in said if not name.startswith("StatelessD")]))
        case 1 if "FirewallPolicy" in properties:
            said["StatelessDefaultActions"] = ["aws:forward_to_sfe"]
        case _ if "FirewallPolicy" in properties:
            said["StatefulDefaultActions"] = [rng.choice(("aws:drop_strict", "aws:alert_strict"))]
        case _ if "RulesString" in said:
            old, new = rng.choice((("drop", "alert"), ("drop", "pass"), ("->", "<>"), ("!", "")))
            said["RulesString"] = said["RulesString"].replace(old, new)
        case _ if "StatefulRules" in said:
            rule = rng.choice(said["StatefulRules"])
            name = rng.choice(("Action", "DestinationPort", "Destination", "Source"))
            if name == "Action":
                rule["Action"] = rng.choice(("PASS", "DROP", "ALERT"))
            else:
                rule["Header"][name] = "ANY"
        case _ if "StatelessRulesAndCustomActions" in said:
            rule = rng.choice(said["StatelessRulesAndCustomActions"]["StatelessRules"])
            rule["RuleDefinition"]["Actions"] = [rng.choice(("aws:pass", "aws:forward_to_sfe"))]
        case _:
            return None
    return graph.with_nodes([replace(node, properties=properties)])


FLIPS: tuple[Callable[[ResourceGraph, Random], ResourceGraph | None], ...] = (
    _take_away,
    _change_entry,
    _change_rule,
    _point,
    _open,
    _open,
    _listen,
    _register,
    _bear,
    _inspect,
)
