"""What a map shows, as plain facts: VPCs, tiers, groups, segments, flows and violations.

Rules:
- A scene knows nothing of AWS's shapes and nothing of pixels; both faces, the picture and the
  table, are made from it alone.
- Order is given: what is drawn first stands first.
- What could not be told is in `unknowns`, by name.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

INTERNET = "internet"


class LaneKind(StrEnum):
    """What a tier's routes make of it; the lanes of the map, in their order."""

    PUBLIC = "public"  # a route to an internet gateway
    PRIVATE = "private"  # out through NAT, a Transit Gateway or the like, never in
    ISOLATED = "isolated"  # local routes alone
    ATTACHMENT = "attachment"  # the Transit Gateway's interfaces and nothing else
    UNCLEAR = "unclear"  # the routes say none of this


class FlowKind(StrEnum):
    """Between what a flow runs."""

    INSIDE = "inside"  # two groups of one VPC
    ACROSS = "across"  # groups of two VPCs
    INTERNET = "internet"  # a group and the internet
    OUTSIDE = "outside"  # a group and addresses of no group: a CIDR, a service


class Fault(StrEnum):
    """How an expectation does not hold."""

    UNWANTED = "unwanted"  # reachable, and must not be
    MISSING = "missing"  # not reachable, and must be
    UNDECIDED = "undecided"  # neither is proven


@dataclass(frozen=True, slots=True, order=True)
class End:
    """One end of a flow: a group of a VPC, or a name outside; `vpc` and `group` are keys."""

    name: str
    vpc: str = ""
    group: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """A security group where it is placed; `interfaces` is None where nobody counted.

    `also` names further tiers in which its interfaces stand; `holds` what is known to bear it.
    """

    key: str
    name: str
    interfaces: int | None = None
    holds: tuple[str, ...] = ()
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tier:
    """Subnets of a VPC that are routed alike; `why` says what made them this kind."""

    name: str
    kind: LaneKind
    cidrs: tuple[str, ...] = ()
    groups: tuple[Group, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class Badge:
    """Something a VPC has at its edge: `kind` is igw, eigw, nat, endpoint, peering or vpn."""

    kind: str
    text: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Vpc:
    """A VPC; `segment` is the key of the route domain that it is attached to, "" for none."""

    key: str
    name: str
    cidrs: tuple[str, ...] = ()
    account: str = ""
    region: str = ""
    segment: str = ""
    tiers: tuple[Tier, ...] = ()
    badges: tuple[Badge, ...] = ()


@dataclass(frozen=True, slots=True)
class Segment:
    """A route table of a Transit Gateway: the VPCs associated with it, and where it routes to.

    `routes_to` are keys of segments; `partly` maps such a key to `1 of 2` where only some of its
    members are routed to; `others` are attachments of another kind (VPN, peering).
    """

    key: str
    name: str
    gateway: str = ""
    routes_to: tuple[str, ...] = ()
    partly: Mapping[str, str] = field(default_factory=dict)
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Flow:
    """Traffic that may pass; `violation` is the number of the violation that it is, 0 for none.

    `doubt` is "" for what is sure, else a word: `partly`, `one way`, `unknown`.
    """

    source: End
    target: End
    ports: str
    kind: FlowKind
    doubt: str = ""
    violation: int = 0


@dataclass(frozen=True, slots=True)
class Violation:
    """An expectation that does not hold, with its explanation line by line."""

    number: int
    title: str
    fault: Fault
    source: End
    target: End
    ports: str = ""
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything that a map shows.

    `basis` says where the flows come from; `status` is the verdict on the expectations, or "";
    `selected` holds the names and keys that were asked for: VPCs, groups, `internet`, a CIDR.
    """

    title: str
    vpcs: tuple[Vpc, ...] = ()
    segments: tuple[Segment, ...] = ()
    flows: tuple[Flow, ...] = ()
    violations: tuple[Violation, ...] = ()
    basis: str = ""
    status: str = ""
    selected: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()
    unknowns: tuple[str, ...] = ()

    def is_selected(self, end: End) -> bool:
        """Tell whether an end of a flow is what was asked for, or lies inside it."""
        return bool(self.selected) and not self.selected.isdisjoint(
            (end.name, end.vpc or end.name, end.group or end.name)
        )

    def touches(self, flow: Flow) -> bool:
        """Tell whether a flow begins or ends at the selection."""
        return self.is_selected(flow.source) or self.is_selected(flow.target)
