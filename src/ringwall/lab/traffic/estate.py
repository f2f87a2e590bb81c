"""A network and a seed → its machines and the interfaces of what stands between them.

Rules:
- A group of a blueprint has machines in each zone of its tier; a network that was read back has the
  interfaces that AWS reported, and no others of groups that have some.
- Addresses are drawn in the subnet, beyond the four that AWS keeps, and never twice.
- An instance of a former generation aggregates up to 600 s where that is asked for, every other
  interface up to 60 s: "when a network interface is attached to a Nitro-based instance, the
  aggregation interval is always 1 minute or less" (VPC guide, flow log records).
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any

from ringwall.lab.traffic.interfaces import NOBODY, Interface, Machine, Role, made_id
from ringwall.model.graph import Node
from ringwall.trace.addresses import Block, host, to_text
from ringwall.trace.balancers import balancer_of, balancers
from ringwall.trace.elements import Subnet
from ringwall.trace.ends import Kind, Placement, endpoints, nodes_of
from ringwall.trace.nat import nats
from ringwall.trace.network import Network
from ringwall.trace.placements import of_group

INTERFACE = "AWS::EC2::NetworkInterface"
NITRO_WINDOW = 60
# Words that say of a group that it is a load balancer's.
BALANCERS = frozenset({"alb", "nlb", "elb", "lb", "load-balancer", "loadbalancer"})


@dataclass(slots=True)
class Estate:
    """Who and what is in a network; `grow` adds machines, nothing is ever taken away."""

    network: Network
    seed: int
    window: int
    account: str
    region: str
    kinds: dict[str, str]
    machines: list[Machine] = field(default_factory=list)
    interfaces: list[Interface] = field(default_factory=list)
    nats: dict[str, Interface] = field(default_factory=dict)
    transits: dict[str, Interface] = field(default_factory=dict)  # by attachment's subnet
    _taken: dict[str, set[int]] = field(default_factory=lambda: defaultdict(set))

    def group(self, name: str) -> list[Machine]:
        """Return the machines of a group."""
        return [each for each in self.machines if each.group == name]

    @property
    def groups(self) -> dict[str, list[Machine]]:
        """Return the machines by group, in the order of the network."""
        found: dict[str, list[Machine]] = defaultdict(list)
        for each in self.machines:
            found[each.group].append(each)
        return dict(found)

    def grow(self, name: str, count: int) -> list[Machine]:
        """Add machines like those of a group until it has `count`; return them all."""
        there = self.group(name)
        places = [each for each in there if each.role is Role.INSTANCE]
        for index in range(len(there), count if places else 0):
            like = places[index % len(places)]
            _add_machine(self, like.placement, name, Role.INSTANCE, f"more-{index}")
        return self.group(name)


def estate_of(network: Network, seed: int, *, kinds: dict[str, str], window: int) -> Estate:
    """Return the machines of a network; `kinds` says what sort of workload a group is."""
    node = next(iter(network.vpcs.values()), None)
    account = (node.account if node else "") or NOBODY
    region = (node.region if node else "") or "us-east-1"
    estate = Estate(network, seed, window, account, region, kinds)
    for key, nat in nats(network).items():
        subnet = network.subnets.get(nat.subnet)
        if subnet is not None and nat.address is not None:
            address = to_text(4, nat.address.address)
            public = str(_public_of(nat.node)) or _elastic(seed, key)
            estate.nats[key] = _interface(
                estate, subnet, Role.NAT, key, ipv4=address, public=public if nat.public else ""
            )
    for attachment in network.attachments.values():
        for key in attachment.subnets if attachment.vpc else ():
            subnet = network.subnets.get(key)
            if subnet is not None:
                name = f"{attachment.key}/{key}"
                estate.transits[key] = _interface(estate, subnet, Role.TRANSIT, name)
    _read_interfaces(estate)
    _place_groups(estate)
    for vpc in network.vpcs:
        for place in endpoints(network, vpc):
            part = place.name.rsplit("/", 1)[-1] + f"-{place.zone}"
            _add_machine(estate, place, f"{vpc}/endpoints", Role.ENDPOINT, part)
    for balancer in balancers(network).values():
        for place in nodes_of(network, balancer):
            if not any(m.placement == place for m in estate.machines):
                _add_machine(estate, place, balancer.key, Role.BALANCER, place.zone)
    return estate


def _public_of(node: Node) -> str:
    items = node.observed.get("NatGatewayAddresses") or ()
    return next((str(item["PublicIp"]) for item in items if item.get("PublicIp")), "")


def _elastic(seed: int, name: str) -> str:
    """Return a public address of Amazon's for a name; nobody's in particular."""
    rng = Random(f"{seed}/elastic/{name}")
    return f"{rng.choice((3, 18, 34, 44, 52, 54))}.{rng.randrange(192, 240)}." + ".".join(
        str(rng.randrange(1, 255)) for _ in range(2)
    )


def _read_interfaces(estate: Estate) -> None:
    """Add what an account reported: instances' interfaces and load balancers' nodes."""
    network = estate.network
    for node in network.graph.of_type(INTERFACE):
        subnet = network.subnets.get(network.values.key(node.properties.get("SubnetId")))
        kind = str(node.observed.get("InterfaceType", "interface"))
        owner = balancer_of(network, node)
        if subnet is None or (kind != "interface" and owner is None):
            continue
        for place in _placements_of(estate, node, subnet):
            role = Role.BALANCER if owner is not None else Role.INSTANCE
            name = owner.key if owner is not None else _group_name(estate, place, node)
            _add_machine(estate, place, name, role, node.key, node=node)


def _placements_of(estate: Estate, node: Node, subnet: Subnet) -> Iterator[Placement]:
    network = estate.network
    owner = balancer_of(network, node)
    if owner is not None:
        yield from (p for p in nodes_of(network, owner) if p.subnet == subnet)
        return
    from ringwall.trace.addresses import addresses_of, block  # noqa: PLC0415
    from ringwall.trace.ends import group_keys  # noqa: PLC0415

    blocks = tuple(block(text) for text in addresses_of(node.observed)) or subnet.blocks
    yield Placement(
        name=node.key,
        kind=Kind.INTERFACE,
        blocks=blocks,
        vpc=subnet.vpc,
        subnet=subnet,
        zone=subnet.zone_name,
        groups=tuple(sorted(group_keys(network, node.properties.get("GroupSet")))),
        public=bool(_association(node)),
        interface=node.physical_id or node.key,
    )


def _group_name(estate: Estate, place: Placement, node: Node) -> str:
    known = [key for key in place.groups if key in estate.network.groups]
    return known[0] if known else node.key


def _association(node: Node) -> str:
    for item in node.observed.get("PrivateIpAddresses") or ():
        association = item.get("Association") if isinstance(item, dict) else None
        if association and association.get("PublicIp"):
            return str(association["PublicIp"])
    return str(node.observed.get("PublicIp") or "")


def _place_groups(estate: Estate) -> None:
    network = estate.network
    there = {each.group for each in estate.machines}
    for key, group in network.groups.items():
        member = key.rsplit("/", 1)[-1]
        if not group.tier or key in there or member == "endpoints":
            continue
        kind = estate.kinds.get(key, "")
        balances = bool({kind, member} & BALANCERS)
        rng = Random(f"{estate.seed}/size/{key}")
        each_zone = 1 if balances or kind == "management" else rng.choice((2, 2, 3))
        role = Role.BALANCER if balances else Role.INSTANCE
        for place in of_group(network, group):
            if place.kind is Kind.GROUP:
                for index in range(each_zone):
                    _add_machine(estate, place, key, role, f"{place.zone}-{index}")


def _add_machine(
    estate: Estate,
    place: Placement,
    group: str,
    role: Role,
    part: str,
    *,
    node: Node | None = None,
) -> None:
    assert place.subnet is not None
    name = f"{group}/{part}"
    lone = [b for b in place.blocks if b.end - b.start == 1]
    fixed = {b.version: to_text(b.version, b.start) for b in lone}
    public = _association(node) if node is not None else ""
    if place.public and node is None:
        public = _elastic(estate.seed, name)
    instance = ""
    if role is Role.INSTANCE:
        attached = (node.observed.get("Attachment") or {}) if node is not None else {}
        instance = str(attached.get("InstanceId") or "") or made_id("i", estate.seed, name)
    interface = _interface(
        estate,
        place.subnet,
        role,
        name,
        ipv4=fixed.get(4, ""),
        ipv6=fixed.get(6, ""),
        versions={b.version for b in place.blocks},
        public=public,
        instance=instance,
        known=node.physical_id if node is not None else "",
    )
    estate.machines.append(Machine(name, group, place, interface))


def _interface(  # noqa: PLR0913  (what an interface has)
    estate: Estate,
    subnet: Subnet,
    role: Role,
    name: str,
    *,
    ipv4: str = "",
    ipv6: str = "",
    versions: set[int] | None = None,
    public: str = "",
    instance: str = "",
    known: str = "",
) -> Interface:
    rng = Random(f"{estate.seed}/interface/{name}/{subnet.key}")
    wanted = versions or {b.version for b in subnet.blocks}
    texts = {4: ipv4, 6: ipv6}
    for part in subnet.blocks:
        if part.version in wanted and not texts[part.version]:
            texts[part.version] = _draw(estate, part, rng)
    for text in filter(None, texts.values()):
        estate._taken[subnet.key].add(host(text).address)  # noqa: SLF001  (its own module)
    network = estate.network
    former = role is Role.INSTANCE and rng.random() < 0.5
    window = estate.window if former else NITRO_WINDOW
    made = Interface(
        number=len(estate.interfaces),
        id=known or made_id("eni", estate.seed, name, subnet.key),
        # Of interfaces that services make the account may be unknown (VPC guide, account-id).
        account="unknown" if role is Role.ENDPOINT else estate.account,
        region=estate.region,
        vpc=subnet.vpc,
        vpc_id=network.vpcs[subnet.vpc].physical_id or made_id("vpc", estate.seed, subnet.vpc),
        subnet=subnet.key,
        subnet_id=subnet.node.physical_id or made_id("subnet", estate.seed, subnet.key),
        zone=subnet.zone_name,
        zone_id=_zone_id(subnet),
        instance_id=instance,
        ipv4=texts[4],
        ipv6=texts[6],
        public=public,
        role=role,
        window=window,
        phase=rng.randrange(window),
    )
    estate.interfaces.append(made)
    return made


def _zone_id(subnet: Subnet) -> str:
    """Return a zone's id; where only its name is known, as `use1-az1` for `us-east-1a`."""
    if subnet.zone != subnet.zone_name or "-az" in subnet.zone:
        return subnet.zone
    area, direction, rest = (*subnet.zone_name.split("-"), "", "", "")[:3]
    if not rest:
        return subnet.zone
    return f"{area}{direction[:1]}{rest[:-1]}-az{ord(rest[-1]) - ord('a') + 1}"


def _draw(estate: Estate, part: Block, rng: Random) -> str:
    taken: Any = estate._taken[f"{part.version}/{part.start}"]  # noqa: SLF001
    size = part.end - part.start
    low, high = 4, max(5, min(size - 1, 65_536))
    if part.version == 4:
        low = min(6, size - 2)  # the fifth and sixth are what NAT gateways are taken to bear
    for _ in range(10_000):
        address = part.start + rng.randrange(low, high)
        if address not in taken:
            taken.add(address)
            return to_text(part.version, address)
    return to_text(part.version, part.start + low)
