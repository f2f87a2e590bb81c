"""Spark answers every detection as DuckDB does, row by row."""

import json
import shutil
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from sqlglot import exp

from ringwall.detections import registry
from ringwall.detections.coverage import HOURS, INTERFACES, LOST, TOTALS
from ringwall.detections.detection import Detection, Row, Setting
from ringwall.errors import MissingExtra
from ringwall.shell.engines.duck import Duck
from ringwall.shell.engines.engine import Scope
from ringwall.shell.engines.opening import open_engine
from ringwall.shell.engines.queries import detection_query
from ringwall.shell.engines.store import Store
from ringwall.traffic import overview
from ringwall.traffic.questions import DEALINGS, LOOKUPS, STORY, top
from tests.detections.stores import store_of

HAS_SPARK = find_spec("pyspark") is not None and shutil.which("java") is not None
needs_spark = pytest.mark.skipif(
    not HAS_SPARK, reason="NOT RUN ON SPARK: pyspark or java is missing (pip install pyspark)"
)
TEXTS = [text for each in registry().values() for text in (*each.hits, *each.misses)]


def both(folder: Path, query: exp.Query) -> tuple[list[Row], list[Row]]:
    """Return the rows of both engines over a store."""
    engines = Duck(Store.at(folder), Scope()), open_engine("spark", folder, Scope())
    try:
        duck, spark = (engine.rows(query) for engine in engines)
        return duck, spark
    finally:
        for engine in engines:
            engine.close()


@pytest.fixture(scope="module")
def session() -> Iterator[None]:
    """One session for all of these tests: the engine takes the one that is active."""
    sql = pytest.importorskip("pyspark.sql")
    builder = sql.SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    builder = builder.config("spark.driver.bindAddress", "127.0.0.1")
    builder = builder.config("spark.sql.shuffle.partitions", "2")
    made = builder.config("spark.driver.host", "127.0.0.1").getOrCreate()
    made.sparkContext.setLogLevel("ERROR")
    yield
    made.stop()


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One store of all examples together."""
    return store_of(tmp_path_factory.mktemp("store"), *TEXTS)


@needs_spark
@pytest.mark.parametrize("detection", registry().values(), ids=lambda d: d.id)
def test_the_rows_are_the_same(detection: Detection, session: None, tmp_path: Path):
    query = detection_query(detection.sql, detection.settings({}))
    duck, spark = both(store_of(tmp_path, detection.hits[0]), query)
    assert duck
    assert spark == duck


@needs_spark
@pytest.mark.parametrize("sql", [*TOTALS.values(), *HOURS.values(), LOST, INTERFACES])
def test_the_coverage_is_the_same(sql: str, session: None, everything: Path):
    duck, spark = both(everything, detection_query(sql, {}))
    assert duck
    assert spark == duck


QUESTIONS = {
    "dealings": DEALINGS,
    "story": STORY,
    "lookups": LOOKUPS,
    "top pair": top("pair", "bytes"),
    "top port": top("port", "records"),
}


@needs_spark
@pytest.mark.parametrize("name", QUESTIONS)
def test_questions_are_answered_the_same(name: str, session: None, everything: Path):
    given: dict[str, Setting] = {"who": ("10.0.1.5/32", "fd00::5/128"), "limit": 30, "bin": 3600}
    query = detection_query(QUESTIONS[name], given | {"other": ("0.0.0.0/0", "::/0")})
    duck, spark = both(everything, query)
    assert len(duck) > 2
    assert spark == duck


@needs_spark
@pytest.mark.parametrize("name", ["talkers", "rejected", "destinations", "ports", "domains"])
def test_lists_of_a_report_are_the_same(name: str, session: None, everything: Path):
    duck, spark = both(everything, detection_query(getattr(overview, name.upper()), {}))
    assert len(duck) > 2
    assert spark == duck


@needs_spark
@pytest.mark.parametrize("table", overview.COLUMNS)
def test_columns_of_a_report_are_the_same(table: str, session: None, everything: Path):
    for sql in (overview.EXTENTS[table], overview.COLUMNS[table]):
        duck, spark = both(everything, detection_query(sql, {"step": 3600}))
        assert duck
        assert spark == duck


@needs_spark
def test_without_a_session_it_starts_one_and_ends_it(everything: Path):
    """Run by itself, for a session that is active is taken, and left alone."""
    program = (
        "import sys; from ringwall.cli.main import run; "
        "sys.exit(run(['traffic', 'detect', '--engine', 'spark', '--store', sys.argv[1], "
        "'--only', 'vertical-scan', '--json']))"
    )
    words = [sys.executable, "-c", program, str(everything)]
    done = subprocess.run(words, capture_output=True, check=True, text=True)
    told = json.loads(done.stdout)
    assert told["engine"] == "spark"
    assert {each["detection"] for each in told["findings"]} == {"RW505"}


@pytest.mark.skipif(find_spec("pyspark") is not None, reason="pyspark is there")
def test_without_pyspark_it_says_what_is_missing(tmp_path: Path):
    with pytest.raises(MissingExtra, match="PySpark is not installed"):
        open_engine("spark", store_of(tmp_path, TEXTS[0]), Scope())
