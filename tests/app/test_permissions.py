"""A policy in parts that IAM takes, which together allow the same."""

import json

import pytest

from ringwall.app.permissions import MANAGED, parts, policy, size
from ringwall.app.workspace import blueprint_of
from ringwall.cli.main import run
from tests.shell.estates import EXAMPLES


def allowed(document):
    return {
        (action, json.dumps(statement["Resource"]), json.dumps(statement.get("Condition")))
        for statement in document["Statement"]
        for action in statement["Action"]
    }


@pytest.mark.parametrize("most", [MANAGED, 2_048, 900])
@pytest.mark.parametrize("name", ["minimal", "fortress", "watched"])
def test_parts_are_short_enough_and_allow_the_same_together(name, most):
    path = EXAMPLES / f"{name}.yaml"
    whole = policy(blueprint_of(path.read_text(), str(path)), "apply")
    found = parts(whole, most)
    assert max(map(size, found)) <= most
    assert set().union(*map(allowed, found)) == allowed(whole)
    sids = [s["Sid"] for each in found for s in each["Statement"]]
    assert len(set(sids)) == len(sids)
    if size(whole) <= most:
        assert found == [whole]


def test_what_is_longer_than_a_managed_policy_is_told_with_the_way_out(capsys):
    assert run(["permissions", str(EXAMPLES / "fortress.yaml")]) == 0
    told = capsys.readouterr()
    length = size(json.loads(told.out))
    assert length > MANAGED
    assert f"note: {length:,} characters" in told.err
    assert "--split" in told.err
    assert run(["permissions", str(EXAMPLES / "fortress.yaml"), "--split"]) == 0
    told = capsys.readouterr()
    assert len(json.loads(told.out)) == 2
    assert told.err == ""
