"""The figures that the project promises, in CPU time, which a busy machine hardly changes."""

import json
import subprocess
import sys

import pytest
from benchmarks.scale import LIMIT_MEGABYTES, LIMIT_SECONDS, PHASES, VPCS
from benchmarks.startup import run


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
