"""Addresses and blocks of both families as integers, and what the internet is."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

from ringwall.space.intervals import IPV4, IPV6, Interval, IntervalSet

Version = int  # 4 or 6


@dataclass(frozen=True, slots=True, order=True)
class Block:
    """A range of addresses [start, end) of one family; `length` is its prefix, -1 for no prefix."""

    version: Version
    start: int
    end: int
    length: int = -1

    def __contains__(self, host: object) -> bool:
        return (
            isinstance(host, Host)
            and host.version == self.version
            and self.start <= host.address < self.end
        )

    @property
    def interval(self) -> Interval:
        """Return [start, end)."""
        return (self.start, self.end)

    def overlaps(self, other: "Block") -> bool:
        """Tell whether the two share an address."""
        return self.version == other.version and self.start < other.end and other.start < self.end

    def __str__(self) -> str:
        first = to_text(self.version, self.start)
        return f"{first}/{self.length}" if self.length >= 0 else first


@dataclass(frozen=True, slots=True)
class Host:
    """One address; `lists` are the prefix lists that hold it though their CIDRs are not known."""

    version: Version
    address: int
    lists: frozenset[str] = frozenset()

    def __str__(self) -> str:
        return to_text(self.version, self.address)


def to_text(version: Version, address: int) -> str:
    """Write an address as people do."""
    return str(IPv4Address(address) if version == 4 else IPv6Address(address))


@lru_cache(maxsize=65_536)
def block(cidr: str) -> Block:
    """Read a CIDR or an address; host bits are dropped, as AWS does. Raises ValueError."""
    network = ip_network(cidr, strict=False)
    start = int(network.network_address)
    return Block(network.version, start, start + network.num_addresses, network.prefixlen)


def host(address: str) -> Host:
    """Read one address; raises ValueError."""
    value = ip_address(address)
    return Host(value.version, int(value))


def first_host(blocks: tuple[Block, ...], version: int) -> Host | None:
    """Return an address of blocks: of one that is AWS's to choose the first that it may take."""
    part = next((each for each in blocks if each.version == version), None)
    if part is None:
        return None
    return Host(version, part.start + 5 if part.end - part.start > 8 else part.start)


def universe(version: Version) -> int:
    """Return the number of addresses of a family."""
    return IPV4 if version == 4 else IPV6


def _set(version: Version, *cidrs: str) -> IntervalSet:
    return IntervalSet.of(universe(version), (block(cidr).interval for cidr in cidrs))


# Private, shared, loopback, link-local, documentation, benchmark, multicast and reserved addresses
# are not on the internet (RFC 6890; a gateway rejects those of RFC 1918 and RFC 6598 by name).
NOT_INTERNET_V4 = _set(
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
)
# Only 2000::/3 is global unicast (RFC 4291); 2001:db8::/32 is documentation (RFC 3849).
INTERNET_V4 = ~NOT_INTERNET_V4
INTERNET_V6 = _set(6, "2000::/3") - _set(6, "2001:db8::/32")

# Never forwarded, even if a wider route covers them (VPC guide, "Reserved addresses").
NEVER_FORWARDED = (block("169.254.168.0/22"), block("fd00:ec2::/32"))


def is_on_internet(address: Host) -> bool:
    """Tell whether an address is reachable on the internet at all."""
    members = INTERNET_V4 if address.version == 4 else INTERNET_V6
    return address.address in members


_ADDRESS_MEMBERS = {
    "PrivateIpAddresses": "PrivateIpAddress",
    "Ipv6Addresses": "Ipv6Address",
    "Ipv4Prefixes": "Ipv4Prefix",
    "Ipv6Prefixes": "Ipv6Prefix",
}


def addresses_of(observed: Mapping[str, Any]) -> Iterator[str]:
    """Yield the addresses and blocks that an interface is reported to have."""
    for members, member in _ADDRESS_MEMBERS.items():
        for item in observed.get(members) or ():
            text = item.get(member) if isinstance(item, Mapping) else item
            if text:
                yield str(text)
