"""`ringwall traffic top`, `host`, `between`, `query`."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest

from ringwall.cli.main import run
from tests.detections.stores import store_of

TRAFFIC = (
    # both interfaces log it: eni-1 and eni-2
    "10.0.2.9 > 10.0.1.5:443 every=60 times=300 bytes=1000 back=5000 eni=eni-1",
    "10.0.2.9 > 10.0.1.5:443 every=60 times=300 bytes=1000 back=5000 eni=eni-2",
    "10.0.1.5 > 203.0.113.9:443 at=1h every=60 times=10 bytes=100 back=100",
    "198.51.100.7 > 10.0.1.5:22 reject every=60 times=7",
    "dns 10.0.1.5 www.example.com times=3",
    "dns 10.0.1.5 api.example.com times=2 rcode=NXDOMAIN",
)


@pytest.fixture
def store(tmp_path: Path) -> str:
    return str(store_of(tmp_path, *TRAFFIC))


def told(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    assert run(["traffic", *words, "--json"]) == 0, capsys.readouterr().err
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_a_host_has_a_life(store: str, capsys):
    life = told(capsys, "host", "10.0.1.5", "--store", store)
    assert life["schema"] == "ringwall/traffic-host/1"
    assert (life["first"], life["last"]) == ("2026-01-01T00:00:00Z", "2026-01-01T04:59:10Z")
    assert life["rejected"] == 7
    dealings = {(row["peer"], row["port"], row["called"]): row for row in life["dealings"]}
    # counted by one interface, though two logged it
    service = dealings["10.0.2.9", 443, 0]
    assert (service["records"], service["bytes_out"], service["bytes_back"]) == (
        600,
        300 * 5000,
        300 * 1000,
    )
    call = dealings["203.0.113.9", 443, 1]
    assert (call["bytes_out"], call["bytes_back"]) == (1000, 1000)
    assert dealings["198.51.100.7", 22, 0]["rejected"] == 7
    assert life["lookups"] == [
        {"domain": "example.com", "queries": 5, "names": 2, "missing": 2, "blocked": 0}
    ]
    assert sum(life["timeline"]["records"]) == life["records"] == 1200 + 20 + 7


def test_a_host_in_lines(store: str, capsys):
    assert run(["traffic", "host", "10.0.1.5", "--store", store]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:3] == [
        "10.0.1.5",
        "2026-01-01 00:00:00 to 04:59:10 UTC, 1,227 records",
        "each sign is 15 minutes",
    ]
    assert "it calls" in lines
    assert "it is called by" in lines
    assert "it asks for" in lines
    assert any(line.startswith("rejected       7  █") for line in lines)


def test_what_passed_between_two_is_theirs_alone(store: str, capsys):
    both = told(capsys, "between", "198.51.100.0/24", "10.0.1.5", "--store", store)
    assert both["records"] == both["rejected"] == 7
    [dealing] = both["dealings"]
    assert (dealing["own"], dealing["peer"], dealing["port"]) == ("198.51.100.7", "10.0.1.5", 22)
    none = told(capsys, "between", "198.51.100.7", "203.0.113.9", "--store", store)
    assert (none["records"], none["first"], none["dealings"]) == (0, None, [])


def test_ipv6_has_a_life_too(tmp_path: Path, capsys):
    store = store_of(tmp_path, "fd00::5 > [2001:db8::9]:443 times=3 bytes=10 back=20")
    life = told(capsys, "host", "fd00::5", "--store", str(store))
    [dealing] = life["dealings"]
    assert (dealing["peer"], dealing["bytes_out"], dealing["bytes_back"]) == ("2001:db8::9", 30, 60)


@pytest.mark.parametrize(
    ("words", "first"),
    [
        (("source", "--by", "rejected"), {"source": "198.51.100.7", "rejected": 7}),
        (("source", "--by", "bytes"), {"source": "10.0.1.5", "bytes": 2 * 300 * 5000 + 1000}),
        (("destination",), {"destination": "10.0.2.9"}),
        (("pair",), {"source": "10.0.1.5", "destination": "10.0.2.9", "records": 600}),
        (("port",), {"port": 443, "protocol": 6}),
    ],
)
def test_the_top_is_who_has_most(words: tuple[str, ...], first: dict[str, Any], store, capsys):
    top = told(capsys, "top", *words, "--store", store)
    assert first.items() <= top["rows"][0].items()


def test_the_top_has_a_bar_to_each(store: str, capsys):
    assert run(["traffic", "top", "--by", "rejected", "--store", store]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].startswith("198.51.100.7")
    assert lines[1].endswith("█" * 20)
    assert lines[-1] == "1 of those with most rejected, as logged"


def test_sql_is_answered_with_addresses_in_text(store: str, capsys):
    sql = (
        "SELECT family, source_high, source_low, COUNT(*) AS n, MIN(first) AS first FROM flow "
        "WHERE accepted = 0 GROUP BY ALL"
    )
    assert told(capsys, "query", sql, "--store", store)["rows"] == [
        {"source": "198.51.100.7", "n": 7, "first": "2026-01-01T00:00:00Z"}
    ]


def test_what_is_left_out_of_an_answer_is_said(store: str, capsys):
    words = ["traffic", "query", "FROM flow", "--store", store, "--limit", "5"]
    assert run(words) == 0
    shown = capsys.readouterr()
    assert shown.out.splitlines()[-1] == "5 rows"
    assert "there are more than 5 rows" in shown.err
    words[2] = "FROM flow LIMIT 7"
    assert run(words) == 0
    shown = capsys.readouterr()
    assert (shown.out.splitlines()[-1], shown.err) == ("7 rows", "")


def test_csv_has_a_header_and_no_formulas(store: str, capsys):
    sql = "SELECT '=1+1' AS a, 2 AS b UNION ALL SELECT 'x,y' AS a, -3 AS b ORDER BY b"
    assert run(["traffic", "query", sql, "--store", store, "--csv"]) == 0
    rows = list(csv.reader(io.StringIO(capsys.readouterr().out)))
    assert rows == [["a", "b"], ["x,y", "-3"], ["'=1+1", "2"]]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("query", "DROP VIEW flow"), "only SELECT is answered, not DROP"),
        (("query", "SELECT nothing FROM flow"), "the query is refused"),
        (("host", "somebody"), "'somebody' is no address"),
    ],
)
def test_what_cannot_be_asked_is_said(words: tuple[str, ...], message: str, store: str, capsys):
    assert run(["traffic", *words, "--store", store]) == 2
    assert message in capsys.readouterr().err
