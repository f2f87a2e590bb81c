"""The owners of a network's addresses, from its graph.

Rules:
- A key of the blueprint's is a name; what has none is called by its Name tag, then by its id.
- A subnet whose tier has one group alone is called as that group.
- Where a subnet's IPv6 block is of Amazon's choosing, and not known, the addresses of interfaces in
  it tell: no subnet is smaller than a /64 (VPC guide, subnet sizing for IPv6).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import cached_property
from ipaddress import ip_network
from typing import Any

from ringwall.model.graph import Node, Ref, ResourceGraph
from ringwall.resources.ownership import KEY_TAG, NAME_TAG, SEGMENT_TAG, TIER_TAG
from ringwall.traffic.owners import PREMISES, Blocks, Network, Owner, OwnerKind

Networks = Mapping[str, Iterable[Any]]  # names of address ranges, as a blueprint's `networks`

_SMALLEST = 64  # the longest prefix of a subnet's IPv6 block

# describe-network-interfaces says what AWS made an interface for, in these words.
_SERVING = {
    "natGateway": "NAT gateway",
    "nat_gateway": "NAT gateway",
    "transit_gateway": "Transit Gateway",
    "vpc_endpoint": "endpoint",
    "network_load_balancer": "load balancer",
    "load_balancer": "load balancer",
    "lambda": "Lambda",
}


class OwnerReader:
    """Reads the owners of a graph."""

    def __init__(self, graph: ResourceGraph) -> None:
        self._graph = graph
        self._by_type: dict[str, list[Node]] = defaultdict(list)
        for node in graph:
            self._by_type[node.type].append(node)
        self._vpcs = {node.key: node for node in self._of("VPC")}
        self._subnets = {node.key: node for node in self._of("Subnet")}
        self.vpc_ids = {node.physical_id: node.key for node in self._of("VPC") if node.physical_id}

    def _of(self, short: str) -> list[Node]:
        return self._by_type.get(f"AWS::EC2::{short}", [])

    def read(self, networks: Networks) -> Blocks:
        """Return every owner by its blocks, those of the named networks too."""
        blocks = Blocks()
        for name, cidrs in networks.items():
            for cidr in cidrs:
                blocks.add(ip_network(str(cidr)), Owner(OwnerKind.NETWORK, name))
        for node in self._of("PrefixList"):
            name = str(node.properties.get("PrefixListName") or "")
            if name.startswith("com.amazonaws."):
                owner = Owner(OwnerKind.SERVICE, f"aws:{name.rsplit('.', 1)[-1]}")
                for block in _blocks(node.observed.get("Cidrs")):
                    blocks.add(block, owner)
        parts = (
            self._of_vpcs(),
            self._of_subnets(),
            self._of_unknown_blocks(),
            self._of_nat_gateways(),
            self._of_interfaces(),
        )
        for part in parts:
            for owner, block in part:
                blocks.add(block, owner)
        return blocks

    def _of_vpcs(self) -> Iterator[tuple[Owner, Network]]:
        for node in self._vpcs.values():
            observed = node.observed
            further = [
                *(observed.get("CidrBlockAssociationSet") or ()),
                *(observed.get("Ipv6CidrBlockAssociationSet") or ()),
            ]
            texts = [item.get("CidrBlock") or item.get("Ipv6CidrBlock") for item in further]
            for block in _blocks([node.properties.get("CidrBlock"), *texts]):
                yield self._vpc(node.key), block
        for node in self._of("VPCCidrBlock"):
            named = (node.properties.get("CidrBlock"), node.properties.get("Ipv6CidrBlock"))
            for block in _blocks([*named, node.observed.get("Ipv6CidrBlock")]):
                yield self._vpc(_key(node.properties.get("VpcId"))), block

    def _vpc(self, key: str) -> Owner:
        node = self._vpcs.get(key)
        segment = str(node.tags.get(SEGMENT_TAG, "")) if node else ""
        name = _title(node) if node else key
        return Owner(OwnerKind.VPC, name, vpc=key, segment=segment)

    def _of_subnets(self) -> Iterator[tuple[Owner, Network]]:
        for node in self._subnets.values():
            named = (node.properties.get("CidrBlock"), node.properties.get("Ipv6CidrBlock"))
            for block in _blocks(named):
                yield self._subnet(node), block

    def _of_unknown_blocks(self) -> Iterator[tuple[Owner, Network]]:
        for node in self._of("NetworkInterface"):
            subnet = self._subnets.get(_key(node.properties.get("SubnetId")))
            if subnet is None or any(_blocks([subnet.properties.get("Ipv6CidrBlock")])):
                continue
            for item in node.observed.get("Ipv6Addresses") or ():
                for block in _blocks([item.get("Ipv6Address")]):
                    yield self._subnet(subnet), block.supernet(new_prefix=_SMALLEST)

    def _subnet(self, node: Node) -> Owner:
        vpc = self._vpc(_key(node.properties.get("VpcId")))
        parts = node.key.split("/")
        tier = "/".join(parts[1:-1]) if parts[0] == vpc.vpc and len(parts) > 2 else ""
        name = f"{vpc.vpc}/{tier}" if tier else _title(node)
        group = self._only_group.get((vpc.vpc, tier), "")
        where = replace(vpc, kind=OwnerKind.SUBNET, name=name, tier=tier, subnet=node.key)
        return replace(where, group=group, name=group or name)

    @cached_property
    def _only_group(self) -> dict[tuple[str, str], str]:
        """Return the group of each tier that has one alone."""
        found: dict[tuple[str, str], list[str]] = defaultdict(list)
        for node in self._of("SecurityGroup"):
            if node.tags.get(TIER_TAG):
                found[_key(node.properties.get("VpcId")), node.tags[TIER_TAG]].append(node.key)
        return {place: groups[0] for place, groups in found.items() if len(groups) == 1}

    def _of_nat_gateways(self) -> Iterator[tuple[Owner, Network]]:
        """Yield the addresses of NAT gateways whose interfaces are not in the graph."""
        there = {node.physical_id for node in self._of("NetworkInterface")}
        for node in self._of("NatGateway"):
            subnet = self._subnets.get(_key(node.properties.get("SubnetId")))
            vpc = self._vpc(_key(node.properties.get("VpcId")))
            place = self._subnet(subnet) if subnet else vpc
            for item in node.observed.get("NatGatewayAddresses") or ():
                own = str(item.get("NetworkInterfaceId") or "")
                name = f"NAT gateway {_title(node)}"
                bears = replace(place, kind=OwnerKind.INTERFACE, name=name, group="")
                owner = replace(bears, interface=own, does="NAT gateway")
                if own not in there:
                    for block in _blocks([item.get("PrivateIp"), item.get("PublicIp")]):
                        yield owner, block

    def _of_interfaces(self) -> Iterator[tuple[Owner, Network]]:
        instances = {node.key: node for node in self._of("Instance")}
        instances |= {node.physical_id: node for node in self._of("Instance")}
        for node in self._of("NetworkInterface"):
            owner = self._interface(node, instances)
            for text in _addresses(node):
                for block in _blocks([text]):
                    yield owner, block

    def _interface(self, node: Node, instances: Mapping[str, Node]) -> Owner:
        subnet = self._subnets.get(_key(node.properties.get("SubnetId")))
        place = self._subnet(subnet) if subnet else PREMISES
        groups = " + ".join(sorted(map(self._group, node.properties.get("GroupSet") or ())))
        borne = (node.observed.get("Attachment") or {}).get("InstanceId")
        instance = instances.get(_key(borne))
        own = node.physical_id or node.key
        does = _SERVING.get(str(node.observed.get("InterfaceType")), "")
        title = _title(instance) if instance is not None else _title(node)
        name = title
        if title == own or does:
            name = f"{does} {own}" if does else f"{groups or place.name} ({own})"
        elif KEY_TAG not in node.tags:
            name = f"{title} ({groups})" if groups and groups != title else title
        return Owner(
            OwnerKind.INTERFACE,
            name,
            vpc=place.vpc,
            tier=place.tier,
            segment=place.segment,
            group=groups,
            subnet=place.subnet,
            interface=own,
            instance=instance.physical_id or instance.key if instance else _key(borne),
            does=does,
        )

    def _group(self, value: object) -> str:
        key = _key(value)
        node = self._graph.get(("AWS::EC2::SecurityGroup", key))
        if node is None or node.key != node.physical_id:
            return key
        return str(node.properties.get("GroupName") or _title(node))


def _key(value: object) -> str:
    return value.key if isinstance(value, Ref) else str(value or "")


def _title(node: Node) -> str:
    """Return a key of the blueprint's, else the Name tag, else the id."""
    if node.key != node.physical_id:
        return node.key
    return node.tags.get(NAME_TAG) or node.key


def _blocks(values: Iterable[object] | None) -> Iterator[Network]:
    for value in values or ():
        text = value.get("Cidr") if isinstance(value, Mapping) else value
        if isinstance(text, str):
            try:
                yield ip_network(text, strict=False)
            except ValueError:
                continue  # not known until it is deployed


_MEMBERS = {
    "PrivateIpAddresses": "PrivateIpAddress",
    "Ipv6Addresses": "Ipv6Address",
    "Ipv4Prefixes": "Ipv4Prefix",
    "Ipv6Prefixes": "Ipv6Prefix",
}


def _addresses(node: Node) -> Iterator[str]:
    """Yield every address and prefix that an interface bears, its public ones too."""
    observed = node.observed
    for members, member in _MEMBERS.items():
        for item in observed.get(members) or ():
            text = item.get(member) if isinstance(item, Mapping) else item
            if text:
                yield str(text)
            public = (item.get("Association") or {}) if isinstance(item, Mapping) else {}
            if public.get("PublicIp"):
                yield str(public["PublicIp"])
    for name in ("PrivateIpAddress", "PublicIp"):
        if observed.get(name):
            yield str(observed[name])
