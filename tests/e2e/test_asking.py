"""What a person is asked before AWS is changed, and what is refused unless it is said by name."""

import sys

import click
import pytest

from tests.fortress import changed


@pytest.fixture
def typing(monkeypatch):
    """Sit at a terminal and type an answer."""

    def answer(text):
        monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
        monkeypatch.setattr(click, "prompt", lambda *_, **__: text)

    return answer


def test_the_deployments_name_is_typed_before_anything_is_changed(lab, ringwall, minimal, typing):
    typing("yes")
    declined = ringwall("apply", minimal)
    assert declined.code == 4
    assert "nothing was changed" in declined.err
    assert ringwall("output", minimal).json["resources"] == {}
    typing("minimal")
    assert ringwall("apply", minimal).code == 0
    typing("")
    assert ringwall("destroy", minimal).code == 4
    assert ringwall("drift", minimal).code == 0


def test_more_deletions_than_permitted_are_refused(lab, ringwall, minimal):
    assert ringwall("apply", minimal, "--yes").code == 0
    minimal.write_text(changed(minimal.read_text(), ("5432", "5433")))
    refused = ringwall("apply", minimal, "--yes", "--max-deletions", "1")
    assert refused.code == 1
    assert "more than 1" in refused.err
    assert "5433" not in str(ringwall("output", minimal).json)
    assert ringwall("apply", minimal, "--yes").code == 0


def test_an_apply_that_fails_an_expectation_wants_its_name_and_a_reason(lab, ringwall, minimal):
    text = changed(
        minimal.read_text(),
        ("from: web, to: db, ports: [5432]", "from: web, to: db, ports: [5431]"),
    )
    minimal.write_text(text)
    refused = ringwall("apply", minimal, "--yes")
    assert refused.code == 1
    assert "'web reaches the database'" in refused.err
    assert [call for call in lab.calls if not call[2]] == []
    name = ("--allow-failing", "web reaches the database")
    assert ringwall("apply", minimal, "--yes", *name).code == 2
    assert ringwall("apply", minimal, "--yes", *name, "--reason", "the port moves").code == 0
    assert ringwall("drift", minimal, "--json").json["changes"] == []
