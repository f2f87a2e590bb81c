"""answer-port-scan: outside is denied, inside is isolated, a victim is left alone."""

import pytest

from ringwall.playbooks import answering, registry
from ringwall.playbooks.playbook import Proposal, Refusal
from ringwall.playbooks.records import Action, ActionState, Party
from tests.playbooks.applied import done
from tests.playbooks.judged import passing, passing_interface
from tests.playbooks.situations import (
    OFFENDER,
    attacked,
    described,
    incident,
    situation,
    sources,
)

PLAYBOOK = registry()["answer-port-scan"]


def proposed(*parties: Party) -> Proposal:
    about = situation(attacked(), answers=described("i-1"))
    found = PLAYBOOK.propose(incident(*parties, kind="RW505"), about)
    assert isinstance(found, Proposal), found
    return found


def test_a_scanner_outside_is_denied_and_its_victim_left_alone():
    victim = (Party("destination", "10.0.1.9"), Party("instance", "10.0.1.9", "i-1"))
    found = proposed(*sources(OFFENDER), *victim)
    assert found.blocks == ("198.51.100.7/32",)
    assert {m.target.split("-")[0] for m in found.measures} == {"networkacl", "defaultnetworkacl"}
    assert passing(done(attacked().graph(), found.measures), OFFENDER) == []
    assert found.seconds == 24 * 3600


def test_a_scanner_inside_is_isolated_not_blocked_until_a_person_has_looked():
    found = proposed(*sources("10.0.3.9"), Party("destination", "10.0.4.9"))
    assert found.title == "isolate i-1: 2 interfaces"
    assert found.blocks == ()
    assert found.seconds == 0
    assert not [m for m in found.measures if "network ACL" in m.text]
    after = done(attacked().graph(), found.measures)
    assert passing_interface(after, "eni-2") == []


def test_of_scanners_on_both_sides_ours_comes_first_and_the_others_are_told():
    found = proposed(*sources("10.0.3.9", OFFENDER))
    assert found.title == "isolate i-1: 2 interfaces"
    assert found.facts["left"] == ["1 sources outside: ask for block-source"]


def test_an_address_inside_that_nothing_bears_is_refused():
    found = PLAYBOOK.propose(incident(*sources("10.0.1.77")), situation(attacked()))
    assert isinstance(found, Refusal)
    assert "no instance or interface" in found.why


def test_what_is_asked_of_aws_is_about_scanners_of_ours_alone():
    about = situation(attacked())
    victim = Party("instance", "10.0.1.9", "i-1")
    assert PLAYBOOK.reads(incident(*sources(OFFENDER), victim), about) == ()
    assert len(PLAYBOOK.reads(incident(*sources("10.0.3.9")), about)) == 3


def test_what_stands_is_told_of_either_answer():
    about = situation(attacked(), answers=described("i-1"))
    for parties in (sources(OFFENDER), sources("10.0.3.9")):
        found = PLAYBOOK.propose(incident(*parties), about)
        assert isinstance(found, Proposal)
        facts = {**found.facts, "blocks": list(found.blocks)}
        action = Action("a", "i", PLAYBOOK.id, ActionState.IN_FORCE, (), (), 0, 1, 1, facts)
        assert PLAYBOOK.lacks(action, about)
        graph = done(attacked().graph(), found.measures)
        assert PLAYBOOK.lacks(action, situation(graph)) == ()
        assert PLAYBOOK.state(found.about, about) != PLAYBOOK.state(found.about, situation(graph))


@pytest.mark.parametrize(
    "kind", ["RW505", "RW506", "RW507", "prod-port-scan-alarm", "Recon:EC2/Portscan"]
)
def test_it_answers_scans_before_others(kind: str):
    assert answering(kind)[0] is PLAYBOOK
