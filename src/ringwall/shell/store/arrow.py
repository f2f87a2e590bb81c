"""The rows of a batch → Parquet files, with an encoding for each column."""

from collections.abc import Container, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np

from ringwall.errors import MissingExtra
from ringwall.traffic.batches import Array, Batch
from ringwall.traffic.tables import Column, Table, Type

ROWS: Final = 1 << 17  # of a row group: what a look-up of one source reads

# Integers are kept as differences in as few bits as they need; a codec after that finds nothing.
# Client ports have no small differences.
_PLAIN: Final = frozenset({"srcport", "dstport"})
_LEVEL: Final = 1
# Least and greatest of a row group help who looks for a source or a time, or adds up; elsewhere
# they cost a fifth of writing, and tell nothing.
_STATED: Final = ("family", "srcaddr_high", "srcaddr_low", "start", "time", "packets", "bytes")
# Without statistics, who looks for an address reads all of these even where no log has them.
_SOUGHT: Final = ("pkt_srcaddr_high", "pkt_srcaddr_low", "pkt_dstaddr_high", "pkt_dstaddr_low")
_AT_ONCE: Final = 1 << 16  # values that Arrow encodes in a step; its own 1,024 cost twice the time


Arrow: TypeAlias = Any  # of pyarrow, which has no types of its own


def pyarrow() -> Arrow:
    """Return pyarrow with its Parquet part; raises MissingExtra."""
    try:
        import pyarrow  # noqa: PLC0415  (it may be missing)
        import pyarrow.parquet  # noqa: PLC0415  (it may be missing)
    except ImportError:
        part = "pyarrow, which reads and writes Parquet,"
        raise MissingExtra(part, "traffic") from None
    return pyarrow


def schema_of(table: Table) -> Arrow:
    """Return the Arrow schema of a table."""
    pa = pyarrow()
    return pa.schema([(column.name, _type(column)) for column in table.columns])


def _type(column: Column) -> Arrow:
    pa = pyarrow()
    if column.type is Type.STRING:
        return pa.dictionary(pa.int32(), pa.string())
    return pa.int32() if column.type is Type.INT32 else pa.int64()


class PartWriter:
    """Writes one Parquet file of a table."""

    def __init__(self, path: Path, table: Table, present: Container[str]) -> None:
        pa = pyarrow()
        texts = [column.name for column in table.columns if column.type is Type.STRING]
        numbers = [column.name for column in table.columns if column.type is not Type.STRING]
        stated = [name for name in _STATED if name in present]
        stated += [name for name in _SOUGHT if name in numbers and name not in present]
        codecs = {c.name: _codec(c) if c.name in present else "NONE" for c in table.columns}
        self._schema = schema_of(table)
        self._writer = pa.parquet.ParquetWriter(
            path,
            self._schema,
            use_dictionary=texts,
            column_encoding={name: _encoding(name) for name in numbers},
            compression=codecs,
            compression_level={name: _LEVEL for name in codecs if codecs[name] == "ZSTD"},
            data_page_version="1.0",
            write_statistics=stated,
            write_batch_size=_AT_ONCE,
        )

    def write(self, columns: Mapping[str, Any], rows: int) -> None:
        """Write one row group; columns that are missing have no value."""
        pa = pyarrow()
        arrays = [
            columns[item.name] if item.name in columns else pa.nulls(rows, item.type)
            for item in self._schema
        ]
        self._writer.write_table(pa.Table.from_arrays(arrays, schema=self._schema), rows)

    def close(self) -> None:
        """End the file."""
        self._writer.close()


def _encoding(name: str) -> str:
    return "PLAIN" if name in _PLAIN else "DELTA_BINARY_PACKED"


def _codec(column: Column) -> str:
    return "ZSTD" if column.type is Type.STRING else "NONE"


def groups(rows: Array) -> Iterator[Array]:
    """Yield the rows of each row group."""
    for begin in range(0, len(rows), ROWS):
        yield rows[begin : begin + ROWS]


class Columns:
    """The columns of a batch as Arrow arrays, for any choice of its rows."""

    def __init__(self, batch: Batch) -> None:
        self._batch = batch
        self._texts: dict[str, Any] = {}

    def there(self, table: Table) -> list[str]:
        """Return which columns of a table the batch has."""
        there = {*self._batch.arrays, "family", "seconds", "start", "time"}
        return [column.name for column in table.columns if column.name in there]

    def take(self, rows: Array, names: Iterable[str]) -> dict[str, Any]:
        """Return columns for these rows."""
        return {name: self._column(name, rows) for name in names}

    def _column(self, name: str, rows: Array) -> Arrow:
        batch, fixed = self._batch, self._batch.fixed
        if name in batch.texts:
            return self._text(name, batch.arrays[name].take(rows))
        if name in batch.given:
            given = batch.given[name].take(rows)
            return _numbers(batch.arrays[name].take(rows), None if given.all() else given == 0)
        if name in {"start", "time"}:
            return _numbers(fixed.start.take(rows), None)
        if name == "family":
            family = fixed.family.take(rows)
            return _numbers(family, None if family.all() else family == 0)
        return _sentinels((fixed.seconds if name == "seconds" else batch.arrays[name]).take(rows))

    def _text(self, name: str, codes: Array) -> Arrow:
        """Return codes as a dictionary of the texts that they name."""
        pa = pyarrow()
        if name not in self._texts:
            texts = self._batch.texts[name].texts()
            self._texts[name] = pa.array(texts, pa.binary()).cast(pa.string())
        texts = self._texts[name]
        nulls = codes < 0 if codes.min(initial=0) < 0 else None
        used = np.zeros(len(texts) + 1, bool)
        used[codes] = True  # -1 is the last
        places = np.flatnonzero(used[:-1])
        if len(places) < len(texts):
            ranks = np.zeros(len(texts) + 1, np.int32)
            ranks[places] = np.arange(len(places), dtype=np.int32)
            codes, texts = ranks.take(codes, mode="wrap"), texts.take(pa.array(places))
        return pa.DictionaryArray.from_arrays(pa.array(codes, pa.int32(), mask=nulls), texts)


def _numbers(array: Array, mask: Array | None) -> Arrow:
    return pyarrow().array(array, mask=mask)


def _sentinels(array: Array) -> Arrow:
    return _numbers(array, array < 0 if array.min(initial=0) < 0 else None)
