"""A command on a small estate, carried out whole, broken off, and taken up by the next run."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ringwall.app.sources import open_network
from ringwall.app.workspace import CloudSettings, read_blueprint
from ringwall.changes.planning import make_plan
from ringwall.lab.server import ACCOUNT_ID, Lab
from ringwall.lab.wire import FaultMode
from ringwall.model.graph import ResourceGraph
from ringwall.resources import deployable
from ringwall.shell.lock import parameter_name
from tests.convergence import content, opened

DEPLOYMENT = "minimal"
FILE = "blueprint.yaml"
UNTIL_CLEARED = 10_000  # requests; more than any run makes
MODES: tuple[FaultMode, ...] = ("throttle", "error500", "cut-before", "cut-after")


@dataclass(frozen=True)
class Story:
    """A command and the blueprint it is given, on what an earlier blueprint left."""

    words: tuple[str, ...]
    text: str
    before: str = ""


@dataclass(frozen=True)
class Whole:
    """What a run without a fault leaves, its numbers of requests, and the networks around it."""

    content: list[str]
    requests: int
    writes: int
    networks: tuple[ResourceGraph, ResourceGraph]


@dataclass
class Stage:
    """A lab, the command line and a folder in which stories take place."""

    lab: Lab
    ringwall: Callable[..., Any]
    ssm: Any
    folder: Path

    def whole(self, story: Story) -> Whole:
        """Carry out a story without a fault."""
        self.lay(story)
        before = self.network()
        self.lab.calls.clear()
        ended = self.ringwall(*story.words)
        assert ended.code == 0, ended.err
        calls, after = list(self.lab.calls), self.network()
        destroyed = story.words[0] == "destroy"
        assert content(after, DEPLOYMENT) == [] if destroyed else left(self.folder, after) == []
        writes = sum(not read for *_, read in calls)
        return Whole(content(after, DEPLOYMENT), len(calls), writes, (before, after))

    def lay(self, story: Story) -> None:
        """Empty the account and deploy what was there before."""
        self.lab.reset()
        self.forget()
        if story.before:
            (self.folder / FILE).write_text(story.before)
            ended = self.ringwall("apply", FILE, "--yes")
            assert ended.code == 0, ended.err
        (self.folder / FILE).write_text(story.text)

    def forget(self) -> None:
        """Remove the journal."""
        shutil.rmtree(self.folder / ".ringwall", ignore_errors=True)

    def network(self) -> ResourceGraph:
        """Return what is there."""
        return open_network("aws", CloudSettings(), blueprint=FILE).graph

    def break_off(
        self, story: Story, whole: Whole, n: int, mode: FaultMode, *, reads: bool
    ) -> None:
        """Break the n-th request for good (with `reads` they count, too), and go on after it."""
        self.lay(story)
        self.lab.calls.clear()
        self.lab.fail(n, mode, persist=UNTIL_CLEARED, writes_only=not reads)
        first = self.ringwall(*story.words)
        counted = [name for _, name, read in self.lab.calls if reads or not read]
        struck = counted[n - 1] if len(counted) >= n else ""
        self.lab.faults.clear()
        at = f"request {n} {struck}, {mode}: {first.err}"
        assert "Traceback" not in first.err, at
        may_end_well = not struck or mode == "cut-after" or struck in watched()
        assert first.code == 4 or (may_end_well and first.code == 0), (at, first.code)
        self.go_on(story, whole, at, keep=n % 2 == 0)

    def go_on(self, story: Story, whole: Whole, at: str, *, keep: bool) -> None:
        """Look at what a broken run left, run the command again, and look at what that leaves.

        Half of them find no journal, for it is never needed.
        """
        assert opened(self.network(), *whole.networks) == set(), at
        if not keep:
            self.forget()
        self.end()
        again = self.ringwall(*story.words)
        assert again.code == 0, f"{again.err}\nbefore: {at}"
        there = self.network()
        assert content(there, DEPLOYMENT) == whole.content, at
        assert story.words[0] == "destroy" or left(self.folder, there) == [], at

    def end(self) -> None:
        """Let the run that holds the lock be over: its process, which is this one, has ended."""
        name = parameter_name(DEPLOYMENT)
        for parameter in self.ssm.get_parameters(Names=[name])["Parameters"]:
            holder = json.loads(parameter["Value"]) | {"pid": ended_process()}
            self.ssm.put_parameter(
                Name=name, Value=json.dumps(holder), Type="String", Overwrite=True
            )

    def kill(self, story: Story, whole: Whole, number: int, seconds: float) -> None:
        """Kill the command some time after a request, and go on after it."""
        self.lay(story)
        self.lab.calls.clear()
        process = subprocess.Popen(
            command(story), env=os.environ.copy(), cwd=self.folder,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        deadline = time.monotonic() + 60
        while (
            len(self.lab.calls) < number and process.poll() is None and time.monotonic() < deadline
        ):
            time.sleep(0.001)
        time.sleep(seconds)
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=10)
        self.go_on(story, whole, f"killed at request {number}", keep=number % 2 == 0)


def left(folder: Path, there: ResourceGraph) -> list[str]:
    """Return what a plan of the blueprint would do."""
    wanted = read_blueprint(str(folder / FILE)).graph
    plan = make_plan(wanted, there, deployment=DEPLOYMENT, account=ACCOUNT_ID, region="us-east-1")
    return [f"{change.action} {change.type} {change.key}" for change in plan.changes]


@cache
def watched() -> frozenset[str]:
    """Return the listings of strangers' things: without an answer what they could touch is unknown.

    A run ends well without them where no expectation hangs on it.
    """
    asked: dict[bool, set[str]] = {True: set(), False: set()}
    for kind in deployable():
        asked[kind.survey] |= {item.operation for item in kind.listings}
    return frozenset(name.title().replace("_", "") for name in asked[True] - asked[False])


@cache
def ended_process() -> int:
    """Return the number of a process that is no more."""
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        return process.pid


def command(story: Story) -> list[str]:
    """Return the command line of a story, as a process of its own."""
    return [sys.executable, "-m", "ringwall.cli.main", *story.words]
