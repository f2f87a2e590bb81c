"""Ranges of ports that filters name → classes of packets that no filter tells apart.

Rules:
- A class is of one protocol: ports of TCP or UDP in the same ranges, one type and code of ICMP, one
  other protocol that a filter names, or all those that none names.
- Filters look at destination ports alone; the destination port of a reply is the client's port, so
  that one set of classes serves requests and replies.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ringwall.model.ports import PortSpec
from ringwall.space.intervals import PORTS, Interval, IntervalSet

ICMP, TCP, UDP, ICMPV6 = 1, 6, 17, 58
NAMES = {ICMP: "icmp", TCP: "tcp", UDP: "udp", ICMPV6: "icmpv6"}
NUMBERS = {name: number for number, name in NAMES.items()}
ECHO = {ICMP: (8, 0), ICMPV6: (128, 129)}  # request, reply (RFC 792, RFC 4443)
ICMP_VALUES = 256
# Stand for all protocols that no filter names: experimental ones first (RFC 3692).
OTHER_PROTOCOLS = (253, 254, *range(143, 253))
# "1024-65535" covers clients of every kind (VPC guide, network ACLs, "Ephemeral ports").
EPHEMERAL = (1024, 65_535)  # inclusive
WHOLE_EPHEMERAL = IntervalSet.ports(EPHEMERAL)
NO_REPLY = -1

Mask = NDArray[np.bool_]
Key = tuple[int, int, int]  # protocol, then the two numbers of a rule: ports, or type and code


@dataclass(frozen=True, slots=True, order=True)
class Packet:
    """Protocol number, destination port (or ICMP type), ICMP code, source port."""

    protocol: int
    port: int = 0
    code: int = 0
    source_port: int = 0

    def __str__(self) -> str:
        if self.protocol in {TCP, UDP}:
            return f"{NAMES[self.protocol]}/{self.port}"
        if self.protocol in {ICMP, ICMPV6}:
            return f"{NAMES[self.protocol]} type {self.port} code {self.code}"
        return f"protocol {self.protocol}"


@dataclass(frozen=True, slots=True)
class PacketClass:
    """One class: `ports` are its ports where it is of TCP or UDP, `first` stands for it."""

    protocol: int
    ports: tuple[Interval, ...]
    first: Packet

    def text(self, ports: Iterable[Interval] | None = None) -> str:
        """Write the class, or those ports of it."""
        if self.protocol not in {TCP, UDP}:
            return str(self.first)
        parts = self.ports if ports is None else ports
        texts = (f"{a}" if b - a == 1 else f"{a}-{b - 1}" for a, b in parts)
        return f"{NAMES[self.protocol]}/{','.join(texts)}"


class PacketClasses:
    """Every class of packets of a network, in the order of the columns of its level vectors."""

    def __init__(self, rules: Iterable[Key]) -> None:
        self._rules = frozenset(rules)
        named: dict[int, set[tuple[int, int]]] = defaultdict(set)
        for protocol, low, high in self._rules:
            if protocol != -1:
                named[protocol] |= {(low, high)} if low >= 0 else set()
        self._named = named
        self.classes: tuple[PacketClass, ...] = tuple(self._all())
        self._of_protocol: dict[int, list[int]] = defaultdict(list)
        for index, each in enumerate(self.classes):
            self._of_protocol[each.protocol].append(index)
        self._masks: dict[Key, Mask] = {}
        self.reply = np.array([self._reply(index) for index in range(len(self.classes))])
        self.protocols = np.array([each.protocol for each in self.classes])
        self._port_starts = {protocol: self._sorted_ports(protocol) for protocol in (TCP, UDP)}

    def __len__(self) -> int:
        return len(self.classes)

    def holds(self, rules: Collection[Key]) -> bool:
        """Tell whether these rules are among those of which the classes were made."""
        return self._rules.issuperset(rules)

    def with_rules(self, rules: Iterable[Key]) -> "PacketClasses":
        """Return the classes that no filter tells apart when there are these rules too."""
        return PacketClasses(self._rules.union(rules))

    def _all(self) -> Iterator[PacketClass]:
        for protocol in (TCP, UDP):
            ranges = {(a, b + 1) for a, b in self._named.get(protocol, ())} | {(1024, PORTS)}
            for ports in _same_ranges(sorted(ranges)):
                yield PacketClass(protocol, tuple(ports), Packet(protocol, ports[0][0]))
        for protocol in (ICMP, ICMPV6):
            for kind, code in _icmp_values(protocol, self._named.get(protocol, set())):
                yield PacketClass(protocol, (), Packet(protocol, kind, code))
        others = sorted(self._named.keys() - {TCP, UDP, ICMP, ICMPV6})
        rest = next(number for number in OTHER_PROTOCOLS if number not in others)
        for protocol in (*others, rest):
            yield PacketClass(protocol, (), Packet(protocol))

    def _sorted_ports(self, protocol: int) -> list[tuple[int, int, int]]:
        return sorted(
            (start, end, index)
            for index in self._of_protocol[protocol]
            for start, end in self.classes[index].ports
        )

    def ports_in_order(self, protocol: int) -> list[tuple[int, int, int]]:
        """Return (start, end, class) of every run of ports of TCP or UDP, lowest first."""
        return self._port_starts[protocol]

    def indices(self, protocol: int) -> list[int]:
        """Return the classes of one protocol."""
        return self._of_protocol[protocol]

    def mask(self, protocol: int, low: int, high: int) -> Mask:
        """Return the classes that a rule means; -1 is any protocol, port, type or code.

        F7: FromPort is the type of ICMP, ToPort its code; F8: other protocols have no ports (EC2
        API, IpPermission).
        """
        key = (protocol, low, high)
        found = self._masks.get(key)
        if found is None:
            found = np.zeros(len(self.classes), dtype=bool)
            if protocol == -1:
                found[:] = True
            for index in self._of_protocol.get(protocol, ()):
                found[index] = _means(self.classes[index], low, high)
            self._masks[key] = found
        return found

    def of_specs(self, specs: Iterable[PortSpec], version: int) -> dict[int, tuple[Interval, ...]]:
        """Return the classes that a question asks about, each with the ports of it that it asks."""
        found: dict[int, tuple[Interval, ...]] = {}
        for spec in specs:
            for index, ports in self._of_spec(spec, version):
                known = found.get(index, ())
                merged = IntervalSet.of(PORTS, (*known, *ports)).intervals
                found[index] = merged
        return dict(sorted(found.items()))

    def _of_spec(self, spec: PortSpec, version: int) -> Iterator[tuple[int, tuple[Interval, ...]]]:
        icmp = ICMP if version == 4 else ICMPV6
        foreign = ICMPV6 if version == 4 else ICMP
        if spec.protocol == "any":
            for index, each in enumerate(self.classes):
                # What no rule names of the other family's ICMP is like any other protocol.
                if each.protocol != foreign or foreign in self._named:
                    yield index, each.ports
            return
        protocol = NUMBERS[spec.protocol]
        if protocol in {TCP, UDP}:
            wanted = IntervalSet.ports((spec.low, spec.high))
            for index in self._of_protocol[protocol]:
                common = wanted & IntervalSet(PORTS, self.classes[index].ports)
                if common:
                    yield index, common.intervals
        elif protocol == icmp:
            kinds = {self.classes[index].first.port for index in self._of_protocol[protocol]}
            rest = _rest_type(protocol, self._named.get(protocol, set()))
            inside = any(kind not in kinds - {rest} for kind in range(spec.low, spec.high + 1))
            for index in self._of_protocol[protocol]:
                kind = self.classes[index].first.port
                if (kind == rest and inside) or (kind != rest and spec.low <= kind <= spec.high):
                    yield index, ()

    def class_of(self, packet: Packet) -> int:
        """Return the class of a packet."""
        if packet.protocol in {TCP, UDP}:
            for start, end, index in self._port_starts[packet.protocol]:
                if start <= packet.port < end:
                    return index
        indices = self._of_protocol.get(packet.protocol)
        if not indices:
            return len(self.classes) - 1
        if packet.protocol not in {ICMP, ICMPV6}:
            return indices[0]
        return self._icmp_class(packet)

    def _icmp_class(self, packet: Packet) -> int:
        named = self._named.get(packet.protocol, set())
        kinds, codes = _icmp_types(packet.protocol, named), _icmp_codes(named)
        kind = packet.port if packet.port in kinds else _rest_type(packet.protocol, named)
        code = packet.code if packet.code in codes else _other_code(named)
        return next(
            index
            for index in self._of_protocol[packet.protocol]
            if (self.classes[index].first.port, self.classes[index].first.code) == (kind, code)
        )

    def _reply(self, index: int) -> int:
        """Return the class of the reply; itself where ports decide, NO_REPLY where none is due."""
        each = self.classes[index]
        if each.protocol not in ECHO:
            return index
        request, reply = ECHO[each.protocol]
        if each.first.port != request:
            return NO_REPLY
        return self._icmp_class(Packet(each.protocol, reply, each.first.code))


def _means(each: PacketClass, low: int, high: int) -> bool:
    if each.protocol in {TCP, UDP}:
        return low == -1 or low <= each.ports[0][0] <= high
    if each.protocol in {ICMP, ICMPV6}:
        return low == -1 or (low == each.first.port and high in {-1, each.first.code})
    return True


def _same_ranges(ranges: list[Interval]) -> list[list[Interval]]:
    """Cut all ports at the ends of the ranges and group what lies in the same of them."""
    edges = sorted({0, PORTS, *(edge for pair in ranges for edge in pair)})
    starts = np.array(edges[:-1])
    lows, highs = (np.array([pair[side] for pair in ranges]) for side in (0, 1))
    inside = (starts[:, None] >= lows) & (starts[:, None] < highs)
    groups: dict[bytes, list[Interval]] = {}
    for cut, row in zip(pairwise(edges), inside, strict=True):
        same = groups.setdefault(row.tobytes(), [])
        if same and same[-1][1] == cut[0]:
            same[-1] = (same[-1][0], cut[1])
        else:
            same.append(cut)
    return list(groups.values())


def _icmp_types(protocol: int, named: set[tuple[int, int]]) -> list[int]:
    return sorted({kind for kind, _ in named if kind >= 0} | {*ECHO[protocol], 0})


def _icmp_codes(named: set[tuple[int, int]]) -> list[int]:
    return sorted({code for _, code in named if code >= 0} | {0})


def _rest_type(protocol: int, named: set[tuple[int, int]]) -> int:
    """Return a type that stands for all that no filter names; -1 if every one is named."""
    types = set(_icmp_types(protocol, named))
    return next((kind for kind in range(ICMP_VALUES) if kind not in types), -1)


def _other_code(named: set[tuple[int, int]]) -> int:
    codes = set(_icmp_codes(named))
    return next((code for code in range(ICMP_VALUES) if code not in codes), -1)


def _icmp_values(protocol: int, named: set[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    kinds = [*_icmp_types(protocol, named), _rest_type(protocol, named)]
    codes = [*_icmp_codes(named), _other_code(named)]
    for kind in kinds:
        for code in codes:
            if kind >= 0 and code >= 0:
                yield kind, code
