"""Every check finds what its bad example shows, and nothing in its good one."""

import re

import pytest

from ringwall.audits import audit, registry
from ringwall.audits.check import Check
from ringwall.audits.example import example
from ringwall.reach.engine import Engine
from ringwall.reach.relations import Board

CHECKS = list(registry().values())


def found(check: Check, text: str) -> list[str]:
    return [each.text for each in audit(Board(Engine(example(text))), [check.id])]


@pytest.mark.parametrize("check", CHECKS, ids=lambda c: c.id)
def test_the_bad_example_has_a_finding(check: Check):
    texts = found(check, check.bad)
    assert texts
    assert not [text for text in texts if text.startswith("the check itself failed")]


@pytest.mark.parametrize("check", CHECKS, ids=lambda c: c.id)
def test_the_good_example_has_none(check: Check):
    assert found(check, check.good) == []


def test_ids_are_unique_and_of_the_scheme():
    ids = [check.id for check in CHECKS]
    assert len(set(ids)) == len(ids) == 9
    assert all(re.fullmatch(r"RW[1-6]\d\d", name) for name in ids)


def test_a_fault_of_a_check_is_a_finding():
    class Broken:
        @property
        def engine(self):
            raise ZeroDivisionError

    texts = [each.text for each in audit(Broken(), ["RW205"])]  # type: ignore[arg-type]
    assert texts == ["the check itself failed: ZeroDivisionError: "]
