"""Names of what bears no key of ours: Name tags, names of groups and load balancers, ids, ARNs."""

from dataclasses import replace
from typing import Any

import pytest

from ringwall.errors import QuestionError
from ringwall.model.expectation import Expectation
from ringwall.model.graph import Ref, ResourceGraph
from ringwall.model.ports import parse_ports
from ringwall.reach.engine import Engine
from ringwall.reach.expectations import check as judge
from ringwall.verify.checking import Answer, Checked, check
from ringwall.verify.closing import NoProofError, close
from ringwall.verify.ends import find_ends
from ringwall.verify.gaps import Gaps
from ringwall.verify.network import Network
from tests.reach.test_naming import BALANCER, EC2, interface, node
from tests.verify.campaign import run

VPC, OTHER = Ref(f"{EC2}VPC", "vpc-0000000a"), Ref(f"{EC2}VPC", "vpc-0000000b")
ACL = "acl-0000000a"
BASTION = {("subnet-0000000a", "eni-0000000a")}
FRONT = {("subnet-0000000a", "balancer")}
STORE = {("subnet-0000000a", "eni-0000000c")}
EVERYTHING = {("subnet-0000000a", ""), *BASTION, *FRONT, *STORE}


def machine(number: str, group: str) -> tuple[Any, ...]:
    held: dict[str, Any] = {"Attachment": {"InstanceId": f"i-0000000{number}"}, "Status": "in-use"}
    held["PrivateIpAddresses"] = [{"PrivateIpAddress": f"10.0.1.{ord(number)}"}]
    return interface(f"eni-0000000{number}", "subnet-0000000a", group, **held), node(
        "Instance",
        f"i-0000000{number}",
        {"a": "bastion", "c": "The store"}[number],
        observed={"VpcId": "vpc-0000000a"},
    )


def network() -> ResourceGraph:
    """Two VPCs that nobody declared: a bastion and a store, which admits nobody."""
    everyone = {"IpProtocol": "-1", "CidrIp": "0.0.0.0/0"}
    table = Ref(f"{EC2}RouteTable", "rtb-0000000a")
    entries = [
        {
            "Egress": egress,
            "RuleNumber": 100,
            "RuleAction": "allow",
            "Protocol": -1,
            "CidrBlock": "0.0.0.0/0",
        }
        for egress in (False, True)
    ]
    subnet = Ref(f"{EC2}Subnet", "subnet-0000000a")
    links: dict[str, dict[str, Any]] = {
        "SubnetRouteTableAssociation": {"RouteTableId": table},
        "SubnetNetworkAclAssociation": {"NetworkAclId": Ref(f"{EC2}NetworkAcl", ACL)},
    }
    nodes = [
        node("VPC", "vpc-0000000a", "Production EU", CidrBlock="10.0.0.0/16"),
        node("VPC", "vpc-0000000b", "staging", CidrBlock="10.1.0.0/16"),
        node("RouteTable", "rtb-0000000a", VpcId=VPC),
        node("NetworkAcl", ACL, VpcId=VPC, Entries=entries),
        node("Subnet", "subnet-0000000a", "private-a", VpcId=VPC, CidrBlock="10.0.1.0/24"),
        node("Subnet", "subnet-0000000b", "private-a", VpcId=OTHER, CidrBlock="10.1.1.0/24"),
        *(node(kind, subnet.key, SubnetId=subnet, **link) for kind, link in links.items()),
        *machine("a", "sg-0000000a"),
        *machine("c", "sg-0000000c"),
    ]
    for number, name in (("a", "web servers"), ("c", "stores")):
        group = Ref(f"{EC2}SecurityGroup", f"sg-0000000{number}")
        nodes.append(node("SecurityGroup", group.key, VpcId=VPC, GroupName=name))
        nodes.append(node("SecurityGroupEgress", f"out-{number}", GroupId=group, **everyone))
    balancer: dict[str, Any] = {
        "Name": "front",
        "Type": "application",
        "SecurityGroups": [Ref(f"{EC2}SecurityGroup", "sg-0000000a")],
        "Subnets": [Ref(f"{EC2}Subnet", "subnet-0000000a")],
    }
    nodes.append(node("AWS::ElasticLoadBalancingV2::LoadBalancer", BALANCER, **balancer))
    return ResourceGraph.of(nodes)


def found(name: str) -> set[tuple[str, str]]:
    ends = find_ends(Network(network()), [name], {})
    return {(end.subnet, "balancer" if end.kind == "balancer" else end.interface) for end in ends}


NAMES = [
    ("bastion", BASTION),
    ("Bastion", BASTION),
    ("i-0000000a", BASTION),
    ("eni-0000000a", BASTION),
    ("arn:aws:ec2:us-east-1:111122223333:instance/i-0000000a", BASTION),
    ("Production EU/bastion", BASTION),
    ("production eu/the store", STORE),
    ("stores", STORE),
    ("front", FRONT),
    (BALANCER, FRONT),
    ("web servers", {*BASTION, *FRONT}),
    ("sg-0000000a", {*BASTION, *FRONT}),
    ("Production EU", EVERYTHING),
    ("vpc-0000000a", EVERYTHING),
    ("vpc-0000000a/private-a", EVERYTHING),
    ("staging/private-a", {("subnet-0000000b", "")}),
]


@pytest.mark.parametrize(("name", "meant"), NAMES)
def test_the_checker_finds_a_thing_by_what_it_is_called(
    name: str, meant: set[tuple[str, str]]
) -> None:
    assert found(name) == meant


@pytest.mark.parametrize("name", ["private-a", "nobody", "no body", "staging/bastion", "?!*"])
def test_a_name_of_several_things_or_of_none_means_nothing(name: str) -> None:
    with pytest.raises(QuestionError, match=r"the name of several|has no end"):
        found(name)


def answered(graph: ResourceGraph, claim: Expectation, of: ResourceGraph) -> Checked:
    """Check a proof of one network against another."""
    wrote, read = Network(of), Network(graph)
    return check(read, Gaps(read), close(wrote, Gaps(wrote), claim, {}), {})


@pytest.mark.parametrize("source", ["bastion", "web servers", "Production EU/bastion"])
@pytest.mark.parametrize("to", ["The store", "stores", "Production EU/The store"])
def test_a_proof_of_names_is_of_what_bears_them_now(source: str, to: str) -> None:
    graph = network()
    claim = Expectation("it", (source,), (to,), (parse_ports("443"),), reachable=False)
    assert judge(Engine(graph), [claim])[0].ok
    assert answered(graph, claim, graph).answer is Answer.ACCEPTED
    rule = {"IpProtocol": "-1", "CidrIp": "10.0.1.0/24"}
    group = Ref(f"{EC2}SecurityGroup", "sg-0000000c")
    opened = graph.with_nodes([node("SecurityGroupIngress", "in-c", GroupId=group, **rule)])
    assert answered(opened, claim, graph).answer is Answer.REFUSED
    with pytest.raises(NoProofError):
        answered(graph, claim, opened)


def test_a_name_that_is_given_away_is_checked_no_more() -> None:
    graph = network()
    claim = Expectation("it", ("bastion",), ("The store",), (parse_ports("22"),), reachable=False)
    second = replace(graph[f"{EC2}Subnet", "subnet-0000000b"], tags={"Name": "The store"})
    assert answered(graph.with_nodes([second]), claim, graph).answer is Answer.UNKNOWN


def test_drawn_networks_are_certified_by_name_tags_and_no_flip_is_accepted() -> None:
    tally = run(range(8), 20, 3, by_name=True)
    assert not tally.wrong, "\n".join(tally.wrong[:10])
    assert tally.counts["certificates"] >= 0.9 * tally.counts["claims that hold"] > 30
    assert tally.counts["flips undone: refused"] >= 15
