"""Rows of examples → a store on disk, by the layout that traffic/tables.py states."""

import os
import shutil
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from ringwall.detections.example import example
from ringwall.traffic.tables import TABLES, Table, Type

_TYPES = {
    Type.INT32: pa.int32(),
    Type.INT64: pa.int64(),
    Type.STRING: pa.dictionary(pa.int32(), pa.string()),
}


def schema(table: Table) -> pa.Schema:
    return pa.schema([(column.name, _TYPES[column.type]) for column in table.columns])


def write_store(
    folder: Path, rows: Mapping[str, Sequence[Mapping[str, Any]]], name: str = "a"
) -> Path:
    for table_name, found in rows.items():
        table = TABLES[table_name]
        (folder / table_name).mkdir(parents=True, exist_ok=True)
        hours = defaultdict(list)
        for row in found:
            hours[int(row[table.time]) // 3600].append(row)
        for hour, inside in hours.items():
            when = datetime.fromtimestamp(hour * 3600, UTC)
            place = folder / table_name / f"day={when:%Y-%m-%d}" / f"hour={when:%H}"
            place.mkdir(parents=True, exist_ok=True)
            inside.sort(key=lambda r: (r.get("family") or 0, r.get("srcaddr_low") or 0))
            pq.write_table(pa.Table.from_pylist(inside, schema(table)), place / f"{name}.parquet")
    return folder


def store_of(folder: Path, *texts: str) -> Path:
    """Write the traffic of examples, all together."""
    return write_store(folder, example("\n".join(texts)))


def with_more(store: Path, folder: Path, *texts: str) -> Path:
    """Write a store that holds another one and the traffic of examples."""
    shutil.copytree(store, folder, copy_function=os.link)
    return write_store(folder, example("\n".join(texts)), "b")
