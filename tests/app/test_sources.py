"""NETWORK is any source: what a file or a folder is, its own text says."""

import json
from pathlib import Path

import pytest

from ringwall.app.asking import diff_networks, reach_network
from ringwall.app.exporting import export_blueprint
from ringwall.app.sources import SourceKind, open_network
from ringwall.app.workspace import CloudSettings
from ringwall.blueprint import load_expectations
from ringwall.errors import InputError, QuestionError
from tests.e2e.conftest import EXAMPLES

HERE = CloudSettings()
TEMPLATE = {
    "Parameters": {"Cidr": {"Type": "String"}},
    "Resources": {
        "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": {"Ref": "Cidr"}}},
        "A": {
            "Type": "AWS::EC2::Subnet",
            "Properties": {
                "VpcId": {"Ref": "Vpc"},
                "CidrBlock": "10.0.1.0/24",
                "AvailabilityZone": "us-east-1a",
            },
        },
    },
}


@pytest.fixture
def template(tmp_path):
    path = tmp_path / "network.json"
    path.write_text(json.dumps(TEMPLATE))
    return str(path)


def test_a_blueprint_is_one():
    found = open_network(str(EXAMPLES / "minimal.yaml"), HERE)
    assert found.kind is SourceKind.BLUEPRINT
    assert found.wanted is not None


def test_a_template_is_one_and_takes_parameters(template):
    found = open_network(template, HERE, parameters={"Cidr": "10.0.0.0/16"})
    assert found.kind is SourceKind.CLOUDFORMATION
    assert found.graph["AWS::EC2::VPC", "Vpc"].properties["CidrBlock"] == "10.0.0.0/16"


def test_a_plan_of_terraform_is_recognised(tmp_path):
    path = tmp_path / "plan.json"
    path.write_text('{"format_version": "1.2", "terraform_version": "1.9.0"}')
    with pytest.raises(InputError):
        open_network(str(path), HERE)


def test_what_an_export_leaves_out_is_its_difference_to_the_blueprint(tmp_path):
    """The default groups, which CloudFormation cannot empty, let their members reach each other."""
    blueprint = str(EXAMPLES / "minimal.yaml")
    folder = tmp_path / "stacks"
    exported = export_blueprint(blueprint, target="cloudformation", folder=str(folder))
    assert any("default security group" in text for text in exported.left_out)
    found = diff_networks(blueprint, str(folder), blueprint="", settings=HERE)
    # Every group of the minimal blueprint has a tier, so that nothing bears the default group.
    assert not found.rows


def test_default_groups_that_keep_their_rules_are_seen(tmp_path):
    blueprint = str(EXAMPLES / "fortress.yaml")
    folder = tmp_path / "stacks"
    export_blueprint(blueprint, target="cloudformation", folder=str(folder))
    found = diff_networks(blueprint, str(folder), blueprint="", settings=HERE)
    assert found.disappearing == ()
    assert "staging/attachment/us-east-1a" in {row.source for row in found.appearing}
    assert all(row.source.count("/") == 2 for row in found.appearing)


def test_reach_wants_one_end():
    blueprint = str(EXAMPLES / "minimal.yaml")

    def ask(to, source):
        return reach_network(
            blueprint, to=to, source=source, ports=(), blueprint="", settings=HERE
        ).rows

    rows = ask("main/db", "")
    assert [(r.source, r.ports, r.everywhere) for r in rows] == [("main/web", ("tcp/5432",), True)]
    rows = ask("", "internet")
    assert [(r.destination, r.ports) for r in rows] == [("main/web", ("tcp/443",))]
    with pytest.raises(QuestionError):
        ask("", "")
    with pytest.raises(QuestionError):
        ask("main/db", "internet")


def folder_of(tmp_path: Path) -> str:
    """A VPC of which nobody asked about anything but what it consists of."""
    vpc = {"VpcId": "vpc-0000000a", "CidrBlock": "10.0.0.0/16", "OwnerId": "111122223333"}
    (tmp_path / "Vpcs.json").write_text(json.dumps({"Vpcs": [vpc]}))
    return str(tmp_path)


def test_what_the_asker_says_is_absent_is_not_unknown_and_stands_in_the_result(tmp_path):
    lattice = "AWS::VpcLattice::ServiceNetworkVpcAssociation"
    found = open_network(
        folder_of(tmp_path), HERE, absent=["servicenetworkvpcassociation,AWS::EC2::VPC", "Subnet"]
    )
    assert found.graph.assumed == ("AWS::EC2::Subnet", lattice)  # there is an answer about VPCs
    assert lattice not in {unknown.what for unknown in found.graph.unknowns}
    assert "AWS::EC2::VPNGateway" in {unknown.what for unknown in found.graph.unknowns}
    assert open_network(folder_of(tmp_path), HERE).graph.assumed == ()


def test_a_type_that_nobody_knows_is_refused_with_near_ones(tmp_path):
    with pytest.raises(QuestionError, match="VPNGatway") as caught:
        open_network(folder_of(tmp_path), HERE, absent=["VPNGatway"])
    assert "AWS::EC2::VPNGateway" in str(caught.value.hint)


def test_a_file_of_expectations_may_name_what_nobody_declared(tmp_path):
    """Ids, ARNs and Name tags; what the names mean is for the network."""
    path = tmp_path / "expect.yaml"
    path.write_text(
        "expect:\n"
        "  - {name: a, from: Web Servers, to: [vpc-0000000a, 10.0.0.0/8], ports: [443], "
        "reachable: false}\n"
    )
    found, _ = load_expectations(path.read_text(), str(path))
    assert found.expect[0].sources == ("Web Servers",)
    assert found.expect[0].destinations == ("vpc-0000000a", "10.0.0.0/8")
