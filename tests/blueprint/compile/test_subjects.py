"""Each subject of the compiler: routes, gateways, rules, ACLs, endpoints, logs, switches."""

import pytest

from ringwall.errors import BlueprintError
from ringwall.model.graph import Node, Ref, ResourceGraph
from tests.blueprint.compile.blueprints import (
    CENTRAL,
    DUAL_STACK,
    EVERYTHING,
    compiled,
    example,
)


@pytest.fixture(scope="module")
def fortress() -> ResourceGraph:
    return compiled(example("fortress"))


@pytest.fixture(scope="module")
def central() -> ResourceGraph:
    return compiled(CENTRAL)


@pytest.fixture(scope="module")
def dual() -> ResourceGraph:
    return compiled(DUAL_STACK)


@pytest.fixture(scope="module")
def everything() -> ResourceGraph:
    return compiled(EVERYTHING)


def _routes(graph: ResourceGraph, prefix: str) -> dict[str, str]:
    found = {}
    for node in graph.of_type("AWS::EC2::Route"):
        if node.key.startswith(prefix):
            target = next(
                str(value)
                for name, value in node.properties.items()
                if name not in {"RouteTableId", "DestinationCidrBlock", "DestinationIpv6CidrBlock"}
            )
            found[node.key.removeprefix(prefix)] = target
    return found


def _keys(graph: ResourceGraph, kind: str, prefix: str) -> list[str]:
    return [n.key for n in graph.of_type(f"AWS::EC2::{kind}") if n.key.startswith(prefix)]


def _entries(graph: ResourceGraph, prefix: str) -> list[str]:
    def text(node: Node) -> str:
        p = node.properties
        what = p.get("PortRange") or p.get("Icmp") or {}
        peer = p.get("CidrBlock") or p["Ipv6CidrBlock"]
        return f"{p['Protocol']} {'-'.join(str(v) for v in what.values())} {peer}"

    nodes = graph.of_type("AWS::EC2::NetworkAclEntry")
    return [text(node) for node in nodes if node.key.startswith(prefix)]


# Routes


def test_each_zone_goes_out_by_its_own_nat_gateway(fortress: ResourceGraph) -> None:
    assert _routes(fortress, "production/private/") == {
        "us-east-1a>0.0.0.0/0": "NatGateway(production/nat/us-east-1a)",
        "us-east-1a>10.0.0.0/16": "TransitGateway(transit-gateway)",
        "us-east-1b>0.0.0.0/0": "NatGateway(production/nat/us-east-1b)",
        "us-east-1b>10.0.0.0/16": "TransitGateway(transit-gateway)",
    }


def test_an_isolated_tier_has_the_local_route_alone(fortress: ResourceGraph) -> None:
    assert _routes(fortress, "production/isolated") == {}


def test_an_isolated_tier_has_routes_to_the_vpcs_that_its_flows_name(
    central: ResourceGraph,
) -> None:
    assert _routes(central, "red/isolated") == {">10.0.0.0/16": "TransitGateway(transit-gateway)"}


def test_an_attachment_has_the_local_route_alone(fortress: ResourceGraph) -> None:
    assert _routes(fortress, "production/attachment") == {}


def test_under_central_nat_spokes_go_out_by_the_hub_and_answers_find_back(
    central: ResourceGraph,
) -> None:
    assert _routes(central, "red/private")[">0.0.0.0/0"] == "TransitGateway(transit-gateway)"
    assert _routes(central, "hub/attachment/") == {
        "us-east-1a>0.0.0.0/0": "NatGateway(hub/nat/us-east-1a)",
        "us-east-1b>0.0.0.0/0": "NatGateway(hub/nat/us-east-1b)",
    }
    assert _routes(central, "hub/public") == {
        ">0.0.0.0/0": "InternetGateway(hub)",
        ">10.1.0.0/16": "TransitGateway(transit-gateway)",
        ">10.2.0.0/16": "TransitGateway(transit-gateway)",
    }


def test_under_central_nat_the_hub_does_not_join_segments_that_are_apart(
    central: ResourceGraph,
) -> None:
    found = {
        node.key: node.properties.get("TransitGatewayAttachmentId", "blackhole")
        for node in central.of_type("AWS::EC2::TransitGatewayRoute")
        if node.key.startswith("red>")
    }
    assert found == {
        "red>0.0.0.0/0": Ref("AWS::EC2::TransitGatewayAttachment", "hub"),
        "red>10.0.0.0/8": "blackhole",
        "red>172.16.0.0/12": "blackhole",
        "red>192.168.0.0/16": "blackhole",
    }


def test_ipv6_goes_out_by_the_egress_only_gateway(dual: ResourceGraph) -> None:
    assert _routes(dual, "left/private") == {
        ">0.0.0.0/0": "NatGateway(left/nat/us-east-1a)",
        ">::/0": "EgressOnlyInternetGateway(left)",
        ">10.1.0.0/16": "TransitGateway(transit-gateway)",
        ">right/ipv6": "TransitGateway(transit-gateway)",
    }


def test_a_vpc_without_a_public_tier_has_no_internet_gateway(everything: ResourceGraph) -> None:
    assert [n.key for n in everything.of_type("AWS::EC2::InternetGateway")] == ["front"]


def test_static_and_blackhole_routes_stand_in_the_segment_and_in_private_tiers(
    everything: ResourceGraph,
) -> None:
    assert {
        node.key: node.properties.get("Blackhole", False)
        for node in everything.of_type("AWS::EC2::TransitGatewayRoute")
    } == {"front>10.200.0.0/16": False, "front>10.99.0.0/16": True}
    assert ">10.200.0.0/16" in _routes(everything, "front/private")


# Groups and rules


def test_flows_inside_a_vpc_name_groups_and_across_vpcs_the_tiers_addresses(
    fortress: ResourceGraph,
) -> None:
    assert _keys(fortress, "SecurityGroupIngress", "staging/app:") == [
        "staging/app:in:tcp/8080:group staging/web",
        "staging/app:in:tcp/8080:10.3.16.0/20",
    ]


def test_a_named_network_inside_a_tier_lets_its_groups_out(fortress: ResourceGraph) -> None:
    assert "hub/bastion:out:tcp/22:10.1.16.0/20" in _keys(
        fortress, "SecurityGroupEgress", "hub/bastion"
    )


def test_group_references_across_vpcs_are_inbound_only(everything: ResourceGraph) -> None:
    assert _keys(everything, "SecurityGroupIngress", "back/store") == [
        "back/store:in:tcp/5432:group front/app"
    ]
    assert "front/app:out:tcp/5432:10.2.0.0/20" in _keys(
        everything, "SecurityGroupEgress", "front/app"
    )


def test_a_service_behind_a_gateway_endpoint_is_its_prefix_list(fortress: ResourceGraph) -> None:
    rule = fortress[
        "AWS::EC2::SecurityGroupEgress",
        "production/app:out:tcp/443:pl aws:com.amazonaws.us-east-1.s3",
    ]
    assert rule.properties["DestinationPrefixListId"] == Ref(
        "AWS::EC2::PrefixList", "aws:com.amazonaws.us-east-1.s3"
    )


def test_a_reason_is_written_in_the_characters_that_ec2_takes(everything: ResourceGraph) -> None:
    rule = everything["AWS::EC2::SecurityGroupIngress", "front/gate:in:tcp/443:203.0.113.0/24"]
    assert rule.properties["Description"] == "the offices staff"


def test_endpoints_have_ipv4_addresses_alone(dual: ResourceGraph) -> None:
    assert _keys(dual, "SecurityGroupIngress", "left/endpoints") == [
        "left/endpoints:in:tcp/443:group left/app"
    ]


def test_the_internet_is_both_families_on_dual_stack(dual: ResourceGraph) -> None:
    assert _keys(dual, "SecurityGroupIngress", "left/alb:in:tcp/443") == [
        "left/alb:in:tcp/443:0.0.0.0/0",
        "left/alb:in:tcp/443:::/0",
    ]


# Network ACLs


def test_the_attachments_acl_lets_through_what_is_checked_there(fortress: ResourceGraph) -> None:
    """Inbound what goes to the gateway, outbound what comes from it (Transit Gateway guide)."""
    assert _entries(fortress, "hub/attachment:egress") == [
        "6 443-443 10.0.16.0/20",
        "6 636-636 10.0.16.0/20",
        "6 1024-65535 10.0.100.0/24",
    ]
    assert _entries(fortress, "hub/attachment:ingress") == [
        "6 22-22 10.0.100.0/24",
        "6 1024-65535 10.0.16.0/20",
    ]


def test_the_tier_of_central_nat_lets_spokes_through_both_sides(central: ResourceGraph) -> None:
    assert _entries(central, "hub/public:ingress") == [
        "6 443-443 10.0.16.0/20",
        "6 443-443 10.1.0.0/20",
        "6 443-443 10.2.0.0/20",
        "6 1024-65535 0.0.0.0/0",
    ]
    assert _entries(central, "hub/public:egress") == [
        "6 443-443 0.0.0.0/0",
        "6 1024-65535 10.0.16.0/20",
        "6 1024-65535 10.1.0.0/20",
        "6 1024-65535 10.2.0.0/20",
    ]


def test_entries_written_by_hand_keep_their_numbers_and_come_first(
    everything: ResourceGraph,
) -> None:
    assert _keys(everything, "NetworkAclEntry", "front/public:ingress")[:2] == [
        "front/public:ingress:100",
        "front/public:ingress:120",
    ]
    entry = everything["AWS::EC2::NetworkAclEntry", "front/public:ingress:120"].properties
    assert (entry["Protocol"], entry["Icmp"]) == (1, {"Type": 8, "Code": -1})


def test_icmp_is_each_familys_own(dual: ResourceGraph) -> None:
    block = "VPCCidrBlock(left/ipv6).ipv6/60/0"
    assert "1 8--1 10.0.0.0/20" in _entries(dual, "left/private:egress")
    assert f"58 128--1 {block}" in _entries(dual, "left/private:egress")
    assert f"58 129--1 {block}" in _entries(dual, "left/private:ingress")


def test_a_tier_that_needs_more_entries_than_fit_is_refused_at_its_place() -> None:
    hosts = ", ".join(f"203.0.113.{number}/32" for number in range(0, 60, 2))
    text = f"""
name: wide
region: us-east-1
zones: [us-east-1a]
networks: {{partners: [{hosts}]}}
vpcs:
  main:
    tiers: {{public: {{kind: public}}}}
    groups: {{web: {{tier: public}}}}
    flows: [{{from: partners, to: web, ports: [443]}}]
"""
    with pytest.raises(BlueprintError) as caught:
        compiled(text)
    assert {problem.code for problem in caught.value.problems} == {"BP082"}
    first = caught.value.problems[0]
    assert "main/public needs 30" in first.message
    assert "15 are free" in first.message
    assert first.line == 8


# Endpoints, names, logs, switches


def test_shared_endpoints_are_found_by_every_joined_vpc(fortress: ResourceGraph) -> None:
    endpoint = fortress["AWS::EC2::VPCEndpoint", "hub/ssm"].properties
    assert endpoint["PrivateDnsEnabled"] is False
    assert endpoint["SecurityGroupIds"] == [Ref("AWS::EC2::SecurityGroup", "hub/endpoints")]
    zone = fortress["AWS::Route53::HostedZone", "hub/ssm"].properties
    assert zone["Name"] == "ssm.us-east-1.amazonaws.com"
    assert {vpc.key for vpc in zone["VPCs"]} == {"hub", "production", "staging", "development"}
    record = fortress["AWS::Route53::RecordSet", "hub/ssm>ssm.us-east-1.amazonaws.com A"]
    assert record.properties["AliasTarget"]["DNSName"] == Ref(
        "AWS::EC2::VPCEndpoint", "hub/ssm", "DnsName"
    )


def test_a_service_with_names_of_its_own_has_zones_for_them(everything: ResourceGraph) -> None:
    assert {n.key for n in everything.of_type("AWS::Route53::RecordSet")} == {
        "front/ecr.dkr>dkr.ecr.eu-west-1.amazonaws.com A",
        "front/ecr.dkr>*.dkr.ecr.eu-west-1.amazonaws.com A",
        "front/ecr.api>api.ecr.eu-west-1.amazonaws.com A",
        "front/kms>kms.eu-west-1.amazonaws.com A",
    }


def test_endpoints_of_one_vpc_have_private_dns(dual: ResourceGraph) -> None:
    assert dual["AWS::EC2::VPCEndpoint", "left/ssm"].properties["PrivateDnsEnabled"] is True
    assert dual.of_type("AWS::Route53::HostedZone") == []


def test_a_gateway_endpoint_stands_in_private_tiers(fortress: ResourceGraph) -> None:
    endpoint = fortress["AWS::EC2::VPCEndpoint", "production/s3"].properties
    assert [ref.key for ref in endpoint["RouteTableIds"]] == [
        "production/private/us-east-1a",
        "production/private/us-east-1b",
    ]


def test_an_endpoint_has_its_policy(everything: ResourceGraph) -> None:
    policy = everything["AWS::EC2::VPCEndpoint", "front/kms"].properties["PolicyDocument"]
    assert policy["Statement"][0]["Action"] == "kms:Decrypt"
    assert "PolicyDocument" not in everything["AWS::EC2::VPCEndpoint", "front/s3"].properties


def test_the_delivery_role_may_write_to_its_log_group_alone(fortress: ResourceGraph) -> None:
    role = fortress["AWS::IAM::Role", "flow-logs"].properties
    writing, listing = role["Policies"][0]["PolicyDocument"]["Statement"]
    group = "arn:aws:logs:us-east-1:*:log-group:/ringwall/fortress/flow-logs"
    assert writing["Resource"] == [group, f"{group}:*"]
    assert listing["Action"] == "logs:DescribeLogGroups"


def test_flow_logs_in_s3_are_delivered_for_this_account_alone(everything: ResourceGraph) -> None:
    bucket = everything["AWS::S3::Bucket", "flow-logs"].properties
    assert bucket["BucketName"] == "ringwall-everything-flow-logs-012345678901-eu-west-1"
    document = everything["AWS::S3::BucketPolicy", "flow-logs"].properties["PolicyDocument"]
    write = document["Statement"][0]
    assert write["Condition"]["StringEquals"] == {
        "aws:SourceAccount": "012345678901",
        "s3:x-amz-acl": "bucket-owner-full-control",
    }
    log = everything["AWS::EC2::FlowLog", "front"].properties
    assert log["LogDestination"] == Ref("AWS::S3::Bucket", "flow-logs", "Arn")


def test_switches_of_the_account_are_set_only_when_owned(
    everything: ResourceGraph, fortress: ResourceGraph
) -> None:
    options = everything["AWS::EC2::VPCBlockPublicAccessOptions", "account"].properties
    assert options == {"InternetGatewayBlockMode": "block-bidirectional"}
    exclusion = everything["AWS::EC2::VPCBlockPublicAccessExclusion", "front"].properties
    assert exclusion["InternetGatewayExclusionMode"] == "allow-bidirectional"
    assert fortress.of_type("AWS::EC2::VPCBlockPublicAccessOptions") == []


def test_an_override_answers_with_its_domain(everything: ResourceGraph) -> None:
    group = everything["AWS::Route53Resolver::FirewallRuleGroup", "dns-firewall"]
    allow, block = group.properties["FirewallRules"]
    assert (allow["Priority"], allow["Action"]) == (100, "ALLOW")
    assert (block["Priority"], block["BlockResponse"], block["BlockOverrideDomain"]) == (
        110,
        "OVERRIDE",
        "sink.example.org",
    )


def test_an_attachment_in_a_workload_tier_keeps_both_directions_in_one_zone(
    everything: ResourceGraph,
) -> None:
    attachment = everything["AWS::EC2::TransitGatewayAttachment", "back"].properties
    assert attachment["Options"]["ApplianceModeSupport"] == "enable"
    assert [ref.key for ref in attachment["SubnetIds"]] == [
        f"back/private/eu-west-1{zone}" for zone in "abc"
    ]
