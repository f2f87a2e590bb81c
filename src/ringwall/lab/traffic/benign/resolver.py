"""A server of the house that thousands of short exchanges come to, each from another client port.

Where the network lets one machine ask another on port 53 it is a resolver. The VPC's own resolver
is not in flow logs; where there is no other, the service that most groups share plays the part: its
replies, too, go to thousands of ports.
"""

from dataclasses import dataclass

import numpy as np

from ringwall.lab.traffic.benign.behaviour import Behaviour
from ringwall.lab.traffic.conversations import Book
from ringwall.lab.traffic.courses import End
from ringwall.lab.traffic.interfaces import Machine, Role
from ringwall.lab.traffic.scene import Scene
from ringwall.lab.traffic.talks import Pair, Size, moments, talk
from ringwall.trace.packet import TCP, UDP

RATE = 0.004  # exchanges a second of each client


@dataclass(frozen=True, slots=True)
class Service:
    """Who is asked by whom, on which port."""

    server: Machine
    clients: tuple[Machine, ...]
    protocol: int
    port: int


def play(scene: Scene, book: Book, rng: np.random.Generator, start: float, end: float) -> None:
    """Write an hour of questions and answers."""
    service = scene.once("resolver", lambda: service_of(scene))
    if service is None:
        return
    pairs = [Pair(each, service.server) for each in service.clients]
    opens = moments(rng, start, end, max(RATE * len(pairs), 0.06))
    count = len(opens)
    size = Size(lasts=0.02, packets=1, bytes=72, answers=1, answer_bytes=160)
    if service.protocol == TCP:
        size = Size(lasts=0.1, packets=7, bytes=900, answers=6, answer_bytes=1_800)
    which = rng.integers(0, len(pairs), count)
    talk(
        scene,
        book,
        rng,
        pairs,
        port=service.port,
        opens=opens,
        which=which,
        size=size,
        protocol=service.protocol,
    )


def service_of(scene: Scene) -> Service | None:
    """Return the resolver, or who stands in for it; None where nobody serves anybody."""
    shared: dict[tuple[str, int, int], dict[str, Machine]] = {}
    servers: dict[str, Machine] = {}
    for flow in scene.meant:
        machines = [m for m in flow.destinations if m.role is Role.INSTANCE and m.interface.ipv4]
        if not machines or flow.protocol not in {TCP, UDP}:
            continue
        server = machines[0]
        servers[server.name] = server
        clients = {m.name: m for m in flow.sources if m.interface.ipv4 and m.name != server.name}
        shared.setdefault((server.name, flow.protocol, flow.port), {}).update(clients)
    ranked = sorted(
        ((key[2] == 53, len(clients), key) for key, clients in shared.items() if clients),
        reverse=True,
    )
    if not ranked:
        return None
    name, protocol, port = ranked[0][2]
    return Service(servers[name], tuple(shared[name, protocol, port].values()), protocol, port)


def actors(scene: Scene) -> list[End]:
    """Return the server."""
    service = service_of(scene)
    return [service.server] if service is not None else []


RESOLVER = Behaviour("resolver", "a server with thousands of client ports", play, actors)
