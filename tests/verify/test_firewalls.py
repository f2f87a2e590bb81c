"""What Network Firewall stops by addresses and ports: never more than the tracer says it stops."""

from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from ringwall.model.expectation import Expectation
from ringwall.model.ports import parse_ports
from ringwall.trace import network as traced
from ringwall.trace.addresses import Host
from ringwall.trace.filters import Outcome
from ringwall.trace.firewall import FIREWALL, FirewallFilter
from ringwall.trace.packet import Packet
from ringwall.verify.case import Case
from ringwall.verify.checking import Answer, check
from ringwall.verify.closing import NoProofError, close
from ringwall.verify.gaps import Gaps
from ringwall.verify.inspections import INSPECTION, passed_by
from ringwall.verify.network import Network
from ringwall.verify.places import Place
from ringwall.verify.sets import IPV6, Packets
from ringwall.verify.traffic import ICMP, ICMPV6, SPAN
from tests.networks.drawing import draw
from tests.networks.features import Feature
from tests.trace.building import stateless_group, suricata
from tests.trace.test_firewall_rules import guarded
from tests.verify.campaign import run

PORTS = (0, 22, 23, 79, 80, 81, 443, 1024, 1025, 8080, 9100, 9101, 40_000, 65_535)
ENDS = ("10.0.0.0/8", "8.8.0.0/16", "internet")


def traffic_of(packet: Packet) -> tuple[tuple[int, int], ...]:
    """Return a packet's number on the checker's line."""
    is_typed = packet.protocol in {ICMP, ICMPV6}
    at = packet.protocol * SPAN + (packet.port * 256 + packet.code if is_typed else packet.port)
    return ((at, at + 1),)


def test_what_drawn_firewalls_may_pass_is_never_said_to_be_stopped() -> None:
    rng = Random(3)
    features = [Feature.NETWORK_FIREWALL, Feature.INTERNET, Feature.DUAL_STACK]
    stopped = certain = 0
    for seed in range(700, 725):
        graph = draw(seed, features).graph
        network, judge = Network(graph), traced.Network(graph)
        asked = Expectation("it", ENDS, ENDS, (parse_ports("any"),), reachable=False)
        case, place = Case.of(network, Gaps(network), asked, {}), Place(INSPECTION)
        for firewall in graph.of_type(FIREWALL):
            policy = network.firewalls[firewall.key]
            passed = passed_by(case, place, policy, case.everything(place))
            for one, packet, hosts in packets(case, rng, 300):
                said = FirewallFilter(firewall, *hosts).decide(judge, packet)
                is_dropped = said.outcome is Outcome.DROP
                assert is_dropped or one <= passed, (str(packet), hosts, said)
                stopped += is_dropped
                certain += is_dropped and not one & passed
    assert certain >= 0.6 * stopped >= 300


def packets(case: Case, rng: Random, n: int) -> Iterator[tuple[Packets, Packet, tuple[Host, Host]]]:
    """Yield packets of a case as the checker and as the tracer have them, with their ends."""
    for _ in range(n):
        sender, receiver = (rng.randrange(len(s.all)) for s in (case.senders, case.receivers))
        parts = (case.senders.all[sender].part, case.receivers.all[receiver].part)
        source, destination = (at(part, rng) for part in parts)
        protocol = rng.choice((6, 6, 6, 17, 1, 47))
        packet = Packet(protocol, rng.choice(PORTS) if protocol in {6, 17} else 0)
        if source.version == destination.version:
            one = Packets.of([(1 << sender, 1 << receiver, 1, traffic_of(packet))])
            yield one, packet, (source, destination)


def at(part: tuple[tuple[int, int], ...], rng: Random) -> Host:
    low, high = rng.choice(part)
    address = rng.choice((low, high - 1, rng.randrange(low, high)))
    return Host(6, address - IPV6) if address >= IPV6 else Host(4, address)


PASS, DROP = "pass tcp any any -> any 443 (sid:1;)", "drop ip any any -> any any (sid:2;)"
STRICT: dict[str, Any] = {"StatefulEngineOptions": {"RuleOrder": "STRICT_ORDER"}}
DROPS_REST: dict[str, Any] = {**STRICT, "StatefulDefaultActions": ["aws:drop_strict"]}


@pytest.mark.parametrize(
    ("lines", "policy", "is_stopped"),
    [
        ([DROP], {}, True),
        ([DROP, PASS], {}, False),  # in action order what passes comes first
        ([DROP, PASS], STRICT, True),
        ([PASS, DROP], STRICT, False),
        ([], DROPS_REST, True),
        ([PASS], DROPS_REST, False),
        ([], STRICT, False),
        (["reject tcp $HOME_NET any -> any 400:500 (msg:\"no; more\"; sid:1;)"], {}, False),
        (["reject tcp $HOME_NET any -> any 400:500 (msg:\"no more\"; sid:1;)"], {}, True),
        (["drop tcp $HOME_NET any -> any ![80, 22] (sid:1;)"], {}, True),
        (["drop tcp $HOME_NET any -> any ![80, 400:500] (sid:1;)"], {}, False),
        (["drop tcp [10.0.0.0/8, !10.0.1.0/28] any -> any any (sid:1;)"], {}, False),
        (["drop tcp ![10.0.1.0/24, 9.9.9.9] any -> any any (sid:1;)"], {}, False),
        (["drop tcp ![9.9.9.0/24, $NOBODY] any -> any any (sid:1;)"], {}, False),
        (["drop tcp any 1024: -> any any (sid:1;)"], {}, False),  # the client may take another
        (["drop tcp any any -> any any (flow:to_server; sid:1;)"], {}, True),
        (["drop tcp any any -> any any (flow:established; sid:1;)"], {}, False),
        (["drop tls any any -> any any (sid:1;)"], {}, False),
        (["drop tcp any 443 <> any any (sid:1;)"], {}, True),
        (["drop tcp any any <> 10.0.1.0/24 any (sid:1;)"], {}, True),
        (["drop tcp 10.0.1.0/24 443 <> 10.0.2.0/24 any (sid:1;)"], {}, False),
        ([DROP, "pass tls any any -> any any (sid:1;)"], {}, False),
        ([DROP, "pass udp any any -> any any (sid:1;)"], {}, True),
        ([DROP, "pass tcp [[10.0.1.0/24]] any -> any any (sid:1;)"], {}, False),
        ([DROP, "pass tcp any any ->"], {}, False),
        ([DROP, "config tcp any any -> any any (sid:1;)"], {}, False),
    ],
)  # fmt: skip
def test_rules_that_are_certain_stop(
    lines: list[str], policy: dict[str, Any], is_stopped: bool
) -> None:
    asked = Expectation("it", ("v/web",), ("v/app",), (parse_ports("443"),), reachable=False)
    graph = guarded(stateful=[suricata(*lines)], **policy).graph()
    network = Network(graph)
    if is_stopped:
        proof = close(network, Gaps(network), asked, {})
        assert "Firewall fw" in {cut.by for each in proof.stations for cut in each.cuts}
        assert check(network, Gaps(network), proof, {}).answer is Answer.ACCEPTED
        gone = Network(graph.without([(f"{FIREWALL}Policy", "policy")]))
        assert check(gone, Gaps(gone), proof, {}).answer is Answer.REFUSED
        opened = Network(guarded(stateful=[suricata(PASS)]).graph())
        assert check(opened, Gaps(opened), proof, {}).answer is Answer.REFUSED
    else:
        with pytest.raises(NoProofError, match="reach their end"):
            close(network, Gaps(network), asked, {})


@pytest.mark.parametrize(
    ("rules", "policy", "is_stopped"),
    [
        ([(1, "drop", {})], {}, True),
        ([(1, "drop", {"Protocols": [17]})], {}, False),
        ([(1, "pass", {"Protocols": [6]}), (2, "drop", {})], {}, False),
        ([(2, "pass", {"Protocols": [6]}), (1, "drop", {})], {}, True),
        ([(1, "drop", {"DestinationPorts": [{"FromPort": 400, "ToPort": 500}]})], {}, True),
        ([(1, "drop", {"DestinationPorts": [{"FromPort": 444, "ToPort": 500}]})], {}, False),
        ([(1, "drop", {"SourcePorts": [{"FromPort": 1024, "ToPort": 65535}]})], {}, False),
        ([(1, "drop", {"TCPFlags": [{"Flags": ["ACK"]}]})], {}, False),
        ([(1, "drop", {"Sources": [{"AddressDefinition": "10.0.1.0/24"}]})], {}, True),
        ([(1, "drop", {"Sources": [{"AddressDefinition": "10.0.1.0/28"}]})], {}, False),
        ([], {"StatelessDefaultActions": ["aws:drop"]}, False),  # parts of packets are forwarded
        (
            [],
            {
                "StatelessDefaultActions": ["aws:drop"],
                "StatelessFragmentDefaultActions": ["aws:drop"],
            },
            True,
        ),
    ],
)
def test_stateless_rules_stop_by_priority(
    rules: list[Any], policy: dict[str, Any], is_stopped: bool
) -> None:
    asked = Expectation("it", ("v/web",), ("v/app",), (parse_ports("443"),), reachable=False)
    network = Network(guarded(stateless=[stateless_group(*rules)], **policy).graph())
    if is_stopped:
        proof = close(network, Gaps(network), asked, {})
        assert check(network, Gaps(network), proof, {}).answer is Answer.ACCEPTED
    else:
        with pytest.raises(NoProofError, match="reach their end"):
            close(network, Gaps(network), asked, {})


def test_flips_of_firewalls_undo_no_certificate_unseen() -> None:
    tally = run(range(500, 506), 30, 4, features=[Feature.INTERNET, Feature.NETWORK_FIREWALL])
    assert not tally.wrong, "\n".join(tally.wrong[:10])
    assert tally.counts["certificates"] >= 0.9 * tally.counts["claims that hold"] > 30
    assert tally.counts["flips undone: refused"] >= 15
