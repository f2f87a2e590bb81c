"""The way of a plan: what it allows that neither of its ends allows is found."""

from dataclasses import replace

import pytest

from ringwall.changes.passage import openings, passage, states
from ringwall.changes.planning import make_plan
from ringwall.model.graph import ResourceGraph
from ringwall.model.plan import Action, Exposure
from tests.e2e.test_changes import deployed, graph_of, plan
from tests.fortress import TEXT, another_port, moved


@pytest.mark.parametrize("after", [moved, another_port], ids=["segment", "port"])
def test_plans_open_nothing_on_the_way(after):
    text = after()
    found = passage(plan(TEXT, text), graph_of(text), deployed(TEXT))
    assert len(list(states(found))) == len([s for s in found.plan.steps if s.calls])
    assert list(openings(found)) == []


def test_what_opens_for_the_length_of_a_plan_is_found_with_its_step(
    monkeypatch: pytest.MonkeyPatch,
):
    """Two rules that nobody wants, on the way of a plan that wants neither: the state is told."""
    before, after = TEXT, another_port()
    made = plan(before, after)
    found = passage(made, graph_of(after), deployed(before))
    wide = next(n for n in found.start if n.key.startswith("production/db:in:"))
    opened = replace(
        wide,
        key="production/db:in:all:10.0.0.0/8",
        properties={"GroupId": wide.properties["GroupId"], "IpProtocol": "-1",
                    "CidrIp": "10.0.0.0/8"},
    )  # fmt: skip
    out = replace(
        next(n for n in found.start if n.key.startswith("production/web:out:")),
        key="production/web:out:all:10.0.0.0/8",
        type="AWS::EC2::SecurityGroupEgress",
        properties={
            "GroupId": next(
                n for n in found.start if n.key.startswith("production/web:out:")
            ).properties["GroupId"],
            "IpProtocol": "-1",
            "CidrIp": "10.0.0.0/8",
        },
    )
    first, second, *_ = [step for step in made.steps if step.calls]
    opens, closes = Exposure.OPENS, Exposure.CLOSES
    made_of = [(first, opened), (second, out)]
    ways = [(Action.CREATE, opens, 100), (Action.DELETE, closes, 200)]
    steps = tuple(
        replace(step, action=action, type=node.type, key=node.key, exposure=what,
                number=base + step.number)
        for action, what, base in ways
        for step, node in made_of
    )  # fmt: skip
    desired = found.desired.with_nodes([opened, out])
    wrong = replace(found, plan=replace(made, steps=steps), desired=desired)
    told = [str(opening) for opening in openings(wrong)]
    assert any("opens production/web -> production/db" in text for text in told), told

    # The states that are passed over, here closings and what ends a plan, open nothing more.
    closing = tuple(step for step in made.steps if step.exposure is closes)
    opening = tuple(step for step in made.steps if step.exposure is opens)
    long = replace(made, steps=(*steps[:2], *closing, *steps[2:], *opening))
    some = {(each.source, each.destination) for each in openings(replace(wrong, plan=long))}
    monkeypatch.setattr("ringwall.changes.passage._within", lambda _plan: frozenset())
    every = {(each.source, each.destination) for each in openings(replace(wrong, plan=long))}
    assert some == every
    assert ("production/web", "production/db") in some


def test_a_first_deployment_has_nothing_to_open():
    made = make_plan(
        graph_of(TEXT), ResourceGraph(), deployment="fortress", account="1", region="us-east-1"
    )
    found = passage(made, graph_of(TEXT), ResourceGraph())
    assert list(openings(found)) == []
    assert found.difference().appearing
