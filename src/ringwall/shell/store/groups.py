"""`logs:GROUP` → rows: the events of a group of CloudWatch Logs, each once.

Rules:
- Events have no header: the format is that of the flow log that writes to the group
  (DescribeFlowLogs, LogFormat). Where there is none, the first event says what they are, as the
  first line of a file does.
- What was read of a group is remembered as spans of time, and is not asked again, but for the last
  `LATE` of it: events that came late are told by their ids.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from typing import Final

from ringwall.errors import InputError
from ringwall.shell.aws import Cloud
from ringwall.shell.store.group_events import GROUP, Event, layout_of, pages
from ringwall.shell.store.ingesting import Ingest
from ringwall.shell.store.manifest import Seen
from ringwall.shell.store.reading import NotALog
from ringwall.shell.store.sources import Source
from ringwall.traffic.layouts import Layout
from ringwall.traffic.stamps import Hours

LATE: Final = 3_600_000  # milliseconds
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
    until = min(until or run.now * 1000, run.now * 1000)
    spans = run.manifest.spans(stream)
    newest = spans[-1][1] if spans else 0
    for begin, end in missing(since, until, spans):
        _read_span(run, cloud, group, Seen(stream, begin, end, (), max(newest, end) - LATE), layout)


def missing(since: int, until: int, spans: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield what is to be asked of a span: what was not read, and the last of what was."""
    at = since
    for begin, end in [*spans[:-1], *((begin, end - LATE) for begin, end in spans[-1:])]:
        if at < begin and at < until:
            yield at, min(begin, until)
        at = max(at, end)
    if at < until:
        yield at, until


def _read_span(run: Ingest, cloud: Cloud, group: str, span: Seen, layout: Layout | None) -> None:
    """Read the events of a span, some at a time; the span is noted with the last of them."""
    events: list[Event] = []
    for page in pages(cloud, group, span.begin, span.until):
        events += [each for each in page if not run.manifest.has_event(span.stream, _key(each))]
        if len(events) >= SLICE:
            _read_events(run, events, replace(span, done=False), layout)
            events = []
    _read_events(run, events, span, layout)


def _read_events(run: Ingest, events: list[Event], span: Seen, layout: Layout | None) -> None:
    keys = [(_key(event), int(event["timestamp"])) for event in events]
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
