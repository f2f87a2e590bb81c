"""What sets of packets hold at the edges, and what they show."""

import gc

import pytest

from ringwall.space import diagrams
from ringwall.space.boxes import ICMP, ICMPV6, OCTET, TCP, UDP, Box, Packet
from ringwall.space.intervals import IPV4, IPV6, PORTS, IntervalSet, full
from ringwall.space.packets import ALL, NONE, PacketSet

# Pairs of addresses, times: protocols that have no more to say, TCP and UDP, ICMP and ICMPv6.
EVERYTHING = (IPV4**2 + IPV6**2) * (252 + 2 * PORTS**2 + 2 * OCTET**2)


def over(protocol: int, source_port: int, destination_port: int) -> Packet:
    return Packet(
        family=4,
        source=10 << 24,
        destination=(10 << 24) + 1,
        protocol=protocol,
        source_port=source_port,
        destination_port=destination_port,
    )


def icmp(kind: int, code: int, *, protocol: int = ICMP, family: int = 4) -> Packet:
    return Packet(
        family=family, source=0, destination=0, protocol=protocol, icmp_type=kind, icmp_code=code
    )


def bare(protocol: int, *, family: int = 4) -> Packet:
    return Packet(family=family, source=1, destination=2, protocol=protocol)


def one_of(size: int, number: int) -> IntervalSet:
    return IntervalSet.of(size, [(number, number + 1)])


@pytest.mark.parametrize("port", [0, 1, 255, 256, 65534, 65535])
def test_a_port_is_in_its_range_and_not_beside_it(port: int) -> None:
    found = PacketSet.of(Box(destination_ports=one_of(PORTS, port)))
    assert over(TCP, 7, port) in found
    assert over(UDP, 7, port) in found
    beside = {max(port - 1, 0), min(port + 1, 65535)} - {port}
    assert not any(over(TCP, port, other) in found for other in beside)


def test_a_range_of_all_ports_asks_for_protocols_that_have_ports() -> None:
    ported = PacketSet.of(Box(source_ports=full(PORTS)))
    assert ported == PacketSet.of(Box(protocols=IntervalSet.of(OCTET, [(6, 7), (17, 18)])))
    assert bare(47) not in ported
    assert icmp(0, 0) not in ported


def test_ports_and_types_together_are_in_no_packet() -> None:
    assert PacketSet.of(Box(source_ports=full(PORTS), icmp_types=full(OCTET))) == NONE


@pytest.mark.parametrize("protocol", [0, 2, 5, 7, 16, 18, 57, 59, 255])
def test_a_protocol_without_ports_is_one_packet_between_two_addresses(protocol: int) -> None:
    found = PacketSet.of(Box(protocols=one_of(OCTET, protocol)))
    assert found.size() == IPV4**2 + IPV6**2
    assert bare(protocol) in found
    assert bare(protocol, family=6) in found
    assert not any(bare(other) in found for other in {0, 2, 5, 7, 255} - {protocol})


def test_icmp_of_either_kind_may_be_in_packets_of_either_family() -> None:
    echo = PacketSet.of(Box(icmp_types=one_of(OCTET, 128)))
    assert icmp(128, 255, protocol=ICMPV6, family=6) in echo
    assert icmp(128, 0, protocol=ICMP, family=6) in echo
    assert icmp(127, 0, protocol=ICMPV6, family=6) not in echo


def test_the_same_number_in_the_other_family_is_another_address() -> None:
    four = PacketSet.of(Box(family=4, sources=one_of(IPV4, 7)))
    six = PacketSet.of(Box(family=6, sources=one_of(IPV6, 7)))
    assert four.isdisjoint(six)
    assert (four | six).size() == four.size() + six.size()
    assert (four | six).to_text() == "ipv4 source 0.0.0.7\nipv6 source ::7"


def test_the_last_address_of_ipv6_is_exact() -> None:
    last = PacketSet.of(Box(family=6, sources=one_of(IPV6, IPV6 - 1)))
    others = PacketSet.of(Box(family=6, sources=IntervalSet.of(IPV6, [(0, IPV6 - 1)])))
    assert last | others == PacketSet.of(Box(family=6))
    assert last.isdisjoint(others)


def test_a_witness_is_a_packet_that_people_recognise() -> None:
    assert ALL.witness() == Packet(
        family=4, source=0, destination=0, protocol=TCP, source_port=49152, destination_port=443
    )
    found = PacketSet.parse("source 10.0.0.0/8 source-port 1000-2000 destination-port 10-100")
    assert found.witness() == Packet(
        family=4, source=10 << 24, destination=0, protocol=6, source_port=1024, destination_port=80
    )
    assert PacketSet.parse("protocol icmp").witness() == icmp(8, 0)
    assert PacketSet.parse("ipv6 protocol icmpv6 type 128-130 code 3").witness() == icmp(
        128, 3, protocol=ICMPV6, family=6
    )
    assert PacketSet.parse("protocol 200-255 destination 0.0.0.9").witness() == Packet(
        family=4, source=0, destination=9, protocol=200
    )


def test_an_empty_set_has_no_witness() -> None:
    with pytest.raises(ValueError, match="empty"):
        NONE.witness()


def test_all_and_none_are_the_ends() -> None:
    assert PacketSet.of() == NONE == PacketSet.union([])
    assert PacketSet.of(Box()) == ALL
    assert (ALL.size(), NONE.size()) == (EVERYTHING, 0)
    assert NONE < ALL
    assert not ALL < ALL


def test_a_set_is_shown_by_its_first_boxes() -> None:
    assert repr(ALL) == "<PacketSet any>"
    found = PacketSet.parse("ipv4 protocol 3,50; ipv6 protocol udp destination-port 53")
    assert repr(found) == "<PacketSet ipv4 protocol 3,50; ipv6 protocol udp destination-port 53>"
    many = PacketSet.union(PacketSet.parse(f"source 10.0.0.{n} protocol {n}") for n in range(9))
    assert repr(many).endswith("; ipv4 protocol 2 source 10.0.0.2; ...>")


@pytest.mark.parametrize(
    ("parts", "why"),
    [
        ({"family": 5}, "no family"),
        ({"source": IPV4}, "source 4294967296 is not inside"),
        ({"destination": -1}, "destination -1 is not inside"),
        ({"protocol": 256}, "protocol 256 is not inside"),
        ({"protocol": 6}, "source_port is missing"),
        ({"protocol": 6, "source_port": 1}, "destination_port is missing"),
        ({"protocol": 17, "source_port": PORTS, "destination_port": 0}, "source_port 65536"),
        ({"protocol": 58}, "icmp_type is missing"),
        ({"protocol": 1, "icmp_type": 0, "icmp_code": 256}, "icmp_code 256"),
        ({"source_port": 1}, "has no source_port"),
        ({"protocol": 1, "icmp_type": 0, "icmp_code": 0, "source_port": 1}, "has no source_port"),
    ],
)
def test_a_packet_has_what_its_protocol_has(parts: dict[str, int], why: str) -> None:
    drawn = {"family": 4, "source": 0, "destination": 0, "protocol": 47} | parts
    with pytest.raises(ValueError, match=why):
        Packet(**drawn)


def test_a_box_of_addresses_needs_their_family() -> None:
    with pytest.raises(ValueError, match="need a family"):
        Box(sources=full(IPV4))
    with pytest.raises(ValueError, match="sources is a set of"):
        Box(family=6, sources=full(IPV4))
    with pytest.raises(ValueError, match="no family"):
        Box(family=5)


def test_diagrams_that_nobody_holds_are_forgotten() -> None:
    gc.collect()
    before = len(diagrams._nodes)
    kept = PacketSet.parse("ipv4 source 203.0.113.77 destination 198.51.100.7")
    assert len(diagrams._nodes) > before
    del kept
    gc.collect()
    assert len(diagrams._nodes) == before


def test_a_thousand_rules_joined_one_by_one_are_their_union() -> None:
    rules = [
        PacketSet.parse(
            f"protocol tcp source 10.{n % 7}.{n % 256}.0/24 destination-port {n}-{n + 9}"
        )
        for n in range(1000)
    ]
    found = NONE
    for rule in rules:
        found |= rule
    assert found == PacketSet.union(reversed(rules))
    assert all(rule <= found for rule in rules)
