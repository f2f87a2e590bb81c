"""Services that call each other all the time: every one of a group with every one of another."""

import numpy as np

from ringwall.lab.traffic.benign.behaviour import Behaviour
from ringwall.lab.traffic.conversations import Book
from ringwall.lab.traffic.courses import End
from ringwall.lab.traffic.interfaces import Role
from ringwall.lab.traffic.meant import Meant
from ringwall.lab.traffic.scene import Scene, rhythm
from ringwall.lab.traffic.talks import Within, exchange, heavy, moments, talk
from ringwall.trace.packet import TCP

RATE = 0.5  # connections a second of the whole mesh, at the busiest hour


def play(scene: Scene, book: Book, rng: np.random.Generator, start: float, end: float) -> None:
    """Write an hour of calls."""
    flow = scene.once("mesh", lambda: mesh_of(scene))
    if flow is None:
        return
    pairs = [Within(a, b) for a in flow.sources for b in flow.destinations if a.name != b.name]
    pairs = [p for p in pairs if p.source.interface.ipv4 and p.destination.interface.ipv4]
    if not pairs:
        return
    busy = rhythm((start + end) / 2) * scene.scale
    opens = moments(rng, start, end, RATE * busy)
    count = len(opens)
    got = heavy(rng, count, 1_500, 0.5)
    size = exchange(400, got, rng.exponential(0.05, count))
    which = rng.integers(0, len(pairs), count)
    talk(scene, book, rng, pairs, port=flow.port, opens=opens, which=which, size=size)


def mesh_of(scene: Scene) -> Meant | None:
    """Return the flow between the most instances inside."""
    inner = [
        flow
        for flow in scene.meant
        if not flow.place
        and flow.protocol == TCP
        and flow.port not in {22, 3389}
        and all(m.role is Role.INSTANCE for m in (*flow.sources, *flow.destinations))
        and len({m.vpc for m in (*flow.sources, *flow.destinations)}) == 1
    ]
    return max(inner, key=lambda f: len(f.sources) * len(f.destinations), default=None)


def actors(scene: Scene) -> list[End]:
    """Return the members of the mesh."""
    flow = mesh_of(scene)
    return [*flow.sources, *flow.destinations] if flow is not None else []


MESH = Behaviour("mesh", "services that call each other all the time", play, actors)
