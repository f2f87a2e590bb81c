"""Addresses → CIDRs within the quota that hit nobody else who matters."""

from hypothesis import given
from hypothesis import strategies as st

from ringwall.playbooks.aggregation import Others, joined
from ringwall.reach.blocks import Block, to_block

NOBODY = Others(seen=())


def of(*texts: str, most: int = 19, others: Others = NOBODY) -> list[str]:
    return [str(each) for each in joined(map(to_block, texts), most=most, others=others)]


def test_what_fits_is_not_joined():
    assert of("198.51.100.1", "198.51.100.9") == ["198.51.100.1/32", "198.51.100.9/32"]


def test_halves_of_nothing_but_offenders_are_joined_though_there_is_room():
    assert of("198.51.100.2", "198.51.100.3") == ["198.51.100.2/31"]
    four = ("198.51.100.4", "198.51.100.5", "198.51.100.6", "198.51.100.7")
    assert of(*four) == ["198.51.100.4/30"]


def test_neighbours_that_are_no_halves_are_not_joined():
    assert of("198.51.100.3", "198.51.100.4") == ["198.51.100.3/32", "198.51.100.4/32"]


def test_the_same_address_and_what_lies_in_a_block_counts_once():
    assert of("198.51.100.7", "198.51.100.7", "198.51.100.0/24") == ["198.51.100.0/24"]


def test_the_narrowest_join_that_makes_room_is_taken():
    many = ("198.51.100.1", "198.51.100.2", "198.51.100.200", "203.0.113.9")
    assert of(*many, most=3) == ["198.51.100.0/30", "198.51.100.200/32", "203.0.113.9/32"]
    assert of(*many, most=2) == ["198.51.100.0/24", "203.0.113.9/32"]


def test_no_more_is_joined_than_makes_room():
    many = ("198.51.100.1", "198.51.100.2", "203.0.113.1", "203.0.113.2")
    assert of(*many, most=3) == ["198.51.100.0/30", "203.0.113.1/32", "203.0.113.2/32"]


def test_nobody_else_who_was_seen_is_hit():
    others = Others(seen=(to_block("198.51.100.3"),))
    pair = ("198.51.100.1", "198.51.100.2")
    assert of(*pair, most=1, others=others) == ["198.51.100.1/32", "198.51.100.2/32"]
    assert of(*pair, most=1, others=Others(seen=(to_block("198.51.100.4"),))) == ["198.51.100.0/30"]


def test_nobody_who_is_named_is_hit():
    others = Others(seen=(), named=(to_block("198.51.0.0/16"),))
    assert len(of("198.51.100.1", "198.51.100.2", most=1, others=others)) == 2


def test_who_is_accepted_may_be_hit():
    others = Others(seen=(to_block("198.51.100.3"),), accepted=(to_block("198.51.100.0/24"),))
    assert of("198.51.100.1", "198.51.100.2", most=1, others=others) == ["198.51.100.0/30"]


def test_an_offender_that_was_seen_is_no_collateral():
    others = Others(seen=(to_block("198.51.100.1"),))
    assert of("198.51.100.1", "198.51.100.2", most=1, others=others) == ["198.51.100.0/30"]


def test_where_nobody_looked_nothing_but_offenders_is_joined():
    assert len(of("198.51.100.1", "198.51.100.2", most=1, others=Others())) == 2
    assert of("198.51.100.2", "198.51.100.3", most=1, others=Others()) == ["198.51.100.2/31"]


def test_what_is_never_blocked_is_in_no_join():
    def refused(block: Block) -> str:
        return "ours" if block.overlaps(to_block("198.51.100.3")) else ""

    others = Others(seen=(), refused=refused)
    assert len(of("198.51.100.1", "198.51.100.2", most=1, others=others)) == 2


def test_nothing_wider_than_a_16_or_a_48_is_made():
    assert of("198.51.0.1", "198.51.255.1", most=1) == ["198.51.0.0/16"]
    assert len(of("198.50.0.1", "198.51.0.1", most=1)) == 2
    assert of("2a00:1::1", "2a00:1:0:ffff::1", most=1) == ["2a00:1::/48"]
    assert len(of("2a00:1::1", "2a00:1:1::1", most=1)) == 2


addresses = st.lists(st.integers(0, 2**10 - 1), min_size=1, max_size=30)


@given(addresses, addresses, st.integers(1, 8))
def test_every_offender_is_held_and_nobody_else_that_was_seen(
    bad: list[int], good: list[int], most: int
):
    base = int(to_block("198.51.100.0").start)
    offenders = {Block(4, base + n, base + n + 1, 32) for n in bad}
    seen = tuple(Block(4, base + n, base + n + 1, 32) for n in good)
    found = joined(offenders, most=most, others=Others(seen=seen))
    assert all(any(b.overlaps(o) for b in found) for o in offenders)
    assert not [s for s in seen if s not in offenders and any(b.overlaps(s) for b in found)]
    assert not [1 for a in found for b in found if a is not b and a.overlaps(b)]
    assert all(b.end - b.start == 1 << (32 - b.length) and b.length >= 16 for b in found)
    alone = joined(offenders, most=most, others=Others(seen=()))
    assert len(alone) <= max(most, 1)
