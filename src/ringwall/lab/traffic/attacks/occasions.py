"""Where a network gives an attack its occasion: pairs of ends, as the tracer answers about them."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ringwall.lab.traffic.attacks.attack import Order, groups_of, has
from ringwall.lab.traffic.conversations import Book
from ringwall.lab.traffic.scene import Scene
from ringwall.lab.traffic.talks import Pair, Size, course_of, talk
from ringwall.trace.packet import TCP

# Ports that scanners try first.
_COMMON = """
21 22 23 25 53 80 81 110 111 135 139 143 389 443 445 587 636 993 995 1433 1521 2049 2375 3000 3306
3389 5000 5432 5601 5900 5985 6379 6443 8000 8080 8443 8888 9000 9090 9200 9300 10250 11211 15672
27017
"""
COMMON = tuple(int(port) for port in _COMMON.split())
MOST_PAIRS = 60  # that are looked at inside


def scan_pairs(scene: Scene, order: Order) -> Iterator[Pair]:
    """Yield pairs for a scan, from outside first, then between groups inside."""
    rng = scene.random(order.kind, order.number, "stranger")
    public = [
        m
        for m in scene.estate.machines
        if (m.interface.public if order.version == 4 else m.interface.ipv6)
    ]
    if public:
        stranger = scene.world.draw(rng, order.version)
        yield from (Pair(stranger, m, order.version) for m in rng.sample(public, len(public)))
    inner = [flow for flow in scene.meant if not flow.place]
    for flow in rng.sample(inner, len(inner)) if order.variant != "rejected" else ():
        source, target = rng.choice(flow.sources), rng.choice(flow.destinations)
        if source.name != target.name and has(source, order.version) and has(target, order.version):
            yield Pair(source, target, order.version)
    groups = list(groups_of(scene, order.version).values())
    for _ in range(MOST_PAIRS if groups else 0):
        source, target = rng.choice(rng.choice(groups)), rng.choice(rng.choice(groups))
        if source.name != target.name:
            yield Pair(source, target, order.version)


def accepted(scene: Scene, pair: Pair, port: int) -> bool:
    """Tell whether a connection to a port gets through."""
    return course_of(scene, pair, TCP, port).accepted


def known(scene: Scene, pair: Pair, port: int) -> bool:
    """Tell whether the tracer has an answer, and somebody sees the packet."""
    return bool(course_of(scene, pair, TCP, port).vantages)


def ports_of(
    scene: Scene, order: Order, pair: Pair, count: int, rng: np.random.Generator
) -> NDArray[Any]:
    """Return up to `count` ports of a target whose verdict is as the variant asks, in any order.

    Ports that no rule tells apart have one verdict, so each class of them is asked once.
    """
    classes: dict[bool, list[NDArray[Any]]] = {True: [], False: []}
    for low, high in scene.courses.port_classes():
        if known(scene, pair, low):
            classes[accepted(scene, pair, low)].append(np.arange(low, high))
    there = {let: np.concatenate(parts) for let, parts in classes.items() if parts}
    wanted = {"rejected": (False,), "accepted": (True,)}.get(order.variant, (True, False))
    if not all(let in there for let in wanted):
        return np.empty(0, int)
    half = count // len(wanted)
    found = [_some(there[wanted[0]], half, rng)]
    for let in wanted[1:]:
        found.append(_some(there[let], count - len(found[0]), rng))
    return rng.permutation(np.concatenate(found))


def _some(ports: NDArray[Any], count: int, rng: np.random.Generator) -> NDArray[Any]:
    """Return some of the ports, those first that scanners try first."""
    common = ports[np.isin(ports, COMMON)]
    others = rng.choice(ports, min(len(ports), count + len(common)), replace=False)
    return np.array(list(dict.fromkeys((*common.tolist(), *others.tolist()))), int)[:count]


def knock(
    scene: Scene,
    book: Book,
    rng: np.random.Generator,
    order: Order,
    pairs: Sequence[Pair],
    *,
    ports: ArrayLike,
    opens: NDArray[Any],
    which: NDArray[Any] | int = 0,
) -> None:
    """Try ports: where nothing listens, what is let in is answered with a reset."""
    sport = rng.integers(*order.client_ports, len(opens))
    listening = {(m.name, flow.port) for flow in scene.meant for m in flow.destinations}
    tried = zip(
        np.broadcast_to(np.asarray(which), len(opens)).tolist(),
        np.broadcast_to(np.asarray(ports), len(opens)).tolist(),
        strict=True,
    )
    refused = np.array([(str(pairs[n].destination), port) not in listening for n, port in tried])
    size = Size(lasts=0.1, packets=2, bytes=104, answers=1, answer_bytes=60, refused=refused)
    talk(scene, book, rng, pairs, port=ports, opens=opens, which=which, size=size, sport=sport)
