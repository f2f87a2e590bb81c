"""Rows of many files → parts of a store: batches are written when they are full.

Rules:
- A file belongs to the store when all its rows do: parts stay staged until the file that fills them
  is at its end. So a crash leaves a file read whole, or not at all.
- A commit brings the rows of a batch, or of a file that has more. It comes when the next one is
  due, so that there is time to write.
"""

from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from ringwall.shell.store.arrow import Columns, PartWriter, groups
from ringwall.shell.store.manifest import Part, Reading
from ringwall.shell.store.store import Store, complaints
from ringwall.traffic.batches import MOST_ROWS, Array, Batch, Frame
from ringwall.traffic.layouts import Layout
from ringwall.traffic.lines import STATUSES
from ringwall.traffic.order import Slice, by_hour, in_order
from ringwall.traffic.parsers import Parser
from ringwall.traffic.queries import Value
from ringwall.traffic.tables import DNS_TABLE, QUIET_TABLE, Table

_INTERFACES: Final = ("interface_id", "tgw_attachment_id")
MOST_WRITING: Final = 1.5  # full batches that wait to be written, or are
FULL_ENOUGH: Final = 0.85  # of a batch, at the end of a file: the next would hardly fit
MOST_PENDING = 2000  # files read whose rows are not committed


@dataclass(slots=True)
class Written:
    """What a run has brought into the store."""

    parts: int = 0
    size: int = 0


@dataclass(slots=True)
class Round:
    """What is committed together: parts, the files they are from, and what is being written."""

    staged: list[Part] = field(default_factory=list)
    read: list[Reading] = field(default_factory=list)
    digests: set[bytes] = field(default_factory=set)
    writing: list[Future[None]] = field(default_factory=list)
    rows: int = 0


class Intake:
    """Takes rows, and writes them to a store, in a thread of its own while more are taken."""

    def __init__(self, store: Store, parser: Parser) -> None:
        self.store = store
        self.parser = parser
        self.written = Written()
        self._batches: dict[str, Batch] = {}
        self._round = Round()
        self._before = Round()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="ringwall-write")
        self._busy: deque[tuple[Future[None], float]] = deque()

    def batch_for(self, layout: Layout) -> Batch:
        """Return a batch with room for rows of a layout; writes the one before if need be."""
        batch = self._batch(layout.table)
        if batch.is_full or not batch.takes(layout):
            self.write(layout.table)
            batch = self._batch(layout.table)
            batch.takes(layout)
        return batch

    def put_query(self, values: Mapping[str, Value]) -> None:
        """Take a row of the table `dns`."""
        batch = self._batch(DNS_TABLE)
        batch.put(values)
        if batch.is_full:
            self.write(DNS_TABLE)

    def put_queries(self, frame: Frame) -> None:
        """Take rows of the table `dns`."""
        begin = 0
        while begin < frame.rows:
            batch = self._batch(DNS_TABLE)
            end = min(frame.rows, begin + batch.capacity - batch.rows)
            batch.put_rows(frame, begin, end)
            begin = end
            if batch.is_full:
                self.write(DNS_TABLE)

    def has_digest(self, digest: bytes) -> bool:
        """Tell whether a file of this content is read and not committed yet."""
        return digest in self._round.digests or digest in self._before.digests

    def earlier(self, name: str) -> list[Reading]:
        """Return what was read of a file and is not committed yet."""
        return [each for each in (*self._before.read, *self._round.read) if each.name == name]

    def end_of(self, reading: Reading) -> None:
        """Note that a file is at its end, and commit if there is enough of it."""
        self._round.read.append(reading)
        self._round.digests.add(reading.digest)
        filled = sum(batch.rows / batch.capacity for batch in self._batches.values())
        spilt = self._round.rows >= MOST_ROWS
        if filled >= FULL_ENOUGH or spilt or len(self._round.read) >= MOST_PENDING:
            self._turn()

    def end(self) -> None:
        """Write and commit all that is there."""
        self._turn()
        self._commit()
        self._pool.shutdown()

    def abandon(self) -> None:
        """Let go of what is not committed."""
        self._pool.shutdown(cancel_futures=True)

    def write(self, table: Table) -> None:
        """Have a table's batch written to staged parts, and begin a new one."""
        batch = self._batches.pop(table.name, None)
        if batch is None or not batch.rows:
            return
        weight = batch.rows / batch.capacity
        while self._busy and sum(each for _, each in self._busy) + weight > MOST_WRITING:
            self._busy.popleft()[0].result()
        self._round.rows += batch.rows
        future = self._pool.submit(self._write, batch, self._round)
        self._round.writing.append(future)
        self._busy.append((future, weight))

    def _turn(self) -> None:
        """Have all of this round written, commit the one before, and begin a new one."""
        for batch in list(self._batches.values()):
            self.write(batch.table)
        self._commit()
        self._before, self._round = self._round, Round()

    def _commit(self) -> None:
        """Bring the round before into the store, with the files it is from."""
        done = self._before
        for future in done.writing:
            future.result()
        if done.staged or done.read:
            self.store.commit(done.staged, done.read)
        self.written.parts += len(done.staged)
        self.written.size += sum(part.size for part in done.staged)
        self._before = Round()

    def _batch(self, table: Table) -> Batch:
        if table.name not in self._batches:
            self._batches[table.name] = Batch(table, self.parser)
        return self._batches[table.name]

    def _write(self, batch: Batch, to: Round) -> None:
        """Write a batch, and its quiet windows to their own table."""
        status = batch.fixed.status[: batch.rows]
        heard = np.flatnonzero(status == 0) if status.any() else np.arange(batch.rows)
        to.staged += self._parts(in_order(batch, heard), Columns(batch), batch.table)
        if len(heard) < batch.rows:
            slices = by_hour(batch.fixed.start, np.flatnonzero(status))
            to.staged += self._parts(slices, quiet_columns(batch), QUIET_TABLE)

    def _parts(self, slices: Iterable[Slice], columns: Columns, table: Table) -> Iterator[Part]:
        names = columns.there(table)
        with complaints(self.store.folder):
            for each in slices:
                name = self.store.new_name()
                path = self.store.staged(name)
                writer = PartWriter(path, table, names)
                for rows in groups(each.rows):
                    writer.write(columns.take(rows, names), len(rows))
                writer.close()
                size = path.stat().st_size
                yield Part(name, table.name, each.hour, len(each.rows), size)


class Rehearsal:
    """Takes rows like an intake, and lets go of them: they were taken before."""

    def __init__(self, parser: Parser) -> None:
        self.parser = parser
        self._batch: Batch | None = None

    def batch_for(self, layout: Layout) -> Batch:
        """Return a batch for rows of a layout."""
        batch = self._batch
        if batch is None or batch.table is not layout.table or not batch.takes(layout):
            batch = self._batch = Batch(layout.table, self.parser)
            batch.takes(layout)
        return batch

    def put_query(self, values: Mapping[str, Value]) -> None:
        """Take no row."""

    def put_queries(self, frame: Frame) -> None:
        """Take no rows."""

    def write(self, table: Table) -> None:
        """Begin a new batch."""
        del table
        self._batch = None


def quiet_columns(batch: Batch) -> Columns:
    """Return a batch's columns under the names of the table `quiet`."""
    status: Array = batch.fixed.status.astype(np.int32)
    names = batch.parser.dictionary()
    for text in STATUSES:
        names.code(text)
    seen = Batch(QUIET_TABLE, batch.parser, batch.rows, capacity=batch.capacity)
    seen.use(batch, {"log_status": (status, names)}, _INTERFACES)
    return Columns(seen)
