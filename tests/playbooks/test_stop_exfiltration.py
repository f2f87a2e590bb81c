"""stop-exfiltration: where data goes is denied, who sends is isolated if it breaks nothing."""

from typing import Any

import pytest

from ringwall.model.expectation import Expectation
from ringwall.playbooks import answering, registry
from ringwall.playbooks.playbook import Proposal, Refusal
from ringwall.playbooks.records import Action, ActionState, Party
from ringwall.reach.difference import difference
from tests.playbooks.applied import done, undone
from tests.playbooks.judged import passing, passing_interface
from tests.playbooks.situations import (
    OFFENDER,
    attacked,
    behind,
    described,
    expectation,
    incident,
    situation,
)

PLAYBOOK = registry()["stop-exfiltration"]
TALKER = Party("source", "10.0.3.9")
THERE = Party("destination", "198.51.100.7")
NOW = 1_780_000_000
IAM: dict[str, Any] = {
    "get_instance_profile": {"InstanceProfile": {"Roles": [{"RoleName": "web"}]}},
    "get_role": {"Role": {"RoleName": "web", "Path": "/"}},
}


def answered(*parties: Party, expected: tuple[Expectation, ...] = (), now: int = NOW) -> Any:
    answers: dict[str, Any] = {}
    seen = incident(*parties, kind="RW503")
    for _ in range(5):
        about = situation(attacked(), *expected, answers=answers, now=now)
        fresh = [r for r in PLAYBOOK.reads(seen, about) if r.key not in answers]
        for request in fresh:
            answers[request.key] = described("i-1").get(request.key) or IAM[request.operation]
    return PLAYBOOK.propose(seen, situation(attacked(), *expected, answers=answers, now=now))


def proposed(*parties: Party, **more: Any) -> Proposal:
    found = answered(*parties, **more)
    assert isinstance(found, Proposal), found
    return found


def test_the_destination_is_denied_then_the_talker_isolated_then_its_sessions_ended():
    found = proposed(TALKER, THERE)
    texts = [each.text for each in found.measures]
    order = [
        next(n for n, text in enumerate(texts) if part in text)
        for part in ("to 198.51.100.7/32 at network ACL", "snapshot", "put interface", "sessions")
    ]
    assert order == sorted(order)
    assert found.facts["parts"] == [
        "the destination is denied", "who sends is isolated", "its sessions are ended",
    ]  # fmt: skip
    assert found.doubts == ()
    assert found.seconds == 0


def test_it_is_so_by_the_tracer_and_as_before_when_it_is_undone():
    found = proposed(TALKER, THERE)
    graph = attacked().graph()
    after = done(graph, found.measures)
    assert passing(graph, "198.51.100.7")
    assert passing(after, "198.51.100.7") == []
    for interface in ("eni-1", "eni-2"):
        assert passing_interface(after, interface) == []
    back = undone(after, found.measures)
    group = [a for a in back.nodes if a not in graph.nodes]
    assert [kind for kind, _ in group] == ["AWS::EC2::SecurityGroup"]
    assert not difference(graph, back.without(group))


def test_where_isolating_breaks_something_only_the_destination_is_denied():
    own = expectation("internet -> 10.0.1.9/32 : 443")
    found = proposed(TALKER, THERE, expected=(own,))
    assert "who sends is isolated" not in found.facts["parts"]
    assert not [each for each in found.measures if "interface" in each.text]
    assert any("'internet -> 10.0.1.9/32 : 443' would break" in t for t in found.facts["left"])
    assert found.facts["offers"] == [
        "isolate-instance: isolate i-1: 2 interfaces, which breaks 1 expectation"
    ]
    assert found.breaks == ()


def test_a_destination_that_is_never_denied_is_told_and_the_talker_isolated():
    found = proposed(TALKER, Party("destination", "192.168.9.9"))
    assert found.facts["parts"] == ["who sends is isolated", "its sessions are ended"]
    assert "the destination is denied: not, never blocked" in found.facts["left"][0]


def test_without_the_time_the_rest_is_done():
    found = proposed(TALKER, THERE, now=0)
    assert "its sessions are ended" not in found.facts["parts"]
    assert any("the time is not known" in text for text in found.facts["left"])


def test_without_a_talker_the_destination_alone_is_denied():
    found = proposed(THERE)
    assert found.facts["parts"] == ["the destination is denied"]
    assert any("names nobody inside" in text for text in found.facts["left"])


def test_what_is_sent_is_never_left_to_a_web_acl():
    about = incident(Party("source", OFFENDER))
    found = PLAYBOOK.propose(about, situation(behind(), now=NOW))
    assert isinstance(found, Proposal)
    assert found.facts["layer"] == "network-acl"
    assert "this is about what is sent" in found.facts["layers"]["web-acl"]
    assert passing(done(behind().graph(), found.measures), OFFENDER) == []


def test_a_domain_without_a_dns_firewall_is_told():
    found = proposed(TALKER, Party("domain", name="evil.example"))
    assert any("no rule of a DNS Firewall" in text for text in found.facts["left"])


@pytest.mark.parametrize("parties", [(), (Party("source", "10.0.1.77"),)])
def test_who_is_not_there_is_refused(parties: tuple[Party, ...]):
    assert isinstance(answered(*parties), Refusal)


def test_what_stands_no_longer_is_told_of_each_part():
    found = proposed(TALKER, THERE)
    facts = {**found.facts, "blocks": list(found.blocks)}
    action = Action("a", "i", PLAYBOOK.id, ActionState.IN_FORCE, (), (), 0, 1, 1, facts)
    lacking = PLAYBOOK.lacks(action, situation(attacked()))
    assert any("198.51.100.7/32" in text for text in lacking)
    assert any("interface eni-1" in text for text in lacking)
    assert PLAYBOOK.lacks(action, situation(done(attacked().graph(), found.measures))) == ()


def test_it_never_says_contained_and_says_what_has_left():
    found = proposed(TALKER, THERE)
    assert "what has left is gone" in found.residual[0]
    assert "contained" not in " ".join((*found.residual, *found.proven, found.title))


@pytest.mark.parametrize(
    "kind",
    ["RW503", "RW532", "prod-data-exfiltration", "Exfiltration:S3/ObjectRead.Unusual"],
)
def test_it_answers_data_that_leaves(kind: str):
    assert answering(kind)[0] is PLAYBOOK
