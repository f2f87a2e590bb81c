"""A store of logs as traffic that was seen: what a block would have cut, and who is there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from ringwall.app.holding import Against
from ringwall.app.inquiring import Inquiry, inquire
from ringwall.app.responding.loop import Responder
from ringwall.app.responding.opening import Given
from ringwall.detections.detection import NameOf
from ringwall.reach.blocks import Block, to_block
from ringwall.shell.engines.engine import EVER
from ringwall.shell.engines.queries import detection_query
from ringwall.shell.engines.store import HOUR, Extent, Store
from ringwall.traffic.addresses import from_halves

SHOWN: Final = 5
DAY: Final = 86400
_SQL: Final = """
WITH touched AS (
  SELECT
    family,
    source_high,
    source_low,
    destination_high,
    destination_low,
    port,
    protocol,
    CASE WHEN failed = 0 AND bytes_back > 0 THEN 1 ELSE 0 END AS answered,
    bytes_out + bytes_back AS bytes,
    first,
    last
  FROM conversation
  WHERE records > rejected
    AND (
      among(family, source_high, source_low, $blocks)
      OR among(family, destination_high, destination_low, $blocks)
    )
)
SELECT
  family,
  source_high,
  source_low,
  destination_high,
  destination_low,
  port,
  protocol,
  SUM(answered) AS answered,
  COUNT(*) AS windows,
  SUM(bytes) AS bytes,
  MIN(first) AS first,
  MAX(last) AS last
FROM touched
GROUP BY
  family, source_high, source_low, destination_high, destination_low, port, protocol
ORDER BY
  bytes DESC, family, source_high, source_low, destination_high, destination_low, port, protocol
"""

_SEEN: Final = """
WITH ends AS (
  SELECT family, source_high AS high, source_low AS low
  FROM conversation
  WHERE records > rejected AND among(family, source_high, source_low, $blocks)
  UNION ALL
  SELECT family, destination_high AS high, destination_low AS low
  FROM conversation
  WHERE records > rejected AND among(family, destination_high, destination_low, $blocks)
)
SELECT family, high, low
FROM ends
GROUP BY family, high, low
ORDER BY family, high, low
"""


@dataclass(frozen=True, slots=True)
class Stored:
    """The traffic of the last days that a store has."""

    inquiry: Inquiry
    days: int

    def replay(self, blocks: Sequence[str]) -> Mapping[str, Any]:
        """Return how many conversations blocks would have cut, and those with most bytes."""
        if not blocks:
            return {"replayed": "no address is cut"}
        rows = self._rows(_SQL, blocks)
        from_inside = [row for row in rows if int(row["answered"] or 0)]
        return {
            "days": self.days,
            "over": f"the last {self.days} days of the store",
            "conversations": len(rows),
            "answered": len(from_inside),
            "bytes": sum(int(row["bytes"] or 0) for row in rows),
            "most": [self._named(row) for row in rows[:SHOWN]],
        }

    def seen(self, around: Sequence[str]) -> tuple[Block, ...] | None:
        """Return who has a part in what was let through; raises RingwallError."""
        found = {
            from_halves(int(row["family"]), int(row["high"]), int(row["low"]))
            for row in self._rows(_SEEN, around)
        }
        return tuple(sorted(map(to_block, found)))

    def _rows(self, sql: str, blocks: Sequence[str]) -> list[Mapping[str, Any]]:
        hours = Store.at(self.inquiry.store).hours("flow", EVER)
        last = max(hours, default=0) + HOUR
        scope = replace(self.inquiry.scope, extent=Extent(last - self.days * DAY, last))
        engine = replace(self.inquiry, scope=scope).open()
        try:
            return list(engine.rows(detection_query(sql, {"blocks": tuple(blocks)})))
        finally:
            engine.close()

    def _named(self, row: Mapping[str, Any]) -> str:
        context = self.inquiry.context
        ends = []
        for end in ("source", "destination"):
            halves = int(row[f"{end}_high"]), int(row[f"{end}_low"])
            ends.append(_text(int(row["family"]), *halves, context.name))
        return f"{ends[0]} to {ends[1]} port {row['port']}, {row['bytes']} bytes"


def _text(family: int, high: int, low: int, name: NameOf) -> str:
    found = name(family, high, low)
    address = from_halves(family, high, low)
    return f"{found} ({address})" if found else address


def replaying(given: Given, *, begin: bool = False) -> Responder:
    """Open all that acts, with the store in which blocks are replayed; raises InputError for none.

    `begin`: the store may be yet to be made.
    """
    store = Path(given.store)
    if not begin:
        Store.at(store)  # before anything is written
    responder = given.responder()
    inquiry = inquire(store, Against(blueprint=given.file), clock=responder.clock)
    return replace(responder, traffic=Stored(inquiry, responder.policy.days))
