"""Blueprints into templates: what CloudFormation takes, and what reads back as the same network."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from cfnlint.api import lint
from cfnlint.config import ManualArgs
from hypothesis import HealthCheck, given, settings

from ringwall.app.proving import prove
from ringwall.app.workspace import blueprint_of
from ringwall.blueprint.compile import compile_blueprint
from ringwall.blueprint.loading import load
from ringwall.errors import BlueprintError
from ringwall.formats.cloudformation import read, write
from ringwall.formats.cloudformation.stacking import MOST, stack_up
from ringwall.formats.export import Export
from ringwall.model.graph import Node, Ref, ResourceGraph
from ringwall.reach.difference import difference
from tests.blueprint.compile.blueprints import ALL, compiled, many
from tests.blueprint.compile.test_random_blueprints import blueprints

Said = tuple[Mapping[str, Any], Mapping[str, str], bool, str, str]


def said(node: Node) -> Said:
    """Return what of a node a template says."""
    properties = dict(node.properties)
    if node.type == "AWS::Route53Resolver::FirewallRuleGroup":
        properties["FirewallRules"] = [
            {name: value for name, value in rule.items() if name != "Name"}
            for rule in properties["FirewallRules"]
        ]
    properties.pop("CodeSha256", None)
    properties.pop("DashboardBody", None)  # text, in which references are parts of a join
    tags = {k: v for k, v in node.tags.items() if k != "ringwall:managed-by"}
    return properties, tags, node.protect, node.account, node.region


def network(graph: ResourceGraph) -> dict[tuple[str, str], Said]:
    """Return a graph without what CloudFormation has no type for, or no tags that tell its key."""
    return {
        (node.type, node.key): said(node)
        for node in graph
        if not node.type.startswith(("Ringwall::", "AWS::Logs::QueryDefinition"))
    }


def read_back(graph: ResourceGraph, export: Export) -> ResourceGraph:
    node = next(iter(graph))
    return read(export.files, account=node.account, region=node.region)


@pytest.mark.parametrize("name", ALL)
def test_what_was_written_reads_back_as_the_same_network(name: str) -> None:
    graph = compiled(ALL[name])
    found = read_back(graph, write(graph))
    assert found.unknowns == ()
    assert network(found) == network(graph)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(blueprints())
def test_whatever_a_blueprint_says_reads_back(document: dict[str, Any]) -> None:
    try:
        graph = compile_blueprint(load(json.dumps(document), "random.yaml"))
    except BlueprintError:
        return
    found = read_back(graph, write(graph))
    assert found.unknowns == ()
    assert network(found) == network(graph)


@pytest.mark.parametrize("name", ["minimal", "fortress", "central", "dual-stack", "everything"])
def test_cfn_lint_finds_no_error(name: str) -> None:
    graph = compiled(ALL[name])
    region = next(iter(graph)).region
    found = [
        f"{file}: {match.rule.id} {match.message}"
        for file, text in write(graph).files.items()
        for match in lint(text, config=ManualArgs(regions=[region]))
        if match.rule.severity == "error"
    ]
    assert found == []


def test_cfn_lint_would_find_one() -> None:
    graph = compiled(ALL["minimal"])
    text = write(graph).files["vpc-main.json"].replace('"CidrBlock"', '"CidrBlok"', 1)
    assert any(match.rule.severity == "error" for match in lint(text))


def test_a_stack_imports_only_from_earlier_ones() -> None:
    export = write(compiled(ALL["dual-stack"]))
    assert list(export.files) == ["shared.json", "vpc-left.json", "vpc-right.json", "across.json"]
    known: set[str] = set()
    for text in export.files.values():
        template = json.loads(text)
        imports = set(imported(template))
        assert imports <= known
        known |= {o["Export"]["Name"] for o in template.get("Outputs", {}).values()}
    assert known
    assert all(name.startswith("dual-") for name in known)


def imported(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["Fn::ImportValue"]] if "Fn::ImportValue" in value else []
        return own + [name for item in value.values() for name in imported(item)]
    return [n for item in value for n in imported(item)] if isinstance(value, list) else []


def test_a_large_stack_is_cut_and_reads_back() -> None:
    vpcs = ResourceGraph.of(
        [Node("AWS::EC2::VPC", "v", "", "us-east-1", {"CidrBlock": "10.0.0.0/16"})]
    )
    properties = {"VpcId": Ref("AWS::EC2::VPC", "v")}
    tags = {"ringwall:key": "t"}
    table = Node("AWS::EC2::RouteTable", "t", "", "us-east-1", properties, tags=tags)
    routes = [
        Node(
            "AWS::EC2::Route",
            f"t>10.{i >> 8}.{i & 255}.0/24",
            "",
            "us-east-1",
            {
                "RouteTableId": table.ref,
                "DestinationCidrBlock": f"10.{i >> 8}.{i & 255}.0/24",
                "TransitGatewayId": Ref("AWS::EC2::TransitGateway", "tgw-0123456789abcdef0"),
            },
        )
        for i in range(1100)
    ]
    graph = vpcs.with_nodes([table, *routes])
    assert [len(stack.nodes) for stack in stack_up(graph)] == [MOST, MOST, 142]
    export = write(graph)
    assert list(export.files) == ["vpc-v.json", "vpc-v-2.json", "vpc-v-3.json"]
    found = read_back(graph, export)
    assert {n.key for n in found.of_type("AWS::EC2::Route")} == {n.key for n in routes}


def test_no_stack_of_many_vpcs_is_too_large() -> None:
    export = write(compiled(many(60)))
    for text in export.files.values():
        template = json.loads(text)
        assert len(template["Resources"]) < 500
        assert len(template.get("Outputs", {})) <= 200
        assert len(text) < 1_000_000


def test_what_cloudformation_cannot_say_is_said() -> None:
    export = write(compiled(ALL["fortress"]))
    assert len(export.left_out) == 9
    assert export.left_out[0].startswith("default security group of VPC hub: AWS makes it with")
    assert any(text.startswith("DNS Firewall of VPC staging") for text in export.left_out)
    assert any("names of the rules of dns-firewall" in text for text in export.left_out)


def test_every_resource_says_who_manages_it() -> None:
    for text in write(compiled(ALL["fortress"])).files.values():
        for resource in json.loads(text)["Resources"].values():
            tags = resource["Properties"].get("Tags")
            assert tags is None or {"Key": "ringwall:managed-by", "Value": "cloudformation"} in tags


def test_a_prefix_list_given_by_its_id_is_that_list() -> None:
    graph = compiled(ALL["dual-stack"])
    given = {"PrefixListUsEast1S3": "pl-63a5400a"}
    found = read(write(graph).files, account="", region="us-east-1", parameters=given)
    named = {
        rule.properties["DestinationPrefixListId"]
        for rule in found.of_type("AWS::EC2::SecurityGroupEgress")
        if "DestinationPrefixListId" in rule.properties
    }
    assert named == {Ref("AWS::EC2::PrefixList", "pl-63a5400a")}


@pytest.mark.parametrize("name", ["minimal", "fortress", "central", "dual-stack"])
def test_a_blueprints_expectations_hold_on_what_its_templates_build(name: str) -> None:
    wanted = blueprint_of(ALL[name], f"{name}.yaml")
    proof = prove(wanted, read_back(wanted.graph, write(wanted.graph)))
    assert proof.ok, proof.to_dict()


def test_only_what_was_left_out_differs_in_what_is_reachable() -> None:
    """Whatever has the default group of a VPC may talk among itself until it is emptied."""
    graph = compiled(ALL["fortress"])
    found = difference(graph, read_back(graph, write(graph)))
    rows = found.to_dict()["rows"]
    assert rows
    assert {row["change"] for row in rows} == {"appears"}
    # Subnets in which no group of the blueprint stands, `vpc/tier/zone`; a group is `vpc/name`.
    assert all(row["from"].count("/") == 2 for row in rows)
