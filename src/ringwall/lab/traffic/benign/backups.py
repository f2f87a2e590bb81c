"""Machines that send gigabytes to S3 in the night: the largest transfers of the day."""

import numpy as np

from ringwall.lab.traffic.benign.behaviour import Behaviour
from ringwall.lab.traffic.conversations import Book
from ringwall.lab.traffic.courses import End
from ringwall.lab.traffic.interfaces import Machine, Role
from ringwall.lab.traffic.outside import Outside
from ringwall.lab.traffic.scene import DAY, HOUR, Scene
from ringwall.lab.traffic.talks import Pair, exchange, talk

AT = 2 * HOUR  # after midnight, UTC
PARTS = 4  # connections at once
SIZE = (150e6, 700e6)  # bytes a part


def play(scene: Scene, book: Book, rng: np.random.Generator, start: float, end: float) -> None:
    """Write the backups that begin in this hour."""
    for machine, bucket in _backups(scene):
        own = scene.random("backup", machine.name)
        for day in range(int(start // DAY), int(end // DAY) + 1):
            begins = day * DAY + AT + own.uniform(0, 1_500)
            if not start <= begins < end:
                continue
            sent = rng.uniform(*SIZE, PARTS).astype(np.int64)
            size = exchange(sent, 2_000, sent / 2.5e6)
            opens = begins + rng.uniform(0, 3, PARTS)
            talk(scene, book, rng, [Pair(machine, bucket)], port=443, opens=opens, size=size)


def _backups(scene: Scene) -> list[tuple[Machine, Outside]]:
    rng = scene.random("buckets")
    found = []
    for flow in scene.meant:
        if flow.outbound and flow.place == "aws:s3":
            found += [m for m in flow.sources if m.role is Role.INSTANCE]
    # One machine a group; where nothing is said about S3, whoever may leave.
    groups: dict[str, Machine] = {}
    for machine in found or scene.leaving:
        groups.setdefault(machine.group, machine)
    list_name = "s3" if found else ""
    return [(m, scene.world.of_service(rng, "S3", list_name)) for m in groups.values()]


def actors(scene: Scene) -> list[End]:
    """Return the machines and what they send to."""
    return [end for pair in _backups(scene) for end in pair]


BACKUPS = Behaviour("backups", "backups to S3 at two in the night", play, actors)
