"""isolate-instance: evidence first, every interface, its own groups for the way back, proven."""

from dataclasses import replace
from typing import Any

import pytest

from ringwall.playbooks import answering, registry
from ringwall.playbooks.isolation import NAME, state
from ringwall.playbooks.playbook import Proposal, Refusal, Situation
from ringwall.playbooks.records import Action, ActionState, Party
from ringwall.reach.difference import difference
from tests.builders import NetworkBuilder, ref
from tests.playbooks.applied import done, undone
from tests.playbooks.judged import passing, passing_interface
from tests.playbooks.situations import (
    attacked,
    described,
    expectation,
    incident,
    situation,
    sources,
)

PLAYBOOK = registry()["isolate-instance"]
WEB, APP = (
    attacked().nodes["AWS::EC2::SecurityGroup", key].physical_id for key in ("v/web", "v/app")
)
ONE = Party("instance", name="i-1")


def proposed(
    *parties: Party, base: NetworkBuilder | None = None, **more: Any
) -> tuple[Proposal, Situation]:
    answers = more.pop("answers", described("i-1") | described("i-2"))
    about = situation(base or attacked(), answers=answers, **more)
    found = PLAYBOOK.propose(incident(*(parties or (ONE,))), about)
    assert isinstance(found, Proposal), found
    return found, about


def texts(found: Proposal) -> list[str]:
    return [each.text for each in found.measures]


def test_evidence_is_kept_before_it_is_isolated_in_this_order():
    found, _ = proposed()
    assert texts(found) == [
        "detach i-1 from Auto Scaling group fleet, which starts another",
        "deregister i-1 from target group web",
        "protect i-1 from termination",
        "let a shutdown of i-1 stop it, not end it",
        "keep the disks of i-1 if it is ended: /dev/xvda",
        "take a snapshot of 2 disks of i-1",
        "tag i-1 with the incident",
        "make the group ringwall-quarantine in VPC v, without rules",
        f"put interface eni-1 into ringwall-quarantine, out of {WEB}",
        f"put interface eni-2 into ringwall-quarantine, out of {WEB}, {APP}",
    ]


def test_every_interface_is_isolated_each_with_its_own_groups_for_the_way_back():
    """ModifyInstanceAttribute knows one interface alone."""
    found, _ = proposed()
    moved = [r for m in found.measures for r in m.do if "interface" in r.operation]
    back = [r for m in found.measures for r in m.undo if "interface" in r.operation]
    assert [r.operation for r in moved] == ["modify_network_interface_attribute"] * 2
    assert [(r.request["NetworkInterfaceId"], r.request["Groups"]) for r in back] == [
        ("eni-1", [WEB]),
        ("eni-2", [WEB, APP]),
    ]
    operations = {r.operation for m in found.measures for r in m.do}
    names = {n for m in found.measures for r in m.do for n in r.request}
    assert "modify_instance_attribute" in operations
    assert "GroupSet" not in names


def test_nothing_passes_to_or_from_it_afterwards_and_all_is_as_before_when_it_is_undone():
    found, about = proposed()
    graph = about.engine.network.graph
    assert passing_interface(graph, "eni-2")
    assert found.doubts == ()
    after = done(graph, found.measures)
    for interface in ("eni-1", "eni-2"):
        assert passing_interface(after, interface) == []
    assert passing(after, "198.51.100.7"), "the others are as they were"
    back = undone(after, found.measures)
    assert not difference(graph, back.without([("AWS::EC2::SecurityGroup", _made(back))]))
    assert state(("eni-1", "eni-2"), situation(back)) == state(("eni-1", "eni-2"), about)


def _made(graph: Any) -> str:
    [key] = [
        n.key for n in graph.of_type("AWS::EC2::SecurityGroup") if n.properties["GroupName"] == NAME
    ]
    return str(key)


@pytest.mark.parametrize("named", ["by id", "by key"])
def test_an_interface_of_the_default_group_goes_back_into_it(named: str):
    base = attacked()
    node = base.nodes["AWS::EC2::NetworkInterface", "eni-3"]
    kind = "Ringwall::EC2::DefaultSecurityGroup"
    own = base.nodes[kind, "v"].physical_id
    group = ref("SecurityGroup", own) if named == "by id" else ref(kind, "v")
    base.nodes[node.type, "eni-3"] = replace(
        node, properties={**node.properties, "GroupSet": [group]}
    )
    found, _ = proposed(Party("instance", name="i-2"), base=base)
    [back] = [r for m in found.measures for r in m.undo if "interface" in r.operation]
    assert back.request["Groups"] == [own]


def test_prefix_lists_of_any_name_are_no_obstacle():
    base = attacked().endpoint("v/s3", tables=["v/app"], cidrs=["54.3.0.0/16"])
    named = {"PrefixListName": "com.amazonaws.global.cloudfront.origin-facing"}
    base.add("PrefixList", "aws:com.amazonaws.global.cloudfront.origin-facing", named,
             observed={"Cidrs": ["54.4.0.0/16"]})  # fmt: skip
    base.add("PrefixList", "pl-own", {"PrefixListName": "ours"}, observed={"Cidrs": ["10.0.0.0/8"]})
    found, _ = proposed(base=base)
    assert found.doubts == ()


def test_a_quarantine_group_that_is_there_is_used():
    base = attacked()
    base.add("SecurityGroup", "q", {"VpcId": ref("VPC", "v"), "GroupName": NAME})
    found, about = proposed(base=base)
    assert not [text for text in texts(found) if text.startswith("make")]
    own = base.nodes["AWS::EC2::SecurityGroup", "q"].physical_id
    groups = [r.request["Groups"] for m in found.measures for r in m.do if "Groups" in r.request]
    assert groups == [[own], [own]]
    graph = about.engine.network.graph
    back = undone(done(graph, found.measures), found.measures)
    assert not difference(graph, back)


def test_a_quarantine_group_that_still_has_awss_own_rule_loses_it():
    base = attacked()
    base.add("SecurityGroup", "q", {"VpcId": ref("VPC", "v"), "GroupName": NAME})
    base.rule("q", "out", "all", "0.0.0.0/0")
    found, about = proposed(base=base)
    assert found.doubts == ()
    after = done(about.engine.network.graph, found.measures)
    assert passing_interface(after, "eni-1") == []


def test_a_quarantine_group_with_a_rule_of_somebodys_is_no_proof():
    base = attacked()
    base.add("SecurityGroup", "q", {"VpcId": ref("VPC", "v"), "GroupName": NAME})
    base.rule("q", "in", "tcp/22", "0.0.0.0/0")
    found, _ = proposed(base=base)
    assert found.doubts
    assert "not DENY" in found.proven[0]


def test_it_is_never_told_as_contained():
    found, _ = proposed()
    said = " ".join((*found.proven, *found.residual, found.title, *found.facts["offers"]))
    assert "contained" not in said
    assert "connections that are tracked live on" in found.residual[0]
    assert "no group filters the resolver" in found.residual[1]
    assert "not proven, done by AWS's word" in found.proven[-1]


def test_what_cuts_tracked_connections_is_offered():
    """A network ACL of its own subnet cannot name it: an entry names the far end of a packet."""
    found, about = proposed(ONE, Party("remote", "198.51.100.7"))
    [address] = [n.physical_id for n in about.engine.network.values.ec2("EIP")]
    assert found.facts["offers"] == [
        "stop i-1: it ends what is under way, and loses what is in memory",
        "deny 198.51.100.7 at network ACL v/app: it cuts what is under way with it",
        "deny everything at network ACL v/app: it cuts all hosts of its subnets",
        "deny 198.51.100.7 at network ACL v/web: it cuts what is under way with it",
        "deny everything at network ACL v/web: it cuts all hosts of its subnets",
        f"take Elastic IP 54.0.0.9 ({address}) away",
    ]


def test_what_would_break_is_told():
    """The load balancer's only targets go; whoever shares nothing with it is spared."""
    kept = expectation("internet -> v/web : 443")
    own = expectation("internet -> 10.0.1.9/32 : 443")
    about = situation(attacked(), kept, own, answers=described("i-1"))
    found = PLAYBOOK.propose(incident(ONE), about)
    assert isinstance(found, Proposal)
    assert [each.name for each in found.breaks] == [own.name]


def test_what_it_asks_of_aws_is_what_an_instance_is():
    asked = PLAYBOOK.reads(incident(ONE), situation(attacked()))
    assert [each.operation for each in asked] == [
        "describe_instances", "describe_instance_attribute", "describe_instance_attribute",
    ]  # fmt: skip


def test_without_an_answer_it_is_isolated_but_not_by_itself():
    found, _ = proposed(answers={})
    assert found.doubts == ("AWS did not say what i-1 is: its disks are not copied",)
    assert not [text for text in texts(found) if "snapshot" in text or "protect" in text]
    assert [text for text in texts(found) if text.startswith("put interface")]


def test_what_is_so_already_is_not_done_again():
    answers = described("i-1")
    for key, answer in answers.items():
        if "DisableApiTermination" in answer:
            answers[key] = {"DisableApiTermination": {"Value": True}}
        if "InstanceInitiatedShutdownBehavior" in answer:
            answers[key] = {"InstanceInitiatedShutdownBehavior": {"Value": "stop"}}
    found, _ = proposed(answers=answers)
    assert not [text for text in texts(found) if "protect" in text or "shutdown" in text]


def test_a_snapshot_is_not_taken_twice_by_a_repair():
    found, _ = proposed()
    assert [m.text for m in found.measures if m.once] == ["take a snapshot of 2 disks of i-1"]


@pytest.mark.parametrize("address", ["10.0.1.9", "10.0.3.9", "54.0.0.9"])
def test_whoever_bears_an_address_is_isolated_with_all_of_its_interfaces(address: str):
    found, _ = proposed(*sources(address))
    assert found.title == "isolate i-1: 2 interfaces"
    assert found.targets[-2:] == ("eni-1", "eni-2")


def test_an_interface_that_is_named_means_whoever_bears_it():
    found, _ = proposed(Party("interface", name="eni-2"))
    assert found.title == "isolate i-1: 2 interfaces"


def test_several_instances_share_the_group_of_their_vpc():
    found, _ = proposed(ONE, Party("instance", name="i-2"))
    assert found.title == "isolate i-1, i-2: 3 interfaces"
    assert len([text for text in texts(found) if text.startswith("make")]) == 1
    assert found.doubts == ()


def test_an_interface_of_a_service_is_refused():
    found = PLAYBOOK.propose(incident(*sources("10.0.3.20")), situation(attacked()))
    assert isinstance(found, Refusal)
    assert "eni-9 is AWS's own" in found.why


@pytest.mark.parametrize(
    "parties", [(), sources("198.51.100.7"), sources("10.0.1.77"), (Party("instance", name="i-9"),)]
)
def test_who_is_not_there_is_refused(parties: tuple[Party, ...]):
    found = PLAYBOOK.propose(incident(*parties), situation(attacked()))
    assert isinstance(found, Refusal)
    assert found.why == "the incident names no instance or interface of the network"


def test_what_stands_no_longer_is_told_by_interface():
    found, about = proposed()
    action = Action("a", "i", PLAYBOOK.id, ActionState.IN_FORCE, (), (), 0, 1, 1, found.facts)
    graph = done(about.engine.network.graph, found.measures)
    assert PLAYBOOK.lacks(action, situation(graph)) == ()
    lacking = PLAYBOOK.lacks(action, about)
    assert [text.split(" is ")[0] for text in lacking] == ["interface eni-1", "interface eni-2"]


def test_it_answers_lateral_movement_and_an_instance_that_attacks():
    assert answering("RW544")[0] is PLAYBOOK
    assert PLAYBOOK in answering("Backdoor:EC2/C&CActivity.B")
