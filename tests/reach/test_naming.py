"""Networks that nobody declared: asked by Name tags, ids and ARNs, answered in names."""

from dataclasses import replace
from typing import Any

import pytest

from ringwall.errors import QuestionError
from ringwall.model.expectation import Expectation
from ringwall.model.graph import Node, Ref, ResourceGraph, Unknown
from ringwall.model.ports import parse_ports
from ringwall.reach.engine import Engine
from ringwall.reach.expectations import check
from ringwall.reach.explain import explain
from ringwall.reach.exposure import who_reaches
from ringwall.reach.proposals import allowed
from ringwall.reach.relations import Board
from tests.builders import two_subnets
from tests.trace.building import machine

EC2 = "AWS::EC2::"
BALANCER = "arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/app/front/50dc6c49"


def node(kind: str, key: str, name: str = "", observed: Any = None, **properties: Any) -> Node:
    full = kind if "::" in kind else f"{EC2}{kind}"
    tags = {"Name": name} if name else {}
    return Node(full, key, "1", "us-east-1", properties, observed or {}, None, tags, key)


def interface(key: str, subnet: str, group: str, **observed: Any) -> Node:
    return node(
        "NetworkInterface",
        key,
        observed={"InterfaceType": "interface", **observed},
        SubnetId=Ref(f"{EC2}Subnet", subnet),
        GroupSet=[Ref(f"{EC2}SecurityGroup", group)],
    )


@pytest.fixture(scope="module")
def graph() -> ResourceGraph:
    vpc, other = Ref(f"{EC2}VPC", "vpc-0000000a"), Ref(f"{EC2}VPC", "vpc-0000000b")
    group = Ref(f"{EC2}SecurityGroup", "sg-0000000a")
    return ResourceGraph.of(
        [
            node("VPC", "vpc-0000000a", "Production EU", CidrBlock="10.0.0.0/16"),
            node("VPC", "vpc-0000000b", "staging", CidrBlock="10.1.0.0/16"),
            node("Subnet", "subnet-0000000a", "private-a", VpcId=vpc, CidrBlock="10.0.1.0/24"),
            node("Subnet", "subnet-0000000b", "private-a", VpcId=other, CidrBlock="10.1.1.0/24"),
            node("SecurityGroup", "sg-0000000a", VpcId=vpc, GroupName="web servers"),
            node(
                "SecurityGroupIngress", "in-a", GroupId=group, IpProtocol="-1", CidrIp="0.0.0.0/0"
            ),
            node("Instance", "i-0000000a", "bastion", observed={"VpcId": "vpc-0000000a"}),
            interface(
                "eni-0000000a", "subnet-0000000a", "sg-0000000a",
                PrivateIpAddresses=[{"PrivateIpAddress": "10.0.1.9"}],
                Attachment={"InstanceId": "i-0000000a"},
            ),
            interface(
                "eni-0000000b", "subnet-0000000a", "sg-0000000a",
                Description="ELB app/front/50dc6c49",
                PrivateIpAddresses=[{"PrivateIpAddress": "10.0.1.10"}],
            ),
            node(
                "AWS::ElasticLoadBalancingV2::LoadBalancer", BALANCER, Name="front",
                Type="application", SecurityGroups=[group],
            ),
        ]
    )  # fmt: skip


@pytest.fixture(scope="module")
def engine(graph: ResourceGraph) -> Engine:
    return Engine(graph)


def subnets_and_interfaces(engine: Engine, name: str) -> set[tuple[str, str]]:
    found = engine.ends.named(name)
    assert not isinstance(found, Unknown), found
    return {
        (end.subnet.key if end.subnet else "", "balancer" if end.balancer else end.interface)
        for end in found
    }


BASTION = {("subnet-0000000a", "eni-0000000a")}
FRONT = {("subnet-0000000a", "balancer")}
EVERYTHING = {("subnet-0000000a", ""), *BASTION, *FRONT}


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("bastion", BASTION),
        ("Bastion", BASTION),
        ("i-0000000a", BASTION),
        ("eni-0000000a", BASTION),
        ("arn:aws:ec2:us-east-1:111122223333:instance/i-0000000a", BASTION),
        ("Production EU/bastion", BASTION),
        ("10.0.1.9", BASTION),
        ("10.0.1.10", FRONT),
        ("10.0.1.11", {("subnet-0000000a", "")}),
        ("10.0.1.8/30", EVERYTHING),
        ("front", FRONT),
        (BALANCER, FRONT),
        ("web servers", {*BASTION, *FRONT}),
        ("sg-0000000a", {*BASTION, *FRONT}),
        ("Production EU", EVERYTHING),
        ("vpc-0000000a", EVERYTHING),
        ("arn:aws:ec2:us-east-1:111122223333:vpc/vpc-0000000a", EVERYTHING),
        ("Production EU/private-a", EVERYTHING),
        ("vpc-0000000a/private-a", EVERYTHING),
        ("staging/private-a", {("subnet-0000000b", "")}),
    ],
)
def test_a_thing_is_asked_about_by_what_it_is_called(
    engine: Engine, name: str, meant: set[tuple[str, str]]
) -> None:
    assert subnets_and_interfaces(engine, name) == meant


def test_a_name_of_several_things_is_refused_with_their_ids(engine: Engine) -> None:
    with pytest.raises(QuestionError, match="subnet-0000000a, Subnet subnet-0000000b") as caught:
        engine.ends.named("private-a")
    assert "by id, or as VPC/NAME" in str(caught.value.hint)


@pytest.mark.parametrize(("name", "near"), [("bastian", "bastion"), ("stagin", "staging")])
def test_a_wrong_name_is_refused_with_near_ones(engine: Engine, name: str, near: str) -> None:
    with pytest.raises(QuestionError, match=f"nothing called '{name}'") as caught:
        engine.ends.named(name)
    assert f"did you mean {near}" in caught.value.hint


@pytest.mark.parametrize("name", ["vpc-0000000c", "i-0000000b", "Production EU/bastian", "a/b"])
def test_a_wrong_id_or_path_is_refused_with_near_ones_or_a_list(engine: Engine, name: str) -> None:
    with pytest.raises(QuestionError, match="nothing called") as caught:
        engine.ends.named(name)
    assert caught.value.hint.startswith(("did you mean ", "known: internet, "))


def test_among_expectations_a_wrong_name_is_unknown_and_holds_nothing(engine: Engine) -> None:
    for reachable in (True, False):
        wanted = Expectation("x", ("bastian",), ("staging",), (parse_ports("any"),), reachable)
        [result] = check(engine, [wanted])
        assert (result.ok, result.is_undecided) == (False, True)
        assert "did you mean bastion?" in str(result.judgement.unknowns[0])


def test_what_is_there_and_has_no_place_is_unknown() -> None:
    base = two_subnets().group("v/nowhere", "").add("InternetGateway", "igw-0000000a")
    engine = Engine(base.graph())
    for name in ("v/nowhere", "*/nowhere", "igw-0000000a", "default v"):
        found = engine.ends.named(name)
        assert isinstance(found, Unknown), found
        assert "has a placement" in found.why
    with pytest.raises(QuestionError, match="nothing called"):
        engine.ends.named("*/somewhere")


def test_the_types_that_were_not_read_are_told_with_a_wrong_name(graph: ResourceGraph) -> None:
    lost = replace(graph, unknowns=(Unknown(f"{EC2}Instance", "it was refused"),))
    with pytest.raises(QuestionError, match="Instance was not"):
        Engine(lost).ends.named("somebody")


def test_a_default_group_is_asked_as_answers_write_it() -> None:
    base = two_subnets()
    machine(base, "Eni", "v/web/a", "10.0.1.9", "default v")
    found = Engine(base.graph()).ends.named("default v")
    assert not isinstance(found, Unknown)
    assert {end.interface for end in found} == {"Eni"}


def test_a_wrong_name_in_no_form_that_is_known_is_refused_with_near_ones(engine: Engine) -> None:
    with pytest.raises(QuestionError, match="web server'") as caught:
        engine.ends.named("web server")
    assert caught.value.hint == "did you mean web servers?"


def test_what_is_like_nothing_is_told_the_forms(engine: Engine) -> None:
    with pytest.raises(QuestionError, match="cannot be understood"):
        engine.ends.named("?!*")


def test_answers_speak_in_names_with_ids(engine: Engine) -> None:
    told = explain(engine, "bastion", "Production EU/private-a", parse_ports("443")).told
    assert told is not None
    assert str(told.case.source).startswith("bastion (eni-0000000a)")
    assert told.forward[0].name == "web servers (sg-0000000a)"
    rows = who_reaches(Board(engine), "staging").rows
    names = {row.source for row in rows} | {row.destination for row in rows}
    assert names <= {
        "web servers (sg-0000000a)", "private-a (subnet-0000000a)", "private-a (subnet-0000000b)",
        "internet", "outside",
    }  # fmt: skip
    assert "private-a (subnet-0000000b)" in names or not rows


def test_a_key_of_ours_needs_no_title(graph: ResourceGraph) -> None:
    address = (f"{EC2}VPC", "vpc-0000000b")
    ours = replace(graph[address], key="staging")
    assert (
        Engine(graph.without([address]).with_nodes([ours])).ends.naming.title("staging")
        == "staging"
    )


def test_what_has_no_name_is_called_by_its_key_capitals_and_all():
    base = two_subnets().group("WebGroup", "", "out all 0.0.0.0/0")
    machine(base, "Eni", "v/web/a", "10.0.1.9", "WebGroup")
    engine = Engine(base.graph())
    found = engine.ends.named("WebGroup")
    assert not isinstance(found, Unknown)
    assert {end.interface for end in found} == {"Eni"}
    rule = allowed(engine.network, "WebGroup", "in", parse_ports("80"), "WebGroup")
    assert rule.properties["SourceSecurityGroupId"].key == "WebGroup"
    with pytest.raises(QuestionError, match="cannot be understood"):
        engine.ends.named("Nothing")


def test_an_interface_that_its_group_stands_for_is_asked_by_its_own_name() -> None:
    graph = two_subnets().graph()
    named = replace(interface("eni-1", "v/web/a", "v/web", PrivateIpAddress="10.0.1.5"))
    named = replace(named, tags={"Name": "front-1"})
    engine = Engine(graph.with_nodes([named]))
    for name in ("eni-1", "front-1"):
        found = engine.ends.named(name)
        assert isinstance(found, tuple)
        assert [each.interface for each in found] == ["eni-1"]
