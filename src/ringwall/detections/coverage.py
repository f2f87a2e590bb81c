"""What the logs cover: without it, no finding means nothing.

Input: the rows of a few queries. Output: how much there is, of when and whom, and what is missing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from ringwall.detections.detection import Row

HOUR: Final = 3600

TOTALS: Final[Mapping[str, str]] = {
    "flow": """
        SELECT
          COUNT(*) AS records,
          MIN(first) AS first,
          MAX(last) AS last,
          SUM(CASE WHEN flags IS NULL THEN 0 ELSE 1 END) AS flagged,
          SUM(CASE WHEN source_inside = 0 AND destination_inside = 0 THEN 1 ELSE 0 END) AS outside
        FROM flow
    """,
    "transit": """
        SELECT COUNT(*) AS records, MIN(first) AS first, MAX(last) AS last FROM transit
    """,
    "dns": "SELECT COUNT(*) AS records, MIN(time) AS first, MAX(time) AS last FROM dns",
}
HOURS: Final[Mapping[str, str]] = {
    table: f"""
        WITH hours AS (SELECT {column} - {column} % 3600 AS hour FROM {table})
        SELECT hour, COUNT(*) AS records FROM hours GROUP BY hour ORDER BY hour
    """
    for table, column in (("flow", "first"), ("transit", "first"), ("dns", "time"))
}
LOST: Final = """
    SELECT interface, COUNT(*) AS windows, MIN(first) AS first, MAX(last) AS last
    FROM quiet
    WHERE status = 'SKIPDATA'
    GROUP BY interface
    ORDER BY interface
"""
INTERFACES: Final = """
    WITH every AS (
      SELECT interface FROM flow
      UNION ALL
      SELECT interface FROM quiet
    )
    SELECT interface FROM every WHERE interface IS NOT NULL GROUP BY interface ORDER BY interface
"""


@dataclass(frozen=True, slots=True)
class Lost:
    """An interface or attachment of which AWS lost records, in how many windows, and when."""

    interface: str
    windows: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Covered:
    """What there is of one kind of log: records, first and last second, hours without a record."""

    records: int
    first: int | None
    last: int | None
    missing: tuple[int, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return its document."""
        return {
            "records": self.records,
            "first": when(self.first),
            "last": when(self.last),
            "missing_hours": [when(hour) for hour in self.missing],
        }


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the logs cover; `silent` are interfaces of the network without any record.

    `known` is how many interfaces the network has: None without a network, 0 where it is written
    down alone. Of neither can be told which interface has no logs. `outside` are flow records of
    which no end is inside: what looks for hosts inside sees nothing in them.
    """

    tables: Mapping[str, Covered]
    interfaces: int
    flagged: float
    lost: tuple[Lost, ...] = ()
    silent: tuple[str, ...] = ()
    known: int | None = None
    outside: int = 0
    notes: tuple[str, ...] = field(default_factory=tuple)

    @property
    def is_whole(self) -> bool:
        """Tell whether nothing is known to be missing."""
        missing = any(each.missing for each in self.tables.values())
        lacks = self.lost or self.silent or missing or self.is_outside
        return not lacks and self.tables["flow"].records > 0

    @property
    def is_outside(self) -> bool:
        """Tell whether so many records have no end inside that this is no stray packet."""
        return self.outside * 100 > self.tables["flow"].records

    def to_dict(self) -> dict[str, Any]:
        """Return its document; `silent_interfaces` is null where no interfaces are known."""
        return {
            "whole": self.is_whole,
            **{name: each.to_dict() for name, each in self.tables.items()},
            "interfaces": self.interfaces,
            "with_tcp_flags": self.flagged,
            "no_end_inside": self.outside,
            "records_lost": [
                {
                    "interface": each.interface,
                    "windows": each.windows,
                    "first": when(each.first),
                    "last": when(each.last),
                }
                for each in self.lost
            ],
            "silent_interfaces": list(self.silent) if self.known else None,
        }


def when(second: int | None) -> str | None:
    """Return a second as text, in UTC."""
    if second is None:
        return None
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def covered(total: Row, hours: Sequence[Row], since: int | None, until: int | None) -> Covered:
    """Return what a table covers of [since, until), or of what lies between its ends."""
    records = _int(total["records"])
    if not records:
        return Covered(0, None, None)
    seen = {_int(row["hour"]) for row in hours}
    start = min(seen) if since is None else since - since % HOUR
    end = max(seen) + HOUR if until is None else until
    missing = tuple(hour for hour in range(start, end, HOUR) if hour not in seen)
    return Covered(records, _int(total["first"]), _int(total["last"]), missing)


def lost(rows: Iterable[Row]) -> tuple[Lost, ...]:
    """Return the interfaces whose records were lost."""
    return tuple(
        Lost(str(r["interface"]), _int(r["windows"]), _int(r["first"]), _int(r["last"]))
        for r in rows
    )


def _int(value: object) -> int:
    assert isinstance(value, int | float), value
    return int(value)
