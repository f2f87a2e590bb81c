"""A person's query reads, or is refused; and the engine is shut to all but the store."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ringwall.errors import QuestionError, RingwallError
from ringwall.shell.engines.duck import Duck
from ringwall.shell.engines.engine import Scope
from ringwall.shell.engines.reading import limited, reading_query
from ringwall.shell.engines.store import Store
from tests.detections.stores import store_of

READS = [
    "SELECT 1 AS one",
    "SELECT * FROM flow",
    "FROM flow",
    "WITH x AS (SELECT 1 AS a) SELECT a FROM x",
    "SELECT bytes, COUNT(*) FROM stored_flow GROUP BY ALL ORDER BY ALL",
    "SELECT n FROM range(3) AS r(n)",
    "(SELECT 1 AS one)",
    "SELECT 1 AS a UNION SELECT 2 AS a",
    "SELECT n FROM range(9) AS r(n) UNION ALL SELECT 7 AS n ORDER BY n DESC",
    "SELECT * FROM (SELECT * FROM flow) AS inner_query",
    "SELECT MEDIAN(bytes) AS m FROM conversation AS c JOIN flow AS f ON c.first = f.first",
]
REFUSED = """
INSERT INTO flow VALUES (1)
CREATE TABLE x AS SELECT 1
CREATE TEMP VIEW x AS SELECT 1
DROP VIEW flow
ALTER TABLE flow RENAME TO x
COMMENT ON TABLE flow IS 'x'
UPDATE flow SET bytes = 1
DELETE FROM flow
TRUNCATE flow
MERGE INTO flow USING flow ON 1 = 1 WHEN MATCHED THEN DELETE
WITH x AS (DELETE FROM flow RETURNING *) SELECT * FROM x
SELECT * INTO x FROM flow
COPY flow TO '/tmp/x.csv'
EXPORT DATABASE 'x'
ATTACH 'x.db'
USE x
INSTALL httpfs
LOAD httpfs
PRAGMA database_list
SET memory_limit = '1GB'
RESET memory_limit
CALL foo()
BEGIN
CHECKPOINT
VACUUM
PREPARE x AS SELECT 1
EXECUTE x
SELECT 1; DROP VIEW flow
SELECT * FROM read_csv('/etc/passwd')
SELECT * FROM read_text('/etc/passwd')
SELECT * FROM parquet_scan('/etc/passwd')
SELECT * FROM sniff_csv('/etc/passwd')
SELECT * FROM '/etc/passwd'
SELECT * FROM "/etc/passwd"
SELECT * FROM glob('*')
SELECT * FROM query('DROP VIEW flow')
SELECT * FROM query_table('flow')
SELECT * FROM duckdb_secrets()
SELECT * FROM duckdb_settings()
SELECT * FROM information_schema.tables
SELECT * FROM sqlite_master
SELECT (SELECT content FROM read_text('/etc/passwd')) AS x
SELECT * FROM flow WHERE bytes IN (SELECT size FROM glob('*'))
SELECT * FROM flow, LATERAL (SELECT * FROM read_text('/etc/passwd')) AS x
"""


@pytest.fixture(scope="module")
def duck(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Duck]:
    folder = store_of(tmp_path_factory.mktemp("store"), "10.0.2.9 > 10.0.1.5:443 back=900")
    engine = Duck(Store.at(folder), Scope())
    yield engine
    engine.close()


@pytest.mark.parametrize("sql", READS)
def test_what_reads_is_answered(sql: str, duck: Duck):
    assert isinstance(duck.rows(reading_query(sql)), list)


@pytest.mark.parametrize("sql", READS)
def test_a_limit_leaves_the_order(sql: str, duck: Duck):
    whole, two = duck.rows(reading_query(sql)), duck.rows(limited(reading_query(sql), 2))
    assert len(two) == min(2, len(whole))
    if "ORDER BY" in sql:
        assert two == whole[:2]


@pytest.mark.parametrize("sql", REFUSED.strip().splitlines())
def test_what_does_anything_else_is_refused(sql: str):
    with pytest.raises(QuestionError):
        reading_query(sql)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT content FROM read_text('{file}')",
        "SELECT * FROM read_csv('{file}')",
        "SELECT * FROM glob('{file}')",
        "COPY (SELECT 1) TO '{file}'",
        "ATTACH '{file}'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "SET lock_configuration = false",
        "SET allowed_directories = ['/']",
        "SELECT getenv('HOME')",
    ],
)
def test_the_engine_itself_is_shut(sql: str, duck: Duck, tmp_path: Path):
    file = tmp_path / "secret.txt"
    file.write_text("a,b\n1,2\n")
    with pytest.raises(RingwallError):
        duck._run(sql.format(file=file))
    assert file.read_text() == "a,b\n1,2\n"
