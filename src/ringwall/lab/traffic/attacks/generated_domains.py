"""Names out of an algorithm, most of which do not exist."""

import numpy as np

from ringwall.lab.traffic.attacks.attack import Attack, Deed, Order, no_occasion, span
from ringwall.lab.traffic.conversations import Book
from ringwall.lab.traffic.names import Query
from ringwall.lab.traffic.scene import HOUR, Scene

RATE = {"hard": 20, "middle": 200, "easy": 2_000}  # names an hour
RESOLVING = 0.2
LONGEST = 6 * HOUR
LETTERS = "abcdefghijklmnopqrstuvwxyz"
ENDINGS = ("com", "net", "org", "info", "biz", "ru", "top")


def plan(scene: Scene, order: Order, book: Book, rng: np.random.Generator) -> Deed:
    """Ask for name after name, each once."""
    del book
    if not scene.instances:
        raise no_occasion(order, "the network has no instance")
    chance = scene.random(order.kind, order.number)
    machine = chance.choice(scene.instances)
    begins, ends = span(scene, rng, LONGEST)
    count = max(round(RATE[order.strength] * (ends - begins) / HOUR), 1)
    queries = []
    for moment in np.sort(rng.uniform(begins, ends, count)).tolist():
        letters = "".join(chance.choice(LETTERS) for _ in range(chance.randint(11, 19)))
        name = f"{letters}.{chance.choice(ENDINGS)}"
        resolves = chance.random() < RESOLVING
        answers = (f"{chance.randrange(11, 99)}.{chance.randrange(255)}.7.9",) if resolves else ()
        rcode = "NOERROR" if resolves else "NXDOMAIN"
        port = chance.randrange(1_024, 65_536)
        queries.append(Query(moment, machine, name, "A", rcode, answers, 60, port=port))
    names = [q.name for q in queries]
    facts = {"resolving": sum(bool(q.answers) for q in queries)}
    return Deed(order, [machine], names=names, queries=queries, facts=facts)


GENERATED_DOMAINS = Attack(
    "dga",
    "names out of an algorithm, a fifth of which resolve",
    {"hard": "20 names an hour", "middle": "200", "easy": "2,000"},
    plan,
    in_ipv6=False,
)
