"""The steps of a path: what routing did, and where filters are asked."""

from dataclasses import dataclass, field, replace
from typing import ClassVar, Protocol

from ringwall.model.graph import Node, Unknown
from ringwall.trace.addresses import Host
from ringwall.trace.elements import Acl, Subnet
from ringwall.trace.filters import Decision, Outcome, Remote, decide_acl, decide_groups
from ringwall.trace.network import Network
from ringwall.trace.packet import EPHEMERAL, ICMP, ICMPV6, TCP, UDP, Packet


@dataclass(frozen=True, slots=True)
class GroupFilter:
    """Ask the security groups of an interface."""

    heeds_source_port: ClassVar[bool] = False
    groups: tuple[str, ...]
    remote: Remote
    egress: bool

    def decide(self, network: Network, packet: Packet) -> Decision:
        """Decide about the first packet of a connection."""
        return decide_groups(network, self.groups, self.remote, packet, egress=self.egress)


@dataclass(frozen=True, slots=True)
class AclFilter:
    """Ask a network ACL; `port_of_nat`: the destination port is one that a NAT gateway chose."""

    heeds_source_port: ClassVar[bool] = False
    acl: Acl
    remote: Host
    egress: bool
    port_of_nat: bool = False

    def decide(self, network: Network, packet: Packet) -> Decision:
        """Decide about one packet.

        R11: a NAT gateway uses source ports 1024-65535 (VPC guide, NAT gateway basics). Which of
        them it takes nobody can say, so replies to it must pass on all of them.
        """
        if not self.port_of_nat or packet.protocol not in {TCP, UDP}:
            return self._ask(network, packet)
        edges = {
            edge
            for entry in self.acl.entries
            if entry.ports is not None
            for edge in (entry.ports[0], entry.ports[1] + 1)
        }
        low, high = EPHEMERAL
        starts = [low, *sorted(edge for edge in edges if low < edge <= high)]
        answers = [self._ask(network, replace(packet, port=start)) for start in starts]
        outcomes = {answer.outcome for answer in answers}
        if outcomes in ({Outcome.PASS}, {Outcome.DROP}):
            return answers[0]
        blocked = next(a for a in answers if a.outcome is not Outcome.PASS)
        text = f"depends on the port that the NAT gateway chooses: {blocked.text}"
        return replace(blocked, outcome=Outcome.UNDETERMINED, text=text)

    def _ask(self, network: Network, packet: Packet) -> Decision:
        key = (
            "acl",
            self.acl.key,
            self.remote,
            self.egress,
            packet.protocol,
            packet.port,
            packet.code,
        )
        found = network.memo.get(key)
        if found is None:
            found = decide_acl(self.acl, self.remote, packet, egress=self.egress)
            network.memo[key] = found
        return found


@dataclass(frozen=True, slots=True)
class NatFilter:
    """R11: a NAT gateway "supports the following protocols: TCP, UDP, and ICMP" (VPC guide)."""

    heeds_source_port: ClassVar[bool] = False
    gateway: Node
    code: str

    def decide(self, network: Network, packet: Packet) -> Decision:
        """Pass TCP, UDP and ICMP."""
        del network
        if packet.protocol == ICMPV6:
            unknown = Unknown(f"{self.gateway}", "how ICMPv6 becomes ICMP is not modelled")
            return Decision(Outcome.UNKNOWN, "", str(unknown), self.gateway, unknown)
        if packet.protocol in {TCP, UDP, ICMP}:
            text = "source becomes the gateway's address"
            return Decision(Outcome.PASS, "", text, self.gateway)
        return Decision(
            Outcome.DROP, "", "a NAT gateway passes TCP, UDP and ICMP alone", self.gateway
        )


class Filter(Protocol):
    """What a packet asks at a step; `heeds_source_port`: its answer hangs on the source port."""

    heeds_source_port: ClassVar[bool]

    def decide(self, network: Network, packet: Packet) -> Decision:
        """Decide about one packet."""


@dataclass(frozen=True, slots=True)
class Step:
    """One place on a path; with a `filter` the packet decides, else `outcome` stands.

    `name` is what people call it, `rule` the route or entry that decided.
    """

    kind: str
    name: str
    text: str
    outcome: Outcome = Outcome.PASS
    rule: str = ""
    code: str = ""
    node: Node | None = None
    rule_node: Node | None = None
    filter: Filter | None = None
    unknown: Unknown | None = None


@dataclass(frozen=True, slots=True)
class Via:
    """What a path crossed that its reply depends on."""

    nat: str = ""
    bears: Host | None = None  # the address that it gave the packet
    internet_gateway: str = ""  # the VPC whose gateway was crossed
    egress_only: str = ""  # the VPC whose egress-only gateway was crossed
    service_endpoint: str = ""
    crossed: str = ""  # what a security group's reference has to cross
    # Attachments in appliance mode, and the subnets chosen behind them.
    subnets: tuple[tuple[str, str], ...] = ()
    middleboxes: tuple[str, ...] = ()  # interfaces and endpoints that were passed, in order


@dataclass(frozen=True, slots=True)
class Path:
    """A way from one end to the other; `delivered` if routing leads to the end.

    Paths of one `entrance` are AWS's choices; among entrances the outside chooses.
    """

    steps: tuple[Step, ...]
    delivered: bool
    via: Via = field(default_factory=Via)
    entrance: str = ""  # of what comes from on-premises: which way in it took
    source: Host | None = None  # the address that the packet bears at the end
    sender_groups: frozenset[str] = frozenset()  # whose references match there


@dataclass(frozen=True, slots=True)
class Goal:
    """Where a path is to end: inside at a subnet, or outside (`subnet` None)."""

    name: str
    host: Host
    subnet: Subnet | None = None
    groups: tuple[str, ...] | None = None  # None: no interface with groups is asked (a stop-over)
    public: bool = False
    kind: str = ""
    list_name: str = ""

    @property
    def is_stop_over(self) -> bool:
        """Tell whether a reply is to be translated there, and to go on."""
        return self.kind in {"nat-gateway", "nat-instance"}


@dataclass(frozen=True, slots=True)
class Position:
    """Where a packet is: in a subnet (or outside), bearing a source address."""

    steps: tuple[Step, ...]
    source: Host
    goal: Goal
    subnet: Subnet | None
    sender_groups: frozenset[str]
    sender_public: bool
    is_reply: bool = False
    via: Via = field(default_factory=Via)
    visited: frozenset[str] = frozenset()
    answers: Via | None = None  # of a reply: what the packet that it answers crossed
    entrance: str = ""
    after_nat: bool = False  # of a reply: it was translated back
    turns: frozenset[tuple[object, ...]] = frozenset()  # where AWS chose, of what
    doubted: frozenset[str] = frozenset()  # groups that the sender may or may not stand for

    def add(self, *steps: Step) -> "Position":
        """Return the position after further steps."""
        return replace(self, steps=self.steps + steps)

    def end(self, *steps: Step, delivered: bool = False) -> Path:
        """End the path here."""
        return Path(
            self.steps + steps,
            delivered,
            self.via,
            self.entrance,
            self.source,
            self.sender_groups,
        )
