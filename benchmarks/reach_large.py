"""The engine on the large estate: all pairs, who reaches X, expectations; time and memory."""

import argparse
import resource
import sys
import time
from random import Random

import numpy as np

from benchmarks.estate_large import graph
from benchmarks.estate_vpc import Estate
from benchmarks.table import show
from ringwall.model.ports import parse_ports
from ringwall.reach.engine import Engine
from ringwall.reach.levels import Outcome
from ringwall.reach.plane import Plane
from ringwall.reach.relations import Board

ASKED = 400  # random X
EXPECTATIONS = 100


class Laps:
    """Seconds and megabytes since the last lap, as rows of a table."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, str, str]] = []
        self._last = time.perf_counter()

    def lap(self, what: str) -> float:
        """Close a lap; returns its seconds."""
        now = time.perf_counter()
        took, self._last = now - self._last, now
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        self.rows.append((what, f"{took:.2f} s", f"{peak:,.0f} MB"))
        return took


def all_pairs(plane: Plane) -> tuple[int, int]:
    """Return how many pairs reach each other on some port, of how many."""
    levels = plane.store
    reached = 0
    for number in range(len(plane)):
        line = plane.row(number)
        passes = (levels.rows == Outcome.PASS).any(axis=1)
        reached += int(np.count_nonzero(passes[line.forward] & passes[line.back]))
    return reached, len(plane) ** 2


def who(plane: Plane, number: int) -> list[str]:
    """Return the names of those who reach a site on some port."""
    line = plane.column(number)
    passes = (plane.store.rows == Outcome.PASS).any(axis=1)
    reaching = passes[line.forward] & passes[line.back]
    found = np.zeros(len(plane.labels), dtype=bool)
    found[plane.label_of[reaching[plane.site_of]]] = True
    return [plane.labels[n] for n in np.flatnonzero(found)]


def measure(estate: Estate) -> None:
    """Print the table of one estate."""
    found = graph(estate)
    laps = Laps()
    engine = Engine(found)
    laps.lap("network")
    board = Board(engine)
    planes = board.planes
    laps.lap("classes")
    for plane in planes.values():
        _ = plane.fabric_levels, plane.fabric_back
    laps.lap("fabric")
    for version, plane in planes.items():
        reached, pairs = all_pairs(plane)
        share = f"{reached / pairs:.0%} of {pairs:,} pairs of {len(plane):,} classes"
        laps.lap(f"all pairs of IPv{version}: {share}")
    show(["what", "time", "peak"], laps.rows)
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
    chosen = parser.parse_args(arguments if arguments is not None else [])
    measure(Estate(vpcs=chosen.vpcs, full=chosen.full))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
