"""Many processes at once, killed at random points: no entry lost, none twice, none half written."""

import os
import random
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.shell.ledger import crowd

ROOT = Path(__file__).resolve().parents[3]


def begin(folder, kind, place, number, environment):
    """Start one process of the crowd."""
    command = [
        sys.executable,
        "-m",
        "tests.shell.ledger.crowd",
        str(folder),
        kind,
        place,
        str(number),
    ]
    with (folder / f"{number}.errors").open("ab") as errors:
        return subprocess.Popen(command, cwd=ROOT, env=environment, stderr=errors)


def gather(folder, kind, place, *, workers, kills, every, seconds, environment):
    """Let a crowd work, kill one of it now and then, and begin it again; return the kills."""
    environment = {**os.environ, **environment}
    draw = random.Random(7)
    running = {n: begin(folder, kind, place, n, environment) for n in range(workers)}
    deadline = time.monotonic() + seconds
    done = 0
    try:
        while running:
            assert time.monotonic() < deadline, f"{len(running)} are still at work"
            time.sleep(draw.uniform(*every))
            for number, process in list(running.items()):
                if process.poll() is not None:
                    assert process.returncode == 0, (folder / f"{number}.errors").read_text()
                    del running[number]
            if running and done < kills:
                number = draw.choice(list(running))
                if not (folder / f"{number}.notes").exists():
                    continue  # it has hardly begun
                at = time.time()
                running[number].kill()
                crowd.died(folder, f"{number}.{running[number].pid}", at)
                if running[number].wait() != 0:
                    done += 1
                    running[number] = begin(folder, kind, place, number, environment)
    finally:
        for process in running.values():
            process.kill()
            process.wait()
    return done


def story(folder, kind, place, capsys, *, events, subjects, workers, environment=(), **how):
    told = crowd.deliveries(folder, 11, events=events, subjects=subjects, workers=workers)
    begun = time.monotonic()
    killed = gather(folder, kind, place, workers=workers, environment=dict(environment), **how)
    took = time.monotonic() - begun
    figures = crowd.judge(crowd.opened(kind, place), folder, told)
    with capsys.disabled():
        sys.stdout.write(f"\n{kind}: {took:.0f} s, {killed} killed, {figures}\n")
    assert killed == how["kills"]
    return figures


FULL = pytest.mark.campaign


@pytest.mark.parametrize(
    ("events", "workers", "kills", "every"),
    [(150, 3, 3, (0.05, 0.15)), pytest.param(10_000, 8, 60, (0.1, 0.6), marks=FULL)],
)
def test_a_crowd_on_a_file(tmp_path, capsys, events, workers, kills, every):
    figures = story(
        tmp_path, "sqlite", str(tmp_path / "ledger.sqlite"), capsys, events=events,
        subjects=max(10, events // 50), workers=workers, kills=kills, every=every, seconds=1800,
    )  # fmt: skip
    assert figures["acts"] > 5
    with sqlite3.connect(tmp_path / "ledger.sqlite") as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    db.close()


@pytest.mark.parametrize(
    ("events", "workers", "kills", "every"),
    [(20, 2, 1, (0.1, 0.3)), pytest.param(500, 8, 25, (0.5, 2), marks=FULL)],
)
def test_a_crowd_on_a_table(lab, table, tmp_path, capsys, events, workers, kills, every):
    figures = story(
        tmp_path, "dynamodb", table, capsys, events=events, subjects=max(5, events // 25),
        workers=workers, kills=kills, every=every, seconds=1800, environment=lab.environment,
    )  # fmt: skip
    assert figures["acts"] > 0
