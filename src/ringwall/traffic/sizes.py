"""Bytes → how people read them, in powers of 1000."""

from typing import Final

SIZES: Final = frozenset({"bytes", "bytes_out", "bytes_back", "total_bytes"})  # columns of bytes
_UNITS: Final = ("B", "kB", "MB", "GB", "TB", "PB", "EB")


def size(number: float) -> str:
    """Return bytes with their unit: 999 B, 1.2 GB, 177 MB."""
    value, units = float(number), iter(_UNITS)
    unit = next(units)
    while abs(value) >= 999.5 and unit != _UNITS[-1]:
        value, unit = value / 1000, next(units)
    return f"{value:.0f} {unit}" if unit == "B" or abs(value) >= 99.95 else f"{value:.1f} {unit}"


def readable(name: str, value: object) -> object:
    """Return a value of a column as people read it: bytes with their unit, all else as it is."""
    return size(value) if name in SIZES and isinstance(value, int | float) else value
