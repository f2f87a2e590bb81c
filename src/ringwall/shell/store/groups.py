"""`logs:GROUP` → rows: the events of a group of CloudWatch Logs, each once.

Rules:
- Events have no header: the format is that of the flow log that writes to the group
  (DescribeFlowLogs, LogFormat). Where there is none, the first event says what they are, as the
  first line of a file does.
- What was read of a group is remembered as spans of time, and is not asked again, but for the last
  hour of it (`NEAR`), and once an hour the last day (`FAR`), for events that come late.
- What was there when a span was asked was read then: what AWS took in before that, by more than
  `SETTLES`, is passed over. Of what came later, and of spans that were broken off, ids tell.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Final

from ringwall.errors import InputError
from ringwall.shell.aws import Cloud
from ringwall.shell.store.group_events import GROUP, Event, layout_of, pages
from ringwall.shell.store.ingesting import Ingest
from ringwall.shell.store.manifest import Looks, Seen
from ringwall.shell.store.reading import NotALog
from ringwall.shell.store.sources import Source
from ringwall.traffic.layouts import Layout
from ringwall.traffic.stamps import Hours

NEAR: Final = 3_600_000  # milliseconds, as all times of events
FAR: Final = 24 * NEAR
SETTLES: Final = 600_000  # until an event that AWS took in is found, and clocks that differ
SLICE: Final = 50_000  # events that belong to the store together


def read_group(text: str, hours: Hours, cloud: Cloud, run: Ingest) -> None:
    """Read the events of a group that were not read yet; raises InputError, CloudError."""
    group = text.removeprefix(GROUP)
    if not group:
        message = f"'{text}' names no log group"
        raise InputError(message, hint="as logs:GROUP")
    stream = f"{GROUP}//{cloud.account}/{cloud.region}/{group}"
    layout = run.layout or layout_of(cloud, group)
    since, until = ((each or 0) * 1000 for each in hours)
    now = run.now * 1000
    until = min(until or now, now)
    before = Asked(tuple(run.manifest.spans(stream)), run.manifest.looks(stream))
    looks = before.then(now) if until >= before.newest else before.looks
    asked = list(missing(since, until, before.spans, before.reach(now)))
    for begin, end in asked:
        is_last = (begin, end) == asked[-1]
        known = looks if is_last else before.looks
        kept = min(known.last, known.wide) - SETTLES if known else 0
        span = Seen(stream, begin, end, (), kept, looks=looks if is_last else None)
        _read_span(run, cloud, group, span, layout, before)


@dataclass(frozen=True, slots=True)
class Asked:
    """What was read of a group before: spans of time, and when it was asked."""

    spans: tuple[tuple[int, int], ...] = ()
    looks: Looks | None = None

    @property
    def newest(self) -> int:
        """Return the end of what was read."""
        return self.spans[-1][1] if self.spans else 0

    def reach(self, now: int) -> int:
        """Return how far back from the newest is asked again."""
        return FAR if self.looks is not None and now - self.looks.wide >= NEAR else NEAR

    def then(self, now: int) -> Looks:
        """Return when it was asked, after it is asked now."""
        if self.looks is None or self.reach(now) == FAR:
            return Looks(now, now)
        return Looks(now, self.looks.wide)

    def had(self, event: Event) -> bool:
        """Tell whether an event was there when its time was asked, by when AWS took it in."""
        if self.looks is None or "ingestionTime" not in event:
            return False
        time = int(event["timestamp"])
        asked = self.looks.last if time >= self.newest - NEAR else self.looks.wide
        is_read = any(begin <= time < end for begin, end in self.spans)
        return is_read and int(event["ingestionTime"]) <= asked - SETTLES


def missing(
    since: int, until: int, spans: Sequence[tuple[int, int]], reach: int
) -> Iterator[tuple[int, int]]:
    """Yield what is to be asked of a span: what was not read, and the last of what was."""
    at, newest = since, spans[-1][1] if spans else 0
    for begin, end in spans:
        old = min(end, newest - reach)
        if old <= begin:
            continue
        if at < begin and at < until:
            yield at, min(begin, until)
        at = max(at, old)
    if at < until:
        yield at, until


def _read_span(
    run: Ingest, cloud: Cloud, group: str, span: Seen, layout: Layout | None, before: Asked
) -> None:
    """Read the events of a span, some at a time; the span is noted with the last of them."""
    events: list[Event] = []
    for page in pages(cloud, group, span.begin, span.until):
        fresh = (each for each in page if not before.had(each))
        events += [each for each in fresh if not run.manifest.has_event(span.stream, _key(each))]
        if len(events) >= SLICE:
            _read_events(run, events, replace(span, done=False, looks=None), layout)
            events = []
    _read_events(run, events, span, layout)


def _read_events(run: Ingest, events: list[Event], span: Seen, layout: Layout | None) -> None:
    now = run.now * 1000
    keys = [(_key(event), int(event.get("ingestionTime", now))) for event in events]
    reader = run.reader(span.stream, layout)
    names = {each.name for each in layout.fields if each} if layout else {"start"}
    timed = not names.isdisjoint({"start", "end"})
    size = 0
    try:
        for event in events:
            line = (str(event["message"]).replace("\n", " ") + "\n").encode("utf-8", "replace")
            size += len(line)
            if not timed:
                reader.fallback = int(event["timestamp"]) // 1000
            reader.feed(line)
        counts = reader.close()
    except NotALog:
        run.report.strange.append((span.stream, True))
        return
    digest = hashlib.sha256(b"".join(key for key, _ in keys)).digest()
    source = Source(span.stream, size, f"{span.begin}-{span.until}", BytesIO)
    run.note(source, digest, counts, seen=replace(span, events=keys))


def _key(event: Event) -> bytes:
    """Return what tells an event from all others, in few bytes."""
    return hashlib.blake2b(str(event["eventId"]).encode(), digest_size=12).digest()
