"""Laws of the checker's arithmetic, held to plain sets of numbers."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from ringwall.verify.sets import Box, Packets, Ranges, join, meet, minus
from ringwall.verify.sites import Grid
from ringwall.verify.traffic import (
    address_texts,
    block,
    read_addresses,
    read_traffic,
    traffic_texts,
)

ranges = st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), max_size=4).map(
    lambda pairs: join(tuple((a, b) for a, b in pairs if a < b))
)
boxes = st.tuples(st.integers(1, 7), st.integers(1, 7), st.integers(1, 3), ranges)
packets = st.lists(boxes, max_size=4).map(Packets.of)


def numbers(part: Ranges) -> set[int]:
    return {n for low, high in part for n in range(low, high)}


def members(found: Packets) -> set[tuple[int, int, int, int]]:
    return {
        (f, t, b, n)
        for box in found
        for f in _bits(box[0])
        for t in _bits(box[1])
        for b in _bits(box[2])
        for n in numbers(box[3])
    }


def _bits(value: int) -> set[int]:
    return {n for n in range(value.bit_length()) if value >> n & 1}


@given(ranges, ranges)
def test_ranges_are_sets_of_numbers(a: Ranges, b: Ranges) -> None:
    assert numbers(join(a, b)) == numbers(a) | numbers(b)
    assert numbers(meet(a, b)) == numbers(a) & numbers(b)
    assert numbers(minus(a, b)) == numbers(a) - numbers(b)


@given(ranges, ranges)
def test_ranges_are_in_one_form(a: Ranges, b: Ranges) -> None:
    for part in (join(a, b), meet(a, b), minus(a, b)):
        assert all(low < high for low, high in part)
        assert all(one[1] < other[0] for one, other in pairwise(part))


@given(packets, packets)
def test_packets_are_sets(a: Packets, b: Packets) -> None:
    assert members(a | b) == members(a) | members(b)
    assert members(a & b) == members(a) & members(b)
    assert members(a - b) == members(a) - members(b)
    assert (a <= b) is (members(a) <= members(b))
    assert bool(a) is bool(members(a))


@given(packets, st.integers(0, 7), st.integers(0, 7), st.integers(0, 3), ranges)
def test_bounds_keep_what_is_within_them(
    found: Packets, f: int, t: int, b: int, part: Ranges
) -> None:
    kept = found.only(sender=f, receiver=t, borne=b, traffic=part)
    wanted = {
        m
        for m in members(found)
        if f >> m[0] & 1 and t >> m[1] & 1 and b >> m[2] & 1 and m[3] in numbers(part)
    }
    assert members(kept) == wanted


@given(st.lists(ranges, max_size=5), ranges)
def test_a_piece_lies_in_each_cut_whole_or_not_at_all(cuts: list[Ranges], part: Ranges) -> None:
    pieces = Grid(cuts).pieces(part)
    assert join(*pieces) == part
    assert sum(len(numbers(piece)) for piece in pieces) == len(numbers(part))
    for piece in pieces:
        assert all(meet(piece, cut) in {piece, ()} for cut in cuts)


@given(st.lists(st.tuples(st.integers(0, 1 << 24), st.integers(0, 1 << 24)), max_size=5))
def test_traffic_is_read_as_it_was_written(pairs: list[tuple[int, int]]) -> None:
    part = join(tuple((a, b) for a, b in pairs if a < b))
    assert read_traffic(traffic_texts(part)) == part


@given(
    st.lists(st.tuples(st.integers(0, 1 << 32), st.integers(0, 1 << 32)), max_size=5),
    st.lists(st.tuples(st.integers(0, 1 << 128), st.integers(0, 1 << 128)), max_size=3),
)
def test_addresses_are_read_as_they_were_written(
    four: list[tuple[int, int]], six: list[tuple[int, int]]
) -> None:
    shift = 1 << 128
    pairs = [*four, *((a + shift, b + shift) for a, b in six)]
    part = join(tuple((a, b) for a, b in pairs if a < b))
    assert read_addresses(address_texts(part)) == part


def test_texts_are_those_that_people_write() -> None:
    assert address_texts(block("10.1.0.0/16")) == ["10.1.0.0/16"]
    assert address_texts(block("2001:db8::1/128")) == ["2001:db8::1"]
    assert traffic_texts(read_traffic(["tcp/443", "udp", "icmp/2048-2303"])) == [
        "icmp/2048-2303",
        "tcp/443",
        "udp",
    ]
    assert traffic_texts(read_traffic(["any"])) == ["any"]


def test_boxes_that_differ_in_one_set_are_one() -> None:
    one: Box = (1, 1, 1, ((0, 5),))
    assert Packets.of([one, (2, 1, 1, ((0, 5),)), (3, 1, 1, ((5, 9),))]).boxes == (
        (3, 1, 1, ((0, 9),)),
    )
