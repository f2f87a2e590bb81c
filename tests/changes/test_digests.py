"""A digest of a plan is the same in every process."""

import os
import subprocess
import sys

import pytest

PROGRAM = """
from ringwall.app.workspace import read_blueprint
from ringwall.changes.planning import make_plan, plan_digest
from ringwall.model.graph import ResourceGraph
wanted = read_blueprint("examples/fortress.yaml")
plan = make_plan(wanted.graph, ResourceGraph(), deployment="f", account="1", region="us-east-1")
print(plan_digest(plan))
"""


@pytest.mark.parametrize("program", [PROGRAM])
def test_the_digest_of_a_plan_does_not_hang_on_the_seed_of_hashes(program):
    found = set()
    for seed in ("0", "1", "12345"):
        done = subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        )
        found.add(done.stdout.strip())
    assert len(found) == 1
