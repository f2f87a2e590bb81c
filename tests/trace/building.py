"""Further elements for small networks: appliances, balancers, firewalls, lines to on-premises."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from tests.builders import NetworkBuilder, ref


def appliance(
    base: NetworkBuilder,
    key: str,
    subnet: str,
    address: str,
    *groups: str,
    does: str = "forwards",
    checks: bool | None = False,
    public: str = "",
    state: str = "running",
    kind: str = "interface",
) -> NetworkBuilder:
    """An interface `key` of an instance `i-KEY` that takes packets of others."""
    properties: dict[str, Any] = {
        "SubnetId": ref("Subnet", subnet),
        "GroupSet": [ref("SecurityGroup", group) for group in groups],
    }
    if checks is not None:
        properties["SourceDestCheck"] = checks
    item: dict[str, Any] = {"PrivateIpAddress": address}
    if public:
        item["Association"] = {"PublicIp": public}
    observed = {
        "InterfaceType": kind,
        "Status": "in-use",
        "PrivateIpAddresses": [item],
        "Attachment": {"InstanceId": f"i-{key}", "Status": "attached"},
    }
    tags = {"ringwall:appliance": does} if does else {}
    base.add("NetworkInterface", key, properties, observed=observed, tags=tags)
    owns = {"State": state, "NetworkInterfaceIds": [ref("NetworkInterface", key)]}
    return base.add("Instance", f"i-{key}", {"SubnetId": ref("Subnet", subnet)}, observed=owns)


def gateway_table(
    base: NetworkBuilder, table: str, gateway: str, kind: str = "InternetGateway"
) -> NetworkBuilder:
    """A route table of a gateway (edge association)."""
    vpc = table.split("/", maxsplit=1)[0]
    base.add("RouteTable", table, {"VpcId": ref("VPC", vpc)})
    link = {"GatewayId": ref(kind, gateway), "RouteTableId": ref("RouteTable", table)}
    return base.add("GatewayRouteTableAssociation", gateway, link)


def in_region(base: NetworkBuilder, prefix: str, region: str, account: str = "") -> NetworkBuilder:
    """Move every node whose key starts with `prefix` into another Region, or account."""
    for address, node in list(base.nodes.items()):
        if node.key.startswith(prefix):
            base.nodes[address] = replace(node, region=region, account=account or node.account)
    return base


def private_gateway(base: NetworkBuilder, vpc: str, key: str = "vgw-1") -> NetworkBuilder:
    """A virtual private gateway that is attached to a VPC."""
    base.add("VPNGateway", key, {"Type": "ipsec.1"}, observed={"State": "available"})
    link = {"VpcId": ref("VPC", vpc), "VpnGatewayId": ref("VPNGateway", key)}
    return base.add("VPCGatewayAttachment", f"{vpc}/{key}", link)


def vpn(
    base: NetworkBuilder,
    key: str = "vpn-1",
    *,
    gateway: str = "vgw-1",
    transit: str = "",
    static: tuple[str, ...] | None = None,
    tunnels: tuple[str, ...] = ("UP", "DOWN"),
) -> NetworkBuilder:
    """A VPN connection; with `static` its routes, else BGP."""
    base.add("CustomerGateway", "cgw-1", {"IpAddress": "198.51.100.1", "Type": "ipsec.1"})
    properties: dict[str, Any] = {
        "CustomerGatewayId": ref("CustomerGateway", "cgw-1"),
        "StaticRoutesOnly": static is not None,
    }
    if transit:
        properties["TransitGatewayId"] = ref("TransitGateway", transit)
    else:
        properties["VpnGatewayId"] = ref("VPNGateway", gateway)
    observed = {
        "State": "available",
        "VgwTelemetry": [{"Status": status} for status in tunnels],
        "Routes": [{"DestinationCidrBlock": c, "State": "available"} for c in static or ()],
    }
    return base.add("VPNConnection", key, properties, observed=observed)


def direct_connect(
    base: NetworkBuilder, gateway: str, *allowed: str, key: str = "dxgw-1"
) -> NetworkBuilder:
    """A Direct Connect gateway, associated with a gateway of ours."""
    observed = {
        "State": "available",
        "AssociatedGateway": [
            {"id": gateway, "type": "virtualPrivateGateway", "allowedPrefixes": list(allowed)}
        ],
    }
    return base.add("AWS::DirectConnect::DirectConnectGateway", key, observed=observed)


def attach_other(
    base: NetworkBuilder,
    key: str,
    kind: str,
    *,
    resource: str,
    table: str | None,
    gateway: str = "tgw-1",
    state: str = "available",
    **observed: Any,
) -> NetworkBuilder:
    """An attachment that is no VPC's, and the table that it is associated with."""
    seen = {"ResourceType": kind, "ResourceId": resource, "State": state, **observed}
    link: dict[str, Any] = {"TransitGatewayId": ref("TransitGateway", gateway)}
    base.add("TransitGatewayAttachment", key, link, observed=seen)
    if table:
        associate(base, key, table, gateway)
    return base


def associate(base: NetworkBuilder, key: str, table: str, gateway: str) -> NetworkBuilder:
    base.transit_table(table, gateway)
    link = {
        "TransitGatewayAttachmentId": ref("TransitGatewayAttachment", key),
        "TransitGatewayRouteTableId": ref("TransitGatewayRouteTable", table),
    }
    return base.add("TransitGatewayRouteTableAssociation", f"{key}@{table}", link)


def inspection_endpoint(
    base: NetworkBuilder, key: str, subnet: str, *, service: str = "", state: str = "available"
) -> NetworkBuilder:
    """A Gateway Load Balancer endpoint in a subnet."""
    properties = {
        "VpcId": ref("VPC", subnet.split("/", maxsplit=1)[0]),
        "ServiceName": service or "com.amazonaws.vpce.us-east-1.vpce-svc-elsewhere",
        "VpcEndpointType": "GatewayLoadBalancer",
        "SubnetIds": [ref("Subnet", subnet)],
    }
    return base.add("VPCEndpoint", key, properties, observed={"State": state})


def firewall(
    base: NetworkBuilder,
    vpc: str,
    endpoints: Mapping[str, str],
    *,
    stateless: Sequence[Mapping[str, Any]] = (),
    stateful: Sequence[Mapping[str, Any]] = (),
    **policy: Any,
) -> NetworkBuilder:
    """A firewall with endpoints by subnet; groups are RuleGroup properties in their order."""
    kind = "AWS::NetworkFirewall::"
    said: dict[str, Any] = {
        "StatelessDefaultActions": ["aws:forward_to_sfe"],
        "StatelessFragmentDefaultActions": ["aws:forward_to_sfe"],
        **policy,
    }
    for word, groups in (("Stateless", stateless), ("Stateful", stateful)):
        references = []
        for number, group in enumerate(groups, 1):
            key = f"{word}-{number}"
            named = {"RuleGroupName": key, "Type": word.upper(), "RuleGroup": group}
            base.add(f"{kind}RuleGroup", key, named)
            references.append(
                {"ResourceArn": ref(f"{kind}RuleGroup", key), "Priority": number * 10}
            )
        said[f"{word}RuleGroupReferences"] = references
    base.add(
        f"{kind}FirewallPolicy", "policy", {"FirewallPolicyName": "policy", "FirewallPolicy": said}
    )
    properties: dict[str, Any] = {
        "FirewallName": "fw",
        "FirewallPolicyArn": ref(f"{kind}FirewallPolicy", "policy"),
        "VpcId": ref("VPC", vpc),
        "SubnetMappings": [{"SubnetId": ref("Subnet", subnet)} for subnet in endpoints.values()],
    }
    states = {
        subnet.rsplit("/", maxsplit=1)[-1]: {
            "Attachment": {"SubnetId": subnet, "EndpointId": key, "Status": "READY"}
        }
        for key, subnet in endpoints.items()
    }
    return base.add(f"{kind}Firewall", "fw", properties, observed={"SyncStates": states})


def stateless_group(*rules: tuple[int, str, Mapping[str, Any]]) -> dict[str, Any]:
    """Rules as (priority, action without aws:, match attributes)."""
    items = [
        {
            "Priority": priority,
            "RuleDefinition": {"MatchAttributes": match, "Actions": [f"aws:{action}"]},
        }
        for priority, action, match in rules
    ]
    return {"RulesSource": {"StatelessRulesAndCustomActions": {"StatelessRules": items}}}


def suricata(*lines: str, **variables: list[str]) -> dict[str, Any]:
    """A stateful group of Suricata's text."""
    sets = {name: {"Definition": list(cidrs)} for name, cidrs in variables.items()}
    return {"RulesSource": {"RulesString": "\n".join(lines)}, "RuleVariables": {"IPSets": sets}}


ELB = "AWS::ElasticLoadBalancingV2::"


def balancer(
    base: NetworkBuilder,
    key: str,
    *subnets: str,
    kind: str = "application",
    groups: Sequence[str] = (),
    public: bool = False,
    cross_zone: bool | None = None,
    **properties: Any,
) -> NetworkBuilder:
    """A load balancer with a node in each subnet."""
    given: dict[str, Any] = {
        "Name": key,
        "Type": kind,
        "Scheme": "internet-facing" if public else "internal",
        "Subnets": [ref("Subnet", subnet) for subnet in subnets],
        "SecurityGroups": [ref("SecurityGroup", group) for group in groups],
        **properties,
    }
    if cross_zone is not None:
        value = str(cross_zone).lower()
        given["LoadBalancerAttributes"] = [
            {"Key": "load_balancing.cross_zone.enabled", "Value": value}
        ]
    return base.add(f"{ELB}LoadBalancer", key, given, observed={"State": {"Code": "active"}})


def target_group(
    base: NetworkBuilder,
    key: str,
    *targets: str,
    protocol: str = "HTTP",
    port: int = 8080,
    kind: str = "instance",
    states: Mapping[str, str] | None = None,
    vpc: str = "",
    wanted: str = "",
    **attributes: str,
) -> NetworkBuilder:
    """Targets are instances, addresses, or balancers; states by target; `wanted` is the group."""
    types = {"instance": "Instance", "alb": f"{ELB}LoadBalancer"}
    ids = [ref(types[kind], each) if kind in types else each for each in targets]
    properties = {
        "Name": key,
        "Protocol": protocol,
        "Port": port,
        "TargetType": kind,
        "Targets": [{"Id": each} for each in ids],
        "TargetGroupAttributes": [{"Key": k, "Value": v} for k, v in attributes.items()],
        **({"VpcId": ref("VPC", vpc)} if vpc else {}),
    }
    health = [
        {"Target": {"Id": each, "Port": port}, "State": state}
        for each, state in (states or {}).items()
    ]
    tags = {"ringwall:targets": wanted} if wanted else {}
    observed = {"TargetHealth": health}
    return base.add(f"{ELB}TargetGroup", key, properties, observed=observed, tags=tags)


def listener(
    base: NetworkBuilder, on: str, port: int, *groups: str, protocol: str = "HTTP", action: str = ""
) -> NetworkBuilder:
    """A listener that forwards to groups by its default action and its rules, or answers itself."""
    actions: list[dict[str, Any]] = [
        {"Type": "forward", "TargetGroupArn": ref(f"{ELB}TargetGroup", group)} for group in groups
    ]
    key = f"{on}:{port}"
    properties = {
        "LoadBalancerArn": ref(f"{ELB}LoadBalancer", on),
        "Port": port,
        "Protocol": protocol,
        "DefaultActions": actions[:1] or [{"Type": action}],
    }
    base.add(f"{ELB}Listener", key, properties)
    for number, each in enumerate(actions[1:], 1):
        rule = {"ListenerArn": ref(f"{ELB}Listener", key), "Priority": number, "Actions": [each]}
        base.add(f"{ELB}ListenerRule", f"{key}/{number}", rule)
    return base


def machine(
    base: NetworkBuilder, key: str, subnet: str, address: str, *groups: str
) -> NetworkBuilder:
    """A running instance `i-KEY` with an interface KEY."""
    return appliance(base, key, subnet, address, *groups, does="", checks=True)
