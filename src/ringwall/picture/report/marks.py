"""Findings → marks over a time chart: a row for each detection and severity, no mark on another."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ringwall.picture.report.choosing import Group
from ringwall.picture.report.facts import Found

LANES: Final = 3  # of marks in a row
LEAST: Final = 20.0  # pixels of a mark, so that its number can be read
APART: Final = 3.0  # pixels between two marks
PER_DIGIT: Final = 6.0


@dataclass(frozen=True, slots=True)
class Mark:
    """The mark of a finding: its number, its lane from 0, and where it is, in pixels."""

    number: int
    found: Found
    lane: int
    left: float
    width: float


@dataclass(frozen=True, slots=True)
class Row:
    """The marks of a group; `others` are its findings without a mark."""

    group: Group
    marks: tuple[Mark, ...]
    others: tuple[Found, ...]

    @property
    def lanes(self) -> int:
        """Return how many lanes it takes, at least one."""
        return max((mark.lane for mark in self.marks), default=0) + 1


def rows(chosen: Sequence[Group], place: tuple[int, int], space: tuple[float, float]) -> list[Row]:
    """Mark the findings that are shown, `place` (seconds) being `space` (left, width)."""
    return [_row(group, place, space) for group in chosen]


def _row(group: Group, place: tuple[int, int], space: tuple[float, float]) -> Row:
    ends = [space[0] - APART] * LANES
    marks: list[Mark] = []
    others: list[Found] = []
    for number, found in sorted(group.shown, key=lambda each: (each[1].first, each[0])):
        left, width = _extent(number, found, place, space)
        lane = next((n for n in range(LANES) if ends[n] + APART <= left + 0.01), None)
        if lane is None:
            others.append(found)
        else:
            ends[lane] = left + width
            marks.append(Mark(number, found, lane, left, width))
    return Row(group, tuple(marks), (*others, *group.rest))


def _extent(
    number: int, found: Found, place: tuple[int, int], space: tuple[float, float]
) -> tuple[float, float]:
    start, end = place
    scale = space[1] / max(end - start, 1)
    left = min(max(found.first, start), end) - start
    right = min(max(found.last, start), end) - start
    least = max(LEAST, 10 + PER_DIGIT * len(str(number)))
    width = max((right - left) * scale, least)
    return min(space[0] + left * scale, space[0] + space[1] - width), width
