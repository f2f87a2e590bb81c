"""Findings of detections → lines that people read."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from unicodedata import category

from ringwall.cli.charts import table
from ringwall.model.words import counted
from ringwall.traffic.sizes import readable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ringwall.app.detecting import Detected
    from ringwall.detections.coverage import Coverage
    from ringwall.detections.detection import Sighting


FINDING_COLUMNS = ("id", "detection", "severity", "first", "last", "entities", "text", "evidence")


def finding_rows(detected: Detected) -> Iterator[tuple[object, ...]]:
    """Yield the findings as rows of a table, under FINDING_COLUMNS."""
    from ringwall.detections.coverage import when

    for each in detected.findings:
        entities = "; ".join(f"{entity.role}={entity}" for entity in each.entities)
        evidence = "; ".join(f"{name}={value}" for name, value in each.evidence.items())
        times = (when(each.first), when(each.last))
        yield (each.id, each.detection, each.severity.word, *times, entities, each.text, evidence)


def detect_lines(detected: Detected) -> Iterator[str]:
    """Yield each finding with its evidence, worst first; then what was covered; the counts last.

    Names come from logs: what would steer a terminal is not in the lines.
    """
    return map(visible, _lines(detected))


def visible(line: str) -> str:
    """Return a line with a sign in the place of each character that is not to be seen."""
    if line.isprintable():
        return line
    return "".join("\ufffd" if category(each).startswith("C") else each for each in line)


def _lines(detected: Detected) -> Iterator[str]:
    for finding in detected.findings:
        yield from finding_lines(finding)
        records = detected.records.get(finding.id, ())
        if records:
            yield from (f"         {line}" for line in table(list(records[0]), records))
    for id_, reason in detected.unjudged.items():
        yield f"not judged: {id_}: {reason}"
    for finding, why in detected.suppressed:
        yield f"suppressed until {why.expires}: {finding.detection}  {finding.text}: {why.reason}"
    for each in detected.expired:
        yield f"expired on {each.expires}: the suppression of {each.entity}   {each.place}"
    yield from coverage_lines(detected.coverage)
    told = ", ".join(f"{count} {name}" for name, count in detected.counts().items())
    yield f"{counted(len(detected.detections), 'detection')}: {told}"


def finding_lines(finding: Sighting) -> Iterator[str]:
    """Yield one finding."""
    yield f"{finding.severity.word.upper():<8} {finding.detection}  {finding.text}"
    yield f"         {span(finding.first, finding.last)}   id {finding.id}"
    if finding.evidence:
        told = "  ".join(
            f"{name} {readable(name, value)}" for name, value in finding.evidence.items()
        )
        yield f"         {told}"


def coverage_lines(coverage: Coverage) -> Iterator[str]:
    """Yield what the logs cover, and what is missing."""
    for name, covered in coverage.tables.items():
        if not covered.records or covered.first is None or covered.last is None:
            yield f"coverage: {name}: no records"
            continue
        missing = len(covered.missing)
        hours = f"{counted(missing, 'hour') if missing else 'no hour'} without records"
        yield (
            f"coverage: {name}: {covered.records:,} records, "
            f"{span(covered.first, covered.last)}, {hours}"
        )
        if missing:
            yield f"          missing: {', '.join(_hours(covered.missing))}"
    if coverage.tables["flow"].records:
        flagged = f"{coverage.flagged:.0%} of flow records with tcp-flags"
        yield f"coverage: {counted(coverage.interfaces, 'interface')}; {flagged}"
    if coverage.is_outside:
        yield (
            f"coverage: {counted(coverage.outside, 'flow record')} between addresses that are both "
            "taken for outside: --network, with --interfaces where AWS chose IPv6 blocks, says "
            "what is inside"
        )
    for each in coverage.lost:
        yield (
            f"coverage: AWS lost records of {each.interface}: {counted(each.windows, 'window')}, "
            f"{span(each.first, each.last)}"
        )
    if coverage.silent:
        yield f"coverage: interfaces without any record: {', '.join(coverage.silent)}"
    elif coverage.known:
        yield f"coverage: the network has {counted(coverage.known, 'interface')}, all with records"
    elif coverage.known == 0:
        yield (
            "coverage: the network names no interfaces that exist: whether one is without logs is "
            "not known (--interfaces)"
        )


def span(first: int, last: int) -> str:
    """Return two seconds as text; the day of the second only where it is another."""
    one, other = (datetime.fromtimestamp(second, UTC) for second in (first, last))
    end = f"{other:%H:%M:%S}" if one.date() == other.date() else f"{other:%Y-%m-%d %H:%M:%S}"
    return f"{one:%Y-%m-%d %H:%M:%S} to {end} UTC"


def _hours(missing: tuple[int, ...]) -> Iterator[str]:
    """Yield runs of hours."""
    start = before = missing[0]
    for hour in (*missing[1:], None):
        if hour is not None and hour == before + 3600:
            before = hour
            continue
        yield span(start, before + 3599)
        if hour is not None:
            start = before = hour
