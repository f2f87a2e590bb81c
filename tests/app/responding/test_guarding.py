"""What is not as it was meant is told, once, until it is as it was meant again."""

from dataclasses import replace

import pytest

from ringwall.app.responding.guarding import check, drift
from ringwall.app.responding.outcomes import Outcome
from ringwall.app.responding.reconciling import reconcile
from ringwall.errors import InputError, OutsideError
from ringwall.model.finding import Severity
from ringwall.playbooks.records import Event, IncidentState, Source
from tests.app.responding.house import House, event
from tests.fakes.cloud import FakeCloud
from tests.fakes.ledger import MemoryLedger

SSH = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
ANY = {"Protocol": "-1", "RuleAction": "allow", "CidrBlock": "0.0.0.0/0"}


@pytest.fixture
def house():
    return House.of()


def group_of(house, key="main/web"):
    filters = [{"Name": "tag:ringwall:key", "Values": [key]}]
    [group] = house.cloud.call("ec2", "describe_security_groups", {"Filters": filters})[
        "SecurityGroups"
    ]
    return group["GroupId"]


def opened(house, rule=SSH):
    request = {"GroupId": group_of(house), "IpPermissions": [rule]}
    house.cloud.call("ec2", "authorize_security_group_ingress", request)


def closed(house, rule=SSH):
    request = {"GroupId": group_of(house), "IpPermissions": [rule]}
    house.cloud.call("ec2", "revoke_security_group_ingress", request)


def unfiltered(house):
    """Let everything through each network ACL that is ours, both ways."""
    for acl in house.cloud.call("ec2", "describe_network_acls", {})["NetworkAcls"]:
        for egress in (False, True):
            place = {"NetworkAclId": acl["NetworkAclId"], "Egress": egress, "RuleNumber": 150}
            house.cloud.call("ec2", "create_network_acl_entry", place | ANY)


def test_what_is_as_it_was_meant_is_not_told(house):
    assert drift(house.responder()) == check(house.responder()) == []
    assert house.ledger.incidents() == []


def test_what_a_hand_changed_is_told_once_and_ends_when_it_is_taken_back(house):
    opened(house)
    [incident] = drift(house.responder())
    assert incident.state is IncidentState.OBSERVED
    assert (incident.source, incident.kind) == (Source.SCHEDULE, "drift")
    assert incident.severity == Severity.MEDIUM
    [party] = incident.parties
    assert party.name.startswith("AWS::EC2::SecurityGroupIngress main/web:")
    assert incident.evidence["repair"] == [f"delete {party.name}"]
    assert house.notices == [(incident.id, "observed")]
    house.clock.advance(3600)
    assert drift(house.responder()) == []
    assert house.ledger.incident(incident.id).events == 2
    assert len(house.notices) == 1
    closed(house)
    [ended] = drift(house.responder())
    assert (ended.id, ended.state) == (incident.id, IncidentState.CLOSED)
    assert house.notices[1:] == [(incident.id, "closed")]
    house.clock.advance(3600)
    opened(house)
    [again] = drift(house.responder())
    assert again.id != incident.id
    assert len(house.notices) == 3


def test_when_it_changes_it_is_told_anew(house):
    opened(house)
    [first] = drift(house.responder())
    opened(house, {**SSH, "FromPort": 23, "ToPort": 23})
    ended, second = drift(house.responder())
    assert (ended.id, ended.state) == (first.id, IncidentState.CLOSED)
    assert house.ledger.lines(first.id)[-1].reason == "something else differs now"
    assert second.state is IncidentState.OBSERVED
    assert second.evidence["differences"] == 2


def test_what_a_crash_left_is_taken_up_by_the_next_comparison(house):
    """Killed after the incident was opened: reconciling leaves it to who can say what it is."""
    opened(house)
    [incident] = drift(house.responder())
    house.ledger = MemoryLedger()
    told = Event(
        "crash", Source.SCHEDULE, "drift", incident.title, incident.severity, incident.parties, 1, 1
    )
    left = house.ledger.admit(told, house.responder().now()).incident
    house.clock.advance(7200)
    assert reconcile(house.responder()) == Outcome()
    assert house.ledger.incident(left.id).state is IncidentState.OPEN
    [taken] = drift(house.responder())
    assert (taken.id, taken.state) == (left.id, IncidentState.OBSERVED)


def test_of_many_the_first_are_named_and_all_are_known(house):
    for port in range(30, 60):
        opened(house, {**SSH, "FromPort": port, "ToPort": port})
    [first] = drift(house.responder())
    assert [p.role for p in first.parties] == ["resource"] * 3 + ["resources"]
    assert first.parties[-1].name.startswith("27 more (")
    assert (first.evidence["differences"], len(first.evidence["repair"])) == (30, 20)
    closed(house, {**SSH, "FromPort": 59, "ToPort": 59})
    opened(house, {**SSH, "FromPort": 60, "ToPort": 60})
    ended, second = drift(house.responder())
    assert ended.id == first.id
    assert second.parties[:3] == first.parties[:3]
    assert second.subject != first.subject


def test_an_expectation_that_fails_is_told_by_its_name_with_a_packet(house):
    opened(house)
    unfiltered(house)
    [incident] = check(house.responder())
    assert incident.kind == "expectation"
    assert incident.severity == Severity.HIGH
    assert [p.role for p in incident.parties] == ["expectation"]
    assert "must not reach, and is" in incident.title
    assert "to main/web" in incident.evidence["example"]
    closed(house)
    [ended] = check(house.responder())
    assert ended.state is IncidentState.CLOSED
    assert house.ledger.lines(ended.id)[-1].reason == "it is as it was meant"


def test_a_denial_that_stands_is_neither_drift_nor_a_broken_expectation(house):
    incident = house.responder().take(event())
    assert house.denials()
    assert drift(house.responder()) == check(house.responder()) == []
    house.responder().undo(incident.id, "ann", "over")


def test_what_may_not_be_read_is_no_drift(house):
    class Denied(FakeCloud):
        def paginate(self, service, operation, request, items_path):
            raise OutsideError("AWS is away")

    with pytest.raises(OutsideError):
        drift(house.responder(cloud=Denied()))
    assert house.ledger.incidents() == []


def test_without_a_blueprint_there_is_nothing_to_compare_with(house):
    with pytest.raises(InputError, match="no blueprint"):
        drift(replace(house.responder(), meant=None))
