"""A scanner of one's own: it asks every machine on a few ports, four times a day."""

import numpy as np

from ringwall.lab.traffic.benign.behaviour import Behaviour
from ringwall.lab.traffic.conversations import Book
from ringwall.lab.traffic.courses import End
from ringwall.lab.traffic.interfaces import Machine
from ringwall.lab.traffic.scene import HOUR, Scene
from ringwall.lab.traffic.talks import Pair, Size, talk

EVERY = 6 * HOUR
AT = HOUR + 600  # after midnight, and every six hours from there
MOST = 400  # machines that one scanner watches
PORTS = (22, 80, 443, 3306, 3389, 5432, 8080, 9100)
# Words that say of a group that it watches others.
WATCHERS = ("monitor", "scanner", "bastion", "management", "admin", "directory")


def play(scene: Scene, book: Book, rng: np.random.Generator, start: float, end: float) -> None:
    """Write the rounds that begin in this hour."""
    scanner = scanner_of(scene)
    if scanner is None:
        return
    first = -(-(start - AT) // EVERY) * EVERY + AT
    targets = [m for m in scene.estate.machines if m.name != scanner.name and m.interface.ipv4]
    targets = scene.random("watched").sample(targets, min(len(targets), MOST))
    pairs = [Pair(scanner, each) for each in targets]
    if not start <= first < end or not pairs:
        return
    which = np.repeat(np.arange(len(pairs)), len(PORTS))
    ports = np.tile(np.array(PORTS), len(pairs))
    opens = first + np.sort(rng.uniform(0, 900, len(which)))
    size = Size(lasts=0.1, packets=3, bytes=172, answers=2, answer_bytes=112)
    talk(scene, book, rng, pairs, port=ports, opens=opens, which=which, size=size)


def scanner_of(scene: Scene) -> Machine | None:
    """Return the scanner: of the group that sounds most like one, else of any."""
    for word in WATCHERS:
        for machine in scene.instances:
            if word in machine.group.rsplit("/", 1)[-1] and machine.interface.ipv4:
                return machine
    return next((m for m in scene.instances if m.interface.ipv4), None)


def actors(scene: Scene) -> list[End]:
    """Return the scanner, which belongs on the allow-list."""
    scanner = scanner_of(scene)
    return [scanner] if scanner is not None else []


MONITORING = Behaviour("monitoring", "a scanner of one's own, four rounds a day", play, actors)
