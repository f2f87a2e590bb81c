"""CIDRs as intervals of the two halves of an address: what a query compares.

Rule: ends are inclusive, sorted, and neither overlap nor touch.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, collapse_addresses, ip_network
from typing import Final

from ringwall.traffic.addresses import to_halves
from ringwall.traffic.owners import PRIVATE

# What is not the internet, whoever's network it is.
NOT_INTERNET: Final = (*map(str, PRIVATE), "255.255.255.255/32")
# What is no host: loopback, link-local, multicast, broadcast.
NOBODY: Final = (
    "127.0.0.0/8",
    "169.254.0.0/16",
    "224.0.0.0/4",
    "255.255.255.255/32",
    "fe80::/10",
    "ff00::/8",
)


@dataclass(frozen=True, slots=True, order=True)
class Range:
    """Addresses of a family, from (high, low) to (last_high, last_low), both in it."""

    family: int
    high: int
    low: int
    last_high: int
    last_low: int

    def __contains__(self, address: tuple[int, int, int]) -> bool:
        """Tell whether (family, high, low) lies in it."""
        family, high, low = address
        first, last = (self.high, self.low), (self.last_high, self.last_low)
        return family == self.family and first <= (high, low) <= last


def to_ranges(blocks: Iterable[str]) -> tuple[Range, ...]:
    """Return the fewest ranges of addresses and CIDRs; raises ValueError for what is neither."""
    networks = [ip_network(block) for block in blocks]
    fours = map(_range, collapse_addresses(n for n in networks if isinstance(n, IPv4Network)))
    sixes = map(_range, collapse_addresses(n for n in networks if isinstance(n, IPv6Network)))
    return tuple(sorted([*fours, *sixes]))


def _range(network: IPv4Network | IPv6Network) -> Range:
    family, high, low = to_halves(str(network.network_address))
    _, last_high, last_low = to_halves(str(network.broadcast_address))
    return Range(family, high, low, last_high, last_low)
