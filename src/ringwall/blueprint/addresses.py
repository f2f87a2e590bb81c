"""The address plan: a blueprint's blocks, given or allotted, for every VPC, tier and subnet.

Rules:
- Given blocks are honoured. Allotted ones are taken in order of declaration: VPCs from the start of
  the pool, tiers from the start of their VPC, attachment tiers from its end, each at the first
  place that no given and no earlier block holds. So what is appended moves nothing.
- A tier is one block that covers all its zones. It is cut for eight zones, which is more than any
  region has, as long as a zone keeps a /28 (the smallest subnet that EC2 takes); a small block is
  cut for fewer. The cut depends on the block alone, so an appended zone moves nothing.
- IPv6: a VPC has a /56 of Amazon's, tier i its i-th /60, zone z of it the (16 i + z)-th /64.
"""

from bisect import insort
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from ipaddress import IPv4Network

from ringwall.blueprint.syntax import Blueprint, Vpc
from ringwall.blueprint.vpcs import Tier

SMALLEST_SUBNET = 28  # CreateSubnet takes /16 to /28
LARGEST_SUBNET = 16
ZONE_ROOM = 3  # bits: eight zones
IPV6_TIERS = 16  # the /60s of a /56
DEFAULT_TIER_BITS = 4  # a tier is a sixteenth of its VPC, unless that would be below a /26
SMALLEST_DEFAULT_TIER = 26  # four zones of /28


@dataclass(frozen=True, slots=True)
class SubnetPlan:
    """The block of one tier in one zone; `ipv6_index` counts the /64s of the VPC's /56."""

    vpc: str
    tier: str
    zone: str
    zone_index: int
    cidr: str
    ipv6_index: int | None = None

    @property
    def key(self) -> str:
        """Return the subnet's key: `vpc/tier/zone`."""
        return f"{self.vpc}/{self.tier}/{self.zone}"


@dataclass(frozen=True, slots=True)
class TierPlan:
    """The block of a tier and its subnets by zone; `ipv6_index` counts the /60s of the /56."""

    vpc: str
    tier: str
    kind: str
    cidr: str
    subnets: Mapping[str, SubnetPlan]
    ipv6_index: int | None = None


@dataclass(frozen=True, slots=True)
class VpcPlan:
    """The block of a VPC and its tiers by name, in order, the added attachment tier last."""

    vpc: str
    cidr: str
    is_dual_stack: bool
    tiers: Mapping[str, TierPlan]

    @property
    def subnets(self) -> tuple[SubnetPlan, ...]:
        """Return the subnets of all tiers, in order."""
        return tuple(subnet for tier in self.tiers.values() for subnet in tier.subnets.values())


@dataclass(frozen=True, slots=True)
class Misfit:
    """A block that finds no place, or a place that it must not have.

    `what` is one of: pool, vpc-overlap, tier-outside, tier-overlap, tier-room, tier-zones, moved,
    ipv6-tiers. `vpc` and `tier` say whose, `other` the one in the way, `free` a block that is free.
    """

    what: str
    vpc: str
    tier: str = ""
    cidr: str = ""
    other: str = ""
    other_cidr: str = ""
    free: str = ""


@dataclass(frozen=True, slots=True)
class AddressPlan:
    """Blocks by VPC, and what did not fit (empty for a blueprint that was loaded)."""

    vpcs: Mapping[str, VpcPlan]
    misfits: tuple[Misfit, ...] = ()

    def subnets(self, vpc: str, tier: str) -> tuple[SubnetPlan, ...]:
        """Return the subnets of a tier, in the order of the zones."""
        return tuple(self.vpcs[vpc].tiers[tier].subnets.values())

    def owner(self, cidr: str) -> str | None:
        """Return the VPC whose block holds all of a block, or None."""
        wanted = IPv4Network(cidr)
        for name, plan in self.vpcs.items():
            if wanted.subnet_of(IPv4Network(plan.cidr)):
                return name
        return None

    def touches(self, cidr: str) -> bool:
        """Say whether any VPC has addresses of a block."""
        wanted = IPv4Network(cidr)
        return any(wanted.overlaps(IPv4Network(plan.cidr)) for plan in self.vpcs.values())


@dataclass(slots=True)
class _Space:
    """A block from which others are taken; intervals are [start, end) addresses."""

    block: IPv4Network
    taken: list[tuple[int, int, str]] = field(default_factory=list)

    def add(self, block: IPv4Network, name: str) -> None:
        insort(self.taken, (*_interval(block), name))

    def holder(self, block: IPv4Network) -> str | None:
        start, end = _interval(block)
        return next((name for s, e, name in self.taken if s < end and start < e), None)

    def first_free(self, prefix: int, *, from_end: bool = False) -> IPv4Network | None:
        """Return the first free aligned block of a length, from the start or from the end."""
        if prefix < self.block.prefixlen:
            return None
        size = 1 << (32 - prefix)
        low, high = _interval(self.block)
        busy = [(s, e) for s, e, _ in self.taken if s < high and low < e]
        if from_end:
            at = high - size
            for start, end in sorted(busy, key=lambda pair: -pair[1]):
                if end <= at:
                    break
                if start < at + size:
                    at = (start - size) // size * size
            return IPv4Network((at, prefix)) if at >= low else None
        at = low
        for start, end in busy:
            if start >= at + size:
                break
            if end > at:
                at = (end + size - 1) // size * size
        return IPv4Network((at, prefix)) if at + size <= high else None


def _interval(block: IPv4Network) -> tuple[int, int]:
    start = int(block.network_address)
    return start, start + block.num_addresses


def zone_room(prefix: int) -> int:
    """Return how many zones a tier's block of a length is cut for."""
    bits: int = max(0, min(ZONE_ROOM, SMALLEST_SUBNET - prefix))
    return 1 << bits


def tier_prefix(tier: Tier, vpc_prefix: int) -> int:
    """Return the length of the block that is allotted to a tier."""
    if tier.prefix is not None:
        return tier.prefix
    if tier.kind == "attachment":
        # A /28 a zone: for eight zones, in a small VPC for four.
        return SMALLEST_DEFAULT_TIER - 1 if vpc_prefix <= 23 else SMALLEST_DEFAULT_TIER
    return max(vpc_prefix, min(vpc_prefix + DEFAULT_TIER_BITS, SMALLEST_DEFAULT_TIER))


def address_plan(bp: Blueprint) -> AddressPlan:
    """Give every VPC, tier and subnet its block; what finds none is among `misfits`."""
    misfits: list[Misfit] = []
    blocks = _vpc_blocks(bp, misfits)
    plans: dict[str, VpcPlan] = {}
    for name, block in blocks.items():
        vpc = bp.vpcs[name]
        dual = bp.is_dual_stack(name)
        tiers = _tier_blocks(name, vpc, block, misfits)
        indexes = _ipv6_indexes(name, vpc, misfits) if dual else {}
        plans[name] = VpcPlan(
            name,
            str(block),
            dual,
            {
                tier: _tier_plan(bp, name, tier, tiers[tier], indexes.get(tier), misfits)
                for tier in vpc.all_tiers
                if tier in tiers
            },
        )
    return AddressPlan(plans, tuple(misfits))


def _vpc_blocks(bp: Blueprint, misfits: list[Misfit]) -> dict[str, IPv4Network]:
    pool = _Space(IPv4Network(bp.addresses.ipv4))
    found: dict[str, IPv4Network] = {}
    for name, vpc in bp.vpcs.items():
        if vpc.cidr is not None:
            block = IPv4Network(vpc.cidr)
            other = pool.holder(block)
            if other is not None:
                free = _text(pool.first_free(block.prefixlen))
                misfits.append(
                    Misfit("vpc-overlap", name, "", vpc.cidr, other, str(found[other]), free)
                )
            pool.add(block, name)
            found[name] = block
    # What would be allotted if VPCs declared later were not there.
    before = _Space(pool.block)
    for name, vpc in bp.vpcs.items():
        if vpc.cidr is not None:
            before.add(found[name], name)
            continue
        prefix = bp.addresses.vpc_prefix
        allotted = pool.first_free(prefix)
        if allotted is None:
            misfits.append(Misfit("pool", name, "", f"/{prefix}", "", bp.addresses.ipv4))
            continue
        _note_move(misfits, before.first_free(prefix), allotted, pool, vpc=name)
        pool.add(allotted, name)
        before.add(allotted, name)
        found[name] = allotted
    return {name: found[name] for name in bp.vpcs if name in found}


def _tier_blocks(
    name: str, vpc: Vpc, block: IPv4Network, misfits: list[Misfit]
) -> dict[str, IPv4Network]:
    space = _Space(block)
    found = _given_tiers(name, vpc, space, misfits)
    for at_end in (True, False):
        _allot_tiers(name, vpc, space, found, misfits, at_end=at_end)
    # Only now is it known what is free.
    for index, misfit in enumerate(misfits):
        if misfit.vpc == name and misfit.what in {"tier-outside", "tier-overlap"}:
            free = _text(space.first_free(IPv4Network(misfit.cidr).prefixlen))
            misfits[index] = replace(misfit, free=free)
    return found


def _given_tiers(
    name: str, vpc: Vpc, space: _Space, misfits: list[Misfit]
) -> dict[str, IPv4Network]:
    block = space.block
    found: dict[str, IPv4Network] = {}
    for tier_name, tier in vpc.tiers.items():
        if tier.cidr is None:
            continue
        wanted = IPv4Network(tier.cidr)
        if not wanted.subnet_of(block):
            misfits.append(Misfit("tier-outside", name, tier_name, tier.cidr, name, str(block)))
        else:
            other = space.holder(wanted)
            if other is not None:
                misfits.append(
                    Misfit("tier-overlap", name, tier_name, tier.cidr, other, str(found[other]))
                )
        space.add(wanted, tier_name)
        found[tier_name] = wanted
    return found


def _allot_tiers(
    name: str,
    vpc: Vpc,
    space: _Space,
    found: dict[str, IPv4Network],
    misfits: list[Misfit],
    *,
    at_end: bool,
) -> None:
    block = space.block
    kinds = {tier_name: tier.kind for tier_name, tier in vpc.all_tiers.items()}
    # What would be allotted if tiers declared later were not there.
    before = _Space(block)
    if not at_end:
        before.taken = [taken for taken in space.taken if kinds[taken[2]] == "attachment"]
    for tier_name, tier in vpc.all_tiers.items():
        if (tier.kind == "attachment") != at_end:
            continue
        if tier.cidr is not None:
            before.add(found[tier_name], tier_name)
            continue
        prefix = tier_prefix(tier, block.prefixlen)
        allotted = space.first_free(prefix, from_end=at_end)
        if allotted is None:
            misfits.append(Misfit("tier-room", name, tier_name, f"/{prefix}", "", str(block)))
            continue
        natural = before.first_free(prefix, from_end=at_end)
        _note_move(misfits, natural, allotted, space, vpc=name, tier=tier_name)
        space.add(allotted, tier_name)
        before.add(allotted, tier_name)
        found[tier_name] = allotted


def _tier_plan(
    bp: Blueprint,
    vpc: str,
    tier: str,
    block: IPv4Network,
    ipv6_index: int | None,
    misfits: list[Misfit],
) -> TierPlan:
    kind = bp.vpcs[vpc].all_tiers[tier].kind
    room = zone_room(block.prefixlen)
    if len(bp.zones) > room or block.prefixlen > SMALLEST_SUBNET:
        misfits.append(Misfit("tier-zones", vpc, tier, str(block), "", str(len(bp.zones))))
        return TierPlan(vpc, tier, kind, str(block), {}, ipv6_index)
    size = block.num_addresses // room
    # No subnet is larger than a /16.
    prefix = max(block.prefixlen + room.bit_length() - 1, LARGEST_SUBNET)
    start = int(block.network_address)
    subnets = {
        zone: SubnetPlan(
            vpc,
            tier,
            zone,
            index,
            str(IPv4Network((start + index * size, prefix))),
            None if ipv6_index is None else ipv6_index * 16 + index,
        )
        for index, zone in enumerate(bp.zones)
    }
    return TierPlan(vpc, tier, kind, str(block), subnets, ipv6_index)


def _ipv6_indexes(name: str, vpc: Vpc, misfits: list[Misfit]) -> dict[str, int]:
    tiers = vpc.all_tiers
    if len(tiers) > IPV6_TIERS:
        misfits.append(Misfit("ipv6-tiers", name, list(tiers)[IPV6_TIERS], "", "", str(IPV6_TIERS)))
        return {}
    others = [tier for tier in tiers if tiers[tier].kind != "attachment"]
    attachments = [tier for tier in tiers if tiers[tier].kind == "attachment"]
    return {
        **{tier: index for index, tier in enumerate(others)},
        **{tier: IPV6_TIERS - 1 - index for index, tier in enumerate(attachments)},
    }


def _note_move(
    misfits: list[Misfit],
    natural: IPv4Network | None,
    allotted: IPv4Network,
    space: _Space,
    *,
    vpc: str,
    tier: str = "",
) -> None:
    if natural is not None and natural != allotted:
        other = space.holder(natural) or ""
        misfits.append(Misfit("moved", vpc, tier, str(allotted), other, str(natural)))


def _text(block: IPv4Network | None) -> str:
    return "" if block is None else str(block)
