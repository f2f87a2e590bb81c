"""Somebody else is faster, between what a ledger in a table reads and what it writes."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from ringwall.errors import StaleError
from ringwall.playbooks.records import ActionState, IncidentState
from ringwall.shell.ledger.dynamodb import DynamoLedger
from ringwall.shell.ledger.port import Admission
from tests.fakes.clock import FakeClock
from tests.fakes.watched import WatchedCloud
from tests.shell.ledger.records import action, event, line

S = IncidentState


@pytest.fixture
def other(cloud, table):
    """Who is faster."""
    return DynamoLedger(cloud, table)


@pytest.fixture
def late(cloud, table):
    """A ledger, before whose next write something happens: `late(does)`."""
    happens: list[Callable[[], object]] = []

    def tell(operation, _):
        if operation == "transact_write_items" and happens:
            happens.pop()()

    ledger = DynamoLedger(WatchedCloud(cloud, tell), table, clock=FakeClock())

    def before_the_next_write(does):
        happens.append(does)
        return ledger

    return before_the_next_write


def test_the_same_event_is_known(other, late):
    found = late(lambda: other.admit(event(), 200)).admit(event(), 201)
    assert found.admission is Admission.KNOWN
    assert found.incident == other.incidents()[0]
    assert (found.incident.events, len(other.lines())) == (1, 1)


def test_another_event_has_opened_the_incident(other, late):
    found = late(lambda: other.admit(event("e2"), 200)).admit(event(), 201)
    assert (found.admission, found.incident.events) == (Admission.AGAIN, 2)
    assert other.incidents() == [found.incident]


def test_another_event_was_counted(other, late):
    other.admit(event(), 200)
    found = late(lambda: other.admit(event("e2", last=900), 200)).admit(event("e3"), 201)
    assert (found.incident.events, found.incident.last) == (3, 900)


def test_an_incident_has_ended_before_its_next_event(other, late):
    incident = other.admit(event(), 200).incident
    ledger = late(lambda: other.move(incident, S.CLOSED, line()))
    found = ledger.admit(event("e2"), 201)
    assert (found.admission, found.incident.id[-2:]) == (Admission.NEW, "-2")
    assert [each.events for each in other.incidents()] == [1, 1]


def test_an_event_before_a_move_is_not_lost(other, late):
    incident = other.admit(event(), 200).incident
    moved = late(lambda: other.admit(event("e2"), 200)).move(incident, S.ACTING, line())
    assert (moved.events, moved.state) == (2, S.ACTING)
    assert other.incident(incident.id) == moved
    assert [each.number for each in other.lines()] == [1, 2, 3]


def test_another_move_makes_this_one_stale(other, late):
    incident = other.admit(event(), 200).incident
    ledger = late(lambda: other.move(incident, S.PROPOSED, line()))
    with pytest.raises(StaleError):
        ledger.move(incident, S.ACTING, line(), [action(incident)])
    assert (other.incident(incident.id).state, other.actions()) == (S.PROPOSED, [])


def test_a_lock_was_taken(other, late):
    ledger = late(lambda: other.lock(["b"], "two", 100, 60))
    assert not ledger.lock(["a", "b"], "one", 100, 60)
    assert other.lock(["a"], "three", 100, 60)


def test_a_lapsed_lock_was_taken_over_before_it_is_given_back(other, late):
    assert other.lock(["a"], "one", 100, 60)
    ledger = late(lambda: other.lock(["a"], "two", 160, 60))
    ledger.unlock(["a"], "one")
    assert not other.lock(["a"], "three", 161, 60)


@pytest.mark.parametrize("before", [0, 1])
def test_the_last_of_a_count_was_taken(other, late, before):
    for _ in range(before):
        assert other.count("n", 2, 100, 60)
    ledger = late(lambda: [other.count("n", before + 1, 100, 60)])
    assert not ledger.count("n", before + 1, 100, 60)


def test_an_action_was_written_with_another_expiry(other, late):
    incident = other.admit(event(), 200).incident
    soon = action(incident, state=ActionState.IN_FORCE, expires=500)
    later = replace(soon, expires=900)
    late(lambda: other.write(line(), [soon])).write(line(), [later])
    assert (other.due(899), other.due(900)) == ([], [later])


def test_an_action_was_undone_before_it_is_written_for_longer(other, late):
    incident = other.admit(event(), 200).incident
    there = action(incident, state=ActionState.IN_FORCE, expires=500)
    other.write(line(), [there])
    undone = replace(there, state=ActionState.UNDONE)
    ledger = late(lambda: other.write(line(), [undone]))
    with pytest.raises(StaleError):
        ledger.write(line("extended"), [replace(there, expires=900)])
    assert (other.actions(), other.due(999)) == ([undone], [])


def test_the_next_number_was_taken(other, late):
    late(lambda: other.halt(line("first"))).write(line("second"))
    assert [(each.number, each.what) for each in other.lines()] == [(1, "first"), (2, "second")]
