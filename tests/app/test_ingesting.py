"""`ringwall traffic ingest` and `compact`: what they say, and how they end."""

import gzip
import json
import os
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest
from benchmarks.flow_logs import write

from ringwall.app.ingesting import PARSERS, Wish, ingest, report_document
from ringwall.app.keeping import compact_store
from ringwall.cli.main import run
from ringwall.cli.traffic_text import speed_line
from ringwall.errors import InputError
from ringwall.shell.store.ingesting import Report
from ringwall.traffic.fields import DEFAULT_FLOW, FLOW
from ringwall.traffic.parsers import best, compiled
from ringwall.traffic.times import to_moment, to_seconds
from tests.fakes.clock import START, FakeClock
from tests.traffic.records import header

ROOT = Path(__file__).resolve().parents[2]
V2 = header(DEFAULT_FLOW)
TIME = 1_764_000_000
LINE = f"2 123456789012 eni-0a 10.0.0.1 10.0.0.2 40000 443 6 10 840 {TIME} {TIME + 60} ACCEPT OK"


def clock_at(time: int) -> FakeClock:
    clock = FakeClock()
    clock.advance(time - START.timestamp())
    return clock


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    folder = tmp_path / "logs"
    folder.mkdir()
    (folder / "a.log.gz").write_bytes(gzip.compress(f"{V2}\n{LINE}\n{LINE[:30]}\n".encode()))
    return folder


def test_what_was_done_is_told(logs, tmp_path, capsys):
    store = str(tmp_path / "store")
    assert run(["traffic", "ingest", str(logs), "--store", store]) == 0
    out, err = capsys.readouterr()
    lines = out.splitlines()
    assert lines[0] == "set aside  1 line  fields: not as many values as the header has names"
    assert lines[1].startswith(f"           1 of them in {store}/set-aside/")
    assert lines[2].startswith(f"1 record of 1 file in {store}; ")
    assert lines[2].endswith(f"{best().name} parser")
    assert err == ""
    assert run(["traffic", "ingest", str(logs), "--store", store]) == 0
    assert "read before  1 file" in capsys.readouterr().out


def test_json_says_the_same(logs, tmp_path, capsys):
    store = str(tmp_path / "store")
    assert run(["traffic", "ingest", str(logs), "--store", store, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["schema"] == "ringwall/traffic-ingest/1"
    assert (found["records"], found["lines"], found["set_aside"]) == (1, 3, {"fields": 1})
    assert (found["files"]["read"], found["written"]["files"]) == (1, 1)
    assert Path(found["set_aside_file"]).exists()
    assert set(report_document(Report("x"))) == set(found)


@pytest.mark.parametrize("parser", PARSERS)
def test_a_parser_can_be_chosen(logs, tmp_path, capsys, parser):
    store = str(tmp_path / "store")
    code = run(["traffic", "ingest", str(logs), "--store", store, "--parser", parser, "--json"])
    if parser == "compiled" and compiled() is None:
        assert code == 2
    else:
        name = best().name if parser == "auto" else parser
        assert (code, json.loads(capsys.readouterr().out)["parser"]) == (0, name)


def test_a_file_that_was_named_must_be_a_log_and_one_in_a_folder_need_not(logs, tmp_path, capsys):
    (logs / "notes.txt").write_text("hello\n")
    store = str(tmp_path / "store")
    assert run(["traffic", "ingest", str(logs), "--store", store]) == 0
    assert f"no log  {logs}/notes.txt\n" in capsys.readouterr().out
    assert run(["traffic", "ingest", str(logs / "notes.txt"), "--store", store]) == 2
    assert f"error: '{logs}/notes.txt' is no log that Ringwall knows" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere"], "there is no file or folder 'nowhere'"),
        (["LOGS", "--format", "hello there"], "no format of a flow log: 'hello there'"),
        (["LOGS", "--since", "soon"], "'soon' is no time"),
        (["LOGS", "--keep", "0d"], "'0d' is no length of time"),
        (["s3://"], "'s3://' names no bucket"),
        (["logs:"], "'logs:' names no log group"),
    ],
)  # fmt: skip
def test_wrong_input_is_a_line_and_a_hint(logs, tmp_path, capsys, monkeypatch, arguments, message):
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    store = str(tmp_path / "store")
    words = [str(logs) if word == "LOGS" else word for word in arguments]
    assert run(["traffic", "ingest", *words, "--store", store]) == 2
    err = capsys.readouterr().err.splitlines()
    assert err[0] == f"error: {message}"
    assert err[1].startswith("hint: ")
    assert len(err) == 2


@pytest.mark.parametrize(
    ("module", "text"), [("pyarrow", "pyarrow, which"), ("isal", "isal, which")]
)
def test_a_missing_part_says_how_it_is_installed(logs, tmp_path, capsys, monkeypatch, module, text):
    monkeypatch.setitem(sys.modules, module, None)
    store = tmp_path / "store"
    assert run(["traffic", "ingest", str(logs), "--store", str(store)]) == 4
    err = capsys.readouterr().err
    assert err.startswith(f"error: {text}")
    assert err.endswith("is not installed\nhint: pip install 'ringwall[traffic]'\n")
    assert not store.exists()


def test_a_file_that_cannot_be_read_is_told_and_the_rest_goes_in(logs, tmp_path, capsys):
    (logs / "b.log").symlink_to(logs / "missing")
    (logs / "c.log").write_text(f"{V2}\n{LINE}\n")
    assert run(["traffic", "ingest", str(logs), "--store", str(tmp_path / "s")]) == 0
    gone = tmp_path / "gone.log"
    gone.write_text("x")
    gone.chmod(0)
    if os.access(gone, os.R_OK):
        pytest.skip("everything may be read here")
    assert run(["traffic", "ingest", str(gone), "--store", str(tmp_path / "s")]) == 4
    assert f"error: cannot read '{gone}': Permission denied" in capsys.readouterr().err


def test_a_folder_with_other_things_is_no_store(logs, tmp_path, capsys):
    assert run(["traffic", "ingest", str(logs), "--store", str(logs)]) == 2
    assert "is not empty and no store of logs" in capsys.readouterr().err
    assert run(["traffic", "compact", "--store", str(tmp_path / "nothing")]) == 2
    assert "is no store of logs" in capsys.readouterr().err


def test_a_store_of_a_newer_version_is_refused(logs, tmp_path, capsys):
    store = tmp_path / "store"
    assert run(["traffic", "ingest", str(logs), "--store", str(store)]) == 0
    base = sqlite3.connect(store / "manifest.sqlite")
    base.execute("PRAGMA user_version = 99")
    base.close()
    assert run(["traffic", "ingest", str(logs), "--store", str(store)]) == 2
    assert "was written by a newer Ringwall (store 99)" in capsys.readouterr().err


def test_a_manifest_that_is_damaged_is_told(logs, tmp_path, capsys):
    store = tmp_path / "store"
    store.mkdir()
    (store / "manifest.sqlite").write_bytes(b"not a database" * 100)
    assert run(["traffic", "ingest", str(logs), "--store", str(store)]) == 4
    assert "cannot use" in capsys.readouterr().err


def test_hours_that_are_too_old_are_removed_and_not_read_again(logs, tmp_path):
    store = str(tmp_path / "store")
    late = LINE.replace(str(TIME), str(TIME + 7200)).replace(str(TIME + 60), str(TIME + 7260))
    (logs / "b.log").write_text(f"{V2}\n{late}\n")
    clock = clock_at(TIME + 9000)
    report, _ = ingest(Wish([str(logs)], store, keep="1h"), clock=clock)
    assert (report.records, report.removed) == (2, (1, 1))
    assert len(list(Path(store).rglob("*.parquet"))) == 1
    assert not list(Path(store, "flow/day=2025-11-24").glob("hour=16"))
    report, _ = ingest(Wish([str(logs)], store, keep="1h"), clock=clock)
    assert (report.read, report.known) == (0, 2)
    kept = compact_store(store, length="1m", clock=clock_at(TIME * 2))
    assert (kept.removed, kept.removed_rows, kept.tables) == (1, 1, {})


def test_compaction_is_told(logs, tmp_path, capsys):
    store = str(tmp_path / "store")
    for n in range(3):
        (logs / f"{n}.log").write_text(f"{V2}\n{LINE.replace(' 40000 ', f' {n} ')}\n")
        assert run(["traffic", "ingest", str(logs), "--store", store, "-q"]) == 0
    capsys.readouterr()
    assert run(["traffic", "compact", "--store", store, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["schema"], found["merged"]) == (
        "ringwall/traffic-compact/1",
        {"files": 3, "into": 1},
    )
    assert [(t["table"], t["files"], t["records"]) for t in found["tables"]] == [("flow", 1, 4)]
    assert run(["traffic", "compact", "--store", store, "--keep", "1h"]) == 0
    assert capsys.readouterr().out.splitlines()[0] == "removed  1 files  4 records"


def test_the_speed_line_tells_the_time_left_where_the_total_is_known():
    report = Report("compiled", files=4, total_bytes=100, bytes=25, read=1, records=3000)
    report.seconds = 30.0
    assert speed_line(report) == "1 of 4 files  3,000 records  100/s   25%  1:30 left"
    report.total_bytes, report.files = 0, 0
    assert speed_line(report) == "1 files  3,000 records  100/s"


def test_times_are_said_in_words():
    now = datetime(2026, 11, 25, 12, tzinfo=UTC)
    assert to_seconds("90m") == 5400
    assert to_moment("24h", now) == int(datetime(2026, 11, 24, 12, tzinfo=UTC).timestamp())
    assert to_moment("2026-11-25T10:00", now) == int(now.timestamp()) - 7200
    assert to_moment("2026-11-25T10:00+02:00", now) == int(now.timestamp()) - 4 * 3600
    for text in ("30", "d", "-1d", "2026-13-01", ""):
        with pytest.raises(InputError):
            to_moment(text, now)


def test_a_parquet_file_of_aws_is_read_like_its_text(tmp_path):
    folder = tmp_path / "logs"
    folder.mkdir()
    words = dict(zip((field.underscored for field in FLOW[:14]), LINE.split(), strict=True))
    numbers = {"version", "srcport", "dstport", "protocol", "packets", "bytes", "start", "end"}
    rows: list[dict[str, object]] = [
        {name: int(word) if name in numbers else word for name, word in words.items()}
        for _ in range(3)
    ]
    rows[1] |= {"srcport": 70000}
    rows[2] |= {"srcaddr": None, "action": "", "log_status": "NODATA", "dstaddr": "-"}
    table = pyarrow.Table.from_pylist(rows).append_column("extra", pyarrow.array([["x"]] * 3))
    path = folder / "a.log.parquet"
    pyarrow.parquet.write_table(table, path, compression="gzip")
    report, code = ingest(Wish([str(folder)], str(tmp_path / "store")))
    assert (code, report.records, report.quiet, report.aside) == (0, 1, 1, {"integer": 1})
    path.write_bytes(path.read_bytes()[:-200] + b"PAR1")
    report, code = ingest(Wish([str(folder)], str(tmp_path / "store")))
    assert (code, report.read, len(report.faults), report.changed) == (0, 1, 1, [str(path)])


def test_a_parquet_file_of_something_else_is_no_log(tmp_path):
    path = tmp_path / "other.parquet"
    pyarrow.parquet.write_table(pyarrow.table({"a": [1], "b": ["x"]}), path)
    report, code = ingest(Wish([str(path)], str(tmp_path / "store")))
    assert (code, report.strange) == (2, [(str(path), True)])


PEAK = """
import re, sys
from pathlib import Path
from ringwall.app.ingesting import Wish, ingest
report, code = ingest(Wish([sys.argv[1]], sys.argv[2]))
peak = re.search(r"VmHWM:\\s+(\\d+) kB", Path("/proc/self/status").read_text())[1]
print(code, report.records, int(peak) // 1024)
"""


def peak(folder: Path, records: int, kind: str) -> int:
    """Ingest made logs in a process of its own; return its peak memory in MB."""
    if not Path("/proc/self/status").exists():
        pytest.skip("the peak is told by Linux alone")
    files = write(folder, records, kind=kind)
    done = subprocess.run(
        [sys.executable, "-c", PEAK, str(files[0].parent), str(folder / "store")],
        capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
    )  # fmt: skip
    code, read, most = map(int, done.stdout.split())
    assert (code, read) == (0, records)
    return most


def test_memory_has_a_bound(tmp_path):
    assert peak(tmp_path, 20_000, "all") < 512


@pytest.mark.campaign
@pytest.mark.parametrize(("kind", "records"), [("hour", 5_000_000), ("all", 2_000_000)])
def test_memory_has_a_bound_at_any_size_and_in_one_hour(tmp_path, kind, records):
    assert peak(tmp_path, records, kind) < 512
