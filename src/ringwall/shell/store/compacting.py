"""Small parts of an hour → few large ones, sorted as one; and parts of old hours → gone.

Rules:
- A part of `LARGE` rows stays as it is. What is merged into one part has `MOST_ROWS` rows and takes
  `BUDGET` bytes in memory at most, so that the work is bounded whatever an hour holds.
- The new part comes and the old ones go in one change of the manifest.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any, Final

import numpy as np

from ringwall.shell.store.arrow import ROWS, PartWriter, pyarrow
from ringwall.shell.store.manifest import Part
from ringwall.shell.store.store import Store, complaints
from ringwall.traffic.batches import MOST_ROWS, Array
from ringwall.traffic.tables import TABLES

LARGE: Final = MOST_ROWS // 2  # rows
BUDGET: Final = 128 << 20  # bytes of what is merged, as arrays
EMPTY: Final = 180  # bytes that a column without values takes in a row group
_KEYS: Final = ("srcaddr_low", "srcaddr_high", "family")  # the last one counts first
_WIDTHS: Final = {"INT32": 4, "INT64": 8, "BYTE_ARRAY": 4}

File = Any  # a pyarrow.parquet.ParquetFile


def compact(store: Store) -> tuple[int, int]:
    """Merge the small parts of every hour; return how many went, and how many came."""
    gone = came = 0
    for _, of_hour in groupby(store.manifest.parts(), key=lambda part: (part.of, part.hour)):
        small = sorted((part for part in of_hour if part.rows < LARGE), key=lambda part: part.rows)
        for group in _groups(store, small) if len(small) > 1 else ():
            store.commit([_merge(store, group)], gone=group)
            gone, came = gone + len(group), came + 1
    return gone, came


def keep(store: Store, since: int) -> tuple[int, int]:
    """Remove the parts of hours that ended at a time or before; return parts and rows."""
    old = store.manifest.before(since // 3600)
    for begin in range(0, len(old), 1000):
        store.commit([], gone=old[begin : begin + 1000])
    return len(old), sum(part.rows for part in old)


def _groups(store: Store, parts: Iterable[Part]) -> Iterator[list[Part]]:
    """Yield parts that are merged into one."""
    group: list[Part] = []
    rows = size = 0
    for part in parts:
        needs = _needs(_opened(store, part))
        if group and (rows + part.rows > MOST_ROWS or size + needs > BUDGET):
            if len(group) > 1:
                yield group
            group, rows, size = [], 0, 0
        group.append(part)
        rows, size = rows + part.rows, size + needs
    if len(group) > 1:
        yield group


def _opened(store: Store, part: Part) -> File:
    with complaints(store.folder):
        return pyarrow().parquet.ParquetFile(store.place(part))


def _needs(file: File) -> int:
    """Return the bytes that a file takes in memory: columns without values take none."""
    needs = 0
    for number in range(file.metadata.num_row_groups):
        group = file.metadata.row_group(number)
        for place in range(group.num_columns):
            column = group.column(place)
            if column.total_uncompressed_size > EMPTY:
                needs += group.num_rows * _WIDTHS[column.physical_type]
                if column.physical_type == "BYTE_ARRAY":
                    needs += column.total_uncompressed_size
    return needs


def _merge(store: Store, parts: list[Part]) -> Part:
    """Write the rows of parts to a new staged part, sorted by source, else as they were."""
    pa = pyarrow()
    table = TABLES[parts[0].of]
    files = [_opened(store, part) for part in parts]
    with complaints(store.folder):
        columns = {column.name: _column(files, column.name) for column in table.columns}
        columns = {name: array for name, array in columns.items() if array.null_count < len(array)}
        order = _order(columns, sum(part.rows for part in parts))
        name = store.new_name()
        writer = PartWriter(store.staged(name), table, columns)
        for begin in range(0, len(order), ROWS):
            rows = pa.array(order[begin : begin + ROWS])
            writer.write({name: array.take(rows) for name, array in columns.items()}, len(rows))
        writer.close()
        size = store.staged(name).stat().st_size
    return Part(name, table.name, parts[0].hour, len(order), size)


def _column(files: list[File], name: str) -> Any:  # noqa: ANN401  (an Arrow array)
    """Return a column of all files, as one array."""
    read = [file.read([name], use_threads=False) for file in files]
    return pyarrow().concat_tables(read).unify_dictionaries()[name].combine_chunks()


def _order(columns: dict[str, Any], rows: int) -> Array:
    """Return the rows by source; those without one are among those of address 0."""
    keys = [columns[name].fill_null(0).to_numpy() for name in _KEYS if name in columns]
    return np.lexsort(keys) if keys else np.arange(rows)
