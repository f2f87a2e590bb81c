"""Who stands behind an address: the owners, and what is nobody's.

What nothing of a network holds is `on-premises` if it is private, `internet` if not.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    collapse_addresses,
    ip_network,
)
from typing import Any

Network = IPv4Network | IPv6Network

# What is nobody's on the internet (RFC 1918, 6598, 3927, 4193, 4291, multicast).
_PRIVATE = """
10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 100.64.0.0/10 169.254.0.0/16 127.0.0.0/8 224.0.0.0/4
fc00::/7 fe80::/10 ff00::/8
"""
PRIVATE = tuple(map(ip_network, _PRIVATE.split()))
MULTICAST = tuple(map(ip_network, ("224.0.0.0/4", "ff00::/8")))


class OwnerKind(StrEnum):
    """What stands behind an address."""

    INTERFACE = "interface"
    SUBNET = "subnet"
    VPC = "vpc"
    NETWORK = "network"  # of the blueprint
    SERVICE = "aws-service"
    PREMISES = "on-premises"
    MULTICAST = "multicast"
    INTERNET = "internet"
    SEVERAL = "several"  # VPCs with the same addresses


INSIDE = frozenset({OwnerKind.INTERFACE, OwnerKind.SUBNET, OwnerKind.VPC, OwnerKind.SEVERAL})


@dataclass(frozen=True, slots=True)
class Owner:
    """Who stands behind an address; what is not known of it is "".

    `name` is what people read. `group` is the security group, or several joined by ` + `; `tier`
    and `segment` are as the blueprint has them; `does` says what AWS made an interface for.
    """

    kind: OwnerKind
    name: str
    vpc: str = ""
    tier: str = ""
    segment: str = ""
    group: str = ""
    subnet: str = ""
    interface: str = ""
    instance: str = ""
    does: str = ""

    @property
    def is_inside(self) -> bool:
        """Tell whether it is a part of the network."""
        return self.kind in INSIDE

    def to_dict(self) -> dict[str, Any]:
        """Return its document, without what is not known."""
        fields = ("vpc", "tier", "segment", "group", "subnet", "interface", "instance")
        known = {name: value for name in fields if (value := getattr(self, name))}
        return {"kind": self.kind.value, "name": self.name} | known


INTERNET = Owner(OwnerKind.INTERNET, "internet")
PREMISES = Owner(OwnerKind.PREMISES, "on-premises")
GROUP_ADDRESS = Owner(OwnerKind.MULTICAST, "multicast")


def outer(version: int, address: int) -> Owner:
    """Return the owner of an address that nothing of the network holds."""
    of = IPv4Address(address) if version == 4 else IPv6Address(address)
    if any(of.version == block.version and of in block for block in MULTICAST):
        return GROUP_ADDRESS
    private = any(of.version == block.version and of in block for block in PRIVATE)
    return PREMISES if private else INTERNET


@dataclass(slots=True)
class Blocks:
    """Owners by block of addresses: (family, length of prefix) → first address → owners."""

    by_length: dict[tuple[int, int], dict[int, list[Owner]]] = field(default_factory=dict)

    def add(self, block: Network, owner: Owner) -> None:
        """Add an owner of a block; several may own one."""
        key = (block.version, block.prefixlen)
        owners = self.by_length.setdefault(key, {}).setdefault(int(block.network_address), [])
        if owner not in owners:
            owners.append(owner)

    @property
    def lengths(self) -> dict[int, list[int]]:
        """Return the lengths of prefixes that there are, by family, longest first."""
        found: dict[int, list[int]] = {4: [], 6: []}
        for version, length in sorted(self.by_length, reverse=True):
            found[version].append(length)
        return found


def merged(blocks: Iterable[Network]) -> tuple[Network, ...]:
    """Return blocks in order, neighbours joined, IPv4 first."""
    every = list(blocks)
    four = [block for block in every if isinstance(block, IPv4Network)]
    six = [block for block in every if isinstance(block, IPv6Network)]
    return (*collapse_addresses(four), *collapse_addresses(six))


def _called(owner: Owner) -> set[str]:
    inside_vpc = f"{owner.vpc}/{owner.tier}" if owner.vpc and owner.tier else ""
    names = {owner.name, owner.vpc, owner.subnet, owner.interface, owner.instance, inside_vpc}
    return (names | set(owner.group.split(" + "))) - {""}
