"""Packets and boxes of the whole universe, drawn with a liking for edges."""

from hypothesis import strategies as st

from ringwall.space.boxes import ADDRESSES, ICMP, ICMPV6, OCTET, TCP, UDP, Box, Packet
from ringwall.space.intervals import PORTS, IntervalSet
from ringwall.space.packets import PacketSet

PROTOCOLS = st.sampled_from((0, 1, 2, 5, 6, 7, 16, 17, 18, 47, 57, 58, 59, 255))


def numbers(size: int) -> st.SearchStrategy[int]:
    edges = {number for number in (0, 1, 255, 256, size // 2) if number < size}
    return st.sampled_from(sorted(edges | {size - 2, size - 1})) | st.integers(0, size - 1)


def interval_sets(size: int) -> st.SearchStrategy[IntervalSet]:
    def block(at: int, bits: int) -> tuple[int, int]:
        start = at >> bits << bits
        return start, start + (1 << bits)

    pairs = st.tuples(numbers(size), numbers(size)).map(lambda p: (min(p), max(p) + 1))
    blocks = st.builds(block, numbers(size), st.integers(0, size.bit_length() - 1))
    some = st.lists(pairs | blocks, max_size=2)
    return some.map(lambda found: IntervalSet.of(size, found))


@st.composite
def boxes(draw: st.DrawFn) -> Box:
    family = draw(st.sampled_from((None, 4, 6)))
    names = {"protocols": OCTET}
    if family is not None:
        names |= {"sources": ADDRESSES[family], "destinations": ADDRESSES[family]}
    last = draw(st.sampled_from(("", "ports", "types")))
    if last == "ports":
        names |= {"source_ports": PORTS, "destination_ports": PORTS}
    elif last == "types":
        names |= {"icmp_types": OCTET, "icmp_codes": OCTET}
    parts = {name: draw(st.none() | interval_sets(size)) for name, size in names.items()}
    return Box(family=family, **parts)


@st.composite
def packets(draw: st.DrawFn) -> Packet:
    family, protocol = draw(st.sampled_from((4, 6))), draw(PROTOCOLS)
    last: dict[str, int] = {}
    if protocol in {TCP, UDP}:
        last = {name: draw(numbers(PORTS)) for name in ("source_port", "destination_port")}
    elif protocol in {ICMP, ICMPV6}:
        last = {name: draw(numbers(OCTET)) for name in ("icmp_type", "icmp_code")}
    source, destination = (draw(numbers(ADDRESSES[family])) for _ in range(2))
    return Packet(family=family, source=source, destination=destination, protocol=protocol, **last)


packet_sets = st.lists(boxes(), max_size=2).map(lambda found: PacketSet.of(*found))
