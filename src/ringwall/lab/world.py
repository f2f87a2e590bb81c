"""The state of a lab that moto has no place for: time, quotas, and what is due to happen."""

import heapq
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from threading import RLock
from typing import Any, Literal, TypeAlias, TypeVar

T = TypeVar("T")
# An object of moto's or of its server's: neither publishes types that hold.
Moto: TypeAlias = Any
ClockMode = Literal["virtual", "real"]

# One virtual second passes with every request, so a wait ends after that many requests.
VIRTUAL_SECONDS_PER_REQUEST = 1.0

# How long a transition takes, in seconds; AWS takes longer, in the same order.
CREATION = 3.0
DELETION = 3.0
ASSOCIATION = 2.0
# AWS keeps deleted gateways and attachments listed for about an hour; in virtual time a
# second is a request, so a lab forgets them after this many.
REMEMBRANCE = 300.0

# AWS's default quotas (VPC guide, "Amazon VPC quotas").
DEFAULT_QUOTAS: Mapping[str, int] = {
    "network_acl_entries": 20,
    "security_group_rules": 60,
}


class Clock:
    """Time of a lab, and the queue of what happens later in it."""

    def __init__(self, mode: ClockMode = "virtual") -> None:
        self.mode = mode
        self._now = 0.0
        self._began = datetime.fromtimestamp(time.time(), UTC)
        self._count = 0
        self._due: list[tuple[float, int, Callable[[], object]]] = []

    def now(self) -> float:
        """Return the seconds since some fixed moment."""
        return self._now if self.mode == "virtual" else time.monotonic()

    def utc(self) -> datetime:
        """Return the time of day in this lab: that of its beginning, and what passed since."""
        if self.mode == "real":
            return datetime.fromtimestamp(time.time(), UTC)
        return self._began + timedelta(seconds=self._now)

    def after(self, seconds: float, happen: Callable[[], object]) -> None:
        """Call `happen` once `seconds` have passed."""
        self._count += 1
        heapq.heappush(self._due, (self.now() + seconds, self._count, happen))

    def tick(self) -> None:
        """Let one request's worth of time pass, and everything happen that is due."""
        if self.mode == "virtual":
            self._now += VIRTUAL_SECONDS_PER_REQUEST
        self.settle()

    def advance(self, seconds: float) -> None:
        """Let `seconds` of virtual time pass at once; a real clock cannot be moved.

        What is due meanwhile happens at its own time.
        """
        end = self._now + seconds
        if self.mode == "virtual":
            while self._due and self._due[0][0] <= end:
                self._now = max(self._now, self._due[0][0])
                self.settle()
            self._now = end
        self.settle()

    def settle(self) -> None:
        """Let everything happen that is due."""
        while self._due and self._due[0][0] <= self.now():
            _, _, happen = heapq.heappop(self._due)
            happen()

    def pass_through(
        self,
        thing: Moto,
        first: str,
        then: str,
        seconds: float,
        *,
        attribute: str = "state",
        and_then: Callable[[], object] | None = None,
    ) -> None:
        """Set the state of `thing` to `first` now and to `then` later, unless it has changed."""
        setattr(thing, attribute, first)

        def arrive() -> None:
            if getattr(thing, attribute) == first:
                setattr(thing, attribute, then)
                if and_then is not None:
                    and_then()

        self.after(seconds, arrive)


# Held while a request is answered: moto is not safe for threads, and gains nothing from them.
LOCK = RLock()


class World:
    """What belongs to one lab beside moto's own state; `endpoint` is where it listens."""

    def __init__(self, mode: ClockMode, quotas: Mapping[str, int], endpoint: str = "") -> None:
        self.clock = Clock(mode)
        self.quotas = {**DEFAULT_QUOTAS, **quotas}
        self.endpoint = endpoint
        self.shelf: dict[str, Any] = {}


_current = World("virtual", {})


def current() -> World:
    """Return the world of the running lab."""
    return _current


def clock() -> Clock:
    """Return the clock of the running lab."""
    return _current.clock


def enter(world: World) -> None:
    """Make `world` the running lab's."""
    global _current  # noqa: PLW0603  (moto's state is global to the process; so is this)
    _current = world


def store(backend: Moto, kind: type[T]) -> T:
    """Return the lab's own state of `kind` in one account and region; it dies with a reset."""
    shelf: dict[str, Any] = backend.__dict__.setdefault("_ringwall", {})
    if kind.__name__ not in shelf:
        shelf[kind.__name__] = kind()
    found: T = shelf[kind.__name__]
    return found
