"""Spark, by PySpark: the same queries over the same files, on this machine or on a cluster.

Rules:
- The session is the one that is active (spark-submit, EMR, Glue), else a local one is started, and
  ended again. Where the master is, `SPARK_MASTER` or spark-defaults say, as for all of Spark.
- Whole numbers that Spark answers as decimals are whole numbers here.
"""

import os
from decimal import Decimal
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from ringwall.detections.detection import Row
from ringwall.errors import MissingExtra, OutsideError
from ringwall.shell.engines.engine import Scope, unordered
from ringwall.shell.engines.queries import relations_of, rendered
from ringwall.shell.engines.store import Store
from ringwall.traffic.columns import Columns
from ringwall.traffic.tables import TABLES, Table, Type
from ringwall.traffic.view import RELATIONS

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_TYPES = {Type.INT32: "INT", Type.INT64: "BIGINT", Type.STRING: "STRING"}


class Spark:
    """An engine over a store; `memory` is the driver's, where the session is started here."""

    name = "spark"
    dialect = "spark"

    def __init__(self, store: Store, scope: Scope, *, memory: str = "1GB") -> None:
        if find_spec("pyspark") is None:
            part = "PySpark"
            raise MissingExtra(part, "spark")
        self.scope = scope
        self._made: set[str] = set()
        self._session, self._is_ours = _session(memory)
        for table in TABLES.values():
            files = [f"file://{path}" for path in store.files(table.name, scope.extent)]
            fields = ", ".join(f"{c.name} {_TYPES[c.type]}" for c in table.columns)
            reader = self._session.read.schema(fields)
            frame = reader.parquet(*files) if files else self._session.createDataFrame([], fields)
            frame.select(*_names(table)).createOrReplaceTempView(f"stored_{table.name}")

    def rows(self, query: exp.Expr) -> list[Row]:
        """Return the rows of a query, as mappings from the names of columns."""
        for name in relations_of(query):
            if name not in self._made:
                frame = self._ask(self.scope.relation(name))
                if RELATIONS[name].is_kept:
                    frame = frame.persist()
                frame.createOrReplaceTempView(name)
                self._made.add(name)
        frame = self._ask(query)
        try:
            found = frame.collect()
        except Exception as error:
            raise _told(error) from error
        return [{name: _plain(value) for name, value in row.asDict().items()} for row in found]

    def columns(self, query: exp.Expr) -> Columns:
        """Return the rows of a query as columns, in any order."""
        return Columns.of(self.rows(unordered(query)))

    def close(self) -> None:
        """Forget what was kept, and end the session if it was started here."""
        self._session.catalog.clearCache()
        if self._is_ours:
            self._session.stop()

    def _ask(self, query: exp.Expr) -> Any:  # noqa: ANN401  (a DataFrame; PySpark may be missing)
        try:
            return self._session.sql(rendered(query, self.dialect))
        except Exception as error:
            raise _told(error) from error


def _session(memory: str) -> "tuple[SparkSession, bool]":
    """Return the active session, or a new one, and whether it is new."""
    from pyspark.sql import SparkSession  # noqa: PLC0415  (it may be missing)

    active = SparkSession.getActiveSession()
    if active is not None:
        return active, False
    builder = SparkSession.builder.appName("ringwall").config("spark.sql.ansi.enabled", "true")
    builder = builder.config("spark.sql.session.timeZone", "UTC")
    if not os.environ.get("SPARK_MASTER"):
        builder = builder.master("local[*]").config("spark.ui.enabled", "false")
        builder = builder.config("spark.driver.memory", memory.lower().removesuffix("b"))
        builder = builder.config("spark.sql.shuffle.partitions", "4")
        builder = builder.config("spark.driver.bindAddress", "127.0.0.1")
        builder = builder.config("spark.driver.host", "127.0.0.1")
    else:
        builder = builder.master(os.environ["SPARK_MASTER"])
    try:
        session = builder.getOrCreate()
    except Exception as error:
        raise _told(error) from error
    session.sparkContext.setLogLevel("ERROR")
    return session, True


def _names(table: Table) -> list[str]:
    return [column.name for column in table.columns]


def _plain(value: Any) -> Any:  # noqa: ANN401  (of a row)
    if isinstance(value, Decimal) and value == value.to_integral_value():
        return int(value)
    return value


def _told(error: Exception) -> OutsideError:
    first = (str(error).strip() or type(error).__name__).splitlines()[0]
    return OutsideError(f"Spark failed: {first}", hint="Spark needs Java 17 or newer")
