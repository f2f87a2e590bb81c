"""A network → what stands behind an address, in names.

Rules:
- The narrowest thing that holds an address is its owner: a live interface (by any address that it
  bears, a public one too), a subnet, a VPC, a network of the blueprint, a prefix list of AWS's.
- VPCs may have the same addresses. Who knows the VPC of a record says it; who does not gets an
  owner that names every candidate, and is of none of their VPCs.
- What nothing holds is `on-premises` if it is private, `internet` if not.
"""

from collections.abc import Iterator, Mapping
from functools import cached_property
from ipaddress import IPv4Network, IPv6Network, ip_address

from ringwall.model.graph import ResourceGraph
from ringwall.traffic.addresses import from_halves
from ringwall.traffic.owners import (
    MULTICAST,
    PRIVATE,
    Blocks,
    Network,
    Owner,
    OwnerKind,
    merged,
    outer,
)
from ringwall.traffic.reading_owners import Networks, OwnerReader


class Names:
    """The names of one network."""

    def __init__(self, blocks: Blocks, vpcs: Mapping[str, str]) -> None:
        self._blocks = blocks
        self._lengths = blocks.lengths
        self._vpcs = vpcs
        self._found: dict[tuple[int, int, str], Owner] = {}

    @classmethod
    def of(cls, graph: ResourceGraph, networks: Networks | None = None) -> "Names":
        """Read the names of a graph, and of a blueprint's networks."""
        reader = OwnerReader(graph)
        return cls(reader.read(networks or {}), reader.vpc_ids)

    def at(self, family: int, high: int, low: int, vpc: str = "") -> Owner:
        """Return the owner of an address of the store, in the VPC with this key or id if given."""
        return self.of_address(from_halves(family, high, low), vpc)

    def of_address(self, text: str, vpc: str = "") -> Owner:
        """Return the owner of an address as text; raises ValueError for none."""
        address = ip_address(text)
        home = self._vpcs.get(vpc, vpc)
        key = (address.version, int(address), home)
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = self._find(address.version, int(address), home)
        return found

    def _find(self, version: int, address: int, home: str) -> Owner:
        width = 32 if version == 4 else 128
        for length in self._lengths[version]:
            start = address >> (width - length) << (width - length)
            owners = self._blocks.by_length[version, length].get(start)
            if not owners:
                continue
            mine = [owner for owner in owners if owner.vpc == home] if home else owners
            if mine or not any(owner.vpc for owner in owners):
                return _one_of(mine or owners)
            # Of another VPC: a peer's, unless a wider block is of this one.
            wider = self._in_vpc(version, address, home)
            return wider or _one_of(owners)
        return outer(version, address)

    def _in_vpc(self, version: int, address: int, home: str) -> Owner | None:
        width = 32 if version == 4 else 128
        for length in self._lengths[version]:
            start = address >> (width - length) << (width - length)
            for owner in self._blocks.by_length[version, length].get(start, ()):
                if owner.vpc == home:
                    return owner
        return None

    def edges(self, version: int) -> Iterator[int]:
        """Yield the addresses of a family between two of which all have the same owner."""
        width = 32 if version == 4 else 128
        for length in self._lengths[version]:
            for start in self._blocks.by_length[version, length]:
                yield from (start, start + (1 << (width - length)))
        for block in (*PRIVATE, *MULTICAST):
            if block.version == version:
                first = int(block.network_address)
                yield from (first, first + block.num_addresses)

    @cached_property
    def inside(self) -> tuple[Network, ...]:
        """Return the blocks of the VPCs, in order, none in another; of IPv6 the subnets' too."""
        return merged(self._having(OwnerKind.VPC, OwnerKind.SUBNET))

    @cached_property
    def services(self) -> tuple[Network, ...]:
        """Return the blocks of AWS services that the network's prefix lists name."""
        return merged(self._having(OwnerKind.SERVICE))

    def _having(self, *kinds: OwnerKind) -> Iterator[Network]:
        for (version, length), blocks in self._blocks.by_length.items():
            for start, owners in blocks.items():
                if any(owner.kind in kinds for owner in owners):
                    yield (IPv4Network if version == 4 else IPv6Network)((start, length))

    def addresses_of(self, name: str) -> tuple[Network, ...]:
        """Return the blocks whose owner bears this name, or this VPC, tier, group or id."""
        found: list[Network] = []
        for (version, length), blocks in self._blocks.by_length.items():
            for start, owners in blocks.items():
                if any(name in _called(owner) for owner in owners):
                    found.append((IPv4Network if version == 4 else IPv6Network)((start, length)))
        return merged(found)


def _one_of(owners: list[Owner]) -> Owner:
    if len(owners) == 1:
        return owners[0]
    return Owner(OwnerKind.SEVERAL, " or ".join(sorted({owner.name for owner in owners})))


def _called(owner: Owner) -> set[str]:
    inside_vpc = f"{owner.vpc}/{owner.tier}" if owner.vpc and owner.tier else ""
    names = {owner.name, owner.vpc, owner.subnet, owner.interface, owner.instance, inside_vpc}
    return (names | set(owner.group.split(" + "))) - {""}
