"""From a machine that fell, on to others: edges that were never there before."""

from collections import defaultdict

import numpy as np

from ringwall.lab.traffic.attacks.attack import (
    Attack,
    Deed,
    Order,
    groups_of,
    has,
    no_occasion,
    span,
)
from ringwall.lab.traffic.attacks.occasions import accepted
from ringwall.lab.traffic.benign.edges import ordinary_edges
from ringwall.lab.traffic.conversations import Book
from ringwall.lab.traffic.interfaces import Machine, Role
from ringwall.lab.traffic.scene import DAY, Scene
from ringwall.lab.traffic.talks import Size, Within, talk
from ringwall.trace.packet import TCP

EDGES = {"hard": 3, "middle": 10, "easy": 100}
PORTS = (22, 3389, 445, 5985, 443, 3306, 8080)
LET_THROUGH = 0.75  # of the tries, while there is something that is let through
MOVES_ON = 0.3  # from where it got to


def plan(scene: Scene, order: Order, book: Book, rng: np.random.Generator) -> Deed:
    """Open connections that nobody opens."""
    wanted = EDGES[order.strength]
    edges = _edges(scene, order, wanted)
    if len(edges) < wanted:
        raise no_occasion(order, f"there are {len(edges)} edges to take, {wanted} were asked for")
    begins, ends = span(scene, rng, DAY)
    opens = np.sort(rng.uniform(begins, ends - 60, wanted))
    pairs = [pair for pair, _ in edges]
    packets = rng.integers(20, 60, wanted)
    size = Size(
        lasts=rng.uniform(2, 40, wanted),
        packets=packets,
        bytes=packets * 150,
        answers=packets,
        answer_bytes=packets * 240,
    )
    sport = rng.integers(*order.client_ports, wanted)
    ports = np.array([port for _, port in edges])
    talk(
        scene,
        book,
        rng,
        pairs,
        port=ports,
        opens=opens,
        which=np.arange(wanted),
        size=size,
        sport=sport,
    )
    let = sum(accepted(scene, pair, port) for pair, port in edges)
    facts = {
        "edges": [
            {
                "from": str(pair.source.interface.address(order.version)),
                "to": str(pair.destination.interface.address(order.version)),
                "port": port,
            }
            for pair, port in edges
        ],
        "let_through": let,
    }
    sources = list({p.source.name: p.source for p in pairs}.values())
    targets = list({p.destination.name: p.destination for p in pairs}.values())
    return Deed(order, sources, targets, sorted(set(ports.tolist())), facts=facts)


def _edges(scene: Scene, order: Order, wanted: int) -> list[tuple[Within, int]]:
    """Return edges without ordinary traffic, from one machine on to the next.

    What is let through is tried three times of four, as long as there is such; the rest are tries
    that the rules reject.
    """
    rng = scene.random(order.kind, order.number)
    ordinary = ordinary_edges(scene)
    passing = _passing(scene, order, ordinary)
    machines = [m for there in groups_of(scene, order.version).values() for m in there]
    if len(machines) < 2:
        return []
    here = rng.choice([m for m in machines if passing[m.name]] or machines)
    found: list[tuple[Within, int]] = []
    seen: set[tuple[str, str]] = set()
    for _ in range(40 * wanted):
        if len(found) == wanted:
            break
        ways = passing[here.name]
        if ways and rng.random() < LET_THROUGH:
            target, port = ways.pop(rng.randrange(len(ways)))
            moves = True
        else:
            target, port = rng.choice(machines), rng.choice(PORTS)
            moves = False
        key = (here.name, target.name)
        if target.name == here.name or key in ordinary or key in seen:
            continue
        seen.add(key)
        found.append((Within(here, target, order.version), port))
        if (moves and rng.random() < MOVES_ON) or not passing[here.name]:
            here = target if passing[target.name] else here
    return found


def _passing(
    scene: Scene, order: Order, ordinary: set[tuple[str, str]]
) -> dict[str, list[tuple[Machine, int]]]:
    """Return where each machine gets through to, and ordinarily does not go."""
    found: dict[str, list[tuple[Machine, int]]] = defaultdict(list)
    for flow in scene.meant:
        if flow.place or flow.protocol != TCP:
            continue
        for source in flow.sources if flow.sources[0].role is Role.INSTANCE else ():
            for target in flow.destinations if flow.destinations[0].role is Role.INSTANCE else ():
                pair = Within(source, target, order.version)
                fresh = source.name != target.name and (source.name, target.name) not in ordinary
                if not fresh or not (has(source, order.version) and has(target, order.version)):
                    continue
                if accepted(scene, pair, flow.port):
                    found[source.name].append((target, flow.port))
    return found


LATERAL_MOVEMENT = Attack(
    "lateral-movement",
    "connections inside that were never there before",
    {"hard": "3 new edges in a day", "middle": "10", "easy": "100"},
    plan,
)
