"""Load balancers of a drawn network: nodes, listeners, targets, and services over PrivateLink."""

from dataclasses import replace
from ipaddress import ip_network
from random import Random
from typing import Any

from ringwall.resources.ownership import TARGETS_TAG
from tests.builders import ref
from tests.networks.appliances import interfaces_of
from tests.networks.features import Feature
from tests.networks.plans import ANYWHERE, Drawing, SubnetPlan, Tier, VpcPlan

ELB = "AWS::ElasticLoadBalancingV2"
STATES = ("healthy", "healthy", "healthy", "initial", "unhealthy", "unused", "draining")
PORTS = (80, 443, 8080, 5432)
FAMILIES = ("ipv4", "dualstack", "dualstack", "dualstack-without-public-ipv4")
LEAST = "target_group_health.unhealthy_state_routing.minimum_healthy_targets."


def _beside(d: Drawing) -> Random:
    """Numbers of their own for a part of a network; the rest of it is drawn as without."""
    _, state, _ = d.rng.getstate()
    return Random(f"{state[0]} {state[1]} {state[-1]}")


def draw_application(d: Drawing, vpc: VpcPlan) -> None:
    """An application load balancer (F14), whose rules lead where its default may not."""
    key = _balancer(d, vpc, "application")
    action: dict[str, Any] = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": 404}}
    if d.chance(0.6):
        action = {"Type": "forward", "TargetGroupArn": ref(f"{ELB}::TargetGroup", key)}
    d.builder.add(
        f"{ELB}::ListenerRule",
        key,
        {
            "ListenerArn": ref(f"{ELB}::Listener", f"{key}/0"),
            "Priority": 10,
            "Conditions": [{"Field": "path-pattern", "Values": ["/api/*"]}],
            "Actions": [action],
        },
    )


def draw_network(d: Drawing, vpc: VpcPlan) -> None:
    """A network load balancer (F15), and mostly a service that endpoints elsewhere lead to."""
    key = _balancer(d, vpc, "network")
    inner = f"{vpc.key}/application"
    if (f"{ELB}::LoadBalancer", inner) in d.builder.nodes and _beside(d).random() < 0.5:
        _lead_to(d, key, inner)
    _admit_clients(d, vpc)
    if not d.has(Feature.ENDPOINT_SERVICES):
        return
    name = f"com.amazonaws.vpce.us-east-1.vpce-svc-{len(d.builder.nodes):08x}"
    properties = {
        "NetworkLoadBalancerArns": [ref(f"{ELB}::LoadBalancer", key)],
        "AcceptanceRequired": False,
    }
    observed = {"ServiceName": name, "ServiceState": "Available"}
    d.builder.add("VPCEndpointService", f"{vpc.key}/service", properties, observed=observed)
    for other in d.vpcs.values():
        if d.chance(0.7):
            _service_endpoint(d, other, name)


def _admit_clients(d: Drawing, vpc: VpcPlan) -> None:
    """Let groups of interfaces name those of clients, which do not come by a balancer (F15)."""
    own = _beside(d)
    clients = [group for tier in vpc.tiers.values() for group in tier.groups]
    for interface in interfaces_of(d, vpc):
        node = d.builder.nodes["AWS::EC2::NetworkInterface", interface]
        if own.random() < 0.5:
            group = node.properties["GroupSet"][0].key
            d.builder.rule(group, "in", "tcp/8080", f"group:{own.choice(clients)}")


def _lead_to(d: Drawing, key: str, inner: str) -> None:
    """Let an application load balancer be the target of a network one (F15)."""
    address = (f"{ELB}::TargetGroup", key)
    node = d.builder.nodes[address]
    port = d.builder.nodes[f"{ELB}::Listener", f"{inner}/0"].properties["Port"]
    properties = {
        **node.properties,
        "Protocol": "TCP",
        "Port": port,
        "TargetType": "alb",
        "Targets": [{"Id": ref(f"{ELB}::LoadBalancer", inner), "Port": port}],
    }
    d.builder.nodes[address] = replace(node, properties=properties, observed={})


def _service_endpoint(d: Drawing, vpc: VpcPlan, name: str) -> None:
    tier, group = _tier(d, vpc), f"{vpc.key}/g-service"
    ports = d.rng.choice(("all", "tcp/443", "tcp/80-8080"))
    d.builder.group(group, "", f"in {ports} {ANYWHERE[4]}")
    key = f"{vpc.key}/vpce-service"
    d.builder.endpoint(key, subnets=[s.key for s in tier.subnets[:2]], groups=[group])
    d.change("VPCEndpoint", key, ServiceName=name)
    d.give_id("VPCEndpoint", key, d.new_id("vpce"))


def _tier(d: Drawing, vpc: VpcPlan) -> Tier:
    return d.rng.choice([tier for tier in vpc.tiers.values() if tier.groups])


def _balancer(d: Drawing, vpc: VpcPlan, kind: str) -> str:
    front, key = _tier(d, vpc), f"{vpc.key}/{kind}"
    groups: list[str] = []
    if kind == "application" or d.chance(0.5):
        groups = [_group(d, vpc, kind) if d.chance(0.7) else front.groups[0]]
    subnets = front.subnets if d.chance(0.7) else front.subnets[:1]
    crosses = d.rng.choice(("true", "false"))
    own = _beside(d)
    family = own.choice(FAMILIES) if all(subnet.v6 for subnet in subnets) else "ipv4"
    d.builder.add(
        f"{ELB}::LoadBalancer",
        key,
        {
            "Name": kind,
            "Type": kind,
            "Scheme": d.rng.choice(("internal", "internet-facing")),
            "Subnets": [ref("Subnet", subnet.key) for subnet in subnets],
            "SecurityGroups": [ref("SecurityGroup", group) for group in groups],
            "IpAddressType": family,
            "LoadBalancerAttributes": [
                {"Key": "load_balancing.cross_zone.enabled", "Value": crosses}
            ],
            "EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic": d.rng.choice(("on", "off")),
        },
        observed={"State": "active", "VpcId": ref("VPC", vpc.key)},
    )
    protocol = d.rng.choice(("TCP", "TCP", "UDP", "TCP_UDP")) if kind == "network" else "HTTP"
    _target_group(d, vpc, key, protocol)
    _admit(d, vpc, [subnet.cidr for subnet in subnets])
    _listeners(d, key, "HTTPS" if kind == "application" else protocol)
    short = {"application": "app", "network": "net"}[kind]
    for subnet in subnets:
        text = f"ELB {short}/{kind}/0123456789abcdef"
        interface = "network_load_balancer" if kind == "network" else "interface"
        node = _node(d, subnet, groups, text, interface)
        _address(d, node, subnet, own, has_v6=family != "ipv4")
    return key


def _address(d: Drawing, node: str, subnet: SubnetPlan, own: Random, *, has_v6: bool) -> None:
    """Give a node an IPv6 address, and sometimes a public one."""
    if has_v6:
        at = str(ip_network(subnet.v6)[own.randrange(4, 4000)])
        d.observe("NetworkInterface", node, Ipv6Addresses=[{"Ipv6Address": at}])
    if own.random() < 0.3:
        public = f"52.20.{own.randrange(256)}.{own.randrange(1, 255)}"
        d.observe("NetworkInterface", node, PublicIp=public)


def _group(d: Drawing, vpc: VpcPlan, kind: str) -> str:
    """A group of a balancer's own, which targets may name."""
    key = f"{vpc.key}/g-{kind}"
    ports = d.rng.choice(("all", "tcp/443", "tcp/80-8080"))
    d.builder.group(key, "", f"in {ports} {ANYWHERE[4]}", f"out all {ANYWHERE[4]}")
    for tier in vpc.tiers.values():
        for group in tier.groups:
            if d.chance(0.4):
                d.builder.rule(group, "in", d.rng.choice(("tcp/8080", "all")), f"group:{key}")
    return key


def _admit(d: Drawing, vpc: VpcPlan, nodes: list[str]) -> None:
    """Let the groups of some interfaces admit the nodes, or some clients, by their addresses."""
    for key in interfaces_of(d, vpc):
        group = d.builder.nodes["AWS::EC2::NetworkInterface", key].properties["GroupSet"][0].key
        clients = [d.rng.choice(_tier(d, vpc).subnets).cidr]
        blocks = d.rng.choice((nodes, nodes, clients))
        for cidr in blocks if d.chance(0.6) else ():
            for port in (443, 8080):
                d.builder.rule(group, "in", f"tcp/{port}", cidr)


def _listeners(d: Drawing, key: str, protocol: str) -> None:
    forward = [{"Type": "forward", "TargetGroupArn": ref(f"{ELB}::TargetGroup", key)}]
    for number, port in enumerate(d.rng.sample(PORTS, d.rng.choice((1, 2)))):
        d.builder.add(
            f"{ELB}::Listener",
            f"{key}/{number}",
            {
                "LoadBalancerArn": ref(f"{ELB}::LoadBalancer", key),
                "Port": port,
                "Protocol": protocol,
                "DefaultActions": forward,
            },
        )


def _target_group(d: Drawing, vpc: VpcPlan, key: str, protocol: str) -> None:
    """Targets by instance or address: those that are there, and some that nobody knows."""
    by_instance = d.chance(0.5)
    inside = interfaces_of(d, vpc)
    targets: list[dict[str, Any]] = []
    for interface in d.rng.sample(inside, min(3, len(inside))):
        observed = d.builder.nodes["AWS::EC2::NetworkInterface", interface].observed
        instance = (observed.get("Attachment") or {}).get("InstanceId")
        if by_instance and instance:
            targets.append({"Id": ref("Instance", instance), "Port": 8080})
        elif not by_instance:
            address = observed["PrivateIpAddresses"][0]["PrivateIpAddress"]
            targets.append({"Id": address, "Port": d.rng.choice((443, 8080))})
    if not by_instance and d.chance(0.15):
        targets.append({"Id": d.address(_tier(d, vpc).subnets[0]), "Port": 8080})
    attributes = []
    if d.chance(0.6):
        kept = {"Key": "preserve_client_ip.enabled", "Value": d.rng.choice(("true", "false"))}
        attributes.append(kept)
    if d.chance(0.3):
        crosses = d.rng.choice(("true", "false", "use_load_balancer_configuration"))
        attributes.append({"Key": "load_balancing.cross_zone.enabled", "Value": crosses})
    own = _beside(d)
    if own.random() < 0.4:
        name, least = own.choice((("count", "2"), ("percentage", "60"), ("percentage", "off")))
        attributes.append({"Key": f"{LEAST}{name}", "Value": least})
    health = [{"Target": target, "State": d.rng.choice(STATES)} for target in targets]
    away = [
        each for other in d.vpcs.values() if other is not vpc for each in interfaces_of(d, other)
    ]
    if not by_instance and away and own.random() < 0.5:  # its way there preserves no addresses
        node = d.builder.nodes["AWS::EC2::NetworkInterface", own.choice(away)]
        d.builder.rule(node.properties["GroupSet"][0].key, "in", "tcp/8080", "10.0.0.0/8")
        at = node.observed["PrivateIpAddresses"][0]["PrivateIpAddress"]
        targets.append({"Id": at, "Port": 8080, "AvailabilityZone": "all"})
    observed = {"TargetHealth": health} if d.chance(0.8) else {}
    tags = {}
    if protocol == "HTTP" and own.random() < 0.15:  # wanted for a group, and empty so far
        targets, observed = [], {}
        groups = [group for tier in vpc.tiers.values() for group in tier.groups]
        tags = {TARGETS_TAG: own.choice(groups)}
    d.builder.add(
        f"{ELB}::TargetGroup",
        key,
        {
            "Name": key.replace("/", "-"),
            "Protocol": protocol,
            "Port": 8080,
            "TargetType": "instance" if by_instance else "ip",
            "VpcId": ref("VPC", vpc.key),
            "Targets": targets,
            "TargetGroupAttributes": attributes,
        },
        observed=observed,
        tags=tags,
    )


def _node(d: Drawing, subnet: SubnetPlan, groups: list[str], text: str, kind: str) -> str:
    key = d.new_id("eni")
    d.builder.interface(key, subnet.key, d.address(subnet), *groups, kind=kind)
    d.observe("NetworkInterface", key, Description=text, RequesterId="amazon-elb")
    return key


def draw_classic(d: Drawing, vpc: VpcPlan) -> None:
    """A classic load balancer, whose ACL is asked inside of a subnet too (F14)."""
    front = _tier(d, vpc)
    group = _group(d, vpc, "classic")
    nodes = (d.builder.nodes["AWS::EC2::NetworkInterface", key] for key in interfaces_of(d, vpc))
    attached = [node.observed.get("Attachment") or {} for node in nodes]
    instances = [each["InstanceId"] for each in attached if each]
    listener = {"LoadBalancerPort": "80", "InstancePort": "8080", "Protocol": "TCP"}
    states = [
        {"InstanceId": key, "State": d.rng.choice(("InService", "InService", "OutOfService"))}
        for key in instances
    ]
    d.builder.add(
        "AWS::ElasticLoadBalancing::LoadBalancer",
        f"{vpc.key}/classic",
        {
            "LoadBalancerName": "classic",
            "Scheme": "internal",
            "Subnets": [ref("Subnet", subnet.key) for subnet in front.subnets],
            "SecurityGroups": [ref("SecurityGroup", group)],
            "Listeners": [listener],
            "Instances": [ref("Instance", key) for key in instances[:3]],
            "CrossZone": d.chance(0.5),
        },
        observed={"VPCId": ref("VPC", vpc.key), "InstanceStates": states},
    )
    for subnet in front.subnets:
        _node(d, subnet, [group], "ELB classic", "interface")
