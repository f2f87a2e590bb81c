"""A machine asks for names that the network's own DNS Firewall stops."""

import numpy as np

from ringwall.lab.traffic.attacks.attack import Attack, Deed, Order, no_occasion, span
from ringwall.lab.traffic.conversations import Book
from ringwall.lab.traffic.names import Query, rules_of
from ringwall.lab.traffic.scene import Scene

COUNT = {"hard": 1, "middle": 10, "easy": 100}


def plan(scene: Scene, order: Order, book: Book, rng: np.random.Generator) -> Deed:
    """Ask for the names of a blocking list."""
    del book
    chance = scene.random(order.kind, order.number)
    found = [
        (machine, sorted(rule.domains))
        for vpc, rules in rules_of(scene).items()
        for rule in rules
        if rule.action in {"BLOCK", "ALERT"} and rule.domains
        for machine in scene.instances
        if machine.vpc == vpc
    ]
    if not found:
        raise no_occasion(order, "no rule of a DNS Firewall names a domain")
    machine, domains = chance.choice(found)
    begins, ends = span(scene, rng)
    names = [d.removeprefix("*.") if d[:2] != "*." else f"www.{d[2:]}" for d in domains]
    queries = [
        Query(moment, machine, chance.choice(names), ttl=0, port=chance.randrange(1_024, 65_536))
        for moment in np.sort(rng.uniform(begins, ends, COUNT[order.strength])).tolist()
    ]
    asked = sorted({q.name for q in queries})
    return Deed(order, [machine], names=asked, queries=queries)


BLOCKED_DOMAINS = Attack(
    "blocked-domains",
    "questions that the DNS Firewall's lists name",
    {"hard": "1 question", "middle": "10", "easy": "100"},
    plan,
    in_ipv6=False,
)
