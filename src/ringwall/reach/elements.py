"""What a network consists of, as the engine reads it.

Rules:
- A field that may be `Unknown` names what is not in the input.
- A node behind an element explains it and says nothing else.
"""

from dataclasses import dataclass, field
from typing import Literal

from ringwall.model.graph import Node, Unknown
from ringwall.reach.blocks import Block

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


@dataclass(frozen=True, slots=True)
class Attachment:
    """A VPC's attachment to a transit gateway; `subnets` are keys."""

    key: str
    gateway: str
    vpc: str
    subnets: tuple[str, ...]
    appliance_mode: bool
    references_groups: bool
    state: str
    node: Node = field(compare=False)


@dataclass(frozen=True, slots=True)
class TransitRoute:
    """A route of a transit gateway's table; `attachment` is a key, or Unknown."""

    destination: Block
    attachment: str | Unknown
    blackhole: bool
    propagated: bool
    node: Node | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class TransitTable:
    """A transit gateway's route table; `unknowns` may hold routes that are not in the input."""

    key: str
    routes: tuple[TransitRoute, ...] = field(compare=False)
    unknowns: tuple[Unknown, ...]
    node: Node = field(compare=False)


@dataclass(frozen=True, slots=True)
class Nat:
    """A NAT gateway in a subnet; `address` is its private one, None where nobody knows."""

    key: str
    subnet: str
    public: bool
    address: int | None
    state: str
    node: Node = field(compare=False)
