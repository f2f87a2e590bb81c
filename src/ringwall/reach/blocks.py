"""CIDR texts → blocks of integers, and what the internet is.

Rule: ranges are half-open; a block of no prefix length has length -1.
"""

from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_network

from ringwall.space.intervals import IPV4, IPV6, IntervalSet

FAMILIES = (4, 6)


@dataclass(frozen=True, slots=True, order=True)
class Block:
    """Addresses [start, end) of one family."""

    version: int
    start: int
    end: int
    length: int = -1

    def overlaps(self, other: "Block") -> bool:
        """Tell whether the two share an address."""
        return self.version == other.version and self.start < other.end and other.start < self.end

    def holds(self, version: int, address: int) -> bool:
        """Tell whether an address lies in the block."""
        return version == self.version and self.start <= address < self.end

    def common(self, other: "Block") -> "Block | None":
        """Return what both hold, or None."""
        if not self.overlaps(other):
            return None
        for one, two in ((self, other), (other, self)):
            if two.start <= one.start and one.end <= two.end:
                return one
        return Block(self.version, max(self.start, other.start), min(self.end, other.end))

    def __str__(self) -> str:
        first = address_text(self.version, self.start)
        return f"{first}/{self.length}" if self.length >= 0 else first


def address_text(version: int, address: int) -> str:
    """Write an address as people do."""
    return str(IPv4Address(address) if version == 4 else IPv6Address(address))


@lru_cache(maxsize=262_144)
def to_block(cidr: str) -> Block:
    """Read a CIDR or an address; host bits are dropped, as AWS does. Raises ValueError."""
    plain = _plain_ipv4(cidr)
    if plain is not None:
        return plain
    network = ip_network(cidr, strict=False)
    start = int(network.network_address)
    return Block(network.version, start, start + network.num_addresses, network.prefixlen)


def _plain_ipv4(cidr: str) -> Block | None:
    """Read `a.b.c.d` or `a.b.c.d/n` without the generality of ipaddress; None for anything else."""
    text, slash, length_text = cidr.partition("/")
    parts = text.split(".")
    if len(parts) != 4 or (slash and not length_text.isascii()):
        return None
    address = 0
    for part in parts:
        if not (part.isascii() and part.isdigit()) or len(part) > 3:
            return None
        if part[0] == "0" and part != "0":
            return None
        value = int(part)
        if value > 255:
            return None
        address = address << 8 | value
    length = 32
    if slash:
        if not length_text.isdigit() or len(length_text) > 2 or int(length_text) > 32:
            return None
        length = int(length_text)
    size = 1 << (32 - length)
    start = address & ~(size - 1)
    return Block(4, start, start + size, length)


def universe(version: int) -> int:
    """Return the number of addresses of a family."""
    return IPV4 if version == 4 else IPV6


def block_set(version: int, *blocks: Block) -> IntervalSet:
    """Return the addresses of those blocks that are of one family."""
    return IntervalSet.of(
        universe(version), ((b.start, b.end) for b in blocks if b.version == version)
    )


def _cidr_set(version: int, *cidrs: str) -> IntervalSet:
    return block_set(version, *map(to_block, cidrs))


# RFC 6890: private, shared, loopback, link-local, documentation, benchmark, multicast and reserved
# addresses are not on the internet. RFC 4291, RFC 3849: global unicast without documentation.
ON_INTERNET = {
    4: ~_cidr_set(
        4,
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "224.0.0.0/3",
    ),
    6: _cidr_set(6, "2000::/3") - _cidr_set(6, "2001:db8::/32"),
}
SHARED = to_block("100.64.0.0/10")  # RFC 6598
# R8: "packets to these addresses will not be forwarded" (VPC guide, reserved addresses).
NEVER_FORWARDED = (to_block("169.254.168.0/22"), to_block("fd00:ec2::/32"))
