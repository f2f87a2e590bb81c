"""Answers about load balancers, firewalls and lines to on-premises networks, in any files."""

import gzip
import json
from typing import Any

import pytest

from ringwall.errors import InputError
from ringwall.formats.describe import read_folder, write_folder
from ringwall.resources.assemble import assemble
from ringwall.resources.kind import Reads
from tests.formats.test_describe import broken
from tests.resources.surveyed import (
    ACCOUNT,
    BALANCER,
    DETAILS,
    FIREWALL,
    GROUP,
    LISTENER,
    LISTINGS,
    NFW,
    POLICY,
    REGION,
    RULES,
    SECRET,
    TO_ALB,
)

READS = Reads(ACCOUNT, REGION, LISTINGS, DETAILS)


def files(**documents: Any) -> dict[str, bytes]:
    return {
        name.replace("__", "/") + ".json": json.dumps(doc).encode()
        for name, doc in documents.items()
    }


def test_what_a_survey_read_is_written_and_read_back():
    live = assemble(READS, "")
    found = read_folder(write_folder(READS))
    assert found.nodes == live.nodes
    assert set(found.unknowns) == set(live.unknowns)


def test_no_secret_of_a_survey_is_written():
    written = b"".join(write_folder(READS).values())
    assert written.count(SECRET.encode()) == 0


def loose() -> dict[str, bytes]:
    """Return the estate as somebody calls for it by hand: each answer in a file of any name."""
    members = {
        "Reservations": [{"Instances": LISTINGS["ec2:describe_instances"]}],
        "VpnGateways": LISTINGS["ec2:describe_vpn_gateways"],
        "CustomerGateways": LISTINGS["ec2:describe_customer_gateways"],
        "VpnConnections": LISTINGS["ec2:describe_vpn_connections"],
        "RouteTables": LISTINGS["ec2:describe_route_tables"],
        "ServiceConfigurations": LISTINGS["ec2:describe_vpc_endpoint_service_configurations"],
        "ClientVpnEndpoints": LISTINGS["ec2:describe_client_vpn_endpoints"],
        "LoadBalancers": LISTINGS["elbv2:describe_load_balancers"],
        "TargetGroups": LISTINGS["elbv2:describe_target_groups"],
        "LoadBalancerDescriptions": LISTINGS["elb:describe_load_balancers"],
        "Firewalls": LISTINGS["network-firewall:list_firewalls"],
        "FirewallPolicies": LISTINGS["network-firewall:list_firewall_policies"],
        "RuleGroups": LISTINGS["network-firewall:list_rule_groups"],
        "directConnectGateways": LISTINGS["directconnect:describe_direct_connect_gateways"],
        "Listeners": DETAILS["elbv2:describe_listeners"][BALANCER],
        "Rules": DETAILS["elbv2:describe_rules"][LISTENER],
        "directConnectGatewayAssociations": [
            {**each, "directConnectGatewayId": "dx-1"}
            for each in DETAILS["directconnect:describe_direct_connect_gateway_associations"][
                "dx-1"
            ]
        ],
        "LoadBalancerTargetHealth": [
            {"TargetGroupArn": arn, "TargetHealthDescriptions": health}
            for arn, health in DETAILS["elbv2:describe_target_health"].items()
        ],
        "LoadBalancerAttributes": [
            {"LoadBalancerArn": arn, "Attributes": attributes}
            for arn, attributes in DETAILS["elbv2:describe_load_balancer_attributes"].items()
        ],
    }
    found = {f"{ACCOUNT}/{REGION}/{n}.json": json.dumps({m: v}).encode() for n, (m, v) in
             enumerate(members.items())}  # fmt: skip
    whole = [
        *DETAILS["network-firewall:describe_firewall"].values(),
        *DETAILS["network-firewall:describe_firewall_policy"].values(),
        {
            **DETAILS["network-firewall:describe_rule_group"][RULES],
            "RuleGroupResponse": {"RuleGroupName": "x", "RuleGroupArn": RULES},
            "UpdateToken": "t",
        },
        {"items": LISTINGS["vpc-lattice:list_service_networks"]},
        {"items": DETAILS["vpc-lattice:list_service_network_vpc_associations"]["sn-1"]},
    ]
    whole[-2]["items"] = [{**whole[-2]["items"][0], "arn": "arn:x:servicenetwork/sn-1"}]
    lines = "\n".join(json.dumps(document) for document in whole)
    found[f"{ACCOUNT}/{REGION}/rest.jsonl.gz"] = gzip.compress(lines.encode())
    return found


SAME = (
    "AWS::EC2::Instance",
    "AWS::EC2::VPNGateway",
    "AWS::EC2::VPNConnection",
    "AWS::EC2::GatewayRouteTableAssociation",
    "AWS::ElasticLoadBalancingV2::LoadBalancer",
    "AWS::ElasticLoadBalancingV2::Listener",
    "AWS::ElasticLoadBalancingV2::ListenerRule",
    f"{NFW}Firewall",
    f"{NFW}FirewallPolicy",
    "AWS::DirectConnect::DirectConnectGateway",
)


@pytest.mark.parametrize("type_name", SAME)
def test_answers_in_files_of_any_name_say_the_same(type_name):
    found, live = read_folder(loose()), assemble(READS, "")
    assert found.of_type(type_name) == live.of_type(type_name)
    assert live.of_type(type_name)


def test_nothing_in_those_files_goes_unread():
    said = [str(u) for u in read_folder(loose()).unknowns if ".json" in u.what]
    assert said == []


def test_targets_are_those_of_the_group_that_stands_beside_them():
    found = read_folder(loose())
    health = found["AWS::ElasticLoadBalancingV2::TargetGroup", GROUP].observed["TargetHealth"]
    assert [each["State"] for each in health] == ["unhealthy", "healthy"]
    graph = read_folder(
        files(
            a={"TargetGroups": LISTINGS["elbv2:describe_target_groups"]},
            b={"TargetHealthDescriptions": DETAILS["elbv2:describe_target_health"][TO_ALB]},
        )
    )
    named = {u.what: u.why for u in graph.unknowns}
    assert "it does not say of which object" in named["b.json: TargetHealthDescriptions"]
    assert (
        "AWS::ElasticLoadBalancingV2::TargetGroup",
        f"elbv2:describe_target_health of {GROUP} was not read",
    ) in {(u.what, u.why) for u in graph.unknowns}


def test_a_firewall_without_its_description_is_unknown():
    graph = read_folder(files(a={"Firewalls": LISTINGS["network-firewall:list_firewalls"]}))
    said = f"network-firewall:describe_firewall of {FIREWALL} was not read"
    assert (f"{NFW}Firewall", said) in {(u.what, u.why) for u in graph.unknowns}


def test_routes_of_a_transit_table_are_of_the_table_beside_them():
    """Batfish's TransitGatewayStaticRoutes.json: a list, each with its table."""
    table = {"TransitGatewayRouteTableId": "tgw-rtb-1", "TransitGatewayId": "tgw-1"}
    route = {
        "DestinationCidrBlock": "10.0.0.0/8",
        "State": "blackhole",
        "Type": "static",
        "TransitGatewayAttachments": [],
    }
    answer = {"TransitGatewayRouteTableId": "tgw-rtb-1", "Routes": [route]}
    graph = read_folder(
        files(
            TransitGatewayRouteTables={
                "TransitGatewayRouteTables": [{**table, "State": "available"}]
            },
            TransitGatewayStaticRoutes={"TransitGatewayStaticRoutes": [answer]},
        )
    )
    [node] = graph.of_type("AWS::EC2::TransitGatewayRoute")
    assert node.properties["Blackhole"] is True
    [node] = graph.of_type("AWS::EC2::TransitGatewayRouteTable")
    assert not node.observed.get("AdditionalRoutesAvailable")


def test_the_place_is_what_arns_say():
    graph = read_folder(
        files(a={"FirewallPolicies": [{"Name": "x", "Arn": POLICY}]},
              b={"LoadBalancers": LISTINGS["elbv2:describe_load_balancers"]})
    )  # fmt: skip
    assert {(n.account, n.region) for n in graph} == {(ACCOUNT, REGION)}


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ({"Reservations": [7]}, "it is no list of objects"),
        ({"Reservations": [{"Instances": {"a": 1}}]}, "it is no list of objects"),
        ({"items": [{"id": 1}]}, "it does not say of which object"),
        ({"LoadBalancerListeners": 3}, "no resource type reads it"),
    ],
)
def test_what_is_no_answer_is_unknown_by_its_file(document, says):
    graph = read_folder(files(a=document, b={"Vpcs": []}))
    assert any(u.what.startswith("a.json") and says in u.why for u in graph.unknowns)


@pytest.mark.parametrize("port", ["x", -1, 65536, True, [80]])
def test_a_port_that_is_none_is_an_error(port):
    [listener] = DETAILS["elbv2:describe_listeners"][BALANCER]
    with pytest.raises(InputError, match="is no port"):
        read_folder(files(a={"Listeners": [{**listener, "Port": port}], "Vpcs": []}))


@pytest.mark.parametrize("folder", ["written", "loose"])
def test_mutated_answers_of_surveys_end_in_an_error_or_in_a_graph(folder):
    given = write_folder(READS) if folder == "written" else loose()
    assert broken({n: d for n, d in given.items() if n.endswith(".json")}, 400, 3) == []
