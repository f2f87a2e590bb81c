"""What inspects the traffic of a drawn network: appliances behind endpoints, Network Firewall."""

from typing import Any

from tests.builders import ref
from tests.networks.ground import add_tier
from tests.networks.plans import ANYWHERE, Drawing, SubnetPlan, Tier, VpcPlan

NFW = "AWS::NetworkFirewall"
PLACES = (ANYWHERE[4], "8.8.8.0/24", "10.0.0.0/16", "[10.0.0.0/8, !10.1.0.0/17]", "$HOME_NET")
PORTS = ("ANY", "443", "[80, 443]", "8080:9100", "!22", ":1024")


def draw_inspection(d: Drawing, vpc: VpcPlan) -> None:
    """An endpoint of a gateway load balancer between a tier and what lies outside (R28)."""
    name = f"com.amazonaws.vpce.us-east-1.vpce-svc-{len(d.builder.nodes):08x}"
    if d.chance(0.6):
        _appliances(d, vpc, name)
    for subnet in _subnets(d, vpc)[: d.rng.choice((1, 1, 2))]:
        key = _endpoint(d, vpc, subnet, name, d.rng.choice(("available",) * 8 + ("deleted",)))
        _through(d, vpc, subnet, key)


def _appliances(d: Drawing, vpc: VpcPlan, name: str) -> None:
    """A service of a gateway load balancer with appliances in some zones, in some health."""
    elb, key = "AWS::ElasticLoadBalancingV2", f"{vpc.key}/appliances"
    targets = []
    for subnet in _inspect(d, vpc).subnets:
        if d.chance(0.8):
            address = d.address(subnet)
            interface = d.new_id("eni")
            d.builder.interface(interface, subnet.key, address, f"{vpc.key}/g-appliances")
            targets.append({"Id": address, "Port": 6081})
    d.builder.group(f"{vpc.key}/g-appliances", "", f"in udp/6081 {vpc.cidrs[0]}")
    crosses = d.rng.choice(("true", "false"))
    balancer: dict[str, Any] = {
        "Name": "appliances",
        "Type": "gateway",
        "Subnets": [ref("Subnet", subnet.key) for subnet in _inspect(d, vpc).subnets],
        "LoadBalancerAttributes": [{"Key": "load_balancing.cross_zone.enabled", "Value": crosses}],
    }
    d.builder.add(f"{elb}::LoadBalancer", key, balancer, observed={"State": "active"})
    states = ("healthy", "healthy", "healthy", "unhealthy", "unused")
    health = [{"Target": target, "State": d.rng.choice(states)} for target in targets]
    group = {
        "Name": "appliances",
        "Protocol": "GENEVE",
        "Port": 6081,
        "TargetType": "ip",
        "VpcId": ref("VPC", vpc.key),
        "Targets": targets,
    }
    d.builder.add(f"{elb}::TargetGroup", key, group, observed={"TargetHealth": health})
    forward = [{"Type": "forward", "TargetGroupArn": ref(f"{elb}::TargetGroup", key)}]
    listener = {"LoadBalancerArn": ref(f"{elb}::LoadBalancer", key), "DefaultActions": forward}
    d.builder.add(f"{elb}::Listener", key, {**listener, "Protocol": "GENEVE"})
    service = {"GatewayLoadBalancerArns": [ref(f"{elb}::LoadBalancer", key)]}
    d.builder.add("VPCEndpointService", key, service, observed={"ServiceName": name})


def _endpoint(d: Drawing, vpc: VpcPlan, subnet: SubnetPlan, name: str, state: str) -> str:
    key = d.new_id("vpce")
    properties = {
        "VpcId": ref("VPC", vpc.key),
        "ServiceName": name,
        "VpcEndpointType": "GatewayLoadBalancer",
        "SubnetIds": [ref("Subnet", subnet.key)],
    }
    d.builder.add("VPCEndpoint", key, properties, observed={"State": state})
    return key


def _inspect(d: Drawing, vpc: VpcPlan) -> Tier:
    if "inspect" not in vpc.tiers:
        zones = [subnet.zone for subnet in next(iter(vpc.tiers.values())).subnets]
        add_tier(d, vpc, "inspect", tuple(zones[:2]))
    return vpc.tiers["inspect"]


def _subnets(d: Drawing, vpc: VpcPlan) -> list[SubnetPlan]:
    return _inspect(d, vpc).subnets


def _through(d: Drawing, vpc: VpcPlan, subnet: SubnetPlan, endpoint: str) -> None:
    """Lead what leaves a tier through an endpoint, and mostly what comes back to it, too."""
    tiers = [tier for tier in vpc.tiers.values() if tier.groups]
    tier = d.rng.choice(tiers)
    for table in tier.tables:
        d.drop_route(table, ANYWHERE[4])
        d.route(table, ANYWHERE[4], f"gwlbe:{endpoint}")
    if vpc.has_gateway:
        for table in vpc.tiers["inspect"].tables:
            d.route(table, ANYWHERE[4], f"igw:{vpc.key}")
        for each in tier.subnets:
            if d.chance(0.8):
                d.change("Subnet", each.key, MapPublicIpOnLaunch=True)
        if d.chance(0.65):
            _ingress(d, vpc, tier, endpoint)
    other = d.rng.choice(tiers)
    if other is not tier and d.chance(0.7):
        ways = [(tier, other), (other, tier)]
        for one, two in ways[: 2 if d.chance(0.6) else 1]:
            for table in one.tables:
                for each in two.subnets:
                    if each.table != table:
                        d.route(table, each.cidr, f"gwlbe:{endpoint}")


def _ingress(d: Drawing, vpc: VpcPlan, tier: Tier, endpoint: str) -> None:
    key = f"{vpc.key}/edge"
    if ("AWS::EC2::RouteTable", key) not in d.builder.nodes:
        reported = {"GatewayAssociations": [vpc.key]}
        d.builder.add("RouteTable", key, {"VpcId": ref("VPC", vpc.key)}, observed=reported)
        link = {
            "GatewayId": ref("InternetGateway", vpc.key),
            "RouteTableId": ref("RouteTable", key),
        }
        d.builder.add("GatewayRouteTableAssociation", vpc.key, link)
    for subnet in tier.subnets:
        d.route(key, subnet.cidr, f"gwlbe:{endpoint}")


def draw_firewall(d: Drawing, vpc: VpcPlan) -> None:
    """A firewall with a policy of either order, and endpoints that traffic is led through (F16)."""
    synced = {}
    for subnet in _subnets(d, vpc)[: d.rng.choice((1, 1, 2))]:
        endpoint = _endpoint(d, vpc, subnet, f"aws-network-firewall/{vpc.key}", "available")
        attachment = {"SubnetId": ref("Subnet", subnet.key), "EndpointId": endpoint}
        synced[subnet.zone] = {"Attachment": {**attachment, "Status": "READY"}}
        _through(d, vpc, subnet, endpoint)
    d.builder.add(
        f"{NFW}::FirewallPolicy",
        f"{vpc.key}/policy",
        {"FirewallPolicyName": "policy", "FirewallPolicy": _policy(d, vpc)},
    )
    d.builder.add(
        f"{NFW}::Firewall",
        f"{vpc.key}/firewall",
        {
            "FirewallName": "firewall",
            "FirewallPolicyArn": ref(f"{NFW}::FirewallPolicy", f"{vpc.key}/policy"),
            "VpcId": ref("VPC", vpc.key),
            "SubnetMappings": [{"SubnetId": ref("Subnet", s.key)} for s in _subnets(d, vpc)],
        },
        observed={"SyncStates": synced},
    )


def _policy(d: Drawing, vpc: VpcPlan) -> dict[str, Any]:
    default = d.rng.choice(("aws:forward_to_sfe",) * 4 + ("aws:pass", "aws:drop"))
    policy: dict[str, Any] = {
        "StatelessDefaultActions": [default],
        "StatelessFragmentDefaultActions": ["aws:drop"],
        "StatefulRuleGroupReferences": [
            _group(d, vpc, number, {"RulesSource": _stateful(d)})
            for number in range(d.rng.choice((1, 1, 2)))
        ],
    }
    if d.chance(0.5):
        policy["StatefulEngineOptions"] = {"RuleOrder": "STRICT_ORDER"}
        actions = ("aws:drop_strict", "aws:drop_established", "aws:alert_strict")
        policy["StatefulDefaultActions"] = [d.rng.choice(actions)]
    if d.chance(0.5):
        group = {"RulesSource": {"StatelessRulesAndCustomActions": {"StatelessRules": _rules(d)}}}
        policy["StatelessRuleGroupReferences"] = [_group(d, vpc, 9, group)]
    return policy


def _group(d: Drawing, vpc: VpcPlan, number: int, group: dict[str, Any]) -> dict[str, Any]:
    kind, key = "STATELESS" if number == 9 else "STATEFUL", f"{vpc.key}/rules-{number}"
    properties = {"RuleGroupName": key, "Type": kind, "Capacity": 100, "RuleGroup": group}
    d.builder.add(f"{NFW}::RuleGroup", key, properties)
    return {"ResourceArn": ref(f"{NFW}::RuleGroup", key), "Priority": 10 - number}


def _stateful(d: Drawing) -> dict[str, Any]:
    way = d.rng.random()
    if way < 0.1:
        domains = {"GeneratedRulesType": d.rng.choice(("ALLOWLIST", "DENYLIST"))}
        types = ["TLS_SNI", "HTTP_HOST"]
        return {"RulesSourceList": {**domains, "TargetTypes": types, "Targets": [".example.com"]}}
    if way < 0.4:
        lines = [_line(d, number) for number in range(d.rng.choice((1, 2, 3)))]
        return {"RulesString": "\n".join(("# drawn", *lines))}
    return {"StatefulRules": [_structured(d, n) for n in range(d.rng.choice((1, 2, 3)))]}


def _line(d: Drawing, number: int) -> str:
    action = d.rng.choice(("pass", "pass", "drop", "reject", "alert"))
    protocol = d.rng.choice(("tcp", "tcp", "udp", "ip", "icmp", "tls"))
    source, destination = d.rng.choice(PLACES), d.rng.choice(PLACES)
    source_port = d.rng.choice(("any", "any", "any", "1024:", "!40000:50000"))
    port, arrow = d.rng.choice(PORTS).lower(), d.rng.choice(("->", "->", "->", "<>"))
    options = d.rng.choice(("", "flow: to_server; ", 'msg:"seen; not said"; ', "ttl:1; "))
    ends = f"{source} {source_port} {arrow} {destination} {port}"
    return f"{action} {protocol} {ends} ({options}sid:{number + 1};)"


def _structured(d: Drawing, number: int) -> dict[str, Any]:
    return {
        "Action": d.rng.choice(("PASS", "PASS", "DROP", "REJECT", "ALERT")),
        "Header": {
            "Protocol": d.rng.choice(("TCP", "TCP", "UDP", "IP", "ICMP", "HTTP")),
            "Source": d.rng.choice(PLACES),
            "SourcePort": "ANY",
            "Direction": d.rng.choice(("FORWARD", "FORWARD", "ANY")),
            "Destination": d.rng.choice(PLACES),
            "DestinationPort": d.rng.choice(PORTS),
        },
        "RuleOptions": [{"Keyword": "sid", "Settings": [str(number + 1)]}],
    }


def _rules(d: Drawing) -> list[dict[str, Any]]:
    found = []
    for number in range(d.rng.choice((1, 2))):
        match: dict[str, Any] = {
            "Sources": [{"AddressDefinition": d.rng.choice((*PLACES[:3],))}],
            "Protocols": d.rng.choice(([6], [6, 17], [1], [])),
        }
        if d.chance(0.5):
            low = d.rng.choice((0, 80, 443, 32_768))
            match["DestinationPorts"] = [{"FromPort": low, "ToPort": d.rng.choice((low, 65_535))}]
        if d.chance(0.3):
            match["TCPFlags"] = [{"Flags": ["SYN"], "Masks": ["SYN", "ACK"]}]
        action = d.rng.choice(("aws:pass", "aws:drop", "aws:forward_to_sfe"))
        definition = {"MatchAttributes": match, "Actions": [action]}
        found.append({"Priority": 10 * (number + 1), "RuleDefinition": definition})
    return found
