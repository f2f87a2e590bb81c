"""Numbers and times → how people read them."""

from datetime import UTC, datetime
from typing import Final

from ringwall.traffic.sizes import size

_LARGE: Final = ((10**12, "T"), (10**9, "G"), (10**6, "M"), (10**3, "k"))


def count(number: int) -> str:
    """Return a number with its thousands set apart."""
    return f"{number:,}"


def short(number: float) -> str:
    """Return a number in few digits: 1.2 M."""
    for large, letter in _LARGE:
        if number >= large:
            return f"{_digits(number / large)} {letter}"
    return f"{number:g}"


def amount(number: int, unit: str) -> str:
    """Return a number in its unit, whole where it is a count."""
    return size(number) if unit == "bytes" else count(number)


def _digits(value: float) -> str:
    return f"{value:.1f}" if value < 100 else f"{value:.0f}"


def moment(second: int, pattern: str = "%Y-%m-%d %H:%M") -> str:
    """Return a second as UTC; what no calendar has as its number."""
    try:
        return datetime.fromtimestamp(second, UTC).strftime(pattern)
    except (ValueError, OverflowError, OSError):
        return f"second {second}"


def span(first: int, last: int) -> str:
    """Return two seconds; the day of the second only where it is another."""
    same = moment(first, "%Y%m%d") == moment(last, "%Y%m%d")
    return f"{moment(first)} to {moment(last, '%H:%M' if same else '%Y-%m-%d %H:%M')}"


def lasting(seconds: int) -> str:
    """Return a length of time in words."""
    for length, word in ((604800, "week"), (86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= length and seconds % length == 0:
            number = seconds // length
            return word if number == 1 else f"{number} {word}s"
    return f"{seconds} seconds"
