"""Permits: the same permission in fewer entries, and the wider one that fits a quota."""

from ipaddress import IPv4Address, IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringwall.blueprint.compile.permits import (
    ALL,
    ICMP,
    TCP,
    UDP,
    Permit,
    Surroundings,
    budget,
    fit,
    replies,
    requests,
    tidy,
)
from ringwall.blueprint.compile.site import ipv6_block
from ringwall.model.ports import parse_ports

OWN = IPv4Network("10.0.0.0/16")
VPCS = frozenset(IPv4Network(f"10.{number}.0.0/16") for number in range(40))
AROUND = Surroundings("own", frozenset({OWN}), VPCS)


def tcp(low: int, high: int, peer: str) -> Permit:
    return Permit(TCP, low, high, IPv4Network(peer))


def test_neighbouring_ranges_of_a_peer_become_one() -> None:
    assert tidy([tcp(80, 80, "10.1.0.0/16"), tcp(81, 90, "10.1.0.0/16")]) == [
        tcp(80, 90, "10.1.0.0/16")
    ]


def test_ranges_that_do_not_touch_stay_apart() -> None:
    apart = [tcp(80, 80, "10.1.0.0/16"), tcp(82, 82, "10.1.0.0/16")]
    assert tidy(apart) == apart


def test_neighbouring_blocks_with_the_same_ports_become_one() -> None:
    assert tidy([tcp(80, 80, "10.2.0.0/16"), tcp(80, 80, "10.3.0.0/16")]) == [
        tcp(80, 80, "10.2.0.0/15")
    ]


def test_what_a_wider_permit_holds_is_left_out() -> None:
    assert tidy([tcp(443, 443, "0.0.0.0/0"), tcp(443, 443, "10.1.0.0/16")]) == [
        tcp(443, 443, "0.0.0.0/0")
    ]


def test_every_protocol_holds_each() -> None:
    everything = Permit(ALL, 0, 65_535, IPv4Network("10.1.0.0/16"))
    assert tidy([everything, tcp(443, 443, "10.1.2.0/24")]) == [everything]


def test_all_of_ipv6_holds_a_block_that_is_not_known_yet() -> None:
    wide = Permit(TCP, 443, 443, "::/0")
    assert tidy([wide, Permit(TCP, 443, 443, ipv6_block("v", 60, 1))]) == [wide]


def test_icmp_types_are_no_range() -> None:
    """An entry names one type or all of them (API reference, IcmpTypeCode)."""
    pair = [Permit(ICMP, kind, kind, IPv4Network("10.1.0.0/16")) for kind in (13, 14)]
    assert tidy(pair) == pair


def test_an_echo_is_answered_by_an_echo_reply() -> None:
    assert replies(requests([parse_ports("8/icmp")], 4)) == [(ICMP, 0, 0)]


def test_icmp_of_one_family_says_nothing_of_the_other() -> None:
    assert requests([parse_ports("8/icmp")], 6) == []
    assert requests([parse_ports("128/icmpv6")], 4) == []


def test_tcp_and_udp_are_answered_at_ephemeral_ports() -> None:
    asked = requests([parse_ports("443"), parse_ports("53/udp")], 4)
    assert replies(asked) == [(TCP, 1024, 65_535), (UDP, 1024, 65_535)]


def test_the_quota_leaves_room_for_the_default_deny_and_the_responder() -> None:
    assert budget(20, 0) == 15
    assert budget(40, 3) == 32
    assert budget(20, 16) == 0


def test_peers_in_other_vpcs_become_their_vpcs_first() -> None:
    peers = [tcp(443, 443, f"10.{number}.16.0/20") for number in range(1, 40, 2)]
    assert fit(peers, 20, AROUND) == peers
    wider = fit(peers + [tcp(443, 443, f"10.{n}.64.0/20") for n in range(1, 40, 2)], 20, AROUND)
    assert wider == [tcp(443, 443, f"10.{number}.0.0/16") for number in range(1, 40, 2)]


def test_then_they_become_the_smallest_block_that_covers_them() -> None:
    peers = [tcp(443, 443, f"10.{number}.16.0/20") for number in range(16, 32, 2)]
    assert fit(peers, 4, AROUND) == [tcp(443, 443, "10.16.0.0/12")]


def test_peers_of_the_own_vpc_are_widened_last() -> None:
    own = tcp(22, 22, "10.0.16.0/20")
    peers = [own, *(tcp(443, 443, f"10.{number}.16.0/20") for number in range(16, 32, 2))]
    assert own in fit(peers, 4, AROUND)


def test_ports_become_one_range_only_when_peers_do_not_suffice() -> None:
    peers = [tcp(port, port, "10.0.16.0/20") for port in (22, 443, 636, 3306)]
    assert fit(peers, 3, AROUND) == [tcp(22, 3306, "10.0.16.0/20")]


def test_ipv6_blocks_of_other_vpcs_become_all_of_ipv6() -> None:
    peers = [Permit(TCP, 443, 443, ipv6_block(f"v{number}", 60, 1)) for number in range(20)]
    assert fit(peers, 15, AROUND) == [Permit(TCP, 443, 443, "::/0")]


networks = st.builds(
    lambda vpc, part, length: IPv4Network(((10 << 24) + (vpc << 16) + (part << 8), length), False),
    st.integers(0, 39),
    st.integers(0, 255),
    st.integers(16, 24),
)
some_permits = st.lists(
    st.builds(
        lambda protocol, ports, peer: Permit(protocol, min(ports), max(ports), peer),
        st.sampled_from([TCP, UDP]),
        st.tuples(st.integers(0, 65_535), st.integers(0, 65_535)),
        networks,
    ),
    max_size=40,
)


def _allows(permits: list[Permit], protocol: int, port: int, address: IPv4Address) -> bool:
    return any(
        permit.protocol == protocol
        and permit.low <= port <= permit.high
        and isinstance(permit.peer, IPv4Network)
        and address in permit.peer
        for permit in permits
    )


@pytest.mark.property
@given(some_permits, st.sampled_from([TCP, UDP]), st.integers(0, 65_535), st.integers(0, 0x27FFFF))
def test_tidy_allows_exactly_what_was_allowed(
    permits: list[Permit], protocol: int, port: int, offset: int
) -> None:
    address = IPv4Address((10 << 24) + offset)
    before = _allows(permits, protocol, port, address)
    assert _allows(tidy(permits), protocol, port, address) == before


@pytest.mark.property
@given(some_permits, st.integers(1, 20))
def test_fit_takes_nothing_away(permits: list[Permit], limit: int) -> None:
    found = fit(permits, limit, AROUND)
    for permit in permits:
        assert isinstance(permit.peer, IPv4Network)
        for port in {permit.low, permit.high}:
            for address in (permit.peer.network_address, permit.peer.broadcast_address):
                assert _allows(found, permit.protocol, port, address)


@pytest.mark.property
@given(some_permits)
def test_tidy_is_idempotent(permits: list[Permit]) -> None:
    assert tidy(tidy(permits)) == tidy(permits)
