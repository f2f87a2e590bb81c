"""Attempt after attempt to log in, where the filters let connections through."""

import numpy as np

from ringwall.lab.traffic.attacks.attack import Attack, Deed, Order, has, no_occasion, span
from ringwall.lab.traffic.attacks.occasions import accepted
from ringwall.lab.traffic.conversations import Book
from ringwall.lab.traffic.interfaces import Machine, Role
from ringwall.lab.traffic.meant import Meant
from ringwall.lab.traffic.scene import HOUR, Scene
from ringwall.lab.traffic.talks import Pair, Size, talk

# Where passwords are asked for, in the order of preference; any other port after them.
PORTS = (22, 3389, 3306, 5432, 1433, 1521, 27017, 6379, 5985, 21)
KINDS = {"ssh": (22,), "rdp": (3389,), "database": (3306, 5432, 1433, 1521, 27017, 6379)}
PERIOD = {"hard": 60.0, "middle": 10.0, "easy": 1.0}  # seconds from attempt to attempt
LONGEST = {"hard": 6 * HOUR, "middle": 3 * HOUR, "easy": HOUR}
SOURCES = 20  # of the hard one


def prepare(scene: Scene, order: Order) -> None:
    """Let the attacked service's clients be as many as the attack comes from."""
    if order.strength == "hard":
        flow = _flow(scene, order)
        for group in {m.group for m in flow.sources} if flow is not None else ():
            scene.estate.grow(group, SOURCES)


def plan(scene: Scene, order: Order, book: Book, rng: np.random.Generator) -> Deed:
    """Guess at one machine's door."""
    flow = _flow(scene, order)
    if flow is None:
        raise no_occasion(order, f"no {order.variant} service is let through to an instance")
    target = _targets(flow, order)[-1]
    chance = scene.random(order.kind, order.number)
    if flow.sources:
        there = [m for m in flow.sources if has(m, order.version) and m.name != target.name]
        pairs = [Pair(m, target, order.version) for m in there]
    else:
        strangers = [scene.world.draw(chance, order.version) for _ in range(SOURCES)]
        pairs = [Pair(each, target, order.version) for each in strangers]
    pairs = [p for p in pairs if accepted(scene, p, flow.port)]
    if not pairs:
        raise no_occasion(order, f"nobody gets through to {target.group} on {flow.port}")
    pairs = chance.sample(pairs, min(SOURCES if order.strength == "hard" else 1, len(pairs)))
    begins, ends = span(scene, rng, LONGEST[order.strength])
    period = PERIOD[order.strength]
    opens = np.arange(begins, ends, period)
    opens = opens + rng.uniform(0, 0.5 * period, len(opens))
    count = len(opens)
    packets = rng.integers(11, 17, count)
    size = Size(
        lasts=rng.uniform(0.8, 2.8, count),
        packets=packets,
        bytes=packets * 130,
        answers=packets - 1,
        answer_bytes=packets * 170,
    )
    which = np.arange(count) % len(pairs)
    low, high = order.client_ports
    sport = low + np.arange(count) % (high - low)  # one after the other, as clients take them
    talk(scene, book, rng, pairs, port=flow.port, opens=opens, which=which, size=size, sport=sport)
    return Deed(order, [p.source for p in pairs], [target], [flow.port])


def _targets(flow: Meant, order: Order) -> list[Machine]:
    return [m for m in flow.destinations if has(m, order.version) and m.role is Role.INSTANCE]


def _flow(scene: Scene, order: Order) -> Meant | None:
    """Return the service to attack: the most wanted port that somebody reaches."""
    ports = KINDS.get(order.variant, PORTS)
    found = []
    for flow in scene.meant:
        targets = _targets(flow, order)
        if flow.protocol != 6 or not targets or flow.port not in ports:
            continue
        if flow.place and flow.place != "internet":
            continue
        sources = [m for m in flow.sources if has(m, order.version) and m.role is Role.INSTANCE]
        if flow.sources and not any(
            accepted(scene, Pair(m, targets[-1], order.version), flow.port) for m in sources
        ):
            continue
        if not flow.sources and not targets[-1].interface.public:
            continue
        found.append((-ports.index(flow.port), len(sources), flow))
    return max(found, key=lambda each: each[:2])[2] if found else None


BRUTE_FORCE = Attack(
    "brute-force",
    "attempts to log in at a service that is let through",
    {"hard": "1 attempt a minute from 20 sources", "middle": "6 a minute", "easy": "60 a minute"},
    plan,
    ("any", *KINDS),
    prepare=prepare,
)
