"""The flow logs of some hours → talks, without a store: from files, S3 or CloudWatch Logs.

Rules:
- Every file is read once, by its own name; what was not read is told, with why, for what it held is
  not known.
- Parquet is read where pyarrow is installed; it is not in the package of a function, and what was
  in such a file is not known there.
- Reading ends when the time or the bytes are used up: what was read until then is the answer, and
  it says that it is a part.
- Events of a log group are those that were delivered for these hours, or within an hour after.
"""

from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Final

from ringwall.errors import OutsideError, RingwallError
from ringwall.shell.aws import Cloud
from ringwall.shell.clock import Clock
from ringwall.shell.store.buckets import SCHEME, s3_sources
from ringwall.shell.store.fetching import fetched
from ringwall.shell.store.group_events import GROUP, Event, layout_of, pages_at_once
from ringwall.shell.store.inflating import CUT, Pieces
from ringwall.shell.store.parquet_text import text_of
from ringwall.shell.store.reading import NotALog, TextReader
from ringwall.shell.store.sources import Source, local_sources
from ringwall.traffic.batches import Batch, Frame
from ringwall.traffic.layouts import Layout
from ringwall.traffic.parsers import Parser, best
from ringwall.traffic.problems import Problem
from ringwall.traffic.queries import Value
from ringwall.traffic.recognising import PARQUET
from ringwall.traffic.stamps import LATE, Hours, stamp_of
from ringwall.traffic.tables import FLOW_TABLE, Table
from ringwall.traffic.talks import Talks, Tally

MOST_NAMED: Final = 100


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one look may take: seconds of our time, bytes and number of files as they lie."""

    seconds: float = 60.0
    size: int = 4 << 30
    files: int = 20_000


@dataclass(slots=True)
class Looked:
    """What was found in the logs of [since, until); `stopped` says why it did not read all.

    `unread` are files that could not be read, each with why; `aside` counts lines that are none.
    """

    since: int
    until: int
    talks: Talks
    files: int = 0
    size: int = 0
    records: int = 0
    aside: int = 0
    unread: list[tuple[str, str]] = field(default_factory=list)
    stopped: str = ""
    seconds: float = 0.0

    @property
    def is_partial(self) -> bool:
        """Tell whether something was not read."""
        return bool(self.stopped or self.unread)

    def to_dict(self) -> dict[str, object]:
        """Return what was looked at, for a journal."""
        return {
            "since": self.since,
            "until": self.until,
            "files": self.files,
            "bytes": self.size,
            "records": self.records,
            "lines_set_aside": self.aside,
            "unread": [list(each) for each in self.unread[:5]],
            "stopped": self.stopped,
            "seconds": round(self.seconds, 2),
        }


class _Sums:
    """Takes the rows of flow logs of VPCs, and keeps their sums."""

    def __init__(self, tally: Tally, parser: Parser) -> None:
        self.parser = parser
        self._tally = tally
        self._batches: dict[str, Batch] = {}

    def batch_for(self, layout: Layout) -> Batch:
        batch = self._batch(layout.table)
        if batch.is_full or not batch.takes(layout):
            self.write(layout.table)
            batch = self._batch(layout.table)
            batch.takes(layout)
        return batch

    def put_query(self, values: Mapping[str, Value]) -> None:
        """Leave the queries of a resolver alone."""

    def put_queries(self, frame: Frame) -> None:
        """Leave the queries of a resolver alone."""

    def write(self, table: Table) -> None:
        batch = self._batches.pop(table.name, None)
        if batch is not None and batch.rows and table is FLOW_TABLE:
            self._tally.take(batch)

    def _batch(self, table: Table) -> Batch:
        if table.name not in self._batches:
            self._batches[table.name] = Batch(table, self.parser)
        return self._batches[table.name]


def look(
    place: str,
    since: int,
    until: int,
    clock: Clock,
    *,
    cloud: Cloud | None = None,
    bounds: Bounds | None = None,
    layout: Layout | None = None,
    focus: int | None = None,
) -> Looked:
    """Read the logs of [since, until) at a file, a folder, `s3://BUCKET/PREFIX` or `logs:GROUP`.

    `layout` is that of files without a header; what lies from `focus` on is read first. Raises
    InputError where there is no such place, and CloudError where AWS does not list it.
    """
    spans = [(since, until)]
    if focus is not None and since < focus < until:
        spans = [(focus, until), (since, focus)]
    looking = _Look(Tally(since, until), clock, bounds or Bounds(), layout)
    if place.startswith(GROUP) and cloud is not None:
        return looking.read_group(place.removeprefix(GROUP), cloud, spans)
    return looking.read(_each_once(_sources(place, span, cloud) for span in spans))


def _sources(place: str, hours: Hours, cloud: Cloud | None) -> Iterator[Source]:
    if not place.startswith((SCHEME, GROUP)):
        return local_sources(place, hours)
    if cloud is None:
        msg = f"there is no account to read '{place}' with"
        raise OutsideError(msg)
    return s3_sources(place, hours, cloud)


def _each_once(parts: Iterable[Iterator[Source]]) -> Iterator[Source]:
    """Yield what some yield; a file may hold records of the hours of two of them."""
    known: set[str] = set()
    for source in chain.from_iterable(parts):
        if source.name not in known:
            known.add(source.name)
            yield source


def _lines(page: Sequence[Event]) -> bytes:
    """Return the events of a page as lines; an event of several lines is one."""
    text = "\n".join([str(event["message"]) for event in page])
    if text.count("\n") != len(page) - 1:
        text = "\n".join([str(event["message"]).replace("\n", " ") for event in page])
    return f"{text}\n".encode("utf-8", "replace") if page else b""


class _Look:
    """One look at sources."""

    def __init__(self, tally: Tally, clock: Clock, bounds: Bounds, layout: Layout | None) -> None:
        self._tally = tally
        self._sums = _Sums(tally, best())
        self._clock = clock
        self._bounds = bounds
        self._layout = layout
        self._begun = clock.monotonic()
        self._found = Looked(tally.since, tally.until, tally.talks())

    def read(self, sources: Iterator[Source]) -> Looked:
        """Read sources until they end, or a bound is met."""
        found = self._found
        reading = fetched(sources, lambda _: False)
        try:
            for source in reading:
                found.stopped = self._why_stop(source.size)
                if found.stopped:
                    break
                found.files += 1
                found.size += source.size
                self._read(source)
        finally:
            reading.close()
        return self._ended()

    def read_group(self, group: str, cloud: Cloud, spans: Sequence[tuple[int, int]]) -> Looked:
        """Read the events of a log group until they end, or a bound is met; raises CloudError."""
        found = self._found
        layout = self._layout or layout_of(cloud, group)
        reader = TextReader(self._sums, self._aside, layout=layout)
        late = [until + LATE if until == found.until else until for _, until in spans]
        reading = self._pages(group, cloud, [(a, b) for (a, _), b in zip(spans, late, strict=True)])
        try:
            for page in reading:
                found.files += 1
                data = _lines(page)
                found.size += len(data)
                reader.feed(data)
                found.stopped = self._why_stop(0)
                if found.stopped:
                    break
            reader.close()
        except NotALog:
            self._found.unread.append((f"{GROUP}{group}", "its events are no flow log"))
        finally:
            reading.close()
        return self._ended()

    def _pages(
        self, group: str, cloud: Cloud, spans: Iterable[tuple[int, int]]
    ) -> Generator[Sequence[Event], None, None]:
        for since, until in spans:
            yield from pages_at_once(cloud, group, since * 1000, until * 1000)

    def _ended(self) -> Looked:
        found = self._found
        self._sums.write(FLOW_TABLE)
        found.talks = self._tally.talks()
        found.records = found.talks.rows
        found.seconds = self._clock.monotonic() - self._begun
        return found

    def _why_stop(self, size: int) -> str:
        found, bounds = self._found, self._bounds
        if found.files >= bounds.files:
            return f"there are more than {bounds.files} files"
        if found.size + size > bounds.size:
            return f"there are more than {bounds.size} bytes of logs"
        if self._clock.monotonic() - self._begun > bounds.seconds:
            return f"the {bounds.seconds:g} seconds were over"
        if self._tally.is_full:
            return "there are too many conversations to keep"
        return ""

    def _read(self, source: Source) -> None:
        """Read one source; what is wrong with it alone is noted."""
        try:
            with source.open() as file:
                magic = file.read(len(PARQUET))
                file.seek(0)
                if magic == PARQUET:
                    self._feed(source, text_of(file))
                    return
                pieces = Pieces(file)
                self._feed(source, pieces, pieces)
                if pieces.fault:
                    self._unread(source, f"from some point on: {pieces.fault}")
        except NotALog:
            self._unread(source, "it is no log")
        except RingwallError as error:
            self._unread(source, error.message)
        except ValueError as failure:
            self._unread(source, f"it is damaged: {failure}")
        except OSError as failure:
            self._unread(source, failure.strerror or str(failure))

    def _feed(self, source: Source, texts: Iterable[bytes], pieces: Pieces | None = None) -> None:
        stamp = stamp_of(source.name)
        fallback = -1 if stamp is None else stamp
        reader = TextReader(self._sums, self._aside, layout=self._layout, fallback=fallback)
        for piece in texts:
            reader.feed(piece)
            if self._clock.monotonic() - self._begun > self._bounds.seconds:
                self._unread(source, "the time was over")
                return
        reader.close(cut=pieces is not None and pieces.fault == CUT)

    def _aside(self, problems: list[Problem]) -> None:
        self._found.aside += len(problems)

    def _unread(self, source: Source, why: str) -> None:
        if len(self._found.unread) < MOST_NAMED:
            self._found.unread.append((source.name, why))
