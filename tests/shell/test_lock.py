"""One run at a time, and a way out when the holder is gone."""

from dataclasses import dataclass

import pytest

from ringwall.errors import CloudError, LockedError
from ringwall.shell.lock import Holder, Lock, Process, parameter_name, read_holder, unlock
from tests.fakes.clock import FakeClock
from tests.fakes.faults import FaultyCloud
from tests.fakes.parameters import ParameterCloud

NAME = parameter_name("lab")


@dataclass(frozen=True, slots=True)
class Known(Process):
    alive: bool = True

    def is_alive(self, _pid):
        return self.alive


def held_by(cloud) -> Holder:
    holder = read_holder(cloud, "lab")
    assert holder is not None
    return holder


def lock(cloud, clock, who="ann@desk", pid=1, place="here", alive=True):
    return Lock(cloud, "lab", "apply", clock, Known(who, pid, place, alive))


def test_a_lock_is_held_for_the_block_and_then_gone():
    cloud, clock = ParameterCloud(), FakeClock()
    with lock(cloud, clock):
        assert list(cloud.values) == [NAME]
        assert held_by(cloud).who == "ann@desk"
    assert cloud.values == {}


def test_a_held_lock_says_who_holds_it_and_the_way_out():
    cloud, clock = ParameterCloud(), FakeClock()
    lock(cloud, clock).acquire()
    with pytest.raises(LockedError) as caught:
        lock(cloud, clock, "bob@roof", place="there").acquire()
    assert (
        "ann@desk (process 1), apply since 09:00:00 UTC, until 09:15:00 UTC" in caught.value.message
    )
    assert "ringwall unlock --reason" in caught.value.hint


def test_a_second_run_of_the_same_person_is_locked_out_too():
    cloud, clock = ParameterCloud(), FakeClock()
    lock(cloud, clock).acquire()
    with pytest.raises(LockedError):
        lock(cloud, clock).acquire()


@pytest.mark.parametrize(("passed", "taken"), [(899, False), (900, True)])
def test_an_expired_lock_is_taken_over(passed, taken):
    cloud, clock = ParameterCloud(), FakeClock()
    lock(cloud, clock).acquire()
    clock.advance(passed)
    late = lock(cloud, clock, "bob@roof", place="there")
    if not taken:
        with pytest.raises(LockedError):
            late.acquire()
        return
    late.acquire()
    assert held_by(cloud).who == "bob@roof"
    assert list(cloud.values) == [NAME]


def test_a_holder_that_died_on_this_machine_gives_way_at_once():
    cloud, clock = ParameterCloud(), FakeClock()
    lock(cloud, clock, pid=1).acquire()
    lock(cloud, clock, pid=2, alive=False).acquire()
    assert held_by(cloud).pid == 2


def test_a_process_of_another_machine_is_never_taken_for_dead():
    cloud, clock = ParameterCloud(), FakeClock()
    lock(cloud, clock, place="there").acquire()
    with pytest.raises(LockedError):
        lock(cloud, clock, place="here", alive=False).acquire()


def test_of_two_who_take_over_one_wins():
    """The second has read the expired lock before the first replaced it."""
    cloud, clock = ParameterCloud(), FakeClock()
    lock(cloud, clock).acquire()
    clock.advance(1000)
    first = lock(cloud, clock, "bob@roof", place="b")
    second = lock(cloud, clock, "cat@loft", place="c")
    real = cloud.answers["get_parameter"]

    def overtaken(request):
        cloud.answers["get_parameter"] = real
        answer = real(request)
        first.acquire()
        return answer

    cloud.answers["get_parameter"] = overtaken
    with pytest.raises(LockedError, match="bob@roof"):
        second.acquire()
    assert held_by(cloud).nonce == getattr(first.holder, "nonce", None)
    assert list(cloud.values) == [NAME]


def test_renewing_puts_off_the_expiry_and_keeps_the_start():
    cloud, clock = ParameterCloud(), FakeClock()
    held = lock(cloud, clock)
    held.acquire()
    clock.advance(600)
    held.renew()
    holder = held_by(cloud)
    assert str(holder) == "ann@desk (process 1), apply since 09:00:00 UTC, until 09:25:00 UTC"


def test_a_lock_that_another_took_is_noticed_and_not_released():
    cloud, clock = ParameterCloud(), FakeClock()
    held = lock(cloud, clock)
    held.acquire()
    clock.advance(1000)
    lock(cloud, clock, "bob@roof", place="b").acquire()
    with pytest.raises(LockedError, match="lost the lock"):
        held.check()
    held.release()
    assert held_by(cloud).who == "bob@roof"


@pytest.mark.parametrize("mode", ["cut-before", "cut-after", "error500", "error500-after"])
def test_an_unclear_answer_leaves_the_lock_ours_or_free(mode):
    for at in (1, 2):
        cloud, clock = ParameterCloud(), FakeClock()
        with lock(FaultyCloud(cloud, at, mode), clock):
            assert held_by(cloud).who == "ann@desk"
        assert cloud.values == {}


def test_a_lock_that_cannot_be_given_back_says_so():
    cloud, clock = ParameterCloud(), FakeClock()
    held = lock(FaultyCloud(cloud, 2, "cut-before", persist=99), clock)
    held.acquire()
    with pytest.raises(CloudError, match="DeleteParameter") as caught:
        held.release()
    assert "unlock" in caught.value.hint


def test_unlock_removes_it_and_tells_who_held_it():
    cloud, clock = ParameterCloud(), FakeClock()
    lock(cloud, clock).acquire()
    assert str(unlock(cloud, "lab")).startswith("ann@desk")
    assert unlock(cloud, "lab") is None
    assert cloud.values == {}


WRITTEN = (
    '{"holder": "ann@desk", "pid": PID, "place": "here", "operation": "apply", "nonce": "n", '
    '"since": "2026-01-01T00:00:00TZ", "expires": "2026-01-01T00:15:00TZ"}'
)
BY_HAND = [
    *("", "{}", "[]", "null", '{"holder": 1}'),
    *(WRITTEN.replace("TZ", "+00:00").replace("PID", pid) for pid in ("-1", "0", "9" * 30)),
    WRITTEN.replace("TZ", "").replace("PID", "1"),
]


@pytest.mark.parametrize("value", BY_HAND)
def test_a_value_that_is_not_ours_locks_until_somebody_looks(value):
    cloud, clock = ParameterCloud(), FakeClock()
    cloud.values[NAME] = value
    with pytest.raises(LockedError, match="did not write"):
        lock(cloud, clock).acquire()
    assert unlock(cloud, "lab") is None
    assert cloud.values == {}


def test_this_process_is_alive_and_one_above_the_largest_number_is_not():
    this = Process.this()
    assert this.is_alive(this.pid)
    assert not this.is_alive(2**22 + 1)
