"""Load balancers of a drawn network: nodes, listeners, targets, and services over PrivateLink."""

from typing import Any

from tests.builders import ref
from tests.networks.appliances import interfaces_of
from tests.networks.features import Feature
from tests.networks.plans import ANYWHERE, Drawing, SubnetPlan, Tier, VpcPlan

ELB = "AWS::ElasticLoadBalancingV2"
STATES = ("healthy", "healthy", "healthy", "initial", "unhealthy", "unused", "draining")
PORTS = (80, 443, 8080, 5432)


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
    d.builder.add(
        f"{ELB}::LoadBalancer",
        key,
        {
            "Name": kind,
            "Type": kind,
            "Scheme": d.rng.choice(("internal", "internet-facing")),
            "Subnets": [ref("Subnet", subnet.key) for subnet in subnets],
            "SecurityGroups": [ref("SecurityGroup", group) for group in groups],
            "IpAddressType": "ipv4",
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
        _node(d, subnet, groups, text, "network_load_balancer" if kind == "network" else "")
    return key


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
    health = [{"Target": target, "State": d.rng.choice(STATES)} for target in targets]
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
        observed={"TargetHealth": health} if d.chance(0.8) else {},
    )


def _node(d: Drawing, subnet: SubnetPlan, groups: list[str], text: str, kind: str) -> None:
    key = d.new_id("eni")
    d.builder.interface(key, subnet.key, d.address(subnet), *groups, kind=kind or "interface")
    d.observe("NetworkInterface", key, Description=text, RequesterId="amazon-elb")


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
        _node(d, subnet, [group], "ELB classic", "")
