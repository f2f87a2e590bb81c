"""What is not in the portable subset is refused by name."""

import pytest

from ringwall.errors import QuestionError
from ringwall.shell.engines.queries import detection_query

REFUSED = [
    ("SELECT family, COUNT(*) AS n FROM flow GROUP BY ALL ORDER BY family", "GROUP BY ALL"),
    ("SELECT family FROM flow GROUP BY 1 ORDER BY family", "GROUP BY something that is no name"),
    (
        "SELECT family, COUNT(*) AS n FROM flow GROUP BY ROLLUP (family) ORDER BY family",
        "ROLLUP (family)",
    ),
    (
        "SELECT family, COUNT(*) AS n FROM flow GROUP BY CUBE (family) ORDER BY family",
        "CUBE (family)",
    ),
    (
        "SELECT family FROM flow GROUP BY GROUPING SETS ((family), ()) ORDER BY family",
        "GROUPING SETS ((family), ())",
    ),
    ("SELECT * FROM flow ORDER BY family", "SELECT *"),
    ("SELECT flow.* FROM flow ORDER BY family", "SELECT *"),
    ("SELECT bytes + 1 FROM flow ORDER BY family", "a column without a name (bytes + 1)"),
    ("SELECT DISTINCT family FROM flow ORDER BY family", "SELECT DISTINCT"),
    ("SELECT SUM(bytes) / 2 AS n FROM flow", "a division of which no side is CAST AS DOUBLE"),
    ("SELECT SUM(bytes) // 2 AS n FROM flow", "INTDIV"),
    ("SELECT CAST(first AS TIMESTAMP) AS t FROM flow ORDER BY t", "the type TIMESTAMP"),
    ("SELECT TRY_CAST(first AS BIGINT) AS t FROM flow ORDER BY t", "TRY_CAST"),
    ("SELECT MEDIAN(bytes) AS n FROM flow", "the function MEDIAN"),
    ("SELECT QUANTILE_CONT(bytes, 0.5) AS n FROM flow", "the function PERCENTILE_CONT"),
    ("SELECT APPROX_COUNT_DISTINCT(bytes) AS n FROM flow", "the function APPROX_DISTINCT"),
    ("SELECT LIST(bytes) AS n FROM flow", "the function ARRAY_AGG"),
    ("SELECT GREATEST(bytes, packets) AS n FROM flow ORDER BY n", "the function GREATEST"),
    ("SELECT no_such(bytes) AS n FROM flow ORDER BY n", "the function NO_SUCH"),
    ("SELECT ARRAY[bytes] AS n FROM flow ORDER BY n", "ARRAY"),
    ("SELECT SUM(bytes) FILTER (WHERE packets > 1) AS n FROM flow", "FILTER"),
    ("SELECT SUM(DISTINCT bytes) AS n FROM flow", "DISTINCT in an aggregate other than COUNT"),
    ("SELECT COUNT(DISTINCT (bytes, packets)) AS n FROM flow", "TUPLE"),
    ("SELECT bytes AS n FROM flow WHERE bytes IN (SELECT 1 AS one) ORDER BY n", "IN (SELECT …)"),
    ("SELECT (SELECT 1 AS one) AS n FROM flow ORDER BY n", "a subquery"),
    ("SELECT n FROM (SELECT 1 AS n) AS t ORDER BY n", "a subquery"),
    ("SELECT a.bytes AS n FROM flow AS a, flow AS b ORDER BY n", "a JOIN without ON"),
    ("SELECT a.bytes AS n FROM flow AS a JOIN flow AS b USING (bytes) ORDER BY n", "USING"),
    ("SELECT a.bytes AS n FROM flow AS a NATURAL JOIN flow AS b ORDER BY n", "NATURAL JOIN"),
    ("SELECT a.bytes AS n FROM flow AS a FULL JOIN flow AS b ON 1 = 1 ORDER BY n", "FULL JOIN"),
    ("SELECT a.bytes AS n FROM flow AS a RIGHT JOIN flow AS b ON 1 = 1 ORDER BY n", "RIGHT JOIN"),
    ("SELECT a.bytes AS n FROM flow AS a ASOF JOIN flow AS b ON a.first >= b.first ORDER BY n",
     "ASOF JOIN"),
    ("SELECT bytes AS n FROM flow UNION SELECT packets AS n FROM flow ORDER BY n",
     "UNION without ALL"),
    ("SELECT bytes AS n FROM flow EXCEPT SELECT packets AS n FROM flow ORDER BY n", "EXCEPT"),
    ("WITH RECURSIVE t AS (SELECT 1 AS n) SELECT n FROM t ORDER BY n", "WITH RECURSIVE"),
    ("WITH t AS MATERIALIZED (SELECT 1 AS n) SELECT n FROM t ORDER BY n", "AS MATERIALIZED"),
    ("WITH t(n) AS (SELECT 1 AS m) SELECT n FROM t ORDER BY n", "a CTE with a list of columns"),
    ("SELECT bytes AS n FROM flow QUALIFY ROW_NUMBER() OVER (ORDER BY bytes) = 1 ORDER BY n",
     "QUALIFY"),
    ("SELECT bytes AS n FROM flow USING SAMPLE 10 ORDER BY n", "SAMPLE"),
    ("SELECT n FROM read_csv('x.csv') ORDER BY n", "a function as a table"),
    ("SELECT n FROM 'x.parquet' ORDER BY n", "a quoted name ('x.parquet')"),
    ("SELECT srcport AS n FROM stored_flow ORDER BY n", "'stored_flow', which is no relation"),
    ("SELECT bytes AS n FROM other.flow ORDER BY n", "a table of another schema"),
    ("SELECT bytes AS \"end\" FROM flow ORDER BY \"end\"", "the name 'end', which is reserved"),
    ("SELECT bytes AS n FROM flow ORDER BY bytes + 1", "ORDER BY something that is no name"),
    ("SELECT bytes AS n FROM flow", "no ORDER BY"),
    ("SELECT bytes AS n FROM flow LIMIT 3", "LIMIT without ORDER BY"),
    ("SELECT family, protocol, SUM(bytes) AS n FROM flow GROUP BY family, protocol ORDER BY n",
     "ORDER BY leaves equal rows: family, protocol missing"),
    ("SELECT bytes AS n, packets FROM flow ORDER BY n",
     "ORDER BY leaves equal rows: packets missing"),
    ("SELECT slot, port FROM conversation ORDER BY slot",
     "ORDER BY leaves equal rows: port missing"),
    (("SELECT bytes AS n, ROW_NUMBER() OVER (ORDER BY bytes) AS number FROM flow "
     "ORDER BY n, number"), "a window over rows that may be equal"),
    (("WITH t AS (SELECT family, port FROM conversation GROUP BY family, port) "
     "SELECT family, port, LAG(port) OVER (PARTITION BY family ORDER BY family) AS before FROM t "
     "ORDER BY family, port"), "the order of a window leaves equal rows: port missing"),
    (("WITH t AS (SELECT family, port FROM conversation GROUP BY family, port) "
     "SELECT family, port, ROW_NUMBER() OVER (PARTITION BY family) AS number FROM t "
     "ORDER BY family, port"), "ROWNUMBER without ORDER BY"),
    (("WITH t AS (SELECT family, port FROM conversation GROUP BY family, port) "
     "SELECT family, port, SUM(port) OVER (PARTITION BY family ORDER BY port) AS n FROM t "
     "ORDER BY family, port"), "an aggregate over an ordered window without ROWS BETWEEN"),
    (("WITH t AS (SELECT family, port FROM conversation GROUP BY family, port) "
     "SELECT family, port, SUM(port) OVER (PARTITION BY family ORDER BY port RANGE BETWEEN "
     "UNBOUNDED PRECEDING AND CURRENT ROW) AS n FROM t ORDER BY family, port"),
     "a window by RANGE"),
    ("DELETE FROM flow", "a statement that is no SELECT (DELETE)"),
    ("SELECT now() AS n", "the function NOW"),
    ("SELECT bytes::VARCHAR || 'x' AS n FROM flow ORDER BY n", "DPIPE"),
    ("SELECT bytes & 2 AS n FROM flow ORDER BY n", "BITWISEAND"),
    ("SELECT INTERVAL 1 DAY AS n", "INTERVAL"),
    ("SELECT family, bytes FROM flow ORDER BY ALL", "ORDER BY"),
]  # fmt: skip


_KEY = "family, source_high, source_low, destination_high, destination_low, port, protocol, slot"
_JOINED = (
    "SELECT {columns}, relay.records AS n FROM conversation LEFT JOIN relay ON {{on}} "
    "ORDER BY {names}"
).format(
    columns=", ".join(f"conversation.{name} AS {name}" for name in _KEY.split(", ")), names=_KEY
)  # fmt: skip


def test_a_join_that_says_the_whole_key_of_a_side_adds_no_rows():
    said = "relay.family = conversation.family AND conversation.source_high = relay.high"
    detection_query(_JOINED.format(on=f"{said} AND relay.low = conversation.source_low"), {})
    for on in (
        said,
        f"{said} AND relay.low = relay.high",
        f"{said} AND relay.low = source_low",
        f"{said} AND relay.low >= conversation.source_low",
        f"{said} AND relay.low = conversation.source_low + conversation.slot",
        f"{said} AND (relay.low = conversation.source_low OR relay.records = 1)",
        f"NOT ({said} AND relay.low = conversation.source_low)",
    ):
        with pytest.raises(QuestionError, match="leaves equal rows: n missing"):
            detection_query(_JOINED.format(on=on), {})


@pytest.mark.parametrize(("sql", "named"), REFUSED, ids=range(len(REFUSED)))
def test_it_is_refused_by_name(sql: str, named: str):
    with pytest.raises(QuestionError) as refused:
        detection_query(sql, {})
    assert named in refused.value.message


def test_everything_that_is_wrong_is_told_at_once():
    with pytest.raises(QuestionError) as refused:
        detection_query("SELECT DISTINCT MEDIAN(bytes) AS n FROM flow GROUP BY ALL", {})
    for named in ("SELECT DISTINCT", "MEDIAN", "GROUP BY ALL", "no ORDER BY"):
        assert named in refused.value.message


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("SELECT bytes AS n FROM flow ORDER BY n; DROP TABLE flow", "one query is asked at a time"),
        ("SELEC bytes", "a statement that is no SELECT"),
        ("SELECT (bytes AS n FROM flow", "the query cannot be read"),
        ("", "one query is asked at a time, not 0"),
    ],
)
def test_what_is_not_one_query_is_refused(sql: str, message: str):
    with pytest.raises(QuestionError) as refused:
        detection_query(sql, {})
    assert message in refused.value.message
    assert "\x1b" not in refused.value.message
