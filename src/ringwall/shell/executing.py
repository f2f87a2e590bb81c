"""A Plan → effects at AWS: steps in order of their dependencies, independent ones at the same time.

Rules:
- A step is written to the journal before its first call and after its last answer.
- After a failure nothing new is begun; what runs is let finish.
- What a run leaves undone, the next one finds: nothing here needs to be remembered.
"""

import heapq
import secrets
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field

from ringwall.errors import CloudError, PartialError, RingwallError
from ringwall.model.graph import Address
from ringwall.model.plan import Plan, Step
from ringwall.resources import registry
from ringwall.resources.kind import ResourceType
from ringwall.shell.aws import Cloud
from ringwall.shell.calling import Caller, doing_of
from ringwall.shell.clock import Clock, SystemClock
from ringwall.shell.finding import Finder
from ringwall.shell.journal import DONE, FAILED, UNCLEAR, Journal
from ringwall.shell.pace import Pace, pace_of
from ringwall.shell.progress import Progress, Silence
from ringwall.shell.resolving import KnownIds
from ringwall.shell.waiting import Interrupted, Patience

WORKERS = 8
NAMED = 5  # steps that a message names
INTERRUPT_PATIENCE = 90  # seconds; longer than a request may take


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was done: numbers of steps, those of them found done already, and all known ids."""

    done: tuple[int, ...]
    adopted: tuple[int, ...]
    ids: Mapping[Address, Mapping[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How to carry out a plan.

    `operation` is the command's name, for the journal. `guard` is asked before every step and
    raises when the run may not go on (the lock was lost). `pace` defaults to the endpoint's.
    """

    operation: str = "apply"
    workers: int = WORKERS
    clock: Clock = field(default_factory=SystemClock)
    pace: Pace | None = None
    types: Mapping[str, ResourceType] | None = None
    guard: Callable[[], None] = lambda: None


def execute(
    plan: Plan,
    cloud: Cloud,
    journal: Journal | None = None,
    progress: Progress | None = None,
    settings: Settings | None = None,
) -> Outcome:
    """Carry out a plan.

    Raises the error of the first failed step when no step was done, PartialError otherwise;
    KeyboardInterrupt after what runs has come to a safe place.
    """
    run = _Run(plan, cloud, journal, progress or Silence(), settings or Settings())
    return run.carry_out()


class _Run:
    def __init__(
        self,
        plan: Plan,
        cloud: Cloud,
        journal: Journal | None,
        progress: Progress,
        settings: Settings,
    ) -> None:
        self.plan = plan
        self.progress = progress
        self.journal = journal
        self.settings = settings
        self.doubtful = journal.doubtful if journal else frozenset()
        self.interrupted = threading.Event()
        self.name = secrets.token_hex(8)
        self.known = KnownIds(plan.ids)
        types = registry() if settings.types is None else settings.types
        pace = settings.pace or pace_of(cloud.endpoint)
        self.caller = Caller(
            cloud,
            plan.deployment,
            self.name,
            self.known,
            Finder(cloud, types, plan.deployment, self.known),
            Patience(settings.clock, pace, self.interrupted.is_set),
            progress,
        )
        self.done: list[int] = []
        self.adopted: list[int] = []
        self.failures: list[tuple[Step, Exception]] = []

    def carry_out(self) -> Outcome:
        order = _Order(self.plan.steps)
        if self.journal:
            self.journal.run(self.name, self.settings.operation, self.plan.state)
        pool = ThreadPoolExecutor(max(1, self.settings.workers), thread_name_prefix="ringwall-step")
        running: dict[Future[bool], Step] = {}
        try:
            while True:
                self._launch(order, pool, running)
                if not running:
                    break
                finished, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in sorted(finished, key=lambda f: running[f].number):
                    self._collect(future, running.pop(future), order)
        except KeyboardInterrupt:
            self.interrupted.set()
            wait(running, timeout=INTERRUPT_PATIENCE)
            raise
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
        if self.failures:
            raise self._error()
        if self.journal:
            self.journal.complete()
        return Outcome(tuple(sorted(self.done)), tuple(sorted(self.adopted)), self.known.snapshot())

    def _launch(
        self, order: "_Order", pool: ThreadPoolExecutor, running: dict[Future[bool], Step]
    ) -> None:
        while not self.failures and len(running) < max(1, self.settings.workers):
            step = order.next()
            if step is None:
                return
            try:
                self.settings.guard()
            except RingwallError as error:
                self.failures.append((step, error))
                return
            running[pool.submit(self._perform, step)] = step

    def _collect(self, future: Future[bool], step: Step, order: "_Order") -> None:
        failure = future.exception()
        if failure is None:
            self.done.append(step.number)
            if future.result():
                self.adopted.append(step.number)
            order.finish(step)
        elif isinstance(failure, Exception):
            self.failures.append((step, failure))
        else:
            raise failure

    def _perform(self, step: Step) -> bool:
        clock = self.settings.clock
        start = clock.monotonic()
        self.progress.started(step)
        doubt = (step.type, step.key) in self.doubtful
        doing = doing_of(step, self.plan.ids, self.known, doubt=doubt)
        if self.journal:
            self.journal.begin(step)
        try:
            adopted = [self.caller.make(doing, call) for call in step.calls]
        except Interrupted:
            raise  # without an end in the journal: the next run looks
        except RingwallError as error:
            self._end(step, error)
            self.progress.failed(step, error)
            raise
        if self.journal:
            self.journal.end(step, DONE)
        self.progress.finished(step, clock.monotonic() - start)
        return bool(adopted) and adopted[0]

    def _end(self, step: Step, error: RingwallError) -> None:
        if self.journal:
            unclear = isinstance(error, CloudError) and error.unclear
            code = error.code if isinstance(error, CloudError) else type(error).__name__
            self.journal.end(step, UNCLEAR if unclear else FAILED, code)

    def _error(self) -> Exception:
        _, first = self.failures[0]
        for _, failure in self.failures:
            if not isinstance(failure, RingwallError):
                return failure
        if not isinstance(first, RingwallError):
            return first
        if not self.done and not (isinstance(first, CloudError) and first.unclear):
            return first
        done = set(self.done)
        failed = {failed_step.number for failed_step, _ in self.failures}
        left = [s for s in self.plan.steps if s.number not in done | failed]
        lines = [f"{_name(s)}: {error.message}" for s, error in self._ringwall_failures()]
        message = f"{len(done)} of {len(self.plan.steps)} steps were done; {'; '.join(lines)}"
        if left:
            message += f"; not begun: {_names(left)}"
        command = f"ringwall {self.settings.operation}"
        way_on = f"run `{command}` on the blueprint again: it goes on from what is there"
        partial = PartialError(message, hint="; ".join(filter(None, (first.hint, way_on))))
        partial.__cause__ = first
        return partial

    def _ringwall_failures(self) -> list[tuple[Step, RingwallError]]:
        return [(step, f) for step, f in self.failures if isinstance(f, RingwallError)]


class _Order:
    """Steps that may begin, lowest number first."""

    def __init__(self, steps: Sequence[Step]) -> None:
        self._steps = {step.number: step for step in steps}
        self._missing = {step.number: set(step.after) for step in steps}
        self._followers: dict[int, list[int]] = {number: [] for number in self._steps}
        for step in steps:
            for earlier in step.after:
                self._followers[earlier].append(step.number)
        self._ready = [number for number, missing in self._missing.items() if not missing]
        heapq.heapify(self._ready)

    def next(self) -> Step | None:
        """Take the next step that may begin, or None."""
        return self._steps[heapq.heappop(self._ready)] if self._ready else None

    def finish(self, step: Step) -> None:
        """Let those begin that waited for this step alone."""
        for number in self._followers[step.number]:
            self._missing[number].discard(step.number)
            if not self._missing[number]:
                heapq.heappush(self._ready, number)


def _name(step: Step) -> str:
    return f"{step.action} {step.type.rsplit('::', 1)[-1]} {step.key}"


def _names(steps: Sequence[Step]) -> str:
    named = ", ".join(_name(step) for step in steps[:NAMED])
    return named if len(steps) <= NAMED else f"{named} and {len(steps) - NAMED} more"
