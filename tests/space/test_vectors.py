"""Rows of bits are sets of columns, at every width of the last word."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringwall.space.vectors import BitMatrix

pytestmark = pytest.mark.property

WIDTHS = st.sampled_from((0, 1, 7, 8, 63, 64, 65, 127, 128, 130))


@st.composite
def pairs(draw: st.DrawFn) -> tuple[list[set[int]], list[set[int]], int]:
    """Draw two lists of as many sets of columns."""
    columns, rows = draw(WIDTHS), draw(st.integers(0, 4))
    some = st.sets(st.integers(0, columns - 1)) if columns else st.just(set[int]())
    one, two = (draw(st.lists(some, min_size=rows, max_size=rows)) for _ in range(2))
    return one, two, columns


@given(pairs())
def test_rows_are_sets_of_columns(drawn) -> None:
    one, two, columns = drawn
    a, b = BitMatrix.from_sets(one, columns), BitMatrix.from_sets(two, columns)
    both = list(zip(one, two, strict=True))
    assert a.to_sets() == one
    assert (a & b).to_sets() == [x & y for x, y in both]
    assert (a | b).to_sets() == [x | y for x, y in both]
    assert (a - b).to_sets() == [x - y for x, y in both]
    assert (~a).to_sets() == [set(range(columns)) - x for x in one]
    assert a.counts().tolist() == [len(x) for x in one]
    assert a.any().tolist() == [bool(x) for x in one]
    assert a.all().tolist() == [len(x) == columns for x in one]
    assert a.union().to_sets() == [set().union(*one)]


@given(pairs())
def test_bits_behind_the_last_column_stay_zero(drawn) -> None:
    one, _, columns = drawn
    a = BitMatrix.from_sets(one, columns)
    full = (1 << 64) - 1
    assert BitMatrix(np.full_like(a.words, full), columns) == BitMatrix.ones(len(one), columns)
    assert ~~a == a
    assert (~a & a) == BitMatrix.zeros(len(one), columns)
    assert (~a | a).counts().tolist() == [columns] * len(one)


@given(pairs())
def test_equal_rows_have_one_id(drawn) -> None:
    one, two, columns = drawn
    rows = one + two + one
    ids, table = BitMatrix.from_sets(rows, columns).unique_rows()
    distinct = list(dict.fromkeys(map(frozenset, rows)))
    assert table.to_sets() == distinct
    assert ids.tolist() == [distinct.index(frozenset(row)) for row in rows]
    assert table.rows(ids) == BitMatrix.from_sets(rows, columns)


@given(pairs())
def test_columns_and_rows_change_places(drawn) -> None:
    one, _, columns = drawn
    a = BitMatrix.from_sets(one, columns)
    assert a.transposed().to_sets() == [
        {row for row, members in enumerate(one) if column in members} for column in range(columns)
    ]
    assert BitMatrix.from_bools(a.to_bools()) == a
    assert hash(BitMatrix.from_bools(a.to_bools())) == hash(a)


def test_one_row_counts_for_each_of_many() -> None:
    many = BitMatrix.from_sets([{0, 1}, {1, 2}, set()], 70)
    one = BitMatrix.from_sets([{1, 69}], 70)
    assert (many & one).to_sets() == [{1}, {1}, set()]
    assert (one - many).to_sets() == [{69}, {69}, {1, 69}]


def test_a_matrix_cannot_be_written_to() -> None:
    words = np.zeros((1, 1), dtype=np.uint64)
    matrix = BitMatrix(words, 64)
    words[0, 0] = 1
    assert matrix == BitMatrix.zeros(1, 64)
    with pytest.raises(ValueError, match="read-only"):
        matrix.words[0, 0] = 1


def test_matrices_of_other_shapes_do_not_mix() -> None:
    with pytest.raises(ValueError, match="do not mix"):
        BitMatrix.zeros(2, 64) & BitMatrix.zeros(2, 65)
    with pytest.raises(ValueError, match="do not mix"):
        BitMatrix.zeros(2, 64) | BitMatrix.zeros(3, 64)
    with pytest.raises(ValueError, match="do not hold"):
        BitMatrix(np.zeros((2, 2), dtype=np.uint64), 64)
    with pytest.raises(IndexError, match="row 1"):
        BitMatrix.from_sets([{63}, {64}], 64)
    assert BitMatrix.zeros(1, 64) != BitMatrix.zeros(1, 63)
