"""close-exposure: the rule that the way names, taken away or narrowed, and given back."""

from dataclasses import replace
from typing import Any

import pytest

from ringwall.playbooks import answering, registry
from ringwall.playbooks.playbook import Proposal, Refusal, Situation
from ringwall.playbooks.records import Action, ActionState, Incident, Party
from ringwall.reach.difference import difference
from ringwall.reach.engine import Engine
from tests.builders import NetworkBuilder, ref
from tests.playbooks.applied import done, undone
from tests.playbooks.judged import passing
from tests.playbooks.situations import expectation, incident, site, situation

PLAYBOOK = registry()["close-exposure"]


def probed(
    port: int = 22, source: str = "198.51.100.7", to: str = "v/old", **more: Any
) -> Incident:
    parties = (Party("source", source), Party("destination", name=to))
    return incident(*parties, kind="RW520", evidence={"port": port, **more})


def proposed(about: Situation, seen: Incident | None = None) -> Proposal:
    found = PLAYBOOK.propose(seen or probed(), about)
    assert isinstance(found, Proposal), found
    return found


def test_the_rule_that_lets_it_pass_is_taken_away_and_given_back():
    graph = site().graph()
    found = proposed(situation(graph))
    [measure] = found.measures
    assert "remove ingress tcp/22 from 0.0.0.0/0 of security group" in measure.text
    assert [r.operation for r in measure.do] == ["revoke_security_group_ingress"]
    assert [r.operation for r in measure.undo] == ["authorize_security_group_ingress"]
    assert (
        found.proven[0] == "198.51.100.7 to v/old, 22 is DENY afterwards, for all of its addresses"
    )
    after = done(graph, found.measures)
    texts = [str(each.case) for each in passing(after, "198.51.100.7")]
    assert not [text for text in texts if "v/old" in text]
    back = undone(after, found.measures)
    assert not difference(graph, back)


def test_of_several_rules_that_let_it_pass_all_are_taken_away():
    base = site().rule("v/old", "in", "tcp/20-30", "198.51.0.0/16")
    found = proposed(situation(base))
    assert len(found.measures) == 2
    after = done(base.graph(), found.measures)
    assert not [e for e in passing(after, "198.51.100.7") if "v/old" in str(e.case)]
    assert not difference(base.graph(), undone(after, found.measures))


def test_a_rule_that_others_need_is_narrowed_to_them():
    office = expectation("203.0.113.0/24 -> v/old : 22")
    about = situation(site(), office)
    found = proposed(about)
    [measure] = found.measures
    assert "narrow ingress tcp/22 from 0.0.0.0/0" in measure.text
    assert measure.text.endswith("to 203.0.113.0/24")
    assert found.breaks == ()
    graph = site().graph()
    after = done(graph, found.measures)
    assert not [e for e in passing(after, "198.51.100.7") if "v/old" in str(e.case)]
    assert [e for e in passing(after, "203.0.113.7") if "v/old" in str(e.case)]
    assert not difference(graph, undone(after, found.measures))


def test_where_it_cannot_be_narrowed_what_breaks_is_told():
    """The fault of a posture fix that deletes a valid rule."""
    found = proposed(situation(site(), expectation("internet -> v/old : 22")))
    assert [each.name for each in found.breaks] == ["internet -> v/old : 22"]
    assert "remove ingress" in found.measures[0].text
    assert not found.is_clean


def test_it_is_never_done_without_a_person():
    assert PLAYBOOK.by_person


@pytest.mark.parametrize("named", ["by id", "by key"])
def test_a_rule_of_the_default_group_is_named_by_its_id(named: str):
    base = site()
    base.nodes.pop(("AWS::EC2::SecurityGroup", "v/old"))
    base.nodes.pop(("AWS::EC2::SecurityGroupIngress", "v/old:in:tcp/22:0.0.0.0/0"))
    kind = "Ringwall::EC2::DefaultSecurityGroup"
    own = base.nodes[kind, "v"].physical_id
    group = ref("SecurityGroup", own) if named == "by id" else ref(kind, "v")
    rule = {"GroupId": group, "IpProtocol": "tcp", "FromPort": 22, "ToPort": 22}
    base.add("SecurityGroupIngress", "r", {**rule, "CidrIp": "0.0.0.0/0"})
    found = proposed(situation(base), probed(to="10.0.4.9"))
    assert found.measures[0].do[0].request["GroupId"] == own


def test_a_description_comes_back_with_the_rule():
    base = site()
    key = ("AWS::EC2::SecurityGroupIngress", "v/old:in:tcp/22:0.0.0.0/0")
    node = base.nodes[key]
    base.nodes[key] = replace(node, properties={**node.properties, "Description": "the vendor"})
    [measure] = proposed(situation(base)).measures
    [item] = measure.undo[0].request["IpPermissions"]
    assert item["IpRanges"] == [{"CidrIp": "0.0.0.0/0", "Description": "the vendor"}]


@pytest.mark.parametrize(
    ("seen", "why"),
    [
        (probed(443), "is DENY already"),
        (probed(22, to="v/nothing"), "nothing"),
        (incident(Party("source", "198.51.100.7")), "no source and destination"),
        (probed(0), "names no port"),
        (probed(70_000), "is no port"),
    ],
)
def test_what_is_not_open_or_not_said_is_refused(seen: Incident, why: str):
    found = PLAYBOOK.propose(seen, situation(site()))
    assert isinstance(found, Refusal)
    assert why in found.why


def test_what_is_not_known_is_not_closed():
    base: NetworkBuilder = site()
    base.nodes.pop(("AWS::EC2::NetworkAcl", "v/web"))
    found = PLAYBOOK.propose(probed(443, to="v/web"), situation(base))
    assert isinstance(found, Refusal)
    assert "UNKNOWN" in found.why


def test_what_stands_no_longer_is_told():
    graph = site().graph()
    about = situation(graph)
    found = proposed(about)
    before = PLAYBOOK.state(found.about, about)
    assert list(before.values()) == ["ALLOW"]
    facts = {**found.facts, "before": dict(before)}
    action = Action("a", "i", PLAYBOOK.id, ActionState.IN_FORCE, (), (), 0, 1, 1, facts)
    assert PLAYBOOK.lacks(action, about) == ("198.51.100.7 > v/old > 22 is open",)
    after = replace(about, engine=Engine(done(graph, found.measures)))
    assert PLAYBOOK.lacks(action, after) == ()


def test_it_answers_traffic_that_is_forbidden_and_open_ports():
    assert answering("RW520")[0] is PLAYBOOK
    assert answering("Recon:EC2/PortProbeUnprotectedPort")[0] is PLAYBOOK
