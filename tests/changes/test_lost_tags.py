"""Ownership tags changed or removed by hand, on graphs."""

from dataclasses import replace

import pytest

from ringwall.app.workspace import blueprint_of
from ringwall.changes.planning import make_plan
from ringwall.model.graph import Ref, ResourceGraph, map_references
from ringwall.model.plan import Action
from ringwall.resources import registry
from ringwall.resources.ownership import is_ours
from tests.changes.central import CENTRAL_NAT, deployed

TEXT = CENTRAL_NAT.replace(
    "transit_gateway:\n", "flow_logs: {destination: cloudwatch}\ntransit_gateway:\n", 1
).replace(
    "    groups:\n",
    "    endpoints: {gateway: [s3], interface: [ssm], tier: private}\n    groups:\n",
)
OURS = ("ringwall:deployment", "ringwall:key")


def plan(observed, text=TEXT):
    desired = blueprint_of(text, "central.yaml").graph
    return make_plan(desired, observed, deployment="central", account="1", region="us-east-1")


def with_tags(type_name, key, tags):
    """Return the deployed graph as it is read back when one resource bears other tags."""
    graph = deployed(TEXT)
    one = graph[f"AWS::EC2::{type_name}", key]
    ours = is_ours(tags, "central")
    other = tags["ringwall:key"] if ours else one.physical_id

    def change(ref):
        return replace(ref, key=other) if (ref.type, ref.key) == (one.type, one.key) else ref

    nodes = []
    for node in graph:
        if node is one:
            nodes.append(replace(node, key=other, tags=tags))
            continue
        made = replace(node, properties=map_references(node.properties, change))
        kind = registry()[node.type]
        nodes.append(replace(made, key=kind.key(made.properties)) if kind.key else made)
    return ResourceGraph.of(nodes)


def tags_of(type_name, key):
    return dict(deployed(TEXT)[f"AWS::EC2::{type_name}", key].tags)


NAMED = [
    ("EIP", "hub/nat/us-east-1a"),
    ("FlowLog", "hub"),
    ("InternetGateway", "hub"),
    ("NatGateway", "hub/nat/us-east-1a"),
    ("NetworkAcl", "spoke/private"),
    ("RouteTable", "spoke/private"),
    ("SecurityGroup", "spoke/app"),
    ("Subnet", "spoke/private/us-east-1a"),
    ("TransitGateway", "transit-gateway"),
    ("TransitGatewayAttachment", "spoke"),
    ("TransitGatewayRouteTable", "spokes"),
    ("VPC", "spoke"),
    ("VPCEndpoint", "spoke/s3"),
    ("VPCEndpoint", "spoke/ssm"),
]


@pytest.mark.parametrize(("type_name", "key"), NAMED)
def test_a_key_that_nobody_wants_under_a_name_that_is_wanted_is_written_anew(type_name, key):
    found = plan(with_tags(type_name, key, tags_of(type_name, key) | {"ringwall:key": "other"}))
    (change,) = found.changes
    assert (change.action, change.type, change.key) == (
        Action.UPDATE,
        f"AWS::EC2::{type_name}",
        key,
    )
    assert [p.name for p in change.properties] == ["Tags"]
    assert found.blocked == ()


@pytest.mark.parametrize("lost", OURS)
@pytest.mark.parametrize(("type_name", "key"), NAMED)
def test_what_lost_one_of_its_tags_blocks_its_creation(type_name, key, lost):
    tags = tags_of(type_name, key)
    del tags[lost]
    observed = with_tags(type_name, key, tags)
    one = deployed(TEXT)[f"AWS::EC2::{type_name}", key].physical_id
    (line,) = plan(observed).blocked
    assert line == (
        f"{type_name} {key} would be created, but {one} stands in its place without the tag "
        f"{lost}: if it is the same, give it the tags ringwall:deployment=central "
        f"ringwall:key={key}; if not, rename or delete it"
    )


@pytest.mark.parametrize(("type_name", "key"), NAMED)
def test_a_key_written_over_with_its_name_is_known_by_its_place(type_name, key):
    tags = tags_of(type_name, key) | {"ringwall:key": "other", "Name": "another"}
    found = plan(with_tags(type_name, key, tags))
    assert [(c.action, c.type, c.key) for c in found.changes] == [
        (Action.UPDATE, f"AWS::EC2::{type_name}", key)
    ]
    assert found.blocked == ()


@pytest.mark.parametrize("tags", [{}, {"Owner": "me"}])
@pytest.mark.parametrize(("type_name", "key"), NAMED)
def test_what_lost_all_of_its_tags_is_known_by_its_place(type_name, key, tags):
    one = deployed(TEXT)[f"AWS::EC2::{type_name}", key].physical_id
    (line,) = plan(with_tags(type_name, key, tags)).blocked
    assert f"{type_name} {key} would be created, but {one} stands in its place" in line


def test_a_hands_deployment_that_the_name_denies_makes_nobody_else_the_owner():
    tags = tags_of("TransitGateway", "transit-gateway") | {"ringwall:deployment": "another"}
    (line,) = plan(with_tags("TransitGateway", "transit-gateway", tags)).blocked
    assert "without the tag ringwall:deployment" in line


@pytest.mark.parametrize("lacks", ["AWS::EC2::Route", "AWS::EC2::TransitGatewayRoute"])
def test_a_table_that_says_something_else_is_a_strangers_and_is_put_out_of_use(lacks):
    type_name, key = {
        "AWS::EC2::Route": ("RouteTable", "spoke/private"),
        "AWS::EC2::TransitGatewayRoute": ("TransitGatewayRouteTable", "spokes"),
    }[lacks]
    there = with_tags(type_name, key, {})
    one = deployed(TEXT)[f"AWS::EC2::{type_name}", key].physical_id
    gone = [
        (node.type, node.key) for node in there.of_type(lacks) if node.key.startswith(f"{one}>")
    ]
    assert gone
    found = plan(there.without(gone[:1]))
    assert found.blocked == ()
    assert ("create", key) in {(c.action.value, c.key) for c in found.changes}


def test_a_gateway_of_another_name_or_with_others_on_it_was_brought_along():
    there = with_tags("TransitGateway", "transit-gateway", {})
    gateway = deployed(TEXT)["AWS::EC2::TransitGateway", "transit-gateway"]
    theirs = replace(
        deployed(TEXT)["AWS::EC2::TransitGatewayAttachment", "spoke"],
        key="tgw-attach-9",
        physical_id="tgw-attach-9",
        tags={},
        properties={
            "TransitGatewayId": Ref(gateway.type, gateway.physical_id),
            "VpcId": Ref("AWS::EC2::VPC", "vpc-9"),
        },
    )
    assert plan(there).blocked != ()
    assert plan(there.with_nodes([theirs])).blocked == ()
    assert plan(with_tags("TransitGateway", "transit-gateway", {"Name": "x"})).blocked == ()


def test_another_deployments_resource_of_the_same_name_blocks_nothing():
    """`central` with `spoke/app` and `central-spoke` with `app` derive one name."""
    tags = {
        "Name": "central-spoke-app",
        "ringwall:deployment": "central-spoke",
        "ringwall:key": "app",
    }
    graph = deployed(TEXT)
    stranger = replace(
        graph["AWS::EC2::SecurityGroup", "spoke/app"],
        key="sg-9",
        physical_id="sg-9",
        tags=tags,
        properties={
            "GroupName": "theirs",
            "GroupDescription": "",
            "VpcId": Ref("AWS::EC2::VPC", "vpc-9"),
        },
    )
    less = graph.without([("AWS::EC2::SecurityGroup", "spoke/app")]).with_nodes([stranger])
    found = plan(less)
    assert ("AWS::EC2::SecurityGroup", "spoke/app") in {c.address for c in found.changes}
    assert found.blocked == ()


def test_a_tag_of_the_deployment_alone_is_told_where_one_of_the_kind_is_to_be_made():
    stray = with_tags("Subnet", "spoke/private/us-east-1a", {"ringwall:deployment": "central"})
    moved = TEXT.replace("private: {kind: private}", "private: {kind: private, cidr: 10.1.64.0/20}")
    one = deployed(TEXT)["AWS::EC2::Subnet", "spoke/private/us-east-1a"].physical_id
    (line,) = plan(stray, moved).blocked
    assert line == (
        f"Subnet {one} bears ringwall:deployment=central but no ringwall:key: give it its key "
        "again, or take away the other tag too"
    )


def test_a_stranger_of_the_same_group_name_in_our_vpc_blocks():
    graph = deployed(TEXT)
    group = graph["AWS::EC2::SecurityGroup", "spoke/app"]
    stranger = replace(group, key="sg-9", physical_id="sg-9", tags={})
    less = graph.without([(group.type, group.key)]).with_nodes([stranger])
    (line,) = plan(less).blocked
    assert "SecurityGroup spoke/app would be created, but sg-9 stands in its place" in line


def test_what_is_gone_and_still_referred_to_is_made_again():
    """A flow log goes on naming a log group that somebody deleted."""
    graph = deployed(TEXT)
    group = graph["AWS::Logs::LogGroup", "flow-logs"]
    name = group.properties["LogGroupName"]
    logs = [
        replace(log, properties={**log.properties, "LogGroupName": Ref(group.type, name)})
        for log in graph.of_type("AWS::EC2::FlowLog")
    ]
    found = plan(graph.without([(group.type, group.key)]).with_nodes(logs))
    assert found.blocked == ()
    assert (Action.CREATE, group.type) in {(c.action, c.type) for c in found.changes}


def test_a_strangers_flow_log_to_somewhere_else_blocks_nothing():
    graph = deployed(TEXT)
    log = graph["AWS::EC2::FlowLog", "spoke"]
    stranger = replace(
        log,
        key="fl-9",
        physical_id="fl-9",
        tags={},
        properties={**log.properties, "LogGroupName": "audit"},
    )
    found = plan(graph.without([(log.type, log.key)]).with_nodes([stranger]))
    assert found.blocked == ()
    assert [(c.action, c.key) for c in found.changes] == [(Action.CREATE, "spoke")]


def test_a_gateway_that_was_brought_along_may_be_left_for_one_of_ours():
    one = "tgw-0123456789abcdef0"
    brought = TEXT.replace("transit_gateway:\n", f"transit_gateway:\n  id: {one}\n", 1)
    theirs = deployed(TEXT)["AWS::EC2::TransitGateway", "transit-gateway"]
    stranger = replace(theirs, key=one, physical_id=one, tags={"Name": "backbone"})
    assert plan(deployed(brought).with_nodes([stranger])).blocked == ()


def test_a_key_written_over_is_known_by_the_name_of_what_bears_no_name_tag():
    rule = "{managed: AWSManagedDomainsMalwareDomainList, action: BLOCK}"
    firewall = f"dns_firewall:\n  rules:\n    - {rule}\n"
    text = TEXT.replace("transit_gateway:\n", f"{firewall}transit_gateway:\n", 1)
    graph = deployed(text)
    one = graph["AWS::Route53Resolver::FirewallRuleGroupAssociation", "spoke"]
    written = replace(one, key="other", tags={**one.tags, "ringwall:key": "other"})
    found = plan(graph.without([(one.type, one.key)]).with_nodes([written]), text)
    assert [(c.action, c.type, c.key) for c in found.changes] == [
        (Action.UPDATE, one.type, "spoke")
    ]
