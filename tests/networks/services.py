"""Services in a drawn network: endpoints, load balancers, firewalls, Lattice."""

from typing import Any

from tests.builders import ref
from tests.networks.features import Feature
from tests.networks.inspection import draw_firewall, draw_inspection
from tests.networks.plans import Drawing, SubnetPlan, Tier, VpcPlan

ELB = "AWS::ElasticLoadBalancingV2"
S3 = ["52.216.0.0/15", "3.5.0.0/19"]


def draw_services(d: Drawing) -> None:
    """Draw the services that the network's features name, each in some VPC."""
    for vpc in d.vpcs.values():
        if d.has(Feature.GATEWAY_ENDPOINTS) and vpc.tables() and d.chance(0.7):
            cidrs = S3 if not (d.has(Feature.MISSING) and d.chance(0.3)) else ()
            tables = [table for table in vpc.tables() if d.chance(0.7)]
            d.builder.endpoint(f"{vpc.key}/s3", tables=tables, cidrs=cidrs)
            if d.chance(0.5):  # IAM's, which says nothing about packets (F19)
                nobody = {"Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*"}
                policy = {"Version": "2012-10-17", "Statement": [nobody]}
                d.change("VPCEndpoint", f"{vpc.key}/s3", PolicyDocument=policy)
        if d.has(Feature.INTERFACE_ENDPOINTS) and d.chance(0.7):
            _interface_endpoint(d, vpc)
    for feature, draw in SERVICES.items():
        if d.has(feature):
            draw(d, d.rng.choice(list(d.vpcs.values())))


def _interface_endpoint(d: Drawing, vpc: VpcPlan) -> None:
    tier = d.rng.choice(list(vpc.tiers.values()))
    group = f"{vpc.key}/g-endpoints"
    d.builder.group(group, "")
    for cidr in vpc.cidrs:
        d.builder.rule(group, "in", "tcp/443", cidr)
    key = f"{vpc.key}/ssm"
    subnets = [subnet.key for subnet in tier.subnets]
    d.builder.endpoint(key, subnets=subnets, groups=[group])
    d.give_id("VPCEndpoint", key, d.new_id("vpce"))


def _tier(d: Drawing, vpc: VpcPlan) -> Tier:
    return d.rng.choice([tier for tier in vpc.tiers.values() if tier.groups])


def _balancer(d: Drawing, vpc: VpcPlan, kind: str) -> None:
    front, back = _tier(d, vpc), _tier(d, vpc)
    key, port = f"{vpc.key}/{kind}", 443
    groups = [front.groups[0]] if kind == "application" or d.chance(0.5) else []
    protocol = "HTTPS" if kind == "application" else "TCP"
    d.builder.add(
        f"{ELB}::LoadBalancer",
        key,
        {
            "Name": kind,
            "Type": kind,
            "Scheme": d.rng.choice(("internal", "internet-facing")),
            "Subnets": [ref("Subnet", subnet.key) for subnet in front.subnets],
            "SecurityGroups": [ref("SecurityGroup", group) for group in groups],
            "IpAddressType": "ipv4",
            "LoadBalancerAttributes": [
                {
                    "Key": "load_balancing.cross_zone.enabled",
                    "Value": d.rng.choice(("true", "false")),
                }
            ],
        },
        observed={"State": "active", "VpcId": ref("VPC", vpc.key)},
    )
    targets = [{"Id": d.address(subnet), "Port": 8080} for subnet in back.subnets]
    states = ("healthy", "healthy", "unhealthy", "unused")
    d.builder.add(
        f"{ELB}::TargetGroup",
        key,
        {
            "Name": kind,
            "Protocol": "HTTP" if kind == "application" else "TCP",
            "Port": 8080,
            "TargetType": "ip",
            "VpcId": ref("VPC", vpc.key),
            "Targets": targets,
            "TargetGroupAttributes": [
                {"Key": "preserve_client_ip.enabled", "Value": d.rng.choice(("true", "false"))}
            ],
        },
        observed={"TargetHealth": [{"Target": t, "State": d.rng.choice(states)} for t in targets]},
    )
    forward = [{"Type": "forward", "TargetGroupArn": ref(f"{ELB}::TargetGroup", key)}]
    d.builder.add(
        f"{ELB}::Listener",
        key,
        {
            "LoadBalancerArn": ref(f"{ELB}::LoadBalancer", key),
            "Port": port,
            "Protocol": protocol,
            "DefaultActions": forward,
        },
    )
    short = {"application": "app", "network": "net"}[kind]
    for subnet in front.subnets:
        _balancer_interface(d, subnet, groups, f"ELB {short}/{kind}/0123456789abcdef", kind)


def _balancer_interface(
    d: Drawing, subnet: SubnetPlan, groups: list[str], text: str, kind: str
) -> None:
    key = d.new_id("eni")
    type_name = "network_load_balancer" if kind == "network" else "interface"
    d.builder.interface(key, subnet.key, d.address(subnet), *groups, kind=type_name)
    d.observe("NetworkInterface", key, Description=text, RequesterId="amazon-elb")


def _application(d: Drawing, vpc: VpcPlan) -> None:
    _balancer(d, vpc, "application")
    key = f"{vpc.key}/application"
    condition = {"Field": "path-pattern", "Values": ["/api/*"]}
    d.builder.add(
        f"{ELB}::ListenerRule",
        key,
        {
            "ListenerArn": ref(f"{ELB}::Listener", key),
            "Priority": 10,
            "Conditions": [condition],
            "Actions": [{"Type": "forward", "TargetGroupArn": ref(f"{ELB}::TargetGroup", key)}],
        },
    )


def _network(d: Drawing, vpc: VpcPlan) -> None:
    _balancer(d, vpc, "network")
    if d.has(Feature.ENDPOINT_SERVICES):
        d.builder.add(
            "VPCEndpointService",
            f"{vpc.key}/service",
            {
                "NetworkLoadBalancerArns": [ref(f"{ELB}::LoadBalancer", f"{vpc.key}/network")],
                "AcceptanceRequired": False,
            },
            observed={
                "ServiceName": "com.amazonaws.vpce.us-east-1.vpce-svc-00000002",
                "ServiceState": "Available",
            },
        )


def _classic(d: Drawing, vpc: VpcPlan) -> None:
    front = _tier(d, vpc)
    listener = {"LoadBalancerPort": "80", "InstancePort": "8080", "Protocol": "TCP"}
    properties: dict[str, Any] = {
        "LoadBalancerName": "classic",
        "Scheme": "internal",
        "Subnets": [ref("Subnet", subnet.key) for subnet in front.subnets],
        "SecurityGroups": [ref("SecurityGroup", front.groups[0])],
        "Listeners": [listener],
        "Instances": [ref("Instance", key) for key in d.keys("Instance")[:2]],
        "CrossZone": d.chance(0.5),
    }
    d.builder.add(
        "AWS::ElasticLoadBalancing::LoadBalancer",
        f"{vpc.key}/classic",
        properties,
        observed={"VPCId": ref("VPC", vpc.key)},
    )
    for subnet in front.subnets:
        _balancer_interface(d, subnet, [front.groups[0]], "ELB classic", "classic")


def _lattice(d: Drawing, vpc: VpcPlan) -> None:
    d.builder.add(
        "AWS::VpcLattice::ServiceNetworkVpcAssociation",
        f"{vpc.key}/lattice",
        {
            "ServiceNetworkIdentifier": "sn-00000001",
            "VpcIdentifier": ref("VPC", vpc.key),
            "SecurityGroupIds": [ref("SecurityGroup", _tier(d, vpc).groups[0])],
        },
        observed={"Status": "ACTIVE"},
    )


SERVICES = {
    Feature.INSPECTION_ENDPOINTS: draw_inspection,
    Feature.NETWORK_FIREWALL: draw_firewall,
    Feature.APPLICATION_BALANCERS: _application,
    Feature.NETWORK_BALANCERS: _network,
    Feature.CLASSIC_BALANCERS: _classic,
    Feature.LATTICE: _lattice,
}
