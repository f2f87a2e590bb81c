"""Findings → the first records behind each."""

from collections.abc import Mapping

from ringwall.app.inquiring import Inquiry
from ringwall.app.showing import answer
from ringwall.detections.detection import Detection, Setting, Sighting, Value
from ringwall.shell.engines.engine import Engine
from ringwall.shell.engines.queries import detection_query, relations_of
from ringwall.traffic.questions import EVERYWHERE, SAMPLES

MOST = 100  # findings, the worst: each is a query of its own


def samples(
    engine: Engine, inquiry: Inquiry, found: Sighting, detection: Detection, limit: int
) -> tuple[Mapping[str, Value], ...]:
    """Return up to `limit` records between the ends of a finding, in its time."""
    query = detection_query(detection.sql, detection.settings({}))
    table = next((name for name in ("dns", "transit") if name in relations_of(query)), "flow")
    source, destination = (found.entity(role) for role in ("source", "destination"))
    if source is None and destination is None:
        return ()
    domain = found.entity("domain")
    given: dict[str, Setting] = {
        "from_second": found.first,
        "to_second": found.last,
        "source": EVERYWHERE if source is None else (source.address,),
        "destination": EVERYWHERE if destination is None else (destination.address,),
        "domain": "" if domain is None else domain.name,
        "limit": limit,
    }
    return answer(engine.rows(detection_query(SAMPLES[table], given)), inquiry).rows
