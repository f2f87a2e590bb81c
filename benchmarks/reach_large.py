"""The engine on the large estate: all pairs, who reaches X, expectations; time and memory."""

import argparse
import gc
import sys
import tempfile
import time
from pathlib import Path
from random import Random

import numpy as np

from benchmarks.estate_large import graph, write
from benchmarks.estate_vpc import Estate
from benchmarks.memory import peak_megabytes
from benchmarks.table import show
from ringwall.formats.describe import read_folder
from ringwall.model.graph import ResourceGraph
from ringwall.model.ports import parse_ports
from ringwall.reach.engine import Engine
from ringwall.reach.plane import Plane
from ringwall.reach.relations import CODE, Board, unpacked
from ringwall.reach.verdicts import Verdict
from ringwall.shell.files import read_files

ASKED = 400  # random X
EXPECTATIONS = 100
ROWS = 200  # of which the share of undecided pairs is taken


class Laps:
    """Seconds and megabytes since the last lap, as rows of a table.

    The seconds of the processor are those that others on the machine do not stretch.
    """

    def __init__(self) -> None:
        self.rows: list[tuple[str, str, str, str]] = []
        self._last = time.perf_counter()
        self._used = time.process_time()

    def lap(self, what: str) -> float:
        """Close a lap; returns its seconds."""
        now = time.perf_counter()
        took, self._last = now - self._last, now
        used, self._used = time.process_time() - self._used, time.process_time()
        peak = peak_megabytes()
        self.rows.append((what, f"{took:.2f} s", f"{used:.2f} s", f"{peak:,.0f} MB"))
        return took


def all_pairs(plane: Plane) -> tuple[int, int]:
    """Return how many pairs reach each other on some port, of how many."""
    reached = 0
    for number in range(len(plane)):
        line = plane.row(number)
        passes = plane.store.passing
        reached += int(np.count_nonzero(passes[line.forward] & passes[line.back]))
    return reached, len(plane) ** 2


def who(plane: Plane, number: int) -> list[str]:
    """Return the names of those who reach a site on some port."""
    line = plane.column(number)
    passes = plane.store.passing
    reaching = passes[line.forward] & passes[line.back]
    found = np.zeros(len(plane.labels), dtype=bool)
    found[plane.label_of[reaching[plane.site_of]]] = True
    return [plane.labels[n] for n in np.flatnonzero(found)]


def undecided(board: Board, plane: Plane) -> float:
    """Return the share of pairs, of some rows, with a class of packets that is not decided."""
    rng, pairs, open_ = Random(3), 0, 0
    for number in rng.sample(range(len(plane)), min(ROWS, len(plane))):
        kinds, counts = np.unique(board.packed(plane.row(number)), return_counts=True)
        for key, count in zip(kinds.tolist(), counts.tolist(), strict=True):
            pairs += count
            codes = board.codes(unpacked(plane.version, key))
            open_ += count * bool((codes == CODE[Verdict.UNKNOWN]).any())
    return open_ / pairs


def read(estate: Estate) -> ResourceGraph:
    """Read the estate from described JSON, and print how long that took."""
    with tempfile.TemporaryDirectory() as folder:
        write(estate, Path(folder))
        started, used = time.perf_counter(), time.process_time()
        found = read_folder(read_files(folder))
    took, cpu = time.perf_counter() - started, time.process_time() - used
    print(f"from JSON: {took:.1f} s, CPU {cpu:.1f} s, {len(found.unknowns)} unknown")
    return found


def measure(estate: Estate, *, from_json: bool = False) -> None:
    """Print the table of one estate."""
    found = read(estate) if from_json else graph(estate)
    gc.collect()
    gc.freeze()  # a pass of Python's collector over the estate is none of the engine's work
    laps = Laps()
    engine = Engine(found)
    laps.lap("network")
    board = Board(engine)
    planes = board.planes
    laps.lap("classes")
    for plane in planes.values():
        _ = plane.woven
    laps.lap("fabric")
    for version, plane in planes.items():
        reached, pairs = all_pairs(plane)
        share = f"{reached / pairs:.0%} of {pairs:,} pairs of {len(plane):,} classes"
        laps.lap(f"all pairs of IPv{version}: {share}")
        laps.lap(f"undecided in IPv{version}: {undecided(board, plane):.1%} of {ROWS} rows")
    show(["what", "time", "CPU", "peak"], laps.rows)
    print(f"{len(found):,} nodes, {len(engine.filters.packets)} classes of packets")
    _ask(planes[4])
    _expect(board)


def _ask(plane: Plane) -> None:
    rng, times = Random(1), []
    for _ in range(ASKED):
        number = rng.randrange(len(plane))
        started = time.perf_counter()
        who(plane, number)
        times.append((time.perf_counter() - started) * 1000)
    times.sort()
    middle, late = times[ASKED // 2], times[ASKED * 95 // 100]
    print(f"who reaches X: median {middle:.2f} ms, 95th percentile {late:.2f} ms")


def _expect(board: Board) -> None:
    """Ask pairs of groups as expectations do, over all their sites and ports."""
    rng, plane = Random(2), board.planes[4]
    specs = [parse_ports("any")]
    started = time.perf_counter()
    for _ in range(EXPECTATIONS):
        source, destination = (plane.sites[rng.randrange(len(plane))] for _ in range(2))
        pair = board.engine.pair(source, destination)
        asked = board.engine.filters.packets.of_specs(specs, 4)
        codes = board.codes(board.kind(pair))
        [codes[index] for index in asked]
    print(f"{EXPECTATIONS} expectations: {time.perf_counter() - started:.2f} s")


def main(arguments: list[str] | None = None) -> None:
    """Measure IPv4, and with --full dual stack with NAT and load balancers."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reach_large")
    parser.add_argument("--vpcs", type=int, default=1_000)
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--json", action="store_true", help="from described JSON")
    parser.add_argument("--untagged", action="store_true", help="without a blueprint's tags")
    chosen = parser.parse_args(arguments if arguments is not None else [])
    estate = Estate(vpcs=chosen.vpcs, full=chosen.full, tagged=not chosen.untagged)
    measure(estate, from_json=chosen.json)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
