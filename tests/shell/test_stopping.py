"""SIGINT and SIGTERM, at a safe place and elsewhere."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor

import pytest

from ringwall.shell.stopping import SIGNALS, Brake


def ask(number=signal.SIGINT):
    os.kill(os.getpid(), number)


@pytest.mark.parametrize("number", SIGNALS)
def test_where_nothing_is_half_made_a_signal_ends_at_once(number):
    with Brake().listening(), pytest.raises(KeyboardInterrupt):
        ask(number)


@pytest.mark.parametrize("number", SIGNALS)
def test_while_something_is_made_the_first_waits_for_a_safe_place(number):
    told, made = [], []
    brake = Brake(lambda: told.append("stopping"))

    def make():
        with brake:
            brake.check()
            ask(number)
            made.append("the rest of the step")
            brake.check()
            made.append("another step")

    with brake.listening(), pytest.raises(KeyboardInterrupt):
        make()
    assert (made, told) == (["the rest of the step"], ["stopping"])


def test_the_second_ends_it_where_it_is():
    told = []
    brake = Brake(lambda: told.append("stopping"))
    with brake.listening(), brake:
        ask()
        with pytest.raises(KeyboardInterrupt):
            ask(signal.SIGTERM)
        brake.is_asked = False
    assert told == ["stopping"]


def test_what_comes_to_its_end_ends_there():
    brake, made = Brake(), []

    def make():
        with brake:
            with brake:
                ask()
            made.append("the outer end")
        made.append("what comes after")

    with brake.listening(), pytest.raises(KeyboardInterrupt):
        make()
    assert made == ["the outer end"]


def test_an_error_is_told_before_a_signal():
    brake = Brake()

    def make():
        with brake:
            ask()
            raise ValueError("a fault")

    with brake.listening(), pytest.raises(ValueError, match="a fault"):
        make()


def test_afterwards_signals_are_whose_they_were():
    before = [signal.getsignal(each) for each in SIGNALS]
    with Brake().listening():
        assert [signal.getsignal(each) for each in SIGNALS] != before
    assert [signal.getsignal(each) for each in SIGNALS] == before


def test_another_thread_than_the_main_one_listens_to_nothing():
    def listen():
        with Brake().listening():
            return signal.getsignal(signal.SIGINT)

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(listen).result() is signal.getsignal(signal.SIGINT)
