"""Maps of 4 and of 200 VPCs: the scene from a computed network, and the drawing of it."""

import statistics
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.estate import estate
from benchmarks.estate_large import graph
from benchmarks.estate_vpc import Estate
from benchmarks.table import show
from ringwall.app.proving import expectations
from ringwall.app.workspace import blueprint_of
from ringwall.picture.draw import draw
from ringwall.picture.view import view
from ringwall.reach.engine import Engine
from ringwall.reach.expectations import check
from ringwall.reach.relations import Board

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
LIMITS = {4: 50, 200: 200}  # milliseconds for a drawing, by VPCs
TIMES = 9


def timed(what: Callable[[], object]) -> float:
    """Return the milliseconds that something takes."""
    started = time.perf_counter()
    what()
    return (time.perf_counter() - started) * 1000


def measured(name: str, engine: Engine, results: list, vpcs: int) -> tuple[object, ...]:
    """Return the row of one network: the best and the middle of several drawings."""
    board = Board(engine)
    for plane in board.planes.values():
        _ = plane.woven
    started = time.perf_counter()
    scene = view(board, name, results)
    seconds = time.perf_counter() - started
    svg = draw(scene)
    times = [timed(lambda: draw(scene)) for _ in range(TIMES)]
    return (
        name,
        vpcs,
        len(scene.flows),
        f"{seconds * 1000:,.0f}",
        f"{min(times):.1f}",
        f"{statistics.median(times):.1f}",
        LIMITS[vpcs],
        f"{len(svg) / 1000:.0f}",
    )


def main() -> None:
    """Print the figures."""
    rows = []
    fortress = blueprint_of((EXAMPLES / "fortress.yaml").read_text(), "fortress.yaml")
    engine = Engine(fortress.graph, fortress.blueprint.networks)
    rows.append(measured("fortress", engine, check(engine, expectations(fortress)), 4))
    spokes = blueprint_of(estate(200), "estate.yaml")
    engine = Engine(spokes.graph, spokes.blueprint.networks)
    rows.append(measured("spokes", engine, check(engine, expectations(spokes)), 200))
    dense = Engine(graph(Estate(vpcs=200)))
    rows.append(measured("dense, 20,000 interfaces", dense, [], 200))
    header = "network, VPCs, flows, scene ms, drawing ms best, median, limit, kB"
    show(header.split(", "), rows)


if __name__ == "__main__":
    main()
