"""The fortress over HTTP: what it deploys, what that costs in calls, and what comes of changes."""

import re
from collections import Counter
from pathlib import Path

import pytest

from ringwall.app.workspace import read_blueprint
from ringwall.resources import registry
from ringwall.resources.actions import action_of
from ringwall.shell.aws import is_read
from tests.e2e.conftest import EXAMPLES
from tests.fortress import with_another_zone

ROOT = Path(__file__).parents[2]


@pytest.fixture
def fortress(tmp_path):
    path = tmp_path / "fortress.yaml"
    path.write_text((EXAMPLES / "fortress.yaml").read_text())
    return path


def published():
    """The table "Write calls" of the reference: type → operation → least and most calls."""
    page = (ROOT / "docs" / "reference" / "resource-types.md").read_text()
    table = page.split("## Write calls")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (\w+::\S+) \| (.*?) \|", table, re.MULTILINE)
    assert len(rows) > 30
    return {
        type_name if type_name.startswith("Ringwall::") else f"AWS::{type_name}": {
            operation: (int(least), int(most or least))
            for operation, least, most in re.findall(r"(\w+) (\d+)(?: to (\d+))?", calls)
        }
        for type_name, calls in rows
    }


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
    table = published()
    least: Counter[str] = Counter()
    most: Counter[str] = Counter()
    for node in graph:
        for operation, (low, high) in table[node.type].items():
            least[operation] += low
            most[operation] += high
    by_operation: Counter[str] = Counter()
    for (_, operation), count in (made - lock).items():
        by_operation[operation] += count
    assert by_operation.keys() <= most.keys()
    assert {o: n for o, n in by_operation.items() if not least[o] <= n <= most[o]} == {}
    assert sum(least.values()) <= sum(by_operation.values()) <= sum(most.values())


def test_the_fortress_is_proven_on_what_was_read_back(lab, ringwall, fortress):
    ended = ringwall("apply", fortress, "--yes", "--json")
    assert ended.code == 0, ended.err
    assert all(expectation["ok"] for expectation in ended.json["expectations"])
    assert ended.json["left"] == []
    assert ringwall("apply", fortress, "--yes", "--json").json["changes"] == []


def test_adding_a_zone_replaces_and_deletes_nothing(lab, ringwall, fortress):
    assert ringwall("apply", fortress, "--yes").code == 0
    fortress.write_text(with_another_zone())
    plan = ringwall("plan", fortress, "--json")
    assert plan.code == 0, plan.err
    assert plan.json["counts"]["replace"] == 0
    assert plan.json["counts"]["delete"] == 0
    assert ringwall("apply", fortress, "--yes").code == 0
    assert ringwall("drift", fortress).code == 0
