"""Certificates of the examples: accepted as they are, refused once a rule of theirs is flipped."""

from dataclasses import replace
from typing import Any

import pytest

from ringwall.model.expectation import Expectation
from ringwall.model.graph import Node, ResourceGraph, Unknown
from ringwall.verify.certificate import Certificate, from_text, to_text
from ringwall.verify.closing import close
from ringwall.verify.digest import digest_of
from ringwall.verify.gaps import Gaps
from ringwall.verify.network import Network
from tests.builders import ref
from tests.verify.claims import (
    ACCEPTED,
    REFUSED,
    UNKNOWN,
    checked,
    claims,
    example,
    holds,
    proof_of,
)
from tests.verify.flips import opened

APART = "production is apart from non-production"
ONLY_APP = "only the app tier reaches databases"
NOT_ON_INTERNET = "databases are not on the internet"
FORTRESS = example("fortress").graph
NOTHING_ARRIVES = claims("fortress", reachable=False)
EVERYTHING_ARRIVES = claims("fortress", reachable=True)


def node(kind: str, key: str, **properties: Any) -> Node:
    return Node(f"AWS::EC2::{kind}", key, "", "us-east-1", properties)


def joined(graph: ResourceGraph) -> ResourceGraph:
    """Lead every table to every VPC by the Transit Gateway, and open every ACL."""
    gateway = ref("TransitGateway", "transit-gateway")
    attachments = graph.of_type("AWS::EC2::TransitGatewayAttachment")
    for table in graph.of_type("AWS::EC2::RouteTable"):
        for number in range(4):
            how = {"DestinationCidrBlock": f"10.{number}.0.0/16", "TransitGatewayId": gateway}
            if not table.key.startswith(("hub", "production", "staging", "development")[number]):
                key = f"flip/{table.key}/{number}"
                graph = graph.with_nodes([node("Route", key, RouteTableId=table.ref, **how)])
    for transit in graph.of_type("AWS::EC2::TransitGatewayRouteTable"):
        for each in attachments:
            how = {"TransitGatewayAttachmentId": each.ref}
            key = f"flip/{transit.key}/{each.key}"
            new = node("TransitGatewayRouteTablePropagation", key, **how)
            table_of = {**new.properties, "TransitGatewayRouteTableId": transit.ref}
            graph = graph.with_nodes([replace(new, properties=table_of)])
    for acl in graph.of_type("AWS::EC2::NetworkAcl"):
        graph = opened(graph, f"NetworkAcl {acl.key}")
    return graph


def changed(graph: ResourceGraph, kind: str, key: str, **properties: Any) -> ResourceGraph:
    found = graph[f"AWS::EC2::{kind}", key]
    return graph.with_nodes([replace(found, properties={**found.properties, **properties})])


@pytest.mark.parametrize("name", ["minimal", "fortress", "forty"])
def test_every_expectation_has_a_certificate_that_is_accepted(name: str) -> None:
    wanted = example(name)
    network = Network(wanted.graph)
    names = wanted.blueprint.networks
    asked = [*claims(name, reachable=False), *claims(name, reachable=True)]
    proofs = tuple(close(network, Gaps(network), claim, names) for claim in asked)
    text = to_text(Certificate(name, digest_of(wanted.graph), proofs))
    read = from_text(text, "file")
    assert to_text(read) == text
    assert [checked(wanted.graph, proof, name).answer for proof in read.proofs] == [
        ACCEPTED for _ in asked
    ]


def test_the_certificate_of_the_fortress_is_small() -> None:
    network = Network(FORTRESS)
    names = example("fortress").blueprint.networks
    asked = [*NOTHING_ARRIVES, *EVERYTHING_ARRIVES]
    proofs = tuple(close(network, Gaps(network), claim, names) for claim in asked)
    assert len(to_text(Certificate("fortress", "", proofs))) < 300_000
    assert max(len(station.packets.boxes) for p in proofs for station in p.stations) <= 4


@pytest.mark.parametrize("claim", NOTHING_ARRIVES, ids=lambda c: c.name)
def test_a_proof_is_refused_once_everything_that_cuts_is_open(claim: Expectation) -> None:
    proof = proof_of("fortress", claim.name)
    graph = joined(FORTRESS) if "segment" in str(claim.sources) else FORTRESS
    # Where cuts lie one behind the other, all have to be opened: so do those that come to light.
    for _ in range(6):
        if not holds(graph, claim):
            break
        network = Network(graph)
        now = close(network, Gaps(network), claim, example("fortress").blueprint.networks)
        for stop in {cut.by for station in now.stations for cut in station.cuts}:
            graph = opened(graph, stop)
    assert not holds(graph, claim)
    assert checked(graph, proof).answer is REFUSED


@pytest.mark.parametrize("claim", EVERYTHING_ARRIVES, ids=lambda c: c.name)
def test_a_proof_that_packets_arrive_is_refused_once_a_rule_of_their_way_is_gone(
    claim: Expectation,
) -> None:
    proof = proof_of("fortress", claim.name)
    kinds = ("Route", "NetworkAclEntry", "SecurityGroupIngress", "SecurityGroupEgress")
    nodes = [n for kind in kinds for n in FORTRESS.of_type(f"AWS::EC2::{kind}")]
    vpcs = {site[0].split(" in ")[-1].split("/")[0] for site in proof.legs[0].senders}
    mine = [n for n in nodes if n.key.split("/")[0] in vpcs]
    refused = 0
    for gone in mine[:: max(1, len(mine) // 12)]:
        graph = FORTRESS.without([(gone.type, gone.key)])
        answer = checked(graph, proof).answer
        if not holds(graph, claim):
            assert answer is not ACCEPTED, gone
            refused += 1
        else:
            assert answer is ACCEPTED, gone
    assert refused or "internet" in claim.sources


class TestFlips:
    """Single changes of the fortress."""

    def test_a_group_rule_that_lets_web_into_the_database(self) -> None:
        proof = proof_of("fortress", ONLY_APP)
        web, db = (ref("SecurityGroup", f"production/{name}") for name in ("web", "db"))
        rule = {"IpProtocol": "tcp", "FromPort": 3306, "ToPort": 3306}
        half = FORTRESS.with_nodes(
            [
                node(
                    "SecurityGroupEgress",
                    "flip/out",
                    GroupId=web,
                    DestinationSecurityGroupId=db,
                    **rule,
                )
            ]
        )
        whole = half.with_nodes(
            [node("SecurityGroupIngress", "flip", GroupId=db, SourceSecurityGroupId=web, **rule)]
        )
        assert not holds(whole, proof.claim)
        assert checked(whole, proof).answer is REFUSED

    def test_an_entry_that_no_longer_keeps_the_internet_out_matters_to_nobody_behind_groups(
        self,
    ) -> None:
        """The groups cut what the internet sends, whatever the ACL lets in."""
        proof = proof_of("fortress", "web is not on the internet")
        graph = opened(FORTRESS, "NetworkAcl production/private")
        assert holds(graph, proof.claim)
        assert checked(graph, proof).answer is ACCEPTED

    def test_routes_across_the_segments(self) -> None:
        """App sends to 0.0.0.0/0 on 443; routes alone keep that from production."""
        proof = proof_of("fortress", APART)
        gateway = ref("TransitGateway", "transit-gateway")
        routes = [
            node(
                "Route",
                f"flip/{zone}",
                RouteTableId=ref("RouteTable", f"staging/private/{zone}"),
                DestinationCidrBlock="10.1.0.0/16",
                TransitGatewayId=gateway,
            )
            for zone in ("us-east-1a", "us-east-1b")
        ]
        routed = FORTRESS.with_nodes(routes)
        assert holds(routed, proof.claim)  # the gateway has no route: but the certificate is stale
        found = checked(routed, proof)
        assert found.answer is REFUSED
        assert "packets get to transit-in staging" in found.why
        attachment = ref("TransitGatewayAttachment", "production")
        table = ref("TransitGatewayRouteTable", "non-production")
        joined = {"TransitGatewayAttachmentId": attachment, "TransitGatewayRouteTableId": table}
        graph = routed.with_nodes([node("TransitGatewayRouteTablePropagation", "flip", **joined)])
        for vpc in ("staging", "production"):
            for tier in ("private", "attachment"):
                graph = opened(graph, f"NetworkAcl {vpc}/{tier}")
        graph = opened(graph, "SecurityGroup production/app")
        assert not holds(graph, proof.claim)
        assert checked(graph, proof).answer is REFUSED

    def test_a_subnet_that_changes_its_route_table(self) -> None:
        proof = proof_of("fortress", NOT_ON_INTERNET)
        graph = FORTRESS
        for zone in ("us-east-1a", "us-east-1b"):
            key = f"production/isolated/{zone}"
            graph = changed(
                graph,
                "SubnetRouteTableAssociation",
                key,
                RouteTableId=ref("RouteTable", "production/public"),
            )
            graph = changed(graph, "Subnet", key, MapPublicIpOnLaunch=True)
        assert holds(graph, proof.claim)  # groups and ACLs still keep it out
        assert checked(graph, proof).answer is REFUSED  # what the certificate relied on is gone
        graph = opened(
            opened(graph, "NetworkAcl production/isolated"), "SecurityGroup production/db"
        )
        assert not holds(graph, proof.claim)
        assert checked(graph, proof).answer is REFUSED

    def test_a_tag_changes_nothing(self) -> None:
        proof = proof_of("fortress", APART)
        vpc = FORTRESS["AWS::EC2::VPC", "hub"]
        graph = FORTRESS.with_nodes([replace(vpc, tags={**vpc.tags, "Owner": "somebody"})])
        assert digest_of(graph) != digest_of(FORTRESS)
        assert checked(graph, proof).answer is ACCEPTED

    def test_a_group_that_nobody_certified(self) -> None:
        """A new group in a tier is an end of its own, which the proof says nothing about."""
        proof = proof_of("fortress", NOT_ON_INTERNET)
        db = FORTRESS["AWS::EC2::SecurityGroup", "production/db"]
        tier = replace(db, key="production/db", tags={**db.tags, "ringwall:tier": "public"})
        assert checked(FORTRESS.with_nodes([tier]), proof).answer is REFUSED

    def test_what_could_carry_packets_and_is_not_modelled_cannot_be_checked(self) -> None:
        proof = proof_of("fortress", NOT_ON_INTERNET)
        lattice = Node("AWS::VpcLattice::ServiceNetworkVpcAssociation", "x", "", "")
        assert checked(FORTRESS.with_nodes([lattice]), proof).answer is UNKNOWN

    def test_what_was_not_read_cannot_be_checked(self) -> None:
        proof = proof_of("fortress", NOT_ON_INTERNET)
        graph = replace(FORTRESS, unknowns=(Unknown("AWS::EC2::Route", "refused"),))
        assert checked(graph, proof).answer is UNKNOWN
