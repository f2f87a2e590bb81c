"""`ringwall traffic`: what the commands print and answer."""

import json
from pathlib import Path
from typing import Any

import pytest

from ringwall.cli.detect_text import visible
from ringwall.cli.main import run
from ringwall.detections import registry
from ringwall.shell.engines.duck import Duck
from ringwall.shell.engines.engine import Scope
from ringwall.shell.engines.store import Store
from tests.detections.stores import store_of

SCAN = "198.51.100.7 > 10.0.1.5:1 ports=+1 reject every=60 times=60"
LOST = "quiet eni-9 SKIPDATA at=2h"


@pytest.fixture
def store(tmp_path: Path) -> str:
    web = "10.0.2.9 > 10.0.1.5:443 every=60 times=300 back=900"
    return str(store_of(tmp_path, SCAN, web, LOST))


def asked(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    assert run([*words, "--json"]) == 0
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    return told


def test_detect_tells_the_finding_and_what_is_covered(store: str, capsys):
    assert run(["traffic", "detect", "--store", store, "--only", "vertical-scan"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "MEDIUM   RW505  198.51.100.7 tried 60 ports of 10.0.1.5 within an hour",
        "         2026-01-01 00:00:00 to 00:59:10 UTC   id 3ae51d9ab288ac09af09",
        "         ports 60  hours 1  rejected 60",
        "coverage: flow: 660 records, 2026-01-01 00:00:00 to 04:59:10 UTC, no hour without records",
        "coverage: transit: no records",
        "coverage: dns: no records",
        "coverage: 2 interfaces; 0% of flow records with tcp-flags",
        "coverage: AWS lost records of eni-9: 1 window, 2026-01-01 02:00:00 to 02:01:00 UTC",
        "1 detection: 0 critical, 0 high, 1 medium, 0 low",
    ]


def test_detect_in_json_has_entities_evidence_and_coverage(store: str, capsys):
    told = asked(capsys, "traffic", "detect", "--store", store, "--only", "RW505")
    assert told["schema"] == "ringwall/traffic-detect/1"
    [finding] = told["findings"]
    assert finding["entities"] == [
        {"role": "source", "address": "198.51.100.7", "name": ""},
        {"role": "destination", "address": "10.0.1.5", "name": ""},
    ]
    assert (finding["first"], finding["last"]) == ("2026-01-01T00:00:00Z", "2026-01-01T00:59:10Z")
    assert finding["evidence"] == {"ports": 60, "hours": 1, "rejected": 60}
    assert told["coverage"]["whole"] is False
    assert [each["interface"] for each in told["coverage"]["records_lost"]] == ["eni-9"]


def test_a_parameter_can_be_given_another_value(store: str, capsys):
    words = ("traffic", "detect", "--store", store, "--only", "RW505")
    told = asked(capsys, *words, "--set", "vertical-scan.ports=61")
    assert told["findings"] == []


def test_with_exit_code_a_finding_is_one(store: str):
    words = ["traffic", "detect", "--store", store, "--only", "RW505", "--exit-code"]
    assert run(words) == 1
    assert run([*words, "--set", "RW505.ports=61"]) == 0


def test_only_the_time_that_is_asked_about_counts(store: str, capsys):
    words = ("traffic", "detect", "--store", store, "--only", "RW505")
    told = asked(capsys, *words, "--since", "2026-01-01T01:00", "--until", "2026-01-01T08:00")
    assert told["findings"] == []
    missing = told["coverage"]["flow"]["missing_hours"]
    assert missing == [f"2026-01-01T0{hour}:00:00Z" for hour in (5, 6, 7)]


def test_an_hour_without_records_is_missing_not_clean(tmp_path: Path, capsys):
    store = store_of(tmp_path, "10.0.2.9 > 10.0.1.5:443", "10.0.2.9 > 10.0.1.5:443 at=3h")
    told = asked(capsys, "traffic", "detect", "--store", str(store), "--only", "RW505")
    assert told["coverage"]["flow"]["missing_hours"] == [
        "2026-01-01T01:00:00Z",
        "2026-01-01T02:00:00Z",
    ]
    assert told["coverage"]["whole"] is False


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--only", "RW999"), "there is no detection 'RW999'"),
        (("--set", "vertical-scan.hosts=3"), "vertical-scan has no parameter 'hosts'"),
        (("--set", "vertical-scan.ports=many"), "vertical-scan.ports='many' is not a number"),
        (("--since", "yesterday"), "'yesterday' is no time"),
        (("--since", "2026-01-02", "--until", "2026-01-01"), "nothing lies between"),
        (("--memory", "much"), "DuckDB does not start"),
    ],
)
def test_what_is_not_understood_is_said(store: str, words: tuple[str, ...], message: str, capsys):
    assert run(["traffic", "detect", "--store", store, *words]) == 2
    assert message in capsys.readouterr().err


def test_a_folder_that_is_no_store_is_told(tmp_path: Path, capsys):
    assert run(["traffic", "detect", "--store", str(tmp_path)]) == 2
    assert "is no store of logs" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["vertical-scan", "records-lost", "rejected-sources-as-written"])
def test_what_is_shown_as_sql_is_what_is_asked(name: str, store: str, capsys):
    words = ["traffic", "detect", "--store", store, "--only", name]
    assert run([*words, "--show-sql", "--set", "records-lost.windows=1"]) == 0
    first, *lines = capsys.readouterr().out.splitlines()
    assert first.startswith("-- RW5")
    engine = Duck(Store.at(Path(store)), Scope(), threads=1)
    try:
        rows = engine._run("\n".join(lines)).fetchall()
    finally:
        engine.close()
    told = asked(capsys, *words, "--set", "records-lost.windows=1")
    assert len(rows) == len(told["findings"]) == 1


def test_athena_is_shown_and_not_asked(store: str, capsys):
    words = ["traffic", "detect", "--store", store, "--only", "RW505", "--engine", "athena"]
    assert run(words) == 2
    assert "--show-sql prints the statements" in capsys.readouterr().err
    assert run([*words, "--show-sql"]) == 0
    assert "FROM stored_flow" in capsys.readouterr().out


def test_a_finding_keeps_its_id_in_another_time_and_under_other_names(tmp_path: Path, capsys):
    ids = set()
    for number, start in enumerate(("1h", "30h")):
        scan = f"198.51.100.7 > 10.0.1.5:1 ports=+1 reject every=60 times=50 at={start}"
        store = str(store_of(tmp_path / str(number), scan))
        told = asked(capsys, "traffic", "detect", "--store", store, "--only", "RW505")
        ids |= {finding["id"] for finding in told["findings"]}
    assert len(ids) == 1


def test_what_would_steer_a_terminal_is_not_in_the_lines():
    assert visible("a\x1b[2Jb\r\u202ec  d") == "a\ufffd[2Jb\ufffd\ufffdc  d"
    assert visible("  é █ 漢") == "  é █ 漢"


def test_what_cannot_be_asked_of_the_logs_is_not_judged_and_no_fault(tmp_path, capsys):
    (tmp_path / "b.yaml").write_text(registry()["RW522"].network)
    store_of(tmp_path / "store", "8.8.8.8:50000 > 10.0.0.9:443 back=900 flags")
    words = ["--store", str(tmp_path / "store"), "--network", str(tmp_path / "b.yaml")]
    assert run(["traffic", "detect", *words, "--only", "never-seen"]) == 0
    said = capsys.readouterr().out.splitlines()[0]
    assert said.startswith("not judged: RW522: the logs cover 0.0 days, never-seen asks for 14; ")
    assert "--set never-seen.days=N" in said
