"""What a network consists of, as the checker reads it; a `doubt` says what is not known of it."""

from dataclasses import dataclass, field

from ringwall.model.graph import Node
from ringwall.verify.sets import Ranges


@dataclass(frozen=True, slots=True)
class Route:
    """A route: `part` is None for a prefix list whose addresses are not in the input.

    `origin` is local, static, list, endpoint or propagated; `kind` and `target` are where it leads.
    """

    part: Ranges | None
    length: int
    kind: str
    target: str
    origin: str
    text: str
    node: Node | None = None
    list_name: str = ""
    blackhole: bool = False
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A route table of a VPC, or `doubt`: what is missing in its place."""

    key: str
    vpc: str
    routes: tuple[Route, ...] = ()
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a network ACL."""

    number: int
    egress: bool
    allow: bool
    part: Ranges
    traffic: Ranges
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class Acl:
    """A network ACL, its entries in the order in which they are asked."""

    key: str
    entries: tuple[Entry, ...] = ()
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule of a security group; one of `part`, `group`, `list_name` says whom it is about."""

    traffic: Ranges
    part: Ranges = ()
    group: str = ""
    list_name: str = ""
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """A security group; `tier` is where a blueprint places it."""

    key: str
    vpc: str
    ingress: tuple[Rule, ...]
    egress: tuple[Rule, ...]
    tier: str
    node: Node = field(compare=False)


@dataclass(frozen=True, slots=True)
class Subnet:
    """A subnet; `acl` is None where a regional NAT gateway stands, which is in no subnet."""

    key: str
    vpc: str
    tier: str
    zone: str
    part: Ranges
    table: Table
    acl: Acl | None
    may_be_public: bool
    node: Node = field(compare=False)


@dataclass(frozen=True, slots=True)
class Attachment:
    """An attachment to a transit gateway; `gateways` are the two that a peering joins."""

    key: str
    gateway: str
    kind: str
    vpc: str
    subnets: tuple[str, ...]
    appliance_mode: bool
    references_groups: bool
    state: str
    resource: str
    gateways: tuple[str, ...]
    node: Node = field(compare=False)


@dataclass(frozen=True, slots=True)
class TransitRoute:
    """A route of a transit gateway; of equal destinations the lowest rank counts."""

    part: Ranges
    length: int
    rank: int
    attachment: str
    blackhole: bool
    propagated: bool
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class TransitTable:
    """A route table of a transit gateway; with a `doubt` some of its routes are not known."""

    key: str
    gateway: str
    routes: tuple[TransitRoute, ...]
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class Nat:
    """A NAT gateway; a regional one has a `table` and no subnet."""

    key: str
    subnet: str
    vpc: str
    part: Ranges
    public: bool
    state: str
    zones: frozenset[str]
    table: Table | None
    doubt: str = ""


@dataclass(frozen=True, slots=True)
class Interface:
    """A live interface; `does` is what its tag says it does with packets of others."""

    key: str
    name: str
    subnet: str
    groups: tuple[str, ...]
    part: Ranges
    public: bool
    checks: bool
    broken: str
    does: str
    kind: str
    address: Ranges
    node: Node = field(compare=False)
