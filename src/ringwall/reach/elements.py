"""What a network consists of, as the engine reads it.

Rules:
- A field that may be `Unknown` names what is not in the input.
- A node behind an element explains it and says nothing else.
"""

from dataclasses import dataclass, field
from typing import Literal

from ringwall.model.graph import Node, Unknown
from ringwall.reach.blocks import Block

# R18: static routes, prefix lists, then propagated ones of VPCs, Direct Connect gateways, Connect
# and VPN (Transit Gateway guide, route evaluation order).
STATIC, LISTED = 0, 1
PROPAGATED = {"vpc": 2, "direct-connect-gateway": 3, "connect": 4, "vpn": 5}
RouteKind = Literal["local", "static", "list", "endpoint", "propagated"]


@dataclass(frozen=True, slots=True)
class Lead:
    """Where a route leads: a kind of gateway and the key of its node."""

    kind: str
    key: str = ""

    def __str__(self) -> str:
        return f"{self.kind} {self.key}".strip()


@dataclass(frozen=True, slots=True)
class Route:
    """A route to a block, or to a prefix list whose CIDRs are not known (`destination` None)."""

    destination: Block | None
    lead: Lead | Unknown
    kind: RouteKind
    node: Node | None = field(default=None, compare=False)
    list_name: str = ""
    blackhole: bool = False

    def __str__(self) -> str:
        return str(self.destination) if self.destination else self.list_name


@dataclass(frozen=True, slots=True)
class RouteTable:
    """A table of a VPC with all its routes."""

    key: str
    vpc: str
    routes: tuple[Route, ...] = field(compare=False)
    node: Node | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a network ACL; `low` and `high` are ports, or type and code; -1 is any."""

    number: int
    egress: bool
    allow: bool
    protocol: int
    low: int
    high: int
    block: Block | Unknown
    node: Node | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Acl:
    """A network ACL; entries in the order in which they are asked."""

    key: str
    entries: tuple[Entry, ...] = field(compare=False)
    node: Node | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of a security group about a block, a group, a prefix list, or something unknown."""

    protocol: int
    low: int
    high: int
    peer: Block | str | Unknown
    kind: Literal["block", "group", "list", "unknown"]
    node: Node | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Group:
    """A security group; `tier` is where a blueprint places it, "" where nobody said."""

    key: str
    vpc: str
    ingress: tuple[Rule, ...] = field(compare=False)
    egress: tuple[Rule, ...] = field(compare=False)
    tier: str = ""
    is_default: bool = False
    node: Node | None = field(default=None, compare=False)

    def rules(self, *, egress: bool) -> tuple[Rule, ...]:
        """Return the rules of one direction."""
        return self.egress if egress else self.ingress


@dataclass(frozen=True, slots=True, eq=False)
class Subnet:
    """A subnet with the table and the ACL that hold for it; `zone` is an id where it is known.

    A network makes each of its subnets once, so they are compared by identity.
    """

    key: str
    vpc: str
    tier: str
    zone: str
    zone_name: str
    blocks: tuple[Block, ...]
    table: RouteTable | Unknown
    acl: Acl | Unknown
    gives_public_addresses: bool
    node: Node

    @property
    def leads_to_internet(self) -> bool:
        """Tell whether its table has a route to an internet gateway, or is unknown."""
        if isinstance(self.table, Unknown):
            return True
        return any(
            isinstance(route.lead, Lead) and route.lead.kind == "internet-gateway"
            for route in self.table.routes
        )

    @property
    def may_be_public(self) -> bool:
        """Tell whether what is started in it may have a public address.

        It gets one by the subnet's own switch; a load balancer, or whoever brings an Elastic IP,
        has one wherever the table leads to an internet gateway (VPC guide, public subnets).
        """
        return self.gives_public_addresses or self.leads_to_internet


@dataclass(frozen=True, slots=True)
class Attachment:
    """An attachment to a transit gateway; `vpc` and `subnets` are keys, of a VPC's alone.

    `kind` is AWS's word for what is attached, `resource` its id; of a peering `far` is the other
    gateway.
    """

    key: str
    gateway: str
    vpc: str
    kind: str
    resource: str
    far: str
    subnets: tuple[str, ...]
    appliance_mode: bool
    references_groups: bool
    state: str
    node: Node = field(compare=False)


@dataclass(frozen=True, slots=True)
class TransitRoute:
    """A route of a transit gateway's table; `attachment` is a key, or Unknown.

    `rank` orders equal prefixes: static, prefix list, then propagated ones by what is attached.
    """

    destination: Block
    attachment: str | Unknown
    blackhole: bool
    rank: int
    node: Node | None = field(default=None, compare=False)

    @property
    def propagated(self) -> bool:
        """Tell whether the route came by propagation."""
        return self.rank > LISTED


@dataclass(frozen=True, slots=True)
class TransitTable:
    """A transit gateway's route table; `unknowns` may hold routes that are not in the input."""

    key: str
    routes: tuple[TransitRoute, ...] = field(compare=False)
    unknowns: tuple[Unknown, ...]
    node: Node = field(compare=False)


@dataclass(frozen=True, slots=True)
class Nat:
    """A NAT gateway; a regional one has no subnet, but a table and zones of its own.

    `addresses` are its private ones: where it has several, AWS takes any.
    """

    key: str
    subnet: str
    public: bool
    addresses: tuple[int, ...]
    state: str
    regional: bool
    vpc: str
    table: RouteTable | Unknown
    zones: frozenset[str]
    node: Node = field(compare=False)


@dataclass(frozen=True, slots=True, eq=False)
class Interface:
    """A live interface as a route's target; `does` is what its tag says of packets of others."""

    key: str
    subnet: Subnet
    groups: tuple[str, ...]
    blocks: tuple[Block, ...]
    public: bool
    kind: str
    takes_others: bool  # SourceDestCheck is off
    is_running: bool
    doubt: Unknown | None  # about the instance that bears it
    does: str
    node: Node

    def holds(self, version: int, address: int) -> bool:
        """Tell whether an address is one of its own."""
        return any(block.holds(version, address) for block in self.blocks)
