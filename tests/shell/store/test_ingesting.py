"""Files of logs become rows, each once, and what cannot be read is accounted for."""

import gzip
import io
import json
import os
import subprocess
import sys
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path
from random import Random

import duckdb
import pyarrow.parquet
import pytest

from ringwall.shell.store import inflating
from ringwall.shell.store.compacting import compact
from ringwall.shell.store.ingesting import PATIENCE, Ingest
from ringwall.shell.store.reading import MOST_FORMATS
from ringwall.shell.store.sources import Source, local_sources
from ringwall.shell.store.store import Store
from ringwall.traffic import batches
from ringwall.traffic.addresses import from_halves
from ringwall.traffic.fields import DEFAULT_FLOW, FLOW, TRANSIT
from ringwall.traffic.layouts import of_format
from ringwall.traffic.tables import TABLES, Type
from tests.fakes.clock import FakeClock
from tests.shell.store.conftest import PARSERS, Place
from tests.shell.store.test_queries import QUERY
from tests.traffic.records import header, record

V2 = header(DEFAULT_FLOW)
LINE = "2 123456789012 eni-0a 10.0.0.1 10.0.0.2 40000 443 6 10 840 1764000000 1764000060 ACCEPT OK"
QUIET = "2 123456789012 eni-0a - - - - - - - 1764000000 1764000060 - NODATA"


@pytest.mark.parametrize("parser", PARSERS, ids=lambda p: p.name)
def test_a_record_is_a_row(place: Place, parser) -> None:
    place.write("a.log.gz", f"{V2}\n{LINE}\n")
    report = place.ingest(parser=parser)
    [row] = place.rows()
    present = {name: value for name, value in row.items() if value is not None}
    assert present == {
        "family": 4,
        "account_id": "123456789012",
        "interface_id": "eni-0a",
        "srcaddr_high": 0,
        "srcaddr_low": 0x0A000001,
        "dstaddr_high": 0,
        "dstaddr_low": 0x0A000002,
        "srcport": 40000,
        "dstport": 443,
        "protocol": 6,
        "packets": 10,
        "bytes": 840,
        "start": 1764000000,
        "seconds": 60,
        "accepted": 1,
    }
    assert (report.records, report.lines, report.parser) == (1, 2, parser.name)
    assert "day=2025-11-24/hour=16" in str(place.files()[0])


@pytest.mark.parametrize("parser", PARSERS, ids=lambda p: p.name)
def test_windows_without_records_stand_in_a_table_of_their_own(place: Place, parser) -> None:
    skipped = QUIET.replace("NODATA", "SKIPDATA")
    place.write("a.log", f"{V2}\n{LINE}\n{QUIET}\n{skipped}\n{LINE}\n")
    report = place.ingest(parser=parser)
    assert (report.records, report.quiet) == (2, 2)
    assert len(place.rows()) == 2
    assert [
        (row["interface_id"], row["start"], row["seconds"], row["log_status"])
        for row in place.rows("quiet")
    ] == [("eni-0a", 1764000000, 60, status) for status in ("NODATA", "SKIPDATA")]


def test_an_attachment_stands_for_the_interface_of_a_quiet_window(place: Place) -> None:
    line = record(Random(1), TRANSIT, status="SKIPDATA").split()
    at = [field.name for field in TRANSIT].index("tgw-attachment-id")
    line[at] = "tgw-attach-1"
    place.write("t.log", f"{header(TRANSIT)}\n{' '.join(line)}\n")
    place.ingest()
    assert [row["interface_id"] for row in place.rows("quiet")] == ["tgw-attach-1"]


def test_a_transit_gateways_records_stand_in_their_own_table(place: Place) -> None:
    random = Random(2)
    lines = [record(random, TRANSIT) for _ in range(20)]
    place.write("t.log.gz", "\n".join([header(TRANSIT), *lines, ""]))
    report = place.ingest()
    assert (report.records, len(place.rows("transit")), place.rows()) == (20, 20, [])


@pytest.mark.parametrize("parser", PARSERS, ids=lambda p: p.name)
def test_every_field_arrives_in_its_column(place: Place, parser) -> None:
    random = Random(3)
    lines = [record(random, FLOW) for _ in range(200)]
    place.write("a.log", "\n".join([header(FLOW), *lines, ""]))
    assert place.ingest(parser=parser).records == 200
    found = sorted(_as_text(row) for row in place.rows())
    assert found == sorted(_expected(line) for line in lines)


def _as_text(row: dict[str, object]) -> str:
    """Return a row as the line that it came from, in the fields' order."""
    words = []
    for field in FLOW:
        name = field.underscored
        match field.name:
            case "version" | "log-status":
                value: object = {"version": 2, "log-status": "OK"}[field.name]
            case "end":
                value = int(str(row["start"])) + int(str(row["seconds"]))
            case "action":
                value = ("REJECT", "ACCEPT")[int(str(row["accepted"]))]
            case "srcaddr" | "dstaddr" | "pkt-srcaddr" | "pkt-dstaddr":
                high, low = row[f"{name}_high"], row[f"{name}_low"]
                family = row["family"]
                assert isinstance(family, int)
                assert (high is None) is (low is None)
                value = None
                if isinstance(high, int) and isinstance(low, int):
                    value = from_halves(family, high, low)
            case _:
                value = row[name]
        words.append("-" if value is None else str(value))
    return " ".join(words)


def _expected(line: str) -> str:
    words = line.split(" ")
    for number, field in enumerate(FLOW):
        if field.name.endswith("addr") and words[number] != "-":
            words[number] = str(ip_address(words[number]))
    return " ".join(words)


def test_rows_are_sorted_by_source_in_each_hour(place: Place) -> None:
    random = Random(4)
    lines = [record(random, DEFAULT_FLOW) for _ in range(500)]
    place.write("a.log", "\n".join([V2, *lines, ""]))
    place.ingest()
    assert len(place.files()) == 3
    for path in place.files():
        rows = pyarrow.parquet.ParquetFile(path).read().to_pylist()
        keys = [(row["family"], row["srcaddr_high"], row["srcaddr_low"]) for row in rows]
        assert keys == sorted(keys)
        assert len({row["start"] // 3600 for row in rows}) == 1


def test_a_log_without_addresses_of_packets_says_so_in_its_files(place: Place) -> None:
    """Who looks for an address passes such parts over."""

    def stated() -> list[tuple[bool, int]]:
        found = []
        for path in place.files():
            group = pyarrow.parquet.ParquetFile(path).metadata.row_group(0)
            columns = (group.column(place) for place in range(group.num_columns))
            told = [
                c.statistics
                for c in columns
                if c.path_in_schema.startswith("pkt_")
                and c.path_in_schema.endswith(("_high", "_low"))
            ]
            assert len(told) == 4
            empty = [s is not None and s.null_count == group.num_rows for s in told]
            found.append((all(empty), group.num_rows))
        return sorted(found)

    random = Random(5)
    for name in ("a", "b"):
        text = "\n".join([V2, *(record(random, DEFAULT_FLOW) for _ in range(20)), ""])
        place.write(f"{name}.log", text)
        place.ingest()
    assert [empty for empty, _ in stated()] == [True] * 6
    with Store(place.store) as store:
        compact(store)
    assert [empty for empty, _ in stated()] == [True] * 3
    text = "\n".join([header(FLOW), *(record(random, FLOW) for _ in range(40)), ""])
    place.write("c.log", text)
    place.ingest()
    assert [empty for empty, _ in stated()] == [False] * 3 + [True] * 3


def test_a_file_is_read_once_by_name_and_by_content(place: Place) -> None:
    path = place.write("a.log.gz", f"{V2}\n{LINE}\n")
    place.write("copy.log.gz", path.read_bytes() and f"{V2}\n{LINE}\n")
    (place.logs / "copy.log.gz").write_bytes(path.read_bytes())
    first, second = place.ingest(), place.ingest()
    assert (first.read, first.known, second.read, second.known) == (1, 1, 0, 2)
    assert len(place.rows()) == 1


def test_a_late_file_is_welcome(place: Place) -> None:
    place.write("a.log", f"{V2}\n{LINE}\n")
    place.ingest()
    place.write("b.log", f"{V2}\n{LINE.replace(' 40000 ', ' 40001 ')}\n")
    assert place.ingest().read == 1
    assert sorted(row["srcport"] for row in place.rows()) == [40000, 40001]


@pytest.mark.parametrize("parser", PARSERS, ids=lambda p: p.name)
def test_concatenated_files_repeat_or_change_their_header(place: Place, parser) -> None:
    other = "start srcaddr dstaddr action\n1764000001 10.0.0.3 10.0.0.4 REJECT\n"
    place.write("a.log", f"{V2}\n{LINE}\n{V2}\n{LINE}\n{other}{V2}\n{LINE}\n")
    report = place.ingest(parser=parser)
    assert (report.records, report.lines, report.aside) == (4, 8, {})
    rows = sorted(place.rows(), key=lambda row: row["start"])
    assert [(row["srcport"], row["accepted"]) for row in rows] == [(40000, 1)] * 3 + [(None, 0)]


@pytest.mark.parametrize("parser", PARSERS, ids=lambda p: p.name)
def test_unknown_columns_are_passed_over(place: Place, parser) -> None:
    place.write("a.log", f"new-one {V2} another\nx {LINE} y\n")
    assert place.ingest(parser=parser).aside == {"fields": 0} or place.rows() == []
    place.write("b.log", f"{V2} another\n{LINE} y\n")
    place.ingest(parser=parser)
    assert [row["dstport"] for row in place.rows()] == [443]


@pytest.mark.parametrize("parser", PARSERS, ids=lambda p: p.name)
def test_a_damaged_line_is_set_aside_and_the_rest_goes_in(place: Place, parser) -> None:
    path = place.write(
        "a.log", f"{V2}\n{LINE}\n{LINE[:40]}\n{LINE.replace(' 6 ', ' x ')}\n{LINE}\n"
    )
    report = place.ingest(parser=parser)
    assert (report.records, report.aside) == (2, {"fields": 1, "integer": 1})
    assert [json.loads(line) for line in place.aside()] == [
        {"file": str(path), "line": 3, "reason": "fields", "text": LINE[:40]},
        {"file": str(path), "line": 4, "reason": "integer", "text": LINE.replace(" 6 ", " x ")},
    ]


@pytest.mark.parametrize("parser", PARSERS, ids=lambda p: p.name)
@pytest.mark.parametrize("length", [32 * 1024 + 1, 3 << 20])
def test_a_long_line_is_not_the_end_of_the_file(place: Place, parser, length: int) -> None:
    place.write("a.log.gz", f"{V2}\n{LINE}\n{'9' * length}\n{LINE}\n")
    report = place.ingest(parser=parser)
    assert (report.records, report.aside, report.lines) == (2, {"long": 1}, 4)
    assert json.loads(place.aside()[0])["line"] == 3


def test_a_cut_gz_gives_its_whole_lines(place: Place) -> None:
    text = "\n".join([V2, *([LINE] * 2000), ""])
    data = gzip.compress(text.encode())
    (place.logs / "a.log.gz").write_bytes(data[: len(data) // 2])
    report = place.ingest()
    assert 0 < report.records < 2000
    assert report.faults == [(str(place.logs / "a.log.gz"), "cut off")]
    assert report.lines == report.records + 1 + report.aside["cut"]


def test_members_of_a_gz_follow_each_other(place: Place) -> None:
    one = gzip.compress(f"{V2}\n{LINE}\n".encode())
    (place.logs / "a.log.gz").write_bytes(one + one + b"\0" * 100)
    report = place.ingest()
    assert (report.records, report.faults) == (2, [])


def test_without_a_header_the_default_format_is_taken_if_the_first_line_is_of_it(
    place: Place,
) -> None:
    place.write("a.log", f"{LINE}\n{QUIET}\n")
    report = place.ingest()
    assert (report.records, report.quiet, report.assumed) == (1, 1, 1)


@pytest.mark.parametrize(
    "line",
    [
        LINE.replace("2 1", "3 1", 1),
        LINE.replace(" OK", " -"),
        LINE.replace("10.0.0.2", "eni-1"),
        " ".join(reversed(LINE.split())),
        "hello",
    ],
)
def test_without_a_header_any_other_line_is_no_log(place: Place, line: str) -> None:
    path = place.write("a.log", f"{line}\n")
    report = place.ingest()
    assert (report.strange, place.rows()) == ([(str(path), False)], [])
    assert place.ingest().strange == report.strange  # it is not taken for read


def test_a_format_gives_the_fields_of_lines_without_a_header(place: Place) -> None:
    place.write("a.log", "10.0.0.9 1764000000 REJECT\n")
    layout = of_format("${srcaddr} ${start} ${action}")
    assert place.ingest(layout=layout).records == 1
    assert [(row["srcaddr_low"], row["accepted"]) for row in place.rows()] == [(0x0A000009, 0)]


def test_a_record_without_start_has_its_ends_time_or_the_files(place: Place) -> None:
    place.write("a.log", "end srcaddr\n1764000060 10.0.0.1\n- 10.0.0.2\n")
    report = place.ingest()
    assert [(row["start"], row["seconds"]) for row in place.rows()] == [(1764000060, None)]
    assert report.aside == {"time": 1}
    place.write(
        "1_vpcflowlogs_us-east-1_fl-1_20251124T1605Z_0a.log", "srcaddr dstport\n10.0.0.3 1\n"
    )
    place.ingest()
    assert sorted(row["start"] for row in place.rows()) == [1764000060, 1764000300]


def test_a_bomb_is_stopped(place: Place) -> None:
    text = f"{V2}\n{LINE}\n".encode() + f"{V2}\n".encode() * 600_000
    (place.logs / "a.log.gz").write_bytes(gzip.compress(text))
    report = place.ingest()
    assert report.faults == [(str(place.logs / "a.log.gz"), "inflates too far")]
    assert report.records == 1


@pytest.mark.parametrize("parser", PARSERS, ids=lambda p: p.name)
def test_a_file_that_changes_its_format_too_often_is_set_aside_from_there(
    place: Place, parser
) -> None:
    other = "start srcaddr\n1764000001 10.0.0.3\n"
    place.write("a.log", f"{V2}\n{LINE}\n{other}" * (MOST_FORMATS // 2 + 5))
    report = place.ingest(parser=parser)
    assert report.records == MOST_FORMATS
    assert report.aside == {"headers": 20}
    assert report.lines == 4 * (MOST_FORMATS // 2 + 5)


@pytest.mark.parametrize("parser", PARSERS, ids=lambda p: p.name)
def test_a_value_that_is_a_fields_name_is_no_header(place: Place, parser) -> None:
    names = "ecs-service-name start srcaddr"
    place.write("a.log", f"{names}\nbytes 1764000000 10.0.0.1\nstart 1764000000 10.0.0.2\n")
    report = place.ingest(parser=parser)
    assert (report.records, report.aside) == (2, {})
    assert [row["ecs_service_name"] for row in place.rows()] == ["bytes", "start"]


def test_a_file_that_takes_too_long_is_set_aside_from_there(place: Place) -> None:
    class Slow(FakeClock):
        def monotonic(self) -> float:
            self.advance(PATIENCE / 4)
            return super().monotonic()

    place.write("a.log", "\n".join([V2, *([LINE] * 60_000), ""]))
    with Store(place.store, create=True) as store, Ingest(store, PARSERS[-1], Slow()) as run:
        run.read(local_sources(str(place.logs), (None, None)))
    assert run.report.records + run.report.aside["slow"] == 60_000
    assert 0 < run.report.records < 60_000


def test_more_texts_than_a_batch_holds_make_more_batches(place: Place, monkeypatch) -> None:
    monkeypatch.setattr(batches, "MOST_TEXT", 2000)
    lines = [LINE.replace("eni-0a", f"eni-{n:017}") for n in range(500)]
    place.write("a.log", "\n".join([V2, *lines, ""]))
    monkeypatch.setattr(inflating, "PIECE", 4096)
    assert place.ingest().records == 500
    assert len(place.files()) > 5
    assert {row["interface_id"] for row in place.rows()} == {f"eni-{n:017}" for n in range(500)}


@pytest.mark.parametrize("parser", PARSERS, ids=lambda p: p.name)
def test_more_rows_than_a_batch_holds_make_more_batches(place: Place, monkeypatch, parser) -> None:
    monkeypatch.setattr(batches, "BUDGET", 20_000)
    random = Random(5)
    lines = [record(random, FLOW) for _ in range(400)]
    place.write("a.log", "\n".join([header(FLOW), *lines, V2, *([LINE] * 300), ""]))
    assert place.ingest(parser=parser).records == 700
    assert len(place.files()) > 4
    wide = [row for row in place.rows() if row["interface_id"] != "eni-0a"]
    assert sorted(_as_text(row) for row in wide) == sorted(_expected(line) for line in lines)
    narrow = [row for row in place.rows() if row["interface_id"] == "eni-0a"]
    assert {row["vpc_id"] for row in narrow} == {None}
    assert len(narrow) == 300


def test_any_tool_reads_the_tables_as_they_are_documented(place: Place) -> None:
    random = Random(6)
    place.write("a.log", "\n".join([header(FLOW), *(record(random, FLOW) for _ in range(50)), ""]))
    place.write("t.log", "\n".join([header(TRANSIT), record(random, TRANSIT), ""]))
    place.write("q.log", f"{V2}\n{QUIET}\n")
    place.write("d.log", json.dumps(QUERY) + "\n")
    place.ingest()
    kinds = {Type.INT32: "INTEGER", Type.INT64: "BIGINT", Type.STRING: "VARCHAR"}
    for table in TABLES.values():
        files = (
            f"read_parquet('{place.store}/{table.name}/*/*/*.parquet', hive_partitioning = false)"
        )
        found = duckdb.connect().execute(f"DESCRIBE SELECT * FROM {files}").fetchall()
        assert [row[:2] for row in found] == [(c.name, kinds[c.type]) for c in table.columns]
    hours = (
        duckdb.connect()
        .execute(f"SELECT day, hour, start FROM read_parquet('{place.store}/flow/*/*/*.parquet')")
        .fetchall()
    )
    assert len(hours) == 50
    for day, hour, start in hours:
        moment = datetime.fromtimestamp(start, UTC)
        assert (str(day), str(hour)) == (f"{moment:%Y-%m-%d}", f"{moment:%H}")


def test_a_file_that_breaks_off_while_it_is_read_is_told_and_not_read_twice(place: Place) -> None:
    text = "\n".join([V2, *([LINE] * 30_000), ""]).encode()

    class Broken(io.BytesIO):
        turns = 0

        def seek(self, offset: int, whence: int = 0, /) -> int:
            self.turns += 1
            return super().seek(offset, whence)

        def read(self, size: int | None = -1, /) -> bytes:
            if self.turns and self.tell() >= 1 << 20:
                raise OSError(5, "Input/output error")
            return super().read(size)

    source = Source("broken", len(text), "1", lambda: Broken(text))
    for known in (0, 1):
        with (
            Store(place.store, create=True) as store,
            Ingest(store, PARSERS[-1], FakeClock()) as run,
        ):
            run.read([source])
        assert run.report.known == known
    assert 0 < len(place.rows()) < 30_000


def test_a_disk_that_is_full_ends_the_run_and_the_next_one_goes_on(place: Place) -> None:
    lines = [LINE.replace(" 40000 ", f" {n} ") for n in range(60_000)]
    place.write("a.log", "\n".join([V2, *lines, ""]))
    program = (
        "import resource, sys\n"
        "from ringwall.cli.main import run\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
        "sys.exit(run(['traffic', 'ingest', sys.argv[1], '--store', sys.argv[2]]))\n"
    )
    source = Path(__file__).resolve().parents[3] / "src"
    done = subprocess.run(
        [sys.executable, "-c", program, str(place.logs), str(place.store)],
        capture_output=True, text=True, check=False,
        env={**os.environ, "PYTHONPATH": str(source)},
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (4, "")
    assert done.stderr == f"error: cannot use the store '{place.store}': File too large\n"
    assert place.files() == []
    assert place.ingest().records == 60_000
    assert len(place.rows()) == 60_000
