"""What only surveys read: types that say where packets go on, and what is missing of them."""

from typing import Any

import pytest

from ringwall.changes.permissions import policy
from ringwall.model.graph import Node, Ref, ResourceGraph
from ringwall.resources import deployable, registry, resource_type
from ringwall.resources.assemble import assemble
from ringwall.resources.kind import Reads
from tests.resources.surveyed import (
    ACCOUNT,
    BALANCER,
    DETAILS,
    EC2,
    ELB,
    ELB_ARN,
    FIREWALL,
    GROUP,
    LISTINGS,
    NETWORK,
    NFW,
    POLICY,
    REGION,
    RULES,
    SECRET,
    TO_ALB,
)


def survey(listings: Any = None, details: Any = None, refused: Any = None) -> Reads:
    given = LISTINGS if listings is None else listings
    more = DETAILS if details is None else details
    return Reads(ACCOUNT, REGION, given, more, refused or {})


@pytest.fixture(scope="module")
def graph() -> ResourceGraph:
    return assemble(survey(), "")


def node(graph: ResourceGraph, type_name: str, key: str) -> Node:
    return graph[type_name, key]


SUBNET, GROUP_1 = Ref(f"{EC2}Subnet", "subnet-1"), Ref(f"{EC2}SecurityGroup", "sg-1")
VPC, INSTANCE = Ref(f"{EC2}VPC", "vpc-1"), Ref(f"{EC2}Instance", "i-1")
LB, TARGETS = Ref(f"{ELB}LoadBalancer", BALANCER), Ref(f"{ELB}TargetGroup", GROUP)
GATEWAY = Ref(f"{EC2}VPNGateway", "vgw-1")
PROPERTIES: list[tuple[str, str, dict[str, Any]]] = [
    (
        f"{EC2}Instance",
        "i-1",
        {
            "SubnetId": SUBNET,
            "SecurityGroupIds": [GROUP_1, Ref(f"{EC2}SecurityGroup", "sg-2")],
            "SourceDestCheck": False,
        },
    ),
    (f"{EC2}VPNGateway", "vgw-1", {"Type": "ipsec.1", "AmazonSideAsn": 64512}),
    (f"{EC2}VPCGatewayAttachment", "vpc-1/vpn-gateway", {"VpcId": VPC, "VpnGatewayId": GATEWAY}),
    (
        f"{EC2}VPNGatewayRoutePropagation",
        "vgw-1/propagation",
        {"VpnGatewayId": GATEWAY, "RouteTableIds": [Ref(f"{EC2}RouteTable", "rtb-1")]},
    ),
    (
        f"{EC2}GatewayRouteTableAssociation",
        "vgw-1/route-table",
        {"GatewayId": GATEWAY, "RouteTableId": Ref(f"{EC2}RouteTable", "rtb-1")},
    ),
    (
        f"{EC2}CustomerGateway",
        "cgw-1",
        {"Type": "ipsec.1", "IpAddress": "203.0.113.9", "BgpAsn": 65000},
    ),
    (
        f"{EC2}VPNConnection",
        "vpn-1",
        {
            "Type": "ipsec.1",
            "StaticRoutesOnly": True,
            "VpnGatewayId": GATEWAY,
            "CustomerGatewayId": Ref(f"{EC2}CustomerGateway", "cgw-1"),
        },
    ),
    (
        f"{EC2}VPCEndpointService",
        "vpce-svc-1",
        {
            "AcceptanceRequired": True,
            "NetworkLoadBalancerArns": [Ref(f"{ELB}LoadBalancer", NETWORK)],
        },
    ),
    (f"{EC2}ClientVpnEndpoint", "cvpn-1", {"VpcId": VPC}),
    (
        f"{ELB}LoadBalancer",
        BALANCER,
        {
            "Name": "web",
            "Type": "application",
            "Scheme": "internet-facing",
            "IpAddressType": "ipv4",
            "Subnets": [SUBNET],
            "SecurityGroups": [GROUP_1],
            "LoadBalancerAttributes": [
                {"Key": "deletion_protection.enabled", "Value": "true"},
                {"Key": "routing.http2.enabled", "Value": "false"},
            ],
        },
    ),
    (
        f"{ELB}TargetGroup",
        GROUP,
        {
            "Name": "t",
            "Protocol": "HTTP",
            "Port": 8080,
            "TargetType": "instance",
            "VpcId": VPC,
            "Targets": [{"Id": INSTANCE, "Port": 8080}, {"Id": "10.0.0.9", "Port": 1}],
        },
    ),
    (
        f"{ELB}TargetGroup",
        TO_ALB,
        {
            "Name": "alb",
            "TargetType": "alb",
            "Targets": [{"Id": LB, "Port": 443}],
            "TargetGroupAttributes": [],
        },
    ),
    (
        f"{ELB}Listener",
        f"{BALANCER}:443",
        {
            "LoadBalancerArn": LB,
            "Port": 443,
            "Protocol": "HTTPS",
            "SslPolicy": "ELBSecurityPolicy-2016-08",
            "Certificates": [{"CertificateArn": "arn:cert"}],
            "DefaultActions": [
                {"Type": "authenticate-oidc", "Order": 1},
                {
                    "Type": "forward",
                    "Order": 2,
                    "TargetGroupArn": TARGETS,
                },
            ],
        },
    ),
    (
        f"{ELB}ListenerRule",
        f"{BALANCER}:443/10",
        {
            "ListenerArn": Ref(f"{ELB}Listener", f"{BALANCER}:443"),
            "Priority": 10,
            "Conditions": [{"Field": "path-pattern", "PathPatternConfig": {"Values": ["/a"]}}],
            "Actions": [{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}],
        },
    ),
    (
        "AWS::ElasticLoadBalancing::LoadBalancer",
        f"{ELB_ARN}:loadbalancer/old",
        {
            "LoadBalancerName": "old",
            "Scheme": "internal",
            "Subnets": [SUBNET],
            "SecurityGroups": [GROUP_1],
            "Listeners": [
                {
                    "LoadBalancerPort": 80,
                    "InstancePort": 8080,
                    "Protocol": "TCP",
                    "InstanceProtocol": "TCP",
                }
            ],
            "Instances": [INSTANCE],
            "CrossZone": True,
        },
    ),
    (
        f"{NFW}Firewall",
        FIREWALL,
        {
            "FirewallName": "x",
            "FirewallPolicyArn": Ref(f"{NFW}FirewallPolicy", POLICY),
            "VpcId": VPC,
            "SubnetMappings": [{"SubnetId": SUBNET}],
        },
    ),
    (
        f"{NFW}FirewallPolicy",
        POLICY,
        {
            "FirewallPolicyName": "x",
            "FirewallPolicy": {
                "StatelessDefaultActions": ["aws:forward_to_sfe"],
                "StatefulRuleGroupReferences": [
                    {"ResourceArn": Ref(f"{NFW}RuleGroup", RULES), "Priority": 1}
                ],
            },
        },
    ),
    (
        f"{NFW}RuleGroup",
        RULES,
        {
            "RuleGroupName": "x",
            "Type": "STATEFUL",
            "Capacity": 10,
            "RuleGroup": {"RulesSource": {"RulesString": "pass ip any any -> any any (sid:1;)"}},
        },
    ),
    (
        "AWS::VpcLattice::ServiceNetworkVpcAssociation",
        "snva-1",
        {"ServiceNetworkIdentifier": "sn-1", "VpcIdentifier": VPC, "SecurityGroupIds": [GROUP_1]},
    ),
    (
        "AWS::DirectConnect::DirectConnectGateway",
        "dx-1",
        {"DirectConnectGatewayName": "line", "AmazonSideAsn": 64600},
    ),
]


@pytest.mark.parametrize(
    ("type_name", "key", "properties"), PROPERTIES, ids=[f"{t}-{k}" for t, k, _ in PROPERTIES]
)
def test_each_type_is_read_under_cloudformations_names(graph, type_name, key, properties):
    assert node(graph, type_name, key).properties == properties


def test_every_type_of_surveys_has_its_example():
    assert {kind.name for kind in registry().values() if kind.survey} <= {
        t for t, _, _ in PROPERTIES
    }


def test_what_cloudformation_cannot_say_is_observed(graph):
    observed = {
        (f"{EC2}Instance", "i-1"): {
            "State": "running",
            "NetworkInterfaceIds": [Ref(f"{EC2}NetworkInterface", "eni-1")],
            "PrivateIpAddress": "10.0.0.4",
            "VpcId": "vpc-1",
        },
        (f"{EC2}VPNConnection", "vpn-1"): {
            "State": "available",
            "Routes": [{"DestinationCidrBlock": "172.16.0.0/16", "State": "available"}],
            "VgwTelemetry": [{"OutsideIpAddress": "203.0.113.1", "Status": "UP"}],
        },
        (f"{ELB}TargetGroup", GROUP): {
            "LoadBalancerArns": [BALANCER],
            "TargetHealth": [
                {
                    "Target": {"Id": INSTANCE, "Port": 8080},
                    "State": "unhealthy",
                    "Reason": "Target.Timeout",
                },
                {"Target": {"Id": "10.0.0.9", "Port": 1}, "State": "healthy"},
            ],
        },
        (f"{NFW}Firewall", FIREWALL): {
            "Status": "READY",
            "SyncStates": {
                "us-east-1a": {
                    "Attachment": {
                        "SubnetId": "subnet-1",
                        "EndpointId": "vpce-1",
                        "Status": "READY",
                    }
                }
            },
        },
        ("AWS::DirectConnect::DirectConnectGateway", "dx-1"): {
            "State": "available",
            "AssociatedGateway": [
                {
                    "id": "vgw-1",
                    "type": "virtualPrivateGateway",
                    "state": "associated",
                    "allowedPrefixes": ["10.0.0.0/16"],
                }
            ],
        },
    }
    assert {address: graph[address].observed for address in observed} == observed
    peering = graph[f"{EC2}TransitGatewayAttachment", "tgw-attach-1"].observed
    assert peering["RequesterTgwInfo"] == {
        "TransitGatewayId": "tgw-1",
        "OwnerId": ACCOUNT,
        "Region": REGION,
    }
    assert peering["AccepterTgwInfo"]["TransitGatewayId"] == "tgw-2"


def test_no_secret_comes_out_of_a_reader(graph):
    assert SECRET not in repr(graph.nodes)


def test_what_is_gone_is_left_out(graph):
    gone = {"i-0", "vgw-0", "vpc-0/vpn-gateway"}
    assert gone & {key for _, key in graph.nodes} == set()


def test_what_an_object_does_not_say_is_unknown_by_its_call():
    fewer = {name: value for name, value in DETAILS.items() if name != "elbv2:describe_listeners"}
    unknowns = {(u.what, u.why) for u in assemble(survey(details=fewer), "").unknowns}
    said = f"elbv2:describe_listeners of {BALANCER} was not read"
    assert (f"{ELB}Listener", said) in unknowns


def test_a_call_that_was_refused_is_unknown_for_its_types():
    fewer = {n: v for n, v in LISTINGS.items() if n != "elbv2:describe_target_groups"}
    refused = {"elbv2:describe_target_groups": "AccessDenied"}
    unknowns = {(u.what, u.why) for u in assemble(survey(fewer, refused=refused), "").unknowns}
    assert (
        f"{ELB}TargetGroup",
        "elbv2:describe_target_groups was refused: AccessDenied",
    ) in unknowns


BARE: dict[str, list[Any]] = {
    "ec2:describe_network_interfaces": [],
    "ec2:describe_route_tables": [],
    "ec2:describe_vpc_endpoints": [],
    "ec2:describe_transit_gateway_attachments": [],
    "ec2:describe_vpn_gateways": [],
}
SURVEYED = {kind.name for kind in registry().values() if kind.survey}


def unread(listings: Any) -> set[str]:
    return {u.what for u in assemble(survey(listings, {}), "").unknowns} & SURVEYED


def test_nothing_is_missed_where_what_was_read_leaves_no_room_for_it():
    """Without interfaces no load balancer, without gateways no line to them."""
    assert unread({}) == SURVEYED
    assert unread(BARE) == {"AWS::VpcLattice::ServiceNetworkVpcAssociation"}


BALANCING = {n for n in SURVEYED if "LoadBalancing" in n} | {f"{EC2}VPCEndpointService"}
FIREWALLS = {n for n in SURVEYED if n.startswith(NFW)}


@pytest.mark.parametrize(
    ("listing", "item", "types"),
    [
        ("network_interfaces", {"Description": "ELB app/web/1"}, BALANCING),
        ("network_interfaces", {"InterfaceType": "network_load_balancer"}, BALANCING),
        ("network_interfaces", {"InterfaceType": "gateway_load_balancer_endpoint"}, FIREWALLS),
        ("network_interfaces", {"RequesterManaged": True}, {f"{EC2}ClientVpnEndpoint"}),
        ("vpn_gateways", {"VpnGatewayId": "vgw-1"}, {
            f"{EC2}VPNConnection",
            f"{EC2}CustomerGateway",
            "AWS::DirectConnect::DirectConnectGateway",
        }),
        ("transit_gateway_attachments", {"ResourceType": "vpn"}, {
            f"{EC2}VPNConnection",
            f"{EC2}CustomerGateway",
        }),
        ("route_tables", {"Routes": [{"NetworkInterfaceId": "eni-1"}]}, {f"{EC2}Instance"}),
        ("route_tables", {"Routes": [{"GatewayId": "vpce-1"}]}, FIREWALLS),
    ],
)  # fmt: skip
def test_what_was_read_tells_what_may_be_missing(listing, item, types):
    defaults = {
        "NetworkInterfaceId": "eni-1",
        "RouteTableId": "rtb-1",
        "VpcId": "vpc-1",
        "TransitGatewayAttachmentId": "tgw-attach-1",
        "TransitGatewayId": "tgw-1",
    }
    given = {**BARE, f"ec2:describe_{listing}": [{**defaults, **item}]}
    assert unread(given) - {"AWS::VpcLattice::ServiceNetworkVpcAssociation"} == types


def test_plans_neither_make_the_calls_of_surveys_nor_need_their_permissions():
    planned = {item.name for kind in deployable() for item in kind.listings}
    planned |= {item.name for kind in deployable() for item in kind.details}
    services = {name.split(":")[0] for name in planned}
    assert services.isdisjoint({"elb", "network-firewall", "directconnect"})
    assert "ec2:describe_instances" not in planned
    [read, *_] = policy(ResourceGraph(), "d", REGION, "plan")["Statement"]
    assert not [a for a in read["Action"] if "InstanceHealth" in a or "VpnConnections" in a]


WATCHED = {
    "ec2:describe_vpn_gateways",
    "ec2:describe_client_vpn_endpoints",
    "vpc-lattice:list_service_networks",
}


def test_plans_read_what_may_carry_packets_past_a_blueprint():
    """One listing each; what route tables say of private gateways costs none."""
    plain = {item.name for kind in registry().values() if not kind.survey for item in kind.listings}
    planned = {item.name for kind in deployable() for item in kind.listings}
    assert planned - plain == WATCHED
    [read, *_] = policy(ResourceGraph(), "d", REGION, "plan")["Statement"]
    assert "vpc-lattice:ListServiceNetworks" in read["Action"]


def test_what_a_plan_does_not_read_is_unknown_where_there_may_be_one():
    planned = {item.name for kind in deployable() for item in kind.listings}
    given = {name: value for name, value in LISTINGS.items() if name in planned}
    found = assemble(survey(given, {}), "")
    read = {name for name in SURVEYED if resource_type(name).watched}
    assert {n.type for n in found} & SURVEYED <= read
    assert f"{EC2}VPNGateway" in {n.type for n in found}
    unread = {u.what for u in found.unknowns} & SURVEYED
    assert f"{EC2}VPNConnection" in unread
    empty: dict[str, list[Any]] = {name: [] for name in planned}
    assert not {u.what for u in assemble(survey(empty, {}), "").unknowns} & SURVEYED


def test_what_only_surveys_read_is_never_written():
    for name in SURVEYED:
        kind = resource_type(name)
        assert (kind.create, kind.delete, kind.tag) == (
            resource_type("AWS::EC2::VPCPeeringConnection").create,
            resource_type("AWS::EC2::VPCPeeringConnection").delete,
            None,
        )


@pytest.mark.parametrize(
    ("listing", "item", "known"),
    [
        ("network_interfaces", {"InterfaceType": "interface"}, True),
        ("network_interfaces", {"InterfaceType": "vpc_endpoint"}, False),
        ("network_interfaces", {"Description": "VPC Endpoint Interface vpce-1"}, False),
        ("route_tables", {"Routes": [{"GatewayId": "igw-1"}]}, True),
        ("route_tables", {"Routes": [{"GatewayId": "vpce-1"}]}, False),
    ],
)
def test_without_its_interface_or_route_no_endpoint_acts(listing, item, known):
    given = {name: value for name, value in BARE.items() if "endpoints" not in name}
    bare = {"NetworkInterfaceId": "eni-1", "RouteTableId": "rtb-1", "VpcId": "vpc-1"}
    given[f"ec2:describe_{listing}"] = [{**bare, **item}]
    found = {unknown.what for unknown in assemble(survey(given, {}), "").unknowns}
    assert (f"{EC2}VPCEndpoint" not in found) is known
