"""What the network is for: customers, requests between groups, calls to the outside, sessions."""

from collections.abc import Sequence
from functools import partial
from random import Random

import numpy as np

from ringwall.lab.traffic.benign.behaviour import Behaviour
from ringwall.lab.traffic.conversations import Book
from ringwall.lab.traffic.courses import End
from ringwall.lab.traffic.meant import Meant
from ringwall.lab.traffic.outside import Outside
from ringwall.lab.traffic.scene import Scene, rhythm
from ringwall.lab.traffic.talks import Pair, Size, exchange, heavy, moments, pairs_between, talk
from ringwall.trace.addresses import block, to_text
from ringwall.trace.packet import ICMP, ICMPV6, UDP

CUSTOMERS = 600  # addresses that come again
PARTNERS = 12  # outside services that one group calls
INTERACTIVE = frozenset({22, 3389})
# Connections a second at the busiest hour: of all customers to one node, of one machine inside, to
# the outside, and sessions of people.
CUSTOMER_RATE, INNER_RATE, OUTER_RATE, SESSION_RATE = 0.08, 0.003, 0.002, 1 / 3600


def play(scene: Scene, book: Book, rng: np.random.Generator, start: float, end: float) -> None:
    """Write an hour of what is meant."""
    busy = rhythm((start + end) / 2)
    for flow in scene.meant:
        pairs = scene.once(("pairs", flow), partial(pairs_of, scene, flow))
        if not pairs:
            continue
        if flow.port in INTERACTIVE:
            _sessions(scene, book, rng, flow, pairs, (start, end, SESSION_RATE * busy))
            continue
        people = flow.inbound and flow.place == "internet"
        rate = CUSTOMER_RATE * len(flow.destinations) if people else INNER_RATE * len(pairs)
        if flow.outbound:
            rate = OUTER_RATE * len(flow.sources)
        opens = moments(rng, start, end, rate * busy * scene.scale)
        count = len(opens)
        sent, got = heavy(rng, count, 800, 0.7), heavy(rng, count, 6_000)
        size = exchange(sent, got, rng.exponential(1.5, count))
        if flow.protocol == UDP:
            size = Size(lasts=0.02, packets=1, bytes=74, answers=1, answer_bytes=180)
        # Few ends do much of the talking.
        which = (len(pairs) * rng.power(0.6, count)).astype(int) if people else None
        if which is None:
            which = rng.integers(0, len(pairs), count)
        talk(
            scene,
            book,
            rng,
            pairs,
            port=flow.port,
            opens=opens,
            which=which,
            size=size,
            protocol=flow.protocol,
        )


def _sessions(
    scene: Scene,
    book: Book,
    rng: np.random.Generator,
    flow: Meant,
    pairs: Sequence[Pair],
    when: tuple[float, float, float],
) -> None:
    """Write sessions of administrators: minutes to an hour, with pauses."""
    opens = moments(rng, when[0], when[1], when[2] * len(flow.destinations))
    count = len(opens)
    lasts = rng.uniform(60, 2_400, count)
    packets = (lasts * rng.uniform(0.5, 2.0, count)).astype(int) + 20
    size = Size(lasts, packets, packets * 90, packets, packets * 160)
    which = rng.integers(0, len(pairs), count)
    talk(scene, book, rng, pairs, port=flow.port, opens=opens, which=which, size=size)


def pairs_of(scene: Scene, flow: Meant) -> Sequence[Pair]:
    """Return who speaks to whom in a flow."""
    if flow.protocol in {ICMP, ICMPV6}:
        return []
    if not flow.place:
        return pairs_between(scene, flow.sources, flow.destinations)
    ours = flow.sources or flow.destinations
    rng = scene.random("ends", flow.place, ours[0].group, flow.port)
    found = []
    if flow.place == "internet" and flow.inbound:
        public = [m for m in ours if m.interface.public or m.interface.ipv6]
        for index in range(CUSTOMERS if public else 0):
            machine = public[index % len(public)]
            version = 6 if machine.interface.ipv6 and rng.random() < 0.3 else 4
            if version == 4 and not machine.interface.public:
                continue
            found.append(Pair(scene.world.draw(rng, version), machine, version))
        return found
    outside = [_outside(scene, flow, rng) for _ in range(PARTNERS)]
    if flow.inbound:
        return [Pair(each, m) for m in ours for each in outside[:3]]
    return [
        Pair(m, each, each.host.version)
        for m in ours
        for each in rng.sample(outside, 4)
        if m.interface.address(each.host.version)
    ]


def _outside(scene: Scene, flow: Meant, rng: Random) -> Outside:
    if flow.place.startswith("aws:"):
        name = flow.place[4:]
        return scene.world.of_service(rng, "S3" if name == "s3" else "DYNAMODB", name)
    if flow.place == "internet":
        version = 6 if scene.world.has_ipv6 and rng.random() < 0.3 else 4
        return scene.world.draw(rng, version)
    part = block(flow.place)
    width = max(1, min(part.end - part.start - 2, 65_536))
    return scene.world.at(to_text(part.version, part.start + 1 + rng.randrange(width)))


def actors(scene: Scene) -> list[End]:
    """Return nobody: this is everybody."""
    del scene
    return []


DECLARED = Behaviour("declared", "what the network is meant for", play, actors)
