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
from ringwall.verify.balancers import GATEWAY, Balancer, is_node
from ringwall.verify.elements import Group, Interface, Subnet
from ringwall.verify.naming import called
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
        ends = _found(network, name, networks)
        if not ends:
            msg = f"{name!r} has no end in the network"
            raise NoEndError(msg)
        for end in ends:
            found |= dict.fromkeys(_listed(network, end))
    return tuple(found)


def _found(network: Network, name: str, networks: Names) -> list[End]:
    """Return the ends of a name: by its form, else of the one thing that is called so."""
    # An ARN is the id at its end, but of a load balancer.
    is_arn = name.startswith("arn:aws") and "loadbalancer/" not in name
    text = name.rsplit("/", 1)[-1] if is_arn else name
    try:
        parsed = parse_name(text)
    except QuestionError:  # it is no name by its form; a Name tag has any form
        ends: list[End] = []
    else:
        ends = list(_named(network, parsed, networks)) or list(_of_balancer(network, text))
    node = None if ends else called(network, text)
    if node is None:
        return ends
    return list(_by_id(network, node.key)) or list(_of_balancer(network, node.key))


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


def _named(network: Network, parsed: Name, networks: Names) -> Iterator[End]:
    name = parsed.text
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
    elif key in network.balancers.by_key:
        yield from _of_balancer(network, key)
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
        every = interfaces(network, whole=True)
        yield from (end for end in every if physical_id in {end.interface, end.name})
        yield from _of_instance(network, key)
        for node in network.values.ec2("VPCEndpoint"):
            if node.key == key:
                yield from _of_endpoint(network, node)


def _of_instance(network: Network, instance: str) -> Iterator[End]:
    """Yield all interfaces of an instance."""
    node = network.values.node("AWS::EC2::Instance", instance)
    owned = network.values.keys(node.observed.get("NetworkInterfaceIds")) if node else ()
    for key, each in network.interfaces.items():
        attachment = each.node.observed.get("Attachment") or {}
        bearer = network.values.key(attachment.get("InstanceId"))
        if node is not None and key == each.key and (key in owned or bearer == instance):
            subnet = network.subnets.get(each.subnet)
            end = of_interface(network, each, each.part or (subnet.part if subnet else ()))
            if end is None:
                _is_known(f"where interface {key} of {node} stands is not in the input")
            else:
                yield end


def of_group(network: Network, group: Group) -> Iterator[End]:
    """Yield a group's ends: its tier's subnets, and the interfaces and nodes that bear it."""
    yield from of_tier(network, group)
    for end in interfaces(network):
        if group.key in end.groups:
            yield replace(end, name=group.key)
    for balancer in network.balancers.bearing(group.key):
        _is_known(network.balancers.doubt)
        yield from (replace(end, name=group.key) for end in nodes_of(network, balancer))


def of_tier(network: Network, group: Group) -> Iterator[End]:
    """Yield what may bear a group in each subnet of its tier, whatever runs there."""
    for subnet in network.subnets.values():
        if group.tier and (subnet.vpc, subnet.tier) == (group.vpc, group.tier):
            yield _anything(subnet, GROUP, group.key)


def _is_known(doubt: str) -> None:
    if doubt:
        raise NoEndError(doubt)


def _of_balancer(network: Network, name: str) -> Iterator[End]:
    """Yield the nodes of the load balancer that a key or an id names."""
    key = network.values.key(name)
    for balancer in network.balancers.all:
        if balancer.key == key:
            _is_known(network.balancers.doubt)
            yield from nodes_of(network, balancer)


def lost_nodes(network: Network, balancer: Balancer) -> str:
    """Return why not all nodes of a load balancer are known, "" for no reason."""
    known = balancer.subnets and set(balancer.subnets) <= network.subnets.keys()
    return "" if known else f"the subnets of load balancer {balancer.key} are not in the input"


def nodes_of(network: Network, balancer: Balancer) -> Iterator[End]:
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
    _is_known(network.balancers.doubt)
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
        yield from (e for e in nodes_of(network, balancer) if e.subnet == subnet.key)
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


def interfaces(network: Network, *, whole: bool = False) -> Iterator[End]:
    """Yield the live interfaces that no group's end stands for, with `whole` those too."""
    for node in network.values.ec2("NetworkInterface"):
        each = network.interfaces[node.key]
        subnet = network.subnets.get(each.subnet)
        if each.kind in OWN_MODEL or subnet is None:
            continue
        group = network.groups.get(each.groups[0]) if len(each.groups) == 1 else None
        stands = group is not None and group.tier != "" and group.tier == subnet.tier
        stands = stands and not is_node(node) and each.public == subnet.may_be_public
        if stands and not whole:
            continue
        end = of_interface(network, each, each.part or subnet.part)
        if end is not None:
            yield end


def of_interface(network: Network, each: Interface, part: Ranges) -> End | None:
    """Return the end of an interface; None where endpoints alone lead to it, or it is nowhere."""
    owner = network.balancers.owner(each.node)
    subnet = network.subnets.get(each.subnet)
    if subnet is None or (owner is not None and owner.kind == GATEWAY):
        return None
    place = (part, subnet.key, subnet.vpc, each.groups, each.public, each.name)
    kind = BALANCER if is_node(each.node) else INTERFACE
    return End(each.key, kind, *place, key=owner.key if owner is not None else each.key)
