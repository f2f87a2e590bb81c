"""Rows and series → tables, bars and sparklines in text."""

from collections.abc import Iterator, Mapping, Sequence

_BLOCKS = " ▏▎▍▌▋▊▉█"
_TICKS = "▁▂▃▄▅▆▇█"


def bar(value: float, most: float, width: int = 20) -> str:
    """Return a bar of at most `width` signs; what is not nothing has at least an eighth of one."""
    if most <= 0 or value <= 0:
        return ""
    eighths = max(1, round(min(value / most, 1) * width * 8))
    full, rest = divmod(eighths, 8)
    return "█" * full + (_BLOCKS[rest] if rest else "")


def sparkline(values: Sequence[float]) -> str:
    """Return one sign a value; nothing is a space, so that silence shows."""
    most = max(values, default=0)
    if most <= 0:
        return " " * len(values)
    last = len(_TICKS) - 1
    return "".join(
        " " if value <= 0 else _TICKS[min(last, int(value / most * last + 0.5))] for value in values
    )


def table(columns: Sequence[str], rows: Sequence[Mapping[str, object]]) -> Iterator[str]:
    """Yield the lines of a table; numbers stand to the right, and nothing is cut."""
    cells = [[_text(row.get(name)) for name in columns] for row in rows]
    right = [all(_is_number(row.get(name)) for row in rows) for name in columns]
    widths = [max(map(len, (name, *(row[n] for row in cells)))) for n, name in enumerate(columns)]
    for line in (list(columns), *cells):
        padded = [
            cell.rjust(width) if is_right else cell.ljust(width)
            for cell, width, is_right in zip(line, widths, right, strict=True)
        ]
        yield "  ".join(padded).rstrip()


def _is_number(value: object) -> bool:
    return value is None or isinstance(value, int | float)


def _text(value: object) -> str:
    return "" if value is None else str(value)
