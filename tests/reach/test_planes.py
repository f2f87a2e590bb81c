"""All pairs at once, against the same pairs walked one at a time, on random networks."""

import pytest

from ringwall.model.graph import ResourceGraph
from ringwall.reach.engine import Engine
from ringwall.reach.levels import Outcome
from ringwall.reach.plane import Plane
from tests.networks.drawing import draw


def unlike(graph: ResourceGraph) -> tuple[int, list[str]]:
    """Return how many pairs were compared, and those of which row, column and walk disagree."""
    engine = Engine(graph)
    compared, found = 0, []
    for version in (4, 6):
        plane = Plane(engine, version)
        columns = [plane.column(number) for number in range(len(plane))]
        for number, source in enumerate(plane.sites):
            row = plane.row(number)
            for other, destination in enumerate(plane.sites):
                walked = engine.pair(source, destination)
                arrives = (engine.filters.levels.row(walked.forward) == Outcome.PASS).any()
                forward = {
                    int(row.forward[other]),
                    int(columns[other].forward[number]),
                    plane.at(number, other)[0],
                    walked.forward,
                }
                back = {
                    int(row.back[other]),
                    int(columns[other].back[number]),
                    plane.at(number, other)[1],
                    walked.back,
                }
                compared += 1
                # Where nothing arrives there is no reply.
                if len(forward) > 1 or (arrives and len(back) > 1):
                    found.append(f"{source} -> {destination}: {forward} {back}")
    return compared, found


@pytest.mark.parametrize("seed", range(24))
def test_rows_and_columns_are_what_walks_find(seed: int):
    compared, found = unlike(draw(seed).graph)
    assert compared
    assert found == []


@pytest.mark.campaign
def test_rows_and_columns_are_what_walks_find_everywhere():
    total = 0
    for seed in range(1_000, 1_300):
        compared, found = unlike(draw(seed).graph)
        assert found == [], f"seed {seed}: {found[:3]}"
        total += compared
    assert total > 200_000
