"""Each row of the contract counts: without it the engine no longer agrees with the tracer."""

from random import Random

import pytest

from tests.networks.drawing import draw
from tests.networks.questions import questions
from tests.reach.campaign import agrees
from tests.reach.engines import make_engine
from tests.reach.oracle import Oracle
from tests.reach.rows import ELSEWHERE, ROWS
from tests.reach.switches import SWITCHES

CONTRACT = {*(f"R{number}" for number in range(1, 30)), *(f"F{number}" for number in range(1, 22))}
NETWORKS, QUESTIONS = 12, 150


def test_every_row_of_the_contract_is_counted_and_can_be_switched_off_or_is_named() -> None:
    assert ROWS.keys() | ELSEWHERE.keys() == CONTRACT
    assert ROWS.keys() == SWITCHES.keys()
    assert not ROWS.keys() & ELSEWHERE.keys()


@pytest.mark.parametrize("row", SWITCHES)
def test_an_engine_without_a_row_differs_from_the_tracer(
    row: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And differs in nothing with it, about the very question that shows the difference."""
    switch = SWITCHES[row]
    for seed in range(NETWORKS):
        graph = draw(seed, switch.features).graph
        oracle = Oracle(graph)
        with monkeypatch.context() as patch:
            switch.turn(patch)
            ask = make_engine(graph)
            asked = ((q, oracle.ask(q)) for q in questions(graph, Random(seed), QUESTIONS))
            shown = next(
                ((q, told.answer) for q, told in asked if told and not agrees(told.answer, ask(q))),
                None,
            )
        if shown is not None:
            question, expected = shown
            assert agrees(expected, make_engine(graph)(question))
            return
    pytest.fail(f"{NETWORKS} networks do not notice that {row} is gone")
