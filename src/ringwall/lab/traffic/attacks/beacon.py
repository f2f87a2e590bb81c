"""A machine that calls home at an even pace, in small exchanges."""

import numpy as np

from ringwall.lab.traffic.attacks.attack import Attack, Deed, Order, has, no_occasion, span
from ringwall.lab.traffic.attacks.occasions import accepted
from ringwall.lab.traffic.benign.lookups import ENDINGS, WORDS
from ringwall.lab.traffic.conversations import Book
from ringwall.lab.traffic.names import Query
from ringwall.lab.traffic.scene import Scene
from ringwall.lab.traffic.talks import Leaving, Size, talk

PERIOD = 300.0
# Jitter as a part of the period, and the part of calls that is missing.
JITTER = {"hard": (0.3, 0.1), "middle": (0.1, 0.0), "easy": (0.0, 0.0)}
TTL = 3600


def plan(scene: Scene, order: Order, book: Book, rng: np.random.Generator) -> Deed:
    """Call a stranger on 443 every five minutes."""
    chance = scene.random(order.kind, order.number)
    pair = leaving_pair(scene, order)
    if pair is None:
        raise no_occasion(order, "no instance gets out to the internet on 443")
    jitter, missing = JITTER[order.strength]
    begins, ends = span(scene, rng, early=0.1)
    opens = np.arange(begins, ends, PERIOD)
    opens = opens + rng.uniform(-jitter, jitter, len(opens)) * PERIOD
    opens = np.sort(opens[rng.random(len(opens)) >= missing])
    count = len(opens)
    size = Size(
        lasts=rng.uniform(0.2, 0.5, count),
        packets=7,
        bytes=rng.integers(640, 700, count),
        answers=6,
        answer_bytes=rng.integers(410, 450, count),
    )
    sport = rng.integers(*order.client_ports, count)
    talk(scene, book, rng, [pair], port=443, opens=opens, size=size, sport=sport)
    name = f"{chance.choice(WORDS)}-{chance.choice(WORDS)}-sync.{chance.choice(ENDINGS)}"
    queries = [
        Query(
            float(moment) - 0.1,
            pair.source,
            name,
            "A" if order.version == 4 else "AAAA",
            answers=(str(pair.destination),),
            ttl=TTL,
            port=chance.randrange(1_024, 65_536),
        )
        for moment in opens
    ]
    facts = {"period": PERIOD, "jitter": jitter, "missing": missing}
    return Deed(order, [pair.source], [pair.destination], [443], [name], queries, facts)


def leaving_pair(
    scene: Scene, order: Order, avoided: frozenset[str] = frozenset()
) -> Leaving | None:
    """Return an instance that gets out to a stranger on 443, of groups that are not avoided."""
    chance = scene.random(order.kind, order.number, "leaving")
    there = [m for m in scene.leaving if has(m, order.version) and m.name not in avoided]
    there = there or [m for m in scene.instances if has(m, order.version)]
    stranger = scene.world.draw(chance, order.version)
    for machine in chance.sample(there, len(there)):
        pair = Leaving(machine, stranger, order.version)
        if accepted(scene, pair, 443):
            return pair
    return None


BEACON = Attack(
    "beacon",
    "a machine calls home every five minutes",
    {
        "hard": "30 % jitter and 10 % missing",
        "middle": "10 % jitter",
        "easy": "exact",
    },
    plan,
)
