"""What is the responder's in a plan: what goes with what, and what counts before and after it."""

from dataclasses import replace

import pytest

from ringwall.changes.ownership import Owner, owner
from ringwall.changes.passage import passage
from ringwall.changes.planning import make_destroy_plan, make_plan
from ringwall.changes.responses import Effect
from ringwall.model.graph import Node, Ref, ResourceGraph
from ringwall.model.plan import Plan
from ringwall.resources import network_acl_entry
from tests.changes import graphs as g
from tests.changes.test_planning import SMALL, done, plan
from tests.changes.test_standing import VPC, after, there, verdict
from tests.e2e.test_changes import graph_of
from tests.fortress import TEXT

ACL = "AWS::EC2::NetworkAcl"
MADE = {"ringwall:made-by": "responder"}
KEY = "production/public"


def quarantine() -> Node:
    properties = {"VpcId": Ref(g.VPC, "v"), "GroupName": "ringwall-quarantine"}
    return Node(g.GROUP, "sg-q", "1", "r", properties, tags=MADE, physical_id="sg-q")


def denial(number: int = 7) -> Node:
    """An entry that denies everything from the internet, in the network ACL of a public tier."""
    acl = there()[ACL, KEY]
    properties = {
        "NetworkAclId": acl.ref, "Egress": False, "RuleNumber": number, "Protocol": -1,
        "RuleAction": "deny", "CidrBlock": "0.0.0.0/0",
    }  # fmt: skip
    key = network_acl_entry.key(properties)
    physical = f"{acl.physical_id}:ingress:{number}"
    return Node(
        network_acl_entry.RESOURCE.name, key, "1", "us-east-1", properties, physical_id=physical
    )


def of_fortress(observed: ResourceGraph, *effects: Effect) -> Plan:
    return make_plan(
        graph_of(TEXT),
        observed,
        deployment="fortress",
        account="1",
        region="us-east-1",
        effects=effects,
    )


def test_a_group_that_a_responder_made_goes_with_its_vpc_and_with_nothing_else():
    there_ = g.read_back(SMALL, quarantine())
    assert owner(there_[g.GROUP, "sg-q"], there_, g.DEPLOYMENT) is Owner.RESPONDER
    made = plan(SMALL, there_)
    assert made.empty
    assert made.foreign == ()
    assert [node.key for node in made.temporary] == ["sg-q"]
    gone = make_destroy_plan(there_, deployment=g.DEPLOYMENT, account="1", region="r")
    assert gone.blocked == ()
    order = done(gone)
    assert order.index(("delete", "SecurityGroup", "sg-q")) < order.index(("delete", "VPC", "v"))


def test_a_group_that_a_responder_made_elsewhere_is_not_ours():
    strange = g.foreign(g.VPC, "vpc-x", CidrBlock="10.9.0.0/16")
    group = replace(quarantine(), properties={"VpcId": Ref(g.VPC, "vpc-x"), "GroupName": "q"})
    there_ = g.read_back(SMALL, strange, group)
    assert owner(there_[g.GROUP, "sg-q"], there_, g.DEPLOYMENT) is Owner.FOREIGN
    assert plan(SMALL, there_).temporary == ()


def test_a_rule_that_somebody_adds_to_a_responders_group_is_listed_and_left():
    rule = g.foreign(g.INGRESS, "sg-q:in", GroupId=Ref(g.GROUP, "sg-q"), IpProtocol="-1")
    rule = replace(rule, properties={**rule.properties, "CidrIp": "0.0.0.0/0"})
    made = plan(SMALL, g.read_back(SMALL, quarantine(), rule))
    assert made.empty
    assert {node.key for node in made.temporary} == {"sg-q", "sg-q:in"}


def test_a_denial_that_nobody_accounts_for_counts_after_a_plan():
    assert verdict(after([]), "internet", "production/alb") == "ALLOW"
    assert verdict(after([denial()]), "internet", "production/alb") == "DENY"


def test_a_denial_of_a_response_counts_neither_before_nor_after():
    observed = there().with_nodes([denial()])
    acl = there()[ACL, KEY].physical_id
    effect = Effect(acl, "ingress 7 deny -1 0.0.0.0/0", ("a", 0))
    made = of_fortress(observed, effect)
    assert made.empty
    found = passage(made, graph_of(TEXT), observed, effects=[effect])
    for board in (found.before, found.after):
        assert verdict(board.engine, "internet", "production/alb") == "ALLOW"


@pytest.mark.parametrize("type_name", [ACL, VPC])
def test_a_denial_in_what_is_made_anew_is_gone_after_the_plan(type_name):
    """The network ACL that comes in its place has no entries but those that are wanted."""
    observed = there().with_nodes([denial()])
    key = KEY if type_name == ACL else "production"
    other = {"VpcId": Ref(VPC, "staging")} if type_name == ACL else {"CidrBlock": "10.99.0.0/16"}
    node = observed[type_name, key]
    moved = replace(node, properties={**node.properties, **other})
    observed = observed.with_nodes([moved])
    made = of_fortress(observed)
    assert ("replace", type_name, key) in {(c.action.value, c.type, c.key) for c in made.changes}
    found = passage(made, graph_of(TEXT), observed)
    assert verdict(found.after.engine, "internet", "production/alb") == "ALLOW"
