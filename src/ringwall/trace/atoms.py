"""Questions → atoms: classes of packets and addresses that nothing on a network tells apart.

Rules:
- Addresses are cut by every block that a rule, a route, a subnet, a prefix list or an interface
  names; addresses of the internet that lie in the same blocks are one atom.
- Ports are cut by every range that a rule names, a protocol at a time; ICMP by every type and code;
  protocols without ports are one atom each where a rule names them, and one for all others.
"""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from ringwall.model.ports import PortSpec
from ringwall.space.atoms import atoms_of_set, classes_of_ports
from ringwall.space.intervals import PORTS, Interval, IntervalSet
from ringwall.trace import cuts
from ringwall.trace.addresses import Block, Host
from ringwall.trace.ends import Kind, Placement
from ringwall.trace.filters import blocks_of_filters
from ringwall.trace.network import Network
from ringwall.trace.packet import ICMP, ICMPV6, NUMBERS, TCP, UDP, Packet

# Stand for all protocols that no rule names: experimental ones first (RFC 3692), then others.
OTHER_PROTOCOLS = (253, 254, *range(143, 253))
ICMP_VALUES = 256


@dataclass(frozen=True, slots=True)
class AddressAtom:
    """Addresses that nothing tells apart, by one of them; a second one where there is one."""

    host: Host
    other: Host | None
    size: int


@dataclass(frozen=True, slots=True)
class PacketAtom:
    """Packets that no filter tells apart, by one of them; `ports` are the destination ports."""

    packet: Packet
    ports: tuple[Interval, ...]

    def __str__(self) -> str:
        if self.packet.protocol not in {TCP, UDP}:
            return str(self.packet)
        name = "tcp" if self.packet.protocol == TCP else "udp"
        texts = (f"{a}" if b - a == 1 else f"{a}-{b - 1}" for a, b in self.ports)
        return f"{name}/{','.join(texts)}"


class Atoms:
    """The cuts of a network; atoms of placements and ports are computed once."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._blocks = sorted(set(_blocks(network)))
        self._edges = {
            version: sorted({e for b in self._blocks if b.version == version for e in b.interval})
            for version in (4, 6)
        }
        self._ranges = _ranges(network)
        self._memo: dict[tuple[Block, ...] | tuple[tuple[Block, ...], str], tuple[AddressAtom, ...]]
        self._memo = {}

    def of_addresses(self, placement: Placement) -> tuple[AddressAtom, ...]:
        """Return the address atoms of a placement, both families."""
        key = (placement.blocks, f"{placement.kind} {placement.list_name}")
        found = self._memo.get(key)
        if found is None:
            outside = placement.kind in {Kind.INTERNET, Kind.OUTSIDE, Kind.SERVICE}
            find = self._outside(placement) if outside else self._inside(placement)
            found = self._memo[key] = tuple(find)
        return found

    def _cut(self, part: Block) -> Iterator[Interval]:
        edges = self._edges[part.version]
        inner = edges[bisect_right(edges, part.start) : bisect_left(edges, part.end)]
        cuts = [part.start, *inner, part.end]
        yield from pairwise(cuts)

    def _inside(self, placement: Placement) -> Iterator[AddressAtom]:
        for part in placement.blocks:
            for start, end in self._cut(part):
                # AWS keeps the first four addresses of a subnet and the last (VPC guide).
                first = start + 4 if end - start > 8 else start
                other = Host(part.version, first + 1) if first + 1 < end else None
                yield AddressAtom(Host(part.version, first), other, end - start)

    def _outside(self, placement: Placement) -> Iterator[AddressAtom]:
        classes: dict[tuple[int, tuple[Block, ...]], list[Interval]] = defaultdict(list)
        for part in placement.blocks:
            holders = [b for b in self._blocks if b.overlaps(part)]
            for start, end in self._cut(part):
                inside = tuple(b for b in holders if b.start <= start < b.end)
                classes[part.version, self._named(inside)].append((start, end))
        lists = frozenset({placement.list_name} - {""})
        unknown_lists = self._network.service_lists - self._network.lists.keys()
        for (version, _), intervals in classes.items():
            size = sum(end - start for start, end in intervals)
            start, end = max(intervals, key=lambda i: i[1] - i[0])
            other = start + 1 if end - start > 1 else None
            hosts = (
                Host(version, start, lists),
                None if other is None else Host(version, other, lists),
            )
            yield AddressAtom(*hosts, size)
            if placement.kind is Kind.INTERNET and version == 4:
                # Some of these addresses are of services whose prefix lists are not in the input.
                for name in sorted(unknown_lists):
                    yield AddressAtom(Host(version, start, frozenset({name})), None, size)

    def _named(self, blocks: tuple[Block, ...]) -> tuple[Block, ...]:
        """Return blocks with those of one prefix list as one, by its first block.

        Only where nothing but a default route lies around them, that could come between.
        """
        if any(part.length > 0 and part not in self._owners for part in blocks):
            return blocks
        found = []
        for part in blocks:
            owners = self._owners.get(part)
            found.append(part if owners is None else owners)
        return tuple(dict.fromkeys(found))

    @property
    def _owners(self) -> dict[Block, Block]:
        found = self._network.memo.get("owners of blocks")
        if found is None:
            plain = set(_plain_blocks(self._network))
            counted: dict[Block, set[Block]] = defaultdict(set)
            for blocks in _used_lists(self._network):
                for part in blocks:
                    counted[part].add(min(blocks))
            found = {
                part: next(iter(firsts))
                for part, firsts in counted.items()
                if len(firsts) == 1 and part not in plain
            }
            self._network.memo["owners of blocks"] = found
        return found

    def of_ports(self, specs: tuple[PortSpec, ...], version: int) -> tuple[PacketAtom, ...]:
        """Return the packet atoms of a question's ports for a family of addresses."""
        key = ("packets", specs, version)
        found = self._network.memo.get(key)
        if found is None:
            found = self._network.memo[key] = self._packets(specs, version)
        return found

    def _packets(self, specs: tuple[PortSpec, ...], version: int) -> tuple[PacketAtom, ...]:
        found: dict[tuple[int, tuple[Interval, ...], int, int], PacketAtom] = {}
        for spec in specs:
            for atom in self._of_spec(spec, version):
                p = atom.packet
                found[p.protocol, atom.ports, p.port, p.code] = atom
        return tuple(found.values())

    def _of_spec(self, spec: PortSpec, version: int) -> Iterator[PacketAtom]:
        icmp = ICMP if version == 4 else ICMPV6
        if spec.protocol == "any":
            for protocol in (TCP, UDP):
                yield from self._of_port_range(protocol, 0, PORTS - 1)
            for protocol in (ICMP, ICMPV6):
                # A rule may name the other family's, which is a protocol like any other there.
                if protocol == icmp or protocol in self._ranges:
                    yield from self._of_icmp(protocol, 0, ICMP_VALUES - 1)
            for protocol in sorted(self._ranges.keys() - {TCP, UDP, ICMP, ICMPV6}):
                yield PacketAtom(Packet(protocol), ())
            other = next(number for number in OTHER_PROTOCOLS if number not in self._ranges)
            yield PacketAtom(Packet(other), ())
            return
        protocol = NUMBERS[spec.protocol]
        if protocol in {TCP, UDP}:
            yield from self._of_port_range(protocol, spec.low, spec.high)
        elif protocol == icmp:
            yield from self._of_icmp(icmp, spec.low, spec.high)

    def _of_port_range(self, protocol: int, low: int, high: int) -> Iterator[PacketAtom]:
        ranges = [(a, b + 1) for a, b in sorted(self._ranges.get(protocol, ()))]
        wanted = IntervalSet.ports((low, high))
        atoms = atoms_of_set(wanted, (edge for r in ranges for edge in r))
        for same in classes_of_ports(atoms, ranges):
            yield PacketAtom(Packet(protocol, same[0][0], 0), tuple(same))

    def _of_icmp(self, protocol: int, low: int, high: int) -> Iterator[PacketAtom]:
        named = self._ranges.get(protocol, set())
        echo = 8 if protocol == ICMP else 128
        types = sorted({kind for kind, _ in named if kind >= 0} | {echo, echo + 1, 0})
        rest = next((t for t in range(low, high + 1) if t not in types), None)
        codes = sorted({code for _, code in named if code >= 0} | {0})
        other_code = next(c for c in range(ICMP_VALUES) if c not in codes)
        for kind in [t for t in types if low <= t <= high] + ([] if rest is None else [rest]):
            for code in (*codes, other_code):
                yield PacketAtom(Packet(protocol, kind, code), ())

    def of_source_ports(self, protocol: int) -> tuple[Interval, ...]:
        """Return the atoms of client ports; filters see them as the ports of replies."""
        ranges = self._ranges.get(protocol, set())
        edges = {0, 1024, PORTS} | {e for a, b in ranges for e in (a, b + 1)}
        cuts = sorted(edge for edge in edges if 0 <= edge <= PORTS)
        return tuple(pairwise(cuts))


def atoms_of(network: Network) -> Atoms:
    """Return the network's atoms, cut once."""
    found = network.memo.get("atoms")
    if found is None:
        found = network.memo["atoms"] = Atoms(network)
    known: Atoms = found
    return known


def _plain_blocks(network: Network) -> Iterator[Block]:
    yield from blocks_of_filters(network)
    for table in network.tables.values():
        for route in table.routes:
            if route.destination is not None and not route.list_name:
                yield route.destination
    for transit in network.transit_tables.values():
        yield from (route.destination for route in transit.routes)
    for subnet in network.subnets.values():
        yield from subnet.blocks
    for blocks in network.blocks.values():
        yield from blocks
    yield from cuts.blocks(network)


def _blocks(network: Network) -> Iterator[Block]:
    found = list(_plain_blocks(network))
    for blocks in _used_lists(network):
        found += blocks
    yield from found
    yield from cuts.behind_nat64(network, found)


def _used_lists(network: Network) -> Iterator[tuple[Block, ...]]:
    """Yield the lists that a rule or a route names; no other tells addresses apart."""
    named = {
        rule.peer.list_name
        for group in network.groups.values()
        for rule in (*group.ingress, *group.egress)
    } | {route.list_name for table in network.tables.values() for route in table.routes}
    for name in sorted(named - {""}):
        yield network.lists.get(name, ())


def _ranges(network: Network) -> dict[int, set[tuple[int, int]]]:
    """Return every range of ports, or type and code, that a filter names, by protocol."""
    found: dict[int, set[tuple[int, int]]] = defaultdict(set)
    for acl in network.acls.values():
        for entry in acl.entries:
            pair = entry.ports or entry.icmp
            if entry.protocol != -1:
                found[entry.protocol] |= {pair} if pair is not None else set()
    for group in network.groups.values():
        for rule in (*group.ingress, *group.egress):
            if rule.protocol != -1:
                named = rule.protocol in {TCP, UDP, ICMP, ICMPV6} and rule.low >= 0
                found[rule.protocol] |= {(rule.low, rule.high)} if named else set()
    for protocol in cuts.protocols(network):
        found[protocol] |= set()
    for protocol, pair in cuts.ranges(network):
        found[protocol] |= {pair}
    return found
