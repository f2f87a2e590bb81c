from pathlib import Path

import pytest
from jsonschema import Draft7Validator

from ringwall.blueprint import load, schema, starter
from ringwall.blueprint.starter import TEMPLATES
from ringwall.blueprint.yaml_text import read, values
from ringwall.errors import QuestionError
from tests.blueprint.texts import SMALL

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.yaml"))


def plain(text: str) -> object:
    root, problems = read(text)
    assert root is not None
    assert problems == []
    return values(root)


def test_the_schema_is_a_draft_7_schema():
    Draft7Validator.check_schema(schema())
    assert schema()["$schema"] == "http://json-schema.org/draft-07/schema#"


def test_the_schema_uses_no_words_of_later_drafts():
    text = str(schema())
    for word in ("$defs", "prefixItems", "unevaluatedProperties", "dependentRequired", "nullable"):
        assert word not in text


def test_every_field_has_a_description():
    parts = {"Blueprint": schema(), **schema()["definitions"]}
    bare = [
        f"{name}.{field}"
        for name, part in parts.items()
        for field, value in part.get("properties", {}).items()
        if not value.get("description")
    ]
    assert bare == []


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_every_example_loads_without_a_problem_and_satisfies_the_schema(path):
    text = path.read_text()
    bp = load(text, path.name)
    assert bp.warnings == ()
    assert [e.message for e in Draft7Validator(schema()).iter_errors(plain(text))] == []
    assert {e.reachable for e in bp.expect} == {True, False}


def test_the_examples_are_the_three_that_the_guides_speak_of():
    assert {"fortress.yaml", "minimal.yaml", "forty.yaml"} <= {path.name for path in EXAMPLES}
    assert len(load(next(p for p in EXAMPLES if p.name == "forty.yaml").read_text(), "").vpcs) == 40


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_starter_loads_without_a_problem_and_bears_both_modelines(template):
    text = starter(template, name="mine")
    bp = load(text, "blueprint.yaml")
    assert (bp.name, bp.warnings) == ("mine", ())
    assert text.splitlines()[:2] == [
        "# yaml-language-server: $schema=./.ringwall/schema.json",
        "# $schema: ./.ringwall/schema.json",
    ]
    assert [e.message for e in Draft7Validator(schema()).iter_errors(plain(text))] == []


def test_an_unknown_template_is_refused_with_the_known_ones():
    with pytest.raises(QuestionError) as caught:
        starter("huge")
    assert caught.value.hint == "known: minimal, hub-spoke"


@pytest.mark.parametrize(
    "change",
    [("kind: private", "kind: privat"), ("name: test", "nom: test"), ("main:", "Main:"),
     ("zones: [", "zones: [7, "), ("region: us-east-1\n", "")],
)  # fmt: skip
def test_the_schema_refuses_what_the_reader_refuses(change):
    text = SMALL.replace(*change)
    assert text != SMALL
    assert list(Draft7Validator(schema()).iter_errors(plain(text)))
