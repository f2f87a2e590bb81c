"""A fault at every call of the fortress, made, changed and removed: the next run converges.

Nothing double, nothing lost, nothing opened; with and without a journal, for it is never needed.
"""

from dataclasses import dataclass
from functools import cache
from itertools import cycle

import pytest

from ringwall.changes.align import align
from ringwall.errors import RingwallError
from ringwall.model.graph import ResourceGraph
from ringwall.model.plan import Plan
from tests import fortress
from tests.convergence import content, opened
from tests.fakes.cloud import FakeCloud
from tests.fakes.faults import MODES, FaultMode, FaultyCloud, Killed
from tests.shell.estates import Estate, graph_of

SAMPLE = 61  # one call of so many is broken in the suite; all of them in the campaign
FOR_GOOD = 9_999
EVERY_MODE = (*MODES, "kill")
STORIES = ("apply", "update", "destroy")
DEPLOYMENT = "fortress"


@cache
def wanted(story: str) -> ResourceGraph:
    """A move between segments, another port, a new name and one zone more, all at once."""
    text = fortress.TEXT
    if story == "update":
        text = fortress.with_another_zone(fortress.renamed(fortress.another_port(fortress.moved())))
    return graph_of(text)


def estate(story, state, journal=None):
    return Estate(state, DEPLOYMENT, wanted(story), journal=journal)


def plan_of(story, there: Estate) -> Plan:
    return there.destroy_plan() if story == "destroy" else there.plan()


def seen(there: Estate) -> ResourceGraph:
    """What is there, under the names that are wanted."""
    return align(there.wanted, there.observed())[1]


@dataclass(frozen=True)
class Whole:
    """A story without a fault: the account it begins with, what it leaves, and its calls."""

    begins: FakeCloud
    content: list[str]
    calls: int
    networks: tuple[ResourceGraph, ResourceGraph]


@cache
def whole(story: str) -> Whole:
    begins = FakeCloud()
    if story != "apply":
        first = estate("apply", begins)
        first.carry_out(first.plan())
    there = estate(story, begins.copy())
    before = seen(there)
    counted = FaultyCloud(there.cloud, reads=True)
    there.carry_out(plan_of(story, there), counted)
    assert plan_of(story, there).empty
    return Whole(
        begins, content(there.observed(), DEPLOYMENT), len(counted.seen), (before, seen(there))
    )


def test_the_stories_are_whole():
    assert whole("destroy").content == []
    assert len(whole("apply").content) == len(wanted("apply"))
    assert len(whole("update").content) == len(wanted("update"))


def broken(there: Estate, plan: Plan, n: int, mode: FaultMode) -> None:
    """Carry out a plan whose n-th call fails for good, and every other one like it."""
    faulty = FaultyCloud(there.cloud, n, mode, persist=FOR_GOOD, reads=True)
    try:
        there.carry_out(plan, faulty)
    except (RingwallError, Killed):
        return
    assert mode.endswith("after"), (n, mode, "was not noticed")


def through(story, n, mode, journal=None, *, look=True):
    """Break a story at its n-th call, look at what that left, and let the next run go on."""
    begun = whole(story)
    there = estate(story, begun.begins.copy(), journal)
    broken(there, plan_of(story, there), n, mode)
    if look:
        assert opened(seen(there), *begun.networks) == set(), (n, mode)
    there.carry_out(plan_of(story, there))
    assert content(there.observed(), DEPLOYMENT) == begun.content, (n, mode)
    assert plan_of(story, there).empty, (n, mode)


@pytest.mark.parametrize("story", STORIES)
def test_a_fault_at_a_sample_of_the_calls_converges(story, tmp_path):
    points = range(1, whole(story).calls + 1, SAMPLE)
    for n, mode in zip(points, cycle(EVERY_MODE), strict=False):
        through(story, n, mode, tmp_path / str(n) if n % 2 else None)


@pytest.mark.campaign
@pytest.mark.parametrize("story", STORIES)
@pytest.mark.parametrize("mode", EVERY_MODE)
def test_a_fault_at_every_call_converges(story, mode, tmp_path):
    """What is left is the same for every mode: a kill alone looks whether it opens anything."""
    faults = []
    for n in range(1, whole(story).calls + 1):
        try:
            journal = tmp_path / str(n) if n % 2 else None
            through(story, n, mode, journal, look=mode == "kill")
        except (AssertionError, RingwallError) as fault:
            faults.append(f"{n}: {fault}")
    assert faults == []
