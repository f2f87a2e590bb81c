"""All findings → those that a page shows, numbered, and those that it does not.

Rule: one detection that finds thousands does not push the others from the page.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from ringwall.model.finding import Severity
from ringwall.picture.report.facts import Found

MOST: Final = 200  # findings that are shown, but for the first of each detection and severity
OF_ONE: Final = 20  # of one detection and severity


@dataclass(frozen=True, slots=True)
class Group:
    """The findings of one severity and detection: those shown, numbered, and the rest."""

    severity: Severity
    detection: str
    shown: tuple[tuple[int, Found], ...]
    rest: tuple[Found, ...]

    @property
    def whole(self) -> int:
        """Return how many there are."""
        return len(self.shown) + len(self.rest)


def groups(findings: Sequence[Found]) -> tuple[Group, ...]:
    """Return groups in the order of findings, which is by severity, then detection."""
    made: list[Group] = []
    number = 0
    for (severity, detection), each in groupby(findings, lambda f: (f.severity, f.detection)):
        inside = list(each)
        room = max(min(OF_ONE, MOST - number), 1)
        shown = tuple(enumerate(inside[:room], number + 1))
        number += len(shown)
        made.append(Group(severity, detection, shown, tuple(inside[room:])))
    return tuple(made)
