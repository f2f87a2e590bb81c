"""Athena (Trino): a detection as one statement, and the tables it reads, as text.

Nothing here calls AWS: a statement is run by who has the store in S3, in the same layout.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from sqlglot import exp

from ringwall.detections.detection import Detection, Setting
from ringwall.shell.engines.engine import Scope, with_relations
from ringwall.shell.engines.queries import detection_query, relations_of, rendered
from ringwall.shell.engines.store import FOREVER, Extent
from ringwall.traffic.tables import TABLES, Table, Type

DIALECT = "athena"
_TYPES = {Type.INT32: "int", Type.INT64: "bigint", Type.STRING: "string"}


def statement(detection: Detection, given: Mapping[str, Setting], scope: Scope) -> str:
    """Return a detection as one statement, whose stored tables are read for the days alone."""
    query = detection_query(detection.sql, detection.settings(given))
    whole = with_relations(query, relations_of(query), scope)
    return rendered(pruned(whole, scope.extent), DIALECT, pretty=True)


def pruned(query: exp.Query, extent: Extent) -> exp.Query:
    """Return a query that reads the days of an extent alone, of tables by day and hour."""
    ends: list[exp.Expr] = []
    if extent.since > 0:
        ends.append(exp.column("day") >= _day(extent.since))
    if extent.until < FOREVER:
        ends.append(exp.column("day") <= _day(extent.until - 1))
    copy = query.copy()
    for table in list(copy.find_all(exp.Table)):
        select = table.find_ancestor(exp.Select)
        if table.name.startswith("stored_") and isinstance(select, exp.Select) and ends:
            select.where(*(end.copy() for end in ends), copy=False)
    return copy


def _day(second: int) -> str:
    return f"{datetime.fromtimestamp(second, UTC):%Y-%m-%d}"


def definitions(location: str) -> Iterator[str]:
    """Yield the statements that make a store in S3 known, by day and hour without a crawler."""
    for table in TABLES.values():
        yield _definition(table, f"{location.rstrip('/')}/{table.name}")


def _definition(table: Table, place: str) -> str:
    columns = ",\n".join(f"  `{c.name}` {_TYPES[c.type]}" for c in table.columns)
    template = f"{place}/day=${{day}}/hour=${{hour}}"
    return f"""CREATE EXTERNAL TABLE stored_{table.name} (
{columns}
)
PARTITIONED BY (`day` string, `hour` string)
STORED AS PARQUET
LOCATION '{place}'
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.day.type' = 'date',
  'projection.day.format' = 'yyyy-MM-dd',
  'projection.day.range' = '2020-01-01,NOW',
  'projection.hour.type' = 'integer',
  'projection.hour.range' = '0,23',
  'projection.hour.digits' = '2',
  'storage.location.template' = '{template}'
)"""
