"""Who holds locks of a ledger in a file, and dies or lives: no clock and no number tells, but the
kernel does."""

import gc
import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from ringwall.errors import LockedError
from ringwall.shell.ledger import lives
from ringwall.shell.ledger.holders import Holder, Life, read_holder
from ringwall.shell.ledger.sqlite import SqliteLedger
from tests.shell.ledger.records import line

FAR = 10**10  # seconds: where a clock jumps to
HOLDS = """
import os, sys, time
from pathlib import Path
from ringwall.shell.ledger.sqlite import SqliteLedger
ledger = SqliteLedger(Path(sys.argv[1]), create=True)
assert ledger.lock(["a", "b"], "one", 100, 60)
if sys.argv[2:] and os.fork():
    os._exit(0)
print(os.getpid(), flush=True)
time.sleep(60)
"""


@contextmanager
def another(path, *more):
    """Another process that holds the locks of `a` and `b`, and its number."""
    command = [sys.executable, "-c", HOLDS, str(path), *more]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        pid = int(process.stdout.readline())
        try:
            yield process
        finally:
            with_kill(pid)
            process.wait()


def with_kill(pid):
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return


@pytest.fixture
def path(tmp_path):
    return tmp_path / "ledger.sqlite"


def test_who_is_killed_gives_way_at_once(path):
    with another(path) as process, SqliteLedger(path) as ledger:
        assert not ledger.lock(["b"], "two", 101, 60)
        process.kill()
        process.wait()
        [held] = ledger.held(["a"])
        assert (held.owner, held.life) == ("one", Life.DEAD)
        assert f"(process {process.pid})" in held.who
        assert ledger.lock(["b", "c"], "two", 101, 60)
        assert ledger.lock(["a"], "two", 50, 60), "whatever the clock says"
        assert [each.life for each in ledger.held("abc")] == [Life.ALIVE] * 3


def test_who_lives_keeps_its_locks_however_far_the_clock_jumps(path):
    with another(path) as process, SqliteLedger(path) as ledger:
        assert not ledger.lock(["a"], "two", FAR, 60)
        os.kill(process.pid, signal.SIGSTOP)  # it hangs, and may go on any time
        assert not ledger.lock(["a"], "two", FAR, 60)
        with pytest.raises(LockedError, match=rf"\(process {process.pid}\) lives, and holds"):
            ledger.release(["a"], "one", line())
        assert ledger.lines() == []
        assert [each.life for each in ledger.held("ab")] == [Life.ALIVE] * 2


def test_a_child_that_goes_on_keeps_the_locks_of_its_parent(path):
    with another(path, "fork") as process, SqliteLedger(path) as ledger:
        process.wait()
        assert not ledger.lock(["a"], "two", FAR, 60)


def test_who_shares_a_process_lives(path):
    with SqliteLedger(path, create=True) as ledger, SqliteLedger(path) as other:
        assert ledger.lock(["a"], "one", 100, 60)
        assert not ledger.lock(["a"], "two", FAR, 60)
        assert not other.lock(["a"], "three", FAR, 60)
        assert other.lock(["b"], "three", 100, 60)
        ledger.unlock(["a"], "one")
        assert other.lock(["a"], "three", 100, 60)
        assert not ledger.lock(["b"], "two", FAR, 60)


def test_what_others_do_with_the_file_takes_no_lock_away(path):
    with SqliteLedger(path, create=True) as ledger:
        assert ledger.lock(["a"], "one", 100, 60)
        with SqliteLedger(path) as other:
            assert other.lock(["b"], "two", 100, 60)
        with path.with_name("ledger.sqlite-holders").open():
            pass
        with SqliteLedger(path) as other:
            assert not other.lock(["a"], "two", FAR, 60)
            assert other.lock(["b"], "three", 100, 60), "who held it has let go of the file"


def test_a_ledger_is_one_by_whichever_link_it_is_opened(path):
    link = path.with_name("link.sqlite")
    link.symlink_to(path)
    with SqliteLedger(link, create=True) as ledger, SqliteLedger(path) as other:
        assert path.stat().st_mode & 0o777 == 0o600
        assert ledger.lock(["a"], "one", 100, 60)
        assert other.held("a")[0].life is Life.ALIVE
        assert not other.lock(["a"], "two", FAR, 60)


def test_a_ledger_that_is_forgotten_keeps_no_file_open_and_no_lock(path):
    def is_open():
        links = Path("/proc/self/fd").iterdir()
        return any(str(each.resolve()).endswith(f"{path.name}-holders") for each in links)

    forgotten = SqliteLedger(path, create=True)
    assert not is_open()
    assert forgotten.lock(["a"], "one", 100, 60)
    assert is_open()
    del forgotten
    gc.collect()
    assert not is_open()
    with SqliteLedger(path) as ledger:
        assert ledger.lock(["a"], "two", 101, 60)


def test_another_container_of_the_machine_is_judged_by_the_kernel_not_by_numbers(path):
    here = Holder.this()
    same = replace(here, place=f"{here.boot}/pid:[1]", born=1)
    with SqliteLedger(path, create=True, here=same) as inside, SqliteLedger(path) as ledger:
        assert inside.lock(["a"], "one", 100, 60)
        assert ledger.held("a")[0].life is Life.ALIVE
        assert not ledger.lock(["a"], "two", FAR, 60)
        inside.close()
        assert ledger.lock(["a"], "two", 100, 60)


@pytest.mark.parametrize("place", ["another-boot/pid:[1]", ""])
def test_of_another_machine_nothing_is_known_until_the_time_is_over(path, place):
    away = replace(Holder.this(), place=place)
    with SqliteLedger(path, create=True, here=away) as far, SqliteLedger(path) as ledger:
        assert far.lock(["a"], "one", 100, 60)
        far.close()
        assert ledger.held("a")[0].life is Life.UNKNOWN
        assert not ledger.lock(["a"], "two", 159, 60)
        assert ledger.lock(["a"], "two", 160, 60)


def test_where_the_file_of_holders_was_put_aside_nothing_is_known(path):
    with SqliteLedger(path, create=True) as ledger:
        assert ledger.lock(["a"], "one", 100, 60)
        path.with_name("ledger.sqlite-holders").unlink()
        with SqliteLedger(path) as other:
            assert other.held("a")[0].life is Life.UNKNOWN
            assert not other.lock(["a"], "two", 159, 60)
            assert other.lock(["a"], "two", 160, 60)


@pytest.mark.parametrize("missing", ["_SET", "_GET"])
def test_where_the_kernel_has_no_such_locks_nothing_is_known(path, monkeypatch, missing):
    monkeypatch.setattr(lives, missing, None)
    with SqliteLedger(path, create=True) as ledger, SqliteLedger(path) as other:
        assert ledger.lock(["a"], "one", 100, 60)
        assert not other.lock(["a"], "two", 159, 60)
        assert other.lock(["a"], "two", 160, 60)


def test_who_wrote_no_holder_is_one_of_whom_nothing_is_known(path):
    with SqliteLedger(path, create=True) as ledger:
        ledger._db.execute("INSERT INTO lock VALUES ('a', 'of before', 160)")
        [held] = ledger.held("a")
        assert (held.who, held.since, held.life) == ("somebody", 0, Life.UNKNOWN)
        assert not ledger.lock(["a"], "two", 159, 60)
        assert ledger.lock(["a"], "two", 160, 60)


def test_a_ledger_of_before_takes_holders(path):
    with SqliteLedger(path, create=True) as ledger:
        ledger._db.execute("DROP TABLE holder")
    with SqliteLedger(path) as ledger:
        assert ledger.lock(["a"], "one", 100, 60)
        assert ledger.held("a")[0].life is Life.ALIVE


def test_who_gives_back_holds_nothing_even_where_that_cannot_be_written(path):
    with SqliteLedger(path, create=True) as ledger, SqliteLedger(path) as other:
        assert ledger.lock(["a"], "one", 100, 60)
        ledger._db.execute("PRAGMA query_only = ON")
        with pytest.raises(Exception, match="cannot use ledger"):
            ledger.unlock(["a"], "one")
        assert other.lock(["a"], "two", 101, 60)


def test_a_process_is_known_by_its_number_and_its_beginning():
    here = Holder.this()
    assert here.life(here) is Life.ALIVE
    assert replace(here, born=here.born + 1).life(here) is Life.DEAD, "its number was given again"
    assert replace(here, place="elsewhere/pid:[1]").life(here) is Life.UNKNOWN
    assert replace(here, place="").life(replace(here, place="")) is Life.UNKNOWN
    assert replace(here, born=0).life(here) is Life.UNKNOWN
    assert replace(here, pid=2**40).life(here) is Life.UNKNOWN
    with subprocess.Popen(["sleep", "60"]) as process:
        known = replace(here, pid=process.pid, born=0)
        assert known.life(here) is Life.UNKNOWN
        process.kill()
    assert known.life(here) is Life.DEAD


@pytest.mark.parametrize("text", ["", "[]", "{}", "no", '{"who": 1}', '{"pid": "x"}'])
def test_a_document_that_is_none_tells_of_nobody(text):
    holder, known = read_holder(text)
    assert (holder, known) == (Holder("somebody"), {})
