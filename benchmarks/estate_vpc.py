"""The large estate: its sizes, and the names, ids and addresses of each of its VPCs."""

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from random import Random
from typing import Any

Item = dict[str, Any]
ACCOUNT, REGION, DEPLOYMENT = "123456789012", "us-east-1", "estate"
ZONES = tuple((f"{REGION}{letter}", f"use1-az{n}") for n, letter in enumerate("abc", 1))
TIERS = ("public", "private", "isolated")
GROUPS = {"edge": "public", "app": "private", "work": "private", "db": "isolated"}
SEGMENTS = ("production", "staging", "shared")
ESTATE, ESTATE_V6 = "10.0.0.0/8", "2600:1f18::/32"
GATEWAY = "tgw-00000001"
MOST_VPCS = 1024  # blocks of /18 in 10.0.0.0/8
# What VPCs choose from: all rules together tell about 170 sets of ports apart.
SERVICES = tuple(range(8000, 8100, 4))
WORK = tuple(range(9000, 9120, 4))
DATABASES = (1433, 1521, 3306, 5432, 6379, 9042, 11211, 27017)
OBSERVED = tuple(range(9400, 9500, 4))
# Below the ports of clients, so that all of them get replies.
REFUSED = tuple(range(100, 160, 4))
WAYS_OUT = ((1024, 65_535), (1000, 65_535), (1024, 60_999), (1024, 49_999))


@dataclass(frozen=True, slots=True)
class Estate:
    """What is made: so many VPCs, with 100 interfaces, 4 groups and 15 rules each.

    `full` adds IPv6, NAT gateways and application load balancers; `tagged` the tags of a
    deployment of Ringwall's, so that keys, tiers and segments have names.
    """

    vpcs: int = 1_000
    interfaces: int = 100  # a VPC
    seed: int = 1
    full: bool = False
    tagged: bool = True


def tags(estate: Estate, key: str, **more: str) -> list[Item]:
    """Return the tags of a resource."""
    if not estate.tagged:
        return [{"Key": "Name", "Value": key}]
    found = {"ringwall:deployment": DEPLOYMENT, "ringwall:key": key}
    found |= {f"ringwall:{name}": value for name, value in more.items()}
    return [{"Key": name, "Value": value} for name, value in sorted(found.items())]


class Vpc:
    """One VPC's names, ids and addresses."""

    def __init__(self, estate: Estate, number: int) -> None:
        self.estate, self.number = estate, number
        self.random = Random(estate.seed * 1_000_003 + number)
        self.key = f"vpc-{number:04}"
        self.segment = SEGMENTS[number % len(SEGMENTS)]
        self.service = self.random.choice(SERVICES)  # what app takes from edge
        self._v4 = (10 << 24) + (number << 14)
        self._v6 = (0x2600_1F18 << 96) + (number << 72)

    def id(self, kind: str, index: int = 0) -> str:
        """Return an id of AWS's form."""
        return f"{kind}-{self.number << 12 | index:08x}"

    @property
    def cidr(self) -> str:
        return f"{IPv4Address(self._v4)}/18"

    @property
    def v6(self) -> str:
        return f"{IPv6Address(self._v6)}/56"

    def subnet(self, index: int) -> str:
        return f"{IPv4Address(self._v4 + (index << 10))}/22"

    def subnet_v6(self, index: int) -> str:
        return f"{IPv6Address(self._v6 + (index << 64))}/64"

    def address(self, index: int, host: int) -> str:
        return str(IPv4Address(self._v4 + (index << 10) + host))

    def address_v6(self, index: int, host: int) -> str:
        return str(IPv6Address(self._v6 + (index << 64) + host))

    def subnets(self) -> Iterator[tuple[int, str, str, str]]:
        """Yield index, tier, zone name and zone id of every subnet."""
        for index in range(len(TIERS) * len(ZONES)):
            name, zone_id = ZONES[index % len(ZONES)]
            yield index, TIERS[index // len(ZONES)], name, zone_id

    @property
    def attached(self) -> list[str]:
        """The subnets of the attachment: those of the isolated tier."""
        return [self.id("subnet", index) for index, tier, *_ in self.subnets() if tier == TIERS[2]]
