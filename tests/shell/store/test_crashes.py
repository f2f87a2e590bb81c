"""A store is whole after a crash at any moment, and after two runs at once."""

import os
import shutil
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from random import Random

import pyarrow.parquet
import pytest

from ringwall.errors import LockedError
from ringwall.shell.store.store import STAGING, Store
from ringwall.traffic.fields import DEFAULT_FLOW
from tests.shell.store.conftest import Place
from tests.traffic.records import HOUR, header

ROOT = Path(__file__).resolve().parents[3]
FILES, EACH = 12, 3


def run(*arguments: object) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": f"{ROOT / 'src'}{os.pathsep}{ROOT}"}
    return subprocess.Popen(
        [sys.executable, *map(str, arguments)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment, cwd=ROOT,
    )  # fmt: skip


def crash(place: Place, point: int, todo: str = "ingest") -> tuple[int, str]:
    with run("-m", "tests.shell.store.crashing", place.store, place.logs, point, todo) as process:
        out, err = process.communicate(timeout=60)
    assert process.returncode in {0, 137}, err
    return process.returncode, out


@pytest.fixture
def logs(place: Place) -> Place:
    """Files of which each has records of two hours; a record's source port says which it is."""
    for n in range(FILES):
        lines = [
            f"2 123456789012 eni-0a 10.0.{n}.{i} 10.0.0.2 {n * EACH + i} 443 6 10 840 "
            f"{HOUR * 3600 + i * 3600} {HOUR * 3600 + i * 3600 + 60} ACCEPT OK"
            for i in range(EACH)
        ]
        place.write(f"{n:02}.log", "\n".join([header(DEFAULT_FLOW), *lines, ""]))
    return place


def assert_whole(place: Place) -> None:
    """What lies on the disk is what the manifest says: of each file that was read, all rows."""
    with Store(place.store, create=True) as store:
        parts = store.manifest.parts()
        assert sorted(store.place(part) for part in parts) == place.files()
        assert list((place.store / STAGING).iterdir()) == []
        assert store.manifest.parts("staged") == store.manifest.parts("gone") == []
        read = [
            n
            for n in range(FILES)
            if store.manifest.earlier(str((place.logs / f"{n:02}.log").resolve()))
        ]
    ports = Counter(row["srcport"] for row in place.rows())
    assert ports == Counter(n * EACH + i for n in read for i in range(EACH))


def complete(place: Place) -> None:
    place.ingest()
    assert_whole(place)
    assert sorted(row["srcport"] for row in place.rows()) == list(range(FILES * EACH))


def spread(place: Place) -> None:
    """Ingest file by file, so that every hour has many parts."""
    for n in range(FILES):
        place.ingest(f"{n:02}.log")


def points(place: Place, todo: str, count: int) -> list[int]:
    """Return some of the steps of a run at which it may die, the first and the last among them."""
    spare = Place(place.store.parent / "spare")
    shutil.copytree(place.logs, spare.logs, dirs_exist_ok=True)
    if todo == "compact":
        spread(spare)
    code, out = crash(spare, 0, todo)
    assert code == 0
    steps = int(out)
    assert steps > 20
    return sorted({1, steps, *Random(1).sample(range(1, steps + 1), min(count, steps))})


@pytest.mark.parametrize("todo", ["ingest", "compact"])
def test_a_store_is_whole_after_a_crash_at_some_step(logs: Place, todo: str) -> None:
    crash_at(logs, todo, 5)


@pytest.mark.campaign
@pytest.mark.parametrize("todo", ["ingest", "compact"])
def test_a_store_is_whole_after_a_crash_at_any_step(logs: Place, todo: str) -> None:
    crash_at(logs, todo, 10_000)


def crash_at(logs: Place, todo: str, count: int) -> None:
    died = 0
    whole = logs.store.parent / "whole"
    if todo == "compact":
        spread(logs)
        logs.store.rename(whole)
    for point in points(logs, todo, count):
        shutil.rmtree(logs.store, ignore_errors=True)
        if todo == "compact":
            shutil.copytree(whole, logs.store)
        code, _ = crash(logs, point, todo)
        died += code == 137
        assert_whole(logs)
        complete(logs)
    assert died


@pytest.mark.parametrize("seed", range(3))
def test_a_store_is_whole_after_a_kill_at_any_moment(logs: Place, seed: int) -> None:
    kill_at(logs, Random(seed))


@pytest.mark.campaign
@pytest.mark.parametrize("seed", range(100, 200))
def test_a_store_is_whole_after_many_kills(logs: Place, seed: int) -> None:
    kill_at(logs, Random(seed))


def kill_at(logs: Place, random: Random) -> None:
    with run("-m", "tests.shell.store.crashing", logs.store, logs.logs, 0, "ingest") as process:
        deadline = time.monotonic() + 30
        while not logs.store.exists() and time.monotonic() < deadline:
            pass  # the interesting time is short, and begins with the first file
        end = time.monotonic() + random.random() * 0.08
        while time.monotonic() < end:
            pass
        process.kill()
        process.communicate(timeout=60)
    assert_whole(logs)
    complete(logs)


def test_two_runs_at_once_do_no_harm(logs: Place) -> None:
    command = ["-m", "ringwall.cli.main", "traffic", "ingest", logs.logs, "--store", logs.store]
    with run(*command) as one, run(*command) as other:
        texts = [process.communicate(timeout=60)[1] for process in (one, other)]
    codes = sorted((one.returncode, other.returncode))
    assert codes in ([0, 0], [0, 4]), texts
    assert codes == [0, 0] or "another run writes the store" in "".join(texts)
    complete(logs)


def test_who_comes_second_is_told(place: Place) -> None:
    with Store(place.store, create=True), pytest.raises(LockedError, match="another run writes"):
        Store(place.store)


def test_small_files_of_an_hour_become_one_that_is_sorted(logs: Place) -> None:
    spread(logs)
    before = sorted(map(str, logs.rows()))
    assert len(logs.files()) == FILES * EACH
    crash(logs, 0, "compact")
    assert_whole(logs)
    assert len(logs.files()) == EACH
    assert sorted(map(str, logs.rows())) == before
    for path in logs.files():
        sources = pyarrow.parquet.ParquetFile(path).read(["srcaddr_low"])["srcaddr_low"].to_pylist()
        assert sources == sorted(sources)
        assert len(sources) == FILES
