"""Rows about who talked to whom → what networks say of them, all rows of a kind at once.

Rules:
- An edge is judged as it was opened. Where the logs do not show who opened it (no TCP flags), it is
  judged the other way round too, and what either way allows is allowed.
- A port that clients use (32768 and above) says without flags nothing about who was called.
- Rows whose addresses, ports and protocol no network tells apart are asked about once.
- Rows come in any order, so where one stands for many it is the least of them.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from itertools import chain
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ringwall.detections.detection import Context, Entity, Row, Value
from ringwall.reach.answers import Blocker
from ringwall.reach.blocks import Block, to_block
from ringwall.reach.conversations import Conversations, Standing, Standings
from ringwall.reach.engine import Engine
from ringwall.reach.internet import NAT64
from ringwall.reach.relations import Board
from ringwall.space.pieces import Pieces
from ringwall.traffic.addresses import V4, V6, from_halves
from ringwall.traffic.columns import Columns, Numbers

ICMP, TCP, UDP, ICMPV6 = 1, 6, 17, 58
PROTOCOLS = {ICMP: "icmp", TCP: "tcp", UDP: "udp", ICMPV6: "icmpv6"}
CLIENTS = 32_768  # the first port that Linux gives clients (ip_local_port_range)
# Link-local, unspecified and multicast addresses are no question for routes and filters.
ASIDE: Final = tuple(
    to_block(cidr)
    for cidr in (
        "0.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "255.255.255.255/32", "fe80::/16", "ff00::/12"
    )
)  # fmt: skip
_BIAS = np.uint64(1 << 63)
_ENDS = ("source", "destination")

Mask = NDArray[np.bool_]
Ordered = NDArray[np.int64] | NDArray[np.uint64]
Edges = Mapping[int, Iterable[int]]  # by family


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


@dataclass(frozen=True, slots=True)
class Half:
    """One end of conversations, in columns: the halves of its addresses, unsigned."""

    high: NDArray[np.uint64]
    low: NDArray[np.uint64]


class Seen:
    """The conversations of rows that networks can be asked about, in columns.

    Rows have family, source, destination, protocol and port. Left out are addresses that are no
    question for routes and filters, and rows that do not tell who was called.
    """

    def __init__(self, rows: Sequence[Row]) -> None:
        self.rows = Columns.of(rows)
        number = self.rows.numbers
        self.carriers = bool(number("carriers")[:1].any())
        family, protocol, port = number("family"), number("protocol"), number("port")
        answered = number("syns") + number("answers") > 0
        is_certain = (protocol == TCP) & answered
        is_told = is_certain | ~np.isin(protocol, (TCP, UDP)) | (port < CLIENTS)
        ends = [self._half(family, name) for name in _ENDS]
        is_same = (ends[0].high == ends[1].high) & (ends[0].low == ends[1].low)
        is_aside = _among(family, ends[0]) | _among(family, ends[1])
        self.places = np.flatnonzero(is_told & ~is_same & ~is_aside)
        kept = self.places
        self.family, self.protocol, self.port = family[kept], protocol[kept], port[kept]
        self.is_certain = is_certain[kept]
        self.ends = [Half(end.high[kept], end.low[kept]) for end in ends]
        self.first, self.last = number("first")[kept], number("last")[kept]
        self.answers = number("answers")[kept]

    def __len__(self) -> int:
        return len(self.places)

    def only(self, chosen: Mask) -> "Seen":
        """Return some of the conversations."""
        if chosen.all():
            return self
        other = copy(self)
        for name in ("places", "family", "protocol", "port", "is_certain", "first", "last"):
            setattr(other, name, getattr(self, name)[chosen])
        other.answers = self.answers[chosen]
        other.ends = [Half(end.high[chosen], end.low[chosen]) for end in self.ends]
        return other

    def _half(self, family: Numbers, name: str) -> Half:
        high, low = (
            self.rows.numbers(f"{name}_{half}").view(np.uint64) for half in ("high", "low")
        )
        bias = np.where(family == V6, _BIAS, np.uint64(0))
        return Half(high ^ bias, low ^ bias)

    def edges(self, numbers: Sequence[int], context: Context) -> Iterator[Edge]:
        """Yield conversations in the names of the network that held at their first second."""
        known: dict[tuple[int, int, int, int], tuple[str, str]] = {}

        def end(then: Context, family: int, high: int, low: int) -> tuple[str, str]:
            key = (then.since, family, high, low)
            if key not in known:
                known[key] = from_halves(family, high, low), then.name(family, high, low)
            return known[key]

        for row in self.rows.rows(self.places[np.array(numbers, np.int64)]):
            family, then = whole(row["family"]), context.at(whole(row["first"]))
            (source, one), (destination, other) = (
                end(then, family, whole(row[f"{name}_high"]), whole(row[f"{name}_low"]))
                for name in _ENDS
            )
            port, protocol = whole(row["port"]), whole(row["protocol"])
            yield Edge(source, destination, protocol, port, (one, other), row)

    @property
    def order(self) -> list[Ordered]:
        """Return the columns that say which conversation is the least."""
        halves = [half for end in self.ends for half in (end.high, end.low)]
        return [self.family, *halves, self.port, self.protocol, self.first, self.last]

    def address(self, number: int, end: int) -> str:
        """Return an address of a conversation; 0 is who opened it, 1 who was called."""
        row, name = int(self.places[number]), _ENDS[end]
        high, low = (int(self.rows.numbers(f"{name}_{half}")[row]) for half in ("high", "low"))
        return from_halves(int(self.family[number]), high, low)

    def pieces(self, edges: Edges) -> list[Numbers]:
        """Return in which piece between edges the addresses of each end are, by a number."""
        found = [np.zeros(len(self), np.int64) for _ in self.ends]
        behind = 0
        for family in (V4, V6):
            mine = self.family == family
            if not mine.any():
                continue
            apart = self._apart(mine) if family == V6 else ()
            line = Pieces(chain(edges[family], apart), wide=family == V6)
            for end, numbers in zip(self.ends, found, strict=True):
                numbers[mine] = behind + line.of(end.high[mine], end.low[mine])
            behind += len(line)
        return found

    def _apart(self, mine: Mask) -> Iterator[int]:
        """Yield the edges of each NAT64 address: it holds an address of its own."""
        for end in self.ends:
            inside = mine & _in_block(end, NAT64)
            for low in np.unique(end.low[inside]):
                address = NAT64.start + int(low)
                yield from (address, address + 1)


def _among(family: Numbers, end: Half) -> Mask:
    found = np.zeros(len(family), np.bool_)
    for block in ASIDE:
        found |= (family == block.version) & _in_block(end, block)
    return found


def _in_block(end: Half, block: Block) -> Mask:
    """Tell which addresses are in a block of their family: of one high half, or of whole ones."""
    first, last = block.start, block.end - 1
    highs, lows = (first >> 64, last >> 64), (first & _LOW, last & _LOW)
    found: Mask = (end.high >= np.uint64(highs[0])) & (end.high <= np.uint64(highs[1]))
    if highs[0] == highs[1]:
        found &= (end.low >= np.uint64(lows[0])) & (end.low <= np.uint64(lows[1]))
    return found


_LOW = (1 << 64) - 1


class Kinds:
    """Columns of small numbers → kinds of rows that are alike in all of them.

    `firsts` are the least row of each kind by the columns of `order`, and in that order; `of` is
    the kind of each row.
    """

    def __init__(self, *columns: Numbers, order: Sequence[Ordered]) -> None:
        key, size = np.zeros(len(columns[0]), np.int64), 1
        for column in columns:
            width = int(column.max(initial=0)) + 1
            if size * width > _MOST:
                values, key = np.unique(key, return_inverse=True)
                size = len(values)
            key, size = key * width + column, size * width
        values, of = np.unique(key, return_inverse=True)
        firsts = least(of, len(values), order)
        places = np.lexsort([column[firsts] for column in reversed(order)])
        rank = np.empty_like(places)
        rank[places] = np.arange(len(places))
        self.firsts, self.of = firsts[places], rank[of]


_MOST = 1 << 62


def least(groups: Numbers, count: int, order: Sequence[Ordered]) -> Numbers:
    """Return the least row of each of `count` groups, by some columns, the first one first."""
    rows = np.arange(len(groups))
    for column in order:
        mine, values = groups[rows], column[rows]
        lows = np.full(count, np.iinfo(column.dtype).max, column.dtype)
        np.minimum.at(lows, mine, values)
        rows = rows[values == lows[mine]]
    found = np.zeros(count, np.int64)
    found[groups[rows]] = rows
    return found


class Asked:
    """A network that is asked about all conversations that were seen."""

    def __init__(self, engine: Engine, *, are_hosts: bool) -> None:
        self.conversations = Conversations(Board(engine), are_hosts=are_hosts)

    def judge(self, seen: Seen) -> "Judged":
        """Judge every conversation; what nothing tells apart is asked once."""
        asked = self.conversations
        sources, destinations = seen.pieces({each: asked.edges(each) for each in (V4, V6)})
        certain = seen.is_certain.astype(np.int64)
        kinds = Kinds(sources, destinations, self._packets(seen), certain, order=seen.order)
        found = [
            judged(
                asked,
                (seen.address(number, 0), seen.address(number, 1)),
                (int(seen.protocol[number]), int(seen.port[number])),
                is_certain=bool(seen.is_certain[number]),
            )
            for number in kinds.firsts.tolist()
        ]
        return Judged(found, kinds.of)

    def _packets(self, seen: Seen) -> Numbers:
        """Return the class of packets of each conversation, of another number by protocol."""
        found, behind = np.zeros(len(seen), np.int64), 0
        for protocol in np.unique(seen.protocol).tolist():
            mine = seen.protocol == protocol
            runs = self.conversations.packet_classes(protocol)
            starts, classes = (np.array(each, np.int64) for each in zip(*runs, strict=True))
            run = np.searchsorted(starts, seen.port[mine], side="right") - 1
            found[mine] = behind + classes[run]
            behind += int(classes.max()) + 1
        return found


@dataclass(frozen=True, slots=True)
class Judged:
    """What a network says of conversations: `found` are its answers, `of` which one is of each."""

    found: list[Standings]
    of: NDArray[np.int64]

    def are(self, *standings: Standing) -> Mask:
        """Tell which conversations have one of these standings."""
        answers = np.array([each.standing in standings for each in self.found], np.bool_)
        return answers[self.of] if len(answers) else np.zeros(len(self.of), np.bool_)

    def numbers(self) -> Numbers:
        """Return a number for the standing of each conversation."""
        places = {standing: number for number, standing in enumerate(Standing)}
        return np.array([places[each.standing] for each in self.found], np.int64)[self.of]

    def whys(self, chosen: Mask) -> dict[str, int]:
        """Return how many of the conversations chosen are undecided, by the reason."""
        counts = np.bincount(self.of[chosen], minlength=len(self.found)).tolist()
        found: dict[str, int] = {}
        for count, each in zip(counts, self.found, strict=True):
            if count and each.standing is Standing.UNDECIDED:
                found[each.why] = found.get(each.why, 0) + count
        return found


def judged(
    asked: Conversations, ends: tuple[str, str], service: tuple[int, int], *, is_certain: bool
) -> Standings:
    """Return what a network says of a conversation, asked both ways if nobody knows who opened it.

    `service` are protocol and port.
    """
    found = asked.judge(*ends, *service)
    if is_certain or found.standing is not Standing.FORBIDDEN:
        return found
    back = asked.judge(ends[1], ends[0], *service)
    return found if back.standing is Standing.FORBIDDEN else back


def by_names(found: Iterable[Edge]) -> Iterator[tuple[Edge, list[Edge]]]:
    """Yield edges of the same names and port together, with the one that stands for them."""
    groups: dict[tuple[str, str, int, int], list[Edge]] = defaultdict(list)
    for edge in found:
        source, destination = edge.names
        key = (source or edge.source, destination or edge.destination, edge.protocol, edge.port)
        groups[key].append(edge)
    for key in sorted(groups):
        same = sorted(groups[key], key=_place_and_time)
        yield same[0], same


def _place_and_time(edge: Edge) -> tuple[str, str, int, int]:
    return edge.source, edge.destination, edge.number("begun"), edge.number("ended")


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
