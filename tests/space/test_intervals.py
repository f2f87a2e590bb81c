"""Laws of interval sets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringwall.space.atoms import atoms_of_set, classes_of_ports, split
from ringwall.space.intervals import IPV6, PORTS, IntervalSet, full

SIZE = 64
pairs = st.tuples(st.integers(0, SIZE), st.integers(0, SIZE)).map(lambda p: (min(p), max(p)))
sets = st.lists(pairs, max_size=6).map(lambda found: IntervalSet.of(SIZE, found))
pytestmark = pytest.mark.property


@given(sets, sets)
def test_a_member_of_a_meet_is_a_member_of_both(a, b):
    for item in range(SIZE):
        assert (item in (a & b)) == (item in a and item in b)
        assert (item in (a | b)) == (item in a or item in b)
        assert (item in (a - b)) == (item in a and item not in b)
        assert (item in ~a) == (item not in a)


@given(sets, sets)
def test_de_morgan(a, b):
    assert ~(a & b) == ~a | ~b
    assert ~(a | b) == ~a & ~b


@given(sets, sets, sets)
def test_meet_and_join_distribute(a, b, c):
    assert a & (b | c) == (a & b) | (a & c)


@given(sets)
def test_equal_sets_are_equal_values(a):
    assert ~~a == a
    assert (a | a) == a == (a & a)
    assert not a - a
    rebuilt = IntervalSet.of(SIZE, [(i, i + 1) for i in range(SIZE) if i in a])
    assert rebuilt == a


@given(sets)
def test_every_set_that_is_not_empty_has_a_first_member(a):
    if a:
        assert a.first() == min(i for i in range(SIZE) if i in a)
    else:
        with pytest.raises(ValueError, match="empty"):
            a.first()


@given(sets, sets)
def test_inclusion_is_that_of_members(a, b):
    assert (a <= b) == all(i in b for i in range(SIZE) if i in a)


@given(sets, st.lists(st.integers(0, SIZE)))
def test_atoms_cover_a_set_without_overlap_and_are_cut_by_no_edge(a, edges):
    atoms = atoms_of_set(a, edges)
    assert IntervalSet.of(SIZE, atoms) == a
    assert sum(end - start for start, end in atoms) == len(a)
    assert not any(start < edge < end for start, end in atoms for edge in edges)


@given(st.lists(pairs, max_size=5))
def test_classes_of_ports_hold_what_lies_in_the_same_ranges(ranges):
    atoms = split((0, SIZE), [edge for pair in ranges for edge in pair])
    classes = classes_of_ports(atoms, ranges)
    assert sorted(atom for same in classes for atom in same) == sorted(atoms)
    signatures = [
        {tuple(low <= start < high for low, high in ranges) for start, _ in same}
        for same in classes
    ]
    assert all(len(signature) == 1 for signature in signatures)
    assert len({next(iter(s)) for s in signatures}) == len(classes)


def test_ports_are_written_with_inclusive_ends():
    assert IntervalSet.ports((0, 0), (1, 1023), (65535, 65535)).intervals == (
        (0, 1024),
        (65535, 65536),
    )
    assert full(PORTS).is_full
    assert len(IntervalSet.ports((1024, 65535))) == 64512


def test_universes_do_not_mix():
    with pytest.raises(ValueError, match="do not mix"):
        _ = full(PORTS) & full(IPV6)
    with pytest.raises(ValueError, match="is not inside"):
        IntervalSet.of(PORTS, [(0, PORTS + 1)])
