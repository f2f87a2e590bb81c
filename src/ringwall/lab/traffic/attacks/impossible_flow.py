"""Traffic that was accepted though the network's rules say that it cannot be."""

import numpy as np

from ringwall.lab.traffic.attacks.attack import Attack, Deed, Order, groups_of, no_occasion, span
from ringwall.lab.traffic.conversations import FIN, SYN, SYN_ACK, Book
from ringwall.lab.traffic.scene import Scene
from ringwall.lab.traffic.stations import SAME_VPC, Vantage
from ringwall.lab.traffic.talks import Within, course_of
from ringwall.trace.packet import TCP
from ringwall.trace.trace import Verdict

COUNT = {"hard": 1, "middle": 2, "easy": 10}
PORTS = (3306, 22, 5432, 8080, 443)


def plan(scene: Scene, order: Order, book: Book, rng: np.random.Generator) -> Deed:
    """Claim a connection that the tracer denies: of the hard one, a single record tells."""
    pair, port = _denied(scene, order)
    source, target = pair.source.interface, pair.destination.interface
    ends = (source.address(order.version), target.address(order.version))
    seen = []
    for interface, egress, reply in (
        (target, False, False),
        (source, True, False),
        (target, True, True),
        (source, False, True),
    ):
        first, last = ends[::-1] if reply else ends
        seen.append(
            Vantage(
                interface=interface,
                egress=egress,
                reply=reply,
                source=first,
                destination=last,
                packet_source=first,
                packet_destination=last,
                action="ACCEPT",
                protocol=TCP,
                version=order.version,
                path=SAME_VPC if egress else 0,
            )
        )
    count = COUNT[order.strength]
    alone = order.strength == "hard"
    begins, stops = span(scene, rng, early=0.6)
    course = scene.courses.made(seen[:1] if alone else seen)
    book.add(
        course,
        count,
        opens=np.sort(rng.uniform(begins, stops, count)),
        lasts=0.0 if alone else 0.4,
        sport=rng.integers(*order.client_ports, count),
        dport=port,
        packets=1 if alone else 8,
        bytes=60 if alone else 900,
        answers=0 if alone else 7,
        answer_bytes=0 if alone else 2_400,
        first=SYN,
        last=0 if alone else FIN,
        answer_first=0 if alone else SYN_ACK,
        answer_last=0 if alone else FIN,
    )
    return Deed(order, [pair.source], [pair.destination], [port])


def _denied(scene: Scene, order: Order) -> tuple[Within, int]:
    """Return a pair in one VPC that the tracer denies."""
    rng = scene.random(order.kind, order.number)
    groups = list(groups_of(scene, order.version).values())
    for _ in range(400 if groups else 0):
        pair = Within(rng.choice(rng.choice(groups)), rng.choice(rng.choice(groups)), order.version)
        port = rng.choice(PORTS)
        if pair.source.vpc != pair.destination.vpc or pair.source == pair.destination:
            continue
        if course_of(scene, pair, TCP, port).verdict is Verdict.DENY:
            return pair, port
    raise no_occasion(order, "no two instances of a VPC are kept apart")


IMPOSSIBLE_FLOW = Attack(
    "impossible-flow",
    "accepted traffic that the rules deny",
    {"hard": "a single record", "middle": "two connections", "easy": "ten connections"},
    plan,
)
