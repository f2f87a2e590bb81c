"""What Lambda delivers is answered, each record by itself, and told in lines of JSON."""

import json
from dataclasses import dataclass, field
from functools import partial

import pytest

from ringwall.app.responding.guarding import check, drift
from ringwall.app.responding.naming_offenders import ByLogs
from ringwall.app.responding.outcomes import Left, Outcome
from ringwall.app.responding.reconciling import reconcile, sweep
from ringwall.app.responding.serving import Log, Service
from ringwall.errors import LockedError, OutsideError
from ringwall.playbooks.records import IncidentState
from tests.app.responding import deliveries as given
from tests.app.responding.house import OFFENDER, House
from tests.app.responding.logs import deliver, knocks, line
from tests.fakes.clock import FakeClock

CHANGED = 1_795_682_496  # of the alarm in deliveries.py
SSH = "UnauthorizedAccess:EC2/SSHBruteForce"
SECRET = "hooks.example/T0/secret"


@dataclass
class Served:
    """A service over a small network, and what it logged."""

    house: House
    place: str = ""
    written: list[str] = field(default_factory=list)

    def deliver(self, document, responder=None):
        log = Log(self.written.append, self.house.clock, "r-1")
        if self.place and responder is None:
            who = ByLogs.of(self.place, self.house.wanted, FakeClock(), None)
            responder = self.house.responder(who=who)
        answers = responder or self.house.responder()

        def reconciled():
            broken = isinstance(answers, Broken)
            return Outcome(["one", "two"]) if broken else reconcile(answers)

        def swept():
            return answers.sweep() if isinstance(answers, Broken) else sweep(answers)

        compares = partial(drift, answers), partial(check, answers)
        return Service(answers, log, swept, reconciled, *compares).deliver(document)

    @property
    def steps(self):
        return [json.loads(text) for text in self.written]

    def states(self):
        return [each.state for each in self.house.ledger.incidents()]


@pytest.fixture
def served():
    return Served(House.of())


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("suspicious-traffic", knocks(OFFENDER, CHANGED - 300)),
        ("PROD-Suspicious-Traffic", knocks(OFFENDER, CHANGED - 300)),
    ],
)
def test_an_alarm_is_answered_at_the_address_that_the_logs_show(served, tmp_path, name, lines):
    others = [line("198.51.100.99", "10.0.0.9", 22, CHANGED - 400 + n) for n in range(5)]
    accepted = [line("198.51.100.50", "10.0.0.9", 443, CHANGED - n, "ACCEPT") for n in range(90)]
    deliver(tmp_path, CHANGED - 60, [*lines, *others, *accepted])
    served.place = str(tmp_path)
    message = given.sns(given.alarm(AlarmName=name))
    assert served.deliver(message) == {"taken": True}
    assert served.states() == [IncidentState.IN_FORCE]
    assert {cidr for *_, cidr in served.house.denials()} == {f"{OFFENDER}/32"}
    assert served.deliver(message) == {"taken": True}
    assert len(served.states()) == 1
    event, incident = (s for s in served.steps[:2])
    assert (event["step"], event["parties"], incident["step"]) == ("event", 0, "answered")
    [told] = incident["incidents"]
    assert (told["state"], told["parties"]) == ("in-force", [f"source={OFFENDER}"])
    assert told["looked"]["records"] == len(lines) + 95
    assert {step["request"] for step in served.steps} == {"r-1"}


def test_an_alarm_about_which_the_logs_show_nothing_blocks_nobody(served, tmp_path):
    deliver(tmp_path, CHANGED - 60, [line(OFFENDER, "10.0.0.9", 22, CHANGED - 60)])
    served.place = str(tmp_path)
    served.deliver(given.sns(given.alarm()))
    assert served.states() == [IncidentState.REFUSED]
    assert served.house.denials() == set()


def test_a_record_that_is_wrong_stops_no_other_and_is_raised_at_the_end(served):
    good = given.guardduty(SSH, given.connection())
    document = given.sns("{", good, given.alarm(NewStateValue="OK"))
    with pytest.raises(OutsideError) as caught:
        served.deliver(document)
    assert "event.Records[0].Sns.Message: it is no JSON" in caught.value.message
    assert served.states() == [IncidentState.IN_FORCE]
    assert [s["step"] for s in served.steps] == ["failed", "event", "answered", "passed over"]


def test_of_a_queue_only_the_records_that_failed_come_again(served):
    good = given.guardduty(SSH, given.connection())
    assert served.deliver(given.sqs("{", good, {"no": "event"})) == {
        "batchItemFailures": [{"itemIdentifier": "q-0"}, {"itemIdentifier": "q-2"}]
    }
    assert served.states() == [IncidentState.IN_FORCE]
    assert served.deliver(given.sqs(good)) == {"batchItemFailures": []}


class Broken:
    """A responder that fails, as one that is locked or has a fault."""

    account = ""

    def __init__(self, error):
        self.error = error

    def answer(self, event):
        raise self.error

    def sweep(self):
        if isinstance(self.error, Outcome):
            return self.error
        raise self.error


def test_what_fails_is_raised_so_that_it_comes_again(served):
    locked = Broken(LockedError("another action holds acl-1"))
    with pytest.raises(OutsideError, match="another action holds acl-1"):
        served.deliver(given.guardduty(SSH, given.connection()), locked)


def test_a_fault_is_raised_without_the_words_of_whoever_raised_it(served):
    with pytest.raises(OutsideError) as caught:
        served.deliver(
            given.guardduty(SSH, given.connection()), Broken(ValueError(f"https://{SECRET}"))
        )
    assert SECRET not in str(caught.value)
    assert caught.value.__cause__ is None
    assert SECRET not in "".join(served.written)
    assert served.steps[-1]["kind"] == "ValueError"
    assert served.steps[-1]["at_line"].startswith("tests.app.responding.test_serving:")


def test_a_schedule_sweeps_and_reconciles(served):
    served.deliver(given.guardduty(SSH, given.connection()))
    served.house.clock.advance(25 * 3600)
    served.deliver(given.eventbridge("Scheduled Event", {}))
    assert served.states() == [IncidentState.CLOSED]
    assert served.house.denials() == set()
    assert [s["step"] for s in served.steps[-2:]] == ["swept", "reconciled"]


def test_a_sweep_that_fails_lets_the_reconciling_go_on(served):
    with pytest.raises(OutsideError):
        served.deliver(
            given.eventbridge("Scheduled Event", {}), Broken(OutsideError("AWS is away"))
        )
    assert served.steps[-1]["done"] == ["one", "two"]


def test_what_a_sweep_has_left_is_raised_after_what_it_ended_was_told(served):
    swept = Outcome(left=[Left("i-1", "another action holds acl-1"), Left("i-2", "AWS is away")])
    with pytest.raises(OutsideError, match="i-1: another action holds acl-1; and 1 more"):
        served.deliver(given.eventbridge("Scheduled Event", {}), Broken(swept))
    assert [s["step"] for s in served.steps] == ["swept", "failed", "reconciled"]


def test_what_waits_for_a_person_is_no_fault_of_a_reconciling():
    left = [Left("i-1", "block-source is not enabled", is_lasting=True)]
    assert Outcome(left=left).error() is None
    assert Outcome(left=left).exit_code == 4


@pytest.mark.parametrize(
    ("word", "steps"), [("drift", ["reconciled", "compared"]), ("check", ["checked"])]
)
def test_a_schedule_compares_with_what_was_meant(served, word, steps):
    assert served.deliver({"ringwall": word}) == {"taken": True}
    assert [s["step"] for s in served.steps] == steps
    assert served.steps[-1]["incidents"] == []


def test_detections_are_not_in_the_package_and_sweep(served):
    served.deliver({"ringwall": "detections"})
    assert [s["step"] for s in served.steps] == ["swept", "passed over"]


def test_an_event_of_another_account_is_passed_over(served):
    told = given.guardduty(SSH, given.connection())
    mine = served.house.responder(account=told["detail"]["accountId"])
    other = served.house.responder(account="999999999999")
    served.deliver(told, other)
    [step] = served.steps
    assert step["step"] == "passed over"
    assert step["why"].endswith("and this is 999999999999")
    assert served.states() == []
    served.deliver(told, mine)
    assert len(served.states()) == 1
