"""A fault at every call of every playbook, and of its undoing: the journal tells the truth.

After the fault another process reconciles. What a response changes at AWS is then as before it,
or as after it, and the ledger says which.
"""

from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from itertools import cycle
from random import Random

import pytest

from ringwall.app.demo import CREDENTIALS, FORBIDDEN
from ringwall.app.responding.outcomes import Outcome
from ringwall.app.responding.reconciling import reconcile
from ringwall.errors import RingwallError
from ringwall.lab.server import Lab
from ringwall.playbooks import registry
from ringwall.playbooks.records import ENDED, ActionState, Incident, IncidentState
from ringwall.playbooks.undone import Undone
from tests.app.responding.attacked import Attacked, stories
from tests.fakes.faults import MODES, FaultMode, FaultyCloud, Killed

EVERY_MODE: tuple[FaultMode, ...] = (*MODES, "kill")
LASTING = 9_999
READER = "block-source"  # reads nothing but the account
STORIES = sorted(registry())


@pytest.fixture(scope="module")
def attacked() -> Iterator[Attacked]:
    with pytest.MonkeyPatch.context() as patch, Lab() as lab:
        for name in FORBIDDEN:
            patch.delenv(name, raising=False)
        for name, value in CREDENTIALS.items():
            patch.setenv(name, value)
        made = Attacked.of(lab)
        # A quarantine that is made once stays, and no response makes it twice.
        respond(made, "isolate-instance")
        undo(made)
        yield made


def respond(house: Attacked, story: str, cloud: FaultyCloud | None = None) -> Incident:
    responder = house.responder(cloud)
    incident = responder.take(stories(house)[story], story)
    if incident.state is IncidentState.PROPOSED:
        incident = responder.approve(incident.id, "ann", "go")
    return incident


def undo(house: Attacked, cloud: FaultyCloud | None = None) -> None:
    [incident] = house.ledger.incidents()
    house.responder(cloud).undo(incident.id, "ann", "enough")


@pytest.mark.parametrize("story", STORIES)
def test_what_an_undo_says_is_so(attacked: Attacked, story: str):
    """All that is read with the network is compared, the rest is named."""
    house = attacked.anew()
    before = house.state()
    respond(house, story)
    [action] = house.ledger.actions()
    undo(house)
    assert house.state() == before
    [done] = house.ledger.actions()
    said = Undone.of(done)
    assert (said.differs, said.beside) == ((), ())
    told = " ".join(said.lines)
    for measure in action.measures:
        target = str(measure["target"])
        named = action.facts["touched"].get(target, {"name": measure["text"]})["name"]
        assert named in told, measure["text"]
    assert said.as_before is (True if action.facts["touched"] else None)
    assert ("everybody reaches what they did" in told) is bool(said.as_before)


def tell(house: Attacked, story: str, way: str, cloud: FaultyCloud) -> None:
    if way == "act":
        respond(house, story, cloud)
    else:
        undo(house, cloud)


class Trial:
    """What a story changes, and how many calls it and its undoing make."""

    def __init__(self, attacked: Attacked, story: str) -> None:
        self.attacked, self.story = attacked, story
        house = attacked.anew()
        self.before = house.state()
        counted = FaultyCloud(house.cloud, reads=True)
        assert respond(house, story, counted).state is IncidentState.IN_FORCE
        self.calls = {"act": list(counted.seen)}
        self.after = house.state()
        assert self.after != self.before
        counted = FaultyCloud(house.cloud, reads=True)
        undo(house, counted)
        self.calls["undo"] = list(counted.seen)
        assert house.state() == self.before

    def strike(self, way: str, number: int, mode: FaultMode, persist: int = 1) -> None:
        """Break a call; reconcile; hold the ledger against AWS; and leave all as it was."""
        house = self.attacked.anew()
        if way == "undo":
            respond(house, self.story)
        faulty = FaultyCloud(house.cloud, number, mode, persist=persist, reads=True)
        with suppress(RingwallError, Killed):
            tell(house, self.story, way, faulty)
        house.clock.advance(3600)  # whoever died holds its locks no longer
        for _ in range(3):
            if reconcile(house.responder()) == Outcome():
                break
        self.judge(house, (self.story, way, number, mode, persist))
        for incident in house.ledger.incidents((IncidentState.IN_FORCE,)):
            house.responder().undo(incident.id, "ann", "enough")
        assert house.state() == self.before

    def judge(self, house: Attacked, what: object) -> None:
        [incident] = house.ledger.incidents()
        stands = [a for a in house.ledger.actions() if a.state is ActionState.IN_FORCE]
        now = house.state()
        if incident.state is IncidentState.IN_FORCE:
            assert (len(stands), now) == (1, self.after), what
        else:
            assert incident.state in {*ENDED, IncidentState.PROPOSED}, (what, incident.state)
            assert (stands, now) == ([], self.before), what
        lines = house.ledger.lines(incident.id)
        states = [line.state for line in lines if line.state]
        assert states[-1] == incident.state.value, what


@pytest.fixture(scope="module")
def trial(attacked: Attacked):
    return cache(lambda story: Trial(attacked, story))


@pytest.mark.parametrize("story", STORIES)
def test_a_fault_at_a_write_of_each_playbook(trial, story: str):
    told, draw = trial(story), Random(story)
    way = draw.choice(["act", "undo"])
    writes = [n for n, call in enumerate(told.calls[way], 1) if not is_a_read(call)]
    told.strike(way, draw.choice(writes), draw.choice(EVERY_MODE))


def is_a_read(call: tuple[str, str]) -> bool:
    return call[1].startswith(("describe_", "get_", "list_", "search_"))


@pytest.mark.campaign
@pytest.mark.parametrize("persist", [1, LASTING])
@pytest.mark.parametrize("way", ["act", "undo"])
@pytest.mark.parametrize("story", STORIES)
def test_a_fault_at_every_call_of_each_playbook(trial, story: str, way: str, persist: int):
    """Every write in every mode; what a playbook reads beside the account, in one mode each."""
    told, modes = trial(story), cycle(EVERY_MODE)
    of_the_account = set(trial(READER).calls[way])
    for number, call in enumerate(told.calls[way], 1):
        if not is_a_read(call):
            for mode in EVERY_MODE:
                told.strike(way, number, mode, persist)
        elif call not in of_the_account:
            told.strike(way, number, next(modes), persist)


@pytest.mark.campaign
@pytest.mark.parametrize("way", ["act", "undo"])
def test_a_fault_at_every_reading_of_the_account(trial, way: str):
    """It is read alike, whatever the playbook: each reading of it is broken, in one mode each."""
    told, modes = trial(READER), cycle(EVERY_MODE)
    for number, call in enumerate(told.calls[way], 1):
        if is_a_read(call):
            told.strike(way, number, next(modes))
