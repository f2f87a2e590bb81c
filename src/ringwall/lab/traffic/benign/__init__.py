"""Behaviours that are nobody's attack: ordinary traffic, and what only looks like one."""

from ringwall.lab.traffic.benign.backups import BACKUPS
from ringwall.lab.traffic.benign.behaviour import Behaviour
from ringwall.lab.traffic.benign.declared import DECLARED
from ringwall.lab.traffic.benign.health_checks import HEALTH_CHECKS
from ringwall.lab.traffic.benign.keep_alive import KEEP_ALIVE
from ringwall.lab.traffic.benign.mesh import MESH
from ringwall.lab.traffic.benign.monitoring import MONITORING
from ringwall.lab.traffic.benign.multicast import MULTICAST
from ringwall.lab.traffic.benign.ntp import NTP
from ringwall.lab.traffic.benign.radiation import RADIATION
from ringwall.lab.traffic.benign.resolver import RESOLVER
from ringwall.lab.traffic.benign.updates import UPDATES
from ringwall.lab.traffic.conversations import Book, Columns, joined
from ringwall.lab.traffic.scene import Scene

# The order gives each its label in records, from 1 on.
BEHAVIOURS: tuple[Behaviour, ...] = (
    DECLARED,
    HEALTH_CHECKS,
    NTP,
    BACKUPS,
    UPDATES,
    MONITORING,
    MULTICAST,
    RESOLVER,
    KEEP_ALIVE,
    MESH,
    RADIATION,
)
# The label of the questions to the resolver, after those of the behaviours.
LOOKUPS = len(BEHAVIOURS) + 1


def benign_hour(scene: Scene, start: int, end: int) -> Columns:
    """Return the benign conversations that open in an hour."""
    parts = []
    for label, behaviour in enumerate(BEHAVIOURS, 1):
        book = Book(label)
        rng = scene.numbers(behaviour.name, start)
        behaviour.play(scene, book, rng, start, end)
        parts.append(book.take())
    return joined(parts)
