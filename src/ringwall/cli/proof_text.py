"""Proofs of expectations → lines that people read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ringwall.app.proving import Proof
    from ringwall.reach.expectations import Result


def proof_line(proof: Proof, where: str = "") -> str:
    """Return how many expectations hold, and how much was judged."""
    total = len(proof.results)
    atoms = sum(result.judgement.classes for result in proof.results)
    held = total - len(proof.failing)
    mark = "✓" if proof.ok else "✗"
    suffix = f" {where}" if where else ""
    judged = f"({atoms:,} classes of packets judged)"
    return f"{mark} {held} of {total} expectations hold{suffix}   {judged}"


def result_lines(proof: Proof) -> Iterator[str]:
    """Yield a line for each expectation."""
    for result in proof.results:
        mark = "✓" if result.ok else "✗"
        found = result.judgement
        judged = f"{found.pairs:,} pairs, {found.classes:,} classes"
        yield f"{mark} {result.expectation.name:<56} {found.verdict.value:<8} {judged}"
        for note in result.notes:
            yield f"    note: {note}"


def failing_lines(proof: Proof, width: int = 100) -> Iterator[str]:
    """Yield each expectation that does not hold, with the path or the blockers."""
    from ringwall.cli.explain_text import told_lines

    for result in proof.failing:
        asked = result.expectation
        yield ""
        yield f"✗ {asked.name}   {asked.origin or ''}"
        yield f"  {_told(result)}"
        if asked.why:
            yield f"  why: {asked.why}"
        if result.judgement.told is not None:
            yield from told_lines(result.judgement.told, width)
        for unknown in result.judgement.unknowns:
            yield f"  unknown: {unknown}"
    if proof.failing:
        yield ""


def _told(result: Result) -> str:
    asked, found = result.expectation, result.judgement
    ends = f"{', '.join(asked.sources)} -> {', '.join(asked.destinations)}"
    ports = ", ".join(str(port) for port in asked.ports)
    verb = "must reach" if asked.reachable else "must not reach"
    return f"{ends}  {ports}: {verb}, but is {found.verdict.value} ({found.failing:,} failing)"
