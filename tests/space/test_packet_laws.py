"""Sets of packets obey the laws of sets, are canonical, and agree with a twin of plain cells."""

import copy
import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringwall.space import diagrams
from ringwall.space.boxes import Packet
from ringwall.space.packets import ALL, NONE, PacketSet
from tests.space.drawing import packet_sets, packets
from tests.space.twin import Twins, cells, lies_in, packet_in, packets_of, size, twins

pytestmark = pytest.mark.property
some = settings(max_examples=60)


@settings(max_examples=50, deadline=None)
@given(twins())
def test_a_set_holds_what_its_twin_of_cells_holds(drawn: Twins) -> None:
    packets, found = drawn.packets, drawn.cells
    assert packets.size() == sum(map(size, found))
    assert bool(packets) == bool(found)
    for cell in cells():
        assert (packet_in(cell, lambda run: run[0]) in packets) == (cell in found)
        assert (packet_in(cell, lambda run: run[1] - 1) in packets) == (cell in found)


@settings(max_examples=25, deadline=None)
@given(twins(), st.randoms(use_true_random=False))
def test_a_set_is_the_same_value_as_one_built_of_its_cells(drawn: Twins, random) -> None:
    order = sorted(drawn.cells, key=repr)
    random.shuffle(order)
    rebuilt = packets_of(order)
    assert rebuilt == drawn.packets
    assert hash(rebuilt) == hash(drawn.packets)
    assert rebuilt.to_text() == drawn.packets.to_text()


@settings(max_examples=60, deadline=None)
@given(twins(), twins())
def test_comparisons_are_those_of_the_twins(a: Twins, b: Twins) -> None:
    assert (a.packets == b.packets) == (a.cells == b.cells)
    assert (a.packets <= b.packets) == (a.cells <= b.cells)
    assert (a.packets < b.packets) == (a.cells < b.cells)
    assert a.packets.isdisjoint(b.packets) == a.cells.isdisjoint(b.cells)


@settings(max_examples=60, deadline=None)
@given(twins())
def test_a_witness_lies_in_a_cell_of_the_twin(drawn: Twins) -> None:
    if drawn.cells:
        witness = drawn.packets.witness()
        assert any(lies_in(witness, cell) for cell in drawn.cells)


@settings(max_examples=5, deadline=None)
@given(twins(), twins())
def test_forgetting_results_changes_no_answer(a: Twins, b: Twins) -> None:
    bound = diagrams.REMEMBERED
    try:
        diagrams.REMEMBERED = 2
        assert (a.packets | b.packets) == packets_of(a.cells | b.cells)
        assert (a.packets - b.packets) == packets_of(a.cells - b.cells)
    finally:
        diagrams.REMEMBERED = bound
    assert (a.packets | b.packets) == packets_of(a.cells | b.cells)


@some
@given(packet_sets, packet_sets)
def test_complements_turn_meets_of_packets_into_joins(a: PacketSet, b: PacketSet) -> None:
    assert ~(a & b) == ~a | ~b
    assert ~(a | b) == ~a & ~b


@some
@given(packet_sets, packet_sets)
def test_meets_and_joins_commute_absorb_and_are_idempotent(a: PacketSet, b: PacketSet) -> None:
    assert a & b == b & a
    assert a | b == b | a
    assert a & (a | b) == a == a | (a & b)
    assert a & a == a == a | a


@some
@given(packet_sets, packet_sets, packet_sets)
def test_meets_and_joins_distribute_and_associate(a: PacketSet, b: PacketSet, c: PacketSet) -> None:
    assert a & (b | c) == (a & b) | (a & c)
    assert a | (b & c) == (a | b) & (a | c)
    assert (a | b) | c == a | (b | c) == PacketSet.union([c, a, b])
    assert (a & b) & c == a & (b & c)


@some
@given(packet_sets)
def test_a_set_and_its_complement_are_everything_and_share_nothing(a: PacketSet) -> None:
    assert ~~a == a
    assert a & ~a == NONE
    assert a | ~a == ALL
    assert a & ALL == a == a | NONE
    assert a - ALL == NONE == NONE - a
    assert a - NONE == a
    assert ALL - a == ~a


@some
@given(packet_sets, packet_sets, packets())
def test_a_packet_is_in_a_meet_if_it_is_in_both(a: PacketSet, b: PacketSet, packet: Packet) -> None:
    assert (packet in (a & b)) == (packet in a and packet in b)
    assert (packet in (a | b)) == (packet in a or packet in b)
    assert (packet in (a - b)) == (packet in a and packet not in b)
    assert (packet in ~a) == (packet not in a)


@some
@given(packet_sets, packet_sets)
def test_parts_have_the_size_of_the_whole(a: PacketSet, b: PacketSet) -> None:
    assert (a - b).size() + (a & b).size() == a.size()
    assert (a | b).size() == a.size() + b.size() - (a & b).size()
    assert a.size() + (~a).size() == ALL.size()


@some
@given(packet_sets, packet_sets)
def test_inclusion_and_disjointness_follow_from_differences(a: PacketSet, b: PacketSet) -> None:
    assert (a <= b) == (a - b == NONE) == (a & b == a)
    assert (a >= b) == (b <= a)
    assert a.isdisjoint(b) == (a & b == NONE)
    assert a - b <= a <= a | b
    assert (a - b).isdisjoint(b)


@some
@given(packet_sets, packet_sets)
def test_every_set_that_is_not_empty_has_a_member_to_show(a: PacketSet, b: PacketSet) -> None:
    for each in (a, b, a & b, a - b, ~a):
        if each:
            assert each.witness() in each
        else:
            assert each == NONE


@some
@given(packet_sets)
def test_boxes_are_disjoint_and_make_up_the_set(a: PacketSet) -> None:
    parts = [PacketSet.of(box) for box in a.boxes()]
    assert sum(part.size() for part in parts) == a.size()
    assert PacketSet.union(parts) == a


@some
@given(packets(), packets())
def test_the_set_of_one_packet_holds_it_alone(packet: Packet, other: Packet) -> None:
    only = PacketSet.only(packet)
    assert packet in only
    assert only.size() == 1
    assert only.witness() == packet
    assert (other in only) == (other == packet)
    assert packet not in ~only


@some
@given(packet_sets)
def test_a_copy_is_the_same_value(a: PacketSet) -> None:
    assert pickle.loads(pickle.dumps(a)) == a
    assert copy.deepcopy(a) == a


@pytest.mark.campaign
@settings(max_examples=500, deadline=None)
@given(twins(), twins())
def test_thousands_of_expressions_agree_with_their_twins(a: Twins, b: Twins) -> None:
    for found, wanted in (
        (a.packets & b.packets, a.cells & b.cells),
        (a.packets | b.packets, a.cells | b.cells),
        (a.packets - b.packets, a.cells - b.cells),
        (~a.packets, cells() - a.cells),
    ):
        assert found.size() == sum(map(size, wanted))
        assert found == packets_of(wanted)
        assert PacketSet.parse(found.to_text()) == found
