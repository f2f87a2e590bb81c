"""The large estate from described JSON: seconds and megabytes from bytes to the graph."""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.estate_large import write
from benchmarks.estate_vpc import Estate
from benchmarks.memory import peak_megabytes
from benchmarks.table import show
from ringwall.formats.describe import read_folder
from ringwall.shell.files import read_files

LIMIT_SECONDS, LIMIT_MEGABYTES = 12, 1_200


def measure(folder: str) -> dict[str, float]:
    """Read a folder in this process; return seconds, megabytes and nodes."""
    files = read_files(folder)
    started = time.perf_counter()
    found = read_folder(files)
    seconds = time.perf_counter() - started
    peak = peak_megabytes()
    return {"seconds": seconds, "peak": peak, "nodes": len(found)}


def main() -> None:
    """Print the figures of the estate, plain and in full, each in a process of its own."""
    rows = []
    for full in (False, True):
        with tempfile.TemporaryDirectory() as folder:
            size = write(Estate(full=full), Path(folder))
            words = [sys.executable, "-m", "benchmarks.describe_large", folder]
            done = subprocess.run(words, capture_output=True, text=True, check=True)
        found = json.loads(done.stdout)
        rows.append(
            (
                "full" if full else "plain",
                f"{size / 1e6:,.0f} MB",
                f"{found['nodes']:,}",
                f"{found['seconds']:.1f} s (limit {LIMIT_SECONDS})",
                f"{found['peak']:,.0f} MB (limit {LIMIT_MEGABYTES:,})",
            )
        )
    show(("estate", "JSON", "nodes", "time", "peak"), rows)


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1])))
