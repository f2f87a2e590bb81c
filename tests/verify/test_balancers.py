"""What load balancers forbid a certificate to say, and what they do not."""

import pytest

from ringwall.model.expectation import Expectation
from ringwall.model.graph import ResourceGraph
from ringwall.model.ports import parse_ports
from ringwall.verify.checking import Answer, check
from ringwall.verify.closing import NoProofError, close
from ringwall.verify.gaps import Gaps
from ringwall.verify.network import Network
from tests.networks.drawing import draw
from tests.networks.features import Feature
from tests.trace.test_balancer_rules import served, web
from tests.trace.test_public_addresses import MACHINE, NODE, facing_the_internet


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
    with pytest.raises(NoProofError, match="reach their end"):
        answer(opened, claim("v/web", "v/app", "8080"))


@pytest.mark.parametrize("name", ["v/lb", "v", "10.0.20.0/24"])
def test_that_packets_do_not_get_to_its_nodes_is_certified(name: str):
    graph = web().rule("v/web", "out", "tcp/80", "10.0.0.0/16").graph()
    assert answer(graph, claim("v/web", "v/lb", "22")) is Answer.ACCEPTED
    assert answer(graph, claim("v/web", "front", "22")) is Answer.ACCEPTED
    with pytest.raises(NoProofError, match="reach their end"):
        answer(graph, claim("v/web", name, "80"))


def test_that_packets_get_to_its_nodes_is_not():
    with pytest.raises(NoProofError, match="are not followed"):
        answer(web().graph(), claim("v/web", "v/lb", "80", reachable=True))


def test_that_packets_get_to_its_interfaces_is_not_certified():
    graph = draw(3, (Feature.APPLICATION_BALANCERS, Feature.INTERFACES)).graph
    nodes = [
        node
        for node in graph.of_type("AWS::EC2::NetworkInterface")
        if str(node.observed.get("Description", "")).startswith("ELB ")
    ]
    assert nodes
    for node in nodes:
        asked = claim("internet", node.physical_id or node.key, "22", reachable=True)
        with pytest.raises(NoProofError, match=r"not followed|no end"):
            answer(graph, asked)


def test_that_packets_get_to_a_public_address_of_ours_is_not_certified():
    """They come back in by an internet gateway, which a certificate does not follow."""
    graph = facing_the_internet().graph()
    for address in (NODE, MACHINE, "54.1.2.0/24"):
        with pytest.raises(NoProofError, match="is a public address of"):
            answer(graph, claim("v/lb", address, "80", reachable=True))
        assert answer(graph, claim("v/deep", address, "80")) is Answer.ACCEPTED
    assert answer(graph, claim("v/lb", "54.1.2.9", "80", reachable=True)) is Answer.ACCEPTED
