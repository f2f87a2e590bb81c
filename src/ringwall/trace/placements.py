"""Names of questions → placements: a subnet and a set of groups, or a place outside.

Rules:
- A group has one placement in each zone of its tier, whether or not anything runs there; each live
  interface that differs from them (its groups, its public address) is a placement of its own,
  strangers' too.
- A name of a tier, VPC or segment means every placement in it; a subnet where no group is placed is
  a placement with the VPC's default group.
- A name without a placement is Unknown, never a pass.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from ipaddress import ip_network
from typing import Any

from ringwall.model.graph import Unknown
from ringwall.model.names import ENDPOINTS, EVERY_VPC, Name, NameKind, parse_name
from ringwall.resources.ownership import SEGMENT_TAG
from ringwall.space.intervals import IntervalSet
from ringwall.trace.addresses import (
    INTERNET_V4,
    INTERNET_V6,
    Block,
    addresses_of,
    block,
    universe,
)
from ringwall.trace.balancers import balancer_of, balancers
from ringwall.trace.elements import Group, Subnet
from ringwall.trace.ends import (
    Kind,
    Placement,
    endpoints,
    group_keys,
    hypothetical,
    interfaces,
    nodes_of,
    of_endpoint,
    of_tier,
)
from ringwall.trace.gaps import OWN_MODEL
from ringwall.trace.network import Network
from ringwall.trace.public import public_in

__all__ = ["Kind", "Networks", "Placement", "placements"]

Networks = Mapping[str, Iterable[Any]]  # names of address ranges, as a blueprint's `networks`


def placements(
    network: Network, name: str, networks: Networks | None = None
) -> tuple[Placement, ...] | Unknown:
    """Return the placements that a name means; raises QuestionError when it is no name at all."""
    parsed = parse_name(name)
    match parsed.kind:
        case NameKind.SEGMENT if network.untagged:
            lost = f"the tag {SEGMENT_TAG} of {', '.join(network.untagged)} is missing"
            return Unknown(name, lost)
        case NameKind.INTERNET:
            return (internet(network),)
        case NameKind.SERVICE:
            return _service(network, parsed)
        case NameKind.CIDR:
            return _in_block(network, name, block(name))
        case NameKind.WORD if parsed.word in (networks or {}):
            found: list[Placement] = []
            for cidr in (networks or {})[parsed.word]:
                part = _in_block(network, name, block(str(ip_network(cidr))))
                if isinstance(part, Unknown):
                    return part
                found += part
            return tuple(found) or Unknown(name, "the network has no addresses")
        case _:
            inside = tuple(dict.fromkeys(_inside(network, parsed)))
            return inside or Unknown(name, "nothing of that name has a placement in the network")


def internet(network: Network) -> Placement:
    """Return the placement of everything outside with a public address."""
    v6 = any(part.version == 6 for blocks in network.blocks.values() for part in blocks)
    own = [part for blocks in network.blocks.values() for part in blocks]
    blocks = []
    for version, members in ((4, INTERNET_V4), (6, INTERNET_V6)):
        if version == 6 and not v6:
            continue
        taken = IntervalSet.of(
            universe(version), (part.interval for part in own if part.version == version)
        )
        blocks += [Block(version, start, end) for start, end in members - taken]
    return Placement("internet", Kind.INTERNET, tuple(blocks))


def _service(network: Network, name: Name) -> tuple[Placement, ...] | Unknown:
    """Return a service: its addresses are the internet's, and bear its prefix list's name."""
    if name.word in network.lists:
        blocks = tuple(network.lists[name.word])
    elif name.word in network.service_lists:
        blocks = tuple(b for b in internet(network).blocks if b.version == 4)
    else:
        return Unknown(name.text, "no gateway endpoint or prefix list of that name is in the input")
    return (Placement(name.text, Kind.SERVICE, blocks, list_name=name.word),)


def _in_block(network: Network, name: str, wanted: Block) -> tuple[Placement, ...] | Unknown:
    found = []
    covered = []
    for subnet in network.subnets.values():
        for part in subnet.blocks:
            if not part.overlaps(wanted):
                continue
            common = _common(part, wanted)
            covered.append(common.interval)
            found += [
                replace(each, name=f"{name} ({each.name})", blocks=shared)
                for each in _owning(network, common, subnet)
                if (shared := tuple(_common(b, wanted) for b in each.blocks if b.overlaps(wanted)))
            ]
    public = list(public_in(network, name, wanted))
    covered += [part.interval for each in public for part in each.blocks]
    rest = IntervalSet.of(universe(wanted.version), [wanted.interval]) - IntervalSet.of(
        universe(wanted.version),
        [
            *covered,
            *(
                part.interval
                for blocks in network.blocks.values()
                for part in blocks
                if part.version == wanted.version
            ),
        ],
    )
    members = INTERNET_V4 if wanted.version == 4 else INTERNET_V6
    for kind, part_of in ((Kind.INTERNET, rest & members), (Kind.OUTSIDE, rest - members)):
        if part_of:
            blocks = tuple(Block(wanted.version, a, b) for a, b in part_of)
            found.append(Placement(name, kind, blocks))
    found += public
    return tuple(found) or Unknown(name, "it lies inside a VPC, but in none of its subnets")


def _owning(network: Network, asked: Block, subnet: Subnet) -> Iterator[Placement]:
    """Yield what may have addresses of a subnet that are asked.

    One address that a live interface has is nobody else's: of what might be started there, it is
    its own group's where that stands for it.
    """
    every = list(in_subnet(network, subnet))
    owners = set[tuple[str, ...]]()
    if asked.end - asked.start == 1:
        owners = set(_groups_at(network, asked, subnet))
    might = {Kind.GROUP, Kind.SUBNET}
    known = [e for e in every if e.kind not in might and not set(e.blocks) & set(subnet.blocks)]
    has_it = any(asked.overlaps(part) for each in known for part in each.blocks)
    left = [e for e in every if e.kind not in might or (e.groups in owners and not has_it)]
    yield from left if owners and left else every


def _groups_at(network: Network, asked: Block, subnet: Subnet) -> Iterator[tuple[str, ...]]:
    """Yield the groups of the live interfaces in a subnet that have an address."""
    for node in network.graph.of_type("AWS::EC2::NetworkInterface"):
        is_here = network.values.key(node.properties.get("SubnetId")) == subnet.key
        if not is_here or node.observed.get("InterfaceType") in OWN_MODEL:
            continue
        if any(asked.overlaps(block(text)) for text in addresses_of(node.observed)):
            yield tuple(sorted(group_keys(network, node.properties.get("GroupSet"))))


def _common(one: Block, other: Block) -> Block:
    if other.start <= one.start and one.end <= other.end:
        return one
    if one.start <= other.start and other.end <= one.end:
        return other
    return Block(one.version, max(one.start, other.start), min(one.end, other.end))


def _inside(network: Network, name: Name) -> Iterator[Placement]:
    match name.kind:
        case NameKind.SEGMENT:
            for vpc in network.segments.get(name.word, ()):
                yield from in_vpc(network, vpc)
        case NameKind.WORD:
            if name.word in network.vpcs:
                yield from in_vpc(network, name.word)
            else:
                yield from _of_balancers(network, name.word)
        case NameKind.MEMBER:
            vpcs = list(network.vpcs) if name.word == EVERY_VPC else [name.word]
            for vpc in vpcs:
                yield from _member(network, vpc, name.member)
        case NameKind.AWS_ID:
            yield from _by_id(network, name.word)
        case _:
            return


def _member(network: Network, vpc: str, member: str) -> Iterator[Placement]:
    key = f"{vpc}/{member}"
    if key in network.groups:
        if member == ENDPOINTS:
            for each in endpoints(network, vpc):
                yield replace(each, name=key)
            return
        yield from of_group(network, network.groups[key])
        return
    if key in balancers(network):
        yield from nodes_of(network, balancers(network)[key])
        return
    for subnet in network.subnets.values():
        if subnet.vpc == vpc and subnet.tier == member:
            yield from in_subnet(network, subnet)


def _by_id(network: Network, physical_id: str) -> Iterator[Placement]:
    key = network.values.key(physical_id)
    if key in network.vpcs:
        yield from in_vpc(network, key)
    elif key in network.subnets:
        yield from in_subnet(network, network.subnets[key])
    elif key in network.groups:
        yield from of_group(network, network.groups[key])
    else:
        for each in interfaces(network):
            if physical_id in {each.interface, each.name}:
                yield each
        for node in network.graph.of_type("AWS::EC2::VPCEndpoint"):
            if node.key == key:
                yield from of_endpoint(network, node)
        yield from _of_balancers(network, physical_id)


def _of_balancers(network: Network, name: str) -> Iterator[Placement]:
    """Yield the nodes of the balancers of a name, ARN or key, or of one by its interface."""
    interface = network.graph.get(("AWS::EC2::NetworkInterface", network.values.key(name)))
    owner = balancer_of(network, interface) if interface is not None else None
    for balancer in balancers(network).values():
        if name in balancer.names:
            yield from nodes_of(network, balancer)
        elif owner is not None and owner.key == balancer.key and interface is not None:
            home = network.values.key(interface.properties.get("SubnetId"))
            yield from (n for n in nodes_of(network, balancer) if n.subnet and n.subnet.key == home)


def of_group(network: Network, group: Group) -> Iterator[Placement]:
    """Yield a group's placements: its tier's subnets, interfaces and balancers that bear it."""
    yield from of_tier(network, group)
    for each in interfaces(network):
        if group.key in each.groups:
            yield replace(each, name=group.key)
    for balancer in balancers(network).values():
        for node in nodes_of(network, balancer):
            if group.key in node.groups:
                yield replace(node, name=group.key)


def in_vpc(network: Network, vpc: str) -> Iterator[Placement]:
    """Yield everything in a VPC."""
    for subnet in network.subnets.values():
        if subnet.vpc == vpc:
            yield from in_subnet(network, subnet)


def in_subnet(network: Network, subnet: Subnet) -> Iterator[Placement]:
    """Yield everything in a subnet; what bears the default group where no group is placed."""
    found = network.memo.get(("in subnet", subnet.key))
    if found is None:
        found = network.memo["in subnet", subnet.key] = tuple(_in_subnet(network, subnet))
    yield from found


def _in_subnet(network: Network, subnet: Subnet) -> Iterator[Placement]:
    placed = False
    endpoint_group = f"{subnet.vpc}/{ENDPOINTS}"
    for group in network.groups.values():
        if (
            group.tier
            and (group.vpc, group.tier) == (subnet.vpc, subnet.tier)
            and group.key != endpoint_group
        ):
            placed = True
            yield hypothetical(subnet, Kind.GROUP, group.key)
    for each in endpoints(network, subnet.vpc):
        if each.subnet is not None and each.subnet.key == subnet.key:
            yield each
    for each in interfaces(network):
        if each.subnet is not None and each.subnet.key == subnet.key:
            yield each
    for balancer in balancers(network).values():
        if subnet.key in balancer.subnets:
            yield from (n for n in nodes_of(network, balancer) if n.subnet == subnet)
    if not placed:
        yield hypothetical(subnet, Kind.SUBNET, network.default_group(subnet.vpc))
