"""How long to wait between two questions: seconds on AWS, fractions of one on a lab."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Pace:
    """Delays of retries and polls, in seconds; `jitter` yields numbers in [0, 1).

    `attempts` bounds the retries of one request, `settling` the retries while AWS makes up its
    mind (a new id not known everywhere yet, a dependency going away), `sightings` the looks for a
    resource whose creation is in doubt. `poll_counts` is the least that a poll counts against a
    timeout: a lab lets one second of its own pass with every request.
    """

    first: float = 1.0
    longest: float = 20.0
    poll_first: float = 2.0
    poll_longest: float = 10.0
    attempts: int = 8
    settling: int = 40
    sightings: int = 5
    poll_counts: float = 0.0
    jitter: Callable[[], float] = random.random

    def backoff(self, attempt: int) -> float:
        """Return the delay after failed attempt `attempt` (from 0), half of it left to chance."""
        full = min(self.longest, self.first * 2.0 ** min(attempt, 20))
        return full / 2 + full / 2 * self.jitter()

    def poll(self, turn: int) -> float:
        """Return the delay after poll `turn` (from 0)."""
        return min(self.poll_longest, self.poll_first * 1.5 ** min(turn, 20))


AWS = Pace()
LAB = Pace(
    first=0.02, longest=0.2, poll_first=0.05, poll_longest=0.15, sightings=2, poll_counts=1.0
)


def is_loopback(endpoint: str) -> bool:
    """Tell whether an endpoint is on this machine."""
    host = urlsplit(endpoint).hostname or ""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def pace_of(endpoint: str) -> Pace:
    """Return the pace for an endpoint: a lab on this machine answers at once."""
    return LAB if is_loopback(endpoint) else AWS
