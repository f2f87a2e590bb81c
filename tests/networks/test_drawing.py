"""Drawn networks and questions: the same for the same seed, and with what was asked for."""

from random import Random

import pytest

from ringwall.model.graph import references
from tests.networks.drawing import draw
from tests.networks.ends import edges, ends
from tests.networks.features import NEEDS, Feature, with_needs
from tests.networks.questions import FEW, questions

KIND = {
    Feature.PEERING: "AWS::EC2::VPCPeeringConnection",
    Feature.TRANSIT: "AWS::EC2::TransitGatewayAttachment",
    Feature.INTERNET: "AWS::EC2::InternetGateway",
    Feature.NAT: "AWS::EC2::NatGateway",
    Feature.VPN: "AWS::EC2::VPNConnection",
    Feature.DIRECT_CONNECT: "AWS::DirectConnect::DirectConnectGateway",
    Feature.NETWORK_FIREWALL: "AWS::NetworkFirewall::Firewall",
    Feature.NETWORK_BALANCERS: "AWS::ElasticLoadBalancingV2::LoadBalancer",
    Feature.CLASSIC_BALANCERS: "AWS::ElasticLoadBalancing::LoadBalancer",
    Feature.LATTICE: "AWS::VpcLattice::ServiceNetworkVpcAssociation",
    Feature.ENDPOINT_SERVICES: "AWS::EC2::VPCEndpointService",
    Feature.PUBLIC_ACCESS: "AWS::EC2::VPCBlockPublicAccessOptions",
    Feature.EDGE_TABLES: "AWS::EC2::GatewayRouteTableAssociation",
    Feature.LIST_RULES: "AWS::EC2::PrefixList",
    Feature.SECONDARY_CIDRS: "AWS::EC2::VPCCidrBlock",
    Feature.INTERFACES: "AWS::EC2::Instance",
}


def test_the_same_seed_draws_the_same_network_and_questions() -> None:
    one, other = draw(11), draw(11)
    assert one.graph.nodes == other.graph.nodes
    assert questions(one.graph, Random(3), 50) == questions(other.graph, Random(3), 50)


def test_two_seeds_draw_two_networks() -> None:
    assert draw(1).graph.nodes != draw(2).graph.nodes


@pytest.mark.parametrize("feature", list(Feature))
def test_every_feature_can_be_asked_for(feature: Feature) -> None:
    drawn = [draw(seed, [feature]) for seed in range(12)]
    assert all({feature, *NEEDS.get(feature, ())} <= network.features for network in drawn)
    if feature in KIND:
        assert any(network.graph.of_type(KIND[feature]) for network in drawn)


@pytest.mark.parametrize("seed", range(20))
def test_only_a_network_with_missing_pieces_refers_to_what_is_not_there(seed: int) -> None:
    graph = draw(seed, without=[Feature.MISSING, Feature.BLACKHOLES]).graph
    gone = {
        ref for node in graph for ref in references(node.properties) if ref not in graph
    }  # a prefix list of AWS's, a gateway that no VPC has
    assert {ref.type for ref in gone} <= {"AWS::EC2::InternetGateway"}


@pytest.mark.parametrize("seed", range(20))
def test_questions_ask_from_and_to_addresses_that_the_ends_have(seed: int) -> None:
    graph = draw(seed).graph
    known = {end.name for end in ends(graph)}
    asked, odd = questions(graph, Random(seed), 60)[:60], questions(graph, Random(seed), 60)[60:]
    assert (len(asked), len(odd) <= 2 * FEW) == (60, True)
    for question in asked:
        assert {question.source.name, question.destination.name} <= known
        assert question.sender != question.receiver
        assert 0 <= question.port <= 65_535


def test_questions_stand_on_both_sides_of_edges() -> None:
    graph = draw(5, [Feature.ACLS, Feature.PEERING]).graph
    cuts = edges(graph).ports[6]
    asked = {q.port for q in questions(graph, Random(1), 2000) if q.protocol == 6}
    near = [cut for cut in cuts if {cut - 1, cut} <= asked]
    assert len(near) > len(cuts) / 2


def test_what_a_feature_needs_comes_with_it() -> None:
    assert with_needs([Feature.NAT64]) >= {Feature.NAT, Feature.INTERNET, Feature.DUAL_STACK}


def test_targets_of_balancers_ask_these_and_public_addresses_are_asked() -> None:
    wanted = [Feature.NETWORK_BALANCERS, Feature.APPLICATION_BALANCERS, Feature.PUBLIC_ADDRESSES]
    graphs = [draw(seed, wanted).graph for seed in range(8)]
    odd = [asked for graph in graphs for asked in questions(graph, Random(1), 0)]
    assert {asked.destination.kind for asked in odd} == {"balancer", "internet"}
    called = {(asked.source.kind, asked.destination.kind) for asked in odd}
    assert ("interface", "balancer") in called
    kinds = {
        node.properties["TargetType"]
        for graph in graphs
        for node in graph.of_type("AWS::ElasticLoadBalancingV2::TargetGroup")
    }
    assert kinds == {"instance", "ip", "alb"}
