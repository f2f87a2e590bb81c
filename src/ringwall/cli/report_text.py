"""What is said of a report that was written: what is in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ringwall.cli.detect_text import coverage_lines
from ringwall.model.words import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ringwall.app.traffic_report import Written


def report_lines(written: Written) -> Iterator[str]:
    """Yield what the page says in a few lines: coverage, then counts."""
    yield from coverage_lines(written.detected.coverage)
    told = ", ".join(f"{number} {name}" for name, number in written.detected.counts().items())
    yield f"{counted(len(written.report.findings), 'finding')}: {told}"
