"""A twin of packet sets that is easy to believe: the frozenset of cells of a fixed grid.

Each dimension is cut at a few numbers, the ends of its universe among them; a cell is one run in
every dimension that its protocol has. Boxes are drawn from the grid alone, so the twin is exact.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from itertools import pairwise, product
from math import prod
from operator import and_, or_, sub

from hypothesis import strategies as st

from ringwall.space.boxes import ADDRESSES, ICMP, ICMPV6, OCTET, TCP, UDP, Box, Packet
from ringwall.space.intervals import IPV4, IPV6, PORTS, Interval, IntervalSet
from ringwall.space.packets import PacketSet

ADDRESS_CUTS = {
    4: (0, (10 << 24) + 1, (10 << 24) + 256, IPV4),
    6: (0, (0x20010DB8 << 96) + 7, IPV6 - 1, IPV6),
}
PROTOCOL_CUTS = (0, 1, 2, 6, 7, 17, 18, 58, 59, OCTET)
PORT_CUTS = (0, 1, 443, PORTS - 1, PORTS)
OCTET_CUTS = (0, 8, OCTET)

Cell = tuple[int, Interval, Interval, Interval, Interval | None, Interval | None]


def runs(cuts: tuple[int, ...]) -> list[Interval]:
    return list(pairwise(cuts))


def last_parts(protocol: int) -> list[tuple[Interval | None, Interval | None]]:
    if protocol in {TCP, UDP}:
        return [(one, two) for one in runs(PORT_CUTS) for two in runs(PORT_CUTS)]
    if protocol in {ICMP, ICMPV6}:
        return [(one, two) for one in runs(OCTET_CUTS) for two in runs(OCTET_CUTS)]
    return [(None, None)]


@cache
def cells() -> frozenset[Cell]:
    """Return all cells of the grid."""
    return frozenset(
        (family, source, destination, protocol, first, second)
        for family in (4, 6)
        for source, destination in product(runs(ADDRESS_CUTS[family]), repeat=2)
        for protocol in runs(PROTOCOL_CUTS)
        for first, second in last_parts(protocol[0])
    )


def size(cell: Cell) -> int:
    _, *parts = cell
    return prod(end - start for start, end in (part for part in parts if part is not None))


def names_of(protocol: int) -> tuple[str, str]:
    if protocol in {TCP, UDP}:
        return "source_port", "destination_port"
    return "icmp_type", "icmp_code"


def box_of_cell(cell: Cell) -> Box:
    family, source, destination, protocol, first, second = cell
    last = PORTS if protocol[0] in {TCP, UDP} else OCTET
    parts = {
        f"{name}s": None if part is None else IntervalSet.of(last, [part])
        for name, part in zip(names_of(protocol[0]), (first, second), strict=True)
    }
    return Box(
        family=family,
        protocols=IntervalSet.of(OCTET, [protocol]),
        sources=IntervalSet.of(ADDRESSES[family], [source]),
        destinations=IntervalSet.of(ADDRESSES[family], [destination]),
        **parts,
    )


def lies_in(packet: Packet, cell: Cell) -> bool:
    family, source, destination, protocol, first, second = cell
    names = names_of(packet.protocol)
    values = (
        (source, packet.source),
        (destination, packet.destination),
        (protocol, packet.protocol),
        (first, getattr(packet, names[0])),
        (second, getattr(packet, names[1])),
    )
    return packet.family == family and all(
        (run is None and value is None) or (run is not None and run[0] <= value < run[1])
        for run, value in values
    )


def packet_in(cell: Cell, pick: Callable[[Interval], int]) -> Packet:
    """Return a packet of a cell."""
    family, source, destination, protocol, first, second = cell
    last = {
        name: None if part is None else pick(part)
        for name, part in zip(names_of(protocol[0]), (first, second), strict=True)
    }
    return Packet(
        family=family,
        source=pick(source),
        destination=pick(destination),
        protocol=pick(protocol),
        **last,
    )


def cells_in(box: Box) -> frozenset[Cell]:
    """Return the cells of a box of the grid, part by part, without any diagram."""
    return frozenset(cell for cell in cells() if _is_part(cell, box))


def _is_part(cell: Cell, box: Box) -> bool:
    family, source, destination, protocol, first, second = cell
    if box.family not in {None, family}:
        return False
    ported, typed = protocol[0] in {TCP, UDP}, protocol[0] in {ICMP, ICMPV6}
    wanted = (
        (box.protocols, protocol),
        (box.sources, source),
        (box.destinations, destination),
        (box.source_ports, first if ported else None),
        (box.destination_ports, second if ported else None),
        (box.icmp_types, first if typed else None),
        (box.icmp_codes, second if typed else None),
    )
    return all(part is None or (run is not None and run[0] in part) for part, run in wanted)


@dataclass(frozen=True)
class Twins:
    """One set, twice."""

    packets: PacketSet
    cells: frozenset[Cell]


def _part(universe: int, cuts: tuple[int, ...]) -> st.SearchStrategy[IntervalSet | None]:
    some = st.lists(st.sampled_from(runs(cuts)), min_size=1, max_size=3)
    return st.none() | some.map(lambda found: IntervalSet.of(universe, found))


@st.composite
def grid_boxes(draw: st.DrawFn) -> Box:
    family = draw(st.sampled_from((None, 4, 6)))
    parts = {"protocols": draw(_part(OCTET, PROTOCOL_CUTS))}
    if family is not None:
        for name in ("sources", "destinations"):
            parts[name] = draw(_part(ADDRESSES[family], ADDRESS_CUTS[family]))
    last = draw(st.sampled_from(("", "ports", "types")))
    if last == "ports":
        for name in ("source_ports", "destination_ports"):
            parts[name] = draw(_part(PORTS, PORT_CUTS))
    elif last == "types":
        for name in ("icmp_types", "icmp_codes"):
            parts[name] = draw(_part(OCTET, OCTET_CUTS))
    return Box(family=family, **parts)


def twins() -> st.SearchStrategy[Twins]:
    """Draw expressions of boxes, evaluated in both ways."""
    leaves = grid_boxes().map(lambda box: Twins(PacketSet.of(box), cells_in(box)))

    def deeper(inner: st.SearchStrategy[Twins]) -> st.SearchStrategy[Twins]:
        binary = st.builds(_combined, st.sampled_from((and_, or_, sub)), inner, inner)
        return binary | inner.map(lambda t: Twins(~t.packets, cells() - t.cells))

    return st.recursive(leaves, deeper, max_leaves=5)


def _combined(operation: Callable[..., object], one: Twins, two: Twins) -> Twins:
    packets, found = operation(one.packets, two.packets), operation(one.cells, two.cells)
    assert isinstance(packets, PacketSet)
    assert isinstance(found, frozenset)
    return Twins(packets, found)


@cache
def _set_of(cell: Cell) -> PacketSet:
    return PacketSet.of(box_of_cell(cell))


def packets_of(found: Iterable[Cell]) -> PacketSet:
    """Build a set anew, cell by cell."""
    return PacketSet.union(map(_set_of, found))
