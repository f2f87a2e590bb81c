"""From a machine that fell, on to others: edges that were never there before."""

import numpy as np

from ringwall.lab.traffic.attacks.attack import Attack, Deed, Order, groups_of, no_occasion, span
from ringwall.lab.traffic.attacks.occasions import accepted
from ringwall.lab.traffic.conversations import Book
from ringwall.lab.traffic.interfaces import Machine
from ringwall.lab.traffic.scene import DAY, Scene
from ringwall.lab.traffic.talks import Size, Within, pairs_between, talk

EDGES = {"hard": 3, "middle": 10, "easy": 100}
PORTS = (22, 3389, 445, 5985, 443, 3306, 8080)


def plan(scene: Scene, order: Order, book: Book, rng: np.random.Generator) -> Deed:
    """Open connections that nobody opens: those that are let through first, then any."""
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
    """Return edges without ordinary traffic: those that pass, from one machine on to the next."""
    rng = scene.random(order.kind, order.number)
    used = {
        (p.source.name, p.destination.name)
        for flow in scene.meant
        if not flow.place
        for p in pairs_between(scene, flow.sources, flow.destinations)
    }
    mesh = {
        (a.name, b.name)
        for flow in scene.meant
        if not flow.place and flow.port not in PORTS[:2]
        for a in flow.sources
        for b in flow.destinations
    }
    groups = groups_of(scene, order.version)
    passing = []
    for flow in scene.meant:
        for a in flow.sources if not flow.place else ():
            for b in flow.destinations:
                ends = (a.name, b.name)
                fresh = ends not in used and (ends not in mesh or flow.port in PORTS[:2])
                apart = a.name != b.name and a.group in groups and b.group in groups
                if not (fresh and apart):
                    continue
                pair = Within(a, b, order.version)
                if accepted(scene, pair, flow.port):
                    passing.append((pair, flow.port))
    rng.shuffle(passing)
    found = passing[:wanted]
    seen = {(p.source.name, p.destination.name, port) for p, port in found}
    machines: list[Machine] = [m for there in groups.values() for m in there]
    start = rng.choice(machines) if machines else None
    for _ in range(40 * wanted if start is not None else 0):
        if len(found) >= wanted or start is None:
            break
        target, port = rng.choice(machines), rng.choice(PORTS)
        ends = (start.name, target.name)
        if target.name == start.name or ends in used | mesh or (*ends, port) in seen:
            continue
        seen.add((*ends, port))
        found.append((Within(start, target, order.version), port))
        if rng.random() < 0.2:
            start = target
    return found


LATERAL_MOVEMENT = Attack(
    "lateral-movement",
    "connections inside that were never there before",
    {"hard": "3 new edges in a day", "middle": "10", "easy": "100"},
    plan,
)
