"""What load balancers forbid a certificate to say, and what they do not."""

import pytest

from ringwall.model.expectation import Expectation
from ringwall.model.graph import ResourceGraph
from ringwall.model.ports import parse_ports
from ringwall.verify.checking import Answer, check
from ringwall.verify.closing import NoProof, close
from ringwall.verify.gaps import Gaps
from ringwall.verify.network import Network
from tests.networks.drawing import draw
from tests.networks.features import Feature
from tests.trace.test_balancer_rules import served, web


def claim(source: str, destination: str, ports: str, *, reachable: bool = False) -> Expectation:
    return Expectation("it", (source,), (destination,), (parse_ports(ports),), reachable=reachable)


def answer(graph: ResourceGraph, asked: Expectation) -> Answer:
    network = Network(graph)
    gaps = Gaps(network)
    return check(network, gaps, close(network, gaps, asked, {}), {}).answer


def test_a_load_balancer_is_no_way_between_other_ends():
    graph = web().graph()
    assert graph.of_type("AWS::ElasticLoadBalancingV2::Listener")
    assert answer(graph, claim("v/web", "v/app", "8080")) is Answer.ACCEPTED
    opened = served().rule("v/app", "in", "tcp/8080", "group:v/web").graph()
    asked = claim("v/web", "v/app", "8080", reachable=True)
    assert answer(opened, asked) is Answer.ACCEPTED
    with pytest.raises(NoProof, match="reach their end"):
        answer(opened, claim("v/web", "v/app", "8080"))


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("v/lb", "a load balancer bears v/lb: the connections .* are not followed"),
        ("v", "a load balancer stands in v/lb/a: the connections .* are not followed"),
        ("10.0.20.0/24", "a load balancer stands in v/lb/a"),
    ],
)
@pytest.mark.parametrize("as_source", [False, True])
def test_nothing_is_claimed_of_ends_that_may_be_its_nodes(name: str, why: str, as_source: bool):
    ends = (name, "v/app") if as_source else ("v/web", name)
    with pytest.raises(NoProof, match=why):
        answer(web().graph(), claim(*ends, "22"))


def test_nor_of_its_interfaces():
    graph = draw(3, (Feature.APPLICATION_BALANCERS, Feature.INTERFACES)).graph
    nodes = [
        node
        for node in graph.of_type("AWS::EC2::NetworkInterface")
        if str(node.observed.get("Description", "")).startswith("ELB ")
    ]
    assert nodes
    for node in nodes:
        with pytest.raises(NoProof, match="not followed"):
            answer(graph, claim("internet", node.physical_id or node.key, "22"))
