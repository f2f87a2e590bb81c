"""The values of a walk: ends, positions, steps and ways.

Rules:
- Routing looks at addresses alone, so a way is one list of steps for every class of packets; a step
  holds what becomes of each class there.
- A way goes on past a blocker as long as it is determined where to, so that all are found.
"""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from ringwall.model.graph import Node, Unknown
from ringwall.reach.elements import Acl, RouteTable, Subnet
from ringwall.reach.filters import Members, Remote, Spot
from ringwall.reach.firewalls import Ends, Policy
from ringwall.reach.levels import DROP_ALL, PASS_ALL, UNDETERMINED_ALL, UNKNOWN_ALL
from ringwall.reach.routing import is_undetermined

if TYPE_CHECKING:
    from ringwall.reach.relays import Relay


class Kind(StrEnum):
    """What stands at an end."""

    GROUP = "group"  # anything that bears a group of a tier
    SUBNET = "subnet"  # anything that bears the default group
    INTERFACE = "interface"  # a live interface
    ENDPOINT = "endpoint"  # the interfaces of an interface endpoint
    BALANCER = "balancer"  # a node of a load balancer
    INTERNET = "internet"
    OUTSIDE = "outside"  # private addresses of no VPC of the network
    SERVICE = "service"  # an AWS service with public addresses


@dataclass(frozen=True, slots=True)
class Site:
    """One end of a way: addresses that nothing tells apart (`spot` is one) at one kind of end.

    `public`: its IPv4 address may be paired with a public one. `other` is a second address of the
    same class, where there is one. `size` counts the addresses. `balancer` and `service` are what a
    node or an endpoint stands for; `is_open`: it has no groups and takes everything. `borne_by`: it
    is the public address of something in the network.
    """

    kind: Kind
    spot: Spot
    subnet: Subnet | None = None
    groups: Members = ()
    public: bool = False
    other: Spot | None = field(default=None, compare=False)
    size: int = field(default=1, compare=False)
    balancer: str = ""
    service: str = ""
    is_open: bool = False
    borne_by: str = ""

    @property
    def vpc(self) -> str:
        """Return its VPC, "" outside."""
        return self.subnet.vpc if self.subnet else ""


@dataclass(frozen=True, slots=True)
class AskGroups:
    """The groups of an interface were asked."""

    members: Members
    remote: Remote
    egress: bool


@dataclass(frozen=True, slots=True)
class AskAcl:
    """A network ACL was asked; `nat_port`: the destination port is one that a NAT gateway chose."""

    acl: Acl
    spot: Spot
    egress: bool
    nat_port: bool = False


@dataclass(frozen=True, slots=True)
class AskNat:
    """A NAT gateway was asked whether it knows the protocol."""

    gateway: Node


@dataclass(frozen=True, slots=True)
class AskFirewall:
    """A firewall was asked about packets between two addresses."""

    firewall: Node
    policy: Policy
    ends: Ends
    is_reply: bool


@dataclass(frozen=True, slots=True)
class AskSymmetry:
    """Endpoints that inspect were asked whether they see both directions of a flow.

    `there` and `back` are those of either direction, each in the order of the packet.
    """

    there: tuple[str, ...]
    back: tuple[str, ...]
    ends: Ends


@dataclass(frozen=True, slots=True)
class Client:
    """Who asks a balancer's node, as the node sees it; `by_service`: through an endpoint."""

    spot: Spot
    groups: frozenset[str] = frozenset()
    by_service: bool = False


@dataclass(frozen=True, slots=True)
class AskRelay:
    """What lies behind a balancer's node, or an endpoint of a service, was asked."""

    relay: "Relay" = field(compare=False)
    is_reply: bool = False


Ask = AskGroups | AskAcl | AskNat | AskFirewall | AskSymmetry | AskRelay


@dataclass(frozen=True, slots=True)
class Step:
    """One place on a way; `level` says what becomes of each class of packets there.

    `name` is what people call it, `rule` the route or entry that decided; `ask` is the filter that
    the packets decide about, None where routing alone did. `by_asked`: of a reply, the level for
    each class that was asked, where that counts.
    """

    kind: str
    name: str
    text: str
    level: int = PASS_ALL
    rule: str = ""
    code: str = ""
    node: Node | None = None
    rule_node: Node | None = None
    ask: Ask | None = None
    unknown: Unknown | None = None
    by_asked: tuple[int, ...] = ()

    def dropped(self, text: str, code: str) -> "Step":
        """Return the step as one that drops everything."""
        return replace(self, text=text, level=DROP_ALL, code=code)

    def unsure(self, unknown: Unknown, text: str = "") -> "Step":
        """Return the step as one of which nothing is known, or to which AWS gives no order."""
        level = UNDETERMINED_ALL if is_undetermined(unknown) else UNKNOWN_ALL
        return replace(self, text=text or str(unknown), level=level, unknown=unknown)


@dataclass(frozen=True, slots=True)
class Translator:
    """What bears its own address in the place of a client's: a NAT gateway, or an instance.

    `subnet` is None for a regional gateway, whose `table` is its own.
    """

    kind: str
    key: str
    spot: Spot
    subnet: Subnet | None
    table: RouteTable | Unknown
    public: bool
    groups: Members | None
    node: Node


@dataclass(frozen=True, slots=True)
class Via:
    """What a way crossed that its reply depends on.

    `middleboxes` are interfaces and endpoints in the order in which they were passed, `exits` the
    attachments in appliance mode and the subnets of them in which the packet came out.
    """

    nat: Translator | None = None
    internet_gateway: str = ""  # the VPC whose gateway was crossed
    egress_only: str = ""  # the VPC whose egress-only gateway was crossed
    service_endpoint: str = ""
    crossed: str = ""  # what a security group's reference has to cross
    middleboxes: tuple[str, ...] = ()
    exits: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Way:
    """The steps from one end to the other; `delivered` if routing leads to the end.

    Ways of one `entrance` are AWS's to choose from; among entrances the outside chooses.
    """

    steps: tuple[Step, ...]
    delivered: bool
    via: Via = field(default_factory=Via)
    entrance: str = ""
    source: Spot | None = None  # the address that the packet bears at the end
    sender_groups: frozenset[str] = frozenset()  # whose references match there


@dataclass(frozen=True, slots=True)
class Goal:
    """Where a way is to end; `groups` None: no interface with groups is asked.

    `stop_over`: the end is a translator's, at a port of its choice.
    """

    name: str
    spot: Spot
    subnet: Subnet | None = None
    groups: Members | None = None
    public: bool = False
    kind: str = ""
    stop_over: bool = False
    home: str = ""  # the VPC of an end without a subnet

    @property
    def vpc(self) -> str:
        """Return its VPC, "" outside."""
        return self.subnet.vpc if self.subnet else self.home


@dataclass(frozen=True, slots=True)
class Position:
    """Where a packet is: in a subnet, or outside; `source` is the address that it bears.

    Of a reply, `tracked` are the interfaces that its packet passed, `kept` the exits of attachments
    in appliance mode, `egress_only` the VPC whose egress-only gateway it crossed; `left` is the
    middlebox that it passed last. A packet that asks a table from the same subnet about the same
    addresses again goes in circles. Whether it stands for members of the `doubted` groups, too, is
    not known.
    """

    steps: tuple[Step, ...]
    source: Spot
    goal: Goal
    subnet: Subnet | None
    sender_groups: frozenset[str]
    sender_public: bool
    sender_vpc: str = ""
    is_reply: bool = False
    via: Via = field(default_factory=Via)
    tables: int = 0  # how many route tables were asked
    # Tables that subnets asked, of what; and the turns at which AWS chose.
    visited: frozenset[tuple[object, ...]] = frozenset()
    tracked: tuple[str, ...] = ()
    kept: tuple[tuple[str, str], ...] = ()
    egress_only: str = ""
    left: str = ""
    redirected: bool = False  # an internet gateway's own table leads it to a middlebox
    home: str = ""  # the VPC of a gateway without a subnet
    after_nat: bool = False  # of a reply: it was translated back
    entrance: str = ""  # of what comes from on-premises networks: by which line
    doubted: frozenset[str] = frozenset()

    @property
    def vpc(self) -> str:
        """Return the VPC in which the packet is, "" outside."""
        return self.subnet.vpc if self.subnet else self.home

    def add(self, *steps: Step) -> "Position":
        """Return the position after further steps."""
        return replace(self, steps=self.steps + steps)

    def end(self, *steps: Step, delivered: bool = False) -> Way:
        """End the way here."""
        bears = (self.source, self.sender_groups)
        return Way(self.steps + steps, delivered, self.via, self.entrance, *bears)
