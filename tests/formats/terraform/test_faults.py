"""Plans that are none: told with their place, nothing that takes long, no traceback."""

import json
import time

import pytest

from ringwall.errors import RingwallError
from ringwall.formats.terraform import read, write
from ringwall.reach.engine import Engine
from ringwall.trace.network import Network
from tests.blueprint.compile.blueprints import ALL, compiled
from tests.formats.terraform import plans
from tests.formats.terraform.mutants import mutants
from tests.formats.terraform.planner import plan

LONGEST = 20.0  # seconds; a machine with other work on it


def judge(text: str) -> str:
    """Read a text as the product does; whatever it is, it ends in a graph or in told faults."""
    start = time.monotonic()
    try:
        graph = read(text, file="m.json")
        Engine(graph)
        network = Network(graph)
        assert isinstance(network.unknowns_for("main"), tuple)
        end = "unknown" if graph.unknowns else "read"
    except RingwallError as error:
        lines = error.message.splitlines()
        assert all(line.startswith(("m.json:", "…")) for line in lines), lines
        end = "fault"
    assert time.monotonic() - start < LONGEST
    return end


def sources() -> list[str]:
    exported = plan(write(compiled(ALL["minimal"])).files)
    return [exported, *map(plans.text, plans.NAMES)]


def test_every_mutant_is_read_or_told() -> None:
    ends = [judge(text) for text in mutants(sources(), 300, seed=7)]
    assert set(ends) == {"read", "unknown", "fault"}


@pytest.mark.campaign
@pytest.mark.parametrize("seed", range(10))
def test_thousands_of_mutants_are_read_or_told(seed: int) -> None:
    for text in mutants(sources(), 1000, seed=100 + seed):
        judge(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        "null",
        '{"format_version": "2.0", "planned_values": {}}',
        '{"format_version": "1.2", "planned_values": {}}',
        '{"format_version": "1.2", "planned_values": [], "resource_changes": []}',
        '{"format_version": "1.2", "planned_values": {}, "planned_values": {}}',
        '{"a": ' * 5000,
        "[" * 100_000,
        '{"a": ' + "9" * 5000 + "}",
    ],
)
def test_a_text_that_is_no_plan_is_told(text: str) -> None:
    assert judge(text) == "fault"


def test_what_only_one_half_of_a_plan_holds_is_unknown() -> None:
    document = json.loads(plans.text("modules"))
    gone = document["resource_changes"].pop()
    told = {str(unknown) for unknown in read(json.dumps(document)).unknowns}
    assert f"{gone['address']}: the plan does not hold its change" in told
    document = json.loads(plans.text("modules"))
    gone = document["planned_values"]["root_module"]["resources"].pop()
    told = {str(unknown) for unknown in read(json.dumps(document)).unknowns}
    assert f"{gone['address']}: it changes, and is not among the planned values" in told


def test_a_part_of_a_plan_says_so() -> None:
    document = json.loads(plans.text("modules"))
    document["errored"] = True
    told = {str(unknown) for unknown in read(json.dumps(document)).unknowns}
    assert "the plan: planning it ended in an error, so that it is only a part" in told


def test_modules_that_lead_to_each_other_are_stopped() -> None:
    document = json.loads(plans.text("modules"))
    outputs = document["configuration"]["root_module"]["module_calls"]["net"]["module"]["outputs"]
    outputs["vpc_id"] = {"expression": {"references": ["var.cidr"]}}
    call = document["configuration"]["root_module"]["module_calls"]["net"]
    call["expressions"]["cidr"] = {"references": ["module.net.vpc_id"]}
    assert judge(json.dumps(document)) == "unknown"


def test_sensitive_values_are_unknown_and_never_told() -> None:
    document = json.loads(plans.text("modules"))
    for change in document["resource_changes"]:
        if change["address"] == "aws_vpc.b":
            change["change"]["after"]["cidr_block"] = "10.99.0.0/16"
            change["change"]["after_sensitive"] = {"cidr_block": True}
    graph = read(json.dumps(document))
    assert "cidr_block of aws_vpc.b is sensitive" in " ".join(map(str, graph.unknowns))
    assert "10.99." not in repr(graph)
    assert "hunter2" not in repr(graph)
