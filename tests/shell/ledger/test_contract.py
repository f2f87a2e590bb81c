"""What the port promises, kept by every ledger."""

from dataclasses import replace

import pytest

from ringwall.errors import QuestionError, RefusedError, StaleError
from ringwall.playbooks.records import (
    ENDED,
    NEXT,
    ActionState,
    Incident,
    IncidentState,
    Line,
    Party,
    Source,
)
from ringwall.shell.ledger import entries
from ringwall.shell.ledger.holders import Life
from ringwall.shell.ledger.port import OPENED, TOLD_AGAIN, Admission
from tests.shell.ledger.records import action, event, line

S = IncidentState


def opened(ledger, **more):
    return ledger.admit(event(**more), now=200).incident


def through(ledger, incident, *states, at=300):
    for state in states:
        incident = ledger.move(incident, state, line(f"to {state}", at))
    return incident


# Admission


def test_the_first_event_of_a_subject_opens_its_first_incident(ledger):
    told = event(evidence={"ports": [22, 23]})
    found = ledger.admit(told, now=200)
    assert found.admission is Admission.NEW
    assert found.incident == Incident(
        id=f"{told.subject}-1",
        subject=told.subject,
        source=Source.DETECTION,
        kind="RW504",
        title="203.0.113.9 scans ports",
        severity=50,
        parties=(Party("source", "203.0.113.9"),),
        first=100,
        last=160,
        state=S.OPEN,
        opened=200,
        changed=200,
        evidence={"ports": [22, 23]},
    )
    assert ledger.incident(found.incident.id) == found.incident


def test_another_event_of_the_subject_is_counted_to_its_incident(ledger):
    first = opened(ledger)
    found = ledger.admit(event("e2", first=90, last=300, severity=70), now=310)
    assert found.admission is Admission.AGAIN
    assert found.incident == replace(first, first=90, last=300, severity=70, events=2, changed=310)
    assert ledger.incidents() == [found.incident]


def test_what_is_told_late_and_weaker_takes_nothing_back(ledger):
    first = opened(ledger)
    found = ledger.admit(event("e2", first=120, last=130, severity=10), now=150)
    assert found.incident == replace(first, events=2)


def test_the_same_event_again_changes_nothing(ledger):
    opened(ledger)
    ledger.admit(event("e2"), now=210)
    before = (ledger.incidents(), ledger.lines())
    for id_ in ("e1", "e2"):
        found = ledger.admit(event(id_, last=999), now=999)
        assert found.admission is Admission.KNOWN
        assert found.incident == before[0][0]
    assert (ledger.incidents(), ledger.lines()) == before


def test_another_subject_is_another_incident(ledger):
    one = opened(ledger)
    other = opened(ledger, id_="e2", who="203.0.113.10")
    assert one.id != other.id
    assert {each.id for each in ledger.incidents()} == {one.id, other.id}


@pytest.mark.parametrize("way", [(S.CLOSED,), (S.REFUSED,), (S.PROPOSED, S.DENIED)])
def test_what_comes_back_after_its_end_is_the_next_incident_of_its_subject(ledger, way):
    first = through(ledger, opened(ledger), *way)
    found = ledger.admit(event("e2"), now=400)
    assert found.admission is Admission.NEW
    assert (first.id[-2:], found.incident.id[-2:]) == ("-1", "-2")
    assert found.incident.events == 1
    assert ledger.admit(event("e3"), now=401).incident.id == found.incident.id
    assert ledger.incident(first.id) == first


def test_an_event_of_an_ended_incident_stays_known(ledger):
    first = through(ledger, opened(ledger), S.CLOSED)
    found = ledger.admit(event("e1"), now=400)
    assert (found.admission, found.incident) == (Admission.KNOWN, first)
    assert ledger.incidents() == [first]


def test_an_event_without_parties_is_admitted(ledger):
    found = ledger.admit(event(parties=()), now=200)
    assert found.incident.parties == ()
    assert ledger.admit(event("e2", parties=()), now=201).admission is Admission.AGAIN


def test_ids_and_texts_of_any_letters_are_admitted(ledger):
    names = ["", " ", "é" * 3000, "a\x00b", "\ud800", "x" * 5000, "#", "e1#", "💥"]
    for number, name in enumerate(names):
        found = ledger.admit(event(name, f"who {name}"), now=200)
        assert found.admission is Admission.NEW, number
        assert ledger.incident(found.incident.id) == found.incident
        assert ledger.admit(event(name, f"who {name}"), now=200).admission is Admission.KNOWN
    assert len(ledger.incidents()) == len(names)


def test_an_unknown_incident_is_told_with_ids_that_are_near(ledger):
    incident = opened(ledger)
    with pytest.raises(QuestionError, match="no incident") as caught:
        ledger.incident(incident.id[:6])
    assert incident.id in caught.value.hint
    with pytest.raises(QuestionError, match="no incident") as caught:
        ledger.incident("\udcff")
    assert caught.value.hint == "", "who asks knows where they are listed"
    for id_ in ("", "x" * 5000):
        with pytest.raises(QuestionError, match="no incident"):
            ledger.incident(id_)
        assert ledger.actions(id_ or "-") == ledger.lines(id_ or "-") == []


def test_an_action_is_known_by_its_incident_and_its_id(ledger):
    one, other = opened(ledger), opened(ledger, id_="e2", who="203.0.113.10")
    ledger.write(line(), [action(one), action(other)])
    assert ledger.actions() == sorted([action(one), action(other)], key=lambda a: a.incident)
    with pytest.raises(ValueError, match="no action's id"):
        ledger.write(line(), [action(one, "a" * 201)])
    there = (ledger.actions(), ledger.lines())
    with pytest.raises(ValueError, match="no incident's id"):
        ledger.write(line(incident="i" * 201), [action(one, "a2"), action(other)])
    assert (ledger.actions(), ledger.lines()) == there


# Documents


def test_numbers_and_nested_documents_come_back_as_they_were(ledger):
    evidence = {
        "ints": [0, -1, 2**53 + 1, 10**30],
        "floats": [0.1, 1e-300, 1.7976931348623157e308, -0.0, 3.0],
        "truth": [True, False, None],
        "deep": {"a": [{"b": [[1.5, {"c": ""}], []]}, {}]},
        "": "",
        "text": "é\u2028\n\x00💥",
    }
    found = opened(ledger, evidence=evidence)
    known = ledger.incident(found.id)
    assert known.evidence == evidence
    assert repr(known.evidence) == repr(evidence)  # 3.0 is not 3, nor True 1
    planned = action(found, measures=(evidence, {"n": 1}), facts=evidence)
    ledger.write(line(facts=evidence), [planned])
    assert repr(ledger.actions()) == repr([planned])
    assert repr(ledger.lines()[-1].facts) == repr(evidence)


def test_what_json_does_not_have_is_kept_as_text(ledger):
    found = opened(ledger, evidence={"nan": float("nan"), 4: (1, 2), "set": {3}, "s": S.OPEN})
    assert found.evidence == {"nan": "nan", "4": [1, 2], "set": [3], "s": "open"}
    assert ledger.incident(found.id) == found


def test_evidence_that_is_too_large_is_left_out_by_name(ledger):
    found = opened(ledger, evidence={"small": 1, "rows": ["x" * 100] * 2000, "last": 2})
    assert found.evidence == {"small": 1, "last": 2, "left_out": ["rows (206,010 bytes)"]}
    assert ledger.incident(found.id) == found


def test_parties_beyond_the_bound_are_counted(ledger):
    many = tuple(Party("source", f"2001:db8::{n:x}") for n in range(5000))
    found = opened(ledger, parties=many)
    kept = len(found.parties)
    assert 1000 < kept < 5000
    assert found.evidence == {"left_out": [f"{5000 - kept} more parties"]}
    assert ledger.incident(found.id) == found


def test_an_action_that_is_too_large_is_refused_and_nothing_written(ledger):
    incident = opened(ledger)
    large = action(incident, "a2", measures=({"rules": ["x" * 100] * 3000},))
    before = ledger.lines()
    with pytest.raises(RefusedError, match="bytes"):
        ledger.move(incident, S.PROPOSED, line(), [large])
    with pytest.raises(RefusedError, match="bytes"):
        ledger.write(line(), [action(incident), large])
    many = [action(incident, f"a{n}") for n in range(entries.MOST_ACTIONS + 1)]
    with pytest.raises(RefusedError, match="at most 16"):
        ledger.write(line(), many)
    assert (ledger.incident(incident.id), ledger.lines()) == (incident, before)
    assert ledger.actions() == []


def test_the_largest_step_that_is_allowed_is_written_whole(ledger):
    incident = opened(ledger, evidence={"rows": "x " * 49_000})
    room = "y " * 94_000
    many = [action(incident, f"a{n:02}", measures=({"r": room},)) for n in range(16)]
    moved = ledger.move(incident, S.PROPOSED, line(facts={"rows": "z " * 49_000}), many)
    due = [replace(each, state=ActionState.IN_FORCE, expires=900) for each in many]
    ledger.write(line(facts={"rows": "z " * 49_000}), due)
    assert moved.actions == tuple(each.id for each in many)
    assert ledger.actions() == due
    assert ledger.due(900) == due


# Moves


@pytest.mark.parametrize("start", S)
def test_an_incident_moves_as_next_knows_and_no_other_way(ledger, start):
    for number, state in enumerate(S):
        told = {"id_": f"e{number}", "who": f"203.0.113.{number}"}
        incident = through(ledger, opened(ledger, **told), *WAYS[start])
        before = len(ledger.lines())
        if state in NEXT[start]:
            moved = ledger.move(incident, state, line("moved", at=777))
            assert moved == replace(incident, state=state, changed=777, moves=incident.moves + 1)
            assert ledger.incident(incident.id) == moved
            assert [each.state for each in ledger.lines(after=before)] == [state]
        else:
            with pytest.raises(ValueError, match=f"from {start} to {state}"):
                ledger.move(incident, state, line())
            assert ledger.incident(incident.id) == incident
            assert ledger.lines(after=before) == []


WAYS = {
    S.OPEN: (),
    S.OBSERVED: (S.OBSERVED,),
    S.PROPOSED: (S.PROPOSED,),
    S.ACTING: (S.ACTING,),
    S.IN_FORCE: (S.ACTING, S.IN_FORCE),
    S.DENIED: (S.PROPOSED, S.DENIED),
    S.REFUSED: (S.REFUSED,),
    S.FAILED: (S.ACTING, S.FAILED),
    S.UNDOING: (S.ACTING, S.UNDOING),
    S.CLOSED: (S.CLOSED,),
}


def test_a_move_of_what_has_moved_since_is_refused(ledger):
    seen = opened(ledger)
    moved = ledger.move(seen, S.PROPOSED, line())
    before = ledger.lines()
    with pytest.raises(StaleError, match=r"is proposed by now, no longer open"):
        ledger.move(seen, S.ACTING, line(), [action(seen)])
    assert (ledger.incident(seen.id), ledger.lines(), ledger.actions()) == (moved, before, [])


def test_a_move_is_stale_though_the_state_and_the_second_are_the_same_again(ledger):
    seen = through(ledger, opened(ledger), S.ACTING, S.IN_FORCE)
    through(ledger, seen, S.ACTING, S.IN_FORCE)
    with pytest.raises(StaleError):
        ledger.move(seen, S.UNDOING, line())


def test_a_move_of_what_has_ended_meanwhile_is_stale(ledger):
    seen = opened(ledger)
    through(ledger, seen, S.CLOSED)
    with pytest.raises(StaleError, match="is closed by now"):
        ledger.move(seen, S.ACTING, line())


def test_an_event_in_between_does_not_make_a_move_stale_nor_is_it_lost(ledger):
    seen = opened(ledger)
    ledger.admit(event("e2", last=500, severity=90), now=510)
    moved = ledger.move(seen, S.PROPOSED, line(at=505))
    assert moved == replace(
        seen, state=S.PROPOSED, events=2, last=500, severity=90, changed=510, moves=1
    )


def test_a_move_of_an_incident_that_is_not_there_is_a_question(ledger):
    stranger = replace(opened(ledger), id="nobody-1")
    with pytest.raises(QuestionError, match="nobody-1"):
        ledger.move(stranger, S.CLOSED, line())


def test_a_move_takes_along_what_was_learnt(ledger):
    seen = opened(ledger, parties=())
    learnt = replace(seen, parties=(Party("source", "203.0.113.9"),), evidence={"flows": 12})
    moved = ledger.move(learnt, S.PROPOSED, line(at=300))
    assert moved == learnt.moved(S.PROPOSED, 300)
    assert ledger.incident(seen.id) == moved


def test_a_move_names_its_actions_once(ledger):
    incident = opened(ledger)
    moved = ledger.move(
        incident, S.PROPOSED, line(), [action(incident, "a1"), action(incident, "a2")]
    )
    assert moved.actions == ("a1", "a2")
    acting = action(incident, "a2", ActionState.APPLYING)
    moved = ledger.move(moved, S.ACTING, line(), [acting, action(incident, "a3")])
    assert moved.actions == ("a1", "a2", "a3")
    assert ledger.actions(incident.id) == [action(incident, "a1"), acting, action(incident, "a3")]


def test_an_action_of_another_incident_is_no_part_of_a_move(ledger):
    one, other = opened(ledger), opened(ledger, id_="e2", who="203.0.113.10")
    with pytest.raises(ValueError, match="another incident"):
        ledger.move(one, S.PROPOSED, line(), [action(other)])
    with pytest.raises(ValueError, match="twice"):
        ledger.move(one, S.PROPOSED, line(), [action(one), action(one)])


def test_incidents_are_listed_by_state_the_last_changed_first(ledger):
    ids = []
    for number, state in enumerate(S):
        incident = opened(ledger, id_=f"e{number}", who=f"203.0.113.{number}")
        ids.append(through(ledger, incident, *WAYS[state], at=1000 + number).id)
    # The open one was changed at 200, when it was opened.
    assert [each.id for each in ledger.incidents()] == [*ids[:0:-1], ids[0]]
    for state, id_ in zip(S, ids, strict=True):
        assert [each.id for each in ledger.incidents([state])] == [id_]
    assert {each.state for each in ledger.incidents(ENDED)} == ENDED
    assert {each.state for each in ledger.incidents(iter({S.OPEN, S.CLOSED}))} == {S.OPEN, S.CLOSED}


# Actions


def test_actions_are_listed_the_first_made_first(ledger):
    one, other = opened(ledger), opened(ledger, id_="e2", who="203.0.113.10")
    later, first = action(one, "a1", made=500), action(one, "a2", made=400)
    elsewhere = action(other, "a3", made=450)
    ledger.write(line(), [later, first])
    ledger.write(line(), [elsewhere])
    assert ledger.actions() == [first, elsewhere, later]
    assert ledger.actions(one.id) == [first, later]
    assert ledger.actions(f"{one.id}0") == []


A = ActionState
BACK = [
    (over, state)
    for over, onward in ((A.UNDOING, {A.UNDOING, A.UNDONE, A.DROPPED}), (A.UNDONE, {A.UNDONE}),
                         (A.DROPPED, {A.DROPPED}))
    for state in set(A) - onward
]  # fmt: skip


@pytest.mark.parametrize(("over", "state"), sorted(BACK))
def test_an_action_that_is_taken_back_or_over_does_not_come_back(ledger, over, state):
    """Who read it in force and writes it for longer is late."""
    incident = opened(ledger)
    moved = ledger.move(incident, S.ACTING, line(), [action(incident, state=over, expires=900)])
    before = (ledger.incidents(), ledger.actions(), ledger.lines())
    back = [action(incident, "a0"), action(incident, state=state, expires=1800)]
    with pytest.raises(StaleError, match=f"action a1 is {over} by now"):
        ledger.write(line(), back)
    with pytest.raises(StaleError, match=f"action a1 is {over} by now"):
        ledger.move(moved, S.IN_FORCE, line(), back)
    assert (ledger.incidents(), ledger.actions(), ledger.lines()) == before


def test_the_facts_of_an_action_are_kept_whole(ledger):
    """What is proven after an undo is compared with them."""
    name = "sg/Production1Web/Frontend2/Allow3/Long45"  # has the shape of a key
    facts = {"before": {name: ["a b c"] * 15_000}, "seconds": 3600}
    incident = opened(ledger)
    ledger.move(incident, S.ACTING, line(), [action(incident, facts=facts)])
    assert ledger.actions()[0].facts == facts


def test_due_is_what_is_in_force_and_whose_time_is_over(ledger):
    incident = opened(ledger)
    for number, state in enumerate(ActionState):
        ledger.write(line(), [action(incident, f"a{number}", state, expires=1000)])
    ledger.write(line(), [action(incident, "for good", ActionState.IN_FORCE)])
    soon = action(incident, "soon", ActionState.IN_FORCE, expires=900)
    ledger.write(line(), [soon])
    there = action(incident, "a2", ActionState.IN_FORCE, expires=1000)
    assert ledger.due(899) == []
    assert ledger.due(900) == [soon]
    assert ledger.due(999) == [soon]
    assert ledger.due(1000) == [soon, there]


def test_an_expiry_that_was_put_off_is_due_later(ledger):
    incident = opened(ledger)
    first = action(incident, "a1", ActionState.IN_FORCE, expires=900)
    ledger.write(line(), [first])
    ledger.write(line(), [replace(first, expires=1800)])
    assert ledger.due(1799) == []
    assert ledger.due(1800) == [replace(first, expires=1800)]
    ledger.write(line(), [replace(first, state=ActionState.UNDONE, expires=1800)])
    assert ledger.due(9999) == []


# The journal


def test_lines_are_numbered_without_gaps_and_exported_in_order(ledger):
    one = opened(ledger)
    other = opened(ledger, id_="e2", who="203.0.113.10")
    one = through(ledger, one, S.ACTING, S.IN_FORCE)
    ledger.admit(event("e3"), now=350)
    ledger.write(line("told", 360, other.id, reason="by hand", action="a1"))
    ledger.halt(line("halted", 370))
    told = [(each.number, each.incident, each.what, each.state) for each in ledger.lines()]
    assert told == [
        (1, one.id, OPENED, ""),
        (2, other.id, OPENED, ""),
        (3, one.id, "to acting", "acting"),
        (4, one.id, "to in-force", "in-force"),
        (5, one.id, TOLD_AGAIN, ""),
        (6, other.id, "told", ""),
        (7, "", "halted", ""),
    ]
    assert [each.number for each in ledger.lines(one.id)] == [1, 3, 4, 5]
    assert [each.number for each in ledger.lines(one.id, after=3)] == [4, 5]
    assert [each.number for each in ledger.lines(after=5)] == [6, 7]
    assert ledger.lines(after=7) == []
    assert ledger.lines("nobody") == []


def test_a_line_comes_back_whole(ledger):
    incident = opened(ledger)
    told = Line(
        at=321,
        incident=incident.id,
        what="approved",
        by="ada",
        reason="seen in the office",
        action="a1",
        facts={"cut": 0, "witness": ["10.0.0.1", 443]},
    )
    ledger.write(told)
    assert ledger.lines(after=1) == [replace(told, number=2)]
    ledger.move(incident, S.PROPOSED, replace(told, number=99, state="nonsense"))
    assert ledger.lines(after=2) == [replace(told, number=3, state="proposed")]


def test_the_line_of_a_move_is_the_incidents_whatever_it_says(ledger):
    incident = opened(ledger)
    ledger.move(incident, S.PROPOSED, line(incident="another"))
    assert [each.number for each in ledger.lines(incident.id)] == [1, 2]


def test_admission_tells_which_event_it_was(ledger):
    opened(ledger)
    ledger.admit(event("e2"), now=210)
    told = [(each.at, each.by, each.facts) for each in ledger.lines()]
    assert told == [
        (200, "detection", {"event": "e1", "events": 1}),
        (210, "detection", {"event": "e2", "events": 2}),
    ]


def test_more_lines_than_a_page_are_listed_in_order(ledger):
    for number in range(1, 31):
        ledger.write(line(f"line {number}", facts={"rows": "x " * 45_000}))
    assert [each.number for each in ledger.lines()] == [*range(1, 31)]
    assert [each.what for each in ledger.lines(after=28)] == ["line 29", "line 30"]


# Locks


def test_a_lock_is_held_by_one(ledger):
    assert ledger.lock(["acl-1"], "one", now=100, seconds=60)
    assert not ledger.lock(["acl-1"], "two", now=101, seconds=60)
    assert ledger.lock(["acl-2"], "two", now=101, seconds=60)


def test_locks_are_taken_all_or_none(ledger):
    assert ledger.lock(["b"], "one", now=100, seconds=60)
    assert not ledger.lock(["a", "b", "c"], "two", now=100, seconds=60)
    assert ledger.lock(["a", "c"], "three", now=100, seconds=60)


def test_a_lock_lapses(distant):
    assert distant.lock(["a"], "one", now=100, seconds=60)
    assert not distant.lock(["a"], "two", now=159, seconds=60)
    assert distant.lock(["a"], "two", now=160, seconds=60)
    assert not distant.lock(["a"], "one", now=161, seconds=60)


def test_an_owner_takes_its_own_lock_for_longer(distant):
    assert distant.lock(["a"], "one", now=100, seconds=60)
    assert distant.lock(["a", "b"], "one", now=150, seconds=60)
    assert not distant.lock(["a"], "two", now=209, seconds=60)
    assert distant.lock(["a"], "two", now=210, seconds=60)


def test_a_lock_is_given_back_by_its_owner_alone(ledger):
    assert ledger.lock(["a", "b"], "one", now=100, seconds=60)
    ledger.unlock(["a", "b"], "two")
    assert not ledger.lock(["a"], "two", now=101, seconds=60)
    ledger.unlock(["a", "never taken"], "one")
    assert ledger.lock(["a"], "two", now=101, seconds=60)
    assert not ledger.lock(["b"], "two", now=101, seconds=60)


def test_who_lost_a_lapsed_lock_does_not_give_back_anothers(distant):
    assert distant.lock(["a"], "one", now=100, seconds=60)
    assert distant.lock(["a"], "two", now=200, seconds=60)
    distant.unlock(["a"], "one")
    assert not distant.lock(["a"], "three", now=201, seconds=60)


def test_as_many_locks_as_are_allowed_are_taken_together(ledger):
    many = [f"eni-{number:03}" for number in range(entries.MOST_LOCKS)]
    assert ledger.lock(iter([*many, *many]), "one", now=100, seconds=60)
    assert not ledger.lock(many[-1:], "two", now=101, seconds=60)
    ledger.unlock(iter(many), "one")
    assert ledger.lock(many, "two", now=101, seconds=60)
    with pytest.raises(ValueError, match="101 locks"):
        ledger.lock([*many, "one more"], "one", now=100, seconds=60)


def test_targets_of_any_letters_are_locked(ledger):
    odd = ["", " ", "\ud800", "\ud801", "é" * 500, "a#b", "a\x00"]
    assert ledger.lock(odd, "one", now=100, seconds=60)
    assert not any(ledger.lock([each], "two", now=101, seconds=60) for each in odd)
    ledger.unlock(odd, "one")
    assert ledger.lock(odd, "two", now=101, seconds=60)
    with pytest.raises(ValueError, match="500 characters"):
        ledger.lock(["x" * 501], "one", now=100, seconds=60)


def test_no_locks_are_taken_at_once(ledger):
    assert ledger.lock([], "one", now=100, seconds=60)
    ledger.unlock([], "one")


def test_who_holds_what_is_told_by_target(distant):
    assert distant.lock(["b", "a"], "one", now=100, seconds=60)
    assert distant.lock(["a", "b"], "one", now=130, seconds=60)
    assert distant.lock(["c"], "two", now=140, seconds=60)
    found = distant.held(iter(["c", "b", "none", "a", "b"]))
    assert [(each.target, each.owner, each.since, each.until) for each in found] == [
        ("a", "one", 100, 190),
        ("b", "one", 100, 190),
        ("c", "two", 140, 200),
    ]
    assert all(each.who and each.life is Life.UNKNOWN for each in found)
    distant.unlock(["a"], "one")
    assert [each.target for each in distant.held(["a", "b"])] == ["b"]
    assert distant.held([]) == []


def test_a_lock_that_was_taken_over_is_the_new_owners_from_then_on(distant):
    assert distant.lock(["a"], "one", now=100, seconds=60)
    assert distant.lock(["a"], "two", now=200, seconds=60)
    [held] = distant.held(["a"])
    assert (held.owner, held.since, held.until) == ("two", 200, 260)


def test_locks_are_released_in_the_place_of_one_of_whom_nothing_is_known(distant):
    many = [f"eni-{number:03}" for number in range(entries.MOST_LOCKS)]
    assert distant.lock(many, "one", now=100, seconds=60)
    distant.release(many[:-1], "one", line("released", 101))
    assert [each.target for each in distant.held(many)] == many[-1:]
    assert [each.what for each in distant.lines()] == ["released"]
    assert distant.lock(many[:-1], "two", now=101, seconds=60)


def test_what_another_holds_by_now_is_not_released(distant):
    assert distant.lock(["a"], "one", now=100, seconds=60)
    assert distant.lock(["a"], "two", now=200, seconds=60)
    distant.release(["a", "b"], "one", line("released", 201))
    assert [each.owner for each in distant.held(["a"])] == ["two"]


# Counts


def test_a_count_slides_with_its_window(ledger):
    def counted(now):
        return ledger.count("blocks", limit=2, now=now, seconds=60)

    assert [counted(now) for now in (100, 130, 140, 159)] == [True, True, False, False]
    assert [counted(now) for now in (160, 161, 189, 190)] == [True, False, False, True]


def test_counts_of_other_names_are_others(ledger):
    assert ledger.count("a", limit=1, now=100, seconds=60)
    assert ledger.count("b", limit=1, now=100, seconds=60)
    assert not ledger.count("a", limit=1, now=100, seconds=60)
    assert not ledger.count("c", limit=0, now=100, seconds=60)


def test_times_out_of_order_exceed_no_window(ledger):
    taken = [
        at
        for at in (130, 100, 129, 101, 128, 159, 160, 140, 189, 150, 191, 190, 170, 220)
        if ledger.count("a", limit=2, now=at, seconds=60)
    ]
    assert len(taken) > 3
    windows = [sum(at - 60 < each <= at for each in taken) for at in range(100, 300)]
    assert max(windows) == 2


def test_who_is_late_finds_what_was_counted_before_others_went_on(ledger):
    def counted(now):
        return ledger.count("a", limit=2, now=now, seconds=60)

    assert [counted(now) for now in (100, 100, 160)] == [True, True, True]
    assert not counted(130)  # between 71 and 130 there were two


def test_a_count_has_a_highest_limit(ledger):
    with pytest.raises(ValueError, match="10,000"):
        ledger.count("a", limit=10_001, now=100, seconds=60)


# The switch


def test_halt_and_resume_leave_their_lines(ledger):
    assert not ledger.is_halted
    ledger.halt(line("halted", reason="not sure"))
    ledger.halt(line("halted"))
    assert ledger.is_halted
    ledger.resume(line("resumed"))
    assert not ledger.is_halted
    assert [each.what for each in ledger.lines()] == ["halted", "halted", "resumed"]
