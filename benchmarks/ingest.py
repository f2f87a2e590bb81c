"""Records of flow logs a CPU second, from gz to a sorted store, beside other ways to do it.

Each way runs in a process of its own, and its CPU seconds (of all threads, start-up included) and
its peak memory are those that the system tells. `limit` is inflating to nothing, with isal.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.flow_logs import FILES, KINDS, write
from benchmarks.table import show

ROOT = Path(__file__).resolve().parents[1]
SLOW = {"flowlogs_reader": 8, "pandas": 2}  # of the files, one in so many is enough
OTHERS = {"flowlogs_reader": "flowlogs_reader", "pandas": "pandas"}  # by the module they need


@dataclass(frozen=True, slots=True)
class Measured:
    """What a process took: CPU seconds, peak memory in MB, and what it printed."""

    seconds: float
    peak: int
    output: str


def measure(name: str, python: str, folder: Path, output: Path, files: int = 0) -> Measured:
    """Run one way in a process; raises CalledProcessError."""
    shutil.rmtree(output, ignore_errors=True)
    path = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
    command = [python, "-m", "benchmarks.ingest_contenders", name, str(folder), str(output)]
    with tempfile.TemporaryFile("w+") as text:
        process = subprocess.Popen(
            [*command, *([str(files)] if files else [])],
            stdout=text,
            env={**os.environ, "PYTHONPATH": path},
            cwd=ROOT,
        )
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        text.seek(0)
        said = text.read()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return Measured(usage.ru_utime + usage.ru_stime, usage.ru_maxrss // 1024, said)


def made(kind: str, records: int, place: Path) -> None:
    """Have logs made by another process: what a process had at its peak, its children inherit."""
    code = "import sys; from pathlib import Path; from benchmarks.flow_logs import write; "
    code += "write(Path(sys.argv[1]), int(sys.argv[2]), kind=sys.argv[3])"
    command = [sys.executable, "-c", code, str(place), str(records), kind]
    path = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
    subprocess.run(command, check=True, env={**os.environ, "PYTHONPATH": path}, cwd=ROOT)


def rows(kind: str, records: int, place: Path, python: str) -> Iterator[tuple[object, ...]]:
    """Yield a row of figures for each way."""
    made(kind, records, place)
    files = write(place, records, kind=kind)
    folder, output = files[0].parent, place / "output"
    limit = records / min(
        measure("inflate", sys.executable, folder, output).seconds for _ in range(2)
    )
    mine = 0.0
    for name in ("inflate", "ours", "duckdb", "pandas", "flowlogs_reader"):
        interpreter = python if name in OTHERS else sys.executable
        if kind != "v2" and name not in {"inflate", "ours"}:
            continue
        if not _has(interpreter, OTHERS.get(name, "isal")):
            yield (kind, name, "not installed", "", "", "", "")
            continue
        share = SLOW.get(name, 1)
        count = FILES // share
        taken = measure(name, interpreter, folder, output, count if share > 1 else 0)
        done = count * records // FILES if share > 1 else records
        rate = done / taken.seconds
        mine = rate if name == "ours" else mine
        note = _parser(taken.output) if name == "ours" else ""
        times = f"{mine / rate:.1f}" if mine else ""
        yield (kind, name, f"{rate / 1e6:.2f}", f"{rate / limit:.3f}", times, taken.peak, note)
    shutil.rmtree(output, ignore_errors=True)


def _parser(text: str) -> str:
    report = json.loads(text)
    size = report["written"]["bytes"] / max(1, report["records"])
    aside = sum(report["set_aside"].values())
    return f"{report['parser']}, {size:.1f} bytes a record, {aside:,} set aside"


def _has(python: str, module: str) -> bool:
    done = subprocess.run([python, "-c", f"import {module}"], check=False, capture_output=True)
    return done.returncode == 0


def sizes_of(records: int, kind: str = "") -> dict[str, int]:
    """Return how many records there are of each kind of logs: of the one chosen, all of them."""
    if kind:
        return {kind: records}
    few = min(records, 2_000_000)
    return {"v2": records, "hour": few, "mixed": few, "all": few // 4, "dns": few // 4}


def main(
    records: int = 2_000_000, place: str = "", python: str = sys.executable, kind: str = ""
) -> None:
    """Print the figures; logs are made in a folder, and used again if they are there."""
    with tempfile.TemporaryDirectory(prefix="ringwall-ingest-") as temporary:
        folder = Path(place or temporary)
        sizes = sizes_of(records, kind)
        found = [row for kind, count in sizes.items() for row in rows(kind, count, folder, python)]
    header = "logs, way, million records a CPU s, of the limit, ours is times, peak MB, note"
    show(header.split(", "), found)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.ingest")
    parser.add_argument("--records", type=int, default=2_000_000)
    parser.add_argument("--full", action="store_true", help="20 million records")
    parser.add_argument("--folder", default="", help="where logs are made, and stay")
    parser.add_argument("--python", default=sys.executable, help="has pandas and flowlogs-reader")
    parser.add_argument("--kind", default="", choices=KINDS, help="this kind of logs alone")
    given = parser.parse_args()
    count = 20_000_000 if given.full else given.records
    main(count, given.folder, given.python, given.kind)
