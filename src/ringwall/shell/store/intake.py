"""Rows of many files → parts of a store: batches are written when they are full.

Rules:
- A file belongs to the store when all its rows do: parts stay staged until the file that fills them
  is at its end. So a crash leaves a file read whole, or not at all.
- A commit brings the rows of `MOST_ROWS` records, or of a file that has more.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from ringwall.shell.store.arrow import Columns, PartWriter, groups
from ringwall.shell.store.manifest import Part, Reading
from ringwall.shell.store.store import Store, complaints
from ringwall.traffic.batches import MOST_ROWS, Array, Batch
from ringwall.traffic.layouts import Layout
from ringwall.traffic.order import Slice, by_hour, in_order
from ringwall.traffic.parsers import Parser
from ringwall.traffic.queries import Value
from ringwall.traffic.tables import DNS_TABLE, QUIET_TABLE, Table

_INTERFACES: Final = ("interface_id", "tgw_attachment_id")
MOST_PENDING = 2000  # files read whose rows are not committed


@dataclass(slots=True)
class Written:
    """What a run has brought into the store."""

    parts: int = 0
    size: int = 0


class Intake:
    """Takes rows, and writes them to a store."""

    def __init__(self, store: Store, parser: Parser) -> None:
        self.store = store
        self.parser = parser
        self.written = Written()
        self._batches: dict[str, Batch] = {}
        self._staged: list[Part] = []
        self._read: list[Reading] = []
        self._digests: set[bytes] = set()
        self._rows = 0

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

    def has_digest(self, digest: bytes) -> bool:
        """Tell whether a file of this content is read and not committed yet."""
        return digest in self._digests

    def end_of(self, reading: Reading) -> None:
        """Note that a file is at its end, and commit if there is enough of it."""
        self._read.append(reading)
        self._digests.add(reading.digest)
        pending = self._rows + sum(batch.rows for batch in self._batches.values())
        if pending >= MOST_ROWS or len(self._read) >= MOST_PENDING:
            self.commit()

    def commit(self) -> None:
        """Write what is there, and bring it into the store with the files it is from."""
        for batch in list(self._batches.values()):
            self.write(batch.table)
        if self._staged or self._read:
            self.store.commit(self._staged, self._read)
        self.written.parts += len(self._staged)
        self.written.size += sum(part.size for part in self._staged)
        self._staged, self._read, self._digests, self._rows = [], [], set(), 0

    def _batch(self, table: Table) -> Batch:
        if table.name not in self._batches:
            self._batches[table.name] = Batch(table, self.parser)
        return self._batches[table.name]

    def write(self, table: Table) -> None:
        """Write a table's batch to staged parts, and begin a new one."""
        batch = self._batches.pop(table.name, None)
        if batch is None or not batch.rows:
            return
        self._rows += batch.rows
        status = batch.fixed.status[: batch.rows]
        columns = Columns(batch)
        heard = np.flatnonzero(status == 0) if status.any() else np.arange(batch.rows)
        self._write(in_order(batch, heard), columns, table)
        if len(heard) < batch.rows:
            silent = np.flatnonzero(status)
            self._write(by_hour(batch.fixed.start, silent), quiet_columns(batch), QUIET_TABLE)

    def _write(self, slices: Iterable[Slice], columns: Columns, table: Table) -> None:
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
                self._staged.append(Part(name, table.name, each.hour, len(each.rows), size))


def quiet_columns(batch: Batch) -> Columns:
    """Return a batch's columns under the names of the table `quiet`."""
    from ringwall.traffic.lines import STATUSES  # noqa: PLC0415

    status: Array = batch.fixed.status.astype(np.int32)
    names = batch.parser.dictionary()
    for text in STATUSES:
        names.code(text)
    seen = Batch(QUIET_TABLE, batch.parser, batch.rows, capacity=batch.capacity)
    seen.use(batch, {"log_status": (status, names)}, _INTERFACES)
    return Columns(seen)
