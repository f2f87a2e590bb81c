"""The network traps of the article that the compiler answers, one test each."""

import pytest

from ringwall.model.graph import Ref, ResourceGraph
from tests.blueprint.compile.blueprints import ALL, compiled, example


@pytest.fixture(scope="module")
def fortress() -> ResourceGraph:
    return compiled(example("fortress"))


def _entries(graph: ResourceGraph, prefix: str) -> list[tuple[int, str, object, object]]:
    return [
        (
            int(node.properties["Protocol"]),
            str(node.properties["RuleAction"]),
            node.properties.get("CidrBlock", node.properties.get("Ipv6CidrBlock")),
            tuple(node.properties.get("PortRange", {}).values()),
        )
        for node in graph.of_type("AWS::EC2::NetworkAclEntry")
        if node.key.startswith(prefix)
    ]


def test_trap_1_what_is_associated_is_also_propagated_and_routed(fortress: ResourceGraph) -> None:
    """Defaults are off, so a table knows what is propagated into it, and nothing else (R18)."""
    gateway = fortress["AWS::EC2::TransitGateway", "transit-gateway"].properties
    assert gateway["DefaultRouteTableAssociation"] == "disable"
    assert gateway["DefaultRouteTablePropagation"] == "disable"
    assert {n.key for n in fortress.of_type("AWS::EC2::TransitGatewayRouteTablePropagation")} == {
        "shared-services<production",
        "shared-services<staging",
        "shared-services<development",
        "production<hub",
        "non-production<hub",
        "non-production<staging",
        "non-production<development",
    }
    routes = {
        n.key for n in fortress.of_type("AWS::EC2::Route") if "TransitGatewayId" in n.properties
    }
    for there, back in (
        ("production/private/us-east-1a>10.0.0.0/16", "hub/private/us-east-1a>10.1.0.0/16"),
        ("staging/private/us-east-1b>10.3.0.0/16", "development/private/us-east-1b>10.2.0.0/16"),
    ):
        assert {there, back} <= routes
    assert not any(key.startswith("production/") and ">10.2." in key for key in routes)


def test_trap_2_every_attachment_is_associated_with_the_table_of_its_own_segment(
    fortress: ResourceGraph,
) -> None:
    found = {
        node.key: node.properties["TransitGatewayRouteTableId"].key
        for node in fortress.of_type("AWS::EC2::TransitGatewayRouteTableAssociation")
    }
    assert found == {
        "hub": "shared-services",
        "production": "production",
        "staging": "non-production",
        "development": "non-production",
    }


@pytest.mark.parametrize("name", ALL)
def test_trap_3_every_entry_says_its_direction_and_has_a_number_of_its_own(name: str) -> None:
    """The numbers 1 to 32766 are the user's (F13); 1 to 99 we leave to the responder."""
    for node in compiled(ALL[name]).of_type("AWS::EC2::NetworkAclEntry"):
        assert isinstance(node.properties["Egress"], bool)
        assert 100 <= node.properties["RuleNumber"] < 32_767


def test_trap_4_a_private_tier_lets_its_answers_out_and_in(fortress: ResourceGraph) -> None:
    """A custom ACL denies what it does not allow, and forgets what it has let through (F9)."""
    assert _entries(fortress, "production/private:egress") == [
        (6, "allow", "0.0.0.0/0", (443, 443)),
        (6, "allow", "10.0.16.0/20", (636, 636)),
        (6, "allow", "10.0.100.0/24", (1024, 65535)),
        (6, "allow", "10.1.0.0/19", (1024, 65535)),
        (6, "allow", "10.1.32.0/20", (3306, 3306)),
    ]
    assert _entries(fortress, "production/private:ingress") == [
        (6, "allow", "10.0.100.0/24", (22, 22)),
        (6, "allow", "10.1.0.0/20", (80, 80)),
        (6, "allow", "10.1.0.0/20", (443, 443)),
        (6, "allow", "0.0.0.0/0", (1024, 65535)),
    ]


def test_trap_5_ephemeral_ports_are_open_only_where_answers_come_back() -> None:
    graph = compiled(example("minimal"))
    # Nothing in the public tier calls out to the internet: answers come from the database alone.
    assert _entries(graph, "main/public:ingress") == [
        (6, "allow", "0.0.0.0/0", (443, 443)),
        (6, "allow", "10.0.16.0/20", (1024, 65535)),
    ]
    assert _entries(graph, "main/isolated:ingress") == [(6, "allow", "10.0.0.0/20", (5432, 5432))]


def test_trap_6_groups_let_out_what_a_flow_says_and_default_groups_are_empty(
    fortress: ResourceGraph,
) -> None:
    out = {
        node.key
        for node in fortress.of_type("AWS::EC2::SecurityGroupEgress")
        if node.key.startswith(("production/db", "production/alb"))
    }
    assert out == {
        "production/alb:out:tcp/80:group production/web",
        "production/alb:out:tcp/443:group production/web",
    }
    for node in fortress.of_type("Ringwall::EC2::DefaultSecurityGroup"):
        assert (node.properties["Ingress"], node.properties["Egress"]) == ([], [])
    # The resolver passes groups and ACLs: names are judged by the DNS Firewall, in every VPC (F12).
    guarded = {
        n.key for n in fortress.of_type("AWS::Route53Resolver::FirewallRuleGroupAssociation")
    }
    assert guarded == {"hub", "production", "staging", "development"}


def test_trap_7_a_rule_group_is_associated_behind_priority_100_and_its_list_has_its_domains(
    fortress: ResourceGraph,
) -> None:
    for node in fortress.of_type("AWS::Route53Resolver::FirewallRuleGroupAssociation"):
        assert node.properties["Priority"] > 100
    assert fortress["AWS::Route53Resolver::FirewallDomainList", "malicious"].properties[
        "Domains"
    ] == ["command-control.org", "malware-domain.com", "phishing-site.net"]
    group = fortress["AWS::Route53Resolver::FirewallRuleGroup", "dns-firewall"]
    assert [rule["FirewallDomainListId"].key for rule in group.properties["FirewallRules"]] == [
        "malicious",
        "aws:AWSManagedDomainsMalwareDomainList",
        "aws:AWSManagedDomainsBotnetCommandandControl",
    ]


def test_trap_8_flow_logs_record_what_was_accepted_too(fortress: ResourceGraph) -> None:
    found = fortress.of_type("AWS::EC2::FlowLog")
    assert {node.key for node in found} == {"hub", "production", "staging", "development"}
    for node in found:
        assert node.properties["TrafficType"] == "ALL"
        for field in ("${tcp-flags}", "${pkt-srcaddr}", "${flow-direction}", "${traffic-path}"):
            assert field in node.properties["LogFormat"]
        role = Ref("AWS::IAM::Role", "flow-logs", "Arn")
        assert node.properties["DeliverLogsPermissionArn"] == role


def test_trap_9_flow_logs_hold_the_offender_whom_an_alarm_does_not_name(
    fortress: ResourceGraph,
) -> None:
    """Who, where to, through which interface, when, and whether it was let through."""
    asked = "srcaddr pkt-srcaddr dstaddr dstport protocol interface-id subnet-id start end action"
    for node in fortress.of_type("AWS::EC2::FlowLog"):
        fields = set(node.properties["LogFormat"].split())
        assert fields >= {f"${{{field}}}" for field in asked.split()}
        assert node.properties["MaxAggregationInterval"] in {60, 600}


@pytest.mark.parametrize("name", ALL)
def test_trap_10_the_responder_always_has_its_numbers_and_four_slots(name: str) -> None:
    """20 entries a direction and family, one of which is the default deny (VPC quotas)."""
    counted: dict[tuple[str, bool, bool], int] = {}
    for node in compiled(ALL[name]).of_type("AWS::EC2::NetworkAclEntry"):
        properties = node.properties
        side = (
            properties["NetworkAclId"].key,
            properties["Egress"],
            "Ipv6CidrBlock" in properties,
        )
        counted[side] = counted.get(side, 0) + 1
        assert properties["RuleNumber"] > 99
    assert max(counted.values()) <= 15
