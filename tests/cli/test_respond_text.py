"""Incidents as people read them: one line each, what they may do next, and words that agree."""

from dataclasses import replace
from typing import Any

import pytest

from ringwall.app.responding.telling import action_document, incident_document, is_left
from ringwall.cli.respond_text import (
    action_lines,
    incident_lines,
    replay_lines,
    status_lines,
    way_on,
)
from ringwall.model.words import counted
from ringwall.playbooks.commands import USUAL, Desk
from ringwall.playbooks.records import ActionState, IncidentState, Party
from ringwall.playbooks.undone import Undone
from tests.shell.notices.told import ACTION, DESK, IN_FORCE, INCIDENT

PLACE = "shop.yaml --ledger dynamodb:ringwall-shop-journal"
ALARM = "alarm ringwall/shop/suspicious-traffic: Threshold Crossed:\n1 out of the last 3 " * 9


def listed(*titles: str, **more: Any) -> list[Any]:
    return [incident_document(replace(INCIDENT, title=title, **more)) for title in titles]


@pytest.mark.parametrize("width", [80, 90, 100, 110, 140, 200, 900])
@pytest.mark.parametrize("parties", [1, 2, 9])
def test_an_incident_is_one_line_that_fits_into_the_terminal(width: int, parties: int):
    named = tuple(Party("source", f"198.51.100.{number}") for number in range(parties))
    id_ = "206ad2bf005b2da8c124-1"
    found = [each | {"id": id_} for each in listed(ALARM, "short", parties=named)]
    lines = list(incident_lines(found, width))
    assert len(lines) == 2
    assert all("\n" not in line and len(line) <= width for line in lines)
    assert all(line.startswith("proposed  high  198.51.100.0") for line in lines)
    assert all(line.endswith(id_) for line in lines)
    assert "  alarm ringwall/shop" in lines[0]
    assert width < 200 or all("2 x  2026-11-26T09:01:40Z" in line for line in lines)


def test_nothing_is_cut_where_it_does_not_go_to_a_terminal():
    [line] = incident_lines(listed(ALARM))
    assert " ".join(ALARM.split()) in line


@pytest.mark.parametrize(
    ("state", "action", "verbs"),
    [
        ("proposed", "proposed", ["approve", "deny"]),
        ("observed", "proposed", ["approve"]),
        ("observed", "", []),
        ("in-force", "in-force", ["undo"]),
        ("acting", "applying", ["reconcile"]),
        ("undoing", "undoing", ["reconcile"]),
        ("failed", "applying", ["reconcile"]),
        ("closed", "undone", []),
        ("denied", "dropped", []),
        ("refused", "", []),
        ("open", "", []),
    ],
)
def test_what_works_now_is_offered_and_nothing_else(state: str, action: str, verbs: list[str]):
    actions = [replace(ACTION, state=ActionState(action))] if action else []
    document = incident_document(replace(INCIDENT, state=IncidentState(state)), actions)
    lines = list(way_on(document, DESK))
    assert [line.split(": ringwall respond ")[1].split()[0] for line in lines] == verbs
    assert all(PLACE in line for line in lines)


def test_a_command_holds_the_words_that_were_given_quoted_for_a_shell():
    desk = Desk("a b.yaml", "it's.sqlite", "p.yaml", ("arn:aws:sns:x", "ssm:/y"), "dev", "http://l")
    assert desk.command("approve", "i-1") == (
        "ringwall respond approve i-1 'a b.yaml' --ledger 'it'\"'\"'s.sqlite' --policy p.yaml"
        " --notify arn:aws:sns:x --notify ssm:/y --profile dev --endpoint-url http://l"
        " --reason WHY"
    )
    assert desk.command("show", "i-1") == (
        "ringwall respond show i-1 'a b.yaml' --ledger 'it'\"'\"'s.sqlite'"
        " --profile dev --endpoint-url http://l"
    )
    assert Desk(USUAL).command("sweep") == Desk().command("sweep") == "ringwall respond sweep"


def status(due: int, *, halted: bool = False) -> dict[str, Any]:
    known: dict[str, Any] = {"incidents": {}, "waiting": [], "in_force": [], "due": [{}] * due}
    return {"halted": halted, **known}


def test_what_has_stood_long_enough_is_told_with_the_command_that_ends_it():
    command = f"ringwall respond sweep {PLACE}"
    assert list(status_lines(status(1), DESK))[-1] == f"1 has stood long enough: {command}"
    assert list(status_lines(status(2), DESK))[-1] == f"2 have stood long enough: {command}"


def test_what_waits_is_one_line_that_fits_into_the_terminal():
    document = status(0) | {"waiting": listed(ALARM)}
    lines = list(status_lines(document, DESK, 90))
    assert (len(lines[-1]), "\n" in lines[-1]) == (90, False)
    [*_, whole] = status_lines(document, DESK)
    assert " ".join(ALARM.split()) in whole


def test_a_halt_is_told_with_the_command_that_ends_it():
    first = next(iter(status_lines(status(0, halted=True), DESK)))
    assert first.endswith(f": ringwall respond resume {PLACE} --reason WHY")


def test_one_is_in_the_singular():
    replay = {"days": 1, "conversations": 1, "answered": 0, "most": []}
    [line] = replay_lines(replay)
    told = "it would have cut 1 conversation that was let through, 0 of them answered"
    assert line == f"replay over 1 day: {told}"
    ways = [counted(number, "way") for number in (0, 1, 2, 2000)]
    assert ways == ["0 ways", "1 way", "2 ways", "2,000 ways"]
    assert [counted(2, noun) for noun in ("entry", "class", "day", "address")] == [
        "2 entries", "2 classes", "2 days", "2 addresses",
    ]  # fmt: skip


@pytest.mark.parametrize(("name", "fails"), [("left", True), ("differs", False), ("same", False)])
def test_an_undo_fails_by_what_is_left_of_the_response_alone(name: str, fails: bool):
    found = Undone(as_before=False, **{name: ("entry 1 is there",)})
    undone = replace(
        ACTION, state=ActionState.UNDONE, facts={**ACTION.facts, "undone": found.to_dict()}
    )
    document = {"incident": incident_document(INCIDENT, [undone])}
    assert is_left(document) is fails
    shown = [line for line in action_lines(action_document(undone)) if "entry 1" in line]
    sign = "✓" if name == "same" else "✗ not as before:"
    assert shown == [f"  {sign} entry 1 is there"]


def test_what_is_over_is_not_shown_with_the_proof_of_what_it_was():
    dropped = action_document(replace(ACTION, state=ActionState.DROPPED))
    assert list(action_lines(dropped)) == [
        "block-source (dropped): deny 198.51.100.7/32 both ways at 2 network ACLs"
    ]
    assert "  ✓ after: all are DENY both ways" in list(action_lines(action_document(IN_FORCE)))
