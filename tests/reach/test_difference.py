"""Differences of networks: exact, both ways, with witnesses."""

import pytest

from ringwall.model.graph import ResourceGraph
from ringwall.reach.difference import difference
from ringwall.reach.filters import Spot
from ringwall.reach.matching import match_sites
from ringwall.reach.verdicts import Verdict
from ringwall.reach.ways import Kind, Site
from tests.builders import NetworkBuilder, two_subnets
from tests.networks.drawing import draw


def rows(before: NetworkBuilder | ResourceGraph, after: NetworkBuilder | ResourceGraph):
    old, new = (g.graph() if isinstance(g, NetworkBuilder) else g for g in (before, after))
    return difference(old, new)


@pytest.mark.parametrize("seed", range(16))
def test_a_network_does_not_differ_from_itself(seed: int):
    graph = draw(seed).graph
    assert not rows(graph, graph)


def test_a_new_rule_appears_with_exactly_its_ports_and_a_witness():
    base = two_subnets().group("v/client", "web", "out all 0.0.0.0/0").group("v/server", "app")
    more = two_subnets().group("v/client", "web", "out all 0.0.0.0/0")
    more.group("v/server", "app", "in tcp/7000-7002 10.0.0.0/16")
    found = rows(base, more)
    assert found.disappearing == ()
    client = [row for row in found.appearing if row.source == "v/client"]
    assert [(r.destination, r.ports) for r in client] == [("v/server", ("tcp/7000-7002",))]
    assert client[0].witness["port"] == 7000
    assert (client[0].before, client[0].after) == (Verdict.DENY, Verdict.ALLOW)


@pytest.mark.parametrize("seed", range(8))
def test_what_appears_one_way_disappears_the_other(seed: int):
    graph = draw(seed).graph
    rules = [a for a in graph.nodes if a[0] == "AWS::EC2::SecurityGroupIngress"]
    other = graph.without(rules[: len(rules) // 2])
    there, back = rows(graph, other), rows(other, graph)
    forward = {(r.source, r.destination, r.before, r.after, r.ports) for r in there.rows}
    assert forward == {(r.source, r.destination, r.after, r.before, r.ports) for r in back.rows}
    assert not there.appearing or all(r.before is not Verdict.DENY for r in there.appearing)


def test_an_end_that_one_network_alone_has_reaches_nothing_in_the_other():
    base = two_subnets().rule("v/app", "in", "tcp/9000", "10.0.0.0/16")
    more = two_subnets().rule("v/app", "in", "tcp/9000", "10.0.0.0/16")
    more.group("v/new", "web", "out all 0.0.0.0/0")
    found = rows(base, more)
    assert {row.source for row in found.appearing} == {"v/new"}


def test_a_balancer_s_node_and_an_interface_like_it_are_two_sites():
    spot = Spot(4, 1)
    sites = [Site(Kind.BALANCER, spot, balancer="web"), Site(Kind.INTERFACE, spot)]
    found = match_sites(sites, sites)
    assert [each.tolist() for each in (*found.common, *found.alone)] == [[0, 1], [0, 1], [], []]
