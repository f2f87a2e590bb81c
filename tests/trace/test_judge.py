"""Proofs over sets: the atoms miss no packet, and both kinds of questions need every one."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringwall.model.ports import ANY, parse_ports
from ringwall.trace.addresses import Host
from ringwall.trace.atoms import atoms_of
from ringwall.trace.judge import cases, survey
from ringwall.trace.packet import EPHEMERAL, ICMP, TCP, UDP, Packet
from ringwall.trace.trace import Verdict, trace
from tests.builders import NetworkBuilder, open_acl, two_subnets
from tests.trace.asking import case, judged, network, placed, shown

PEERS = ["0.0.0.0/0", "10.0.0.0/16", "10.0.1.0/24", "10.0.1.128/25", "10.0.2.7/32", "10.0.2.0/25"]
WHAT = [
    "all",
    "tcp/80",
    "tcp/80-443",
    "tcp/1024-65535",
    "tcp/0",
    "tcp/65535",
    "udp/53",
    "icmp/8",
    "47",
]
rules = st.builds(
    "{} {} {}".format, st.sampled_from(["in", "out"]), st.sampled_from(WHAT), st.sampled_from(PEERS)
)
entries = st.lists(
    st.tuples(
        st.sampled_from(["in", "out"]),
        st.sampled_from(["allow", "deny"]),
        st.sampled_from(WHAT),
        st.sampled_from(PEERS),
    ),
    max_size=5,
)


Entries = list[tuple[str, str, str, str]]


def build(web: list[str], app: list[str], first: Entries, second: Entries) -> NetworkBuilder:
    base = NetworkBuilder().vpc("v", "10.0.0.0/16")
    for key, found in (("v/web", first), ("v/app", second)):
        base.acl(key, *open_acl())
        for number, (way, action, what, cidr) in enumerate(found, 10):
            base.entry(key, way, number, action, what, cidr)
    base.subnet("v/web/a", "10.0.1.0/24", acl="v/web").subnet("v/app/a", "10.0.2.0/24", acl="v/app")
    base.group("v/web", "web", *dict.fromkeys(["out all 0.0.0.0/0", *web]))
    return base.group("v/app", "app", *dict.fromkeys(["in tcp/22 10.0.1.0/24", *app]))


@pytest.mark.property
@given(
    st.lists(rules, max_size=3),
    st.lists(rules, max_size=4),
    entries,
    entries,
    st.integers(0, 2**32),
)
@settings(max_examples=60, deadline=None)
def test_every_packet_has_the_verdict_of_its_atom(web, app, first, second, seed):
    """The tracer judges any packet as the judge does the atom that holds it."""
    here = network(build(web, app, first, second))
    [source], [destination] = placed(here, "v/web"), placed(here, "v/app")
    found = list(cases(here, source, destination, (ANY,), full=True))
    dice = random.Random(seed)
    edges = [0, 1, 79, 80, 81, 443, 444, 1023, 1024, 65534, 65535]
    for _ in range(12):
        port = dice.choice([*edges, dice.randrange(65536)])
        client = dice.choice([1024, 65535, dice.randrange(*EPHEMERAL)])
        packet = dice.choice(
            [
                Packet(TCP, port, 0, client),
                Packet(UDP, dice.choice([port, 53]), 0, client),
                Packet(ICMP, dice.randrange(10)),
                Packet(47),
                Packet(99),
            ]
        )
        sender = Host(4, (10 << 24) + 256 + dice.randrange(256))
        receiver = Host(4, (10 << 24) + 512 + dice.choice([7, dice.randrange(256)]))
        told = trace(here, packet, source, destination, sender=sender, receiver=receiver)
        [atom] = [c for c in found if holds(here, c, packet, sender, receiver)]
        if atom.verdict is Verdict.PARTIAL:
            assert atom.client_ports is not None
            expected = Verdict.ALLOW if client in atom.client_ports else Verdict.ONE_WAY
        elif atom.verdict is Verdict.ONE_WAY and packet.protocol in {TCP, UDP}:
            expected = Verdict.ONE_WAY
        else:
            expected = atom.verdict
        assert told.verdict is expected, (packet, str(sender), str(receiver))


def holds(here, atom, packet, sender, receiver) -> bool:
    mine = atom.atom.packet
    if mine.protocol != packet.protocol:
        known = atoms_of(here)._ranges
        return (
            packet.protocol not in {TCP, UDP, ICMP, *known}
            and mine.protocol > 100
            and same_hosts(here, atom, sender, receiver)
        )
    if packet.protocol in {TCP, UDP} and not any(a <= packet.port < b for a, b in atom.atom.ports):
        return False
    if packet.protocol == ICMP and not same_icmp(mine, packet):
        return False
    return same_hosts(here, atom, sender, receiver)


def same_icmp(mine, packet) -> bool:
    named = {0, 8, 9}
    kinds = mine.port == packet.port or (mine.port not in named and packet.port not in named)
    return kinds and mine.code == packet.code


def same_hosts(here, atom, sender, receiver) -> bool:
    edges = atoms_of(here)._edges[4]

    def same(one, other) -> bool:
        low, high = sorted((one.address, other.address))
        return not any(low < edge <= high for edge in edges)

    return same(atom.sender, sender) and same(atom.receiver, receiver)


def test_a_must_not_fails_by_one_port_of_one_pair():
    assert judged(
        two_subnets(), "v/web", "v/app", "0-8079", "8081-65535", "udp", "icmp", reachable=False
    ).ok
    found = judged(two_subnets(), "v/web", "v/app", "any", reachable=False)
    assert (found.ok, found.verdict, found.failing) == (False, Verdict.ALLOW, 1)
    assert case(found).atom.packet.port == 8080
    assert shown(found).verdict is Verdict.ALLOW


def test_a_must_not_is_failed_by_what_only_goes_one_way():
    base = two_subnets().entry("v/app", "out", 50, "deny", "all", "0.0.0.0/0")
    found = judged(base, "v/web", "v/app", "8080", reachable=False)
    assert (found.ok, found.verdict) == (False, Verdict.ONE_WAY)


def test_a_must_reach_needs_every_port_and_every_pair():
    assert judged(two_subnets(), "v/web", "v/app", "8080", reachable=True).ok
    assert not judged(two_subnets(), "v/web", "v/app", "8080-8081", reachable=True).ok
    base = two_subnets().subnet("v/app/b", "10.0.3.0/24", acl="v/app")
    found = judged(base, "v/web", "v/app", "8080", reachable=True)
    assert (found.ok, found.pairs) == (True, 2)
    base.entry("v/app", "in", 50, "deny", "tcp/8080", "10.0.1.0/24")
    assert judged(base, "v/web", "v/app", "8080", reachable=True).failing == 2


def test_a_narrower_rule_splits_a_subnet_into_atoms():
    base = two_subnets().entry("v/app", "in", 50, "deny", "all", "10.0.1.64/26")
    found = judged(base, "v/web", "v/app", "8080", reachable=True)
    assert (found.atoms, found.failing, found.ok) == (3, 1, False)
    assert str(case(found).sender).startswith("10.0.1.")


def test_two_half_open_rules_are_the_whole_internet():
    """`0.0.0.0/1` and `128.0.0.0/1` defeat a comparison with `0.0.0.0/0`."""
    base = NetworkBuilder().vpc("v", "10.0.0.0/16").internet_gateway("v").acl("v/t", *open_acl())
    base.subnet("v/t/a", "10.0.1.0/24", acl="v/t").route("v/t", "0.0.0.0/0", "igw:v")
    base.group("v/t", "t", "in tcp/443 0.0.0.0/1", "in tcp/443 128.0.0.0/1")
    assert judged(base, "internet", "v/t", "443", reachable=True).ok


def test_no_pair_at_all_proves_nothing():
    base = two_subnets()
    found = judged(base, "2600::1", "v/app", "443", reachable=False)
    assert (found.ok, found.verdict) == (False, Verdict.UNKNOWN)


def test_a_survey_counts_every_atom():
    here = network(two_subnets())
    found = survey(here, placed(here, "v/web"), placed(here, "v/app"), [parse_ports("any")])
    assert {each.verdict for each in found} == {Verdict.ALLOW, Verdict.DENY}
