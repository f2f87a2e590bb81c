"""From an event to a proven action and back, on a fake AWS."""

from contextlib import suppress
from dataclasses import replace

import pytest

from ringwall.app.responding.outcomes import Outcome
from ringwall.app.responding.reconciling import reconcile, sweep
from ringwall.app.workspace import blueprint_of
from ringwall.errors import CloudError, LockedError, OutsideError, RefusedError, StaleError
from ringwall.playbooks.commands import Desk
from ringwall.playbooks.policy import Mode, Policy
from ringwall.playbooks.records import ActionState, IncidentState, Line
from ringwall.shell.aws import find
from ringwall.shell.complaints import action_name
from tests.app.responding.house import AUTO, OFFENDER, OTHER, House, event

ASK = Policy()


@pytest.fixture
def house():
    return House.of()


def whats(house, id_):
    return [line.what for line in house.ledger.lines(id_)]


def test_what_is_proven_and_allowed_is_done_by_itself_and_undone(house):
    before = house.account()
    incident = house.responder().take(event())
    assert incident.state is IncidentState.IN_FORCE
    assert {cidr for *_, cidr in house.denials()} == {f"{OFFENDER}/32"}
    assert {egress for _, egress, *_ in house.denials()} == {True, False}
    closed = house.responder().undo(incident.id, "ann", "it was us")
    assert closed.state is IncidentState.CLOSED
    assert house.account() == before
    assert whats(house, incident.id) == ["opened", "acting", "in force", "undoing", "closed"]
    last = house.ledger.lines(incident.id)[-1]
    assert (last.by, last.reason, last.facts["as_before"]) == ("ann", "it was us", True)


def test_by_default_a_person_is_asked(house):
    responder = house.responder(ASK)
    incident = responder.take(event())
    assert incident.state is IncidentState.PROPOSED
    assert not house.denials()
    responder.approve(incident.id, "ann", "go")
    assert house.denials()
    assert house.ledger.incident(incident.id).state is IncidentState.IN_FORCE
    with pytest.raises(StaleError, match="nothing waits for an approval"):
        responder.approve(incident.id, "bob", "again")


def test_what_is_denied_is_never_done(house):
    responder = house.responder(ASK)
    incident = responder.take(event())
    responder.deny(incident.id, "ann", "a customer")
    assert house.ledger.incident(incident.id).state is IncidentState.DENIED
    assert [a.state for a in house.ledger.actions(incident.id)] == [ActionState.DROPPED]
    with pytest.raises(StaleError):
        responder.approve(incident.id, "ann", "after all")
    assert not house.denials()


def test_an_approval_of_what_stands_by_another_ends_the_waiting(house):
    asks = house.responder(ASK)
    first, second = asks.take(event()), asks.take(event("e2", kind="RW540"))
    asks.approve(first.id, "ann", "go")
    with pytest.raises(RefusedError, match=f"{first.id} stands against it"):
        asks.approve(second.id, "ann", "go")
    assert house.ledger.incident(second.id).state is IncidentState.REFUSED
    [action] = house.ledger.actions(second.id)
    assert action.state is ActionState.DROPPED
    assert [a.state for a in house.ledger.actions(first.id)] == [ActionState.IN_FORCE]


def test_a_person_may_change_their_mind(house):
    responder = house.responder(ASK)
    said = ("RW505", [f"source={OFFENDER}"], "ann", "it tries ports")
    first = responder.report(*said)
    responder.deny(first.id, "ann", "a typo")
    assert responder.report(*said).state is IncidentState.PROPOSED


def test_what_is_another_deployments_is_put_to_a_person(house):
    acls = house.cloud.call("ec2", "describe_network_acls", {})["NetworkAcls"]
    theirs = [{"Key": "ringwall:deployment", "Value": "x"}]
    own = [each["NetworkAclId"] for each in acls if each.get("Tags")]
    house.cloud.call("ec2", "create_tags", {"Resources": own, "Tags": theirs})
    incident = house.responder().take(event())
    assert incident.state is IncidentState.PROPOSED
    [action] = house.ledger.actions()
    name = house.wanted.blueprint.name
    assert all(f"is not of deployment {name}" in doubt for doubt in action.facts["doubts"])
    assert len(action.facts["doubts"]) == len(set(action.targets))
    assert not house.denials()


def test_to_observe_is_to_tell(house):
    incident = house.responder(Policy(modes={"RW505": Mode.OBSERVE})).take(event())
    assert incident.state is IncidentState.OBSERVED
    assert not house.denials()
    assert house.notices == [(incident.id, "observed")]


def test_an_event_that_comes_twice_is_one(house):
    responder = house.responder()
    first = responder.take(event())
    entries = house.denials()
    assert responder.take(event()).id == first.id
    assert house.denials() == entries
    assert len(house.ledger.actions()) == 1


def test_a_person_who_reports_twice_has_reported_once_and_again_after_the_end(house):
    responder = house.responder(ASK)
    said = ("RW505", [f"source={OFFENDER}"], "ann", "it tries ports")
    first = responder.report(*said)
    assert responder.report(*said).id == first.id
    assert (len(house.ledger.actions()), house.ledger.incident(first.id).events) == (1, 2)
    responder.approve(first.id, "ann", "go")
    responder.undo(first.id, "ann", "it was us")
    second = responder.report(*said)
    assert (second.id != first.id, second.state) == (True, IncidentState.PROPOSED)


def test_an_offender_that_comes_back_is_blocked_longer(house):
    responder = house.responder()
    incident = responder.take(event())
    until = house.ledger.actions(incident.id)[0].expires
    house.clock.advance(3600)
    responder.take(event("e2", last=3000))
    assert house.ledger.actions(incident.id)[0].expires == until + 3600
    assert house.ledger.incident(incident.id).events == 2


def test_an_offender_that_comes_back_in_another_way_is_blocked_longer_too(house):
    responder = house.responder()
    first = responder.take(event())
    until = house.ledger.actions(first.id)[0].expires
    house.clock.advance(3600)
    other = responder.take(event("e2", kind="RW540", last=3000))
    assert (other.id != first.id, other.state) == (True, IncidentState.REFUSED)
    assert house.ledger.lines(other.id)[-1].reason.endswith(f"{first.id} stands against it")
    assert house.ledger.actions(first.id)[0].expires == until + 3600
    assert whats(house, first.id)[-1] == "extended"
    responder.take(event("e3", who=OTHER, kind="RW540"))
    assert house.ledger.actions(first.id)[0].expires == until + 3600


def test_what_has_stood_long_enough_ends(house):
    before = house.account()
    responder = house.responder(replace(AUTO, hours=2))
    incident = responder.take(event())
    assert sweep(responder) == Outcome()
    house.clock.advance(2 * 3600)
    assert [each.id for each in sweep(responder).ended] == [incident.id]
    assert house.account() == before
    again = responder.take(event("e9", last=9999))
    assert again.id != incident.id
    assert again.state is IncidentState.IN_FORCE


def test_a_cap_that_is_reached_asks(house):
    responder = house.responder(replace(AUTO, per_hour=1))
    assert responder.take(event()).state is IncidentState.IN_FORCE
    second = responder.take(event("e2", OTHER))
    assert second.state is IncidentState.PROPOSED
    assert "within an hour" in house.ledger.lines(second.id)[-1].reason


def test_what_touches_too_much_asks(house):
    second = house.responder(replace(AUTO, most=0)).take(event())
    assert second.state is IncidentState.PROPOSED


def test_a_halt_stops_what_acts_by_itself_and_no_person(house):
    house.ledger.halt(Line(0, "", "halted", "ann", "wait"))
    responder = house.responder()
    incident = responder.take(event())
    assert incident.state is IncidentState.PROPOSED
    assert responder.approve(incident.id, "ann", "go").state is IncidentState.IN_FORCE


@pytest.mark.parametrize("who", ["10.0.0.5", "169.254.169.253", "192.0.2.0", "8.8.8.8"])
def test_what_is_never_blocked_is_refused_or_was_allowed(house, who):
    policy = replace(AUTO, never={"192.0.2.0/24": "our office", "8.8.8.0/24": "a resolver"})
    incident = house.responder(policy).take(event(who=who))
    assert incident.state is IncidentState.REFUSED
    assert not house.denials()


def test_what_would_break_an_expectation_asks_with_the_counterexample(house):
    text = house.wanted.text.replace(
        "expect:\n",
        "expect:\n  - {name: the shop's bank, from: 198.51.100.7/32, to: main/web, ports: [443], "
        "reachable: true}\n",
    )
    house.wanted = blueprint_of(text, "blueprint.yaml")
    incident = house.responder().take(event())
    assert incident.state is IncidentState.PROPOSED
    assert "the shop's bank" in house.ledger.lines(incident.id)[-1].reason
    [action] = house.ledger.actions(incident.id)
    assert "the shop's bank" in action.facts["breaks"][0]


def test_an_approval_is_of_what_was_shown():
    house = House.of("fortress")
    responder = house.responder(ASK)
    incident = responder.take(event())
    [action] = house.ledger.actions(incident.id)
    acl, *others = action.targets
    assert others
    entry = {"RuleAction": "deny", "Protocol": "-1", "CidrBlock": f"{OFFENDER}/32"}
    for egress in (False, True):
        place = {"NetworkAclId": acl, "Egress": egress, "RuleNumber": 1}
        house.cloud.call("ec2", "create_network_acl_entry", entry | place)
    with pytest.raises(RefusedError, match="has changed"):
        responder.approve(incident.id, "ann", "go")
    assert len(house.denials()) == 2
    [fresh] = house.ledger.actions(incident.id)
    assert fresh.targets == tuple(others)
    assert len(fresh.facts["instead_of"]) == 2
    assert all(acl in text for text in fresh.facts["instead_of"])
    assert house.notices == [(incident.id, "proposed")] * 2, "what is proposed instead is told"
    assert whats(house, incident.id)[-1] == "proposed anew"
    responder.approve(incident.id, "ann", "go then")
    assert len(house.denials()) == len(action.measures)


def test_what_a_playbook_refuses_at_the_approval_stands_in_the_journal(house):
    incident = house.responder(ASK).take(event())
    strict = house.responder(Policy(never={f"{OFFENDER}/32": "a customer"}))
    with pytest.raises(RefusedError, match="not done any more: never blocked"):
        strict.approve(incident.id, "ann", "go")
    last = house.ledger.lines(incident.id)[-1]
    assert (last.what, last.by) == ("not done", "ann")
    assert "a customer" in last.reason
    assert house.responder(ASK).approve(incident.id, "ann", "go").state is IncidentState.IN_FORCE


def test_an_undo_that_fails_is_told_with_what_goes_on(house):
    incident = house.responder().take(event())
    denying = Denying(house.cloud, "delete_network_acl_entry")
    responder = replace(house.responder(cloud=denying), desk=Desk("net.yaml", "l.sqlite"))
    with pytest.raises(OutsideError) as caught:
        responder.undo(incident.id, "ann", "it was us")
    command = "`ringwall respond reconcile net.yaml --ledger l.sqlite`"
    assert caught.value.hint == f"{command} goes on from here"
    assert house.notices[-1] == (incident.id, "failed")


def test_an_undo_that_finds_something_else_says_what(house):
    incident = house.responder().take(event())
    acl, egress, number, _ = min(house.denials())
    own = {"NetworkAclId": acl, "Egress": egress, "RuleNumber": number + 59}
    other = {"RuleAction": "deny", "Protocol": "-1", "CidrBlock": "192.0.2.9/32"}
    house.cloud.call("ec2", "create_network_acl_entry", other | own)
    house.responder().undo(incident.id, "ann", "enough")
    last = house.ledger.lines(incident.id)[-1]
    assert (last.what, last.facts["as_before"]) == ("closed", False)
    assert "entry 60 deny all" in last.facts["differs"][0]
    [action] = house.ledger.actions(incident.id)
    assert action.facts["undone"]["as_before"] is False


def test_what_others_stand_for_meanwhile_is_no_difference(house):
    responder = house.responder(replace(AUTO, per_hour=100))
    first, second = responder.take(event()), responder.take(event("e2", who=OTHER))
    for each, other in ((first, second), (second, first)):
        responder.undo(each.id, "ann", "enough")
        last = house.ledger.lines(each.id)[-1]
        assert last.facts == {"as_before": True}
        [action] = house.ledger.actions(each.id)
        assert other.id in action.facts["undone"]["beside"][0]


def test_who_acts_holds_the_locks(house):
    responder = house.responder(ASK)
    incident = responder.take(event())
    targets = house.ledger.actions(incident.id)[0].targets
    now = int(house.clock.now().timestamp())
    assert house.ledger.lock(targets, "another", now, 60)
    with pytest.raises(LockedError, match="another action holds"):
        responder.approve(incident.id, "ann", "go")
    house.clock.advance(61)
    assert responder.approve(incident.id, "ann", "go").state is IncidentState.IN_FORCE


def test_who_is_patient_waits_for_another_action_to_end(house):
    first = house.responder(ASK).take(event())
    targets = house.ledger.actions(first.id)[0].targets
    now = int(house.clock.now().timestamp())
    assert house.ledger.lock(targets, "another", now, 7)
    patient = house.responder(ASK, patience=10.0)
    assert patient.approve(first.id, "ann", "go").state is IncidentState.IN_FORCE
    assert 7 <= sum(house.clock.sleeps) <= 8
    assert house.ledger.lock(targets, "another", now + 8, 60)
    second = house.responder(ASK).take(event("e2", OTHER))
    with pytest.raises(LockedError, match="another action holds"):
        patient.approve(second.id, "ann", "go")


def test_an_approval_holds_when_another_denial_took_its_number(house):
    responder = house.responder(ASK)
    first, second = responder.take(event()), responder.take(event("e2", OTHER))
    assert responder.approve(first.id, "ann", "go").state is IncidentState.IN_FORCE
    assert responder.approve(second.id, "ann", "go").state is IncidentState.IN_FORCE
    numbers = {(cidr, number) for _, _, number, cidr in house.denials()}
    assert numbers == {(f"{OFFENDER}/32", 1), (f"{OTHER}/32", 2)}


def test_an_entry_that_somebody_took_away_is_written_again(house):
    responder = house.responder()
    incident = responder.take(event())
    entries = house.denials()
    acl, egress, number, _ = min(entries)
    place = {"NetworkAclId": acl, "Egress": egress, "RuleNumber": number}
    house.cloud.call("ec2", "delete_network_acl_entry", place)
    told = reconcile(responder).done
    assert house.denials() == entries
    assert "repaired" in told[0]
    assert whats(house, incident.id)[-1] == "repaired"
    assert reconcile(responder) == Outcome()


class Denying:
    """A cloud that denies some operations, as a role does at what it may not change."""

    def __init__(self, cloud, *operations):
        self.cloud, self.operations = cloud, operations
        self.account, self.region, self.endpoint = cloud.account, cloud.region, cloud.endpoint

    def call(self, service, operation, request):
        if operation in self.operations:
            name = action_name(service, operation)
            raise CloudError(name, "UnauthorizedOperation", "you are not authorized")
        return self.cloud.call(service, operation, request)

    def paginate(self, service, operation, request, items_path):
        return find(items_path, self.call(service, operation, request))


def test_what_aws_denies_had_no_effect_and_is_over(house):
    before = house.account()
    operations = ("create_network_acl_entry", "delete_network_acl_entry")
    responder = house.responder(cloud=Denying(house.cloud, *operations))
    with pytest.raises(OutsideError, match="UnauthorizedOperation"):
        responder.take(event())
    [incident] = house.ledger.incidents()
    [action] = house.ledger.actions()
    assert (incident.state, action.state) == (IncidentState.FAILED, ActionState.DROPPED)
    assert "what was begun is taken back" in house.ledger.lines(incident.id)[-1].reason
    assert reconcile(responder).done == [f"{incident.id}: closed, nothing of it stands"]
    assert reconcile(responder) == Outcome()
    assert house.account() == before


def test_what_stands_is_looked_at_in_one_reading_of_the_network(house):
    responder = house.responder(replace(AUTO, per_hour=100))
    for number in range(3):
        responder.take(event(f"e{number}", f"198.51.100.{number + 20}"))
    readings = []

    def read():
        readings.append(1)
        return responder.read()

    assert reconcile(replace(responder, read=read)) == Outcome()
    assert len(readings) == 1


def test_what_is_taken_back_while_it_is_looked_at_is_not_done_again(house):
    responder = house.responder()
    incident = responder.take(event())

    def read():
        """Somebody undoes it just before the network is read, and so it lacks."""
        with suppress(StaleError):
            responder.undo(incident.id, "ann", "a mistake")
        return responder.read()

    assert reconcile(replace(responder, read=read)) == Outcome()
    assert house.denials() == set()
    assert house.ledger.incident(incident.id).state is IncidentState.CLOSED


def test_a_notice_that_fails_stops_nothing(house):
    responder = house.responder()

    def fails(*_):
        msg = "the webhook does not answer"
        raise OutsideError(msg)

    incident = replace(responder, notify=fails).take(event())
    assert incident.state is IncidentState.IN_FORCE
    assert whats(house, incident.id)[-1] == "notice failed"


def test_nobody_answers_a_kind_that_is_not_known(house):
    incident = house.responder().take(event(kind="Unheard:Of"))
    assert incident.state is IncidentState.REFUSED
    assert "no playbook answers Unheard:Of" in house.ledger.lines(incident.id)[-1].reason


def test_what_was_left_at_its_beginning_is_taken_up_when_it_is_told_again(house):
    acls = house.cloud.call("ec2", "describe_network_acls", {})["NetworkAcls"]
    targets = [acl["NetworkAclId"] for acl in acls]
    now = int(house.clock.now().timestamp())
    assert house.ledger.lock(targets, "another", now, 60)
    with pytest.raises(LockedError):
        house.responder().take(event())
    assert [i.state for i in house.ledger.incidents()] == [IncidentState.OPEN]
    house.ledger.unlock(targets, "another")
    assert house.responder().take(event()).state is IncidentState.IN_FORCE


def test_what_nobody_tells_again_is_taken_up_by_reconciling(house):
    house.ledger.admit(event(), int(house.clock.now().timestamp()))
    outcome = reconcile(house.responder())
    assert (outcome.done, outcome.left, outcome.exit_code) == ([], [], 0)
    [young] = outcome.young
    assert "whoever took it may be at work; taken up from 2026-11-23T09:15:00Z on" in young
    house.clock.advance(3600)
    assert "taken up, in-force" in reconcile(house.responder()).done[0]
    assert house.denials()


def test_an_incident_that_somebody_else_goes_on_with_is_left_to_them(house):
    responder = house.responder(ASK)
    house.ledger.admit(event(), 0)
    real = house.ledger.move

    def overtaken(*given):
        house.ledger.move = real
        house.responder(ASK).take(event())
        return real(*given)

    house.ledger.move = overtaken
    assert responder.take(event()).state is IncidentState.PROPOSED
    assert len(house.ledger.actions()) == 1


def test_a_no_holds_for_a_day_unless_it_becomes_worse(house):
    responder = house.responder(ASK)
    responder.deny(responder.take(event()).id, "ann", "a customer")
    again = responder.take(event("e2", last=999))
    assert again.state is IncidentState.REFUSED
    assert "was denied" in house.ledger.lines(again.id)[-1].reason
    worse = responder.take(replace(event("e3", last=1999), severity=4))
    assert worse.state is IncidentState.PROPOSED
    responder.deny(worse.id, "ann", "still a customer")
    house.clock.advance(25 * 3600)
    assert responder.take(event("e4", last=99999)).state is IncidentState.PROPOSED


def test_an_entry_that_another_put_in_the_place_stays(house):
    incident = house.responder().take(event())
    acl, egress, number, _ = min(house.denials())
    place = {"NetworkAclId": acl, "Egress": egress, "RuleNumber": number}
    house.cloud.call("ec2", "delete_network_acl_entry", place)
    other = {"RuleAction": "deny", "Protocol": "-1", "CidrBlock": "192.0.2.9/32"}
    house.cloud.call("ec2", "create_network_acl_entry", other | place)
    house.responder().undo(incident.id, "ann", "enough")
    assert house.denials() == {(acl, egress, number, "192.0.2.9/32")}
