"""The name of a log file → the time that AWS put into it.

Source: VPC Flow Logs guide, "Flow log files"; Route 53 developer guide, "Resolver query logging".

    …/2026/11/25/10/…_20261125T1005Z_0a1b2c3d.log.gz        AWS's own layout
    …/year=2026/month=11/day=25/hour=10/…                   the Hive layout

A file is published some minutes after the records it holds, and late data comes later: files of
`LATE` seconds after the hours asked for are among them.
"""

import re
from datetime import UTC, datetime
from typing import Final

LATE: Final = 3600
EARLY: Final = 600  # a name's stamp is not before the records by more

Hours = tuple[int | None, int | None]

_STAMP: Final = re.compile(r"_(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)Z_")
_FOLDERS: Final = (
    re.compile(r"(?:^|/)AWSLogs/(?:[^/]+/)+?(\d{4})(?:/(\d\d)(?:/(\d\d)(?:/(\d\d))?)?)?(?=/|$)"),
    re.compile(r"(?:^|/)year=(\d{4})(?:/month=(\d\d)(?:/day=(\d\d)(?:/hour=(\d\d))?)?)?(?=/|$)"),
)


def stamp_of(name: str) -> int | None:
    """Return the time in the name of a file, in seconds since 1970, or None."""
    found = _STAMP.search(name)
    return None if found is None else _seconds(*map(int, found.groups()))


def span_of(folder: str) -> tuple[int, int] | None:
    """Return from when to before when the files of a folder are, by its name, or None."""
    for pattern in _FOLDERS:
        found = pattern.search(folder.rstrip("/"))
        numbers = [int(text) for text in found.groups() if text] if found else []
        begin = _seconds(*numbers) if numbers else None
        if begin is not None:
            return begin, _seconds(*_next(numbers)) or begin
    return None


def in_hours(name: str, hours: Hours) -> bool:
    """Tell whether a file, or a folder, may hold records of the hours asked for.

    Hours are seconds since 1970, from and before; None has no bound. A name without time may.
    """
    since, until = hours
    stamp = stamp_of(name)
    span = (stamp, stamp + 1) if stamp is not None else span_of(name.rpartition("/")[0])
    if span is None:
        return True
    begin, end = span
    return (since is None or end > since - EARLY) and (until is None or begin < until + LATE)


def _next(numbers: list[int]) -> list[int]:
    """Return the year, month, day or hour after one."""
    *above, last = numbers
    match len(numbers):
        case 1:
            return [last + 1]
        case 2:
            return [*above, last + 1] if last < 12 else [above[0] + 1, 1]
        case _:
            length = 86400 if len(numbers) == 3 else 3600
            begin = _seconds(*numbers)
            after = datetime.fromtimestamp((begin or 0) + length, UTC)
            return [after.year, after.month, after.day, after.hour]


def _seconds(year: int, month: int = 1, day: int = 1, hour: int = 0, minute: int = 0) -> int | None:
    try:
        return int(datetime(year, month, day, hour, minute, tzinfo=UTC).timestamp())
    except ValueError:
        return None
