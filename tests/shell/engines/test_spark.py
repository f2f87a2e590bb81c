"""Spark answers every detection as DuckDB does, row by row."""

import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

from ringwall.detections import registry
from ringwall.detections.coverage import HOURS, INTERFACES, LOST, TOTALS
from ringwall.detections.detection import Detection
from ringwall.errors import MissingExtra
from ringwall.shell.engines.duck import Duck
from ringwall.shell.engines.engine import Engine, Scope
from ringwall.shell.engines.opening import open_engine
from ringwall.shell.engines.queries import detection_query
from ringwall.shell.engines.store import Store
from tests.detections.stores import store_of

HAS_SPARK = find_spec("pyspark") is not None and shutil.which("java") is not None
needs_spark = pytest.mark.skipif(
    not HAS_SPARK, reason="NOT RUN ON SPARK: pyspark or java is missing (pip install pyspark)"
)
TEXTS = [text for each in registry().values() for text in (*each.hits, *each.misses)]


@pytest.fixture(scope="module")
def engines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Engine, Engine]]:
    """One store of all examples together, and both engines over it."""
    folder = store_of(tmp_path_factory.mktemp("store"), *TEXTS)
    both = Duck(Store.at(folder), Scope()), open_engine("spark", folder, Scope())
    yield both
    for engine in both:
        engine.close()


@needs_spark
@pytest.mark.parametrize("detection", registry().values(), ids=lambda d: d.id)
def test_the_rows_are_the_same(detection: Detection, engines: tuple[Engine, Engine]):
    query = detection_query(detection.sql, detection.settings({}))
    duck, spark = (engine.rows(query) for engine in engines)
    assert duck
    assert [dict(row) for row in spark] == [dict(row) for row in duck]


@needs_spark
@pytest.mark.parametrize("sql", [*TOTALS.values(), *HOURS.values(), LOST, INTERFACES])
def test_the_coverage_is_the_same(sql: str, engines: tuple[Engine, Engine]):
    query = detection_query(sql, {})
    duck, spark = (engine.rows(query) for engine in engines)
    assert duck
    assert [dict(row) for row in spark] == [dict(row) for row in duck]


@pytest.mark.skipif(find_spec("pyspark") is not None, reason="pyspark is there")
def test_without_pyspark_it_says_what_is_missing(tmp_path: Path):
    with pytest.raises(MissingExtra, match="PySpark is not installed"):
        open_engine("spark", store_of(tmp_path, TEXTS[0]), Scope())
