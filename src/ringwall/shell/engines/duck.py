"""DuckDB, embedded: out of core within a memory limit, with no way to anything but the store.

Rules:
- Only files of the hours that are asked about are opened.
- Access outside of the store and the folder for spilling is off, and cannot be put on again.
- What is computed hour by hour takes a few hours at a time: groups of a whole day leave memory and
  come back, those of an hour do not. Each thread takes hours of its own: two that share some make
  every group twice.
- What is computed once is kept in a file in that folder, as it is: rows that leave memory are read
  again faster than from where DuckDB spills, and compressing them takes longer than it saves.
"""

import contextlib
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
from sqlglot import exp

from ringwall.detections.detection import Row
from ringwall.errors import OutsideError, QuestionError
from ringwall.shell.engines.engine import Scope, unordered
from ringwall.shell.engines.queries import relations_of, rendered
from ringwall.shell.engines.store import Store
from ringwall.traffic.columns import Columns
from ringwall.traffic.rollups import FACTS
from ringwall.traffic.tables import TABLES, Table, Type
from ringwall.traffic.view import RELATIONS, Relation

MEMORY = "1GB"
BATCH = 16 << 20  # bytes of files: a million records, whose groups take a third of the memory
_TYPES = {Type.INT32: "INTEGER", Type.INT64: "BIGINT", Type.STRING: "VARCHAR"}


class Duck:
    """An engine over a store; `memory` is DuckDB's limit, beyond which it spills."""

    name = "duckdb"
    dialect = "duckdb"

    def __init__(
        self, store: Store, scope: Scope, *, memory: str = MEMORY, threads: int = 0
    ) -> None:
        self.scope = scope
        self._store = store
        self._spill = tempfile.TemporaryDirectory(prefix="ringwall-duckdb-")
        self._made: set[str] = set()
        spill = self._spill.name
        config: dict[str, Any] = {
            "memory_limit": memory,
            "temp_directory": spill,
            "preserve_insertion_order": False,
            "autoinstall_known_extensions": False,
        }
        if threads:
            config["threads"] = threads
        try:
            self._connection = duckdb.connect(f"{spill}/kept.duckdb", config=config)
        except duckdb.Error as error:
            self._spill.cleanup()
            msg = f"DuckDB does not start: {_first_line(error)}"
            raise QuestionError(msg, hint="--memory is a size, as 512MB or 2GB") from error
        allowed = exp.Array(expressions=[exp.convert(str(store.folder)), exp.convert(spill)])
        self._run(f"SET allowed_directories = {allowed.sql(dialect='duckdb')}")
        self._run("SET force_compression = 'uncompressed'")
        self._run("PRAGMA disable_checkpoint_on_shutdown")
        self._run("SET checkpoint_threshold = '1TB'")
        self._run("SET enable_external_access = false")
        self._run("SET allowed_configs = ['threads']")
        self._run("SET lock_configuration = true")
        for table in TABLES.values():
            files = [str(path) for path in store.files(table.name, scope.extent)]
            self._run(f"CREATE VIEW stored_{table.name} AS {_stored(table, files)}")

    def rows(self, query: exp.Expr) -> list[Row]:
        """Return the rows of a query, as mappings from the names of columns."""
        self._make(query)
        cursor = self._run(rendered(query, self.dialect))
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def columns(self, query: exp.Expr) -> Columns:
        """Return the rows of a query as columns, in any order."""
        self._make(query)
        cursor = self._run(rendered(unordered(query), self.dialect))
        with _told():
            return Columns(cursor.fetchnumpy())

    def close(self) -> None:
        """End it, and remove what it spilled."""
        self._connection.close()
        self._spill.cleanup()

    def _make(self, query: exp.Expr) -> None:
        for name in relations_of(query):
            if name not in self._made:
                whole = self.scope.relation(name)
                if RELATIONS[name].is_kept:
                    self._keep(RELATIONS[name], whole)
                else:
                    self._run(f"CREATE VIEW {name} AS {rendered(whole, self.dialect)}")
                self._made.add(name)

    def _keep(self, relation: Relation, whole: exp.Query) -> None:
        """Compute a relation, all of it or nothing; columns that are one value are not stored."""
        name, without = relation.name, relation.without
        same = {each: value for each, (value, fact) in without.items() if fact not in self._facts}
        stored = [each for each in whole.named_selects if each not in same]
        shown = [f"{same.get(each, each)} AS {each}" for each in whole.named_selects]
        body = rendered(whole, self.dialect)
        body = f"SELECT {', '.join(stored)} FROM ({body})"  # noqa: S608  (rendered from a tree)
        try:
            if relation.is_hourly:
                self._keep_hourly(f"kept_{name}", body)
            else:
                self._run(f"CREATE TABLE kept_{name} AS {body}")
            view = f"SELECT {', '.join(shown)} FROM kept_{name}"  # noqa: S608  (names of ours)
            self._run(f"CREATE VIEW {name} AS {view}")
        except BaseException:
            self._run(f"DROP TABLE IF EXISTS kept_{name}")
            raise

    def _keep_hourly(self, name: str, body: str) -> None:
        """Compute what is kept from the records of a few hours at a time."""
        self._run(f"CREATE TABLE {name} AS {body} WHERE 1 = 0")
        flow = rendered(self.scope.relation("flow"), self.dialect)

        running: list[duckdb.DuckDBPyConnection] = []

        def add(files: list[Path]) -> None:
            stored = _stored(TABLES["flow"], [str(path) for path in files])
            with self._connection.cursor() as cursor, _told():
                running.append(cursor)
                cursor.execute(
                    f"INSERT INTO {name} WITH stored_flow AS ({stored}), flow AS ({flow}) {body}"
                )

        batches = list(self._store.batches("flow", self.scope.extent, BATCH))
        with self._alone(len(batches)) as threads, ThreadPoolExecutor(threads) as pool:
            try:
                for _ in pool.map(add, batches):
                    pass
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                for cursor in running:
                    with contextlib.suppress(duckdb.Error):  # it has ended
                        cursor.interrupt()
                raise

    @contextlib.contextmanager
    def _alone(self, queries: int) -> Iterator[int]:
        """Let each of so many queries have one thread, and tell how many run at a time.

        Fewer queries than threads have all of them, one after the other.
        """
        [(threads,)] = self._run("SELECT current_setting('threads')").fetchall()
        if queries < threads:
            yield 1
            return
        self._run("SET threads = 1")
        try:
            yield threads
        finally:
            self._run(f"SET threads = {threads}")

    @cached_property
    def _facts(self) -> frozenset[str]:
        """Return what the records have that many have not (rollups.FACTS)."""
        self._make(exp.select("first").from_("flow"))
        found = {
            fact
            for fact, condition in FACTS.items()
            if self._run(f"SELECT 1 FROM flow WHERE {condition} LIMIT 1").fetchall()  # noqa: S608  (constants)
        }
        return frozenset(found | self.scope.facts)

    def _run(self, sql: str) -> duckdb.DuckDBPyConnection:
        with _told():
            return self._connection.execute(sql)


@contextlib.contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except duckdb.OutOfMemoryException as error:
        msg = f"DuckDB ran out of memory: {_first_line(error)}"
        raise OutsideError(msg, hint="give it more (--memory 4GB), or a shorter time") from error
    except (duckdb.BinderException, duckdb.CatalogException, duckdb.PermissionException) as error:
        msg = f"the query is refused: {_first_line(error)}"
        raise QuestionError(msg) from error
    except duckdb.Error as error:
        msg = f"DuckDB failed: {_first_line(error)}"
        raise OutsideError(msg) from error


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0]


def _stored(table: Table, files: list[str]) -> str:
    """Return the SELECT of a table's columns from its files, or of no rows."""
    if not files:
        nothing = [f"CAST(NULL AS {_TYPES[c.type]}) AS {c.name}" for c in table.columns]
        return f"SELECT {', '.join(nothing)} WHERE 1 = 0"
    names = ", ".join(column.name for column in table.columns)
    paths = ", ".join(exp.Literal.string(path).sql(dialect="duckdb") for path in files)
    return f"SELECT {names} FROM read_parquet([{paths}], hive_partitioning = false)"  # noqa: S608  (names of ours, quoted paths)
