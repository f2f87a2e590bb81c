from pathlib import Path

import pytest
import yaml

from ringwall.blueprint import yaml_text
from ringwall.blueprint.yaml_text import read, scalar_of, values
from tests.blueprint.texts import SMALL, loaded, problems_of

EXAMPLES = Path(__file__).parents[2] / "examples"


@pytest.mark.parametrize(
    "word",
    [
        "22:22",
        "NO",
        "no",
        "on",
        "Off",
        "y",
        "010",
        "0o17",
        "0x1F",
        "012345678901",
        "1_000",
        "2026-11-23",
        "=",
        "12e",
        "1" * 40,
    ],
)
def test_what_yaml_1_1_would_guess_stays_text(word):
    assert scalar_of(word) == word


@pytest.mark.parametrize(
    ("word", "value"),
    [("true", True), ("False", False), ("null", None), ("~", None), ("", None), ("0", 0),
     ("-3", -3), ("443", 443), ("1.5", 1.5), ("1e3", 1000.0)],
)  # fmt: skip
def test_the_core_words_have_their_values(word, value):
    assert scalar_of(word) == value
    assert type(scalar_of(word)) is type(value)


def test_quoted_scalars_are_text():
    root, _ = read("a: \"443\"\nb: 'true'\nc: |\n  5\n")
    assert root is not None
    assert values(root) == {"a": "443", "b": "true", "c": "5\n"}


def test_a_tag_of_cost_keeps_its_zeros():
    assert loaded(SMALL.replace("zones", "tags: {CostCenter: 010}\nzones")).tags == {
        "CostCenter": "010"
    }


def test_an_account_is_text_with_and_without_a_leading_zero():
    assert loaded("account: 012345678901\n" + SMALL).account == "012345678901"
    assert loaded("account: 111122223333\n" + SMALL).account == "111122223333"
    assert [p.code for p in problems_of("account: 1111\n" + SMALL)] == ["BP014"]


def test_an_own_key_wins_over_a_merged_one_and_the_first_merge_over_the_second():
    root, problems = read("a: &a {x: 1, y: 1}\nb: &b {y: 2, z: 2}\nc: {<<: [*a, *b], x: 3}\n")
    assert root is not None
    assert problems == []
    assert values(root)["c"] == {"x": 3, "y": 1, "z": 2}


def test_a_merge_keeps_the_order_of_what_it_merges():
    root, _ = read("a: &a {x: 1, y: 1}\nc: {<<: *a, w: 0, y: 2}\n")
    assert root is not None
    assert list(values(root)["c"]) == ["x", "y", "w"]


def test_a_list_of_one_account_and_region_is_that_one():
    source = SMALL.replace("region: us-east-1", 'regions: [us-east-1]\naccounts: ["111122223333"]')
    bp = loaded(source)
    assert (bp.account, bp.region) == ("111122223333", "us-east-1")


def test_origins_tell_where_parts_stand():
    bp = loaded(SMALL)
    assert str(bp.origins["vpcs", "main", "groups", "db"]) == "bp.yaml:14"
    assert bp.origins["vpcs", "main", "tiers", "public"].line == 8
    assert bp.origins["vpcs", "main", "tiers", "public", "nowhere"].line == 8
    assert ("vpcs", "main") in bp.origins
    assert ("vpcs", "other") not in bp.origins


def test_the_pure_loader_reads_the_same_places(monkeypatch):
    lines = (EXAMPLES / "fortress.yaml").read_text()
    fast = loaded(lines)
    monkeypatch.setattr(yaml_text, "_LOADER", yaml.SafeLoader)
    slow = loaded(lines)
    assert slow == fast
    assert dict(slow.origins) == dict(fast.origins)
