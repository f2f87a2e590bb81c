"""`ringwall respond`, as a person uses it, on the lab: reported, proven, approved, undone."""

import boto3
import pytest

OFFENDER = "198.51.100.7"


@pytest.fixture
def deployed(lab, ringwall, minimal):
    assert ringwall("apply", "--yes", "-q").code == 0
    return minimal


def reaches(ringwall) -> str:
    asked = ringwall("explain", "aws", OFFENDER, "main/web", "443", "--blueprint", "blueprint.yaml")
    return str(asked.out.splitlines()[0])


def test_an_offender_is_blocked_with_proof_and_let_go_with_proof(ringwall, deployed):
    assert "ALLOW" in reaches(ringwall)
    told = ringwall("respond", "report", "--source", OFFENDER, "--reason", "it tries", "--json")
    assert told.code == 0
    incident = told.json["incident"]
    assert incident["state"] == "proposed"
    [action] = incident["actions"]
    assert action["facts"]["breaks"] == action["facts"]["doubts"] == []
    assert "ALLOW" in reaches(ringwall), "nothing is done before somebody says so"

    done = ringwall("respond", "approve", incident["id"], "--reason", "sure", "--by", "ann")
    assert done.code == 0
    assert "read back and proven" in done.out
    assert "DENY" in reaches(ringwall)

    drift = ringwall("drift")
    assert drift.code == 0, "what the responder did is no drift"
    assert f"block-source, incident {incident['id']}" in drift.out
    assert ringwall("apply", "--yes", "-q").code == 0, "a block refuses no change"
    status = ringwall("respond", "status", "--json").json
    assert [each["incident"] for each in status["in_force"]] == [incident["id"]]

    undone = ringwall("respond", "undo", incident["id"], "--reason", "a mistake")
    assert undone.code == 0
    assert "ALLOW" in reaches(ringwall)
    assert "temporary" not in ringwall("drift").out
    lines = ringwall("respond", "journal", "--json").json["lines"]
    assert [line["number"] for line in lines] == list(range(1, len(lines) + 1))
    assert lines[-1]["facts"]["as_before"] is True


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("show", "nothing"), "error"),
        (("approve", "nothing", "--reason", "x"), "error"),
        (("report", "--source", "8.8.8", "--reason", "x"), "8.8.8"),
        (("report", "--reason", "x"), "a report names nobody"),
        (("report", "--source", OFFENDER, "--reason", " "), "--reason is empty"),
        (("list", "--ledger", "blueprint.yaml"), "error"),
        (
            ("list", "--ledger", "s3://bucket/ledger"),
            "is no place of a ledger",
        ),
        (("report", "--source", OFFENDER, "--reason", "x", "--playbook", "no"), "no playbook 'no'"),
        (("report", "--source", OFFENDER, "--reason", "x", "--policy", "no.yaml"), "no file"),
        (("report", "--source", OFFENDER, "--reason", "x", "--store", "no"), "no store of logs"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(ringwall, deployed, words, said):
    ringwall("respond", "halt", "--reason", "so that there is a ledger")
    ended = ringwall("respond", *words)
    assert ended.code == 2
    assert said in ended.err
    assert "Traceback" not in ended.err


def test_without_a_ledger_it_is_said_how_one_begins(ringwall, deployed):
    ended = ringwall("respond", "list")
    assert ended.code == 2
    assert "nothing was ever reported about minimal" in ended.err


@pytest.mark.parametrize(
    "words",
    [("reconcile",), ("sweep",), ("undo", "x", "--reason", "y"), ("approve", "x", "--reason", "y")],
)
@pytest.mark.parametrize(
    ("place", "said"),
    [
        ((), "nothing was ever reported about"),
        (("--ledger", "typo.db"), "there is no ledger 'typo.db'"),
    ],
)
def test_a_ledger_that_is_not_there_is_not_taken_for_an_empty_one(
    ringwall, deployed, words, place, said
):
    ended = ringwall("respond", *words, *place)
    assert (ended.code, ended.out) == (2, "")
    assert said in ended.err
    assert not (deployed.parent / "typo.db").exists()


def test_what_is_answered_apart_is_reported_apart(ringwall, deployed):
    both = ("--source", OFFENDER, "--domain", "evil.example", "--reason", "x")
    ended = ringwall("respond", "report", *both)
    assert (ended.code, ended.out) == (2, "")
    assert "--source and --domain are answered apart" in ended.err


def test_what_is_inside_is_not_blocked(ringwall, deployed):
    ended = ringwall("respond", "report", "--source", "10.0.0.9", "--reason", "x")
    assert ended.code == 1
    assert "inside of the network" in ended.out


def test_whoever_is_to_be_told_is_told_of_every_move(ringwall, deployed, lab, mailbox):
    topic, messages = mailbox
    s3 = boto3.client("s3", "us-east-1", endpoint_url=lab.endpoint)
    s3.create_bucket(Bucket="findings")
    hub = boto3.client("securityhub", "us-east-1", endpoint_url=lab.endpoint)
    hub.enable_security_hub()
    to = ("--notify", topic, "--notify", "s3://findings/ringwall", "--notify", "security-hub")
    told = ringwall(
        "respond", "report", "--source", OFFENDER, "--reason", "it tries", *to, "--json"
    )
    id_ = told.json["incident"]["id"]
    for command in ("approve", "undo"):
        assert ringwall("respond", command, id_, "--reason", "sure", *to).code == 0
    found = messages()
    states = [each["MessageAttributes"]["state"]["Value"] for each in found]
    assert states == ["proposed", "in-force", "closed"]
    assert f"ringwall respond approve {id_}" in found[0]["Message"]
    assert OFFENDER in found[0]["Message"]
    written = s3.list_objects_v2(Bucket="findings", Prefix=f"ringwall/{id_}/")["Contents"]
    assert len(written) == 3
    (finding,) = hub.get_findings()["Findings"]
    assert (finding["Workflow"]["Status"], finding["Id"]) == ("RESOLVED", f"ringwall/minimal/{id_}")
    journal = ringwall("respond", "journal", "--json").json["lines"]
    assert not [line["reason"] for line in journal if line["what"] == "notice failed"]


def test_whom_the_blueprint_names_is_told_without_being_asked_for(ringwall, lab, minimal, mailbox):
    more = "\naccount: '123456789012'\nmonitoring: {}\nresponse: {notices: {security_hub: true}}\n"
    minimal.write_text(f"{minimal.read_text()}\nflow_logs: {{destination: cloudwatch}}{more}")
    assert ringwall("apply", "--yes", "-q").code == 0
    hub = boto3.client("securityhub", "us-east-1", endpoint_url=lab.endpoint)
    hub.enable_security_hub()
    topic, messages = mailbox
    sns = boto3.client("sns", "us-east-1", endpoint_url=lab.endpoint)
    declared = topic.replace(":told", ":ringwall-minimal-notices")
    [queue] = [s["Endpoint"] for s in sns.list_subscriptions()["Subscriptions"]]
    sns.subscribe(TopicArn=declared, Protocol="sqs", Endpoint=queue)
    assert ringwall("respond", "report", "--source", OFFENDER, "--reason", "it tries").code == 0
    assert [each["TopicArn"] for each in messages()] == [declared]
    assert len(hub.get_findings()["Findings"]) == 1
    asked = ("--source", "198.51.100.9", "--reason", "it tries", "--notify", topic)
    assert ringwall("respond", "report", *asked).code == 0
    assert [each["TopicArn"] for each in messages()] == [topic], "what is asked for, instead"


def test_who_cannot_be_told_stops_nothing_and_stands_in_the_journal(ringwall, deployed):
    to = ("--notify", "ssm:/no/such/parameter")
    assert ringwall("respond", "report", "--source", OFFENDER, "--reason", "x", *to).code == 0
    [failed] = [
        line
        for line in ringwall("respond", "journal", "--json").json["lines"]
        if line["what"] == "notice failed"
    ]
    assert "webhook ssm:/no/such/parameter" in failed["reason"]


@pytest.mark.parametrize(
    ("place", "shown"),
    [
        ("mail:ann", "'mail:ann' names no place"),
        ("https://hooks.example/T0/secret", "https://… names no place"),
        ("http://hooks.example/T0/secret", "put it, with https://, into a parameter"),
        ("ssm:", "'ssm:' names no place"),
        ("s3://", "'s3://' names no place"),
        ("arn:aws:sqs:us-east-1:123456789012:q", "names no place"),
        ("", "'' names no place"),
    ],
)
def test_a_place_that_is_none_is_said_before_anything_is_done(ringwall, deployed, place, shown):
    asked = ("--source", OFFENDER, "--reason", "x", "--notify", place)
    ended = ringwall("respond", "report", *asked)
    assert ended.code == 2
    assert shown in ended.err
    assert "secret" not in ended.err.replace("secretsmanager:SECRET", "")
    assert "hint: one of the ARN of a topic" in ended.err
    assert ringwall("respond", "list").code == 2, "there is no ledger yet"


def test_the_journal_of_what_stands_is_not_deleted(lab, ringwall, minimal):
    text = minimal.read_text()
    more = "\naccount: '123456789012'\nflow_logs: {destination: cloudwatch}\nmonitoring: {}\n"
    minimal.write_text(f"{text}{more}response: {{}}\n")
    assert ringwall("apply", "--yes", "-q").code == 0
    dynamodb = boto3.client("dynamodb", "us-east-1", endpoint_url=lab.endpoint)
    [table] = dynamodb.list_tables()["TableNames"]
    at = ("--ledger", f"dynamodb:{table}")
    asked = ("--source", OFFENDER, "--reason", "it tries", "--json")
    id_ = ringwall("respond", "report", *asked, *at).json["incident"]["id"]
    assert ringwall("respond", "approve", id_, "--reason", "sure", *at).code == 0
    whole = minimal.read_text()
    minimal.write_text(f"{text}{more}")
    ended = ringwall("apply", "--yes", "-q")
    assert ended.code == 1, ended.err
    assert "table journal would be deleted: the journal of responses that stand (1)" in ended.err
    assert "take them back first" in ended.err
    minimal.write_text(whole)
    assert ringwall("respond", "undo", id_, "--reason", "over", *at).code == 0
    minimal.write_text(f"{text}{more}")
    assert ringwall("apply", "--yes", "-q").code == 0
