"""Where a network gives an attack its occasion: pairs of ends, as the tracer answers about them."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringwall.lab.traffic.attacks.attack import Order, groups_of
from ringwall.lab.traffic.conversations import Book
from ringwall.lab.traffic.scene import Scene
from ringwall.lab.traffic.talks import Pair, Size, course_of, talk
from ringwall.trace.packet import TCP

# Ports that scanners try first.
COMMON = (
    21,
    22,
    23,
    25,
    53,
    80,
    81,
    110,
    111,
    135,
    139,
    143,
    389,
    443,
    445,
    587,
    636,
    993,
    995,
    1433,
    1521,
    2049,
    2375,
    3000,
    3306,
    3389,
    5000,
    5432,
    5601,
    5900,
    5985,
    6379,
    6443,
    8000,
    8080,
    8443,
    8888,
    9000,
    9090,
    9200,
    9300,
    10250,
    11211,
    15672,
    27017,
)
SAMPLE = 24  # ports that are asked before a pair is taken


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
    groups = groups_of(scene, order.version)
    for source in groups.values():
        for target in groups.values():
            if source[0].name != target[-1].name:
                yield Pair(rng.choice(source[:2]), target[-1], order.version)


def accepted(scene: Scene, pair: Pair, port: int) -> bool:
    """Tell whether a connection to a port gets through."""
    return course_of(scene, pair, TCP, port).accepted


def known(scene: Scene, pair: Pair, port: int) -> bool:
    """Tell whether the tracer has an answer, and somebody sees the packet."""
    return bool(course_of(scene, pair, TCP, port).vantages)


def closed_ports(
    scene: Scene, order: Order, pair: Pair, count: int, rng: np.random.Generator
) -> NDArray[Any]:
    """Return up to `count` ports of a target whose verdict is as the variant asks."""
    others = rng.permutation(np.setdiff1d(np.arange(1, 65_536), COMMON))[: 3 * count + SAMPLE]
    drawn = np.concatenate((rng.permutation(np.array(COMMON)), others)).tolist()
    wanted = {"rejected": {False}, "accepted": {True}}.get(order.variant, {True, False})
    asked = [(p, accepted(scene, pair, p)) for p in drawn[:SAMPLE]]
    if not {answer for _, answer in asked} & wanted:
        return np.empty(0, int)
    found = []
    for port in drawn:
        if known(scene, pair, port) and accepted(scene, pair, port) in wanted:
            found.append(port)
        if len(found) == count:
            break
    verdicts = {accepted(scene, pair, p) for p in found}
    if order.variant == "mixed" and len(verdicts) < 2:
        return np.empty(0, int)
    return np.array(found, int)


def knock(
    scene: Scene,
    book: Book,
    rng: np.random.Generator,
    order: Order,
    pairs: Sequence[Pair],
    *,
    ports: Any,  # noqa: ANN401
    opens: NDArray[Any],
    which: Any = 0,  # noqa: ANN401
) -> None:
    """Try ports where nothing listens: what is let in is answered with a reset."""
    sport = rng.integers(*order.client_ports, len(opens))
    size = Size(refused=True)
    talk(scene, book, rng, pairs, port=ports, opens=opens, which=which, size=size, sport=sport)
