"""What a block would have cut in the last days: the conversations of its addresses, by name."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from ringwall.app.holding import Against
from ringwall.app.inquiring import Inquiry, inquire
from ringwall.app.responding.loop import Responder
from ringwall.app.responding.opening import Given
from ringwall.detections.detection import NameOf
from ringwall.playbooks.playbook import Proposal
from ringwall.shell.engines.engine import EVER, Engine
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


@dataclass(frozen=True, slots=True)
class TrafficReplay:
    """Replays a block over the last days that a store has."""

    inquiry: Inquiry
    days: int

    def __call__(self, proposal: Proposal) -> Mapping[str, Any]:
        """Return how many conversations a proposal would have cut, and those with most bytes."""
        if not proposal.blocks:
            return {"replayed": "no address is cut"}
        hours = Store.at(self.inquiry.store).hours("flow", EVER)
        last = max(hours, default=0) + HOUR
        scope = replace(self.inquiry.scope, extent=Extent(last - self.days * DAY, last))
        engine = replace(self.inquiry, scope=scope).open()
        try:
            return self._asked(engine, proposal.blocks)
        finally:
            engine.close()

    def _asked(self, engine: Engine, blocks: tuple[str, ...]) -> Mapping[str, Any]:
        rows = engine.rows(detection_query(_SQL, {"blocks": blocks}))
        from_inside = [row for row in rows if int(row["answered"] or 0)]
        return {
            "days": self.days,
            "conversations": len(rows),
            "answered": len(from_inside),
            "bytes": sum(int(row["bytes"] or 0) for row in rows),
            "most": [self._named(row) for row in rows[:SHOWN]],
        }

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
    return replace(responder, replay=TrafficReplay(inquiry, responder.policy.days))
