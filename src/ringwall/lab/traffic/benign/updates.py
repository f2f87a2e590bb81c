"""Machines that fetch packages from a content network in the early morning: much, and inwards."""

import numpy as np

from ringwall.lab.traffic.benign.behaviour import Behaviour
from ringwall.lab.traffic.conversations import Book
from ringwall.lab.traffic.courses import End
from ringwall.lab.traffic.outside import Outside
from ringwall.lab.traffic.scene import DAY, HOUR, Scene
from ringwall.lab.traffic.talks import Pair, exchange, heavy, talk

AT = 4 * HOUR
SPREAD = 2 * HOUR
FETCHES = 5


def play(scene: Scene, book: Book, rng: np.random.Generator, start: float, end: float) -> None:
    """Write the updates that begin in this hour."""
    sources = _network(scene)
    for machine in scene.leaving:
        if not machine.interface.ipv4:
            continue
        own = scene.random("update", machine.name)
        for day in range(int(start // DAY), int(end // DAY) + 1):
            begins = day * DAY + AT + own.uniform(0, SPREAD)
            if not start <= begins < end:
                continue
            got = heavy(rng, FETCHES, 25e6, 0.8)
            size = exchange(800, got, got / 4e6 + 0.5)
            pairs = [Pair(machine, each) for each in sources]
            which = rng.integers(0, len(pairs), FETCHES)
            opens = begins + rng.uniform(0, 60, FETCHES)
            talk(scene, book, rng, pairs, port=443, opens=opens, which=which, size=size)


def _network(scene: Scene) -> list[Outside]:
    rng = scene.random("content network")
    return [scene.world.of_service(rng, "CLOUDFRONT") for _ in range(6)]


def actors(scene: Scene) -> list[End]:
    """Return the content network."""
    return list(_network(scene)) if scene.leaving else []


UPDATES = Behaviour("updates", "software updates from a content network", play, actors)
