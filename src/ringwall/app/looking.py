"""A store of logs → what people ask of it: tops, the story of a host, what passed between two."""

from dataclasses import dataclass
from typing import Any

from ringwall.app.inquiring import Inquiry
from ringwall.app.showing import Answer, answer
from ringwall.detections.coverage import when
from ringwall.detections.detection import Row, Setting
from ringwall.errors import QuestionError
from ringwall.shell.engines.engine import Engine
from ringwall.shell.engines.queries import detection_query
from ringwall.shell.engines.reading import limited, reading_query
from ringwall.traffic.questions import (
    AMOUNTS,
    DEALINGS,
    EVERYWHERE,
    EXTENT,
    LOOKUPS,
    STORY,
    TOPS,
    top,
)

BINS = 48  # columns of time: what fits a line
_WIDTHS = (300, 900, 1800, 3600, 2 * 3600, 6 * 3600, 12 * 3600, 86400, 7 * 86400)


@dataclass(frozen=True, slots=True)
class Story:
    """What passed at who was `asked` about, in columns of time of `bin` seconds from `start` on."""

    asked: tuple[str, ...]
    start: int
    bin: int
    bytes_out: tuple[int, ...]
    bytes_back: tuple[int, ...]
    records: tuple[int, ...]
    rejected: tuple[int, ...]
    first: int | None
    last: int | None
    dealings: Answer
    lookups: Answer

    def to_dict(self, command: str) -> dict[str, Any]:
        """Return the JSON document of `ringwall traffic host` or `between`."""
        return {
            "schema": f"ringwall/traffic-{command}/1",
            "asked": list(self.asked),
            "first": when(self.first),
            "last": when(self.last),
            "records": sum(self.records),
            "rejected": sum(self.rejected),
            "bytes_out": sum(self.bytes_out),
            "bytes_back": sum(self.bytes_back),
            "timeline": {
                "start": when(self.start),
                "seconds": self.bin,
                "records": list(self.records),
                "rejected": list(self.rejected),
                "bytes_out": list(self.bytes_out),
                "bytes_back": list(self.bytes_back),
            },
            "dealings": self.dealings.to_list(),
            "lookups": self.lookups.to_list(),
        }


def query(inquiry: Inquiry, sql: str, limit: int) -> tuple[Answer, bool]:
    """Answer a query that reads, and tell whether rows beyond `limit` were left out.

    A query with a LIMIT of its own is answered whole. Raises QuestionError for what does not read.
    """
    tree = reading_query(sql)
    is_limited = tree.args.get("limit") is not None
    if not is_limited:
        tree = limited(tree, limit + 1)
    engine = inquiry.open()
    try:
        rows = engine.rows(tree)
    finally:
        engine.close()
    kept = rows if is_limited else rows[:limit]
    return answer(kept, inquiry), len(kept) < len(rows)


def tops(inquiry: Inquiry, of: str, by: str, limit: int) -> Answer:
    """Return the sources, destinations, pairs or ports with most bytes, records or rejections."""
    if of not in TOPS or by not in AMOUNTS:
        msg = f"there is no top of {of!r} by {by!r}"
        raise QuestionError(msg, hint=f"{', '.join(TOPS)} by {', '.join(AMOUNTS)}")
    engine = inquiry.open()
    try:
        rows = engine.rows(detection_query(top(of, by), {"limit": limit}))
    finally:
        engine.close()
    return answer([_without(row, "amount") for row in rows], inquiry)


def story(inquiry: Inquiry, who: str, other: str = "", *, limit: int = 20) -> Story:
    """Return what passed at an address, CIDR or name, or between it and another."""
    blocks = inquiry.blocks(who)
    others = inquiry.blocks(other) if other else EVERYWHERE
    engine = inquiry.open()
    try:
        words = (who, other) if other else (who,)
        return _story(engine, inquiry, words, blocks, others, limit)
    finally:
        engine.close()


def _story(
    engine: Engine,
    inquiry: Inquiry,
    words: tuple[str, ...],
    who: tuple[str, ...],
    other: tuple[str, ...],
    limit: int,
) -> Story:
    given: dict[str, Setting] = {"who": who, "other": other, "limit": limit}
    [extent] = engine.rows(detection_query(EXTENT, {}))
    start, end = int(extent["first"] or 0), int(extent["last"] or 0)
    width = next((each for each in _WIDTHS if (end - start) / each <= BINS), _WIDTHS[-1])
    start -= start % width
    bins = engine.rows(detection_query(STORY, {**given, "bin": width}))
    count = (end - start) // width + 1

    def column(name: str) -> tuple[int, ...]:
        values = [0] * count
        for row in bins:
            place = (int(row["bin"] or 0) - start) // width
            values[min(place, count - 1)] += int(row[name] or 0)
        return tuple(values)

    dealings = engine.rows(detection_query(DEALINGS, given))
    lookups = [] if other != EVERYWHERE else engine.rows(detection_query(LOOKUPS, given))
    return Story(
        words,
        start,
        width,
        column("bytes_out"),
        column("bytes_back"),
        column("records"),
        column("rejected"),
        min((int(row["first"] or 0) for row in bins), default=None),
        max((int(row["last"] or 0) for row in bins), default=None),
        answer([_without(row, "amount") for row in dealings], inquiry),
        answer(lookups, inquiry),
    )


def _without(row: Row, name: str) -> Row:
    return {key: value for key, value in row.items() if key != name}
