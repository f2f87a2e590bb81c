"""A value that a plan does not know never turns an answer around: it is the same, or UNKNOWN."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from ringwall.errors import InputError
from ringwall.formats.terraform import read, write
from ringwall.model.graph import ResourceGraph
from ringwall.model.ports import parse_ports
from ringwall.reach.engine import Engine
from ringwall.reach.explain import explain
from tests.blueprint.compile.blueprints import ALL, compiled
from tests.formats.terraform.planner import plan

QUESTIONS = (
    ("internet", "main/web", "443", "ALLOW"),
    ("main/web", "main/db", "5432", "ALLOW"),
    ("main/web", "main/db", "5433", "DENY"),
    ("internet", "main/db", "5432", "DENY"),
    ("main/db", "internet", "443", "DENY"),
    ("main/web", "internet", "443", "DENY"),
    ("main/db", "main/web", "443", "DENY"),
)


def verdicts(graph: ResourceGraph) -> list[str]:
    engine = Engine(graph)
    return [
        explain(engine, source, destination, parse_ports(port)).verdict.value
        for source, destination, port, _ in QUESTIONS
    ]


def hidden() -> Iterator[tuple[str, str]]:
    """Yield a plan for each argument that is unknown in it, with the argument's place."""
    text = plan(write(compiled(ALL["minimal"])).files)
    document = json.loads(text)
    configured = document["configuration"]["root_module"]["resources"]
    by_address = {item["address"]: item["expressions"] for item in configured}
    for change in document["resource_changes"]:
        state, address = change["change"], change["address"]
        for argument in sorted(by_address[address]):
            unknown, known = state["after_unknown"], state["after"]
            kept: tuple[Any, ...] = (unknown.get(argument), known.get(argument))
            expression = by_address[address][argument]
            unknown[argument], known[argument] = True, None
            by_address[address][argument] = {"references": ["local.hidden"]}
            yield f"{address}.{argument}", json.dumps(document)
            unknown[argument], known[argument] = kept
            by_address[address][argument] = expression


def judge(place: str, text: str) -> bool:
    """Hold the answers to the true ones; tell whether one became unknown."""
    try:
        graph = read(text)
    except InputError:
        pytest.fail(f"{place}: what is unknown is no fault")
    found = verdicts(graph)
    for (source, destination, port, truth), verdict in zip(QUESTIONS, found, strict=True):
        # Halves of an answer stand beside what was not read: they deny the other half only.
        halves = {"ONE_WAY", "PARTIAL"} if graph.unknowns else set()
        assert verdict in {truth, "UNKNOWN", *halves}, f"{place}: {source} -> {destination} {port}"
    return "UNKNOWN" in found


def test_all_is_known() -> None:
    graph = read(plan(write(compiled(ALL["minimal"])).files))
    assert verdicts(graph) == [truth for *_, truth in QUESTIONS]


def test_a_hidden_argument_turns_no_answer_around() -> None:
    cases = list(hidden())
    assert len(cases) > 100
    assert sum(judge(place, text) for place, text in cases[::5])


@pytest.mark.campaign
def test_no_hidden_argument_turns_an_answer_around() -> None:
    unknown = [place for place, text in hidden() if judge(place, text)]
    assert len(unknown) > 50
