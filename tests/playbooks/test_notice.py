"""A notice says in five lines what happened, what is done, what it breaks, and the ways on."""

from dataclasses import replace

import botocore.session
import pytest
from botocore.validate import ParamValidator
from hypothesis import given
from hypothesis import strategies as st

from ringwall.app.responding.events import Passed, arrivals
from ringwall.playbooks.notice import LONGEST
from ringwall.playbooks.notice_findings import to_asff, to_ocsf, to_workflow, workflow
from ringwall.playbooks.records import ActionState, IncidentState, Line, Party
from ringwall.playbooks.undone import Undone
from tests.app.responding import deliveries
from tests.detections.test_ocsf import REQUIRED
from tests.shell.notices.told import ACTION, IN_FORCE, PROPOSED, notice

LIFE = (
    (IncidentState.PROPOSED, (ACTION,), "NEW"),
    (IncidentState.IN_FORCE, (IN_FORCE,), "NOTIFIED"),
    (IncidentState.CLOSED, (ACTION,), "RESOLVED"),
)


PLACE = "shop.yaml --ledger dynamodb:ringwall-shop-journal"
WAYS = {
    verb: f"`ringwall respond {verb} s1-1 {PLACE} --reason WHY`"
    for verb in ("approve", "deny", "undo")
}
SHOW = f"`ringwall respond show s1-1 {PLACE}`"


def told_by(what, reason, by="ringwall", **facts):
    return Line(1_795_683_760, "s1-1", what, by, reason, facts=facts)


def test_what_is_proposed_is_told_with_its_proof_and_how_to_say_yes_and_no():
    told = notice(line=PROPOSED)
    assert told.lines == (
        (
            "What happened: 198.51.100.7 tries 300 ports of web (RW505, high;"
            " 2026-11-26 08:00:00Z to 2026-11-26 08:59:59Z, told 2 times)"
        ),
        (
            "Response: proposed: deny 198.51.100.7/32 both ways at 2 network ACLs, until"
            " 2026-11-27 09:01:40Z; the mode is approve; before: 2 ways open; after: all are DENY"
            " both ways"
        ),
        (
            "It would break: nothing that is expected to work; in 7 days it would have cut 3"
            " conversations; stays open: whoever it is may come from another address"
        ),
        f"To approve: {WAYS['approve']}; to deny: {WAYS['deny']}",
        f"To undo: nothing is done yet; once it is approved: {WAYS['undo']}",
    )
    assert told.subject == "[shop] proposed: RW505 (high) 198.51.100.7 > i-0abc"


def test_what_stands_is_told_with_its_end_and_its_way_back():
    lines = notice(IncidentState.IN_FORCE, (IN_FORCE,)).lines
    assert lines[1].startswith("Response: in force, until 2026-11-27 09:01:40Z: deny 198.51.100.7")
    assert lines[3:] == (
        "To approve: there is nothing to approve",
        f"To undo: {WAYS['undo']}",
    )


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (IncidentState.REFUSED, "nothing is done"),
        (IncidentState.DENIED, "nothing is done: a person said no"),
        (IncidentState.CLOSED, "none was needed: it is over"),
        (IncidentState.OBSERVED, "none: it is told, and nothing is proposed"),
        (IncidentState.OPEN, "what to do is not worked out yet"),
    ],
)
def test_what_ends_without_anything_that_stands_says_so(state, said):
    lines = notice(state, ()).lines
    assert (lines[1], lines[4]) == (f"Response: {said}", "To undo: nothing of it stands")


def test_a_refusal_is_told_with_its_reason_and_the_way_on():
    line = told_by("refused", "never blocked: our office", hint="take it off the list")
    assert notice(IncidentState.REFUSED, (), line).lines[1] == (
        "Response: nothing is done; never blocked: our office; take it off the list"
    )


def test_a_no_is_told_with_who_said_it_and_why():
    line = told_by("denied", "a customer", "ann")
    dropped = replace(ACTION, state=ActionState.DROPPED)
    lines = notice(IncidentState.DENIED, (dropped,), line).lines
    assert lines[1:] == (
        "Response: nothing is done: a person said no; ann: a customer",
        "It would break: nothing, as nothing is done",
        "To approve: there is nothing to approve",
        "To undo: nothing of it stands",
    )


def test_what_failed_is_told_with_the_error_and_what_goes_on():
    line = told_by("failed", "CreateNetworkAclEntry: denied; what was begun is taken back")
    failed = replace(ACTION, state=ActionState.APPLYING)
    lines = notice(IncidentState.FAILED, (failed,), line).lines
    assert "CreateNetworkAclEntry: denied; what was begun is taken back" in lines[1]
    assert "DENY" not in lines[1], "what was to be is not proven of what is"
    assert lines[3:] == (
        f"To approve: `ringwall respond reconcile {PLACE}` finishes it or takes it back",
        f"To undo: {WAYS['undo']}",
    )


def test_what_is_told_without_a_response_asks_nothing():
    lines = notice(IncidentState.OBSERVED, ()).lines
    assert lines[3:] == ("To approve: there is nothing to approve", "To undo: nothing of it stands")


def test_what_is_only_told_may_be_approved_and_waits_for_no_answer():
    lines = notice(IncidentState.OBSERVED, (ACTION,)).lines
    assert lines[3] == f"To approve: {WAYS['approve']}"


def test_what_was_done_is_told_as_taken_back_with_what_was_verified():
    found = Undone(True, ("network ACL main (acl-1), as before: 9 entries",)).to_dict()
    undone = replace(ACTION, state=ActionState.UNDONE, facts={**ACTION.facts, "undone": found})
    lines = notice(IncidentState.CLOSED, (undone,), told_by("closed", "ours", "ann")).lines
    assert lines[1:] == (
        (
            "Response: what was done is taken back; ann: ours;"
            " network ACL main (acl-1), as before: 9 entries"
        ),
        "It would break: nothing, as nothing of it stands",
        "To approve: there is nothing to approve",
        "To undo: nothing of it stands",
    )


def test_what_does_not_fit_is_left_out_by_whole_sentences_and_counted():
    proven = [f"sentence {number} of a long proof that says all of it" for number in range(30)]
    facts = {**ACTION.facts, "proven": proven, "residual": proven}
    for line in notice(actions=(replace(ACTION, facts=facts),)).lines[1:3]:
        text, _, more = line.partition(" (")
        assert len(text) <= LONGEST
        assert text.split("; ")[-1].removeprefix("stays open: ") in proven
        told = sum(each in line for each in proven)
        assert more == f"{30 - told} more: {SHOW})"


def test_a_finding_has_all_of_the_commands_though_it_takes_less():
    proven = [f"sentence {number} of a long proof that says all of it" for number in range(30)]
    facts = {**ACTION.facts, "proven": proven, "residual": proven}
    told = notice(actions=(replace(ACTION, facts=facts),), title="word " * 300, line=PROPOSED)
    description = to_asff(told)["Description"]
    assert len(description) <= 1024
    assert len(description.splitlines()) == 5
    assert all(way in description for way in WAYS.values())
    assert len(told.text) > 1024
    kept = told.within(400).splitlines()
    assert 0 < len(kept) < 5, "or whole lines"
    assert all(line.count("`") % 2 == 0 and len(told.within(400)) <= 400 for line in kept)


def test_what_it_breaks_and_what_is_not_proven_comes_first():
    facts = {**ACTION.facts, "breaks": ["'web' would break: …"], "doubts": ["eni-1: unknown"]}
    from_facts = notice(actions=(type(ACTION)(**{**fields(ACTION), "facts": facts}),))
    assert from_facts.lines[2].startswith(
        "It would break: 'web' would break: …; not proven: eni-1: unknown; in 7 days"
    )


def fields(action):
    return {name: getattr(action, name) for name in action.__dataclass_fields__}


@pytest.mark.property
@given(st.sampled_from(list(IncidentState)), st.text(max_size=900), st.text(max_size=50))
def test_whatever_strangers_write_a_notice_is_five_printable_lines(state, title, name):
    told = notice(state, title=title, kind=name or "k", parties=(Party("domain", name=name),))
    assert len(told.text.splitlines()) == 5
    assert all(line.isprintable() for line in told.lines)
    assert all(len(line) <= LONGEST for line in told.lines[:1])
    assert all(len(line) <= LONGEST + len(SHOW) + 20 for line in told.lines[1:3])
    assert told.subject.isprintable()
    assert len(told.subject) <= 100


def test_a_credential_in_a_title_is_in_no_notice():
    secret = "aws_secret_access_key=wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEYab"
    told = notice(title=f"seen: {secret}")
    for text in (told.text, told.subject, str(to_asff(told)), str(to_ocsf(told, "1", first=True))):
        assert "wJalr" not in text


@pytest.mark.parametrize(("state", "actions", "status"), LIFE)
def test_security_hub_would_take_it_in_each_part_of_its_life(state, actions, status):
    told = notice(state, actions)
    model = botocore.session.get_session().get_service_model("securityhub")
    finding, update = to_asff(told), to_workflow(told)
    for document, shape in (
        (finding, model.shape_for("AwsSecurityFinding")),
        (update, model.shape_for("BatchUpdateFindingsRequest")),
    ):
        report = ParamValidator().validate(document, shape)
        assert not report.has_errors(), report.generate_report()
    assert (workflow(told), update["Workflow"]["Status"]) == (status, status)
    assert status in model.shape_for("WorkflowStatus").enum
    assert finding["Severity"]["Label"] in model.shape_for("SeverityLabel").enum
    # User guide, "Required attributes" and "Optional top-level attributes".
    assert len(finding["Title"]) <= 256
    assert len(finding["Description"]) <= 1024
    assert finding["Id"] == to_asff(notice())["Id"] == "ringwall/shop/s1-1"
    assert finding["UpdatedAt"] >= finding["CreatedAt"]
    assert {each["Type"] for each in finding["Resources"]} == {
        "AwsEc2Instance",
        "AwsEc2NetworkAcl",
        "Other",
    }
    assert finding["ProductArn"].endswith(":123456789012:product/123456789012/default")


@pytest.mark.parametrize(
    ("state", "actions", "first", "activity"),
    [
        (IncidentState.PROPOSED, (ACTION,), True, (1, "Create", 1)),
        (IncidentState.IN_FORCE, (IN_FORCE,), False, (2, "Update", 2)),
        (IncidentState.CLOSED, (ACTION,), False, (3, "Close", 4)),
    ],
)
def test_a_finding_of_ocsf_is_created_updated_and_closed(state, actions, first, activity):
    found = to_ocsf(notice(state, actions), "1.0", first=first)
    for place, names in REQUIRED.items():
        assert names <= set(found[place] if place else found)
    assert (found["activity_id"], found["activity_name"], found["status_id"]) == activity
    assert found["type_uid"] == 200400 + activity[0]
    assert found["finding_info"]["uid"] == "ringwall/shop/s1-1"
    assert found["evidences"] == [{"src_endpoint": {"ip": "198.51.100.7"}}]


def test_our_notices_are_passed_over_when_they_come_back():
    found = [
        *arrivals(deliveries.imported(to_asff(notice()))),
        *arrivals(to_ocsf(notice(), "1.0", first=True)),
    ]
    assert [type(each) for each in found] == [Passed, Passed]
