"""Bars, sparklines and tables in text."""

import pytest

from ringwall.cli.charts import bar, sparkline, table


@pytest.mark.parametrize(
    ("value", "most", "shown"),
    [
        (0, 8, ""),
        (8, 8, "████"),
        (4, 8, "██"),
        (1, 8, "▌"),
        (0.01, 8, "▏"),
        (9, 8, "████"),
        (3, 0, ""),
    ],
)
def test_a_bar_is_as_long_as_its_share(value: float, most: float, shown: str):
    assert bar(value, most, 4) == shown


def test_silence_shows_as_a_gap():
    assert sparkline([0, 1, 4, 8, 0]) == " ▂▅█ "
    assert sparkline([0, 0]) == "  "
    assert sparkline([]) == ""


def test_numbers_stand_to_the_right_and_nothing_is_cut():
    rows: list[dict[str, object]] = [
        {"who": "a" * 40, "n": 5},
        {"who": "b", "n": 12345},
        {"who": None, "n": None},
    ]
    assert list(table(["who", "n"], rows)) == [
        f"who{' ' * 37}      n",
        f"{'a' * 40}      5",
        f"b{' ' * 39}  12345",
        "",
    ]
