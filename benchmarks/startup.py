"""How long a person waits for the first answer: `--help`, and `check` of the fortress.

Measured: processes from start to end, five of each after one to warm the disk's cache; wall-clock
and CPU of the process, the best and the middle one.
"""

import os
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.table import show

ROOT = Path(__file__).resolve().parent.parent
RUNS = 5
COMMANDS = (
    ("--help",),
    ("check", "--help"),
    ("check", "examples/minimal.yaml"),
    ("check", "examples/fortress.yaml"),
    ("schema",),
)


def run(words: tuple[str, ...]) -> tuple[float, float, int]:
    """Run the command once; return wall-clock seconds, CPU seconds and the exit code."""
    program = "import sys; from ringwall.cli.main import main; main(sys.argv[1:])"
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", program, *words],
        cwd=ROOT,
        env=os.environ | {"NO_COLOR": "1"},
        capture_output=True,
        check=False,
    )
    wall = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return wall, cpu, done.returncode


def main() -> None:
    """Print the figures."""
    rows = []
    for words in COMMANDS:
        run(words)
        measured = [run(words) for _ in range(RUNS)]
        walls, cpus = [m[0] for m in measured], [m[1] for m in measured]
        rows.append(
            (
                f"ringwall {' '.join(words)}",
                f"{min(walls):.2f}",
                f"{statistics.median(walls):.2f}",
                f"{statistics.median(cpus):.2f}",
                measured[-1][2],
            )
        )
    show(("command", "best s", "median s", "median CPU s", "exit code"), rows)


if __name__ == "__main__":
    main()
