"""Blueprints into Terraform: what reads back as the same network, names that stay, no surprises."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from ringwall.app.proving import prove
from ringwall.app.workspace import blueprint_of
from ringwall.blueprint.compile import compile_blueprint
from ringwall.blueprint.loading import load
from ringwall.errors import BlueprintError
from ringwall.formats.export import Export
from ringwall.formats.terraform import read, write
from ringwall.formats.terraform.forms import FORMS, WATCHING
from ringwall.formats.terraform.kinds import JOINED
from ringwall.formats.terraform.writing import name_of
from ringwall.model.graph import Node, ResourceGraph
from ringwall.reach.difference import difference
from tests.blueprint.compile.blueprints import ALL, compiled, many
from tests.blueprint.compile.test_random_blueprints import blueprints
from tests.formats.terraform.facts import arguments
from tests.formats.terraform.planner import plan

AWS_OWN = "Ringwall::EC2::DefaultNetworkAcl"  # what AWS makes with a VPC, and no blueprint names
Said = tuple[Mapping[str, Any], Mapping[str, str], bool, str, str]


def said(node: Node) -> Said:
    tags = {k: v for k, v in node.tags.items() if k != "ringwall:managed-by"}
    return dict(node.properties), tags, node.protect, node.account, node.region


def network(graph: ResourceGraph) -> dict[tuple[str, str], Said]:
    """Return a graph without what AWS makes, and what a plan of Terraform's is not read for."""
    beside = {form.type for form in WATCHING.values()}
    return {(n.type, n.key): said(n) for n in graph if n.type not in {AWS_OWN, *beside}}


def variables(export: Export) -> dict[str, str]:
    text = export.files.get("variables.tf.json", '{"variable": {}}')
    names = sorted(json.loads(text)["variable"])
    return {name: f"rslvr-fdl-{i:016x}" for i, name in enumerate(names)}


def read_back(export: Export) -> ResourceGraph:
    return read(plan(export.files, variables(export)))


@pytest.mark.parametrize("name", ALL)
def test_what_was_written_reads_back_as_the_same_network(name: str) -> None:
    graph = compiled(ALL[name])
    export = write(graph)
    found = read_back(export)
    assert found.unknowns == ()
    assert network(found) == network(graph)
    assert export.left_out == ()


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(blueprints())
def test_whatever_a_blueprint_says_reads_back(document: dict[str, Any]) -> None:
    try:
        graph = compile_blueprint(load(json.dumps(document), "random.yaml"))
    except BlueprintError:
        return
    found = read_back(write(graph))
    assert found.unknowns == ()
    assert network(found) == network(graph)


@pytest.mark.parametrize("name", ["minimal", "fortress", "central", "dual-stack"])
def test_a_blueprints_expectations_hold_on_what_terraform_builds(name: str) -> None:
    wanted = blueprint_of(ALL[name], f"{name}.yaml")
    proof = prove(wanted, read_back(write(wanted.graph)))
    assert proof.ok, proof.to_dict()


def test_nothing_differs_in_what_is_reachable() -> None:
    """Unlike CloudFormation, Terraform empties the default groups, too."""
    graph = compiled(ALL["fortress"])
    assert difference(graph, read_back(write(graph))).to_dict()["rows"] == []


def test_the_same_graph_is_written_the_same() -> None:
    assert write(compiled(ALL["everything"])) == write(compiled(ALL["everything"]))


def test_names_are_of_the_key_alone_and_tell_keys_apart() -> None:
    assert name_of("main/public/us-east-1a") == "main_public_us-east-1a"
    marks = ["a/b>10.0.0.0/8", "a/b>10.0.0.0-8", "a-b>10.0.0.0/8", "1a", "a_b", "A", "a b"]
    names = [name_of(key) for key in marks]
    assert len(set(names)) == len(marks)
    assert all(name[0].isalpha() and "/" not in name for name in names)


def test_a_text_is_no_template() -> None:
    (text,) = (t for f, t in write(compiled(ALL["fortress"])).files.items() if "hub" in f)
    formats = [log["log_format"] for log in json.loads(text)["resource"]["aws_flow_log"].values()]
    assert formats
    assert all("$${srcaddr}" in each and " ${" not in each for each in formats)


def test_every_resource_says_who_manages_it() -> None:
    for name, text in write(compiled(ALL["fortress"])).files.items():
        body = json.loads(text).get("resource", {}) if name.endswith(".json") else {}
        for items in body.values():
            for item in items.values():
                tags = item.get("tags")
                assert tags is None or tags["ringwall:managed-by"] == "terraform"


def test_a_file_holds_one_vpc_and_many_are_written() -> None:
    export = write(compiled(many(60)))
    assert sum(name.startswith("vpc-") for name in export.files) == 60


def written_arguments(export: Export) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for name, text in export.files.items():
        body = json.loads(text).get("resource", {}) if name.endswith(".json") else {}
        for kind, items in body.items():
            for item in items.values():
                found |= {(kind, argument) for argument in item}
    return found - {(kind, meta) for kind, _ in found for meta in ("depends_on", "lifecycle")}


def test_every_argument_written_is_one_of_the_providers_schema() -> None:
    """Of hashicorp/aws 5.100.0; `facts.SOURCE` says how it was made."""
    schema = arguments()
    written = set().union(*(written_arguments(write(compiled(text))) for text in ALL.values()))
    assert len({kind for kind, _ in written}) > 30
    for kind, argument in sorted(written):
        assert argument in schema[kind]["settable"], f"{kind}.{argument}"
    for kind in {kind for kind, _ in written}:
        given = {argument for other, argument in written if other == kind}
        assert set(schema[kind]["required"]) <= given, kind


def test_every_argument_read_is_one_of_the_providers_schema() -> None:
    schema = arguments()
    for kind, form in FORMS.items():
        known = {*schema[kind]["settable"], *schema[kind]["computed"]}
        assert form.arguments.keys() <= known, kind
    for kind, (argument, _) in JOINED.items():
        assert argument in schema[kind]["settable"], kind
