"""What Athena gets for each detection, as golden files, and that it is Athena's SQL."""

import pytest
import sqlglot
from sqlglot import exp

from ringwall.detections import registry
from ringwall.detections.detection import Detection
from ringwall.shell.engines.athena import DIALECT, definitions, statement
from ringwall.shell.engines.engine import Scope
from ringwall.shell.engines.store import Extent
from ringwall.traffic.view import RELATIONS
from tests.golden.golden import golden

DAY = Scope(Extent(1_767_225_600, 1_767_225_600 + 86_400))
# Functions of Trino (https://trino.io/docs/current/functions.html) that the subset comes to.
FUNCTIONS = {"COALESCE", "COUNT", "SUM", "MIN", "MAX", "AVG", "STDDEV_POP", "ROW_NUMBER", "LAG"}
FUNCTIONS |= {"ABS", "FLOOR", "SQRT", "LN", "LENGTH", "REPLACE", "SPLIT_PART", "CONCAT", "LOWER"}
FUNCTIONS |= {"CASE", "IF", "CAST", "AND", "OR"}  # SQLGlot counts these as functions


@pytest.mark.parametrize("detection", registry().values(), ids=lambda d: d.id)
def test_the_statement_for_athena_is_the_golden_one(detection: Detection):
    golden(f"athena/{detection.id.lower()}.sql", statement(detection, {}, DAY) + "\n")


def test_the_tables_for_athena_are_the_golden_ones():
    text = ";\n\n".join(definitions("s3://bucket/logs")) + ";\n"
    golden("athena/tables.sql", text)


@pytest.mark.parametrize("detection", registry().values(), ids=lambda d: d.id)
def test_the_statement_is_of_athenas_language_and_reads_the_day_alone(detection: Detection):
    tree = sqlglot.parse_one(statement(detection, {}, DAY), read=DIALECT)
    used = {each.sql_name() for each in tree.find_all(exp.Func)}
    assert used - FUNCTIONS == set()
    ctes = {cte.alias for cte in tree.find_all(exp.CTE)}
    stored = [table for table in tree.find_all(exp.Table) if table.name not in ctes]
    assert stored
    assert {table.name for table in stored} <= {f"stored_{name}" for name in RELATIONS}
    for table in stored:
        select = table.find_ancestor(exp.Select)
        assert select is not None
        assert "day >= '2026-01-01' AND day <= '2026-01-01'" in select.args["where"].sql()
