"""Where and when traffic is made: the network's machines, the outside, hours, and chance."""

from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from math import cos, pi
from random import Random
from typing import TypeVar, cast

import numpy as np

from ringwall.lab.traffic.courses import Courses
from ringwall.lab.traffic.estate import Estate
from ringwall.lab.traffic.interfaces import Machine, Role
from ringwall.lab.traffic.meant import Meant
from ringwall.lab.traffic.outside import World

HOUR = 3600
DAY = 24 * HOUR
# A Linux client's ports: net.ipv4.ip_local_port_range.
CLIENT_PORTS = (32_768, 61_000)  # half-open

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Scene:
    """What behaviours and attacks are given; times are seconds since 1970, `end` exclusive.

    `scale` multiplies the rates of ordinary traffic.
    """

    estate: Estate
    courses: Courses
    world: World
    meant: tuple[Meant, ...]
    seed: int
    begin: int
    end: int
    scale: float = 1.0
    memo: dict[object, object] = field(default_factory=dict)

    def once(self, key: object, make: Callable[[], T]) -> T:
        """Return what was made for a key the first time that it was asked for."""
        if key not in self.memo:
            self.memo[key] = make()
        return cast("T", self.memo[key])  # a key is always asked with one kind of thing

    def random(self, *names: object) -> Random:
        """Return chance that hangs on the seed and these names alone."""
        return Random("/".join(map(str, (self.seed, *names))))

    def numbers(self, *names: object) -> np.random.Generator:
        """Return the same for arrays."""
        text = "/".join(map(str, (self.seed, *names)))
        return np.random.default_rng(int.from_bytes(sha256(text.encode()).digest()[:8]))

    @property
    def instances(self) -> list[Machine]:
        """Return the machines that run software of their own."""
        return [m for m in self.estate.machines if m.role is Role.INSTANCE]

    @property
    def leaving(self) -> list[Machine]:
        """Return the machines that are meant to open connections to the internet on 443."""
        found = {
            m.name: m
            for flow in self.meant
            if flow.outbound and flow.place == "internet" and flow.port == 443
            for m in flow.sources
            if m.role is Role.INSTANCE
        }
        return list(found.values())


def rhythm(moment: float) -> float:
    """Return how busy people are: 1 on a weekday's afternoon (UTC), a fifth at night."""
    hour = moment % DAY / HOUR
    day = int(moment // DAY + 3) % 7  # 1970-01-01 was a Thursday; Monday is 0
    level = 0.6 - 0.4 * cos((hour - 3) / 24 * 2 * pi)
    return level * (0.6 if day >= 5 else 1.0)
