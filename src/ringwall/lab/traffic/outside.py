"""Addresses that are not the network's: who they are, and AWS's service behind them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from ringwall.trace.addresses import Host, host, is_on_internet, to_text
from ringwall.trace.ends import Kind, Placement
from ringwall.trace.network import Network
from ringwall.trace.placements import internet, placements

# First octets with much ordinary use; what is private or reserved is sorted out afterwards.
FIRST_OCTETS = tuple(n for n in range(11, 223) if n not in {100, 127, 169, 172, 192, 198, 203})
# Of services the addresses lie in blocks that are Amazon's; `lists` names the prefix list.
SERVICES = {"S3": (52, 216), "DYNAMODB": (52, 94), "CLOUDFRONT": (13, 32), "AMAZON": (52, 46)}
SERVICES_V6 = {"S3": 0x26001FA0, "DYNAMODB": 0x26001FA0, "CLOUDFRONT": 0x26009000}


@dataclass(frozen=True, slots=True)
class Outside:
    """One address outside of the network; `number` counts from 0, `service` is AWS's word or ""."""

    number: int
    address: str
    placement: Placement
    host: Host
    service: str = ""

    def __str__(self) -> str:
        return self.address


@dataclass(slots=True)
class World:
    """Every outside address that was spoken to, by number."""

    network: Network
    known: list[Outside] = field(default_factory=list)
    _by_address: dict[tuple[str, str], Outside] = field(default_factory=dict)
    _internet: Placement | None = None

    @property
    def everyone(self) -> Placement:
        """Return the internet."""
        if self._internet is None:
            self._internet = internet(self.network)
        return self._internet

    def at(self, address: str, service: str = "", lists: Sequence[str] = ()) -> Outside:
        """Return who is at an address; the internet's where it is on it, else where it lies."""
        found = self._by_address.get((address, service))
        if found is None:
            plain = host(address)
            there = Host(plain.version, plain.address, frozenset(lists))
            placement = self.everyone
            if lists:
                placement = Placement(
                    f"aws:{lists[0]}", Kind.SERVICE, placement.blocks, list_name=lists[0]
                )
            elif not is_on_internet(plain):
                ends = placements(self.network, address)
                if isinstance(ends, tuple):
                    placement = ends[0]
            found = Outside(len(self.known), address, placement, there, service)
            self.known.append(found)
            self._by_address[address, service] = found
        return found

    def draw(self, rng: Random, version: int = 4) -> Outside:
        """Draw somebody on the internet; of a network without IPv6 nobody speaks it."""
        assert version == 4 or self.has_ipv6
        while True:
            if version == 6:
                value = (0x2A << 120) | rng.getrandbits(88) << 32 | rng.getrandbits(16)
            else:
                value = rng.choice(FIRST_OCTETS) << 24 | rng.getrandbits(24)
            there = Host(version, value)
            if is_on_internet(there) and any(there in b for b in self.everyone.blocks):
                return self.at(to_text(version, value))

    def of_service(self, rng: Random, service: str, list_name: str = "") -> Outside:
        """Draw an address of one of AWS's services; `list_name`: its gateway endpoint's list."""
        first, second = SERVICES[service]
        value = first << 24 | second << 16 | rng.randrange(256, 65_000)
        return self.at(to_text(4, value), service, (list_name,) if list_name else ())

    @property
    def has_ipv6(self) -> bool:
        """Tell whether the network has addresses of IPv6."""
        return any(b.version == 6 for b in self.everyone.blocks)
