"""Findings → marks over a time chart: a row for each severity, no mark on another."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from ringwall.model.finding import Severity
from ringwall.picture.report.facts import Found

LANES: Final = 3  # rows of marks a severity
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
    """The marks of one severity; `further` are findings that have no room."""

    severity: Severity
    marks: tuple[Mark, ...]
    further: int

    @property
    def lanes(self) -> int:
        """Return how many lanes it takes, at least one."""
        return max((mark.lane for mark in self.marks), default=0) + 1


def rows(
    findings: Sequence[Found], shown: int, place: tuple[int, int], space: tuple[float, float]
) -> list[Row]:
    """Put the first `shown` findings in rows, `place` (seconds) being `space` (left, width)."""
    found = []
    for severity in sorted(Severity, reverse=True):
        numbered = [(n, f) for n, f in enumerate(findings, 1) if f.severity is severity]
        if numbered:
            found.append(_row(severity, numbered, shown, place, space))
    return found


def _row(
    severity: Severity,
    numbered: Sequence[tuple[int, Found]],
    shown: int,
    place: tuple[int, int],
    space: tuple[float, float],
) -> Row:
    ends = [space[0] - APART] * LANES
    marks: list[Mark] = []
    ordered = sorted((each for each in numbered if each[0] <= shown), key=lambda e: e[1].first)
    for number, found in ordered:
        left, width = _extent(number, found, place, space)
        lane = next((n for n in range(LANES) if ends[n] + APART <= left + 0.01), None)
        if lane is None:
            continue
        ends[lane] = left + width
        marks.append(Mark(number, found, lane, left, width))
    return Row(severity, tuple(marks), len(numbered) - len(marks))


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
