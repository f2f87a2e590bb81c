"""What a network consists of, as the tracer reads it: subnets, tables, lists, attachments.

Rule: a field that may be `Unknown` holds the name of what is not in the input; nothing stands for
"there is none" but None or an empty tuple.
Rule: elements are compared by their keys and values; the nodes behind them only explain.
"""

from dataclasses import dataclass, field
from typing import Literal

from ringwall.model.graph import Node, Unknown
from ringwall.trace.addresses import Block, Host


@dataclass(frozen=True, slots=True)
class Target:
    """Where a route leads: a kind of gateway and the key of its node; `Unknown` by name."""

    kind: str
    key: str


@dataclass(frozen=True, slots=True)
class Route:
    """A route to a block, or to a prefix list whose CIDRs are not known (`list_name`)."""

    destination: Block | None
    target: Target | Unknown
    origin: Literal["local", "static", "list", "propagated", "endpoint"]
    node: Node | None = field(default=None, compare=False)
    list_name: str = ""
    blackhole: bool = False

    def __str__(self) -> str:
        return str(self.destination) if self.destination else self.list_name


@dataclass(frozen=True, slots=True)
class RouteTable:
    """A table of a VPC; `node` is None for a main table that holds local routes alone."""

    key: str
    vpc: str
    routes: tuple[Route, ...]
    node: Node | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class AclEntry:
    """One entry; `ports` are inclusive, `icmp` is (type, code) with -1 for any."""

    number: int
    egress: bool
    allow: bool
    protocol: int  # -1 is every protocol
    block: Block | Unknown
    ports: tuple[int, int] | None = None
    icmp: tuple[int, int] | None = None
    node: Node | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Acl:
    """A network ACL with its entries in the order in which they are asked."""

    key: str
    entries: tuple[AclEntry, ...] = field(compare=False)
    node: Node | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Peer:
    """What a group's rule speaks of: a block, a group, a prefix list, or something unknown."""

    block: Block | None = None
    group: str = ""
    list_name: str = ""
    unknown: Unknown | None = None

    def __str__(self) -> str:
        return str(self.block or self.group or self.list_name or self.unknown)


@dataclass(frozen=True, slots=True)
class GroupRule:
    """One rule; `low` and `high` are ports, or ICMP type and code with -1 for any."""

    protocol: int
    low: int
    high: int
    peer: Peer
    node: Node | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Group:
    """A security group; `tier` is where a blueprint places it, "" where nobody said."""

    key: str
    vpc: str
    ingress: tuple[GroupRule, ...]
    egress: tuple[GroupRule, ...]
    tier: str = ""
    is_default: bool = False
    node: Node | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Subnet:
    """A subnet with the table and the ACL that hold for it; no ACL where a regional NAT stands."""

    key: str
    vpc: str
    tier: str
    zone: str  # the zone's id where it is known, else its name
    zone_name: str
    blocks: tuple[Block, ...]
    table: RouteTable | Unknown = field(compare=False)
    acl: Acl | Unknown | None = field(compare=False)
    gives_public_addresses: bool
    node: Node = field(compare=False)


@dataclass(frozen=True, slots=True)
class Attachment:
    """An attachment to a transit gateway; `subnets` are keys.

    `vpc` is "" for other kinds; `gateways` are the two that a peering joins.
    """

    key: str
    gateway: str
    vpc: str
    subnets: tuple[str, ...]
    appliance_mode: bool
    references_groups: bool
    state: str
    node: Node = field(compare=False)
    kind: str = "vpc"
    gateways: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TransitRoute:
    """A route of a transit gateway's table; `attachment` is a key, or Unknown."""

    destination: Block
    attachment: str | Unknown
    blackhole: bool
    propagated: bool
    node: Node | None = field(default=None, compare=False)
    rank: int = 0  # of routes to the same destination the lowest counts


@dataclass(frozen=True, slots=True)
class TransitTable:
    """A transit gateway's route table; `unknowns` may hold routes that are not in the input."""

    key: str
    routes: tuple[TransitRoute, ...]
    unknowns: tuple[Unknown, ...]
    node: Node = field(compare=False)


@dataclass(frozen=True, slots=True)
class Nat:
    """A NAT gateway in a subnet; `address` stands for any of the subnet's where AWS chooses.

    `others` are its further addresses, of which AWS takes any. A regional gateway has no subnet but
    a `table` of its own, and stands in the `zones` of its addresses. A NAT instance is a Nat too:
    `groups` are its interface's, None for a gateway, which has none.
    """

    key: str
    subnet: str
    public: bool
    address: Host | None
    state: str
    node: Node
    groups: tuple[str, ...] | None = None
    others: tuple[Host, ...] = ()
    vpc: str = ""
    table: RouteTable | Unknown | None = None
    zones: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Middlebox:
    """An interface as a target of routes; `does` is "forwards", "translates" or "" (not said).

    `broken` says why nothing passes it, "" if something may; `checks` is its source/destination
    check.
    """

    key: str
    subnet: str
    groups: tuple[str, ...]
    address: Host | None
    public: bool
    checks: bool
    does: str
    broken: str
    kind: str
    node: Node = field(compare=False)
