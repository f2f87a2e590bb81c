"""Packets, and boxes of them: products of sets of their parts.

Rules:
- Ports are of TCP and UDP (6 and 17), type and code of ICMP and ICMPv6 (1 and 58); a packet of any
  other protocol has neither. Every protocol may be in packets of either family.
- What a box does not name is free. A box that names ports holds packets that have ports, one that
  names a type or code packets of ICMP.
"""

from dataclasses import dataclass, fields

from ringwall.space.intervals import IPV4, IPV6, PORTS, IntervalSet

OCTET = 1 << 8  # protocols, types and codes are one octet each (RFC 791, RFC 792, RFC 4443)
TCP, UDP, ICMP, ICMPV6 = 6, 17, 1, 58
WITH_PORTS = IntervalSet.of(OCTET, [(TCP, TCP + 1), (UDP, UDP + 1)])
WITH_TYPES = IntervalSet.of(OCTET, [(ICMP, ICMP + 1), (ICMPV6, ICMPV6 + 1)])
ADDRESSES = {4: IPV4, 6: IPV6}


@dataclass(frozen=True, slots=True, kw_only=True)
class Packet:
    """One packet; raises ValueError if it has a part that its protocol does not have, or lacks one.

    Addresses are numbers of the family (4 or 6).
    """

    family: int
    source: int
    destination: int
    protocol: int
    source_port: int | None = None
    destination_port: int | None = None
    icmp_type: int | None = None
    icmp_code: int | None = None

    def __post_init__(self) -> None:
        if self.family not in ADDRESSES:
            msg = f"{self.family!r} is no family of addresses; they are 4 and 6"
            raise ValueError(msg)
        addresses = ADDRESSES[self.family]
        _check("source", self.source, addresses, has=True)
        _check("destination", self.destination, addresses, has=True)
        _check("protocol", self.protocol, OCTET, has=True)
        ports, types = self.protocol in WITH_PORTS, self.protocol in WITH_TYPES
        _check("source_port", self.source_port, PORTS, has=ports)
        _check("destination_port", self.destination_port, PORTS, has=ports)
        _check("icmp_type", self.icmp_type, OCTET, has=types)
        _check("icmp_code", self.icmp_code, OCTET, has=types)


def _check(what: str, value: int | None, size: int, *, has: bool) -> None:
    if (value is not None) is not has:
        msg = f"{what} is missing" if has else f"a packet of this protocol has no {what}"
        raise ValueError(msg)
    if value is not None and not 0 <= value < size:
        msg = f"{what} {value} is not inside [0, {size})"
        raise ValueError(msg)


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """All packets whose parts lie in the sets that are named; None leaves a part free.

    Addresses need a family. Raises ValueError if a set is of another universe than its part.
    """

    family: int | None = None
    protocols: IntervalSet | None = None
    sources: IntervalSet | None = None
    destinations: IntervalSet | None = None
    source_ports: IntervalSet | None = None
    destination_ports: IntervalSet | None = None
    icmp_types: IntervalSet | None = None
    icmp_codes: IntervalSet | None = None

    def __post_init__(self) -> None:
        if self.family not in {None, *ADDRESSES}:
            msg = f"{self.family!r} is no family of addresses; they are 4 and 6"
            raise ValueError(msg)
        if self.family is None and (self.sources is not None or self.destinations is not None):
            msg = "addresses need a family"
            raise ValueError(msg)
        for each in fields(self)[1:]:
            part: IntervalSet | None = getattr(self, each.name)
            size = self._size(each.name)
            if part is not None and part.size != size:
                msg = f"{each.name} is a set of [0, {part.size}), not of [0, {size})"
                raise ValueError(msg)

    def _size(self, name: str) -> int:
        if name in {"sources", "destinations"}:
            return ADDRESSES.get(self.family or 0, 0)
        return PORTS if name.endswith("ports") else OCTET

    @property
    def possible_protocols(self) -> IntervalSet:
        """The protocols of packets that have every part which is named."""
        found = IntervalSet.of(OCTET, [(0, OCTET)]) if self.protocols is None else self.protocols
        if self.source_ports is not None or self.destination_ports is not None:
            found &= WITH_PORTS
        if self.icmp_types is not None or self.icmp_codes is not None:
            found &= WITH_TYPES
        return found


def box_of(packet: Packet) -> Box:
    """Return the box of one packet alone."""
    addresses = ADDRESSES[packet.family]
    return Box(
        family=packet.family,
        protocols=_only(OCTET, packet.protocol),
        sources=_only(addresses, packet.source),
        destinations=_only(addresses, packet.destination),
        source_ports=_only(PORTS, packet.source_port),
        destination_ports=_only(PORTS, packet.destination_port),
        icmp_types=_only(OCTET, packet.icmp_type),
        icmp_codes=_only(OCTET, packet.icmp_code),
    )


def _only(size: int, value: int | None) -> IntervalSet | None:
    return None if value is None else IntervalSet.of(size, [(value, value + 1)])
