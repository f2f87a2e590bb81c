"""A fault at every call of the fortress: the next run converges, nothing double, nothing lost.

With and without a journal, for it is never needed.
"""

from itertools import cycle

import pytest

from ringwall.errors import RingwallError
from tests.fakes.cloud import FakeCloud
from tests.fakes.faults import MODES, FaultyCloud, Killed
from tests.shell.estates import Estate, example

SAMPLE = 41  # one write of so many is broken in the suite; all of them in the campaign
EVERY_MODE = (*MODES, "kill")


@pytest.fixture(scope="module")
def whole():
    """The fortress deployed without a fault: what it leaves, and its numbers of writes."""
    state = FakeCloud()
    estate = Estate(state, *example("fortress"))
    counted = FaultyCloud(state)
    estate.carry_out(estate.plan(), counted)
    deployed, ours = estate.deployed(), estate.ours()
    after = Estate(state.copy(), *example("fortress"))
    destroying = FaultyCloud(after.cloud)
    after.carry_out(after.destroy_plan(), destroying)
    assert after.ours() == []
    assert deployed.keys() == estate.wanted.nodes.keys()
    return deployed, ours, state, len(counted.seen), len(destroying.seen)


def broken(estate, plan, n, mode):
    """Carry out a plan whose n-th write fails for good; tell whether that was noticed."""
    try:
        estate.carry_out(plan, FaultyCloud(estate.cloud, n, mode, persist=99))
    except (RingwallError, Killed):
        return True
    return False


def applied_through(n, mode, journal, deployed, ours):
    estate = Estate(FakeCloud(), *example("fortress"), journal=journal)
    broken(estate, estate.plan(), n, mode)
    estate.carry_out(estate.plan())
    assert estate.ours() == ours, (n, mode)
    assert estate.deployed() == deployed, (n, mode)
    assert estate.plan().empty, (n, mode)


def destroyed_through(n, mode, journal, state):
    estate = Estate(state.copy(), *example("fortress"), journal=journal)
    broken(estate, estate.destroy_plan(), n, mode)
    estate.carry_out(estate.destroy_plan())
    assert estate.ours() == [], (n, mode)


def test_a_fault_at_a_sample_of_the_writes_of_apply_converges(whole, tmp_path):
    deployed, ours, _, writes, _ = whole
    for n, mode in zip(range(1, writes + 1, SAMPLE), cycle(EVERY_MODE), strict=False):
        applied_through(n, mode, tmp_path / str(n) if n % 2 else None, deployed, ours)


def test_a_fault_at_a_sample_of_the_writes_of_destroy_converges(whole, tmp_path):
    *_, state, _, writes = whole
    for n, mode in zip(range(1, writes + 1, SAMPLE), cycle(EVERY_MODE), strict=False):
        destroyed_through(n, mode, tmp_path / str(n) if n % 2 else None, state)


@pytest.mark.campaign
@pytest.mark.parametrize("mode", EVERY_MODE)
def test_a_fault_at_every_write_of_apply_converges(whole, tmp_path, mode):
    deployed, ours, _, writes, _ = whole
    for n in range(1, writes + 1):
        applied_through(n, mode, tmp_path / str(n) if n % 2 else None, deployed, ours)


@pytest.mark.campaign
@pytest.mark.parametrize("mode", EVERY_MODE)
def test_a_fault_at_every_write_of_destroy_converges(whole, tmp_path, mode):
    *_, state, _, writes = whole
    for n in range(1, writes + 1):
        destroyed_through(n, mode, tmp_path / str(n) if n % 2 else None, state)
