"""A value that a plan does not know never turns an answer around: it is the same, or UNKNOWN."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from ringwall.errors import InputError, QuestionError
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


Questions = Sequence[tuple[str, str, str, str]]


def verdicts(graph: ResourceGraph, questions: Questions) -> list[str]:
    engine = Engine(graph)
    return [_verdict(engine, *question[:3]) for question in questions]


def _verdict(engine: Engine, source: str, destination: str, port: str) -> str:
    try:
        return explain(engine, source, destination, parse_ports(port)).verdict.value
    except QuestionError:
        return "UNKNOWN"  # what would bear the name is not known: it is no answer


def planned(name: str) -> str:
    return plan(write(compiled(ALL[name])).files)


def hidden(text: str, step: int = 1) -> Iterator[tuple[str, str]]:
    """Yield a plan for each argument that is unknown in it, with the argument's place."""
    count = 0
    document = json.loads(text)
    configured = document["configuration"]["root_module"]["resources"]
    by_address = {item["address"]: item["expressions"] for item in configured}
    for change in document["resource_changes"]:
        state, address = change["change"], change["address"]
        for argument in sorted(by_address[address]):
            count += 1
            if count % step:
                continue
            unknown, known = state["after_unknown"], state["after"]
            kept: tuple[Any, ...] = (unknown.get(argument), known.get(argument))
            expression = by_address[address][argument]
            unknown[argument], known[argument] = True, None
            by_address[address][argument] = {"references": ["local.hidden"]}
            yield f"{address}.{argument}", json.dumps(document)
            unknown[argument], known[argument] = kept
            by_address[address][argument] = expression


def judge(place: str, text: str, questions: Questions = QUESTIONS) -> bool:
    """Hold the answers to the true ones; tell whether one became unknown."""
    try:
        graph = read(text)
    except InputError:
        pytest.fail(f"{place}: what is unknown is no fault")
    found = verdicts(graph, questions)
    for (source, destination, port, truth), verdict in zip(questions, found, strict=True):
        # Halves of an answer stand beside what was not read: they deny the other half only.
        halves = {"ONE_WAY", "PARTIAL"} if graph.unknowns else set()
        assert verdict in {truth, "UNKNOWN", *halves}, f"{place}: {source} -> {destination} {port}"
    return "UNKNOWN" in found


def test_all_is_known() -> None:
    assert verdicts(read(planned("minimal")), QUESTIONS) == [truth for *_, truth in QUESTIONS]


def test_a_hidden_argument_turns_no_answer_around() -> None:
    cases = list(hidden(planned("minimal"), 5))
    assert len(cases) > 20
    assert sum(judge(place, text) for place, text in cases)


@pytest.mark.campaign
def test_no_hidden_argument_turns_an_answer_around() -> None:
    unknown = [place for place, text in hidden(planned("minimal")) if judge(place, text)]
    assert len(unknown) > 50


@pytest.mark.campaign
@pytest.mark.parametrize(("name", "step"), [("fortress", 29), ("dual-stack", 11)])
def test_no_hidden_argument_of_larger_ones_does(name: str, step: int) -> None:
    text = planned(name)
    graph = read(text)
    names = [node.key for node in graph.of_type("AWS::EC2::SecurityGroup")][:4]
    ends = [*names, "internet"]
    asked = [(a, b, "443", "") for a in ends for b in ends if a != b]
    truths = verdicts(graph, asked)
    questions = [(*ask[:3], truth) for ask, truth in zip(asked, truths, strict=True)]
    assert len(set(truths)) > 1
    for place, changed in hidden(text, step):
        judge(place, changed, questions)
