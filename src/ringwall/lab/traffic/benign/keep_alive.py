"""Connections that never end, seen in every window: their period is the aggregation's own."""

import numpy as np

from ringwall.lab.traffic.benign.behaviour import Behaviour
from ringwall.lab.traffic.conversations import Book
from ringwall.lab.traffic.courses import End
from ringwall.lab.traffic.interfaces import Machine
from ringwall.lab.traffic.outside import Outside
from ringwall.lab.traffic.scene import Scene
from ringwall.lab.traffic.talks import Pair, Size, talk

BEAT = 20.0  # seconds between packets


def play(scene: Scene, book: Book, rng: np.random.Generator, start: float, end: float) -> None:
    """Write the connections when the first hour begins: they were open before, and stay open."""
    del end
    if start > scene.begin:
        return
    lasts = scene.end - scene.begin + 1_200.0
    beats = int(lasts / BEAT)
    size = Size(lasts, beats, beats * 52, beats, beats * 52, opened=False, ends=False)
    for machine, there in _connections(scene):
        opens = np.array([scene.begin - rng.uniform(100, 600)])
        talk(scene, book, rng, [Pair(machine, there)], port=443, opens=opens, size=size)


def _connections(scene: Scene) -> list[tuple[Machine, Outside]]:
    rng = scene.random("keep-alive")
    vpcs: dict[str, Machine] = {}
    for machine in scene.leaving:
        if machine.interface.ipv4:
            vpcs.setdefault(machine.vpc, machine)
    return [(machine, scene.world.draw(rng)) for machine in vpcs.values()]


def actors(scene: Scene) -> list[End]:
    """Return the machines and whom they keep a line to."""
    return [end for pair in _connections(scene) for end in pair]


KEEP_ALIVE = Behaviour(
    "keep-alive", "connections that stay open through NAT gateways", play, actors
)
