"""Whatever is asked of a ledger in whatever order, it answers as the plain one in memory does."""

import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from ringwall.errors import RingwallError
from ringwall.playbooks.records import ActionState, IncidentState
from ringwall.shell.ledger.dynamodb import SCHEMA, DynamoLedger
from ringwall.shell.ledger.sqlite import SqliteLedger
from tests.fakes.ledger import MemoryLedger
from tests.shell.ledger.conftest import NOWHERE
from tests.shell.ledger.records import action, event, line

TIMES = st.integers(100, 400)
TARGETS = st.lists(st.sampled_from(["acl-1", "acl-2", "eni-1", "eni-2"]), max_size=4)
OWNERS = st.sampled_from(["one", "two", "three"])
ACTIONS = st.lists(
    st.tuples(
        st.sampled_from(["a1", "a2", "a3"]),
        st.sampled_from(ActionState),
        st.sampled_from([0, 150, 250, 350]),
        TIMES,
    ),
    max_size=3,
    unique_by=lambda each: each[0],
)
FACTS = st.dictionaries(
    st.text(max_size=5),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
        max_leaves=5,
    ),
    max_size=3,
)


def asked(ledger, name, *arguments):
    """Return what a method returns, or which error it raises."""
    try:
        return getattr(ledger, name)(*arguments)
    except (RingwallError, ValueError) as error:
        return type(error), str(error)


class Ledgers(RuleBasedStateMachine):
    seen = Bundle("seen")

    def make(self):
        raise NotImplementedError

    @initialize()
    def begin(self):
        self.model, self.ledger = MemoryLedger(), self.make()

    def both(self, name, *arguments):
        """Ask both, and return what both answer."""
        expected = asked(self.model, name, *arguments)
        found = asked(self.ledger, name, *arguments)
        assert repr(found) == repr(expected)
        return found

    @rule(
        target=seen,
        number=st.integers(0, 30),
        who=st.integers(1, 3),
        now=TIMES,
        severity=st.integers(0, 100),
        evidence=FACTS,
    )
    def admit(self, number, who, now, severity, evidence):
        told = event(
            f"e{number}",
            f"203.0.113.{who}",
            first=now - 60,
            last=now,
            severity=severity,
            evidence=evidence,
        )
        return self.both("admit", told, now).incident

    @rule(target=seen, incident=seen, state=st.sampled_from(IncidentState), at=TIMES, made=ACTIONS)
    def move(self, incident, state, at, made):
        """Of incidents as they were seen at some time."""
        actions = [
            action(incident, id_, *rest[:1], expires=rest[1], made=rest[2]) for id_, *rest in made
        ]
        found = self.both("move", incident, state, line(f"to {state}", at), actions)
        return multiple() if isinstance(found, tuple) else found

    @rule(target=seen, incident=consumes(seen))
    def look(self, incident):
        return self.both("incident", incident.id)

    @rule(incident=seen, at=TIMES, made=ACTIONS, facts=FACTS)
    def write(self, incident, at, made, facts):
        actions = [
            action(incident, id_, *rest[:1], expires=rest[1], made=rest[2]) for id_, *rest in made
        ]
        self.both("write", line("noted", at, incident.id, facts=facts), actions)

    @rule(held=TARGETS, owner=OWNERS, now=TIMES, seconds=st.sampled_from([1, 60]))
    def lock(self, held, owner, now, seconds):
        self.both("lock", held, owner, now, seconds)

    @rule(held=TARGETS, owner=OWNERS, at=TIMES)
    def release(self, held, owner, at):
        self.both("release", held, owner, line("released", at))

    @rule(held=TARGETS)
    def held(self, held):
        found = [self.model.held(held), self.ledger.held(held)]
        told = [[replace(each, who="") for each in one] for one in found]
        assert told[0] == told[1]

    @rule(held=TARGETS, owner=OWNERS)
    def unlock(self, held, owner):
        self.both("unlock", held, owner)

    @rule(name=st.sampled_from("ab"), limit=st.integers(0, 3), ahead=st.integers(-59, 20))
    def count(self, name, limit, ahead):
        """By clocks that differ by less than the window."""
        newest = max(self.model.counts.get(name, [200]) or [200])
        self.both("count", name, limit, newest + ahead, 60)

    @rule(name=st.sampled_from(["halt", "resume"]), at=TIMES)
    def switch(self, name, at):
        self.both(name, line(name, at))

    @rule(now=TIMES)
    def due(self, now):
        self.both("due", now)

    @rule(states=st.sets(st.sampled_from(IncidentState)))
    def listing(self, states):
        self.both("incidents", states)

    @rule(incident=seen, after=st.integers(0, 40))
    def reading(self, incident, after):
        self.both("lines", incident.id, after)
        self.both("actions", incident.id)

    @invariant()
    def same(self):
        if hasattr(self, "ledger"):
            assert self.ledger.is_halted is self.model.is_halted
            for name in ("incidents", "actions", "lines"):
                self.both(name)


def test_a_file_is_as_the_model():
    class InFile(Ledgers):
        def make(self):
            self.folder = tempfile.TemporaryDirectory()
            path = Path(self.folder.name) / "l.sqlite"
            return SqliteLedger(path, create=True, here=NOWHERE)

        @rule()
        def open_again(self):
            self.ledger.close()
            self.ledger = SqliteLedger(self.ledger.path, here=NOWHERE)

        def teardown(self):
            if hasattr(self, "folder"):
                self.ledger.close()
                self.folder.cleanup()

    run_state_machine_as_test(
        InFile, settings=settings(max_examples=40, stateful_step_count=30, deadline=None)
    )


@pytest.mark.parametrize("examples", [5, pytest.param(200, marks=pytest.mark.campaign)])
def test_a_table_is_as_the_model(lab, cloud, examples):
    class InTable(Ledgers):
        def make(self):
            lab.reset()
            cloud.call("dynamodb", "create_table", {"TableName": "table", **SCHEMA})
            return DynamoLedger(cloud, "table", here=NOWHERE)

    run_state_machine_as_test(
        InTable,
        settings=settings(
            max_examples=examples,
            stateful_step_count=30,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
