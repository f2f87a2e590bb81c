"""What people write about a change, and what they are told of it."""

import pytest
from click.testing import CliRunner

from ringwall.cli.main import cli
from ringwall.errors import QuestionError
from ringwall.model.ports import parse_ports
from ringwall.reach.engine import Engine
from ringwall.reach.proposals import allowed, removed
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


def test_the_command_tells_what_would_become_possible():
    rules = ["--allow", "production/db", "in", "22", "production/db"]
    rules += ["--allow", "production/db", "out", "22", "production/db"]
    asked = ["what-if", FORTRESS, *rules, "--exit-code"]
    done = CliRunner().invoke(cli, asked, standalone_mode=False)
    assert done.exception is None
    assert "+ production/db -> production/db  tcp/22  " in done.output
    assert done.return_value == 1
