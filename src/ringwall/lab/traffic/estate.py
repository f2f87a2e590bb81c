"""The machines of a network and the interfaces of what stands between them.

Rules:
- Addresses are drawn in the subnet, beyond the four that AWS keeps, and never twice; what an
  account reported has the address and the id that it has.
- An instance of a former generation aggregates up to 600 s where that is asked for, every other
  interface up to 60 s: "when a network interface is attached to a Nitro-based instance, the
  aggregation interval is always 1 minute or less" (VPC guide, flow log records).
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from ringwall.lab.traffic.interfaces import Interface, Machine, Role, made_id
from ringwall.model.graph import Node
from ringwall.trace.addresses import Block, addresses_of, to_text
from ringwall.trace.elements import Subnet
from ringwall.trace.ends import Placement
from ringwall.trace.network import Network

NITRO_WINDOW = 60
# A NAT gateway whose address nobody said is taken to bear the fifth of its subnet.
FIRST = 6


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of an interface: "" is drawn or made up."""

    id: str = ""
    ipv4: str = ""
    ipv6: str = ""
    public: str = ""
    instance: str = ""


def known_of(node: Node) -> Known:
    """Return what an account reported of an interface."""
    texts = [text for text in addresses_of(node.observed) if "/" not in text]
    attached = node.observed.get("Attachment") or {}
    return Known(
        node.physical_id,
        next((text for text in texts if ":" not in text), ""),
        next((text for text in texts if ":" in text), ""),
        _association(node),
        str(attached.get("InstanceId") or ""),
    )


def _association(node: Node) -> str:
    for item in node.observed.get("PrivateIpAddresses") or ():
        association = item.get("Association") if isinstance(item, dict) else None
        if association and association.get("PublicIp"):
            return str(association["PublicIp"])
    return str(node.observed.get("PublicIp") or "")


def elastic(seed: int, name: str) -> str:
    """Return a public address of Amazon's for a name; nobody's in particular."""
    rng = Random(f"{seed}/elastic/{name}")
    first = rng.choice((3, 18, 34, 44, 52, 54))
    return f"{first}.{rng.randrange(192, 240)}.{rng.randrange(1, 255)}.{rng.randrange(1, 255)}"


@dataclass(slots=True)
class Estate:
    """Who and what is in a network; machines are added, nothing is ever taken away."""

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
    _taken: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))

    def group(self, name: str) -> list[Machine]:
        """Return the machines of a group."""
        return [each for each in self.machines if each.group == name]

    def grow(self, name: str, count: int) -> None:
        """Add instances like those of a group until it has `count`."""
        there = self.group(name)
        places = [each.placement for each in there if each.role is Role.INSTANCE]
        for index in range(len(there), count if places else 0):
            self.add(places[index % len(places)], name, Role.INSTANCE, f"more-{index}")

    def add(
        self, place: Placement, group: str, role: Role, part: str, known: Known | None = None
    ) -> None:
        """Add a machine at a placement; `part` tells it from others of its group."""
        assert place.subnet is not None
        name = f"{group}/{part}"
        if known is None:
            lone = {b.version: b.start for b in place.blocks if b.end - b.start == 1}
            known = Known(
                ipv4=to_text(4, lone[4]) if 4 in lone else "",
                ipv6=to_text(6, lone[6]) if 6 in lone else "",
                public=elastic(self.seed, name) if place.public else "",
            )
        versions = frozenset(b.version for b in place.blocks)
        interface = self.interface(place.subnet, role, name, known, versions)
        self.machines.append(Machine(name, group, place, interface))

    def interface(
        self,
        subnet: Subnet,
        role: Role,
        name: str,
        known: Known,
        versions: frozenset[int] = frozenset({4, 6}),
    ) -> Interface:
        """Add an interface in a subnet, with an address of each family that both have."""
        rng = Random(f"{self.seed}/interface/{name}/{subnet.key}")
        texts = {4: known.ipv4, 6: known.ipv6}
        for part in subnet.blocks:
            if part.version in versions and not texts[part.version]:
                texts[part.version] = self._draw(part, rng)
        former = role is Role.INSTANCE and rng.random() < 0.5
        window = self.window if former else NITRO_WINDOW
        vpc = self.network.vpcs[subnet.vpc].physical_id
        instance = made_id("i", self.seed, name) if role is Role.INSTANCE else ""
        made = Interface(
            number=len(self.interfaces),
            id=known.id or made_id("eni", self.seed, name, subnet.key),
            # Of interfaces that services make the account may be unknown (VPC guide, account-id).
            account="unknown" if role is Role.ENDPOINT else self.account,
            region=self.region,
            vpc=subnet.vpc,
            vpc_id=vpc or made_id("vpc", self.seed, subnet.vpc),
            subnet=subnet.key,
            subnet_id=subnet.node.physical_id or made_id("subnet", self.seed, subnet.key),
            zone=subnet.zone_name,
            zone_id=_zone_id(subnet),
            instance_id=known.instance or instance,
            ipv4=texts[4],
            ipv6=texts[6],
            public=known.public,
            role=role,
            window=window,
            phase=rng.randrange(window),
        )
        self.interfaces.append(made)
        return made

    def reserve(self, blocks: Iterator[Block]) -> None:
        """Keep addresses that are known to be taken from being drawn."""
        for part in blocks:
            if part.end - part.start == 1:
                self._taken[part.version].add(part.start)

    def _draw(self, part: Block, rng: Random) -> str:
        taken = self._taken[part.version]
        last = min(part.end - part.start - 1, 65_536)
        low = min(FIRST, last - 1)
        for _ in range(10_000):
            address = part.start + rng.randrange(low, last)
            if address not in taken:
                break
        else:
            address = part.start + low
        taken.add(address)
        return to_text(part.version, address)


def _zone_id(subnet: Subnet) -> str:
    """Return a zone's id; where only its name is known, as `use1-az1` for `us-east-1a`."""
    if subnet.zone != subnet.zone_name or "-az" in subnet.zone:
        return subnet.zone
    parts = subnet.zone_name.split("-")
    if len(parts) != 3 or not parts[2][:-1].isdigit():
        return subnet.zone
    area, direction, rest = parts
    return f"{area}{direction[:1]}{rest[:-1]}-az{ord(rest[-1]) - ord('a') + 1}"
