"""What people call a group, a network ACL, a route table: names, ids, and what has no own name."""

import pytest

from ringwall.errors import QuestionError
from ringwall.model.graph import Address, Node, ResourceGraph
from ringwall.model.ports import parse_ports
from ringwall.reach.engine import Engine
from ringwall.reach.network import Network
from ringwall.reach.parents import find_acl, find_group, find_table
from ringwall.reach.proposals import allowed, entered, routed
from ringwall.reach.what_if import WhatIf, what_if
from tests.builders import ALL, NetworkBuilder, ref

ENTRIES = [
    {"Egress": egress, "RuleNumber": 100, "Protocol": -1, "RuleAction": "allow", "CidrBlock": ALL}
    for egress in (False, True)
]


def plain() -> NetworkBuilder:
    """A VPC of whose tables and ACLs nothing is written: AWS makes them."""
    base = NetworkBuilder().vpc("v", "10.0.0.0/16")
    base.subnet("v/web/a", "10.0.1.0/24", table="").subnet("v/db/a", "10.0.2.0/24", table="")
    base.group("v/web", "web", "in tcp/443 10.0.0.0/16", f"out all {ALL}")
    return base.group("v/db", "db", "in tcp/443 10.0.0.0/16", f"out all {ALL}")


def read_back() -> NetworkBuilder:
    """The same, read back: default ACL, default group and main table have ids, the VPC a name."""
    base = plain()
    base.add("VPC", "v", {"CidrBlock": "10.0.0.0/16"}, tags={"Name": "Production EU"})
    acl = {"VpcId": ref("VPC", "v"), "Entries": ENTRIES}
    base.add("Ringwall::EC2::DefaultNetworkAcl", "v", acl)
    base.add("RouteTable", "rtb-0000000a", {"VpcId": ref("VPC", "v")})
    main = {"VpcId": ref("VPC", "v"), "RouteTableId": ref("RouteTable", "rtb-0000000a")}
    return base.add("Ringwall::EC2::MainRouteTableAssociation", "v", main)


def network(base: NetworkBuilder) -> Network:
    return Network(base.graph())


def closed(graph: ResourceGraph, name: str) -> WhatIf:
    """Close 443 at an ACL's entrance."""
    engine = Engine(graph)
    made: dict[Address, Node] = {}
    for number, action, port in ((90, "deny", "443"), (80, "allow", "80")):
        place = ("in", number, action)
        node = entered(engine.network, name, place, parse_ports(port), ALL, made)
        made[node.type, node.key] = node
    assert len(made) == 1
    return what_if(engine, made.values())


@pytest.mark.parametrize("name", ["v", "default v", "default network ACL of v"])
def test_the_default_acl_that_aws_would_make_is_named_by_its_vpc(name: str) -> None:
    found = closed(plain().graph(), name)
    assert found.appears == ()
    rows = {(row.source, row.destination) for row in found.disappears}
    assert {("v/web", "v/db"), ("v/db", "v/web")} <= rows
    assert {ports for row in found.disappears for ports in row.ports} == {"tcp/443"}


@pytest.mark.parametrize("name", ["v", "default v", "Production EU", "default Production EU"])
def test_one_that_was_read_is_named_by_its_vpc_and_keeps_its_entries(name: str) -> None:
    found = closed(read_back().graph(), name)
    assert found.disappears == closed(plain().graph(), "v").disappears


def test_an_entry_of_a_default_acl_takes_the_place_of_one_with_its_number() -> None:
    found = read_back()
    node = entered(network(found), "v", ("in", 100, "deny"), parse_ports("any"), ALL)
    entries = node.properties["Entries"]
    assert [(e["Egress"], e["RuleNumber"], e["RuleAction"]) for e in entries] == [
        (True, 100, "allow"),
        (False, 100, "deny"),
    ]


@pytest.mark.parametrize("name", ["v", "main table of v", "Production EU", "rtb-0000000a"])
def test_the_main_table_is_named_by_its_vpc(name: str) -> None:
    [node] = find_table(network(read_back()), name)
    assert node.key == "rtb-0000000a"


def test_a_route_of_the_main_table_that_aws_would_make_opens_what_it_leads_to() -> None:
    base = plain().add("InternetGateway", "v/igw", {})
    link = {"VpcId": ref("VPC", "v"), "InternetGatewayId": ref("InternetGateway", "v/igw")}
    base.add("VPCGatewayAttachment", "v", link)
    engine = Engine(base.graph())
    nodes = routed(engine.network, "main table of v", ALL, "v/igw")
    assert [node.short_type for node in nodes] == [
        "RouteTable",
        "MainRouteTableAssociation",
        "Route",
    ]
    found = what_if(engine, nodes)
    assert found.disappears == ()
    assert ("v/web", "internet") in {(row.source, row.destination) for row in found.appears}


@pytest.mark.parametrize("name", ["default v", "default Production EU"])
def test_the_default_group_is_named_as_answers_write_it(name: str) -> None:
    there = network(read_back())
    node = find_group(there, name)
    assert (node.short_type, node.key) == ("DefaultSecurityGroup", "v")
    rule = allowed(there, name, "in", parse_ports("443"), "v/web")
    assert rule.properties["GroupId"] == node.ref


def test_a_thing_of_that_name_comes_before_the_vpcs_own() -> None:
    base = read_back().acl("v/web", f"in 100 allow all {ALL}")
    base.add("NetworkAcl", "acl-0000000b", {"VpcId": ref("VPC", "v")}, tags={"Name": "v"})
    assert find_acl(network(base), "v/web").key == "v/web"
    assert find_acl(network(base), "v").key == "acl-0000000b"
    assert find_acl(network(base), "Production EU/v").key == "acl-0000000b"


def test_what_was_not_read_is_told() -> None:
    base = NetworkBuilder(observed=True).vpc("v", "10.0.0.0/16")
    for find in (find_acl, find_table):
        with pytest.raises(QuestionError, match="not in the input"):
            find(network(base), "v")


@pytest.mark.parametrize(
    ("find", "name", "hint"),
    [
        (find_acl, "Production EV", "did you mean"),
        (find_table, "rtb-0000000b", "did you mean rtb-0000000a?"),
        (find_group, "v/wbe", "did you mean v/web"),
        (find_group, "zzz", "known: v/web, v/db, default v"),
    ],
)
def test_a_wrong_name_is_told_near_ones(find, name: str, hint: str) -> None:
    with pytest.raises(QuestionError, match=f"called '{name}'") as caught:
        find(network(read_back()), name)
    assert caught.value.hint.startswith(hint)


def test_a_title_is_the_name_of_what_bears_it() -> None:
    base = plain()
    base.nodes["AWS::EC2::RouteTable", "rtb-0000000c"] = Node(
        "AWS::EC2::RouteTable", "rtb-0000000c", "1", "us-east-1", {"VpcId": ref("VPC", "v")},
        {}, None, {"Name": "private"}, "rtb-0000000c",
    )  # fmt: skip
    for name in ("private", "private (rtb-0000000c)", "v/private"):
        [node] = find_table(network(base), name)
        assert node.key == "rtb-0000000c"
