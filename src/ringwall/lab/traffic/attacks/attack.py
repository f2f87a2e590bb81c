"""What an attack is: a kind in three strengths, played once in a scene, and what is true of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ringwall.errors import InputError
from ringwall.lab.traffic.conversations import Book
from ringwall.lab.traffic.courses import End
from ringwall.lab.traffic.interfaces import Interface, Machine
from ringwall.lab.traffic.names import Query
from ringwall.lab.traffic.scene import DAY, Scene

STRENGTHS = ("hard", "middle", "easy")  # to find
# What may be added to any attack that has addresses: it goes over IPv6.
V6 = "v6"
FIRST_PORT, PORTS = 20_000, 500  # of an attack's own client ports, below those of ordinary clients


@dataclass(frozen=True, slots=True)
class Order:
    """An attack as it was asked for; `number` counts from 0."""

    kind: str
    strength: str
    variant: str
    version: int
    number: int

    @property
    def client_ports(self) -> tuple[int, int]:
        """Return the client ports that are its own, half-open: they tell it from its like."""
        first = FIRST_PORT + self.number % 20 * PORTS
        return first, first + PORTS


@dataclass(slots=True)
class Deed:
    """What is true of an attack that was played."""

    order: Order
    sources: Sequence[End] = ()
    targets: Sequence[End | Interface] = ()
    ports: Sequence[int] = ()
    names: Sequence[str] = ()
    queries: list[Query] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)


Plan = Callable[[Scene, Order, Book, np.random.Generator], Deed]


def _nothing(scene: Scene, order: Order) -> None:
    del scene, order


@dataclass(frozen=True, slots=True)
class Attack:
    """A kind of attack.

    `strengths` say what each is; the first of `variants` is played where none is named. `plan`
    writes its conversations and raises InputError where the network gives no occasion. `prepare`
    may add machines before anything is played.
    """

    name: str
    what: str
    strengths: Mapping[str, str]
    plan: Plan
    variants: tuple[str, ...] = ("",)
    in_ipv6: bool = True
    prepare: Callable[[Scene, Order], None] = _nothing


def no_occasion(order: Order, why: str, hint: str = "") -> InputError:
    """Return the error that a network has no place for an attack."""
    family = " over IPv6" if order.version == 6 else ""
    return InputError(f"attack {order.kind!r}{family}: {why}", hint=hint)


def span(
    scene: Scene, rng: np.random.Generator, longest: float = np.inf, early: float = 0.3
) -> tuple[float, float]:
    """Return when an attack begins and ends: it begins in the first part of the last day.

    What comes before is what a source's own past is told by.
    """
    first = max(scene.begin, scene.end - DAY)
    begins = first + rng.uniform(0.05, early) * (scene.end - first)
    return begins, min(begins + longest, scene.end - 1.0)


def has(machine: Machine, version: int) -> bool:
    """Tell whether a machine has an address of a family."""
    return bool(machine.interface.address(version))


def groups_of(scene: Scene, version: int) -> dict[str, list[Machine]]:
    """Return the instances by group that have an address of a family."""
    found: dict[str, list[Machine]] = {}
    for machine in scene.instances:
        if has(machine, version):
            found.setdefault(machine.group, []).append(machine)
    return found
