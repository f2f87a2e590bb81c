"""A fault at every call of a response and of its undoing: the journal tells the truth.

After the fault another process reconciles, and what AWS has is what the ledger says.
"""

from contextlib import suppress
from itertools import cycle

import pytest

from ringwall.app.responding.outcomes import Outcome
from ringwall.app.responding.reconciling import reconcile
from ringwall.errors import RingwallError
from ringwall.playbooks.records import ActionState, IncidentState
from tests.app.responding.house import House, event
from tests.fakes.faults import MODES, FaultMode, FaultyCloud, Killed

EVERY_MODE: tuple[FaultMode, ...] = (*MODES, "kill")
LASTING = 9_999
SAMPLE = 5  # one call of so many is broken in the suite; each in the campaign


def calls_of(story: str) -> int:
    house = begun(story)
    counted = FaultyCloud(house.cloud, reads=True)
    tell(house, story, counted)
    return len(counted.seen)


def begun(story: str) -> House:
    house = House.of()
    if story == "undo":
        house.responder().take(event())
    return house


def tell(house: House, story: str, cloud) -> None:
    responder = house.responder(cloud=cloud)
    if story == "act":
        responder.take(event())
    else:
        [incident] = house.ledger.incidents()
        responder.undo(incident.id, "ann", "enough")


def truthful(house: House) -> None:
    """What AWS has is what the ledger says."""
    standing = [a for a in house.ledger.actions() if a.state is ActionState.IN_FORCE]
    entries = sum(len(action.measures) for action in standing)
    assert len(house.denials()) == entries
    for incident in house.ledger.incidents():
        ended = {IncidentState.CLOSED, IncidentState.IN_FORCE}
        assert incident.state in ended, incident


def strike(story: str, number: int, mode: FaultMode, persist: int) -> None:
    house = begun(story)
    faulty = FaultyCloud(house.cloud, number, mode, persist=persist, reads=True)
    with suppress(RingwallError, Killed):
        tell(house, story, faulty)
    house.clock.advance(3600)  # whoever died holds its locks no longer
    for _ in range(3):
        if reconcile(house.responder()) == Outcome():
            break
    truthful(house)


@pytest.mark.parametrize("story", ["act", "undo"])
def test_a_fault_at_some_calls(story):
    modes = cycle(EVERY_MODE)
    for number in range(1, calls_of(story) + 1, SAMPLE):
        strike(story, number, next(modes), 1)


@pytest.mark.campaign
@pytest.mark.parametrize("persist", [1, LASTING])
@pytest.mark.parametrize("mode", EVERY_MODE)
@pytest.mark.parametrize("story", ["act", "undo"])
def test_a_fault_at_every_call(story, mode, persist):
    for number in range(1, calls_of(story) + 1):
        strike(story, number, mode, persist)
