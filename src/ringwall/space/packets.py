"""Sets of packets, closed under `&`, `|`, `-` and `~`.

Rules:
- A set is a decision diagram for each family, over the bytes of protocol, source, destination, and
  then ports or type and code. This order keeps the diagrams of firewall rules small.
- Every set is canonical: equal sets have the same diagrams, are equal values and hash equal.
- Below a protocol without ports nothing asks for ports, so that no packet is counted twice.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import reduce
from itertools import islice

from ringwall.space.box_text import read, write
from ringwall.space.boxes import (
    ICMP,
    ICMPV6,
    OCTET,
    TCP,
    UDP,
    WITH_PORTS,
    WITH_TYPES,
    Box,
    Packet,
    box_of,
)
from ringwall.space.diagrams import (
    EMPTY,
    FULL,
    Node,
    complement,
    difference,
    exceeds,
    join,
    meet,
    overlaps,
)
from ringwall.space.digits import Levels, count, first_of, follow, grouped, of_intervals, pieces
from ringwall.space.intervals import IntervalSet

PROTOCOL: Levels = (0,)
# Families have levels of their own, so that diagrams of both are one only if no address matters.
SOURCE: dict[int, Levels] = {4: tuple(range(1, 5)), 6: tuple(range(9, 25))}
DESTINATION: dict[int, Levels] = {4: tuple(range(5, 9)), 6: tuple(range(25, 41))}
SOURCE_PORT: Levels = (41, 42)
DESTINATION_PORT: Levels = (43, 44)
ICMP_TYPE: Levels = (45,)
ICMP_CODE: Levels = (46,)

# What a witness has if it can: what people recognise, and what a host would send.
TYPICAL_PROTOCOLS = (TCP, UDP, ICMP, ICMPV6)
TYPICAL_CLIENT_PORTS = (49_152, 1024, 1)  # 49152 is the first dynamic port (RFC 6335, section 6)
TYPICAL_SERVER_PORTS = (443, 80, 22, 1)
TYPICAL_TYPES = {ICMP: (8,), ICMPV6: (128,)}  # echo request (RFC 792, RFC 4443)

SHOWN = 3  # boxes in a `repr`


@dataclass(frozen=True, slots=True, repr=False)
class PacketSet:
    """A set of packets; `of`, `only`, `union` and `parse` build it, ALL and NONE are the ends."""

    ipv4: Node
    ipv6: Node

    @classmethod
    def of(cls, *boxes: Box) -> "PacketSet":
        """Build the union of boxes."""
        return cls.union(_of_box(box) for box in boxes)

    @classmethod
    def only(cls, packet: Packet) -> "PacketSet":
        """Build the set of one packet."""
        return _of_box(box_of(packet))

    @classmethod
    def union(cls, sets: Iterable["PacketSet"]) -> "PacketSet":
        """Join many sets, small ones first; faster than one `|` after the other."""
        waiting = list(sets)
        while len(waiting) > 1:
            pairs = range(0, len(waiting), 2)
            waiting = [reduce(cls.__or__, waiting[at : at + 2]) for at in pairs]
        return waiting[0] if waiting else NONE

    @classmethod
    def parse(cls, text: str) -> "PacketSet":
        """Read what `to_text` writes (grammar in box_text.py); raises QuestionError."""
        return cls.of(*read(text))

    def to_text(self) -> str:
        """Write the set, one box a line; equal sets have the same text."""
        return write(self.boxes())

    def boxes(self) -> Iterator[Box]:
        """Yield disjoint boxes that make up the set, in an order that the set alone decides.

        There can be many more of them than the set had rules.
        """
        if self.ipv4 is self.ipv6:
            yield from _boxes(None, self.ipv4)
        else:
            yield from _boxes(4, self.ipv4)
            yield from _boxes(6, self.ipv6)

    def witness(self) -> Packet:
        """Return a member, the same at every call: typical protocol and ports, lowest addresses.

        Raises ValueError if there is none.
        """
        family, node = (4, self.ipv4) if self.ipv4 is not EMPTY else (6, self.ipv6)
        protocol, node = first_of(PROTOCOL, node, TYPICAL_PROTOCOLS)
        source, node = first_of(SOURCE[family], node)
        destination, node = first_of(DESTINATION[family], node)
        parts: dict[str, int] = {}
        if protocol in WITH_PORTS:
            parts["source_port"], node = first_of(SOURCE_PORT, node, TYPICAL_CLIENT_PORTS)
            parts["destination_port"], _ = first_of(DESTINATION_PORT, node, TYPICAL_SERVER_PORTS)
        elif protocol in WITH_TYPES:
            parts["icmp_type"], node = first_of(ICMP_TYPE, node, TYPICAL_TYPES[protocol])
            parts["icmp_code"], _ = first_of(ICMP_CODE, node)
        return Packet(
            family=family, source=source, destination=destination, protocol=protocol, **parts
        )

    def size(self) -> int:
        """Return how many packets there are, exactly."""
        return _count(4, self.ipv4) + _count(6, self.ipv6)

    def isdisjoint(self, other: "PacketSet") -> bool:
        """Tell whether no packet is in both."""
        return not (overlaps(self.ipv4, other.ipv4) or overlaps(self.ipv6, other.ipv6))

    def __bool__(self) -> bool:
        return self.ipv4 is not EMPTY or self.ipv6 is not EMPTY

    def __contains__(self, packet: Packet) -> bool:
        node = self.ipv4 if packet.family == 4 else self.ipv6
        node = follow(PROTOCOL, node, packet.protocol)
        node = follow(SOURCE[packet.family], node, packet.source)
        node = follow(DESTINATION[packet.family], node, packet.destination)
        for levels, value in (
            (SOURCE_PORT, packet.source_port),
            (DESTINATION_PORT, packet.destination_port),
            (ICMP_TYPE, packet.icmp_type),
            (ICMP_CODE, packet.icmp_code),
        ):
            if value is not None:
                node = follow(levels, node, value)
        return node is FULL

    def __and__(self, other: "PacketSet") -> "PacketSet":
        return PacketSet(meet(self.ipv4, other.ipv4), meet(self.ipv6, other.ipv6))

    def __or__(self, other: "PacketSet") -> "PacketSet":
        return PacketSet(join(self.ipv4, other.ipv4), join(self.ipv6, other.ipv6))

    def __sub__(self, other: "PacketSet") -> "PacketSet":
        return PacketSet(difference(self.ipv4, other.ipv4), difference(self.ipv6, other.ipv6))

    def __invert__(self) -> "PacketSet":
        return PacketSet(complement(self.ipv4), complement(self.ipv6))

    def __le__(self, other: "PacketSet") -> bool:
        return not (exceeds(self.ipv4, other.ipv4) or exceeds(self.ipv6, other.ipv6))

    def __lt__(self, other: "PacketSet") -> bool:
        return self != other and self <= other

    def __repr__(self) -> str:
        shown = list(islice(self.boxes(), SHOWN + 1))
        more = "; ..." if len(shown) > SHOWN else ""
        return f"<PacketSet {'; '.join(write(shown[:SHOWN]).splitlines())}{more}>"


NONE = PacketSet(EMPTY, EMPTY)
ALL = PacketSet(FULL, FULL)


def _of_box(box: Box) -> PacketSet:
    node = FULL
    for levels, part in (
        (ICMP_CODE, box.icmp_codes),
        (ICMP_TYPE, box.icmp_types),
        (DESTINATION_PORT, box.destination_ports),
        (SOURCE_PORT, box.source_ports),
    ):
        node = _narrowed(levels, part, node)
    below: dict[int, Node] = {4: EMPTY, 6: EMPTY}
    for family in (4, 6) if box.family is None else (box.family,):
        to = _narrowed(DESTINATION[family], box.destinations, node)
        both = _narrowed(SOURCE[family], box.sources, to)
        below[family] = _narrowed(PROTOCOL, box.possible_protocols, both)
    return PacketSet(below[4], below[6])


def _narrowed(levels: Levels, part: IntervalSet | None, node: Node) -> Node:
    return node if part is None else of_intervals(levels, part.intervals, node)


def _boxes(family: int | None, node: Node) -> Iterator[Box]:
    addresses = family or 4  # where no family is named, nothing asks for an address
    for protocols, under_protocol in grouped(PROTOCOL, node):
        for sources, under_source in grouped(SOURCE[addresses], under_protocol):
            for destinations, under in grouped(DESTINATION[addresses], under_source):
                for last in _last_parts(protocols, under):
                    yield Box(
                        family=family,
                        protocols=_named(protocols),
                        sources=_named(sources),
                        destinations=_named(destinations),
                        **last,
                    )


def _last_parts(protocols: IntervalSet, node: Node) -> Iterator[dict[str, IntervalSet | None]]:
    """Yield the ports, or types and codes, that a diagram below the addresses leads to."""
    if protocols <= WITH_PORTS:
        names, asked = ("source_ports", "destination_ports"), (SOURCE_PORT, DESTINATION_PORT)
    else:  # of protocols that have neither, nothing is asked
        names, asked = ("icmp_types", "icmp_codes"), (ICMP_TYPE, ICMP_CODE)
    for first, under_first in grouped(asked[0], node):
        for second, _ in grouped(asked[1], under_first):
            yield {names[0]: _named(first), names[1]: _named(second)}


def _named(part: IntervalSet) -> IntervalSet | None:
    return None if part.is_full else part


def _count(family: int, node: Node) -> int:
    addresses = SOURCE[family] + DESTINATION[family]
    total = 0
    for start, end, below in pieces(PROTOCOL, node):
        run = IntervalSet.of(OCTET, [(start, end)])
        with_ports, with_types = len(run & WITH_PORTS), len(run & WITH_TYPES)
        if with_ports:
            total += with_ports * count(addresses + SOURCE_PORT + DESTINATION_PORT, below)
        if with_types:
            total += with_types * count(addresses + ICMP_TYPE + ICMP_CODE, below)
        if bare := end - start - with_ports - with_types:
            total += bare * count(addresses, below)
    return total
