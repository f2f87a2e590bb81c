"""What holds for a ledger in a file."""

import sqlite3
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import repeat

import pytest

from ringwall.errors import InputError, StoreError
from ringwall.playbooks.records import IncidentState
from ringwall.shell.ledger import sqlite
from ringwall.shell.ledger.sqlite import SqliteLedger
from tests.shell.ledger.records import event, line


def test_what_was_written_is_there_after_closing(tmp_path):
    path = tmp_path / "deep" / "ledger.sqlite"
    with SqliteLedger(path, create=True) as ledger:
        incident = ledger.admit(event(), now=200).incident
    with SqliteLedger(path) as ledger:
        assert ledger.incidents() == [incident]


def test_two_who_have_it_open_see_what_the_other_writes(tmp_path):
    path = tmp_path / "ledger.sqlite"
    with SqliteLedger(path, create=True) as one, SqliteLedger(path) as other:
        one.halt(line())
        assert other.is_halted
        other.write(line())
        assert [each.number for each in one.lines()] == [1, 2]


WRITES = """
import sys
from pathlib import Path
from ringwall.playbooks.records import Line
from ringwall.shell.ledger.sqlite import SqliteLedger
with SqliteLedger(Path(sys.argv[1])) as ledger:
    ledger.write(Line(1, "", "from another process", "ann"))
    print([each.what for each in ledger.lines()])
"""


def test_what_others_write_is_not_lost_where_a_process_has_it_open_twice(tmp_path):
    """How To Corrupt An SQLite Database File, 2.2: closing a file gives its POSIX locks back, and
    another process that closes the ledger then takes itself for the last one."""
    path = tmp_path / "ledger.sqlite"
    command = [sys.executable, "-c", WRITES, str(path)]
    with SqliteLedger(path, create=True) as one, SqliteLedger(path, create=True) as other:
        subprocess.run(command, check=True, capture_output=True)
        assert path.with_name("ledger.sqlite-wal").exists(), "it is not the last one"
        one.write(line("from here"))
        told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        assert told == "['from another process', 'from here', 'from another process']\n"
        assert len(other.lines()) == 3


def test_threads_may_share_one(tmp_path):
    with SqliteLedger(tmp_path / "ledger.sqlite", create=True) as ledger:

        def work(number):
            for turn in range(20):
                ledger.admit(event(f"{number}.{turn}", f"203.0.113.{turn}"), now=200)
                ledger.lines()

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(work, range(4)))
        assert sum(each.events for each in ledger.incidents()) == 80
        assert [each.number for each in ledger.lines()] == [*range(1, 81)]


def test_several_who_make_it_at_once_make_one(tmp_path):
    with ThreadPoolExecutor(4) as pool:
        for number in range(100):
            path = tmp_path / f"{number}.sqlite"
            opened = [pool.submit(SqliteLedger, path, create=True) for _ in range(4)]
            for one in opened:
                one.result().close()


def test_a_full_disk_is_told_in_one_line_and_nothing_half_written(tmp_path):
    with SqliteLedger(tmp_path / "ledger.sqlite", create=True) as ledger:
        incident = ledger.admit(event(), now=200).incident
        (pages,) = ledger._db.execute("PRAGMA page_count").fetchone()
        ledger._db.execute(f"PRAGMA max_page_count = {pages}")
        others = (event(f"e{n}", f"198.51.100.{n}") for n in range(1000))
        with pytest.raises(StoreError, match="full"):
            list(map(ledger.admit, others, repeat(200)))
        written = len(ledger.incidents())
        ledger._db.execute("PRAGMA max_page_count = 100000")
        assert [each.number for each in ledger.lines()] == [*range(1, written + 1)]
        ledger.move(incident, IncidentState.CLOSED, line())
        assert len(ledger.lines()) == written + 1


def test_a_ledger_is_its_owners_alone(tmp_path):
    path = tmp_path / "ledger.sqlite"
    with SqliteLedger(path, create=True) as ledger:
        ledger.write(line())
        modes = {stat.S_IMODE(each.stat().st_mode) for each in tmp_path.iterdir()}
    assert modes == {0o600}


def test_a_commit_is_on_the_disk_when_it_returns(tmp_path):
    """With synchronous FULL in WAL mode the log is synced at each commit (SQLite, PRAGMA)."""
    with SqliteLedger(tmp_path / "ledger.sqlite", create=True) as ledger:
        assert ledger._db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert ledger._db.execute("PRAGMA synchronous").fetchone() == (2,)


def test_no_ledger_is_made_unasked(tmp_path):
    with pytest.raises(InputError, match="there is no ledger") as caught:
        SqliteLedger(tmp_path / "ledger.sqlite")
    assert caught.value.exit_code == 2
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("create", [False, True])
def test_a_file_that_is_no_ledger_is_told_in_one_line_and_left_alone(tmp_path, create):
    text, foreign = tmp_path / "notes.txt", tmp_path / "other.sqlite"
    text.write_text("no database at all, " * 100)
    with sqlite3.connect(foreign) as db:
        db.execute("CREATE TABLE part (name TEXT)")
    db.close()
    for path in (text, foreign):
        before = path.read_bytes()
        with pytest.raises(InputError) as caught:
            SqliteLedger(path, create=create)
        assert caught.value.message == f"'{path}' is no ledger"
        assert caught.value.exit_code == 2
        assert path.read_bytes() == before


def test_a_ledger_of_a_newer_version_is_told_in_one_line(tmp_path):
    path = tmp_path / "ledger.sqlite"
    SqliteLedger(path, create=True).close()
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 7")
    db.close()
    with pytest.raises(InputError, match=r"newer Ringwall \(version 7\)") as caught:
        SqliteLedger(path)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("create", [False, True])
def test_an_empty_file_is_none_and_stays_as_it_is(tmp_path, create):
    path = tmp_path / "ledger.sqlite"
    path.touch()
    with pytest.raises(InputError, match="is empty: what it told is not there"):
        SqliteLedger(path, create=create)
    assert path.read_bytes() == b""


def test_a_ledger_is_made_whole_or_not_at_all(tmp_path, monkeypatch):
    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(sqlite, "_set_up", fail)
    with pytest.raises(StoreError, match="No space left on device"):
        SqliteLedger(tmp_path / "ledger.sqlite", create=True)
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_told_in_one_line(tmp_path):
    with pytest.raises(StoreError, match="cannot use ledger") as caught:
        SqliteLedger(tmp_path, create=True)
    assert caught.value.exit_code == 4
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="cannot use ledger"):
        SqliteLedger(tmp_path / "file" / "ledger.sqlite", create=True)


def test_who_waits_too_long_is_told_why(tmp_path, monkeypatch):
    monkeypatch.setattr(sqlite, "WAIT", 0.1)
    path = tmp_path / "ledger.sqlite"
    with SqliteLedger(path, create=True) as one, SqliteLedger(path) as other:
        with one._change(), pytest.raises(StoreError, match="locked") as caught:
            other.write(line())
        assert "another process" in caught.value.hint
        other.write(line())
        assert [each.number for each in one.lines()] == [1]


def test_a_damaged_ledger_is_told_in_one_line(tmp_path):
    path = tmp_path / "ledger.sqlite"
    with SqliteLedger(path, create=True) as ledger:
        for number in range(50):
            ledger.admit(event(f"e{number}", f"203.0.113.{number}"), now=200)
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + b"\xff" * (len(whole) - 4096))
    with pytest.raises(InputError, match="is damaged") as caught, SqliteLedger(path) as ledger:
        ledger.incidents()
    assert caught.value.exit_code == 2
