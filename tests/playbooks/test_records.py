"""Documents of measures, incidents and actions: there and back, through JSON."""

import json
from dataclasses import replace

import pytest

from ringwall.playbooks.measures import Measure, Request
from ringwall.playbooks.records import (
    ENDED,
    NEXT,
    Action,
    ActionState,
    Event,
    Incident,
    IncidentState,
    Party,
    Source,
)
from tests.playbooks.situations import incident, sources

MEASURE = Measure(
    "deny it",
    "acl-1",
    (Request("ec2", "create_network_acl_entry", {"RuleNumber": 1, "Egress": True}),),
    (Request("ec2", "delete_network_acl_entry", {"RuleNumber": 1}, ("Gone.NotFound",)),),
)


def test_a_measure_is_the_same_after_its_document():
    text = json.dumps(MEASURE.to_dict())
    assert Measure.from_dict(json.loads(text)) == MEASURE


def test_what_is_no_measure_is_no_document():
    with pytest.raises(KeyError):
        Measure.from_dict({"text": "deny it", "target": "acl-1"})


def test_an_incident_is_the_same_after_its_document():
    found = incident(*sources("198.51.100.7"), Party("instance", name="i-1"), evidence={"n": 7})
    assert Incident.from_dict(json.loads(json.dumps(found.to_dict()))) == found


def test_an_action_is_the_same_after_its_document():
    action = Action(
        "a", "i", "block-source", ActionState.APPLYING, ("acl-1",), (MEASURE.to_dict(),), 900, 1, 2,
        {"title": "deny it"},
    )  # fmt: skip
    again = Action.from_dict(json.loads(json.dumps(action.to_dict())))
    assert again == action
    assert Measure.from_dict(again.measures[0]) == MEASURE


@pytest.mark.parametrize("field", ["source", "state"])
def test_a_word_that_nobody_knows_is_no_document(field: str):
    document = incident().to_dict() | {field: "hearsay"}
    with pytest.raises(ValueError, match="hearsay"):
        Incident.from_dict(document)


def test_a_subject_is_the_same_whatever_the_order_and_the_time():
    one, two = Party("source", "198.51.100.7"), Party("destination", "10.0.1.9")
    event = Event("1", Source.ALARM, "port-scan", "a scan", 5, (one, two), 0, 60)
    again = replace(event, id="2", parties=(two, one), first=600, last=660, severity=8)
    assert event.subject == again.subject
    assert event.subject != replace(event, kind="RW501").subject
    assert event.subject != replace(event, parties=(one,)).subject
    swapped = (replace(one, role="destination"), replace(two, role="source"))
    assert event.subject != replace(event, parties=swapped).subject


def test_every_state_can_be_left_but_the_ended_ones():
    assert NEXT.keys() == set(IncidentState)
    assert {state for state, after in NEXT.items() if not after} == ENDED
    reached = {IncidentState.OPEN}.union(*NEXT.values())
    assert reached == set(IncidentState)
