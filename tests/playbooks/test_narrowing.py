"""Blocks without a block, and ranges as CIDRs."""

from ipaddress import ip_address, summarize_address_range

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringwall.playbooks.narrowing import to_cidrs, without
from ringwall.reach.blocks import Block, to_block

LAST = 2**32


@pytest.mark.parametrize(
    ("rule", "block", "left"),
    [
        ("10.0.0.0/30", "10.0.0.0/32", ["10.0.0.1/32", "10.0.0.2/31"]),
        ("10.0.0.0/30", "10.0.0.3/32", ["10.0.0.0/31", "10.0.0.2/32"]),
        ("10.0.0.0/30", "10.0.0.0/16", []),
        ("10.0.0.0/30", "10.0.0.4/32", ["10.0.0.0/30"]),
        ("10.0.0.0/30", "::/0", ["10.0.0.0/30"]),
    ],
)
def test_a_block_is_split_around_another(rule: str, block: str, left: list[str]):
    assert [str(each) for each in without(to_block(rule), to_block(block))] == left


def test_an_address_of_all_leaves_one_block_for_each_bit():
    assert len(without(to_block("0.0.0.0/0"), to_block("198.51.100.7"))) == 32
    assert len(without(to_block("::/0"), to_block("2a00::7"))) == 128


@given(st.integers(0, LAST - 1), st.integers(0, 32), st.integers(0, LAST - 1), st.integers(0, 32))
def test_what_is_left_and_what_is_taken_make_up_the_block(a: int, n: int, b: int, m: int):
    rule, block = to_block(f"{ip_address(a)}/{n}"), to_block(f"{ip_address(b)}/{m}")
    left = without(rule, block)
    assert not [each for each in left if each.overlaps(block)]
    common = rule.common(block)
    taken = 0 if common is None else common.end - common.start
    assert sum(each.end - each.start for each in left) + taken == rule.end - rule.start


@given(st.integers(0, LAST - 1), st.integers(0, LAST - 1))
def test_a_range_is_the_cidrs_that_the_standard_library_names(a: int, b: int):
    low, high = sorted((a, b))
    ends = (ip_address(low), ip_address(high))
    told = [str(each) for each in summarize_address_range(*ends)]
    assert [str(each) for each in to_cidrs(Block(4, low, high + 1))] == told
