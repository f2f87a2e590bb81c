"""Changes of a deployed fortress: the smallest set of steps, and nothing opens on the way."""

from dataclasses import replace

import pytest

from ringwall.app.workspace import blueprint_of
from ringwall.changes.align import align
from ringwall.changes.planning import make_plan
from ringwall.model.graph import ResourceGraph
from ringwall.model.plan import Action
from ringwall.model.ports import parse_ports
from ringwall.trace.explain import explain
from ringwall.trace.network import Network
from ringwall.trace.trace import Verdict
from tests.fortress import TEXT, another_port, moved, renamed


def graph_of(text):
    return blueprint_of(text, "fortress.yaml").graph


def deployed(text):
    """Return the graph as it would be read back."""
    return ResourceGraph.of(
        replace(node, physical_id=f"id-{number}", origin=None, was=())
        for number, node in enumerate(graph_of(text))
    )


def plan(before, after):
    return make_plan(
        graph_of(after), deployed(before), deployment="fortress", account="1", region="us-east-1"
    )


def steps(made):
    return [(s.action.value, s.type.rsplit("::", 1)[-1], s.key) for s in made.steps if s.calls]


def test_moving_a_vpc_between_segments_is_its_smallest_set_of_steps():
    done = steps(plan(TEXT, moved()))
    assert len(done) == 13
    moving = ("update", "TransitGatewayRouteTableAssociation", "development")
    assert done.index(moving) == len(done) - 1
    assert ("delete", "TransitGatewayRouteTablePropagation", "non-production<development") in done
    assert not [step for step in done if step[0] == "create"]


def test_changing_a_port_changes_its_rules_alone():
    done = steps(plan(TEXT, another_port()))
    assert [step[0] for step in done] == ["delete"] * 6 + ["create"] * 6
    assert {step[1] for step in done} == {"SecurityGroupIngress", "SecurityGroupEgress"}


def test_renaming_a_group_changes_its_tags_alone():
    done = steps(plan(TEXT, renamed()))
    assert done == [
        ("update", "SecurityGroup", f"{vpc}/data")
        for vpc in ("development", "production", "staging")
    ]


def states(made, before, after):
    """Yield the graph after each step, as AWS would hold it."""
    desired, graph = align(graph_of(after), deployed(before))
    for step in made.steps:
        address = (step.type, step.key)
        if not step.calls:
            continue
        if step.action is Action.DELETE:
            graph = graph.without([address])
        else:
            graph = graph.with_nodes([replace(desired[address], physical_id="id-new")])
        yield step, graph


PLACES = [
    f"{vpc}/{group}"
    for vpc in ("production", "staging", "development")
    for group in ("web", "app", "db")
]
PORTS = [parse_ports(port) for port in (8080, 8081, 3306, 443)]


def allowed(graph):
    network = Network(graph)
    return {
        (source, destination, str(port))
        for source in PLACES
        for destination in PLACES
        for port in PORTS
        if source != destination
        and explain(network, source, destination, port).verdict is not Verdict.DENY
    }


@pytest.mark.parametrize("after", [moved, another_port], ids=["segment", "port"])
def test_nothing_opens_on_the_way(after):
    """No state on the way allows what neither the state before nor the state after allows."""
    text = after()
    first, last = allowed(deployed(TEXT)), allowed(deployed(text))
    seen = 0
    for step, graph in states(plan(TEXT, text), TEXT, text):
        assert allowed(graph) <= first | last, step
        seen += 1
    assert seen == len(steps(plan(TEXT, text)))


def test_every_change_is_carried_out_and_leaves_no_drift(lab, ringwall, tmp_path):
    path = tmp_path / "fortress.yaml"
    for text in (TEXT, moved(), TEXT, another_port(), renamed()):
        path.write_text(text)
        ended = ringwall("apply", path, "--yes", "-q", "--max-deletions", "50")
        assert ended.code == 0, ended.err + ended.out
        assert ringwall("drift", path).code == 0
