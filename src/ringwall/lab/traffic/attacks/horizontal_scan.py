"""A machine inside tries address after address, on one port or on five."""

import numpy as np

from ringwall.lab.traffic.attacks.attack import Attack, Deed, Order, groups_of, no_occasion, span
from ringwall.lab.traffic.attacks.occasions import knock
from ringwall.lab.traffic.conversations import Book
from ringwall.lab.traffic.interfaces import Machine
from ringwall.lab.traffic.scene import HOUR, Scene
from ringwall.lab.traffic.talks import Pair
from ringwall.trace.addresses import to_text

PACE = {"hard": 300.0, "middle": 60.0, "easy": 0.1}  # seconds from host to host
MOST = 500  # hosts
LONGEST = 12 * HOUR
PORTS = (445, 22, 3389, 5985, 3306)


def plan(scene: Scene, order: Order, book: Book, rng: np.random.Generator) -> Deed:
    """Scan the addresses of the source's VPC and of its neighbours, used ones and others."""
    groups = groups_of(scene, order.version)
    if not groups:
        raise no_occasion(order, "the network has no instance with an address")
    chance = scene.random(order.kind, order.number)
    source = chance.choice(groups[chance.choice(list(groups))])
    pace = PACE[order.strength]
    begins, ends = span(scene, rng, min(LONGEST, MOST * pace))
    count = max(int((ends - begins) / pace), 1)
    pairs = _targets(scene, order, source, count)
    ports = np.array(PORTS if order.variant == "five-ports" else PORTS[:1])
    which = np.repeat(np.arange(len(pairs)), len(ports))
    opens = begins + which * pace + rng.uniform(0, 0.2 * pace, len(which))
    tried = np.tile(ports, len(pairs))
    knock(scene, book, rng, order, pairs, ports=tried, opens=opens, which=which)
    return Deed(order, [source], [p.destination for p in pairs], ports.tolist())


def _targets(scene: Scene, order: Order, source: Machine, count: int) -> list[Pair]:
    """Return addresses to try: machines there are, and as many where nobody is."""
    rng = scene.random(order.kind, order.number, "targets")
    version = order.version
    machines = [
        m for m in scene.estate.machines if m.interface.address(version) and m.name != source.name
    ]
    found = [Pair(source, m, version) for m in rng.sample(machines, min(count // 2, len(machines)))]
    used = {each.address(version) for each in scene.estate.interfaces}
    subnets = list(scene.estate.network.subnets.values())
    while len(found) < count:
        subnet = rng.choice(subnets)
        parts = [b for b in subnet.blocks if b.version == version]
        if not parts:
            continue
        part = parts[0]
        width = min(part.end - part.start - 5, 4_096)
        text = to_text(version, part.start + 4 + rng.randrange(max(width, 1)))
        if text not in used:
            used.add(text)
            found.append(Pair(source, scene.world.at(text), version, vacant=True))
    rng.shuffle(found)
    return found


HORIZONTAL_SCAN = Attack(
    "horizontal-scan",
    "a machine inside tries one port, or five, of many addresses",
    {"hard": "1 host in 5 minutes", "middle": "1 a minute", "easy": "10 a second"},
    plan,
    ("one-port", "five-ports"),
)
