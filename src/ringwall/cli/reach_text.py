"""Who reaches whom, and what became different → lines that people read."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ringwall.reach.differing import Changed, Difference
    from ringwall.reach.exposure import Exposure, Reached


def exposure_lines(exposure: Exposure) -> Iterator[str]:
    """Yield a line for each row; the summary last."""
    rows = exposure.rows
    if not rows:
        yield f"nothing: {exposure.question}"
    width = max((len(row.source) for row in rows), default=0)
    other = max((len(row.destination) for row in rows), default=0)
    for row in rows:
        yield f"{row.source:<{width}} -> {row.destination:<{other}}  {_told(row)}"
    for unknown in exposure.unknowns:
        yield f"unknown: {unknown}"
    yield from assumed_lines(exposure.assumed)
    ends = {(row.source, row.destination) for row in rows}
    yield f"{len(ends)} of the pairs of names, {exposure.judged:,} pairs of placements judged"


def assumed_lines(assumed: tuple[str, ...]) -> Iterator[str]:
    """Yield that types are not in the input, and taken for absent because the asker says so."""
    if assumed:
        yield f"not in the input, assumed absent: {', '.join(assumed)}"


def _told(row: Reached) -> str:
    where = "" if row.everywhere else "  (not from and to every placement)"
    return f"{row.verdict.value:<8} {', '.join(row.ports)}{where}"


def difference_lines(difference: Difference, most: int = 0) -> Iterator[str]:
    """Yield what becomes possible, then what becomes impossible; `most` rows of each, 0 for all."""
    for title, rows, sign in (
        ("become possible", difference.appearing, "+"),
        ("become impossible", difference.disappearing, "-"),
    ):
        shown = rows[:most] if most else rows
        for row in shown:
            yield f"{sign} {_changed(row)}"
        if len(rows) > len(shown):
            yield f"{sign} and {len(rows) - len(shown)} more that {title}"
    for unknown in difference.unknowns:
        yield f"unknown: {unknown}"
    yield from assumed_lines(difference.assumed)
    if not difference:
        yield f"no difference   ({difference.compared:,} pairs of placements compared)"
        return
    yield (
        f"{len(difference.appearing)} become possible, {len(difference.disappearing)} impossible"
        f"   ({difference.compared:,} pairs of placements compared)"
    )


def _changed(row: Changed) -> str:
    verdicts = f"{row.before.value} => {row.after.value}"
    return f"{row.source} -> {row.destination}  {', '.join(row.ports)}  {verdicts}"
