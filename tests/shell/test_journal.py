"""A journal speeds a resume; no state of it may stop one."""

import json

import pytest

from ringwall.shell.journal import DONE, FAILED, UNCLEAR, Journal
from tests.fakes.clock import FakeClock
from tests.shell.plans import VPC, create_vpc, step

ONE, TWO = step(1, create_vpc(), key="one"), step(2, create_vpc(), key="two")


def journal_in(folder):
    return Journal(folder / "a" / "journal.jsonl", FakeClock())


def test_a_missing_journal_leaves_no_doubt(tmp_path):
    assert journal_in(tmp_path).doubtful == frozenset()


def test_a_step_without_an_end_is_in_doubt(tmp_path):
    journal = journal_in(tmp_path)
    journal.run("r", "apply", "digest")
    journal.begin(ONE)
    journal.begin(TWO)
    journal.end(ONE, DONE)
    assert journal_in(tmp_path).doubtful == {(VPC, "two")}


@pytest.mark.parametrize(("outcome", "doubtful"), [(DONE, 0), (FAILED, 0), (UNCLEAR, 1)])
def test_only_an_unclear_end_leaves_doubt(tmp_path, outcome, doubtful):
    journal = journal_in(tmp_path)
    journal.begin(ONE)
    journal.end(ONE, outcome, "InternalError")
    assert len(journal_in(tmp_path).doubtful) == doubtful


@pytest.mark.parametrize("cut", [1, 10, 40, 80])
def test_a_torn_last_line_hides_nothing_that_comes_after_it(tmp_path, cut):
    journal = journal_in(tmp_path)
    journal.begin(ONE)
    journal.begin(TWO)
    data = journal.path.read_bytes()
    journal.path.write_bytes(data[:-cut])
    journal_in(tmp_path).begin(TWO)
    assert journal_in(tmp_path).doubtful == {(VPC, "one"), (VPC, "two")}


@pytest.mark.parametrize(
    "garbage",
    [
        b"\x00\xff\xfe",
        b"[]\n{}\n1\nnull\n",
        b'{"event": "begin"}\n',
        b'{"event": "end", "type": 1}',
        b"[" * 100000,
    ],
)
def test_damage_is_passed_over(tmp_path, garbage):
    journal = journal_in(tmp_path)
    journal.path.parent.mkdir(parents=True)
    journal.path.write_bytes(garbage)
    journal_in(tmp_path).begin(ONE)
    assert journal_in(tmp_path).doubtful == {(VPC, "one")}


def test_a_journal_that_cannot_be_written_says_why_and_stops_nothing(tmp_path):
    (tmp_path / "a").write_text("a file where the folder should be")
    journal = journal_in(tmp_path)
    journal.begin(ONE)
    assert journal.fault


def test_every_line_is_json_with_the_time_of_the_clock(tmp_path):
    journal = journal_in(tmp_path)
    journal.note("unlock", reason="the run died")
    (line,) = filter(None, journal.path.read_text().splitlines())
    assert json.loads(line) == {
        "at": "2026-11-23T09:00:00+00:00",
        "event": "unlock",
        "reason": "the run died",
    }
