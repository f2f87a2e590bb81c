"""`ringwall respond`, as a person uses it, on the lab: reported, proven, approved, undone."""

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


def test_what_is_inside_is_not_blocked(ringwall, deployed):
    ended = ringwall("respond", "report", "--source", "10.0.0.9", "--reason", "x")
    assert ended.code == 1
    assert "inside of the network" in ended.out
