"""Logs as they come → incidents, answered as the policy says, and ended when their time is over.

Rules:
- A look that fails, or an incident that cannot be answered, stops nothing: the next look goes on.
- After every look what has stood long enough is taken back; after every RECONCILE looks, and at the
  first, what a crash left is finished or taken back.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ringwall.app.detecting import finding_document
from ringwall.app.following import Following, Look, News, follow
from ringwall.app.holding import Against
from ringwall.app.inquiring import inquire
from ringwall.app.renewing import Renewing
from ringwall.app.responding.events import Arrival, Task, arrivals
from ringwall.app.responding.loop import Responder
from ringwall.app.responding.opening import Given
from ringwall.app.responding.taking import Taken, take
from ringwall.app.sources import LIVE

RECONCILE: Final = 10  # looks


@dataclass(frozen=True, slots=True)
class Watched:
    """A look, and what was done about what it found."""

    look: Look
    taken: Taken


def looks_of(given: Given, following: Following) -> Iterator[Look]:
    """Yield looks at logs as they come, read against the account."""
    networks = Renewing(Against((LIVE,), given.file))
    return follow(following, inquire(Path(given.store)), networks=networks)


def watch(responder: Responder, looks: Iterable[Look]) -> Iterator[Watched]:
    """Answer what each look finds; yields after each."""
    for number, look in enumerate(looks):
        tasks: list[Arrival] = [Task.RECONCILE] if number % RECONCILE == 0 else []
        yield Watched(look, take(responder, [*tasks, *_events(look.news), Task.SWEEP]))


def _events(news: Iterable[News]) -> Iterator[Arrival]:
    findings = [finding_document(each.finding) for each in news]
    if findings:
        document = {"schema": "ringwall/traffic-detect/1", "findings": findings}
        yield from arrivals(document, "logs")
