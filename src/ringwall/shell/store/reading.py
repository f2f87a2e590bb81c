"""The text of one file → rows of batches and problems, by what its first lines are.

Rules:
- The first line that is a header says what the columns are; a later one may say otherwise.
- Without a header: the format that was asked for; the default one, if the first line is a record of
  it in every field; queries of a resolver, if a line is an object. Else it is no log.
- Whatever a line is, the file goes on after it.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

from ringwall.traffic import lines, queries
from ringwall.traffic.batches import Batch, Frame
from ringwall.traffic.layouts import DEFAULT, Layout, of_header
from ringwall.traffic.lines import File, Target
from ringwall.traffic.parsers import Parser
from ringwall.traffic.problems import Problem, Reason
from ringwall.traffic.queries import Value
from ringwall.traffic.query_frames import frame_of
from ringwall.traffic.recognising import Recognised, recognise
from ringwall.traffic.tables import Table

MOST_FORMATS: Final = 1000  # changes of format in a file

Tell = Callable[[list[Problem]], None]


class Taker(Protocol):
    """What the rows of a text go to: a store, or sums."""

    @property
    def parser(self) -> Parser:
        """Return the parser that fills its batches."""
        ...

    def batch_for(self, layout: Layout) -> Batch:
        """Return a batch with room for rows of a layout."""
        ...

    def put_query(self, values: Mapping[str, Value]) -> None:
        """Take a query of a resolver."""
        ...

    def put_queries(self, frame: Frame) -> None:
        """Take queries of a resolver, many at once."""
        ...

    def write(self, table: Table) -> None:
        """Take what a table's batch holds, and begin a new one."""
        ...


class NotALog(Exception):  # noqa: N818  (what the file is, for who reads it)
    """A file of which no line is a record, a header or a query."""


@dataclass(slots=True)
class Counts:
    """What a file gave so far."""

    lines: int = 0
    records: int = 0
    quiet: int = 0
    aside: Counter[str] = field(default_factory=Counter)
    format: str = ""


class TextReader:
    """Reads one file's text, piece by piece; problems go to `tell`."""

    def __init__(
        self, taker: Taker, tell: Tell, *, layout: Layout | None = None, fallback: int = -1
    ) -> None:
        self.counts = Counts()
        self._taker = taker
        self._tell = tell
        self._asked = layout
        self._layout: Layout | None = None
        self._targets: tuple[Target, ...] = ()
        self._batch: Batch | None = None
        self._header = b""
        self._formats: dict[bytes, Layout | None] = {}
        self._changes = 0
        self.fallback = fallback
        self._hours = lines.new_hours()
        self._known = False
        self._json = False
        self._rest = b""
        self._skipping = False
        self._stopped: Reason | None = None

    def turn(self, taker: Taker, tell: Tell) -> int:
        """Let another take what comes from here on; return the lines so far, and count on."""
        self._taker, self._tell, self._batch = taker, tell, None
        lines = self.counts.lines
        self.counts = Counts(lines, format=self.counts.format)
        return lines

    def feed(self, piece: bytes) -> None:
        """Read a piece of text."""
        data = self._rest + piece if self._rest else piece
        if self._skipping:
            end = data.find(b"\n") + 1
            if not end:
                self._rest = b""
                return
            data, self._skipping = data[end:], False
        end = data.rfind(b"\n") + 1
        self._rest = data[end:]
        if end:
            self._read(data, end)
        if len(self._rest) > self._longest:
            self._read_long()

    def close(self, *, cut: bool = False) -> Counts:
        """End the file; `cut` says that its last line may have been longer. Raises NotALog."""
        rest, self._rest = self._rest, b""
        if rest and cut:
            self._problem(Reason.CUT, rest)
            self.counts.lines += 1
        elif rest:
            self._read(rest + b"\n", len(rest) + 1)
        if self.counts.lines and not self._known:
            raise NotALog
        return self.counts

    def stop(self, reason: Reason) -> None:
        """Take no more rows: what comes is set aside for a reason."""
        self._stopped = reason

    @property
    def _longest(self) -> int:
        return queries.LONGEST if self._json or not self._known else lines.LONGEST

    def _read_long(self) -> None:
        """Set a line aside whose end has not come within its bound."""
        self._problem(Reason.LONG, self._rest)
        self.counts.lines += 1
        self._rest, self._skipping = b"", True

    def _read(self, data: bytes, end: int) -> None:
        """Read whole lines."""
        position = 0
        if not self._known:
            position = self._begin(data, end)
        if self._stopped is not None:
            self._set_aside(data, position, end, self._stopped)
        elif self._json:
            self._read_queries(data, position, end)
        else:
            self._read_records(data, position, end)

    def _begin(self, data: bytes, end: int) -> int:
        """Find out what the file is; return where its first line begins. Raises NotALog."""
        found: Recognised = recognise(data[:end], self._asked)
        if found.layout is None and not found.queries:
            raise NotALog
        self._known, self._json = True, found.queries
        self.counts.format = "resolver queries" if found.queries else found.why
        if found.layout is not None:
            self._layout = found.layout
        self._set_aside(data, found.skipped, found.begin, Reason.NO_HEADER)
        return found.begin

    def _read_queries(self, data: bytes, position: int, end: int) -> None:
        text = data[position:end]
        frame, others = frame_of(text, self._taker.parser.scan)
        if frame is not None:
            self._taker.put_queries(frame)
            self.counts.records += frame.rows
        problems = []
        for number, line in others:
            if not line.strip():
                continue
            values = queries.read_query(line)
            if isinstance(values, Reason):
                problems.append(Problem(self.counts.lines + number + 1, values, line))
            else:
                self._taker.put_query(values)
                self.counts.records += 1
        self.counts.lines += text.count(b"\n")
        self._report(problems)

    def _read_records(self, data: bytes, position: int, end: int) -> None:
        sure = False
        while position < end:
            batch, layout = self._ready()
            before = batch.rows
            found: list[tuple[int, int, int, int]] = []
            why, position, rows, count = self._taker.parser.parse(
                data,
                (position, end),
                self._targets,
                batch.fixed,
                (before, batch.capacity),
                File(self._hours, self.fallback, self._header),
                found,
                sure=sure,
            )
            self._account(batch, layout, before, rows)
            first = self.counts.lines + 1
            self._report([Problem(first + n, Reason(r), data[a:b]) for n, a, b, r in found])
            self.counts.lines += count
            sure = False
            if why == lines.FULL:
                self._write(layout)
            elif why == lines.HEADER:
                stop = data.index(b"\n", position)
                sure = not self._change(data[position:stop])
                if self._stopped is not None:
                    self._set_aside(data, position, end, self._stopped)
                    return
            if batch.is_full:
                self._write(layout)

    def _ready(self) -> tuple[Batch, Layout]:
        """Return a batch that takes rows of the layout, with targets in it."""
        layout = self._layout or DEFAULT
        batch = self._taker.batch_for(layout)
        if batch is not self._batch:
            self._targets = batch.targets(layout)
            self._batch = batch
        return batch, layout

    def _write(self, layout: Layout) -> None:
        self._taker.write(layout.table)
        self._batch = None

    def _account(self, batch: Batch, layout: Layout, before: int, after: int) -> None:
        """Count new rows, and leave no old values in columns that they do not have."""
        batch.blank(layout, before, after)
        batch.rows = after
        quiet = int((batch.fixed.status[before:after] != 0).sum())
        self.counts.quiet += quiet
        self.counts.records += after - before - quiet

    def _change(self, line: bytes) -> bool:
        """Take a line that begins like a header for the new header; return whether it is one."""
        line = line.removesuffix(b"\r")
        if line not in self._formats:
            if len(self._formats) > MOST_FORMATS:
                self._formats.clear()
            self._formats[line] = of_header(line)
        layout = self._formats[line]
        if layout is None:
            return False
        self._changes += 1
        if self._changes > MOST_FORMATS:
            self.stop(Reason.HEADERS)
            return True
        self._layout, self._header, self._batch = layout, line, None
        return True

    def _set_aside(self, data: bytes, position: int, end: int, reason: Reason) -> None:
        """Set whole lines aside."""
        problems: list[Problem] = []
        for line in data[position:end].split(b"\n")[:-1]:
            self.counts.lines += 1
            if line.strip():
                problems.append(Problem(self.counts.lines, reason, line))
            if len(problems) >= lines.MOST_PROBLEMS:
                self._report(problems)
                problems = []
        self._report(problems)

    def _problem(self, reason: Reason, text: bytes) -> None:
        self._report([Problem(self.counts.lines + 1, reason, text)])

    def _report(self, problems: list[Problem]) -> None:
        if problems:
            self.counts.aside.update(each.reason.name.lower() for each in problems)
            self._tell(problems)
