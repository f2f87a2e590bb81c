"""Logs as they come → the findings that are new, look after look.

Rules:
- A finding is told once, by its id; again if it has become worse, or comes back after nothing of it
  was seen for as long as a look reaches back.
- At the start the last of the store is looked at, as far as a look reaches back; then what is new.
- What was read into the store but could not be judged is judged at the next look.
- A network that has changed holds from the look that saw it on.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Any, Final

from ringwall.app.detecting import Detected, Settings, chosen, detect, finding_document
from ringwall.app.ingesting import Wish, ingest
from ringwall.app.inquiring import Inquiry
from ringwall.app.renewing import Renewing, reason
from ringwall.detections.detection import Sighting
from ringwall.detections.suppression import Suppression
from ringwall.errors import QuestionError, RingwallError
from ringwall.model.finding import Severity
from ringwall.shell.clock import Clock, SystemClock
from ringwall.shell.engines.engine import EVER
from ringwall.shell.engines.store import Extent, Store
from ringwall.shell.store.ingesting import Report, Watcher
from ringwall.shell.store.sources import Source
from ringwall.traffic.tables import TABLES

SCHEMA: Final = "ringwall/traffic-follow/1"
DAY: Final = 86400
LEAST: Final = 1.0  # seconds between two looks
SETTLED: Final = 5  # seconds that a file of this machine was left alone before it is taken
MOST_FAILED: Final = 10  # looks in a row


@dataclass(frozen=True, slots=True)
class Following:
    """What to follow: `window` is how many seconds a look reaches back before what is new.

    `every` are the seconds from one look to the next, `times` is how many there are; 0 is no end.
    """

    wish: Wish
    only: Sequence[str] = ()
    settings: Settings | None = None
    suppressions: Sequence[Suppression] = ()
    window: int = DAY
    every: float = 60.0
    times: int = 0


@dataclass(frozen=True, slots=True)
class News:
    """A finding that is told; `again` if it was told before."""

    finding: Sighting
    again: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON document `ringwall/traffic-follow/1`."""
        return {"schema": SCHEMA, **finding_document(self.finding), "again": self.again}


@dataclass(frozen=True, slots=True)
class Look:
    """What one look did; `trouble` is why it came to nothing.

    `detected` is None if there was nothing new to judge. `waiting` are files that were written to
    a moment ago, and are taken at a later look. `renewed` says that the network has changed,
    `stale` why it could not be read again, so that the one before stays in use.
    """

    report: Report | None = None
    detected: Detected | None = None
    news: tuple[News, ...] = ()
    trouble: RingwallError | None = None
    waiting: int = 0
    renewed: str = ""
    stale: str = ""


def follow(
    following: Following,
    inquiry: Inquiry,
    *,
    networks: Renewing | None = None,
    clock: Clock | None = None,
    watcher: Watcher | None = None,
) -> Iterator[Look]:
    """Yield look after look, waiting between them; `networks` are read again when they change.

    Raises what reading and asking raise at the first look, for a question that cannot be answered
    at any, and after MOST_FAILED looks in a row that failed.
    """
    chosen(following.only)
    clock = clock or SystemClock()
    eye = _Eye(following, inquiry, networks, clock, watcher, Told(following.window))
    eye.begin()
    failed = 0
    for number in count(1):
        begun = clock.monotonic()
        try:
            look = eye.look()
            failed = 0
        except RingwallError as error:
            failed += 1
            if number == 1 or failed >= MOST_FAILED or isinstance(error, QuestionError):
                raise
            look = Look(trouble=error)
        yield look
        if number == following.times:
            return
        clock.sleep(max(following.every - (clock.monotonic() - begun), LEAST))


@dataclass(slots=True)
class _Eye:
    """What was looked at, and what was told."""

    following: Following
    inquiry: Inquiry
    networks: Renewing | None
    clock: Clock
    watcher: Watcher | None
    told: "Told"
    judged: set[Path] = field(default_factory=set)
    waiting: int = 0

    def begin(self) -> None:
        """Take what is in the store as judged, but for the last of it."""
        there = self._files()
        last = max(there.values(), default=0)
        self.judged = {path for path, hour in there.items() if hour < last - self.following.window}

    def look(self) -> Look:
        """Read what is new, and judge it."""
        renewed, stale = self._renew()
        return replace(self._look(), renewed=renewed, stale=stale)

    def _renew(self) -> tuple[str, str]:
        """Read the network again if it may have changed; say that it has, or why it could not."""
        if self.networks is None:
            return "", ""
        try:
            return self.networks.renew(), ""
        except RingwallError as error:
            return "", reason(error)

    def _look(self) -> Look:
        wish, self.waiting = self.following.wish, 0
        report, _ = ingest(wish, watcher=self.watcher, clock=self.clock, take=self._is_settled)
        there = self._files()
        fresh = min((hour for path, hour in there.items() if path not in self.judged), default=None)
        if fresh is None:
            return Look(report, waiting=self.waiting)
        since = max(fresh - self.following.window, min(there.values()))
        scope = replace(self.inquiry.scope, extent=Extent(since))
        inquiry = replace(self.inquiry, scope=scope, asked_at=self.clock.now())
        if self.networks is not None:
            inquiry = self.networks.speaking(inquiry)
        detected = detect(
            inquiry, self.following.only, self.following.settings, self.following.suppressions
        )
        self.judged = set(there)
        news = tuple(self.told.news(detected.findings))
        return Look(report, detected, news, waiting=self.waiting)

    def _is_settled(self, source: Source) -> bool:
        """Tell whether a file is no longer being written, as far as its time says."""
        if source.remote:
            return True
        age = self.clock.now().timestamp() - int(source.stamp) / 1e9
        is_settled = not 0 <= age < SETTLED
        self.waiting += not is_settled
        return is_settled

    def _files(self) -> dict[Path, int]:
        """Return the files of the store, each with the first second of its hour."""
        store = Store(self.inquiry.store.resolve())
        return {path: hour for table in TABLES for hour, path in store.files_by_hour(table, EVER)}


@dataclass(slots=True)
class Told:
    """What was told: of each finding how bad it was, and the last second of it that was seen."""

    window: int
    known: dict[str, tuple[Severity, int]] = field(default_factory=dict)

    def news(self, findings: Sequence[Sighting]) -> Iterator[News]:
        """Yield the findings that are new, worse, or back after a window without them."""
        for found in findings:
            before = self.known.get(found.id)
            if before is None:
                self.known[found.id] = (found.severity, found.last)
                yield News(found)
                continue
            severity, last = before
            self.known[found.id] = (max(severity, found.severity), max(last, found.last))
            if found.severity > severity or found.first > last + self.window:
                yield News(found, again=True)
