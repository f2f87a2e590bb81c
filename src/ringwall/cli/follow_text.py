"""What a look at logs found → lines: findings for stdout, what was read for stderr."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ringwall.cli.detect_text import finding_lines, span
from ringwall.picture.font import clean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ringwall.app.detecting import Detected
    from ringwall.app.following import Look, News
    from ringwall.shell.store.ingesting import Report

MOST_NAMED = 5  # of one kind


def news_lines(news: News) -> Iterator[str]:
    """Yield a finding, whose texts hold nothing that a terminal obeys."""
    first, *rest = finding_lines(news.finding)
    yield clean(first) + (" (again)" if news.again else "")
    yield from (f"         {clean(line.strip())}" for line in rest)


class Teller:
    """Says what was read and judged; with `quiet`, only what went wrong."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._unjudged: dict[str, str] = {}

    def lines(self, look: Look) -> Iterator[str]:
        """Yield what a look did, in a few lines."""
        if look.trouble is not None:
            yield f"warning: {look.trouble.message}; looking again later"
            return
        report = look.report
        assert report is not None
        yield from _wrong(report)
        if look.stale:
            yield f"warning: the network is not read again: {clean(look.stale)}; it stays as it was"
        if self._quiet:
            return
        if look.renewed:
            yield clean(look.renewed)
        if look.waiting:
            files = "1 file is" if look.waiting == 1 else f"{look.waiting:,} files are"
            wait = "waits" if look.waiting == 1 else "wait"
            yield f"{files} being written, and {wait} for the next look"
        if look.detected is None:
            return
        yield f"read {report.records:,} records of {report.read:,} files; {_covered(look.detected)}"
        unjudged = dict(look.detected.unjudged)
        if unjudged != self._unjudged:
            yield from (f"not judged: {id_}: {reason}" for id_, reason in unjudged.items())
            self._unjudged = unjudged


def _covered(detected: Detected) -> str:
    """Say what was looked at, and what is missing in it."""
    tables = detected.coverage.tables.values()
    firsts = [each.first for each in tables if each.first is not None]
    lasts = [each.last for each in tables if each.last is not None]
    told = f"looked at {span(min(firsts), max(lasts))}" if firsts else "no records to look at"
    missing = detected.coverage.tables["flow"].missing
    if missing:
        told += f", {len(missing):,} hours without flow records"
    if detected.coverage.lost:
        told += f", records lost by AWS of {len(detected.coverage.lost):,} interfaces"
    return told


def _wrong(report: Report) -> Iterator[str]:
    told = [
        *(f"cannot read '{name}': {why}" for name, why in report.unreadable),
        *(f"damaged: {name}: {fault}" for name, fault in report.faults),
        *(f"changed since it was read, and read again: {name}" for name in report.changed),
        *(f"no log: {name}" for name, named in report.strange if named),
    ]
    yield from (f"warning: {clean(line)}" for line in told[:MOST_NAMED])
    if len(told) > MOST_NAMED:
        yield f"warning: and {len(told) - MOST_NAMED:,} more"
    if report.earlier:
        yield f"warning: {report.earlier:,} records of files that changed may stand twice"
    if report.aside:
        lines = sum(report.aside.values())
        yield f"warning: {lines:,} lines set aside: {report.aside_file}"
