"""The internet's background radiation: strangers who knock at every public address.

A NAT gateway lets nobody in, and its flow log says ACCEPT all the same where the network ACL does:
it has no security group, and drops later what it does not expect (AWS Knowledge Center, "traffic
from the internet that the NAT gateway accepts").
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringwall.lab.traffic.benign.behaviour import Behaviour
from ringwall.lab.traffic.conversations import SYN, Book
from ringwall.lab.traffic.courses import Course, End
from ringwall.lab.traffic.interfaces import Interface
from ringwall.lab.traffic.outside import Outside
from ringwall.lab.traffic.scene import Scene
from ringwall.lab.traffic.stations import REMOTE, Vantage
from ringwall.lab.traffic.talks import Pair, Size, moments, talk
from ringwall.model.graph import Unknown
from ringwall.trace.filters import Outcome, decide_acl
from ringwall.trace.packet import TCP, Packet
from ringwall.trace.trace import Verdict

STRANGERS = 4_000
RATE = 1 / 40  # knocks a second at each address
PORTS = (23, 22, 445, 80, 443, 3389, 8080, 5555, 1433, 6379, 2323, 8443, 5900, 3306, 25, 81, 9200)


def play(scene: Scene, book: Book, rng: np.random.Generator, start: float, end: float) -> None:
    """Write an hour of knocking."""
    machines = [m for m in scene.estate.machines if m.interface.public]
    gates = [each for each in scene.estate.nats.values() if each.public]
    strangers = _strangers(scene)
    common = np.array(PORTS)
    for machine in machines:
        opens = moments(rng, start, end, RATE * scene.scale)
        who = _some(rng, len(opens))
        pairs = [Pair(strangers[k], machine) for k in who]
        ports = _ports(rng, common, len(opens))
        size = Size(lasts=0.3, packets=2, bytes=104, answers=2, answer_bytes=112)
        which = np.arange(len(pairs))
        talk(scene, book, rng, pairs, port=ports, opens=opens, which=which, size=size)
    for gate in gates:
        opens = moments(rng, start, end, RATE * scene.scale)
        who = _some(rng, len(opens))
        ports = _ports(rng, common, len(opens))
        courses = [
            at_gateway(scene, gate, strangers[k], port).number
            for k, port in zip(who, ports.tolist(), strict=True)
        ]
        book.add(
            np.array(courses),
            len(opens),
            remote=np.array([strangers[k].number for k in who]),
            opens=opens,
            sport=rng.integers(1_024, 65_535, len(opens)),
            dport=ports,
            packets=1,
            bytes=44,
            first=SYN,
        )


def at_gateway(scene: Scene, gate: Interface, stranger: Outside, port: int) -> Course:
    """Return what a NAT gateway's interface logs of a knock."""
    subnet = scene.estate.network.subnets[gate.subnet]
    action = "ACCEPT"
    if subnet.acl is not None and not isinstance(subnet.acl, Unknown):
        packet = Packet(TCP, port, 0, 50_000)
        if decide_acl(subnet.acl, stranger.host, packet, egress=False).outcome is Outcome.DROP:
            action = "REJECT"
    seen = Vantage(
        interface=gate,
        egress=False,
        reply=False,
        source=REMOTE,
        destination=gate.ipv4,
        packet_source=REMOTE,
        packet_destination=gate.ipv4,
        action=action,
        protocol=TCP,
        version=4,
    )
    verdict = Verdict.DENY if action == "REJECT" else Verdict.ONE_WAY
    return scene.courses.made((seen,), verdict)


def _ports(rng: np.random.Generator, common: NDArray[Any], count: int) -> NDArray[Any]:
    """Return well-known ports mostly, some of any."""
    known = common[(len(common) * rng.power(0.7, count)).astype(int)]
    return np.where(rng.random(count) < 0.8, known, rng.integers(1, 65_535, count))


def _some(rng: np.random.Generator, count: int) -> list[int]:
    found: list[int] = rng.integers(0, STRANGERS, count).tolist()
    return found


def _strangers(scene: Scene) -> list[Outside]:
    rng = scene.random("strangers")
    return scene.once("strangers", lambda: [scene.world.draw(rng) for _ in range(STRANGERS)])


def actors(scene: Scene) -> list[End]:
    """Return nobody: there are thousands."""
    del scene
    return []


RADIATION = Behaviour("radiation", "strangers at every public address", play, actors)
