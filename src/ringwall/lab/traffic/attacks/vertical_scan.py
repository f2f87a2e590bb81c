"""One source tries port after port of one target."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringwall.lab.traffic.attacks.attack import Attack, Deed, Order, no_occasion, span
from ringwall.lab.traffic.attacks.occasions import knock, ports_of, scan_pairs
from ringwall.lab.traffic.benign.radiation import at_gateway
from ringwall.lab.traffic.conversations import SYN, Book
from ringwall.lab.traffic.interfaces import Interface
from ringwall.lab.traffic.scene import HOUR, Scene

PACE = {"hard": 300.0, "middle": 60.0, "easy": 0.1}  # seconds from port to port
MOST = 1_000  # ports
LONGEST = 12 * HOUR


def plan(scene: Scene, order: Order, book: Book, rng: np.random.Generator) -> Deed:
    """Scan a target whose filters reject, accept, or do some of both."""
    pace = PACE[order.strength]
    begins, ends = span(scene, rng, min(LONGEST, MOST * pace))
    count = max(int((ends - begins) / pace), 1)
    for pair in scan_pairs(scene, order):
        ports = ports_of(scene, order, pair, count, rng)
        if len(ports) < min(count, 20):
            continue
        opens = begins + np.arange(len(ports)) * pace + rng.uniform(0, 0.2 * pace, len(ports))
        knock(scene, book, rng, order, [pair], ports=ports, opens=opens)
        return Deed(order, [pair.source], [pair.destination], sorted(set(ports.tolist())))
    for gate in scene.estate.nats.values():
        if gate.public and order.version == 4 and order.variant != "rejected":
            return _at_gateway(scene, order, book, rng, gate, begins + np.arange(count) * pace)
    raise no_occasion(order, f"there is nobody whose filters would have it {order.variant}")


def _at_gateway(
    scene: Scene,
    order: Order,
    book: Book,
    rng: np.random.Generator,
    gate: Interface,
    opens: NDArray[Any],
) -> Deed:
    """Scan a NAT gateway's address: its interface logs what the network ACL does, and no answer."""
    stranger = scene.world.draw(scene.random(order.kind, order.number, "stranger"))
    drawn = rng.permutation(np.arange(1, 65_536)).tolist()
    actions = {True} if order.variant == "accepted" else {True, False}
    found = []
    for port in drawn:
        course = at_gateway(scene, gate, stranger, port)
        if course.accepted in actions:
            found.append((port, course.number))
        if len(found) == len(opens):
            break
    ports = np.array([port for port, _ in found])
    book.add(
        np.array([number for _, number in found]),
        len(found),
        remote=stranger.number,
        opens=opens[: len(found)],
        sport=rng.integers(*order.client_ports, len(found)),
        dport=ports,
        packets=1,
        bytes=44,
        first=SYN,
    )
    return Deed(order, [stranger], [gate], sorted(set(ports.tolist())))


VERTICAL_SCAN = Attack(
    "vertical-scan",
    "one source tries the ports of one target",
    {"hard": "1 port in 5 minutes", "middle": "1 a minute", "easy": "10 a second"},
    plan,
    ("rejected", "accepted", "mixed"),
)
