"""What was seen between two addresses, and what the network says of it."""

from collections import Counter
from dataclasses import replace
from ipaddress import ip_address
from random import Random

import pytest

from ringwall.audits.example import example
from ringwall.model.graph import Node
from ringwall.reach.conversations import Conversations, Standing
from ringwall.reach.engine import Engine
from ringwall.reach.packets import TCP, UDP
from ringwall.reach.relations import Board
from tests.networks.drawing import draw
from tests.networks.questions import Questioner
from tests.reach.oracle import Oracle
from tests.trace.test_public_addresses import MACHINE, NODE, facing_the_internet

NETWORK = """
    vpc v 10.0.0.0/16
    igw v
    subnet v/web/a 10.0.1.0/24 public
    route v/web 0.0.0.0/0 igw
    subnet v/db/a 10.0.2.0/24
    group v/web web
    group v/probe web
    group v/db db
    rule v/web in tcp/443 0.0.0.0/0
    rule v/web out tcp/5432 v/db
    rule v/db in tcp/5432 v/web
    rule v/db in icmp/8 v/web
    rule v/web out icmp/8 v/db
    eni eni-web v/web/a 10.0.1.5 v/web public
    eni eni-probe v/web/a 10.0.1.6 v/probe public
"""
ARRIVES = {"ALLOW", "PARTIAL", "ONE_WAY"}


def conversations(text=NETWORK):
    return Conversations(Board(Engine(example(text))))


@pytest.mark.parametrize(
    ("source", "destination", "protocol", "port", "standing"),
    [
        ("8.8.8.8", "10.0.1.5", 6, 443, Standing.ALLOWED),
        ("8.8.8.8", "10.0.1.6", 6, 443, Standing.FORBIDDEN),
        ("8.8.8.8", "10.0.1.7", 6, 443, Standing.POSSIBLE),  # whoever is there
        ("8.8.8.8", "10.0.1.5", 6, 444, Standing.FORBIDDEN),
        ("10.0.1.5", "10.0.2.9", 6, 5432, Standing.ALLOWED),
        ("10.0.1.6", "10.0.2.9", 6, 5432, Standing.FORBIDDEN),
        ("10.0.1.8", "10.0.2.9", 6, 5432, Standing.POSSIBLE),
        ("10.0.2.9", "10.0.1.5", 6, 50000, Standing.FORBIDDEN),  # a reply is no conversation
        ("10.0.1.5", "10.0.2.9", 1, 0, Standing.POSSIBLE),  # a ping, of all that ICMP is
        ("10.0.1.6", "10.0.2.9", 1, 0, Standing.FORBIDDEN),
        ("10.0.1.5", "10.0.9.9", 6, 443, Standing.UNDECIDED),  # in no subnet
        ("10.0.1.5", "10.0.1.5", 6, 443, Standing.UNDECIDED),
    ],
)
def test_the_network_says_whether_it_lets_it_happen(source, destination, protocol, port, standing):
    found = conversations().judge(source, destination, protocol, port)
    assert found.standing is standing


def test_what_is_forbidden_is_shown_with_the_port_that_was_seen():
    asked = conversations()
    asked.judge("8.8.8.8", "10.0.1.6", 6, 1000)
    told = asked.tell(asked.judge("9.9.9.9", "10.0.1.6", 6, 22), 22)
    assert told.blockers[0].text.startswith("no ingress rule of v/probe")
    assert "tcp/22" in told.blockers[0].text


def test_addresses_that_nothing_tells_apart_are_asked_once():
    asked = conversations()
    one = asked.judge("8.8.8.8", "10.0.1.5", 6, 443)
    assert asked.judge("9.9.9.9", "10.0.1.5", 6, 443) is one
    assert asked.judge("9.9.9.9", "10.0.1.6", 6, 443) is not one


def test_what_a_nat_gateway_carries_is_not_its_own():
    graph = example(NETWORK)
    nat = graph.of_type("AWS::EC2::NetworkInterface")[1]
    carries = {**nat.observed, "InterfaceType": "nat_gateway"}
    asked = Conversations(Board(Engine(graph.with_nodes([replace(nat, observed=carries)]))))
    assert asked.judge("10.0.1.6", "8.8.8.8", 6, 443).standing is Standing.CARRIED


def test_who_has_an_address_beside_a_nat_gateway_may_be_the_gateway():
    """Its address is not known before it is there; who knows that it was not seen says so."""
    graph = example(NETWORK)
    subnet = graph.of_type("AWS::EC2::Subnet")[1]
    nat = Node("AWS::EC2::NatGateway", "v/nat", subnet.account, subnet.region)
    graph = graph.with_nodes([replace(nat, properties={"SubnetId": subnet.ref})])
    board = Board(Engine(graph))
    asks = ("10.0.1.6", "10.0.2.9", 6, 5432)
    assert Conversations(board).judge(*asks).standing is Standing.POSSIBLE
    assert Conversations(board, are_hosts=True).judge(*asks).standing is Standing.FORBIDDEN


@pytest.mark.parametrize("part", range(4))
def test_the_tracer_agrees_on_random_networks(part):
    """Forbidden: nothing arrives, whoever it is. Allowed: it arrives, and the reply too."""
    judged: Counter[Standing] = Counter()
    for seed in range(part * 10, part * 10 + 10):
        graph = draw(seed).graph
        asked, oracle = Conversations(Board(Engine(graph))), Oracle(graph)
        questioner = Questioner(graph, Random(seed))
        for question in filter(None, (questioner.draw() for _ in range(60))):
            if not is_about_who_is_there(asked, question):
                continue
            told = oracle.ask(question)
            asks = (question.sender, question.receiver, question.protocol, question.port)
            standing = asked.judge(*asks).standing
            judged[standing] += told is not None
            if told is not None and standing is Standing.FORBIDDEN:
                assert told.answer.verdict not in ARRIVES, (seed, str(question))
            if told is not None and standing is Standing.ALLOWED:
                assert told.answer.verdict == "ALLOW", (seed, str(question))
    assert judged[Standing.FORBIDDEN] > 50, judged
    assert judged[Standing.ALLOWED] > 20, judged


def is_about_who_is_there(asked, question):
    """Leave out ends of addresses that somebody else bears, and what has no ports."""
    for end, text in (
        (question.source, question.sender),
        (question.destination, question.receiver),
    ):
        bearers = asked.engine.network.bearers.of(question.version, int(ip_address(text)))
        if bearers and end.interface not in {each.node.physical_id or each.key for each in bearers}:
            return False
    return question.protocol in {TCP, UDP} and question.sender != question.receiver


def test_a_public_address_of_ours_is_told_apart_from_those_of_others():
    asked = Conversations(Board(Engine(facing_the_internet("8.8.8.0/24").graph())))
    said = {
        (source, destination): asked.judge(source, destination, TCP, 80).standing
        for source in ("8.8.8.8", "9.9.9.9", "10.0.1.10")
        for destination in ("54.1.2.9", NODE, MACHINE)
    }
    for address in (NODE, MACHINE):
        assert said["8.8.8.8", address] is Standing.ALLOWED
        assert said["9.9.9.9", address] is Standing.FORBIDDEN
        assert said["10.0.1.10", address] is Standing.UNDECIDED
    assert said["8.8.8.8", "54.1.2.9"] is Standing.UNDECIDED  # neither end is in the network
    assert said["10.0.1.10", "54.1.2.9"] is Standing.ALLOWED
