"""A partition cuts where its sets do, and nowhere else."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringwall.space.intervals import IPV6, PORTS, IntervalSet, full
from ringwall.space.partition import partition
from ringwall.space.vectors import BitMatrix
from tests.space.drawing import interval_sets

SIZES = st.sampled_from((2, 64, PORTS, 1 << 32, IPV6))
many = SIZES.flatmap(
    lambda size: st.tuples(st.just(size), st.lists(interval_sets(size), max_size=5))
)
pytestmark = pytest.mark.property


@settings(max_examples=50)
@given(many)
def test_atoms_cover_the_universe_in_order(drawn) -> None:
    size, sets = drawn
    atoms = partition(size, sets).atoms
    assert atoms[0][0] == 0
    assert atoms[-1][1] == size
    assert all(start < end for start, end in atoms)
    assert all(one[1] == two[0] for one, two in pairwise(atoms))


@settings(max_examples=50)
@given(many)
def test_a_set_is_the_union_of_the_atoms_in_its_row(drawn) -> None:
    size, sets = drawn
    found = partition(size, sets)
    assert len(found.members) == len(sets)
    for row, members in enumerate(sets):
        picked = found.members.rows([row])
        assert found.to_set(picked) == members
        assert found.row_of(members) == picked


@settings(max_examples=50)
@given(many)
def test_neighbouring_atoms_lie_in_different_sets(drawn) -> None:
    size, sets = drawn
    columns = partition(size, sets).members.transposed().to_sets()
    assert all(one != two for one, two in pairwise(columns))


@settings(max_examples=50)
@given(many)
def test_classes_hold_what_lies_in_the_same_sets(drawn) -> None:
    size, sets = drawn
    found = partition(size, sets)
    classes, table = found.classes()
    for (start, end), one in zip(found.atoms, classes, strict=True):
        inside = {n for n, members in enumerate(sets) if start in members}
        assert inside == {n for n, members in enumerate(sets) if end - 1 in members}
        assert table.to_sets()[one] == inside
    assert len(set(table.to_sets())) == len(table)


@settings(max_examples=50)
@given(many, st.data())
def test_a_number_lies_in_its_atom(drawn, data) -> None:
    size, sets = drawn
    found = partition(size, sets)
    number = data.draw(st.integers(0, size - 1))
    start, end = found.atoms[found.atom_of(number)]
    assert start <= number < end


def test_addresses_of_ipv6_are_exact() -> None:
    last = IntervalSet.of(IPV6, [(IPV6 - 1, IPV6)])
    found = partition(IPV6, [last, full(IPV6)])
    assert found.atoms == ((0, IPV6 - 1), (IPV6 - 1, IPV6))
    assert found.members.to_sets() == [{1}, {0, 1}]
    assert (found.atom_of(IPV6 - 2), found.atom_of(IPV6 - 1)) == (0, 1)


def test_more_sets_than_are_packed_at_once() -> None:
    sets = [IntervalSet.ports((n, n)) for n in range(600)]
    found = partition(PORTS, sets)
    assert found.members.to_sets() == [{n} for n in range(600)]


def test_what_does_not_fit_is_refused() -> None:
    found = partition(PORTS, [IntervalSet.ports((10, 20))])
    with pytest.raises(ValueError, match="inside of an atom"):
        found.row_of(IntervalSet.ports((10, 15)))
    with pytest.raises(ValueError, match="do not mix"):
        partition(PORTS, [full(64)])
    with pytest.raises(ValueError, match="is not inside"):
        found.atom_of(PORTS)
    with pytest.raises(ValueError, match="are not a row"):
        found.to_set(BitMatrix.zeros(1, 4))


def test_an_empty_universe_has_no_atoms() -> None:
    assert partition(0, []).atoms == ()
    assert partition(0, [full(0)]).members == BitMatrix.zeros(1, 0)
