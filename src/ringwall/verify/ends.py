"""Names of an expectation → the ends that they mean: a subnet with groups, or a place outside.

Rules:
- A group has an end in each subnet of its tier, whether or not anything runs there; each live
  interface that differs from these is an end of its own.
- A subnet where no group is placed is an end with the VPC's default group.
- Addresses of the internet that belong to a service's prefix list which is not in the input are an
  end of their own.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from ipaddress import AddressValueError, IPv4Address, ip_network
from typing import Any

from ringwall.errors import QuestionError
from ringwall.model.graph import Node
from ringwall.model.names import ENDPOINTS, EVERY_VPC, Name, NameKind, parse_name
from ringwall.resources.ownership import SEGMENT_TAG
from ringwall.verify.balancers import Balancer, is_node
from ringwall.verify.elements import Group, Subnet
from ringwall.verify.network import OWN_MODEL, Network
from ringwall.verify.sets import FAMILIES, IPV6, Ranges, join, meet, minus
from ringwall.verify.traffic import INTERNET, block

Names = Mapping[str, Iterable[Any]]  # of address ranges, as a blueprint's `networks`

GROUP, SUBNET, INTERFACE, ENDPOINT = "group", "subnet", "interface", "endpoint"
OUTSIDE, SERVICE, THE_INTERNET = "outside", "service", "internet"
BALANCER = "balancer"
NAT = "nat-gateway"  # what a reply is meant for on its way


class NoEndError(QuestionError):
    """A name means nothing in the network, or it is not known what."""


@dataclass(frozen=True, slots=True)
class End:
    """One end of a claim; `part` are the addresses that it may have, of either family.

    `public`: its IPv4 address may be paired with a public one. `lists` are the prefix lists that
    hold it though their addresses are not in the input. `key` is that of an endpoint or interface.
    `doubt` is why nothing is claimed of what gets there, "" for no reason.
    """

    name: str
    kind: str
    part: Ranges
    subnet: str = ""
    vpc: str = ""
    groups: tuple[str, ...] = ()
    public: bool = False
    interface: str = ""
    lists: frozenset[str] = frozenset()
    key: str = ""
    doubt: str = ""

    def __str__(self) -> str:
        where = f" in {self.subnet}" if self.subnet else ""
        what = f" ({self.interface})" if self.interface else ""
        listed = f" of {', '.join(sorted(self.lists))}" if self.lists else ""
        return f"{self.name}{where}{what}{listed}"


def find_ends(network: Network, names: Iterable[str], networks: Names) -> tuple[End, ...]:
    """Return the ends of any of the names, each once; raises NoEndError, QuestionError."""
    found: dict[End, None] = {}
    for name in names:
        ends = list(_named(network, name, networks)) or list(_of_balancer(network, name))
        if not ends:
            msg = f"{name!r} has no end in the network"
            raise NoEndError(msg)
        for end in ends:
            found |= dict.fromkeys(_listed(network, end))
    return tuple(found)


def labels(ends: tuple[End, ...]) -> tuple[str, ...]:
    """Return a text for each end, all different: its name, and its number among namesakes."""
    seen: dict[str, int] = {}
    found = []
    for end in ends:
        text = str(end)
        seen[text] = seen.get(text, 0) + 1
        found.append(text if seen[text] == 1 else f"{text} #{seen[text]}")
    return tuple(found)


def meant(ends: tuple[End, ...], *aside: str) -> tuple[End, ...]:
    """Return the ends for which a must-reach is meant: not kinds of no use, if there are others."""
    return tuple(end for end in ends if end.kind not in aside) or ends


def _listed(network: Network, end: End) -> Iterator[End]:
    yield end
    if end.kind == THE_INTERNET and not end.lists:
        part = meet(end.part, FAMILIES[4])
        for name in sorted(network.values.services - network.values.lists.keys()):
            if part:
                yield replace(end, part=part, lists=frozenset({name}))


def _named(network: Network, name: str, networks: Names) -> Iterator[End]:
    parsed = parse_name(name)
    match parsed.kind:
        case NameKind.SEGMENT if network.untagged:
            msg = f"{name!r}: the tag {SEGMENT_TAG} of {', '.join(network.untagged)} is missing"
            raise NoEndError(msg)
        case NameKind.INTERNET:
            yield internet(network)
        case NameKind.SERVICE:
            yield from _service(network, parsed)
        case NameKind.CIDR:
            yield from _in_block(network, name, block(name))
        case NameKind.WORD if parsed.word in networks:
            for cidr in networks[parsed.word]:
                yield from _in_block(network, name, block(str(ip_network(cidr))))
        case _:
            yield from _inside(network, parsed)


def internet(network: Network) -> End:
    """Return the end of everything outside with a public address."""
    has_v6 = bool(meet(network.all_blocks, FAMILIES[6]))
    part = join(INTERNET[4], INTERNET[6] if has_v6 else ())
    return End("internet", THE_INTERNET, minus(part, network.all_blocks))


def _service(network: Network, name: Name) -> Iterator[End]:
    if name.word in network.values.lists:
        yield End(name.text, SERVICE, network.values.lists[name.word])
    elif name.word in network.values.services:
        part = meet(internet(network).part, FAMILIES[4])
        yield End(name.text, SERVICE, part, lists=frozenset({name.word}))


def _in_block(network: Network, name: str, wanted: Ranges) -> Iterator[End]:
    for subnet in network.subnets.values():
        if not meet(subnet.part, wanted):
            continue
        for each in in_subnet(network, subnet):
            part = meet(each.part, wanted)
            if part:
                yield replace(each, name=f"{name} ({each.name})", part=part)
    public = [end for end in _public(network, name) if meet(end.part, wanted)]
    yield from public
    rest = minus(wanted, join(network.all_blocks, *(end.part for end in public)))
    version = 6 if wanted[0][0] >= IPV6 else 4
    for kind, part in (
        (THE_INTERNET, meet(rest, INTERNET[version])),
        (OUTSIDE, minus(rest, INTERNET[version])),
    ):
        if part:
            yield End(name, kind, part)


def _public(network: Network, name: str) -> Iterator[End]:
    """Yield public addresses of ours: what gets out to one comes back in, which is not followed."""
    found: dict[str, str] = {}  # by address
    for node in network.values.ec2("EIP"):
        key = node.observed.get("NetworkInterfaceId") or node.observed.get("InstanceId")
        found |= {str(node.observed.get("PublicIp")): str(key)} if key else {}
    for balancer in network.balancers.all:
        found |= dict.fromkeys(balancer.addresses, balancer.key)
    for node in network.values.ec2("NetworkInterface"):
        items = [e for e in node.observed.get("PrivateIpAddresses") or () if isinstance(e, Mapping)]
        paired = [(item.get("Association") or {}).get("PublicIp") for item in items]
        named = filter(None, (node.observed.get("PublicIp"), *paired))
        found |= dict.fromkeys(map(str, named), node.key)
    for text, key in found.items():
        try:
            part = block(str(IPv4Address(text)))
        except AddressValueError:
            continue  # a template's: it is to be chosen
        doubt = f"{text} is a public address of {key}, and what comes back in to it is not followed"
        yield End(f"{name} ({key})", THE_INTERNET, part, doubt=doubt)


def _inside(network: Network, name: Name) -> Iterator[End]:
    match name.kind:
        case NameKind.SEGMENT:
            for vpc in network.segments.get(name.word, ()):
                yield from in_vpc(network, vpc)
        case NameKind.WORD:
            if name.word in network.vpcs:
                yield from in_vpc(network, name.word)
        case NameKind.MEMBER:
            for vpc in network.vpcs if name.word == EVERY_VPC else [name.word]:
                yield from _member(network, vpc, name.member)
        case NameKind.AWS_ID:
            yield from _by_id(network, name.word)
        case _:
            return


def _member(network: Network, vpc: str, member: str) -> Iterator[End]:
    key = f"{vpc}/{member}"
    if key in network.groups and member == ENDPOINTS:
        yield from (replace(end, name=key) for end in endpoints(network, vpc))
    elif key in network.groups:
        yield from of_group(network, network.groups[key])
    else:
        for subnet in network.subnets.values():
            if (subnet.vpc, subnet.tier) == (vpc, member):
                yield from in_subnet(network, subnet)


def _by_id(network: Network, physical_id: str) -> Iterator[End]:
    key, group = network.values.key(physical_id), network.values.group(physical_id)
    if key in network.vpcs:
        yield from in_vpc(network, key)
    elif key in network.subnets:
        yield from in_subnet(network, network.subnets[key])
    elif group in network.groups:
        yield from of_group(network, network.groups[group])
    else:
        for node in network.values.ec2("NetworkInterface"):
            bears = network.values.groups(node.properties.get("GroupSet"))
            if physical_id in {node.physical_id, node.key} and is_node(node) and not bears:
                _is_known(f"{node} is a node of a load balancer without groups")
        yield from (e for e in interfaces(network) if physical_id in {e.interface, e.name})
        for node in network.values.ec2("VPCEndpoint"):
            if node.key == key:
                yield from _of_endpoint(network, node)


def of_group(network: Network, group: Group) -> Iterator[End]:
    """Yield a group's ends: its tier's subnets, and the interfaces and nodes that bear it."""
    for subnet in network.subnets.values():
        if group.tier and (subnet.vpc, subnet.tier) == (group.vpc, group.tier):
            yield _anything(subnet, GROUP, group.key)
    for end in interfaces(network):
        if group.key in end.groups:
            yield replace(end, name=group.key)
    for balancer in network.balancers.bearing(group.key):
        _is_known(network.balancers.doubt(""))
        yield from (replace(end, name=group.key) for end in _nodes(network, balancer))


def _is_known(doubt: str) -> None:
    if doubt:
        raise NoEndError(doubt)


def _of_balancer(network: Network, name: str) -> Iterator[End]:
    """Yield the nodes of the load balancer that a key or an id names."""
    key = network.values.key(name)
    for balancer in network.balancers.all:
        if balancer.key == key:
            for subnet in ("", *balancer.subnets):
                _is_known(network.balancers.doubt(subnet))
            yield from _nodes(network, balancer)


def _nodes(network: Network, balancer: Balancer) -> Iterator[End]:
    """Yield the nodes of a load balancer, each at any address of its subnet."""
    for key in balancer.subnets:
        subnet = network.subnets.get(key)
        if subnet is not None:
            families = join(*(FAMILIES[version] for version in balancer.versions))
            part = meet(subnet.part, families) or subnet.part
            place = (part, key, subnet.vpc, balancer.groups, balancer.public)
            yield End(balancer.key, BALANCER, *place, key=balancer.key)


def in_vpc(network: Network, vpc: str) -> Iterator[End]:
    """Yield everything in a VPC."""
    for subnet in network.subnets.values():
        if subnet.vpc == vpc:
            yield from in_subnet(network, subnet)


def in_subnet(network: Network, subnet: Subnet) -> Iterator[End]:
    """Yield everything in a subnet; what bears the default group where no group is placed."""
    _is_known(network.balancers.doubt(subnet.key))
    placed = [
        group.key
        for group in network.groups.values()
        if group.tier
        and (group.vpc, group.tier) == (subnet.vpc, subnet.tier)
        and group.key != f"{subnet.vpc}/{ENDPOINTS}"
    ]
    yield from (_anything(subnet, GROUP, key) for key in placed)
    yield from (e for e in endpoints(network, subnet.vpc) if e.subnet == subnet.key)
    yield from (e for e in interfaces(network) if e.subnet == subnet.key)
    for balancer in network.balancers.all:
        yield from (e for e in _nodes(network, balancer) if e.subnet == subnet.key)
    if not placed:
        yield _anything(subnet, SUBNET, f"default {subnet.vpc}")


def _anything(subnet: Subnet, kind: str, group: str) -> End:
    name = group if kind == GROUP else subnet.key
    public = subnet.may_be_public
    return End(name, kind, subnet.part, subnet.key, subnet.vpc, (group,), public)


def endpoints(network: Network, vpc: str) -> Iterator[End]:
    """Yield the interfaces of a VPC's interface endpoints."""
    for node in network.values.ec2("VPCEndpoint"):
        if network.values.key(node.properties.get("VpcId")) == vpc:
            yield from _of_endpoint(network, node)


def _of_endpoint(network: Network, node: Node) -> Iterator[End]:
    if node.properties.get("VpcEndpointType") != "Interface":
        return
    groups = network.values.groups(node.properties.get("SecurityGroupIds"))
    # "ipv4", the default, gives the interfaces IPv4 addresses alone (EC2 API, IpAddressType).
    asked = node.properties.get("IpAddressType") or node.observed.get("IpAddressType") or "ipv4"
    versions = {"ipv4": (4,), "ipv6": (6,)}.get(str(asked), (4, 6))
    families = join(*(FAMILIES[version] for version in versions))
    for key in network.values.keys(node.properties.get("SubnetIds")):
        subnet = network.subnets.get(key)
        if subnet is not None and (part := meet(subnet.part, families)):
            yield End(node.key, ENDPOINT, part, key, subnet.vpc, groups, key=node.key)


def interfaces(network: Network) -> Iterator[End]:
    """Yield the live interfaces that no group's end stands for."""
    for node in network.values.ec2("NetworkInterface"):
        each = network.interfaces[node.key]
        subnet = network.subnets.get(each.subnet)
        if each.kind in OWN_MODEL or subnet is None:
            continue
        group = network.groups.get(each.groups[0]) if len(each.groups) == 1 else None
        stands = group is not None and group.tier != "" and group.tier == subnet.tier
        if stands and each.public == subnet.may_be_public:
            continue
        part = each.part or subnet.part
        place = (part, subnet.key, subnet.vpc, each.groups, each.public, each.name)
        kind = BALANCER if is_node(node) else INTERFACE
        yield End(each.key, kind, *place, key=each.key)
