"""Load balancers that ask each of their targets every thirty seconds: regular, small, for ever."""

import numpy as np

from ringwall.lab.traffic.benign.behaviour import Behaviour
from ringwall.lab.traffic.conversations import Book
from ringwall.lab.traffic.courses import End
from ringwall.lab.traffic.interfaces import Machine, Role
from ringwall.lab.traffic.scene import Scene
from ringwall.lab.traffic.talks import Size, Within, talk, ticks

PERIOD = 30.0  # HealthCheckIntervalSeconds, its default


def play(scene: Scene, book: Book, rng: np.random.Generator, start: float, end: float) -> None:
    """Write an hour of health checks."""
    for port, pairs in scene.once("checks", lambda: checks(scene)).items():
        phases = scene.numbers("health", port).uniform(0, PERIOD, len(pairs))
        times = [ticks(start, end, PERIOD, phase) for phase in phases]
        which = np.repeat(np.arange(len(pairs)), [len(each) for each in times])
        opens = np.concatenate(times)
        opens = opens + rng.uniform(0, 0.02, len(opens))
        size = Size(lasts=0.05, packets=6, bytes=465, answers=5, answer_bytes=612)
        talk(scene, book, rng, pairs, port=port, opens=opens, which=which, size=size)


def checks(scene: Scene) -> dict[int, list[Within]]:
    """Return who asks whom, by port."""
    found: dict[int, dict[tuple[str, str], Within]] = {}
    for flow in scene.meant:
        nodes = [m for m in flow.sources if m.role is Role.BALANCER]
        targets = [m for m in flow.destinations if m.role is Role.INSTANCE]
        for node in nodes if flow.port == _lowest(scene, nodes) else ():
            for target in targets:
                found.setdefault(flow.port, {})[node.name, target.name] = Within(node, target)
    return {port: list(pairs.values()) for port, pairs in found.items()}


def _lowest(scene: Scene, nodes: list[Machine]) -> int:
    group = nodes[0].group if nodes else ""
    ports = [f.port for f in scene.meant if f.sources and f.sources[0].group == group]
    return min(ports, default=0)


def actors(scene: Scene) -> list[End]:
    """Return the nodes that ask."""
    nodes = {p.source.name: p.source for ps in checks(scene).values() for p in ps}
    return list(nodes.values())


HEALTH_CHECKS = Behaviour("health-checks", "load balancers asking their targets", play, actors)
