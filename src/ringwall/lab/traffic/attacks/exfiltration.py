"""A machine sends out many times what it ever does."""

import numpy as np
from numpy.typing import NDArray

from ringwall.lab.traffic.attacks.attack import Attack, Deed, Order, no_occasion
from ringwall.lab.traffic.attacks.beacon import leaving_pair
from ringwall.lab.traffic.benign import BEHAVIOURS, benign_hour
from ringwall.lab.traffic.conversations import Book
from ringwall.lab.traffic.interfaces import Machine
from ringwall.lab.traffic.scene import DAY, HOUR, Scene
from ringwall.lab.traffic.talks import exchange, talk

# Times the 99th percentile of what the source sends out on a day, and in how many flows.
AMOUNT = {"hard": (2.0, 240), "middle": (5.0, 40), "easy": (50.0, 1)}
LEAST = 1_000_000  # bytes, where a source has sent out next to nothing


def plan(scene: Scene, order: Order, book: Book, rng: np.random.Generator) -> Deed:
    """Send within the last day of the scene."""
    senders = frozenset(
        str(end) for b in BEHAVIOURS if b.name == "backups" for end in b.actors(scene)
    )
    pair = leaving_pair(scene, order, senders)
    if pair is None:
        raise no_occasion(order, "no instance gets out to the internet on 443")
    usual = usual_a_day(scene, pair.source)
    times, flows = AMOUNT[order.strength]
    total = max(int(usual * times), LEAST)
    ends = scene.end - 60
    begins = max(scene.begin + 0.1 * (scene.end - scene.begin), ends - 20 * HOUR)
    share = rng.dirichlet(np.full(flows, 8.0))
    sent = np.maximum((share * total).astype(np.int64), 1_000)
    opens = np.sort(rng.uniform(begins, begins + 0.9 * (ends - begins), flows))
    if flows == 1:
        opens = np.array([begins + rng.uniform(0, 0.2 * (ends - begins))])
    lasts = np.minimum(sent / 1.2e6 + 0.5, np.maximum(ends - opens, 1.0))
    size = exchange(sent, 600, lasts)
    sport = rng.integers(*order.client_ports, flows)
    talk(scene, book, rng, [pair], port=443, opens=opens, size=size, sport=sport)
    facts = {"bytes": int(size.bytes.sum()), "usual_a_day": usual, "times": times, "flows": flows}
    return Deed(order, [pair.source], [pair.destination], [443], facts=facts)


def usual_a_day(scene: Scene, machine: Machine) -> int:
    """Return the 99th percentile of what a machine sends out of the network on a day, in bytes.

    Of a scene shorter than a day it is what a day like that would come to.
    """
    hours: list[float] = []
    for start in range(scene.begin, scene.end, HOUR):
        talks = benign_hour(scene, start, start + HOUR)
        senders = _senders(scene)[talks["course"]]
        out = (senders == machine.interface.number) & (talks["remote"] >= 0)
        hours.append(float(talks["bytes"][out & (talks["answers"] > 0)].sum()))
    a_day = DAY // HOUR
    if len(hours) < a_day:
        return int(sum(hours) * a_day / len(hours))
    days = [sum(hours[n : n + a_day]) for n in range(0, len(hours) - a_day + 1, a_day)]
    return int(np.percentile(days, 99))


def _senders(scene: Scene) -> NDArray[np.int64]:
    """Return who opens each course: an interface's number, -1 for somebody outside."""
    return np.array(
        [
            c.vantages[0].interface.number if c.vantages and c.vantages[0].egress else -1
            for c in scene.courses.known
        ],
        np.int64,
    )


EXFILTRATION = Attack(
    "exfiltration",
    "a machine sends out many times what it does on a day",
    {
        "hard": "2 times its own 99th percentile, in small flows",
        "middle": "5 times",
        "easy": "50 times, in one flow",
    },
    plan,
)
