"""Findings of checks → lines that people read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ringwall.cli.reach_text import assumed_lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ringwall.app.auditing import Audited


def audit_lines(audited: Audited) -> Iterator[str]:
    """Yield each finding with its evidence, worst first; the counts last."""
    for finding in audited.findings:
        kind = finding.type.rsplit("::", 1)[-1]
        where = f"  {finding.origin}" if finding.origin else ""
        known = finding.id if finding.id != finding.key else ""
        named = " ".join(part for part in (kind, finding.key, known) if part)
        yield f"{finding.severity.word.upper():<8} {finding.check}  {finding.text}"
        yield f"         {named}{where}"
        for line in finding.evidence:
            yield f"         {line}"
    for unknown in audited.unknowns:
        yield f"unknown: {unknown}"
    yield from assumed_lines(audited.assumed)
    counted = ", ".join(f"{count} {name}" for name, count in audited.counts().items())
    yield f"{len(audited.checks)} checks: {counted}"
