"""The fortress over HTTP: what it deploys, what that costs in calls, and what comes of changes."""

from collections import Counter

import pytest

from ringwall.app.workspace import read_blueprint
from ringwall.changes.permissions import action_of
from ringwall.resources import registry
from ringwall.shell.aws import is_read
from tests.e2e.conftest import EXAMPLES


@pytest.fixture
def fortress(tmp_path):
    path = tmp_path / "fortress.yaml"
    path.write_text((EXAMPLES / "fortress.yaml").read_text())
    return path


def test_apply_makes_as_many_writes_as_the_published_formula_says(lab, ringwall, fortress):
    graph = read_blueprint(str(fortress)).graph
    formula = Counter(
        (call.service, action_of(call.service, call.operation).split(":")[1])
        for node in graph
        for call in registry()[node.type].create(node)
        if not is_read(call.operation)
    )
    lab.calls.clear()
    ended = ringwall("apply", fortress, "--yes")
    assert ended.code == 0, ended.err
    made = Counter((service, operation) for service, operation, read in lab.calls if not read)
    lock = Counter({("ssm", "PutParameter"): 1, ("ssm", "DeleteParameter"): 1})
    assert made == formula + lock


def test_the_fortress_is_proven_on_what_was_read_back(lab, ringwall, fortress):
    ended = ringwall("apply", fortress, "--yes", "--json")
    assert ended.code == 0, ended.err
    assert all(expectation["ok"] for expectation in ended.json["expectations"])
    assert ended.json["left"] == []
    assert ringwall("apply", fortress, "--yes", "--json").json["changes"] == []


def test_adding_a_zone_replaces_and_deletes_nothing(lab, ringwall, fortress):
    assert ringwall("apply", fortress, "--yes").code == 0
    text = fortress.read_text()
    fortress.write_text(
        text.replace(
            "zones: [us-east-1a, us-east-1b]", "zones: [us-east-1a, us-east-1b, us-east-1c]"
        )
    )
    plan = ringwall("plan", fortress, "--json")
    assert plan.code == 0, plan.err
    assert plan.json["counts"]["replace"] == 0
    assert plan.json["counts"]["delete"] == 0
    assert ringwall("apply", fortress, "--yes").code == 0
    assert ringwall("drift", fortress).code == 0
