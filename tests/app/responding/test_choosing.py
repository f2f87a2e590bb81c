"""Which playbook answers, and what becomes of one that is not enabled."""

from dataclasses import replace

import pytest

from ringwall.app.responding.choosing import Choice
from ringwall.app.responding.environment import choice_by
from ringwall.app.responding.opening import Given
from ringwall.app.responding.reconciling import reconcile
from ringwall.blueprint.responding import Response
from ringwall.errors import QuestionError, RefusedError
from ringwall.playbooks import registry
from ringwall.playbooks.playbook import Refusal
from ringwall.playbooks.policy import Policy
from ringwall.playbooks.records import IncidentState
from tests.app.responding.house import House, event, wanted_of

NONE = Choice(frozenset())


def test_the_most_fitting_of_those_that_are_enabled_answers():
    assert Choice().of("RW505") is registry()["answer-port-scan"]
    some = Choice(frozenset({"block-source", "close-exposure"}))
    assert some.of("Recon:EC2/PortProbeUnprotectedPort") is registry()["close-exposure"]
    assert some.of("RW505", "block-source") is registry()["block-source"]


def test_what_is_not_enabled_is_refused_by_name_with_the_way_on():
    found = Choice(frozenset({"block-source"})).of("RW503")
    assert isinstance(found, Refusal)
    assert found.why == (
        "stop-exfiltration is not enabled by `response.playbooks` of the blueprint"
    )
    assert "name stop-exfiltration there" in found.hint
    with pytest.raises(QuestionError):
        NONE.of("RW503", "no-such")


def test_an_incident_for_it_is_refused_and_told_and_nothing_is_asked_of_the_network():
    house = House.of()
    responder = house.responder(choice=NONE)
    asked = len(house.cloud.calls)
    incident = responder.take(event())
    assert incident.state is IncidentState.REFUSED
    line = house.ledger.lines(incident.id)[-1]
    assert "answer-port-scan, block-source are not enabled" in line.reason
    assert "name answer-port-scan there" in line.facts["hint"]
    assert house.notices == [(incident.id, "refused")]
    assert len(house.cloud.calls) == asked


def test_what_was_proposed_before_is_not_carried_out_any_more():
    house = House.of()
    incident = house.responder(Policy()).take(event())
    later = house.responder(Policy(), choice=NONE)
    with pytest.raises(RefusedError, match="answer-port-scan is not enabled"):
        later.approve(incident.id, "ann", "go")
    assert house.denials() == set()


def test_what_stands_is_taken_back_but_not_repaired():
    house = House.of()
    incident = house.responder().take(event())
    later = house.responder(choice=NONE)
    for acl, egress, number, _ in house.denials():
        request = {"NetworkAclId": acl, "Egress": egress, "RuleNumber": number}
        house.cloud.call("ec2", "delete_network_acl_entry", request)
    [left] = reconcile(later).left
    told = str(left)
    assert "not repaired" in told
    assert "not enabled" in told
    assert house.denials() == set()
    assert later.undo(incident.id, "ann", "over").state is IncidentState.CLOSED


def test_a_blueprint_says_which():
    wanted = wanted_of("watched")
    given = Given(wanted.file)
    assert given.choice(wanted) == Choice()
    named = wanted.blueprint.model_copy(update={"response": _response(("block-source",))})
    assert given.choice(replace(wanted, blueprint=named)) == Choice(frozenset({"block-source"}))
    every = wanted.blueprint.model_copy(update={"response": _response(None)})
    assert given.choice(replace(wanted, blueprint=every)) == Choice()


def _response(playbooks):
    return Response(playbooks=playbooks)


@pytest.mark.parametrize(
    ("told", "enabled"),
    [
        ("all", None),
        ("none", frozenset()),
        ("block-source", frozenset({"block-source"})),
        ("block-source close-exposure", frozenset({"block-source", "close-exposure"})),
        ("", None),
    ],
)
def test_a_function_goes_by_what_was_deployed_with_its_role(told, enabled):
    variables = {"RINGWALL_PLAYBOOKS": told} if told else {}
    given = Given(wanted_of("watched").file)
    assert choice_by(variables, given) == Choice(enabled)
