"""`ringwall respond` that is killed, or stopped by a signal, amid an action, as a process of its
own against the lab; and what a person does then."""

import random
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from functools import partial

import boto3
import pytest

from ringwall.shell.ledger.dynamodb import SCHEMA

OFFENDER = "198.51.100.7"
CREATE = "CreateNetworkAclEntry"
TABLE = "stopped"


@pytest.fixture
def deployed(lab, ringwall, minimal):
    assert ringwall("apply", "--yes", "-q").code == 0
    return minimal


@pytest.fixture(params=["responses.db", f"dynamodb:{TABLE}"])
def ledger(request, lab):
    if request.param.startswith("dynamodb"):
        client = boto3.client("dynamodb", "us-east-1", endpoint_url=lab.endpoint)
        client.create_table(TableName=TABLE, **SCHEMA)
    return request.param


def proposed(ringwall, *ledger):
    words = ("--source", OFFENDER, "--reason", "it tries", "--json")
    told = ringwall("respond", "report", *words, *ledger)
    return told.json["incident"]["id"]


def until(is_so, seconds=60):
    deadline = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@contextmanager
def amid(lab, *words):
    """A process that has written its first entry, and cannot write its second."""
    command = [sys.executable, "-m", "ringwall.cli.main", *words]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def begun(lab):
    """Return how many entries were asked for."""
    return sum(name == CREATE for _, name, _ in lab.calls)


@pytest.fixture
def stuck(lab):
    """Let every second entry fail, as long as the test goes on."""

    def arm():
        lab.calls.clear()
        breaking = Breaking(lab)
        lab.wire.faults = breaking
        return breaking

    before = lab.wire.faults
    yield arm
    lab.wire.faults = before


class Breaking:
    """Breaks every entry but the first."""

    armed = True

    def __init__(self, lab):
        self.lab, self.seen = lab, 0

    def clear(self):
        self.armed = False

    def strike(self, operation):
        if operation.name != CREATE or not self.armed:
            return None
        self.seen += 1
        return "throttle" if self.seen > 1 else None


def denials(ec2):
    return [
        entry
        for acl in ec2.describe_network_acls()["NetworkAcls"]
        for entry in acl["Entries"]
        if entry["RuleNumber"] < 100
    ]


def test_who_is_killed_amid_an_action_keeps_nobody_waiting(
    ringwall, deployed, lab, ec2, ledger, stuck
):
    at = ("--ledger", ledger)
    id_ = proposed(ringwall, *at)
    faults = stuck()
    with amid(lab, "respond", "approve", id_, "--reason", "sure", *at) as process:
        until(lambda: begun(lab) >= 2)
        status = ringwall("respond", "status", "--json", *at)
        [half] = status.json["half_made"]
        assert (half["incident"], half["state"], half["is_worked_on"]) == (id_, "acting", True)
        assert half["locks"][0]["life"] == "alive"
        other = ringwall("respond", "reconcile", "--json", *at)
        assert (other.code, other.json["done"]) == (4, [])
        assert f"(process {process.pid})" in other.json["left"][0]["why"]
        assert ringwall("respond", "unlock", id_, "--reason", "x", *at).code == 4
        process.send_signal(signal.SIGKILL)
        process.wait()
    faults.clear()
    assert len(denials(ec2)) == 1
    told = ringwall("respond", "status", *at).out
    assert "! half made since " in told
    assert "nobody is at work on it" in told or ledger != "responses.db"
    assert f"finish or take back: ringwall respond reconcile --ledger {ledger}" in told
    if ledger != "responses.db":
        waits = ringwall("respond", "reconcile", *at)
        assert waits.code == 4
        assert "hint: try again; it is free at " in waits.err
        released = ringwall("respond", "unlock", id_, "--reason", "it was killed", *at)
        assert released.code == 0
        assert "released; it was held by " in released.out
        assert "released: it was killed (held by" in ringwall("respond", "journal", *at).out
    done = ringwall("respond", "reconcile", *at)
    assert (done.code, done.err) == (0, "")
    assert done.out == f"{id_}: taken back, as it was begun and not ended\n"
    assert denials(ec2) == []
    assert ringwall("respond", "status", "--json", *at).json["half_made"] == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_who_is_stopped_amid_an_action_says_what_is_half_made(
    ringwall, deployed, lab, ec2, stuck, number
):
    at = ("--ledger", "my responses.db")
    id_ = proposed(ringwall, *at)
    faults = stuck()
    with amid(lab, "respond", "approve", id_, "--reason", "sure", *at) as process:
        until(lambda: begun(lab) >= 2)
        process.send_signal(number)
        assert process.stderr.readline() == "stopping after this step; once more stops at once\n"
        process.send_signal(number)
        _, told = process.communicate(timeout=60)
    faults.clear()
    assert process.returncode == 130
    assert told == (
        f"interrupted; half made: block-source (applying) of {id_};"
        " `ringwall respond reconcile --ledger 'my responses.db'` finishes it or"
        " takes it back\n"
    )
    lines = ringwall("respond", "journal", "--json", *at).json["lines"]
    assert (lines[-1]["what"], lines[-1]["state"]) == ("interrupted", "failed")
    assert lines[-1]["reason"] == "stopped by a signal: 2 of 2 measures were begun"
    assert len(denials(ec2)) == 1
    assert ringwall("respond", "reconcile", *at).code == 0
    assert denials(ec2) == []


def test_a_watcher_that_is_stopped_says_that_nothing_is_half_made(
    ringwall, deployed, lab, tmp_path
):
    (tmp_path / "logs").mkdir()
    words = ("--logs", "logs", "--store", "store", "--every", "1h")
    with amid(lab, "respond", "watch", *words) as process:
        until((tmp_path / "store").exists)
        until(lambda: any(name == "DescribeNetworkAcls" for _, name, _ in lab.calls))
        process.send_signal(signal.SIGTERM)
        _, told = process.communicate(timeout=60)
    assert process.returncode == 130
    assert told.splitlines()[-1] == (
        "interrupted; nothing is half made; `ringwall respond status` tells how things stand"
    )
    assert "Traceback" not in told


@pytest.mark.parametrize("rounds", [2, pytest.param(40, marks=pytest.mark.campaign)])
def test_whenever_it_is_killed_all_is_as_before_after_reconciling(
    ringwall, deployed, lab, ec2, ledger, rounds
):
    """An action or an undoing is killed or stopped at a random moment of its calls."""
    at, draw = ("--ledger", ledger), random.Random(rounds)
    for number in range(rounds):
        words = ("--source", f"198.51.100.{number + 1}", "--reason", "it tries", "--json")
        id_ = ringwall("respond", "report", *words, *at).json["incident"]["id"]
        verb = draw.choice(["approve", "undo"])
        if verb == "undo":
            assert ringwall("respond", "approve", id_, "--reason", "sure", *at).code == 0
        lab.calls.clear()
        how = draw.choice([signal.SIGKILL, signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
        with amid(lab, "respond", verb, id_, "--reason", "sure", *at) as process:
            until(partial(has_asked, lab, process, draw.randrange(1, 3)))
            time.sleep(draw.uniform(0, 0.03))
            process.send_signal(how)
            _, told = process.communicate(timeout=60)
        assert "Traceback" not in told
        [state] = [e["state"] for e in incidents(ringwall, at) if e["id"] == id_]
        halves = ringwall("respond", "status", "--json", *at).json["half_made"]
        assert [e["incident"] for e in halves] == [id_][: state in {"acting", "undoing", "failed"}]
        if ledger != "responses.db" and how == signal.SIGKILL:
            ringwall("respond", "unlock", id_, "--reason", "it was killed", *at)
        if state == "in-force":
            assert ringwall("respond", "undo", id_, "--reason", "over", *at).code == 0
        done = ringwall("respond", "reconcile", *at)
        assert done.code == 0, done.err
        assert denials(ec2) == []
        assert ringwall("respond", "status", "--json", *at).json["half_made"] == []
    lines = ringwall("respond", "journal", "--json", *at).json["lines"]
    assert [line["number"] for line in lines] == list(range(1, len(lines) + 1))


def has_asked(lab, process, entries):
    """Tell whether so many entries were to be written or taken away, or a process has ended."""
    asked = sum(name in {CREATE, "DeleteNetworkAclEntry"} for _, name, _ in list(lab.calls))
    return asked >= entries or process.poll() is not None


def incidents(ringwall, at):
    return ringwall("respond", "list", "--json", *at).json["incidents"]
