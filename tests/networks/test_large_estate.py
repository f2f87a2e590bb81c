"""The large estate of the benchmarks, at a small size: what it promises."""

import json

import pytest
from benchmarks.estate_large import files, graph, port_atoms
from benchmarks.estate_vpc import Estate

from ringwall.formats.describe import read_folder
from ringwall.model.graph import ResourceGraph, references
from ringwall.model.ports import parse_ports
from ringwall.trace.judge import survey
from ringwall.trace.network import Network
from ringwall.trace.placements import placements
from ringwall.trace.trace import Verdict


@pytest.fixture(scope="module")
def small() -> ResourceGraph:
    return graph(Estate(vpcs=6))


def test_every_vpc_has_twelve_classes_a_hundred_interfaces_and_fifteen_rules(
    small: ResourceGraph,
) -> None:
    counts = {
        kind: len(small.of_type(f"AWS::EC2::{kind}"))
        for kind in ("NetworkInterface", "SecurityGroup", "Subnet", "NetworkAcl")
    }
    rules = [node for node in small if node.short_type.startswith("SecurityGroup")]
    assert counts == {
        "NetworkInterface": 600, "SecurityGroup": 24, "Subnet": 54, "NetworkAcl": 18,
    }  # fmt: skip
    assert len(rules) - 24 == 6 * 15


def test_nothing_refers_to_what_is_not_there(small: ResourceGraph) -> None:
    for each in (small, graph(Estate(vpcs=2, full=True))):
        assert [
            ref for node in each for ref in references(node.properties) if ref not in each
        ] == []
        assert each.unknowns == ()


def test_the_same_seed_gives_the_same_estate(small: ResourceGraph) -> None:
    assert graph(Estate(vpcs=6)).nodes == small.nodes
    assert graph(Estate(vpcs=6, seed=2)).nodes != small.nodes


def test_rules_tell_about_170_sets_of_ports_apart() -> None:
    assert 150 <= port_atoms(graph(Estate(vpcs=300, interfaces=0))) <= 190


def test_vpcs_of_one_segment_reach_each_other_and_no_others(small: ResourceGraph) -> None:
    network = Network(small)
    reached = {}
    for vpc in ("vpc-0003", "vpc-0001"):
        ends = [placements(network, name) for name in ("vpc-0000/edge", f"{vpc}/app")]
        sources, destinations = (end if isinstance(end, tuple) else () for end in ends)
        found = survey(network, sources[:1], destinations[:1], [parse_ports("any")])
        reached[vpc] = {case.verdict for case in found}
    assert reached == {"vpc-0003": {Verdict.ALLOW, Verdict.DENY}, "vpc-0001": {Verdict.DENY}}


def test_the_files_are_what_describe_prints() -> None:
    written = dict(files(Estate(vpcs=3, full=True)))
    several = {"TargetHealthDescriptions.json", "Attributes.json"}
    found = {name: json.loads(text) for name, text in written.items() if name not in several}
    assert len(found["NetworkInterfaces.json"]["NetworkInterfaces"]) == 300
    assert found["Listeners.json"]["Listeners"][0]["Port"] == 443
    assert "SearchTransitGatewayRoutes/tgw-rtb-00000000.json" in found


@pytest.mark.parametrize("full", [False, True])
def test_the_folder_is_complete(full: bool) -> None:
    estate = Estate(vpcs=2, full=full)
    read = read_folder(dict(files(estate)))
    assert read.unknowns == ()
    assert {n.type for n in read} - {n.type for n in graph(estate)} <= {
        "AWS::EC2::VPCBlockPublicAccessOptions"
    }


def test_a_size_that_has_no_addresses_is_refused() -> None:
    with pytest.raises(ValueError, match="1 to 1024 VPCs"):
        graph(Estate(vpcs=2_000))
