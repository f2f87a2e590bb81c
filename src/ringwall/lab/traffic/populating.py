"""A network and a seed → an estate: who stands where.

Rules:
- A group of a blueprint has machines in each zone of its tier; a network that was read back has the
  interfaces that AWS reported, and no others of groups that have some.
- Where neither says where anybody stands, each group has a machine in two of its VPC's subnets.
"""

from collections import defaultdict
from collections.abc import Iterator
from random import Random

from ringwall.lab.traffic.estate import Estate, Known, elastic, known_of
from ringwall.lab.traffic.interfaces import NOBODY, Role
from ringwall.model.graph import Node
from ringwall.trace.addresses import Block, addresses_of, block, to_text
from ringwall.trace.balancers import balancer_of, balancers
from ringwall.trace.elements import Group, Subnet
from ringwall.trace.ends import Kind, Placement, endpoints, group_keys, may_be_public, nodes_of
from ringwall.trace.memory import remembered
from ringwall.trace.nat import nats
from ringwall.trace.network import Network
from ringwall.trace.placements import of_group

INTERFACE = "AWS::EC2::NetworkInterface"
# Words that say of a group that it is a load balancer's.
BALANCERS = frozenset({"alb", "nlb", "elb", "lb", "load-balancer", "loadbalancer"})


def estate_of(network: Network, seed: int, *, kinds: dict[str, str], window: int) -> Estate:
    """Return the machines of a network; `kinds` says what sort of workload a group is."""
    node = next(iter(network.vpcs.values()), None)
    account = (node.account if node else "") or NOBODY
    region = (node.region if node else "") or "us-east-1"
    estate = Estate(network, seed, window, account, region, kinds)
    estate.reserve(_reported(network))
    _add_gateways(estate)
    _add_reported(estate)
    _add_groups(estate)
    for vpc in network.vpcs:
        for place in endpoints(network, vpc):
            part = place.name.rsplit("/", 1)[-1] + f"-{place.zone}"
            known = _serving(estate, place.subnet, "vpc_endpoint", place.name)
            estate.add(place, f"{vpc}/endpoints", Role.ENDPOINT, part, known)
    placed = {m.placement for m in estate.machines if m.role is Role.BALANCER}
    for balancer in balancers(network).values():
        for place in nodes_of(network, balancer):
            if place not in placed:
                estate.add(place, balancer.key, Role.BALANCER, place.zone)
    if not any(m.role is Role.INSTANCE for m in estate.machines):
        _add_anywhere(estate)
    return estate


def _reported(network: Network) -> Iterator[Block]:
    for node in network.graph.of_type(INTERFACE):
        yield from (block(text) for text in addresses_of(node.observed))


def _add_gateways(estate: Estate) -> None:
    network, seed = estate.network, estate.seed
    for key, nat in nats(network).items():
        subnet = network.subnets.get(nat.subnet)
        if subnet is not None and nat.address is not None:
            address = to_text(4, nat.address.address)
            there = _serving(estate, subnet, "nat_gateway", address) or Known()
            items = nat.node.observed.get("NatGatewayAddresses") or ()
            outer = next((str(i["PublicIp"]) for i in items if i.get("PublicIp")), "")
            public = (outer or elastic(seed, key)) if nat.public else ""
            known = Known(there.id, address, "", public)
            estate.nats[key] = estate.interface(subnet, Role.NAT, key, known, frozenset({4}))
    for attachment in network.attachments.values():
        for key in attachment.subnets if attachment.vpc else ():
            subnet = network.subnets.get(key)
            if subnet is not None:
                known = _serving(estate, subnet, "transit_gateway", "") or Known()
                name = f"{attachment.key}/{key}"
                estate.transits[key] = estate.interface(subnet, Role.TRANSIT, name, known)


def _serving(estate: Estate, subnet: Subnet | None, kind: str, what: str) -> Known | None:
    """Return the interface that AWS reported of a service in a subnet; `what` is in it, or ""."""
    for node in _by_place(estate.network).get((subnet.key if subnet else "", kind), ()):
        texts = [*addresses_of(node.observed), str(node.observed.get("Description"))]
        if any(what in text for text in texts):
            return known_of(node)
    return None


@remembered
def _by_place(network: Network) -> dict[tuple[str, str], list[Node]]:
    """Return the interfaces that AWS reported, by subnet and type."""
    found: dict[tuple[str, str], list[Node]] = defaultdict(list)
    for node in network.graph.of_type(INTERFACE):
        where = network.values.key(node.properties.get("SubnetId"))
        found[where, str(node.observed.get("InterfaceType"))].append(node)
    return found


def _add_reported(estate: Estate) -> None:
    """Add what an account reported: instances' interfaces and load balancers' nodes."""
    network = estate.network
    for node in network.graph.of_type(INTERFACE):
        subnet = network.subnets.get(network.values.key(node.properties.get("SubnetId")))
        if subnet is None:
            continue
        owner = balancer_of(network, node)
        if owner is not None:
            place = next((p for p in nodes_of(network, owner) if p.subnet == subnet), None)
            if place is not None:
                estate.add(place, owner.key, Role.BALANCER, node.key, known_of(node))
        elif node.observed.get("InterfaceType") in {None, "interface"}:
            place = _placement(network, node, subnet)
            name = next((key for key in place.groups if key in network.groups), node.key)
            estate.add(place, name, Role.INSTANCE, node.key, known_of(node))


def _placement(network: Network, node: Node, subnet: Subnet) -> Placement:
    return Placement(
        name=node.key,
        kind=Kind.INTERFACE,
        blocks=tuple(block(text) for text in addresses_of(node.observed)) or subnet.blocks,
        vpc=subnet.vpc,
        subnet=subnet,
        zone=subnet.zone_name,
        groups=tuple(sorted(group_keys(network, node.properties.get("GroupSet")))),
        public=bool(known_of(node).public),
        interface=node.physical_id or node.key,
    )


def _add_groups(estate: Estate) -> None:
    network = estate.network
    there = {each.group for each in estate.machines}
    for key, group in network.groups.items():
        member = key.rsplit("/", 1)[-1]
        if not group.tier or key in there or member == "endpoints":
            continue
        balances = bool({estate.kinds.get(key, ""), member} & BALANCERS)
        each_zone = 1 if balances else Random(f"{estate.seed}/size/{key}").choice((2, 2, 3))
        role = Role.BALANCER if balances else Role.INSTANCE
        for place in of_group(network, group):
            if place.kind is Kind.GROUP:
                for index in range(each_zone):
                    estate.add(place, key, role, f"{place.zone}-{index}")


def _add_anywhere(estate: Estate) -> None:
    network = estate.network
    for key, group in network.groups.items():
        if key.rsplit("/", 1)[-1] == "endpoints" or (
            group.is_default and _has_others(network, group)
        ):
            continue
        subnets = [
            s
            for s in network.subnets.values()
            if s.vpc == group.vpc and s.key not in estate.transits
        ]
        chosen = Random(f"{estate.seed}/places/{key}").sample(subnets, min(2, len(subnets)))
        for subnet in chosen:
            place = Placement(
                name=key,
                kind=Kind.GROUP,
                blocks=subnet.blocks,
                vpc=subnet.vpc,
                subnet=subnet,
                zone=subnet.zone_name,
                groups=(key,),
                public=may_be_public(subnet),
            )
            estate.add(place, key, Role.INSTANCE, subnet.key.rsplit("/", 1)[-1])


def _has_others(network: Network, group: Group) -> bool:
    return any(g.vpc == group.vpc and not g.is_default for g in network.groups.values())
