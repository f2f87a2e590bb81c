"""Conversations that were seen → which parts of a blueprint's flows they used.

Rule: where several flows, or several groups at one address, may be meant, all count as used: what
is called unused was used by nobody.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from ringwall.blueprint.ends import End, EndKind, Unresolved, declared_flows, resolve
from ringwall.blueprint.syntax import Blueprint, Flow, Path
from ringwall.detections.conversing import Kinds, Seen
from ringwall.model.names import ENDPOINTS
from ringwall.model.ports import PortSpec
from ringwall.traffic.naming import Names
from ringwall.traffic.owners import Network, Owner, OwnerKind

_OUTER = frozenset({OwnerKind.INTERNET, OwnerKind.SERVICE, OwnerKind.NETWORK})
_ANY_PROTOCOL = -1

Address = IPv4Address | IPv6Address


@dataclass(frozen=True, slots=True)
class Stander:
    """Who stands behind one end of edges, and one of the addresses."""

    owner: Owner
    address: Address


@dataclass(slots=True)
class Used:
    """What of a flow was used: names as it lists them, and ports (low, of one specification)."""

    sources: set[str] = field(default_factory=set)
    destinations: set[str] = field(default_factory=set)
    ports: dict[PortSpec, set[int]] = field(default_factory=lambda: defaultdict(set))

    def __bool__(self) -> bool:
        return bool(self.ports)


def uses(bp: Blueprint, parts: Iterable[tuple[Names, Seen]]) -> Mapping[Path, Used]:
    """Return what was used of every flow, by the flow's path.

    Each part is what was seen while the network of these names held.
    """
    found = {path: Used() for path, _, _ in declared_flows(bp)}
    flows = [_Flow(bp, path, vpc, flow) for path, vpc, flow in declared_flows(bp)]
    for names, seen in parts:
        for (source, destination, protocol), called in _grouped(names, seen, flows).items():
            for flow in flows:
                froms = list(flow.of(source, flow.sources))
                tos = list(flow.of(destination, flow.destinations)) if froms else []
                if not tos:
                    continue
                for spec in flow.flow.ports:
                    ports = {port for port in called if _holds(spec, protocol, port)}
                    if ports:
                        used = found[flow.path]
                        used.sources.update(froms)
                        used.destinations.update(tos)
                        used.ports[spec] |= ports
    return found


def _grouped(
    names: Names, seen: Seen, flows: "Iterable[_Flow]"
) -> dict[tuple[Stander, Stander, int], set[int]]:
    """Return the ports that were called, by who called whom; what names tell alike is one."""
    found: dict[tuple[Stander, Stander, int], set[int]] = defaultdict(set)
    named = [end.cidrs for flow in flows for end in flow.ends]
    blocks = [ip_network(cidr) for cidrs in named for cidr in cidrs]
    edges = {each: (*names.edges(each), *_edges(blocks, each)) for each in (4, 6)}
    sources, destinations = seen.pieces(edges)
    kinds = Kinds(sources, destinations, seen.protocol, seen.port, order=seen.order)
    standers: dict[int, Stander] = {}
    for number in kinds.firsts.tolist():
        ends = []
        for end, pieces in enumerate((sources, destinations)):
            piece = int(pieces[number])
            if piece not in standers:
                text = seen.address(number, end)
                standers[piece] = Stander(names.of_address(text), ip_address(text))
            ends.append(standers[piece])
        found[ends[0], ends[1], int(seen.protocol[number])].add(int(seen.port[number]))
    return found


def _edges(blocks: Iterable[Network], version: int) -> Iterator[int]:
    for block in blocks:
        if block.version == version:
            first = int(block.network_address)
            yield from (first, first + block.num_addresses)


def _holds(spec: PortSpec, protocol: int, port: int) -> bool:
    """Tell whether a specification means a port; records of ICMP do not say the type."""
    if spec.number == _ANY_PROTOCOL:
        return True
    if spec.number != protocol:
        return False
    return spec.protocol in {"icmp", "icmpv6"} or spec.low <= port <= spec.high


class _Flow:
    """A flow whose names are resolved, each name by itself."""

    def __init__(self, bp: Blueprint, path: Path, vpc: str, flow: Flow) -> None:
        self.bp, self.path, self.flow = bp, path, flow
        self.sources = self._resolved(flow.sources, vpc)
        self.destinations = self._resolved(flow.destinations, vpc)
        named = (*self.sources.values(), *self.destinations.values())
        self.ends = tuple(end for ends in named for end in ends)

    def _resolved(self, texts: Iterable[str], vpc: str) -> dict[str, tuple[End, ...]]:
        found = {}
        for text in texts:
            ends = resolve(self.bp, text, vpc=vpc)
            found[text] = () if isinstance(ends, Unresolved) else ends
        return found

    def of(self, stander: Stander, ends: Mapping[str, tuple[End, ...]]) -> Iterator[str]:
        """Yield the names that mean who stands there."""
        for text, meant in ends.items():
            if any(self._means(end, stander) for end in meant):
                yield text

    def _means(self, end: End, stander: Stander) -> bool:
        owner, address = stander.owner, stander.address
        if owner.kind is OwnerKind.SEVERAL:
            return True
        match end.kind:
            case EndKind.INTERNET:
                return owner.kind in _OUTER
            case EndKind.SERVICE:
                return owner.kind in _OUTER or owner.does == "endpoint" or not owner.is_inside
            case EndKind.ADDRESSES:
                blocks = [ip_network(cidr) for cidr in end.cidrs]
                return any(address.version == b.version and address in b for b in blocks)
            case EndKind.VPC:
                return owner.vpc == end.vpc
            case EndKind.TIER:
                return (owner.vpc, owner.tier) == (end.vpc, end.name)
            case EndKind.GROUP:
                return owner.vpc == end.vpc and self._is_of_group(end, owner)
            case EndKind.ENDPOINTS:
                return owner.vpc == end.vpc and self._is_endpoint(end, owner)

    def _is_of_group(self, end: End, owner: Owner) -> bool:
        if owner.group:
            return f"{end.vpc}/{end.name}" in owner.group.split(" + ")
        return owner.tier == self.bp.vpcs[end.vpc].groups[end.name].tier

    def _is_endpoint(self, end: End, owner: Owner) -> bool:
        if owner.interface:
            return owner.does == "endpoint" or f"{end.vpc}/{ENDPOINTS}" in owner.group
        return owner.tier == self.bp.vpcs[end.vpc].endpoint_tier
