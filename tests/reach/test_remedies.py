"""Changes that close or open a way, each verified before it is told."""

import pytest

from ringwall.model.ports import parse_ports
from ringwall.reach.answers import Remedy
from ringwall.reach.engine import Engine
from ringwall.reach.explain import explain
from ringwall.reach.remedies import Question, remedies
from ringwall.reach.verdicts import Verdict
from tests.builders import NetworkBuilder, two_subnets
from tests.networks.drawing import draw


def told(base: NetworkBuilder, source: str, destination: str, port: str) -> tuple[Remedy, ...]:
    engine = Engine(base.graph())
    asked = Question(source, destination, parse_ports(port))
    return remedies(engine, explain(engine, source, destination, asked.port), asked)


def test_each_rule_that_alone_holds_a_way_open_closes_it():
    found = told(two_subnets(), "v/web", "v/app", "8080")
    assert found
    assert {remedy.verdict for remedy in found} == {Verdict.DENY}
    assert all(len(remedy.parts) == 1 for remedy in found)


def test_what_would_stay_open_without_a_rule_is_no_remedy():
    base = two_subnets().rule("v/app", "in", "tcp/8080", "10.0.0.0/8")
    parts = [part for remedy in told(base, "v/web", "v/app", "8080") for part in remedy.parts]
    assert not [part for part in parts if "SecurityGroupIngress" in part]


def test_an_opening_names_every_filter_that_lacks_something():
    base = two_subnets()
    base.group("v/client", "web").group("v/server", "app")
    [found] = told(base, "v/client", "v/server", "9000")
    assert found.verdict is Verdict.ALLOW
    assert "add egress tcp/9000 to v/server to v/client" in found.parts
    assert "add ingress tcp/9000 from v/client to v/server" in found.parts


def test_where_a_route_is_missing_nothing_is_proposed():
    base = two_subnets().vpc("w", "10.9.0.0/16").subnet("w/far/a", "10.9.1.0/24")
    base.group("w/far", "far", "in all 0.0.0.0/0").group("v/out", "web", "out all 0.0.0.0/0")
    assert told(base, "v/out", "w/far", "443") == ()


@pytest.mark.parametrize("seed", range(12))
def test_whatever_is_proposed_brings_its_verdict_about(seed: int):
    """Asked of random networks; a remedy is verified in the graph that it was told of."""
    graph = draw(seed).graph
    engine = Engine(graph)
    names = [group.key for group in engine.network.groups.values() if group.tier][:4]
    for source in names:
        for destination in names:
            asked = Question(source, destination, parse_ports("443"))
            found = explain(engine, source, destination, asked.port)
            for remedy in remedies(engine, found, asked):
                closes = found.verdict is not Verdict.DENY
                assert remedy.verdict is (Verdict.DENY if closes else Verdict.ALLOW)
