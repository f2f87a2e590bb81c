"""Log groups of CloudWatch Logs: what arrives, and in which pages it is read.

Rules:
- What arrives bears the lab's time; events of more than 14 days ago or two hours ahead are
  rejected, and a request with too much in it is refused (PutLogEvents).
- A page of FilterLogEvents holds 10,000 events or 1 MB, in the order of their time whichever
  stream they are in. A token goes on where its page ended.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import moto.logs.models
from moto.logs.models import LogGroup, LogsBackend

from ringwall.lab import world
from ringwall.lab.actions import refuse, wrap
from ringwall.lab.world import Moto

MOST_EVENTS = 10_000  # of a request, and of a page
MOST_BYTES = 1 << 20  # of a request and of a page, with ASIDE bytes for each event
ASIDE = 26
HOUR = 3600 * 1000  # milliseconds, as all times here
LONGEST = 24 * HOUR  # between the events of a request
OLDEST, NEWEST = 14 * 24 * HOUR, 2 * HOUR  # before and after now


@dataclass(slots=True)
class Reading:
    """The events that a first page began with, until the last page was read."""

    events: list[Moto] = field(default_factory=list)
    streams: list[Moto] = field(default_factory=list)


def accepted(events: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the events that are neither too old nor too far ahead."""
    now = world.clock().utc().timestamp() * 1000
    return [one for one in events if now - OLDEST <= one["timestamp"] <= now + NEWEST]


def _size(event: Moto) -> int:
    return len(event["message"].encode()) + ASIDE


def _check(events: list[dict[str, Any]]) -> None:
    """Refuse a request that PutLogEvents refuses."""
    if not 1 <= len(events) <= MOST_EVENTS:
        refuse("InvalidParameterException", f"1 to {MOST_EVENTS} log events, not {len(events)}")
    if sum(map(_size, events)) > MOST_BYTES:
        refuse("InvalidParameterException", f"Upload too large: more than {MOST_BYTES} bytes")
    if events[-1]["timestamp"] - events[0]["timestamp"] > LONGEST:
        text = "The log events of a request cannot span more than 24 hours."
        refuse("InvalidParameterException", text)


def _page(events: list[Moto], first: int, limit: int) -> int:
    """Return where a page ends that begins with an event."""
    size, place = 0, first
    while place < len(events) and place - first < limit:
        size += _size(events[place])
        if size > MOST_BYTES and place > first:
            break
        place += 1
    return place


def install() -> None:
    """Give what arrives the lab's time, and read it in pages as AWS does."""
    vars(moto.logs.models)["utcnow"] = lambda: world.clock().utc().replace(tzinfo=None)

    @wrap(LogsBackend, "put_log_events")
    def put(original: Moto, self: Moto, group: str, stream: str, events: Moto) -> Moto:
        _check(events)
        return original(self, group, stream, events)

    @wrap(LogGroup, "filter_log_events")
    def read(
        original: Moto, self: Moto, name: str, streams: Moto, first: int, last: int, *more: Moto
    ) -> Moto:
        limit, token, pattern, _ = more
        kept: dict[str, Reading] = self.__dict__.setdefault("_readings", {})
        key, _, number = (token or "").rpartition("@")
        reading = kept.get(key) if token else Reading()
        if reading is None:
            return [], None, []
        if not token:
            most = max(1, sum(len(stream.events) for stream in self.streams.values()))
            found = original(self, name, streams, first, last, most, None, pattern, True)
            reading.events, _, reading.streams = found
        begin = int(number or 0)
        end = _page(reading.events, begin, limit or MOST_EVENTS)
        page = reading.events[begin:end]
        if end == len(reading.events):
            kept.pop(key, None)
            return page, None, reading.streams
        key = key or uuid.uuid4().hex
        kept[key] = reading
        return page, f"{key}@{end}", reading.streams
