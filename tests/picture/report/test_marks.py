"""Marks over the chart do not lie on each other, and none is lost without a word."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from ringwall.model.finding import Severity
from ringwall.picture.report.choosing import groups
from ringwall.picture.report.marks import LANES, rows
from tests.picture.report.reports import START, found

DAY = 86_400
times = st.integers(-DAY, 2 * DAY)


@st.composite
def findings(draw):
    made = []
    for n in range(draw(st.integers(0, 30))):
        first = START + draw(times)
        severity = draw(st.sampled_from(list(Severity)))
        made.append(found(n, severity, first, first + draw(st.integers(0, DAY))))
    return sorted(made, key=lambda each: -each.severity)


@given(findings())
def test_marks_of_a_lane_are_apart_and_all_findings_are_counted(made):
    chosen = groups(made)
    found_rows = rows(chosen, (START, START + DAY), (92.0, 968.0))
    shown = {number: each for group in chosen for number, each in group.shown}
    assert sum(len(row.marks) + len(row.others) for row in found_rows) == len(made)
    for row in found_rows:
        for mark in row.marks:
            assert mark.lane < LANES
            assert shown[mark.number] is mark.found
            assert mark.left >= 92.0
            assert mark.left + mark.width <= 92.0 + 968.0 + 0.01
        for lane in range(LANES):
            ends = [(m.left, m.left + m.width) for m in row.marks if m.lane == lane]
            ends.sort()
            assert all(one[1] < two[0] for one, two in pairwise(ends))


def test_a_mark_is_where_its_finding_is():
    seen = found(1, Severity.HIGH, START + 6 * 3600, START + 12 * 3600)
    [row] = rows(groups([seen]), (START, START + DAY), (100, 960))
    [mark] = row.marks
    assert (mark.left, mark.width, row.others) == (340.0, 240.0, ())
