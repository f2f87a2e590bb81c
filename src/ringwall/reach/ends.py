"""Names of questions → ends: a subnet and a set of groups, or a place outside.

Rules:
- A group has one end in each zone of its tier, whether or not anything runs there; each live
  interface that differs from them (its groups, its public address) is an end of its own.
- A name of a tier, VPC or segment means every end in it; a subnet where no group is placed is an
  end with the VPC's default group.
- A name that nothing bears is an error that lists near ones. What is there, but has no end, is
  Unknown, never a pass.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from copy import copy
from dataclasses import replace
from functools import cached_property
from ipaddress import ip_network
from typing import Any

from ringwall.errors import QuestionError
from ringwall.model.graph import Node, Unknown
from ringwall.model.names import ENDPOINTS, EVERY_VPC, Name, NameKind, parse_name
from ringwall.reach.blocks import FAMILIES, ON_INTERNET, Block, block_set, to_block
from ringwall.reach.cuts import Cuts, Sample
from ringwall.reach.elements import Group, Subnet
from ringwall.reach.end import OUTER, End
from ringwall.reach.endpoints import of_endpoint
from ringwall.reach.gaps import OWN_MODEL
from ringwall.reach.naming import Naming
from ringwall.reach.network import Network, addresses, is_public
from ringwall.reach.nodes import BalancerNode, Nodes
from ringwall.reach.owning import owning
from ringwall.reach.public import Bearer, bearers_of, public_ends
from ringwall.reach.reading_services import Balancer
from ringwall.reach.ways import Kind, Site
from ringwall.resources.ownership import SEGMENT_TAG

PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")  # RFC 1918

Networks = Mapping[str, Iterable[Any]]  # names of address ranges, as a blueprint's `networks`
Found = tuple[End, ...] | Unknown


class Ends:
    """The ends of a network, by name."""

    def __init__(
        self,
        network: Network,
        networks: Networks | None = None,
        others: Iterable[Network] = (),
    ) -> None:
        self.network = network
        self.cuts = Cuts(network, others)
        self.naming = Naming(network)
        self._nodes = Nodes(network)
        self.networks = networks or {}
        self._sites: dict[End, tuple[Site, ...]] = {}
        self._found: dict[str, Found] = {}

    def of_changed(self, network: Network, cuts: Cuts) -> "Ends":
        """Return the ends of a network with the same nodes inside of its subnets, cut so."""
        other = copy(self)
        other.network, other.cuts = network, cuts
        other._sites, other._found = {}, {}
        other._nodes = Nodes(network)
        for name in (
            "interfaces",
            "_known",
            "_borne_by_group",
            "_nodes_by_subnet",
            "_subnets_by_vpc",
        ):
            other.__dict__.pop(name, None)
        return other

    def named(self, name: str) -> Found:
        """Return the ends that a name means; raises QuestionError when nothing bears it."""
        found = self._found.get(name)
        if found is None:
            found = self._found[name] = self._named(name)
        return found

    def of_names(self, names: Iterable[str]) -> Found:
        """Return the ends that any of the names means, or what the first unknown name lacks.

        A name that nothing bears is such a name, too.
        """
        found: dict[End, None] = {}
        for name in names:
            try:
                part = self.named(name)
            except QuestionError as error:
                hint = f"; {error.hint}" if error.hint else ""
                return Unknown(name, f"{error.message}{hint}")
            if isinstance(part, Unknown):
                return part
            found |= dict.fromkeys(part)
        return tuple(found)

    def _named(self, name: str) -> Found:
        text = name.rsplit("/", 1)[-1] if name.startswith("arn:aws") else name
        try:
            parsed = parse_name(name if "loadbalancer/" in name else text)
        except QuestionError as error:
            return self._called(text) or self.naming.none_such(name, self.networks, error)
        match parsed.kind:
            case NameKind.SEGMENT if self.network.untagged:
                lost = f"the tag {SEGMENT_TAG} of {', '.join(self.network.untagged)} is missing"
                return Unknown(name, lost)
            case NameKind.INTERNET:
                return (self.internet,)
            case NameKind.SERVICE:
                return self._service(parsed)
            case NameKind.CIDR:
                return self._in_block(name, to_block(name))
            case NameKind.WORD if parsed.word in self.networks:
                found: list[End] = []
                for cidr in self.networks[parsed.word]:
                    part = self._in_block(name, to_block(str(ip_network(cidr))))
                    if isinstance(part, Unknown):
                        return part
                    found += part
                return tuple(found) or Unknown(name, "the network has no addresses")
            case _:
                inside = tuple(dict.fromkeys(self._inside(parsed)))
                return inside or self._called(text) or self.naming.none_such(name, self.networks)

    def _called(self, text: str) -> tuple[End, ...]:
        """Return the ends of the one thing that is called so; raises QuestionError for several."""
        group = self.network.groups.get(text)
        if group is not None and group.is_default:  # answers call it so: `default VPC`
            return tuple(dict.fromkeys(self.of_group(group)))
        node = self.naming.find(text)
        return tuple(dict.fromkeys(self._by_id(node.key))) if node is not None else ()

    @cached_property
    def internet(self) -> End:
        """Return the end of everything outside with a public address."""
        own = [part for blocks in self.network.blocks.values() for part in blocks]
        has_v6 = any(part.version == 6 for part in own)
        blocks = []
        for version in FAMILIES:
            if version == 4 or has_v6:
                rest = ON_INTERNET[version] - block_set(version, *own)
                blocks += [Block(version, start, end) for start, end in rest]
        return End("internet", Kind.INTERNET, tuple(blocks))

    @cached_property
    def outside(self) -> End:
        """Return the end of private addresses that are in no VPC of the network."""
        own = [part for blocks in self.network.blocks.values() for part in blocks]
        rest = block_set(4, *map(to_block, PRIVATE)) - block_set(4, *own)
        blocks = tuple(Block(4, start, end) for start, end in rest)
        return End("outside", Kind.OUTSIDE, blocks)

    def _service(self, name: Name) -> Found:
        """Return a service: its addresses are the internet's, and bear its prefix list's name."""
        lists = self.network.lists
        if name.word in lists.blocks:
            blocks = lists.blocks[name.word]
        elif name.word in lists.services:
            blocks = tuple(b for b in self.internet.blocks if b.version == 4)
        else:
            why = "no gateway endpoint or prefix list of that name is in the input"
            return Unknown(name.text, why)
        return (End(name.text, Kind.SERVICE, blocks, list_name=name.word),)

    def _in_block(self, name: str, wanted: Block) -> Found:
        found, covered = [], []
        for subnet in self.network.subnets.values():
            for part in subnet.blocks:
                common = part.common(wanted)
                if common is None:
                    continue
                covered.append(common)
                for each in owning(self.network, common, subnet, list(self.in_subnet(subnet))):
                    shared = tuple(c for b in each.blocks if (c := b.common(wanted)))
                    if shared:
                        found.append(replace(each, name=f"{name} ({each.name})", blocks=shared))
        version = wanted.version
        public = list(public_ends(self, self.public_bearers, name, wanted))
        covered += (part for each in public for part in each.blocks)
        own = (part for blocks in self.network.blocks.values() for part in blocks)
        rest = block_set(version, wanted) - block_set(version, *covered, *own)
        members = ON_INTERNET[version]
        for kind, part_of in ((Kind.INTERNET, rest & members), (Kind.OUTSIDE, rest - members)):
            if part_of:
                blocks = tuple(Block(version, a, b) for a, b in part_of)
                found.append(End(name, kind, blocks))
        found += public
        return tuple(found) or Unknown(name, "it lies inside a VPC, but in none of its subnets")

    @cached_property
    def public_bearers(self) -> dict[int, Bearer]:
        """Return what bears each public address that is in the input."""
        return bearers_of(self.network)

    def _inside(self, name: Name) -> Iterator[End]:
        match name.kind:
            case NameKind.SEGMENT:
                for vpc in self.network.segments.get(name.word, ()):
                    yield from self.in_vpc(vpc)
            case NameKind.WORD:
                if name.word in self.network.vpcs:
                    yield from self.in_vpc(name.word)
                else:
                    yield from map(self._of_node, self._nodes.named(name.word))
            case NameKind.MEMBER:
                vpcs = list(self.network.vpcs) if name.word == EVERY_VPC else [name.word]
                for vpc in vpcs:
                    yield from self._member(vpc, name.member)
            case NameKind.AWS_ID:
                yield from self._by_id(name.word)
            case _:
                return

    def _member(self, vpc: str, member: str) -> Iterator[End]:
        key = f"{vpc}/{member}"
        if key in self.network.groups:
            if member == ENDPOINTS:
                yield from (replace(each, name=key) for each in self.endpoints(vpc))
            else:
                yield from self.of_group(self.network.groups[key])
            return
        if key in self.network.services.balancers:
            yield from self.of_balancer(self.network.services.balancers[key])
            return
        for subnet in self.subnets_of(vpc):
            if subnet.tier == member:
                yield from self.in_subnet(subnet)

    def _by_id(self, physical_id: str) -> Iterator[End]:
        network = self.network
        key = network.values.key(physical_id)
        name = network.group_names.name(physical_id)
        if key in network.vpcs:
            yield from self.in_vpc(key)
        elif key in network.subnets:
            yield from self.in_subnet(network.subnets[key])
        elif name in network.groups:
            yield from self.of_group(network.groups[name])
        else:
            for node in network.values.ec2("NetworkInterface"):
                is_meant = key in {node.key, *self._bearers.get(node.key, ())}
                home = self._home_of(node) if is_meant else None
                if home is not None:
                    yield self.end_of_interface(node, home)
            for node in network.values.ec2("VPCEndpoint"):
                if node.key == key:
                    yield from self._of_endpoint(node)
            yield from map(self._of_node, self._nodes.named(physical_id))

    def of_balancer(self, balancer: Balancer) -> Iterator[End]:
        """Yield a load balancer's nodes, one in each of its subnets."""
        return map(self._of_node, self._nodes.of(balancer))

    def _of_node(self, node: BalancerNode) -> End:
        its = node.balancer
        bears = (node.blocks, node.subnet, its.groups or (), its.is_public)
        open_to_all, name = its.groups is None, self.naming.title(its.key)
        return End(name, Kind.BALANCER, *bears, balancer=its.key, is_open=open_to_all)

    @cached_property
    def _bearers(self) -> dict[str, set[str]]:
        """Return the instances that bear each interface."""
        values = self.network.values
        found: dict[str, set[str]] = defaultdict(set)
        for node in values.ec2("NetworkInterface"):
            attachment = node.observed.get("Attachment") or {}
            found[node.key].add(values.key(attachment.get("InstanceId")))
        for node in values.ec2("Instance"):
            for key in values.keys(node.observed.get("NetworkInterfaceIds")):
                found[key].add(node.key)
        return found

    def of_group(self, group: Group) -> Iterator[End]:
        """Yield a group's ends: its tier's subnets, interfaces and balancers that bear it."""
        for subnet in self.subnets_of(group.vpc):
            if group.tier and subnet.tier == group.tier:
                yield self.hypothetical(subnet, Kind.GROUP, group.key)
        for each in self._borne_by_group.get(group.key, ()):
            yield replace(each, name=self.naming.title(group.key))

    def in_vpc(self, vpc: str) -> Iterator[End]:
        """Yield everything in a VPC."""
        for subnet in self.subnets_of(vpc):
            yield from self.in_subnet(subnet)

    def in_subnet(self, subnet: Subnet) -> Iterator[End]:
        """Yield everything in a subnet; what bears the default group where no group is placed."""
        placed = False
        for group in self._groups_by_tier.get((subnet.vpc, subnet.tier), ()):
            if group.key != f"{subnet.vpc}/{ENDPOINTS}":
                placed = True
                yield self.hypothetical(subnet, Kind.GROUP, group.key)
        for each in self.endpoints(subnet.vpc):
            if each.subnet is not None and each.subnet.key == subnet.key:
                yield each
        yield from self._interfaces_in(subnet)
        yield from self._nodes_by_subnet.get(subnet.key, ())
        if not placed:
            name = self.network.default_group(subnet.vpc)
            yield self.hypothetical(subnet, Kind.SUBNET, name)

    def everything(self) -> Iterator[End]:
        """Yield every end inside of the network."""
        for subnet in self.network.subnets.values():
            yield from self.in_subnet(subnet)

    @cached_property
    def _groups_by_tier(self) -> dict[tuple[str, str], list[Group]]:
        found: dict[tuple[str, str], list[Group]] = defaultdict(list)
        for group in self.network.groups.values():
            if group.tier:
                found[group.vpc, group.tier].append(group)
        return found

    @cached_property
    def _subnets_by_vpc(self) -> dict[str, list[Subnet]]:
        found: dict[str, list[Subnet]] = defaultdict(list)
        for subnet in self.network.subnets.values():
            found[subnet.vpc].append(subnet)
        return found

    def subnets_of(self, vpc: str) -> list[Subnet]:
        """Return the subnets of a VPC."""
        return self._subnets_by_vpc.get(vpc, [])

    def endpoints(self, vpc: str) -> Iterator[End]:
        """Yield the interfaces of a VPC's interface endpoints."""
        for node in self._endpoints_by_vpc.get(vpc, ()):
            yield from self._of_endpoint(node)

    @cached_property
    def _endpoints_by_vpc(self) -> dict[str, list[Node]]:
        found: dict[str, list[Node]] = defaultdict(list)
        for node in self.network.values.ec2("VPCEndpoint"):
            found[self.network.values.key(node.properties.get("VpcId"))].append(node)
        return found

    def _of_endpoint(self, node: Node) -> Iterator[End]:
        return of_endpoint(self.network, node, self.naming.title(node.key))

    @cached_property
    def interfaces(self) -> tuple[End, ...]:
        """Return the live interfaces that no other end stands for already."""
        nodes = self.network.values.ec2("NetworkInterface")
        return tuple(each for node in nodes if (each := self._of_interface(node)) is not None)

    @cached_property
    def _interface_nodes(self) -> dict[str, list[Node]]:
        found: dict[str, list[Node]] = defaultdict(list)
        for node in self.network.values.ec2("NetworkInterface"):
            found[self.network.values.key(node.properties.get("SubnetId"))].append(node)
        return dict(found)

    def _interfaces_in(self, subnet: Subnet) -> list[End]:
        nodes = self._interface_nodes.get(subnet.key, ())
        return [each for node in nodes if (each := self._of_interface(node)) is not None]

    @cached_property
    def _nodes_by_subnet(self) -> dict[str, list[End]]:
        found: dict[str, list[End]] = defaultdict(list)
        for balancer in self.network.services.balancers.values():
            for each in self._nodes.of(balancer):
                found[each.subnet.key].append(self._of_node(each))
        return found

    @cached_property
    def _borne_by_group(self) -> dict[str, list[End]]:
        found: dict[str, list[End]] = defaultdict(list)
        nodes = (node for inside in self._nodes_by_subnet.values() for node in inside)
        for each in (*self.interfaces, *nodes):
            for group in each.groups:
                found[group].append(each)
        return found

    def _home_of(self, node: Node) -> Subnet | None:
        """Return the subnet of an interface, None for one that is a balancer's or carries."""
        network = self.network
        carries = node.observed.get("InterfaceType") in OWN_MODEL
        if carries or node.key in network.services.owners:
            return None
        return network.subnets.get(network.values.key(node.properties.get("SubnetId")))

    def _of_interface(self, node: Node) -> End | None:
        """Return the end of a live interface, None if another end stands for it."""
        network, subnet = self.network, self._home_of(node)
        if subnet is None:
            return None
        groups = tuple(sorted(network.members(node.properties.get("GroupSet"))))
        public = is_public(node.observed)
        group = network.groups.get(groups[0]) if len(groups) == 1 else None
        stands = group is not None and group.tier != "" and group.tier == subnet.tier
        if stands and public == subnet.may_be_public:
            return None  # the group's end in this subnet has the same groups and more addresses
        return self.end_of_interface(node, subnet)

    def end_of_interface(self, node: Node, subnet: Subnet) -> End:
        """Return the end of a live interface."""
        groups = tuple(sorted(self.network.members(node.properties.get("GroupSet"))))
        blocks = tuple(to_block(text) for text in addresses(node.observed)) or subnet.blocks
        title, own = self._title_of_interface(node), node.physical_id or node.key
        public = is_public(node.observed)
        return End(title, Kind.INTERFACE, blocks, subnet, groups, public, own)

    def _title_of_interface(self, node: Node) -> str:
        """Return its name, or that of the instance that bears it, with its id."""
        own = node.physical_id or node.key
        title = self.naming.title(node.key)
        if title != node.key:
            return title
        bearers = sorted(self._bearers.get(node.key, set()) - {""})
        named = [name for key in bearers if (name := self.naming.title(key)) != key]
        return f"{named[0].rpartition(' (')[0]} ({own})" if named else node.key

    def label(self, end: End) -> str:
        """Return the name under which an end is counted: that of its groups, not its interface."""
        if end.kind is Kind.INTERFACE and end.groups:
            return " + ".join(map(self.naming.title, end.groups))
        return end.name

    def hypothetical(self, subnet: Subnet, kind: Kind, group: str) -> End:
        """Return the end of whatever may be started in a subnet with a group."""
        name = self.naming.title(group if kind is Kind.GROUP else subnet.key)
        return End(name, kind, subnet.blocks, subnet, (group,), subnet.may_be_public)

    def sites(self, end: End) -> tuple[Site, ...]:
        """Return the sites of an end: its addresses that nothing tells apart."""
        found = self._sites.get(end)
        if found is None:
            found = self._sites[end] = tuple(self._cut(end))
        return found

    def _cut(self, end: End) -> Iterator[Site]:
        is_outer = end.kind in OUTER
        samples: Iterable[Sample] = (
            self.cuts.outside(end.blocks, end.list_name)
            if is_outer
            else self.cuts.inside(end.blocks)
        )
        for spot, other, size in samples:
            yield end.at(spot.version, spot.address, other, size)
            if end.kind is Kind.INTERNET and spot.version == 4:
                # Some of these addresses are of services whose prefix lists are not in the input.
                lists = self.network.lists
                for name in sorted(lists.services - lists.blocks.keys()):
                    listed = replace(spot, lists=frozenset({name}))
                    yield Site(end.kind, listed, size=size)
