"""What people are told of responses, on the lab: it is so, and its commands work when pasted."""

import pytest

from tests.e2e.conftest import EXAMPLES
from tests.e2e.pasting import command, commands, paste

OFFENDER, OTHER = "198.51.100.7", "198.51.100.8"
FILE, LEDGER = "our net.yaml", "what we did.sqlite"
AT = (FILE, "--ledger", LEDGER)
WHY = ("--reason", "it tries")


@pytest.fixture
def place(lab, ringwall, minimal, mailbox, tmp_path):
    """Another place than the usual one, and all the words that lead there."""
    minimal.rename(tmp_path / FILE)
    assert ringwall("apply", FILE, "--yes", "-q").code == 0
    (tmp_path / "our policy.yaml").write_text("hours: 2\n")
    topic, _ = mailbox
    given = ("--policy", "our policy.yaml", "--notify", topic, "--endpoint-url", lab.endpoint)
    return (*AT, *given)


def texts(messages):
    return [each["Message"] for each in messages()]


def reported(ringwall, place, who=OFFENDER):
    told = ringwall("respond", "report", *place, "--source", who, *WHY, "--json")
    assert told.code == 0, told.err
    return told.json["incident"]["id"]


def state(ringwall, id_):
    return ringwall("respond", "show", id_, *AT, "--json").json["incident"]["state"]


def test_every_command_of_a_notice_works_when_it_is_pasted(ringwall, place, mailbox, monkeypatch):
    topic, messages = mailbox
    id_ = reported(ringwall, place)
    monkeypatch.delenv("AWS_ENDPOINT_URL")  # the words alone lead to the lab
    [proposed] = texts(messages)
    approve, deny, undo = (command(proposed, verb) for verb in ("approve", "deny", "undo"))
    for line in commands(proposed):
        assert all(word in line for word in (f"'{FILE}'", f"'{LEDGER}'", topic))
    assert "nothing is done yet; once it is approved: `" in proposed
    early = paste(ringwall, undo)
    assert (early.code, state(ringwall, id_)) == (2, "proposed")
    assert paste(ringwall, command(early.err, "show")).code == 0
    assert paste(ringwall, approve).code == 0
    assert state(ringwall, id_) == "in-force"
    [stands] = texts(messages)
    assert commands(stands) == [undo], "neither yes nor no is asked of what stands"
    late = paste(ringwall, deny)
    assert late.code == 2
    assert paste(ringwall, command(late.err, "show")).code == 0
    assert paste(ringwall, undo).code == 0
    [closed] = texts(messages)
    assert commands(closed) == []
    assert "everybody reaches what they did" in closed
    second = reported(ringwall, (*place[:-2], "--endpoint-url", place[-1]), OTHER)
    [proposed] = texts(messages)
    assert paste(ringwall, command(proposed, "deny")).code == 0
    assert state(ringwall, second) == "denied"
    [denied] = texts(messages)
    assert commands(denied) == []


def test_every_command_that_is_printed_works_when_it_is_pasted(ringwall, place):
    unknown = ringwall("respond", "show", "nothing", *AT)
    assert paste(ringwall, command(unknown.err, "report")).code == 0
    shown = ringwall("respond", "report", *place, "--source", OFFENDER, *WHY).out
    offered = commands(shown)
    assert [line.split()[2] for line in offered] == ["approve", "deny"]
    unknown = ringwall("respond", "show", "nothing", *AT)
    assert OFFENDER in paste(ringwall, command(unknown.err, "list")).out
    done = paste(ringwall, offered[0])
    assert done.code == 0
    [undo] = commands(done.out)
    assert undo.split()[2] == "undo"
    ringwall("respond", "halt", *AT, *WHY)
    status = ringwall("respond", "status", *AT).out
    assert paste(ringwall, command(status, "resume")).code == 0
    assert commands(ringwall("respond", "status", *AT).out) == []
    undone = paste(ringwall, undo)
    assert (undone.code, commands(undone.out)) == (0, [])
    free = ringwall("respond", "unlock", undo.split()[3], *AT, *WHY)
    assert free.code == 2
    assert paste(ringwall, command(free.err, "status")).code == 0


def test_the_usual_place_needs_no_words(ringwall, lab, minimal):
    assert ringwall("apply", "--yes", "-q").code == 0
    shown = ringwall("respond", "report", "--source", OFFENDER, *WHY).out
    approve = command(shown, "approve")
    assert approve.split()[4:] == ["--reason", "WHY"]
    assert paste(ringwall, approve).code == 0


def test_what_an_undo_has_verified_is_shown_and_not_the_proof_of_the_block(ringwall, place):
    id_ = reported(ringwall, place)
    blocked = ringwall("respond", "approve", id_, *place, *WHY)
    assert "all are DENY both ways" in blocked.out
    undone = ringwall("respond", "undo", id_, *place, *WHY)
    assert undone.code == 0
    for said in (undone.out, ringwall("respond", "show", id_, *AT).out):
        assert "DENY" not in said
        assert "until" not in said
        assert "✓ network ACL main/public (acl-" in said
        assert f"✓ {OFFENDER}/32, as before: {OFFENDER}/32 to main/web" in said
        assert "✓ nothing that packets meet differs: everybody reaches what they did" in said
        assert "· taken back: deny everything from" in said
    document = ringwall("respond", "show", id_, *AT, "--json").json
    [action] = document["incident"]["actions"]
    assert action["facts"]["undone"]["as_before"] is True
    assert action["facts"]["undone"]["differs"] == []


def opened(ec2, acl):
    """Somebody lets a neighbour in where the response has its entries."""
    ec2.create_network_acl_entry(
        NetworkAclId=acl, Egress=False, RuleNumber=50, Protocol="6", RuleAction="allow",
        CidrBlock="203.0.113.0/24", PortRange={"From": 22, "To": 22},
    )  # fmt: skip


def test_what_is_not_as_before_for_others_is_told_after_an_undo(ringwall, place, ec2):
    id_ = reported(ringwall, place)
    done = ringwall("respond", "approve", id_, *place, *WHY, "--json").json
    [acl, *_] = done["incident"]["actions"][0]["targets"]
    opened(ec2, acl)
    undone = ringwall("respond", "undo", id_, *place, *WHY)
    assert undone.code == 0, "its own part is taken back"
    name = "incoming entry 50 allow tcp from 203.0.113.0/24 22-22"
    assert "✗ not as before: network ACL" in undone.out
    assert f"has {name}, which it had not" in undone.out
    assert state(ringwall, id_) == "closed"
    last = ringwall("respond", "journal", *AT, "--json").json["lines"][-1]
    assert last["facts"]["as_before"] is False
    assert name in last["facts"]["differs"][0]


def changed(ec2):
    """Somebody takes every entry out of a network ACL, so that nothing passes there."""
    for acl in ec2.describe_network_acls()["NetworkAcls"]:
        tags = {tag["Key"]: tag["Value"] for tag in acl.get("Tags", ())}
        for each in acl["Entries"]:
            if tags.get("ringwall:key") == "staging/public" and each["RuleNumber"] < 32767:
                place = {name: each[name] for name in ("RuleNumber", "Egress")}
                ec2.delete_network_acl_entry(NetworkAclId=acl["NetworkAclId"], **place)


def test_who_approves_what_no_longer_fits_is_shown_what_is_proposed_instead(
    ringwall, lab, mailbox, ec2, tmp_path
):
    (tmp_path / FILE).write_text((EXAMPLES / "fortress.yaml").read_text())
    assert ringwall("apply", FILE, "--yes", "-q").code == 0
    topic, messages = mailbox
    place = (*AT, "--notify", topic)
    id_ = reported(ringwall, place)
    [first] = texts(messages)
    assert "at 4 network ACLs" in first
    changed(ec2)
    refused = ringwall("respond", "approve", id_, *place, *WHY)
    assert refused.code == 1
    assert "the network has changed, and so has what would be done: nothing was done" in refused.err
    assert "block-source (proposed, until " in refused.out
    assert "at 3 network ACLs" in refused.out
    assert refused.out.count("  - not any more: deny everything") == 2
    assert "✓ after: " in refused.out
    [again] = texts(messages)
    assert "at 3 network ACLs" in again
    assert "has changed" in again
    approve = command(again, "approve")
    assert approve == command(refused.err, "approve") == command(refused.out, "approve")
    assert state(ringwall, id_) == "proposed"
    ec2.create_network_acl_entry(**closing(ec2))
    document = ringwall("respond", "approve", id_, *place, *WHY, "--json")
    assert document.code == 1
    shown = document.json
    assert shown["schema"] == "ringwall/respond-show/1"
    assert "nothing was done" in shown["refused"]["message"]
    assert command(shown["refused"]["hint"], "approve") == approve
    [action] = shown["incident"]["actions"]
    assert action["state"] == "proposed"
    assert {text.split("network ACL ")[1][:10] for text in action["facts"]["instead_of"]} == {
        "hub/public"
    }
    assert any("all are DENY both ways" in text for text in action["facts"]["proven"])
    assert paste(ringwall, approve).code == 0
    assert state(ringwall, id_) == "in-force"


def closing(ec2):
    """The denial of the offender at one network ACL, that somebody writes by hand."""
    [acl] = [
        each["NetworkAclId"]
        for each in ec2.describe_network_acls()["NetworkAcls"]
        if {"Key": "ringwall:key", "Value": "hub/public"} in each.get("Tags", ())
    ]
    return {"NetworkAclId": acl, "Egress": True, "RuleNumber": 1, "Protocol": "-1",
            "RuleAction": "deny", "CidrBlock": f"{OFFENDER}/32"}  # fmt: skip


def test_what_cannot_be_done_any_more_is_said_and_stands_in_the_journal(ringwall, place, tmp_path):
    id_ = reported(ringwall, place)
    (tmp_path / "our policy.yaml").write_text(f"never: {{{OFFENDER}/32: a customer of ours}}\n")
    refused = ringwall("respond", "approve", id_, *place, *WHY)
    assert refused.code == 1
    assert "it is not done any more: never blocked" in refused.err
    assert "not done: it is not done any more: never blocked" in refused.out


def test_a_refusal_is_told_with_its_reason(ringwall, place, mailbox):
    _, messages = mailbox
    assert ringwall("respond", "report", *place, "--source", "10.0.0.9", *WHY).code == 1
    [told] = texts(messages)
    response = told.splitlines()[1]
    assert "Response: nothing is done; 10.0.0.9 is " in response
    assert "inside of the network" in response
    assert "isolate-instance" in response, "and the way on"


def test_a_list_has_a_line_an_incident_that_fits_into_the_terminal(ringwall, place, monkeypatch):
    long = "it tries\nagain and again, " * 20
    told = ringwall(
        "respond", "report", *place, "--source", OFFENDER, "--reason", long, "--json"
    ).json
    [line] = ringwall("respond", "list", *AT).out.splitlines()
    assert "again and again, it tries again and again" in line, "nothing is cut where it is piped"
    monkeypatch.setattr("ringwall.cli.commands.respond.list.columns", lambda: 120)
    [line] = ringwall("respond", "list", *AT).out.splitlines()
    assert len(line) <= 120
    assert "…  1 x  " in line
    assert line.endswith(told["incident"]["id"])
