"""DuckDB reads the hours that are asked about alone, and keeps within its memory."""

from pathlib import Path

import pytest
from sqlglot import exp

from ringwall.detections.detection import Row
from ringwall.errors import OutsideError, QuestionError
from ringwall.shell.engines import duck
from ringwall.shell.engines.duck import Duck
from ringwall.shell.engines.engine import EVER, Scope
from ringwall.shell.engines.queries import parsed
from ringwall.shell.engines.store import Extent, Store
from ringwall.traffic.rollups import FACTS
from tests.detections.stores import store_of, with_more

START = 1_767_225_600
COUNT = parsed("SELECT COUNT(*) AS n, MIN(first) AS first, MAX(first) AS last FROM flow")


def counted(folder: Path, extent: Extent) -> dict[str, object]:
    engine = Duck(Store.at(folder), Scope(extent))
    try:
        [row] = engine.rows(COUNT)
        return dict(row)
    finally:
        engine.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return store_of(tmp_path, "10.0.2.9 > 10.0.1.5:443 every=10m times=24")


def test_the_extent_is_half_open(folder: Path):
    hour = 3600
    assert counted(folder, Extent())["n"] == 24
    assert counted(folder, Extent(START + 600, START + 1200))["n"] == 1
    assert counted(folder, Extent(START + 601, START + 1200))["n"] == 0
    assert counted(folder, Extent(START + hour, START + 2 * hour)) == {
        "n": 6,
        "first": START + hour,
        "last": START + 2 * hour - 600,
    }
    assert counted(folder, Extent(START + 30 * hour, START + 40 * hour))["n"] == 0


def test_files_of_other_hours_are_not_opened(folder: Path):
    """A damaged file does not matter to who asks about another hour, and is told to who does."""
    (folder / "flow/day=2026-01-01/hour=02/a.parquet").write_bytes(b"no parquet")
    assert counted(folder, Extent(START, START + 2 * 3600))["n"] == 12
    with pytest.raises(OutsideError, match="DuckDB failed"):
        counted(folder, Extent(START, START + 3 * 3600))


def test_files_that_are_being_written_are_left_alone(folder: Path):
    (folder / "flow/day=2026-01-01/hour=02/.b.parquet").write_bytes(b"half")
    (folder / "flow/day=2026-01-01/hour=02/_b.parquet").write_bytes(b"half")
    (folder / "flow/day=2026-01-01/hour=02/b.parquet.tmp").write_bytes(b"half")
    assert counted(folder, Extent())["n"] == 24


def test_a_path_with_quotes_is_a_path(tmp_path: Path):
    folder = store_of(tmp_path / "it's a [store]*?", "10.0.2.9 > 10.0.1.5:443 times=3")
    assert counted(folder, Extent())["n"] == 3


def test_the_answers_within_little_memory_are_the_same(tmp_path: Path):
    lines = "198.18.0.1 > 10.0.1.5:1 ports=+1 sources=+7 every=1 times=40000 reject"
    folder = store_of(tmp_path, lines)
    query = parsed(
        "SELECT family, source_low, destination_low, port, records FROM conversation "
        "ORDER BY family, source_low, destination_low, port, records"
    )
    answers = []
    for memory in ("24MB", "1GB"):
        engine = Duck(Store.at(folder), Scope(), memory=memory, threads=1)
        answers.append(engine.rows(query))
        engine.close()
    assert len(answers[0]) == 40000
    assert answers[0] == answers[1]


_ENDS = "family, source_high, source_low, destination_high, destination_low, port, protocol"
WHOLE = parsed(f"SELECT * FROM conversation ORDER BY {_ENDS}, slot")
EDGES = parsed(f"SELECT * FROM edge ORDER BY {_ENDS}, begun, ended")


def answers(folder: Path, extent: Extent = EVER) -> list[Row]:
    return [row for rows in asked(folder, Scope(extent), WHOLE) for row in rows]


def asked(folder: Path, scope: Scope, *queries: exp.Expr) -> list[list[Row]]:
    engine = Duck(Store.at(folder), scope, threads=3)
    try:
        found = [engine.rows(query) for query in queries]
        assert engine._run("SELECT current_setting('threads')").fetchall() == [(3,)]
        return found
    finally:
        engine.close()


def test_what_is_computed_hour_by_hour_is_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Late files, in the hour or beside it, are with the others of their five minutes."""
    store = store_of(tmp_path / "one", "10.0.2.9 > 10.0.1.5:443 every=100 times=900 back=90")
    late = with_more(store, tmp_path / "two", "10.0.2.9 > 10.0.1.5:443 every=77 times=900")
    extents = (EVER, Extent(START + 1000, START + 9000))
    with monkeypatch.context() as patch:
        patch.setattr(duck, "BATCH", 1 << 40)
        at_once = [answers(late, extent) for extent in extents]
    for size in (0, 40_000):
        monkeypatch.setattr(duck, "BATCH", size)
        assert [answers(late, extent) for extent in extents] == at_once
    assert len(list(Store.at(late).batches("flow", EVER, 0))) > 20
    assert max(int(row["records"] or 0) for row in at_once[0]) > 6
    assert len({row["slot"] for row in at_once[0]}) == len(at_once[0]) > 250


PLAIN = "10.0.2.9 > 10.0.1.5:443 every=10m times=30 back=90\n8.8.8.8 > 10.0.1.5:22 reject times=9"
KEPT = ("conversation", "edge")
LATE = {
    "nothing more": "10.0.2.9 > 10.0.1.5:443 times=3",
    "IPv6": "fd00::5 > [2001:db8::1]:443 every=10m times=9 back=90",
    "flags": "10.0.2.9 > 10.0.1.5:443 every=10m times=9 back=90 flags",
    "directions": "10.0.2.9:50000 > 10.0.1.5:5432 arrives",
    "services": "10.0.1.5 > 203.0.113.9:443 bytes=500 back=3000 service=S3",
}


@pytest.mark.parametrize("late", LATE)
def test_columns_of_one_value_are_told_as_the_others(
    late: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """What no log has is not stored; one late file that has it changes what is stored."""
    store = with_more(store_of(tmp_path / "one", PLAIN), tmp_path / "two", LATE[late])
    scopes = (Scope(), Scope(services=("8.0.0.0/6",)), Scope(changes=(START + 3000,)))
    queries = (WHOLE, EDGES, COUNT)
    told = [asked(store, scope, *queries) for scope in scopes]
    with monkeypatch.context() as patch:
        patch.setattr(Duck, "_facts", frozenset({*FACTS, "changes"}))
        everything = [asked(store, scope, *queries) for scope in scopes]
    assert repr(told) == repr(everything)
    assert all(len(rows) > 1 for rows in told[0][:2])
    assert told[0] != told[2]


def test_what_many_logs_have_none_of_is_not_stored(tmp_path: Path):
    store = store_of(tmp_path / "one", PLAIN)
    late = with_more(store, tmp_path / "two", LATE["IPv6"], LATE["flags"])
    widths = []
    for folder in (store, late):
        engine = Duck(Store.at(folder), Scope(), threads=1)
        engine.rows(EDGES)
        widths.append([len(engine._run(f"DESCRIBE kept_{name}").fetchall()) for name in KEPT])
        engine.close()
    assert widths == [[15, 10], [21, 15]]


def test_what_was_not_computed_to_its_end_is_not_there(
    folder: Path, monkeypatch: pytest.MonkeyPatch
):
    damaged = folder / "flow/day=2026-01-01/hour=02/a.parquet"
    whole = damaged.read_bytes()
    damaged.unlink()
    damaged.write_bytes(b"no parquet")
    engine = Duck(Store.at(folder), Scope(), threads=2)
    monkeypatch.setattr(duck, "BATCH", 0)
    monkeypatch.setattr(Duck, "_facts", frozenset())
    try:
        for _ in range(2):
            with pytest.raises(OutsideError, match="DuckDB failed"):
                engine.rows(WHOLE)
            assert engine._run("SELECT current_setting('threads')").fetchall() == [(2,)]
        damaged.write_bytes(whole)
        assert len(engine.rows(WHOLE)) == 24
        assert engine.rows(COUNT)[0]["n"] == 24
    finally:
        engine.close()


def test_too_little_memory_is_told(tmp_path: Path):
    lines = "198.18.0.1 > 10.0.1.5:1 ports=+1 sources=+7 every=1 times=40000 reject"
    engine = Duck(Store.at(store_of(tmp_path, lines)), Scope(), memory="1MB", threads=1)
    try:
        with pytest.raises(OutsideError, match="ran out of memory"):
            engine.rows(parsed("SELECT COUNT(*) AS n FROM conversation"))
    finally:
        engine.close()


def test_a_size_that_is_none_is_told(folder: Path):
    with pytest.raises(QuestionError, match="DuckDB does not start"):
        Duck(Store.at(folder), Scope(), memory="plenty")
