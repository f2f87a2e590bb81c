"""The commands that the guides show do what the guides say."""

import io
import os
import re
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from ringwall.app.demo import CREDENTIALS, FORBIDDEN, environment
from ringwall.cli.main import run
from ringwall.lab.server import Lab
from tests.docs.console import (
    Session,
    Shown,
    Written,
    brought_up_to_date,
    commands,
    kept,
    matches,
    steps,
)

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    with Lab() as lab:
        for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN"):
            monkeypatch.delenv(name, raising=False)
        for name, value in lab.environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("NO_COLOR", "1")
        monkeypatch.chdir(tmp_path)
        yield Session(tmp_path)


PAGES = ["README.md", "docs/tutorial.md", "docs/web.md", "docs/watching.md"]


@pytest.mark.parametrize("page", PAGES)
def test_a_guide_can_be_followed(page: str, session: Session) -> None:
    text = (ROOT / page).read_text()
    followed = steps(text)
    assert followed
    if os.environ.get("RINGWALL_GOLDEN") == "write":
        (ROOT / page).write_text(brought_up_to_date(text, session))
        return
    for step in followed:
        session.follow(step)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder that the demo leaves, and what it prints."""
    folder = tmp_path_factory.mktemp("demo")
    out, talk = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        for name in (*FORBIDDEN, *CREDENTIALS, "AWS_ENDPOINT_URL"):
            patch.setenv(name, "")  # so that what the demo sets is taken back
            patch.delenv(name)
        patch.setenv("NO_COLOR", "1")
        patch.chdir(folder)
        with redirect_stdout(out), redirect_stderr(talk):
            code = run(["demo"])
    assert code == 0, talk.getvalue()
    return folder / "demo-ringwall", out.getvalue()


def test_the_readme_shows_what_the_demo_prints(told: tuple[Path, str]) -> None:
    shown = (ROOT / "README.md").read_text().split("<!-- demo -->")[1].split("```")[1]
    lines = tuple(shown.strip().split("\n")[2:])
    assert matches(lines, told[1]), told[1]


def test_each_command_that_the_demo_prints_can_be_repeated_by_hand(
    told: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In another lab, where the same resources have other ids."""
    folder, printed = told
    lines = [line for line in printed.splitlines() if line.startswith(("$ ", "[exit code"))]
    typed = "\n".join(re.sub(r"\[exit code (\d)\]", r"$ echo $?\n\1", line) for line in lines)
    repeated = commands(typed)
    assert len(repeated) == 23
    assert not re.search(r"\b(sg|vpc)-[0-9a-f]+", typed)
    with Lab(seed=7) as lab:
        for name, value in environment(lab.endpoint).items():
            monkeypatch.setenv(name, value)
        monkeypatch.chdir(folder)
        session = Session(folder)
        for step in repeated:
            session.follow(step)


def test_the_readme_shows_the_minimal_example() -> None:
    example = (ROOT / "examples" / "minimal.yaml").read_text()
    blocks = [s for s in steps((ROOT / "README.md").read_text()) if isinstance(s, Written)]
    body = example[example.index("name:") :]
    assert any(body in block.text for block in blocks)


def test_output_is_compared_with_gaps() -> None:
    assert matches(("one", "...", "last"), "one\ntwo\nthree\nlast\n")
    assert matches(("took ... s",), "took 12 s\n")
    assert not matches(("one",), "one\ntwo\n")
    assert not matches(("one", "two"), "one\n")


def test_exit_codes_are_read() -> None:
    shown = commands("$ ringwall drift\nbad\n$ echo $?\n1\n")
    assert shown == [Shown("ringwall drift", ("bad",), 1)]


def test_gaps_outlive_a_rewriting() -> None:
    shown = ("took ... s", "3 resources")
    assert kept(shown, ["took 9 s", "4 resources"]) == ["took ... s", "4 resources"]
