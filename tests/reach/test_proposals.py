"""What people write about a change, and what they are told of it."""

import pytest
from click.testing import CliRunner

from ringwall.cli.main import cli
from ringwall.errors import QuestionError
from ringwall.model.ports import parse_ports
from ringwall.reach.difference import difference
from ringwall.reach.engine import Engine
from ringwall.reach.proposals import allowed, entered, removed, routed
from ringwall.reach.verdicts import Verdict
from ringwall.reach.what_if import what_if
from tests.builders import NetworkBuilder, two_subnets

FORTRESS = "src/ringwall/app/fortress.yaml"


def client_and_server() -> NetworkBuilder:
    base = two_subnets().group("v/client", "web", "out all 0.0.0.0/0")
    return base.group("v/server", "app")


def test_a_rule_that_is_allowed_opens_exactly_its_ports_to_its_peer():
    engine = Engine(client_and_server().graph())
    node = allowed(engine.network, "v/server", "in", parse_ports("7000-7002"), "v/client")
    found = what_if(engine, [node])
    assert not found.rebuilt
    assert found.disappears == ()
    [row] = found.appears
    assert (row.source, row.destination, row.ports) == ("v/client", "v/server", ("tcp/7000-7002",))
    assert (row.before, row.after) == (Verdict.DENY, Verdict.ALLOW)
    assert row.witness["port"] == 7000


def test_what_is_removed_is_named_by_its_key():
    base = client_and_server().rule("v/server", "in", "tcp/7000", "10.0.0.0/16")
    engine = Engine(base.graph())
    [rule] = [
        node
        for node in engine.network.graph.of_type("AWS::EC2::SecurityGroupIngress")
        if node.properties.get("FromPort") == 7000
    ]
    found = what_if(engine, [removed(engine.network, rule.key)])
    assert found.appears == ()
    assert {row.ports for row in found.disappears} == {("tcp/7000",)}


@pytest.mark.parametrize("name", ["nothing", "v/server"])
def test_what_names_nothing_that_can_be_removed_is_refused(name: str):
    with pytest.raises(QuestionError, match="nothing that can be removed"):
        removed(Engine(client_and_server().graph()).network, name)


def test_a_rule_for_a_group_that_is_not_there_is_refused():
    network = Engine(client_and_server().graph()).network
    with pytest.raises(QuestionError, match="no security group"):
        allowed(network, "v/other", "in", parse_ports("443"), "10.0.0.0/8")


def test_an_address_that_is_not_there_is_no_change():
    with pytest.raises(KeyError):
        what_if(Engine(client_and_server().graph()), [("AWS::EC2::Route", "none")])


def test_an_entry_takes_the_place_of_one_with_its_number():
    graph = two_subnets().group("v/a", "web", "out all 0.0.0.0/0").group("v/b", "app").graph()
    engine = Engine(graph)
    [acl, *_] = [n.key for n in graph.of_type("AWS::EC2::NetworkAcl")]
    [there, *_] = [
        n
        for n in graph.of_type("AWS::EC2::NetworkAclEntry")
        if n.properties["NetworkAclId"].key == acl and not n.properties["Egress"]
    ]
    number = there.properties["RuleNumber"]
    node = entered(engine.network, acl, ("in", number, "deny"), parse_ports("any"), "10.0.0.0/8")
    assert (node.type, node.key) == (there.type, there.key)
    found = what_if(engine, [node])
    assert found.to_dict() == difference(graph, graph.with_nodes([node])).to_dict()


def test_a_route_leads_to_what_it_names():
    base = two_subnets().group("v/a", "web", "out all 0.0.0.0/0").group("v/b", "app", "in all ::/0")
    base.add("InternetGateway", "v/igw", {})
    network = Engine(base.graph()).network
    table = next(iter(base.graph().of_type("AWS::EC2::RouteTable"))).key
    [node] = routed(network, table, "0.0.0.0/0", "v/igw")
    assert node.key == f"{table}>0.0.0.0/0"
    assert node.properties["GatewayId"].key == "v/igw"
    [node] = routed(network, table, "::/0", "v/igw")
    assert node.properties["DestinationIpv6CidrBlock"] == "::/0"


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (["--entry", "no/acl", "in", "1", "deny", "22", "10.0.0.0/8"], "no network ACL is called"),
        (["--entry", "production/isolated", "in", "0", "deny", "22", "10.0.0.0/8"], "no entry 0"),
        (
            ["--entry", "production/isolated", "in", "1", "deny", "8-9/icmp", "10.0.0.0/8"],
            "types of ICMP",
        ),
        (["--entry", "production/isolated", "in", "1", "deny", "22", "somewhere"], "is no CIDR"),
        (
            ["--entry", "production/isolated", "in", "1", "deny", "x", "10.0.0.0/8"],
            "cannot be understood",
        ),
        (["--route", "no/table", "10.0.0.0/8", "transit"], "no route table is called"),
        (["--route", "production/isolated", "10.0.0.0/8", "x"], "no target of routes is called"),
    ],
)
def test_what_names_nothing_is_refused_in_one_line(options: list[str], why: str):
    done = CliRunner().invoke(cli, ["what-if", FORTRESS, *options], standalone_mode=False)
    assert isinstance(done.exception, QuestionError)
    assert why in str(done.exception)


def test_the_command_sets_entries_and_routes():
    entry = ["--entry", "production/isolated", "in", "1", "deny", "any", "0.0.0.0/0"]
    done = CliRunner().invoke(cli, ["what-if", FORTRESS, *entry], standalone_mode=False)
    assert done.exception is None
    assert "- production/app -> production/db" in done.output
    route = ["--route", "production/isolated", "0.0.0.0/0", "transit-gateway"]
    done = CliRunner().invoke(cli, ["what-if", FORTRESS, *route, "--json"], standalone_mode=False)
    assert done.exception is None
    assert "ringwall/diff/1" in done.output


def test_the_command_tells_what_would_become_possible():
    rules = ["--allow", "production/db", "in", "22", "production/db"]
    rules += ["--allow", "production/db", "out", "22", "production/db"]
    asked = ["what-if", FORTRESS, *rules, "--exit-code"]
    done = CliRunner().invoke(cli, asked, standalone_mode=False)
    assert done.exception is None
    assert "+ production/db -> production/db  tcp/22  " in done.output
    assert done.return_value == 1
