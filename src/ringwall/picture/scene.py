"""What a map shows, as plain facts: VPCs, tiers, groups, segments, flows and violations.

Rules:
- A scene knows nothing of AWS's shapes and nothing of pixels; both faces, the picture and the
  table, are made from it alone.
- Order is given: what is drawn first stands first.
- What could not be told is in `unknowns`, by name.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

INTERNET = "internet"
OUTSIDE, ANSWERS = 0, -1  # sizes of parties that are no VPCs; those that start nothing


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
    """Subnets of a VPC that are routed alike; `why` says what made them this kind.

    `also` names groups that stand in it, too, and are drawn in a tier before.
    """

    name: str
    kind: LaneKind
    cidrs: tuple[str, ...] = ()
    groups: tuple[Group, ...] = ()
    also: tuple[str, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class Badge:
    """Something a VPC has at its edge, or that is wrong with it; `detail` is the long text."""

    text: str
    detail: str = ""
    wrong: bool = False


@dataclass(frozen=True, slots=True)
class Vpc:
    """A VPC; `segment` is the key of the route domain that it is attached to, "" for none.

    `gaps` name what stands in it that is not modelled and could carry packets.
    """

    key: str
    name: str
    cidrs: tuple[str, ...] = ()
    account: str = ""
    region: str = ""
    segment: str = ""
    tiers: tuple[Tier, ...] = ()
    badges: tuple[Badge, ...] = ()
    gaps: tuple[str, ...] = ()

    @property
    def groups(self) -> tuple[Group, ...]:
        """Return its groups, lane by lane."""
        return tuple(group for tier in self.tiers for group in tier.groups)


@dataclass(frozen=True, slots=True)
class Segment:
    """A route table of a Transit Gateway: the VPCs associated with it, and where it routes to.

    `routes_to` are names of segments, with how many of their VPCs are routed to where not all are;
    `others` are attachments of another kind (VPN, peering).
    """

    key: str
    name: str
    gateway: str = ""
    routes_to: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Link:
    """A peering connection of two VPCs, by their keys or, where they are not known, their ids."""

    key: str
    ends: tuple[str, str]
    state: str


@dataclass(frozen=True, slots=True)
class Flow:
    """Traffic that may pass; `violations` are the numbers of those that it is.

    `doubt` is "" for what is proven everywhere, else what is not: `in part` (not from and to every
    placement), `some clients`, `one way`, `unknown`.
    """

    source: End
    target: End
    ports: str
    kind: FlowKind
    doubt: str = ""
    violations: tuple[int, ...] = ()

    @property
    def text(self) -> str:
        """Return its ports, with the doubt if there is one."""
        return f"{self.ports} ({self.doubt})" if self.doubt else self.ports


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
class Bunch:
    """VPCs that are alike in tiers, groups and traffic, the one that is drawn first.

    `ports_differ`: alike but for the ports.
    """

    vpcs: tuple[str, ...]
    ports_differ: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """What one party reaches of another: `reached` counts groups of it, `examples` are flows.

    `unknown`: more may be reached, by what is not modelled or was not read.
    """

    reached: int
    examples: tuple[str, ...] = ()
    unknown: bool = False


@dataclass(frozen=True, slots=True)
class Matrix:
    """Who reaches whom: parties with the number of their VPCs, and a cell for each pair.

    The cell of a party with itself holds what its VPCs reach of each other. A party outside has the
    size OUTSIDE, or ANSWERS if it starts no connections.
    """

    names: tuple[str, ...]
    sizes: tuple[int, ...]
    cells: Mapping[tuple[int, int], Cell]


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything that a map shows.

    `basis` says what was judged; `status` is the verdict on the expectations, or "". With a
    `matrix` it is an overview: of each bunch the first VPC is drawn, and `flows` are those inside
    of drawn VPCs, with the outside, and of the selection. `selected` holds the keys and names that
    `selection` means.
    """

    title: str
    vpcs: tuple[Vpc, ...] = ()
    segments: tuple[Segment, ...] = ()
    links: tuple[Link, ...] = ()
    flows: tuple[Flow, ...] = ()
    violations: tuple[Violation, ...] = ()
    bunches: tuple[Bunch, ...] = ()
    matrix: Matrix | None = None
    basis: str = ""
    status: str = ""
    selection: str = ""
    selected: frozenset[str] = frozenset()
    notes: tuple[str, ...] = ()
    unknowns: tuple[str, ...] = ()

    def is_selected(self, end: End) -> bool:
        """Tell whether an end of a flow is what was asked for, or lies inside it."""
        return (end.group or end.vpc or end.name) in self.selected

    def touches(self, flow: Flow) -> bool:
        """Tell whether a flow begins or ends at the selection."""
        return self.is_selected(flow.source) or self.is_selected(flow.target)
