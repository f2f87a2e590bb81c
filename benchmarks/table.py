"""Rows of figures → a table that people and Markdown read."""

from collections.abc import Iterable, Sequence


def show(header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print a table."""
    texts = [tuple(str(cell) for cell in row) for row in rows]
    widths = [max(len(row[n]) for row in [tuple(header), *texts]) for n in range(len(header))]
    for row in (tuple(header), tuple("-" * width for width in widths), *texts):
        print("| " + " | ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)) + " |")
