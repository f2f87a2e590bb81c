"""An iterator that runs ahead gives the same, and ends with who asks."""

import threading
import time

import pytest

from ringwall.shell.store.ahead import AHEAD, ahead


def test_everything_comes_in_order() -> None:
    assert list(ahead(range(100))) == list(range(100))
    assert list(ahead([])) == []


def test_what_is_raised_comes_after_what_was_given() -> None:
    def items():
        yield 1
        raise ValueError("broken")

    got = ahead(items())
    assert next(got) == 1
    with pytest.raises(ValueError, match="broken"):
        next(got)


def test_it_runs_ahead_by_no_more_than_said_and_stops_when_left() -> None:
    made: list[int] = []

    def items():
        for n in range(1000):
            made.append(n)
            yield n

    before = threading.active_count()
    got = ahead(items())
    assert next(got) == 0
    deadline = time.monotonic() + 10
    while len(made) < AHEAD + 2 and time.monotonic() < deadline:
        time.sleep(0.001)
    got.close()
    assert len(made) <= AHEAD + 3
    assert threading.active_count() == before
