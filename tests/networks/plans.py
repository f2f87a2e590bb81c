"""What a network is drawn from: VPCs, tiers and subnets with their addresses, and the builder."""

from collections import defaultdict
from dataclasses import dataclass, field, replace
from ipaddress import ip_network
from random import Random
from typing import Any

from tests.builders import NetworkBuilder, ref
from tests.networks.features import Feature

ANYWHERE = {4: "0.0.0.0/0", 6: "::/0"}
ESTATE = {4: "10.0.0.0/8", 6: "2600:1f18::/32"}  # what holds every VPC of a network
OUTSIDE = "192.168.64.0/20"  # private addresses of no VPC


@dataclass(frozen=True, slots=True)
class SubnetPlan:
    """A subnet: its key is `vpc/tier/zone`."""

    key: str
    cidr: str
    v6: str
    zone: str
    table: str  # "" for the main table

    def block(self, version: int) -> str:
        return self.cidr if version == 4 else self.v6


@dataclass(slots=True)
class Tier:
    """Subnets of one kind, one a zone."""

    vpc: str
    name: str
    acl: str = ""
    subnets: list[SubnetPlan] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)

    @property
    def key(self) -> str:
        return f"{self.vpc}/{self.name}"

    @property
    def tables(self) -> list[str]:
        """The tables of the subnets, each once; none for the main table."""
        return list(dict.fromkeys(subnet.table for subnet in self.subnets if subnet.table))


@dataclass(slots=True)
class VpcPlan:
    """A VPC with its blocks."""

    key: str
    cidrs: list[str]
    v6: str = ""
    tiers: dict[str, Tier] = field(default_factory=dict)
    has_gateway: bool = False
    free: list[str] = field(default_factory=list)  # blocks that no subnet has

    def blocks(self, version: int) -> list[str]:
        return self.cidrs if version == 4 else [self.v6] if self.v6 else []

    def overlaps(self, other: "VpcPlan") -> bool:
        """Tell whether two VPCs share addresses: AWS refuses peerings and routes then (R3)."""
        return any(ip_network(a).overlaps(ip_network(b)) for a in self.cidrs for b in other.cidrs)

    def tables(self) -> list[str]:
        return list(dict.fromkeys(table for tier in self.tiers.values() for table in tier.tables))


@dataclass(slots=True)
class Drawing:
    """A network while it is drawn."""

    rng: Random
    features: frozenset[Feature]
    builder: NetworkBuilder = field(default_factory=NetworkBuilder)
    vpcs: dict[str, VpcPlan] = field(default_factory=dict)
    interfaces: list[str] = field(default_factory=list)
    entries: dict[str, list[tuple[str, str, str, str]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    _ids: int = 0

    def has(self, feature: Feature) -> bool:
        return feature in self.features

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def new_id(self, prefix: str) -> str:
        """An id of AWS's form; the same for the same seed."""
        self._ids += 1
        return f"{prefix}-{self._ids:08x}"

    def versions(self, *vpcs: str) -> list[int]:
        """The families that these VPCs have in common."""
        return [4, 6] if all(self.vpcs[vpc].v6 for vpc in vpcs) else [4]

    def tiers(self) -> list[Tier]:
        """The tiers in which something runs."""
        found = [tier for vpc in self.vpcs.values() for tier in vpc.tiers.values()]
        return [tier for tier in found if tier.groups]

    def entry(self, acl: str, way: str, action: str, what: str, cidr: str) -> None:
        """Put an entry down; its number is given at the end."""
        if acl:
            self.entries[acl].append((way, action, what, cidr))

    def give_id(self, kind: str, key: str, physical_id: str) -> None:
        """Give a node an id, so that questions can name it."""
        address = (kind if "::" in kind else f"AWS::EC2::{kind}", key)
        self.builder.nodes[address] = replace(self.builder.nodes[address], physical_id=physical_id)

    def tag(self, kind: str, key: str, name: str, value: str) -> None:
        """Tag a node that is there."""
        address = (f"AWS::EC2::{kind}", key)
        node = self.builder.nodes[address]
        self.builder.nodes[address] = replace(node, tags={**node.tags, name: value})

    def change(self, kind: str, key: str, **properties: Any) -> None:
        """Change properties of a node that is there."""
        address = (f"AWS::EC2::{kind}", key)
        node = self.builder.nodes[address]
        self.builder.nodes[address] = replace(node, properties={**node.properties, **properties})

    def observe(self, kind: str, key: str, **observed: Any) -> None:
        """Change what is observed of a node that is there."""
        address = (kind if "::" in kind else f"AWS::EC2::{kind}", key)
        node = self.builder.nodes[address]
        self.builder.nodes[address] = replace(node, observed={**node.observed, **observed})

    def drop(self, kind: str, key: str) -> None:
        """Take a node away."""
        self.builder.nodes.pop((kind if "::" in kind else f"AWS::EC2::{kind}", key))

    def keys(self, kind: str) -> list[str]:
        return [key for name, key in self.builder.nodes if name == f"AWS::EC2::{kind}"]

    def route(self, table: str, destination: str, target: str, **how: str) -> None:
        """Add a route unless the table has one to that destination."""
        key = f"{table}>{destination}{how.get('origin', '')}"
        if table and ("AWS::EC2::Route", key) not in self.builder.nodes:
            self.builder.route(table, destination, target, **how)

    def drop_route(self, table: str, destination: str) -> None:
        """Take a route away if the table has it."""
        self.builder.nodes.pop(("AWS::EC2::Route", f"{table}>{destination}"), None)

    def address(self, subnet: SubnetPlan) -> str:
        """An address of a subnet that AWS gives away."""
        block = ip_network(subnet.cidr)
        return str(block[self.rng.randrange(4, min(block.num_addresses - 1, 250))])

    def subnet(self, vpc: VpcPlan, tier: Tier, zone: str, cidr: str, *, number: int) -> SubnetPlan:
        """Add a subnet to a tier, with its table."""
        v6 = str(list(ip_network(vpc.v6).subnets(new_prefix=64))[number]) if vpc.v6 else ""
        key = f"{tier.key}/{zone}"
        own = tier.name in {"transit", "inspect"}
        main = self.has(Feature.MAIN_TABLES) and not own and self.chance(0.25)
        table = "" if main else tier.key
        public = tier.name == "public" and self.chance(0.7)
        self.builder.subnet(key, cidr, public=public, table=table, acl=tier.acl or None)
        if v6:
            self.change("Subnet", key, Ipv6CidrBlock=v6)
        plan = SubnetPlan(key, cidr, v6, zone, table or self.main_table(vpc))
        tier.subnets.append(plan)
        return plan

    def main_table(self, vpc: VpcPlan) -> str:
        """The main table of a VPC; it is made when it is first used."""
        key = f"{vpc.key}/main"
        if ("AWS::EC2::RouteTable", key) not in self.builder.nodes:
            self.builder.add("RouteTable", key, {"VpcId": ref("VPC", vpc.key)})
            link = {"VpcId": ref("VPC", vpc.key), "RouteTableId": ref("RouteTable", key)}
            self.builder.add("Ringwall::EC2::MainRouteTableAssociation", vpc.key, link)
        return key
