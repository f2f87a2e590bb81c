"""What an ingest says: a line that is redrawn on a terminal, then what was done."""

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ringwall.cli.progress import CLEAR

if TYPE_CHECKING:
    from ringwall.shell.store.ingesting import Report

MOST_NAMED = 10  # files of one kind that are named
EVERY = 0.2  # seconds between two drawings


class Speed:
    """How far an ingest is, its rate and the time left, on a terminal alone."""

    def __init__(self, *, quiet: bool) -> None:
        self._shown = not quiet and sys.stderr.isatty()
        self._drawn = 0.0

    def ingesting(self, report: "Report") -> None:
        """Redraw the line, a few times a second."""
        if self._shown and report.seconds - self._drawn >= EVERY:
            self._drawn = report.seconds
            sys.stderr.write(CLEAR + speed_line(report))
            sys.stderr.flush()

    def end(self) -> None:
        """Take the line away."""
        if self._shown:
            sys.stderr.write(CLEAR)
            sys.stderr.flush()


def speed_line(report: "Report") -> str:
    """Return how far it is, how fast, and the time left where the total is known."""
    seconds = report.seconds or 1e-9
    done = report.read + report.known + len(report.strange) + len(report.unreadable)
    of = f" of {report.files:,}" if report.files else ""
    text = f"{done:,}{of} files  {report.records:,} records  {report.records / seconds:,.0f}/s"
    if report.total_bytes and report.bytes:
        share = min(1.0, report.bytes / report.total_bytes)
        left = seconds / share - seconds
        text += f"  {share:4.0%}  {left // 60:.0f}:{left % 60:02.0f} left"
    return text


def report_lines(report: "Report", store: str) -> Iterator[str]:
    """Yield what was done, the result last."""
    from ringwall.app.ingesting import meaning_of

    yield from _named("changed since it was read, and read again", report.changed)
    if report.earlier:
        records = _count(report.earlier, "record")
        yield f"           {records} of what they held before may stand twice"
    yield from _named("damaged", [f"{name}: {fault}" for name, fault in report.faults])
    yield from _named("no log", [name for name, named in report.strange if not named])
    if report.assumed:
        yield f"without a header, taken for the default format  {_count(report.assumed, 'file')}"
    for reason, count in sorted(report.aside.items()):
        yield f"set aside  {_count(count, 'line')}  {reason}: {meaning_of(reason)}"
    if report.aside_file:
        yield f"           {report.kept:,} of them in {report.aside_file}"
    if report.known:
        yield f"read before  {_count(report.known, 'file')}"
    if report.grown:
        yield f"grown, of which the new lines went in  {_count(report.grown, 'file')}"
    if report.removed[0]:
        yield f"removed, for their age  {_count(report.removed[1], 'record')}"
    rate = report.records / (report.seconds or 1e-9)
    quiet = f", {_count(report.quiet, 'quiet window')}" if report.quiet else ""
    yield (
        f"{_count(report.records, 'record')}{quiet} of {_count(report.read, 'file')} in {store}; "
        f"{report.seconds:.1f} s, {rate:,.0f} a second, {report.parser} parser"
    )


def _named(what: str, names: list[str]) -> Iterator[str]:
    for name in names[:MOST_NAMED]:
        yield f"{what}  {name}"
    if len(names) > MOST_NAMED:
        yield f"{what}  {len(names) - MOST_NAMED:,} more"


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"
