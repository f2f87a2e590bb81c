"""Rows about who talked to whom → edges, and what a network says of them, by names.

Rules:
- An edge is judged as it was opened. Where the logs do not show who opened it (no TCP flags), it is
  judged the other way round too, and what either way allows is allowed.
- A port that clients use (32768 and above) says without flags nothing about who was called.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ringwall.detections.detection import Context, Entity, Row, Value
from ringwall.reach.answers import Blocker
from ringwall.reach.conversations import Conversations, Standing, Standings
from ringwall.reach.engine import Engine
from ringwall.reach.relations import Board
from ringwall.traffic.addresses import from_halves

ICMP, TCP, UDP, ICMPV6 = 1, 6, 17, 58
PROTOCOLS = {ICMP: "icmp", TCP: "tcp", UDP: "udp", ICMPV6: "icmpv6"}
CLIENTS = 32_768  # the first port that Linux gives clients (ip_local_port_range)
# Multicast, link-local and unspecified addresses are no question for routes and filters.
ASIDE = ("169.254.", "255.255.255.255", "fe80:", "ff0", *(f"{n}." for n in (0, *range(224, 240))))


@dataclass(frozen=True, slots=True)
class Edge:
    """A conversation that was seen: who opened it, to which port, and the row that says so."""

    source: str
    destination: str
    protocol: int
    port: int
    names: tuple[str, str]
    row: Row

    @property
    def is_certain(self) -> bool:
        """Tell whether the logs show who opened it."""
        return self.protocol == TCP and self.number("syns") + self.number("answers") > 0

    @property
    def is_told(self) -> bool:
        """Tell whether it is known, or can be guessed, who was called."""
        return self.is_certain or self.protocol not in {TCP, UDP} or self.port < CLIENTS

    @property
    def service(self) -> str:
        """Return the port as people write it."""
        name = PROTOCOLS.get(self.protocol, f"protocol {self.protocol}")
        if self.protocol not in {TCP, UDP}:
            return name
        return str(self.port) if self.protocol == TCP else f"{self.port}/{name}"

    def number(self, column: str) -> int:
        """Return a number of the row."""
        return whole(self.row[column])


def whole(value: Value) -> int:
    """Return a number of a row as an integer, 0 for none."""
    return int(value or 0)


def edges(rows: Sequence[Row], context: Context) -> Iterator[Edge]:
    """Yield the conversations of rows with family, source, destination, protocol and port."""
    for row in rows:
        family = whole(row["family"])
        ends = [(whole(row[f"{end}_high"]), whole(row[f"{end}_low"])) for end in _ENDS]
        source, destination = (from_halves(family, *end) for end in ends)
        if source == destination or source.startswith(ASIDE) or destination.startswith(ASIDE):
            continue
        one, other = (context.name(family, *end) for end in ends)
        yield Edge(
            source, destination, whole(row["protocol"]), whole(row["port"]), (one, other), row
        )


_ENDS = ("source", "destination")


def conversations(engine: Engine, rows: Sequence[Row]) -> Conversations:
    """Return what a network says of conversations.

    Rows whose `carriers` were seen are of hosts; others may be of what carries for others.
    """
    seen = any(whole(row.get("carriers")) for row in rows[:1])
    return Conversations(Board(engine), are_hosts=seen)


def judged(asked: Conversations, edge: Edge) -> Standings:
    """Return what a network says of an edge, judged both ways where nobody knows who opened it."""
    found = asked.judge(edge.source, edge.destination, edge.protocol, edge.port)
    if edge.is_certain or found.standing is not Standing.FORBIDDEN:
        return found
    back = asked.judge(edge.destination, edge.source, edge.protocol, edge.port)
    return found if back.standing is Standing.FORBIDDEN else back


def by_names(found: Sequence[Edge]) -> Iterator[tuple[Edge, list[Edge]]]:
    """Yield edges of the same names and port together, with the one that stands for them."""
    groups: dict[tuple[str, str, int, int], list[Edge]] = defaultdict(list)
    for edge in found:
        source, destination = edge.names
        key = (source or edge.source, destination or edge.destination, edge.protocol, edge.port)
        groups[key].append(edge)
    for key in sorted(groups):
        same = sorted(groups[key], key=lambda e: (e.source, e.destination))
        yield same[0], same


def entities(edge: Edge) -> tuple[Entity, Entity]:
    """Return who opened it and who was called."""
    source, destination = edge.names
    return Entity("source", edge.source, source), Entity(
        "destination", edge.destination, destination
    )


def blocker(asked: Conversations, standings: Standings, edge: Edge) -> Blocker | None:
    """Return the first thing that forbids an edge, None if nothing does."""
    told = asked.tell(standings, edge.port)
    return told.blockers[0] if told is not None and told.blockers else None


def place(found: Blocker | None) -> str:
    """Return where a rule is written, or its id."""
    if found is None:
        return ""
    return str(found.origin) if found.origin is not None else found.resource
