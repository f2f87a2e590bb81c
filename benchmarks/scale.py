"""A network of 200 VPCs, 3 tiers, 3 zones: compile, first plan, no-change plan; CPU and memory.

Measured, each in a process of its own, by `time.process_time` (our own CPU, no waiting) and the
peak of resident memory of that process (imports count in the memory, not in the time):
- compile: text → Blueprint → graph.
- first plan: the graph against an empty account: difference, order, calls.
- no-change plan: `describe` answers → observed graph → a plan, which must be empty. The answers of
  the types that grow (VPCs, subnets, route tables, routes, network ACLs, entries, associations,
  groups, rules) are made up from the compiled graph; the few other types are taken over as nodes.
Not measured: the network, and botocore's parsing of AWS's answers.
"""

import json
import subprocess
import sys
import time

from benchmarks.estate import estate
from benchmarks.memory import peak_megabytes
from benchmarks.recorded import observed_of, read_back, reads_of
from benchmarks.table import show
from ringwall.blueprint import load
from ringwall.blueprint.compile import compile_blueprint
from ringwall.changes.planning import make_plan
from ringwall.model.graph import ResourceGraph
from ringwall.model.plan import Plan

PHASES = {  # and the command that a user would run
    "compile": "ringwall check",
    "first plan": "ringwall plan, before the first apply",
    "no-change plan": "ringwall plan, drift",
}
VPCS = 200
LIMIT_SECONDS, LIMIT_MEGABYTES = 10, 700


def measure(phase: str, vpcs: int, seed: int) -> dict[str, float]:
    """Run one phase in this process; return its figures."""
    text = estate(vpcs, seed)
    started = time.process_time()
    graph = compile_blueprint(load(text, "estate.yaml"))
    seconds = time.process_time() - started
    steps = changes = 0
    if phase != "compile":
        if phase == "first plan":
            started = time.process_time()
            plan = _plan(graph, ResourceGraph())
        else:
            reads = reads_of(graph)
            started = time.process_time()
            observed = observed_of(graph, read_back(reads, "estate"))
            plan = _plan(graph, observed)
        seconds = time.process_time() - started
        steps, changes = len(plan.steps), len(plan.changes)
    peak = peak_megabytes()
    return {
        "seconds": seconds,
        "megabytes": peak,
        "resources": len(graph),
        "steps": steps,
        "changes": changes,
    }


def _plan(graph: ResourceGraph, observed: ResourceGraph) -> Plan:
    return make_plan(
        graph, observed, deployment="estate", account="123456789012", region="us-east-1"
    )


def main(vpcs: int = VPCS, seed: int = 1) -> None:
    """Print the figures."""
    rows: list[tuple[object, ...]] = []
    for phase, command in PHASES.items():
        words = [sys.executable, "-m", "benchmarks.scale", phase, str(vpcs), str(seed)]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["no output"])[-1]
            rows.append((phase, "failed", last[:60], "", "", "", command))
            continue
        found = json.loads(done.stdout)
        rows.append(
            (
                phase,
                f"{found['seconds']:.2f}",
                f"{found['megabytes']:.0f}",
                int(found["resources"]),
                int(found["changes"]),
                int(found["steps"]),
                command,
            )
        )
    print(f"{vpcs} VPCs, 3 tiers, 3 zones; limits {LIMIT_SECONDS} s and {LIMIT_MEGABYTES} MB each")
    show(("phase", "CPU s", "peak MB", "resources", "changes", "steps", "a user runs"), rows)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(measure(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))))
    else:
        main()
