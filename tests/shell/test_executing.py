"""Order, parallel steps, failures and interruptions."""

import threading

import pytest

from ringwall.errors import CloudError, LockedError, PartialError, RingwallError
from ringwall.model.calls import Call, Wait
from ringwall.shell.executing import execute
from ringwall.shell.journal import Journal
from tests.fakes.clock import FakeClock
from tests.fakes.scripted import ScriptedCloud, in_turn, refusal
from tests.shell.plans import plan, settings, step

WAIT = 10  # seconds; a test that hangs fails


def call(name):
    return Call("ec2", name, {})


def numbered(*after_of, **options):
    """Steps 0, 1, … whose calls are named after them; `after_of` says what comes before each."""
    return [
        step(n, call(f"do_{n}"), key=str(n), after=a, **options) for n, a in enumerate(after_of)
    ]


def test_steps_run_lowest_number_first_among_those_that_may():
    steps = numbered((), (3,), (), (), (1,))
    cloud = ScriptedCloud(**{f"do_{n}": in_turn({}) for n in range(5)})
    outcome = execute(plan(*reversed(steps)), cloud, settings=settings())
    assert [name for name, _ in cloud.calls] == ["do_0", "do_2", "do_3", "do_1", "do_4"]
    assert outcome.done == (0, 1, 2, 3, 4)


def test_independent_steps_run_at_the_same_time_and_dependent_ones_do_not():
    both = threading.Barrier(2)
    done = []

    def meet(_request):
        both.wait(WAIT)
        done.append("met")
        return {}

    def last(_request):
        done.append("last")
        return {}

    cloud = ScriptedCloud(do_0=meet, do_1=meet, do_2=last)
    execute(plan(*numbered((), (), (0, 1))), cloud, settings=settings(workers=8))
    assert done == ["met", "met", "last"]


def test_after_a_failure_nothing_new_begins_and_what_runs_is_let_finish():
    failed = threading.Event()

    def fail(_request):
        failed.set()
        raise refusal("do_0", "Boom", "no luck")

    def slow(_request):
        assert failed.wait(WAIT)
        return {}

    cloud = ScriptedCloud(do_0=fail, do_1=slow, do_2=in_turn({}), do_3=in_turn({}))
    steps = numbered((), (), (1,), (0,))
    with pytest.raises(PartialError) as caught:
        execute(plan(*steps), cloud, settings=settings(workers=2))
    assert caught.value.message == (
        "1 of 4 steps were done; create VPC 0: ec2:Do0: Boom: no luck; "
        "not begun: create VPC 2, create VPC 3"
    )
    assert "goes on from what is there" in caught.value.hint
    assert isinstance(caught.value.__cause__, CloudError)


def test_a_failure_before_anything_was_done_is_told_as_it_is():
    cloud = ScriptedCloud(do_0=in_turn(refusal("do_0", "UnauthorizedOperation")))
    with pytest.raises(CloudError, match="UnauthorizedOperation"):
        execute(plan(*numbered((), (0,))), cloud, settings=settings())


def test_every_step_has_an_end_in_the_journal_and_a_complete_run_leaves_no_doubt(tmp_path):
    journal = Journal(tmp_path / "lab" / "journal.jsonl", FakeClock())
    cloud = ScriptedCloud(do_0=in_turn({}), do_1=in_turn({}))
    execute(plan(*numbered((), (0,))), cloud, journal, settings=settings())
    events = [line.split('"event": "')[1].split('"')[0] for line in _lines(journal)]
    assert events == ["run", "begin", "end", "begin", "end", "complete"]
    assert Journal(journal.path).doubtful == frozenset()


def _lines(journal):
    return [line for line in journal.path.read_text().splitlines() if line]


def test_the_guard_is_asked_before_every_step():
    asked = []

    def guard():
        asked.append(1)
        if len(asked) == 2:
            message = "lost"
            raise LockedError(message)

    cloud = ScriptedCloud(do_0=in_turn({}))
    with pytest.raises(PartialError, match="lost"):
        execute(plan(*numbered((), (0,))), cloud, settings=settings(guard=guard))


def test_an_interrupt_lets_a_wait_end_and_leaves_the_step_in_doubt(tmp_path):
    begun = threading.Event()

    class Clock(FakeClock):
        def sleep(self, seconds):
            super().sleep(seconds)
            begun.set()

    asked = []

    def guard_of_the_second():
        asked.append(1)
        if len(asked) > 1:
            assert begun.wait(WAIT)
            raise KeyboardInterrupt

    wait = Wait("describe_vpcs", {}, "Vpcs[].State", frozenset({"ok"}), timeout=10**9)
    cloud = ScriptedCloud(do_0=in_turn({}), describe_vpcs=in_turn({"Vpcs": [{"State": "pending"}]}))
    journal = Journal(tmp_path / "journal.jsonl", FakeClock())
    steps = (step(0, Call("ec2", "do_0", {}, waits_for=(wait,)), key="0"), *numbered((), ())[1:])
    with pytest.raises(KeyboardInterrupt):
        execute(
            plan(*steps),
            cloud,
            journal,
            settings=settings(Clock(), workers=2, guard=guard_of_the_second),
        )
    assert Journal(journal.path).doubtful == {("AWS::EC2::VPC", "0")}


def test_progress_is_told_of_every_step():
    told: list[object] = []

    class Progress:
        def reading(self, done, total, name):
            told.append((done, total, name))

        def started(self, step):
            told.append(("started", step.key))

        def waiting(self, step, state):
            told.append((state, step.key))

        def finished(self, step, seconds):
            told.append(("finished", step.key, seconds))

        def failed(self, step, error):
            assert isinstance(error, RingwallError)
            told.append(("failed", step.key))

    cloud = ScriptedCloud(do_0=in_turn({}), do_1=in_turn(refusal("do_1", "Boom")))
    with pytest.raises(PartialError):
        execute(plan(*numbered((), (0,))), cloud, None, Progress(), settings())
    assert told == [("started", "0"), ("finished", "0", 0.0), ("started", "1"), ("failed", "1")]
