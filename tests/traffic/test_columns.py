"""Columns are the rows that they hold."""

import numpy as np

from ringwall.traffic.columns import Cells, Columns

ROWS: list[Cells] = [
    {"first": 1, "name": "a", "share": 0.5},
    {"first": None, "name": None, "share": None},
    {"first": -(1 << 63), "name": "", "share": 2.0},
]


def test_rows_are_the_same_as_columns_and_back():
    columns = Columns.of(ROWS)
    assert list(columns) == ROWS
    assert (columns[1], list(columns[1:]), len(columns)) == (ROWS[1], ROWS[1:], 3)
    assert Columns.of(columns) is columns


def test_a_number_that_is_null_or_not_there_is_zero():
    columns = Columns.of(ROWS)
    assert columns.numbers("first").tolist() == [1, 0, -(1 << 63)]
    assert columns.numbers("last").tolist() == [0, 0, 0]
    masked = np.ma.MaskedArray([7, 8], mask=[False, True])
    assert Columns({"n": masked}).numbers("n").tolist() == [7, 0]
    assert list(Columns({"n": masked})) == [{"n": 7}, {"n": None}]


def test_no_rows_are_no_columns():
    assert (len(Columns.of([])), list(Columns.of([]))) == (0, [])
