"""Machines that ask public servers for the time: small, regular, to the outside.

Amazon's own time service, 169.254.169.123, is not logged (VPC guide, flow log limitations).
"""

import numpy as np

from ringwall.lab.traffic.benign.behaviour import Behaviour
from ringwall.lab.traffic.conversations import Book
from ringwall.lab.traffic.courses import End
from ringwall.lab.traffic.outside import Outside
from ringwall.lab.traffic.scene import Scene
from ringwall.lab.traffic.talks import Pair, Size, talk, ticks
from ringwall.trace.packet import UDP

PERIOD = 1024.0  # seconds: the longest that ntpd waits, where a clock is steady
PORT = 123
SERVERS = 4


def play(scene: Scene, book: Book, rng: np.random.Generator, start: float, end: float) -> None:
    """Write an hour of asking."""
    servers = _servers(scene)
    pairs = [Pair(m, s) for m in scene.instances[::3] if m.interface.ipv4 for s in servers[:2]]
    phases = scene.numbers("ntp").uniform(0, PERIOD, len(pairs))
    times = [ticks(start, end, PERIOD, phase) for phase in phases]
    if not times:
        return
    which = np.repeat(np.arange(len(pairs)), [len(each) for each in times])
    opens = np.concatenate(times)
    size = Size(lasts=0.0, packets=1, bytes=76, answers=1, answer_bytes=76)
    talk(
        scene,
        book,
        rng,
        pairs,
        port=PORT,
        opens=opens,
        which=which,
        size=size,
        protocol=UDP,
        sport=PORT,
    )


def _servers(scene: Scene) -> list[Outside]:
    rng = scene.random("ntp servers")
    return [scene.world.draw(rng) for _ in range(SERVERS)]


def actors(scene: Scene) -> list[End]:
    """Return the servers."""
    return list(_servers(scene)[:2])


NTP = Behaviour("ntp", "public time servers, asked every 1,024 seconds", play, actors)
