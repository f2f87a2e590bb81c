"""What is said of a report that was written: how far it is, then what is in it."""

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ringwall.cli.progress import CLEAR

if TYPE_CHECKING:
    from ringwall.app.traffic_report import Written


class Step:
    """What is being asked now, on a terminal alone."""

    def __init__(self, *, quiet: bool) -> None:
        self._shown = not quiet and sys.stderr.isatty()

    def at(self, name: str) -> None:
        """Redraw the line."""
        if self._shown:
            sys.stderr.write(f"{CLEAR}asking  {name}")
            sys.stderr.flush()

    def end(self) -> None:
        """Take the line away."""
        if self._shown:
            sys.stderr.write(CLEAR)
            sys.stderr.flush()


def report_lines(written: "Written") -> Iterator[str]:
    """Yield what the page says in a few lines: coverage, then counts."""
    from ringwall.cli.detect_text import coverage_lines

    yield from coverage_lines(written.detected.coverage)
    counted = ", ".join(f"{number} {name}" for name, number in written.detected.counts().items())
    found = len(written.report.findings)
    yield f"{found} finding{'' if found == 1 else 's'}: {counted}"
