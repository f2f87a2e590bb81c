"""The figures that the project promises, in CPU time, which a busy machine hardly changes."""

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from benchmarks.flow_logs import write
from benchmarks.ingest_contenders import inflate
from benchmarks.scale import LIMIT_MEGABYTES, LIMIT_SECONDS, PHASES, VPCS
from benchmarks.startup import run

from ringwall.app.ingesting import Wish, ingest
from ringwall.traffic.parsers import compiled


def measured(phase: str) -> dict[str, float]:
    words = [sys.executable, "-m", "benchmarks.scale", phase, str(VPCS), "1"]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("phase", PHASES)
def test_200_vpcs_are_compiled_and_planned_within_10_seconds_and_700_megabytes(phase: str) -> None:
    found = measured(phase)
    assert found["resources"] > 20_000
    assert found["changes"] == (found["resources"] if phase == "first plan" else 0)
    assert found["seconds"] <= LIMIT_SECONDS
    assert found["megabytes"] <= LIMIT_MEGABYTES


@pytest.mark.parametrize(
    ("words", "limit"),
    [(("--help",), 0.35), (("check", "examples/fortress.yaml"), 1.0)],
    ids=["help", "check"],
)
def test_the_first_answer_comes_soon(words: tuple[str, ...], limit: float) -> None:
    runs = [run(words) for _ in range(4)]
    assert {code for *_, code in runs} == {0}
    assert min(cpu for _, cpu, _ in runs) <= limit


@pytest.mark.skipif(compiled() is None, reason="no compiled parser here")
def test_logs_are_read_at_a_good_part_of_the_speed_of_inflating(tmp_path: Path) -> None:
    """`python -m benchmarks.ingest --full` measures it: a fifth and more, of 20 million records."""
    files = write(tmp_path / "logs", 400_000, kind="hour")

    def seconds(work: Callable[[], object]) -> float:
        began = time.process_time()
        work()
        return time.process_time() - began

    limit = min(seconds(lambda: inflate(files, tmp_path)) for _ in range(3))
    stores = iter(range(10))
    mine = min(
        seconds(lambda: ingest(Wish([str(files[0].parent)], str(tmp_path / str(next(stores))))))
        for _ in range(3)
    )
    assert limit / mine >= 0.1


@pytest.mark.campaign
def test_a_million_records_are_answered_within_ten_seconds_of_our_own() -> None:
    words = [sys.executable, "-m", "benchmarks.response_time"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
