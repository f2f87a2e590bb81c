"""Machines that announce themselves by multicast, which a VPC carries nowhere."""

import numpy as np

from ringwall.lab.traffic.benign.behaviour import Behaviour
from ringwall.lab.traffic.conversations import Book
from ringwall.lab.traffic.courses import End
from ringwall.lab.traffic.outside import Outside
from ringwall.lab.traffic.scene import Scene
from ringwall.lab.traffic.talks import ticks
from ringwall.trace.packet import UDP

GROUPS = (("224.0.0.251", 5353, 120.0), ("239.255.255.250", 1900, 300.0))  # mDNS, SSDP


def play(scene: Scene, book: Book, rng: np.random.Generator, start: float, end: float) -> None:
    """Write an hour of announcements."""
    for machine in scene.instances[::4]:
        if not machine.interface.ipv4:
            continue
        own = scene.random("multicast", machine.name)
        for there, (_, port, period) in zip(_groups(scene), GROUPS, strict=True):
            opens = ticks(start, end, period, own.uniform(0, period))
            course = scene.courses.find(machine, there, UDP, port, stays=True)
            book.add(
                course,
                len(opens),
                remote=there.number,
                opens=opens + rng.uniform(0, 0.5, len(opens)),
                sport=port,
                dport=port,
                packets=1,
                bytes=180,
            )


def _groups(scene: Scene) -> list[Outside]:
    return [scene.world.at(address) for address, _, _ in GROUPS]


def actors(scene: Scene) -> list[End]:
    """Return the multicast groups."""
    return list(_groups(scene))


MULTICAST = Behaviour("multicast", "announcements that go nowhere", play, actors)
