"""After a signal, a crash, a lost lock: what is half made is told, and by whom, and is finished."""

from contextlib import suppress
from dataclasses import replace

import pytest

from ringwall.app.responding.halves import half_made
from ringwall.app.responding.outcomes import Outcome
from ringwall.app.responding.reconciling import reconcile, sweep
from ringwall.app.responding.releasing import release
from ringwall.app.responding.switching import status
from ringwall.errors import CloudError, LockedError, QuestionError, StaleError
from ringwall.playbooks.commands import Desk
from ringwall.playbooks.policy import Policy
from ringwall.playbooks.records import ActionState, IncidentState
from ringwall.shell.ledger.holders import Life
from ringwall.shell.stopping import Brake
from tests.app.responding.house import OTHER, House, event
from tests.fakes.faults import FaultyCloud, Killed
from tests.fakes.watched import WatchedCloud

ASK = Policy()
CREATE, DELETE = "create_network_acl_entry", "delete_network_acl_entry"


@pytest.fixture
def house():
    return House.of()


def now(house):
    return int(house.clock.now().timestamp())


def asking(house, operation, at, does, brake=None):
    """A responder, before whose n-th call of an operation something happens."""
    brake = brake or Brake()
    left = [at]

    def tell(called, _):
        if called == operation:
            left[0] -= 1
            if not left[0]:
                does()

    return house.responder(cloud=WatchedCloud(house.cloud, tell), owner="one", brake=brake)


def crashed(house):
    """Somebody dies amid an action, who gave its locks back."""
    responder = house.responder(cloud=FaultyCloud(house.cloud, 2, "kill"), owner="one")
    with suppress(Killed):
        responder.take(event())
    [incident] = house.ledger.incidents()
    assert incident.state is IncidentState.ACTING
    return incident


class Undying:
    """A ledger whose locks nobody gives back, as when their owner dies."""

    def __init__(self, ledger):
        self.ledger = ledger

    def __getattr__(self, name):
        return getattr(self.ledger, name)

    def unlock(self, targets, owner):
        pass


def dead(house):
    """As `crashed`, and the locks stand."""
    one = house.responder(cloud=FaultyCloud(house.cloud, 2, "kill"), owner="one")
    one = replace(one, ledger=Undying(house.ledger))
    with suppress(Killed):
        one.take(event())
    [incident] = house.ledger.incidents()
    assert incident.state is IncidentState.ACTING
    return incident


def whats(house, id_):
    return [line.what for line in house.ledger.lines(id_)]


# Signals


def test_who_is_stopped_amid_an_action_says_so_and_gives_the_locks_back(house):
    before = house.account()
    brake = Brake()
    responder = asking(house, CREATE, 1, brake.ask, brake)
    with pytest.raises(KeyboardInterrupt):
        responder.take(event())
    [incident] = house.ledger.incidents()
    assert incident.state is IncidentState.FAILED
    assert len(house.denials()) == 1, "the measure that was begun is made to its end"
    last = house.ledger.lines(incident.id)[-1]
    [action] = house.ledger.actions(incident.id)
    assert (last.what, action.state) == ("interrupted", ActionState.APPLYING)
    assert f"1 of {len(action.measures)} measures were begun" in last.reason
    assert house.ledger.held(action.targets) == []
    assert reconcile(house.responder()).done == [
        f"{incident.id}: taken back, as it was begun and not ended"
    ]
    assert house.account() == before


def test_who_is_stopped_at_the_last_measure_has_done_it_and_proven_it(house):
    counted = FaultyCloud(house.cloud.copy())
    House.of().responder(cloud=counted).take(event())
    creates = [operation for _, operation in counted.seen].count(CREATE)
    brake = Brake()
    responder = asking(house, CREATE, creates, brake.ask, brake)
    with pytest.raises(KeyboardInterrupt):
        responder.take(event())
    [incident] = house.ledger.incidents()
    assert incident.state is IncidentState.IN_FORCE
    assert half_made(house.ledger, now(house), Desk()) == []


def test_who_is_stopped_twice_ends_where_it_is_and_says_so(house):
    before = house.account()
    brake = Brake()

    def twice():
        brake.ask()
        brake.ask()

    responder = asking(house, CREATE, 2, twice, brake)
    with pytest.raises(KeyboardInterrupt):
        responder.take(event())
    [incident] = house.ledger.incidents()
    assert whats(house, incident.id)[-1] == "interrupted"
    assert len(house.denials()) == 1
    reconcile(house.responder())
    assert house.account() == before


def test_who_is_stopped_amid_an_undoing_says_so_and_it_goes_on_from_there(house):
    before = house.account()
    incident = house.responder().take(event())
    brake = Brake()
    responder = asking(house, DELETE, 1, brake.ask, brake)
    with pytest.raises(KeyboardInterrupt):
        responder.undo(incident.id, "ann", "enough")
    last = house.ledger.lines(incident.id)[-1]
    assert (last.what, last.state) == ("undo interrupted", "failed")
    assert "1 of 2 measures were taken back" in last.reason
    [half] = half_made(house.ledger, now(house), Desk("net.yaml"))
    assert (half["incident"], half["actions"][0]["state"]) == (incident.id, "undoing")
    assert house.responder().undo(incident.id, "ann", "now then").state is IncidentState.CLOSED
    assert house.account() == before


def test_who_is_stopped_before_anything_was_done_leaves_nothing_half_made(house):
    brake = Brake()
    responder = asking(house, "describe_network_acls", 1, brake.ask, brake)
    with pytest.raises(KeyboardInterrupt):
        responder.take(event())
    [incident] = house.ledger.incidents()
    assert incident.state is IncidentState.OPEN
    assert not house.denials()


def test_who_is_stopped_where_nothing_can_be_written_is_stopped_all_the_same(house):
    brake = Brake()
    responder = asking(house, CREATE, 1, brake.ask, brake)

    class Away:
        """A ledger that is out of reach as soon as somebody is asked to stop."""

        def __getattr__(self, name):
            if brake.is_asked and name in {"move", "unlock"}:
                raise CloudError("dynamodb:TransactWriteItems", "Unreachable", "no answer")
            return getattr(house.ledger, name)

    with pytest.raises(KeyboardInterrupt):
        replace(responder, ledger=Away()).take(event())
    [half] = half_made(house.ledger, now(house), Desk())
    assert (half["state"], half["is_worked_on"]) == ("acting", True)


# Locks


def test_who_waits_is_told_whose_the_locks_are(house):
    incident = dead(house)
    [action] = house.ledger.actions(incident.id)
    responder = house.responder(desk=Desk("net.yaml", "l.sqlite"))
    with pytest.raises(LockedError) as caught:
        responder.undo(incident.id, "ann", "enough")
    assert f"holds {action.targets[0]}" in caught.value.message
    assert "who one is since 2026-11-23T09:00:00Z" in caught.value.message
    unlock = f"ringwall respond unlock {action.targets[0]} net.yaml --ledger l.sqlite"
    assert unlock in caught.value.hint
    house.ledger.lives["one"] = Life.ALIVE
    with pytest.raises(LockedError, match="which lives") as caught:
        responder.undo(incident.id, "ann", "enough")
    assert "unlock" not in caught.value.hint


def test_after_a_death_that_is_known_nobody_waits(house):
    before = house.account()
    incident = dead(house)
    house.ledger.lives["one"] = Life.DEAD
    assert reconcile(house.responder()).left == []
    assert house.ledger.incident(incident.id).state is IncidentState.CLOSED
    assert house.account() == before


@pytest.mark.parametrize("by_target", [True, False])
def test_a_person_releases_the_locks_of_whoever_died(house, by_target):
    incident = dead(house)
    [action] = house.ledger.actions(incident.id)
    left = reconcile(house.responder()).left
    assert [each.incident for each in left] == [incident.id]
    assert "another action holds" in left[0].why
    word = action.targets[-1] if by_target else incident.id
    released = release(house.ledger, word, "ann", "its host burnt", house.clock)
    assert {each.target for each in released} == set(action.targets)
    line = house.ledger.lines()[-1]
    assert (line.what, line.incident, line.by) == ("released", incident.id, "ann")
    assert line.reason.startswith("its host burnt (held by who one is since")
    assert reconcile(house.responder()).left == []
    with pytest.raises(StaleError, match="nobody holds a lock of"):
        release(house.ledger, incident.id, "ann", "again", house.clock)


def test_of_who_lives_nothing_is_released(house):
    incident = dead(house)
    house.ledger.lives["one"] = Life.ALIVE
    with pytest.raises(LockedError, match="who one is lives"):
        release(house.ledger, incident.id, "ann", "I am impatient", house.clock)
    assert "released" not in whats(house, incident.id)
    for word in ("acl-nobody-holds", "", "x" * 5000):
        with pytest.raises(QuestionError):
            release(house.ledger, word, "ann", "why", house.clock)


def test_a_lock_without_an_incident_is_released_by_its_target(house):
    assert house.ledger.lock(["acl-1", "acl-2"], "one", now(house), 60)
    assert [each.target for each in release(house.ledger, "acl-1", "ann", "x", house.clock)] == [
        "acl-1"
    ]


def test_who_lost_the_locks_does_nothing_more_and_takes_nothing_back(house):
    def lose():
        [action] = house.ledger.actions()
        house.ledger.unlock(action.targets, "one")
        assert house.ledger.lock(action.targets, "two", now(house), 60)

    responder = asking(house, CREATE, 1, lose)
    with pytest.raises(LockedError):
        responder.take(event())
    [incident] = house.ledger.incidents()
    assert whats(house, incident.id)[-1] == "locks lost"
    assert len(house.denials()) == 1
    [action] = house.ledger.actions(incident.id)
    assert {each.owner for each in house.ledger.held(action.targets)} == {"two"}


def test_who_waited_for_another_to_take_it_back_does_nothing_more(house):
    incident = house.responder().take(event())
    stopped = Brake()
    with suppress(KeyboardInterrupt):
        asking(house, DELETE, 1, stopped.ask, stopped).undo(incident.id, "ann", "enough")
    [action] = house.ledger.actions(incident.id)
    begun = house.ledger.incident(incident.id)
    line = house.responder().line(begun, "undoing")
    house.ledger.move(begun, IncidentState.UNDOING, line, [action])
    assert house.ledger.lock(action.targets, "another", now(house), 60)
    writes: list[str] = []

    def slept(_):
        if house.ledger.held(action.targets):
            house.ledger.unlock(action.targets, "another")
            house.responder().undo(incident.id, "bob", "I was here first")
            writes.clear()

    cloud = WatchedCloud(house.cloud, lambda called, _: writes.append(called))
    house.clock.sleep = slept
    with pytest.raises(StaleError, match="is closed by now, no longer undoing"):
        house.responder(cloud=cloud, patience=5.0).undo(incident.id, "ann", "enough")
    assert DELETE not in writes
    assert whats(house, incident.id)[-1] == "closed"


# What is told


def test_what_is_half_made_is_listed_with_who_holds_its_locks(house):
    incident = dead(house)
    [action] = house.ledger.actions(incident.id)
    told = status(house.ledger, Desk("net.yaml", "a b"), house.clock)
    assert told["schema"] == "ringwall/respond-status/1"
    [half] = told["half_made"]
    assert (half["incident"], half["state"], half["since"]) == (
        incident.id, "acting", "2026-11-23T09:00:00Z",
    )  # fmt: skip
    assert [(each["id"], each["playbook"], each["state"]) for each in half["actions"]] == [
        (action.id, "answer-port-scan", "applying")
    ]
    assert {each["target"] for each in half["locks"]} == set(action.targets)
    assert (half["is_worked_on"], half["held_by"]) == (
        True, ["who one is since 2026-11-23T09:00:00Z"],
    )  # fmt: skip
    assert half["run"] == "ringwall respond reconcile net.yaml --ledger 'a b'"
    unlock = f"ringwall respond unlock {incident.id} net.yaml --ledger 'a b' --reason WHY"
    assert half["unlock"] == unlock
    house.ledger.lives["one"] = Life.DEAD
    [half] = half_made(house.ledger, now(house), Desk())
    assert (half["is_worked_on"], half["locks"][0]["life"]) == (False, "dead")
    assert half["held_by"][0].endswith(", which is dead")


def test_what_was_told_and_proposed_is_not_half_made(house):
    house.responder(ASK).take(event())
    house.responder().take(event("e2", OTHER))
    assert half_made(house.ledger, now(house), Desk()) == []


def test_what_fails_and_is_taken_back_is_not_half_made(house):
    with suppress(CloudError):
        house.responder(cloud=FaultyCloud(house.cloud, 2, persist=99)).take(event())
    [incident] = house.ledger.incidents()
    assert incident.state is IncidentState.FAILED
    assert half_made(house.ledger, now(house), Desk()) == []


# What is left


def test_what_somebody_else_holds_is_left_and_the_rest_done(house):
    first = house.responder().take(event())
    second = house.responder().take(event("e2", OTHER))
    house.clock.advance(25 * 3600)
    [action] = house.ledger.actions(first.id)
    held = house.ledger.lock(action.targets, "another", now(house), 60)
    assert held
    swept = sweep(house.responder())
    assert {each.incident for each in swept.left} <= {first.id, second.id}
    assert [each.why.startswith("another action holds") for each in swept.left] == [True] * 2
    assert swept.exit_code == 4
    house.ledger.unlock(action.targets, "another")
    swept = sweep(house.responder())
    assert (len(swept.ended), swept.left, swept.exit_code) == (2, [], 0)


def test_where_aws_refuses_a_sweep_says_what_it_left_and_what_it_ended(house):
    first = house.responder().take(event())
    second = house.responder().take(event("e2", OTHER))
    house.clock.advance(25 * 3600)
    swept = sweep(house.responder(cloud=FaultyCloud(house.cloud, 1, persist=4)))
    assert len(swept.ended) + len(swept.left) == 2
    assert swept.ended
    [left] = swept.left
    assert left.incident in {first.id, second.id}
    assert "not all could be taken back" in left.why
    assert reconcile(house.responder()).exit_code == 0


def test_what_cannot_be_read_is_left_and_said(house):
    incident = house.responder().take(event())
    unread = FaultyCloud(house.cloud, 1, "error500", persist=99, reads=True)
    outcome = reconcile(house.responder(cloud=unread))
    assert (outcome.done, outcome.exit_code) == ([], 4)
    assert [each.incident for each in outcome.left] == [incident.id]
    assert "it cannot be told whether it still stands" in outcome.left[0].why


def test_what_somebody_else_brought_to_its_end_meanwhile_is_not_left(house):
    incident = crashed(house)
    other = house.responder()

    class Slow:
        """A ledger of which another responder is faster."""

        def __getattr__(self, name):
            return getattr(house.ledger, name)

        def incidents(self, states=()):
            found = house.ledger.incidents(states)
            if incident.state in states:
                other.undo(incident.id, "bob", "I was here first")
            return found

    late = replace(house.responder(), ledger=Slow())
    assert reconcile(late) == Outcome()
    assert whats(house, incident.id)[-1] == "closed"
