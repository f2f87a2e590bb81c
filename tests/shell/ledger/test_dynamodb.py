"""What holds for a ledger in a table: what breaks on the way, and what is asked of AWS."""

from dataclasses import replace
from itertools import count

import pytest

from ringwall.errors import CloudError, InputError, LockedError
from ringwall.playbooks.records import ActionState, IncidentState
from ringwall.shell.ledger.dynamodb import PERMISSIONS, SCHEMA, DynamoLedger
from ringwall.shell.ledger.holders import Holder
from ringwall.shell.ledger.port import Admission
from tests.fakes.clock import FakeClock
from tests.fakes.watched import WatchedCloud
from tests.shell.ledger.records import action, event, line


@pytest.fixture
def ledger(cloud, table):
    return DynamoLedger(cloud, table, clock=FakeClock())


def test_what_was_written_is_there_for_another(cloud, table, ledger):
    incident = ledger.admit(event(), now=200).incident
    assert DynamoLedger(cloud, table).incidents() == [incident]


def test_a_table_that_is_not_there_is_told_in_one_line(cloud, lab):
    with pytest.raises(InputError, match="there is no table 'nowhere' in us-east-1") as caught:
        DynamoLedger(cloud, "nowhere")
    assert caught.value.exit_code == 2


def test_a_table_that_is_no_ledger_is_told_in_one_line(cloud, lab):
    cloud.call(
        "dynamodb",
        "create_table",
        {
            "TableName": "users",
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "BillingMode": "PAY_PER_REQUEST",
        },
    )
    with pytest.raises(InputError) as caught:
        DynamoLedger(cloud, "users")
    assert caught.value.message == "table 'users' is no ledger"


def test_a_ledger_of_a_newer_version_is_told_in_one_line(cloud, table, ledger):
    item = {"pk": {"S": "LEDGER"}, "sk": {"S": "-"}, "version": {"N": "7"}}
    cloud.call("dynamodb", "put_item", {"TableName": table, "Item": item})
    with pytest.raises(InputError, match=r"newer Ringwall \(version 7\)"):
        DynamoLedger(cloud, table)


@pytest.mark.parametrize("name", ["", "no", "a b", "x/y", "é" * 5, "x" * 256, "-' OR 1"])
def test_what_is_no_name_of_a_table_is_told_before_aws_is_asked(cloud, lab, name):
    asked = []
    watched = WatchedCloud(cloud, lambda operation, _: asked.append(operation))
    with pytest.raises(InputError, match=r"no table is named|is no name of a table") as caught:
        DynamoLedger(watched, name)
    assert "dynamodb:TABLE" in caught.value.hint
    assert asked == []


def test_of_a_process_that_lives_here_no_lock_is_released(cloud, table, ledger):
    assert ledger.lock(["a"], "one", 100, 60)
    other = DynamoLedger(cloud, table)
    with pytest.raises(LockedError, match="lives, and holds the lock of a"):
        other.release(["a"], "one", line())
    assert other.lines() == []
    assert [each.owner for each in other.held(["a"])] == ["one"]


@pytest.mark.parametrize("here", [Holder("function responder"), replace(Holder.this(), born=1)])
def test_of_a_function_or_of_who_is_dead_a_lock_is_released(cloud, table, here):
    there, ledger = DynamoLedger(cloud, table, here=here), DynamoLedger(cloud, table)
    assert there.lock(["a", "b"], "one", 100, 60)
    assert not ledger.lock(["a"], "two", 159, 60), "it does not give way by itself"
    assert ledger.held(["a"])[0].who == here.text
    ledger.release(["a", "b"], "one", line("released"))
    assert ledger.lock(["a", "b"], "two", 101, 60)
    assert [each.what for each in ledger.lines()] == ["released"]


def everything(ledger):
    """Use every method, and return what is there in the end."""
    first = ledger.admit(event(), now=200).incident
    assert ledger.admit(event(), now=200).admission is Admission.KNOWN
    assert ledger.admit(event("e2"), now=201).admission is Admission.AGAIN
    there = action(first, state=ActionState.IN_FORCE, expires=500)
    moved = ledger.move(first, IncidentState.ACTING, line(at=210), [there])
    assert ledger.due(500) == [there]
    ledger.write(line(incident=first.id), [action(first, state=ActionState.UNDONE, expires=500)])
    moved = ledger.move(moved, IncidentState.UNDOING, line(at=220))
    ledger.move(moved, IncidentState.CLOSED, line(at=230))
    assert ledger.due(999) == []
    assert ledger.lock(["a", "b"], "one", 100, 60)
    assert not ledger.lock(["b", "c"], "two", 100, 60)
    ledger.unlock(["a", "b"], "one")
    assert ledger.lock(["b", "c"], "two", 100, 60)
    assert [ledger.count("n", 1, 100, 60) for _ in range(2)] == [True, False]
    ledger.halt(line())
    assert ledger.is_halted
    ledger.resume(line())
    assert not ledger.is_halted
    assert [each.number for each in ledger.lines()] == [*range(1, 9)]
    return ledger.incidents(), ledger.actions(), ledger.lines(), ledger.lines(first.id)


@pytest.mark.parametrize("mode", ["throttle", "error500", "cut-before", "cut-after"])
def test_a_request_that_breaks_is_made_again_and_carried_out_once(cloud, table, lab, ledger, mode):
    whole = everything(ledger)
    requests = len(lab.calls)
    # One of the requests breaks, the whole story told anew each time.
    for number in range(1, requests - 2, 3 if mode == "cut-after" else 7):
        lab.reset()
        cloud.call("dynamodb", "create_table", {"TableName": table, **SCHEMA})
        again = DynamoLedger(cloud, table, clock=FakeClock())
        lab.fail(number, mode)
        assert everything(again) == whole, number
        assert not lab.faults.armed


def test_throttling_without_end_is_told_after_a_bounded_number_of_tries(lab, ledger):
    lab.fail(1, "throttle", persist=10_000)
    with pytest.raises(CloudError) as caught:
        ledger.write(line())
    assert caught.value.retryable
    assert len(lab.calls) < 50


def test_an_answer_that_never_comes_is_told_after_a_bounded_number_of_tries(lab, ledger):
    lab.fail(1, "cut-after", persist=10_000, writes_only=True)
    with pytest.raises(CloudError) as caught:
        ledger.write(line())
    assert caught.value.unclear
    assert len(lab.calls) < 50
    lab.faults.clear()
    # It was carried out, and once.
    assert [each.number for each in ledger.lines()] == [1]


def test_who_is_always_late_gives_up(cloud, table, ledger):
    writes = []

    def write(operation, _):
        """Take the next line's number before each of our writes."""
        if operation == "transact_write_items":
            writes.append(operation)
            ledger.write(line())

    late = WatchedCloud(cloud, write)
    clock = FakeClock()
    with pytest.raises(CloudError, match="kept busy") as caught:
        DynamoLedger(late, table, clock=clock).write(line("never"))
    assert caught.value.retryable
    assert len(writes) == 100
    assert clock.passed < 60
    assert "never" not in {each.what for each in ledger.lines()}


def test_the_calls_need_the_permissions_that_are_declared_and_no_others(lab, ledger):
    """TransactWriteItems needs PutItem and DeleteItem (DynamoDB guide, IAM and transactions)."""
    del lab.calls[:]
    everything(ledger)
    actions = {f"{service}:{name}" for service, name, _ in lab.calls}
    assert "dynamodb:TransactWriteItems" in actions
    needed = (actions - {"dynamodb:TransactWriteItems"}) | {
        "dynamodb:PutItem",
        "dynamodb:DeleteItem",
    }
    assert sorted(needed) == sorted(PERMISSIONS)


def test_no_table_is_scanned(lab, ledger):
    everything(ledger)
    assert {name for _, name, _ in lab.calls} & {"Scan", "ParallelScan"} == set()


def test_every_read_is_of_what_is_there_now(cloud, table):
    """ "Reads are eventually consistent, unless you specify otherwise." (DynamoDB guide)"""
    seen = []
    everything(DynamoLedger(WatchedCloud(cloud, lambda *asked: seen.append(asked)), table))
    reads = {
        str(each)
        for operation, request in seen
        if operation != "transact_write_items"
        for each in request.get("RequestItems", {"": request}).values()
        if each.get("ConsistentRead") is not True
    }
    assert len(seen) > 50
    assert reads == set()


@pytest.mark.parametrize("query", [1, 2])
def test_an_incident_that_ends_while_they_are_listed_is_not_missed(cloud, table, ledger, query):
    incident = ledger.admit(event(), now=200).incident
    other = ledger.admit(event("e2", "203.0.113.10"), now=200).incident
    queries = count(1)

    def end(operation, _):
        """Before the first or the second of the queries, one ends."""
        if operation == "query" and next(queries) == query:
            ledger.move(incident, IncidentState.CLOSED, line())

    listed = DynamoLedger(WatchedCloud(cloud, end), table).incidents()
    assert next(queries) == 3
    assert sorted(each.id for each in listed) == sorted([incident.id, other.id])


@pytest.mark.parametrize("request_number", range(1, 5))
def test_an_incident_that_ends_while_it_is_read_is_found(cloud, table, ledger, request_number):
    incident = ledger.admit(event(), now=200).incident
    requests = count(1)

    def end(_, __):
        if next(requests) == request_number + 1:  # the first opens the ledger
            ledger.move(incident, IncidentState.CLOSED, line())

    watched = DynamoLedger(WatchedCloud(cloud, end), table)
    assert watched.incident(incident.id).id == incident.id
    assert watched.admit(event("e2"), now=300).incident.subject == incident.subject
    assert {each.id[-2:] for each in ledger.incidents()} in ({"-1"}, {"-1", "-2"})
