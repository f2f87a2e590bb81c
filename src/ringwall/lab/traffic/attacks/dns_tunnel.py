"""Data that leaves in the names of questions to the resolver."""

from base64 import b32encode

import numpy as np

from ringwall.lab.traffic.attacks.attack import Attack, Deed, Order, no_occasion, span
from ringwall.lab.traffic.benign.lookups import WORDS
from ringwall.lab.traffic.conversations import Book
from ringwall.lab.traffic.names import Query
from ringwall.lab.traffic.scene import HOUR, Scene

RATE = {"hard": 1_000, "middle": 10_000, "easy": 100_000}  # bytes a minute
LONGEST = {"hard": 6 * HOUR, "middle": 2 * HOUR, "easy": HOUR / 2}
PAYLOAD = 105  # bytes a name carries: three labels of 56 letters in base32


def plan(scene: Scene, order: Order, book: Book, rng: np.random.Generator) -> Deed:
    """Ask for names that were never asked for before, one after the other."""
    del book
    machines = scene.instances
    if not machines:
        raise no_occasion(order, "the network has no instance")
    chance = scene.random(order.kind, order.number)
    machine = chance.choice(machines)
    zone = f"{chance.choice(WORDS)}{chance.choice(WORDS)}-dns.{chance.choice(('net', 'info'))}"
    begins, ends = span(scene, rng, LONGEST[order.strength])
    count = int(RATE[order.strength] / 60 * (ends - begins) / PAYLOAD)
    opens = np.sort(rng.uniform(begins, ends, count))
    kind = chance.choice(("TXT", "NULL", "CNAME"))
    queries = []
    for moment in opens.tolist():
        text = b32encode(chance.randbytes(PAYLOAD)).decode().lower()
        labels = ".".join(text[n : n + 56] for n in range(0, len(text), 56))
        port = chance.randrange(1_024, 65_536)
        answer = b32encode(chance.randbytes(20)).decode().lower()
        queries.append(
            Query(moment, machine, f"{labels}.{zone}", kind, answers=(answer,), ttl=0, port=port)
        )
    facts = {"bytes": count * PAYLOAD}
    return Deed(order, [machine], names=[zone], queries=queries, facts=facts)


DNS_TUNNEL = Attack(
    "dns-tunnel",
    "data in the names of questions",
    {"hard": "1 kB a minute", "middle": "10 kB", "easy": "100 kB"},
    plan,
    in_ipv6=False,
)
