"""What is told of one packet and its reply: the hops of both ways, the blockers, the unknowns."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ringwall.model.graph import Node, Origin, Unknown
from ringwall.reach.end import End
from ringwall.reach.filters import Spot
from ringwall.reach.levels import Outcome
from ringwall.reach.packets import TCP, UDP, Packet
from ringwall.reach.verdicts import Verdict
from ringwall.reach.ways import Site
from ringwall.space.intervals import Interval, IntervalSet


@dataclass(frozen=True, slots=True)
class Pair:
    """Two sites: the level vectors of first packets and of replies.

    `beside` is the vector of what may pass beside every way that is walked.
    """

    source: Site
    destination: Site
    forward: int
    back: int
    beside: int


@dataclass(frozen=True, slots=True)
class Hop:
    """One place on a way."""

    number: int
    kind: str
    id: str
    name: str
    outcome: Outcome
    rule: str
    text: str
    origin: Origin | None = None
    code: str = ""
    decisive: bool = False
    node: Node | None = field(default=None, compare=False)  # the rule, entry or route

    def to_dict(self) -> dict[str, Any]:
        """Return its document."""
        return {
            "n": self.number,
            "kind": self.kind,
            "id": self.id,
            "name": self.name,
            "verdict": self.outcome.word,
            "rule": {"id": self.rule, "text": self.text},
            "source": place(self.origin),
            "aws_code": self.code or None,
            "decisive": self.decisive,
        }


@dataclass(frozen=True, slots=True)
class Filter:
    """Which filter stops a packet: the key of its group or ACL; `block` holds the other end."""

    name: str
    egress: bool
    block: str


@dataclass(frozen=True, slots=True)
class Blocker:
    """What stops a packet; `direction` is forward or return."""

    code: str
    resource: str
    rule: str
    text: str
    origin: Origin | None = None
    direction: str = "forward"
    filter: Filter | None = field(default=None, compare=False)

    def to_dict(self) -> dict[str, Any]:
        """Return its document."""
        return {
            "code": self.code,
            "resource": self.resource,
            "rule": self.rule,
            "source": place(self.origin),
            "text": self.text,
            "direction": self.direction,
        }


@dataclass(frozen=True, slots=True)
class Case:
    """One class of packets between two sites, with its verdict.

    `ports` are those of the class that the question asks about; `client_ports` is set for PARTIAL.
    """

    ends: tuple[End, End]
    pair: Pair
    index: int
    ports: tuple[Interval, ...]
    packets: str
    verdict: Verdict
    client_ports: IntervalSet | None = None
    unknowns: tuple[Unknown, ...] = ()

    @property
    def source(self) -> End:
        """Return where the packets come from."""
        return self.ends[0]

    @property
    def destination(self) -> End:
        """Return where the packets are to go."""
        return self.ends[1]

    @property
    def sender(self) -> Spot:
        """Return the address that stands for the source's."""
        return self.pair.source.spot

    @property
    def receiver(self) -> Spot:
        """Return the address that stands for the destination's."""
        return self.pair.destination.spot

    def client_ranges(self) -> list[str]:
        """Return the client ports of a PARTIAL verdict as inclusive ranges."""
        return ranges(self.client_ports) if self.client_ports is not None else []


@dataclass(frozen=True, slots=True)
class Told:
    """One packet followed from end to end and back."""

    verdict: Verdict
    packet: Packet
    case: Case
    forward: tuple[Hop, ...]
    back: tuple[Hop, ...]
    replies: bool
    blockers: tuple[Blocker, ...] = ()
    unknowns: tuple[Unknown, ...] = field(default=())

    def witness(self) -> dict[str, Any]:
        """Return the packet and its ends."""
        packet, case = self.packet, self.case
        found: dict[str, Any] = {
            "from": str(case.source),
            "to": str(case.destination),
            "source_address": str(case.sender),
            "destination_address": str(case.receiver),
            "protocol": packet.protocol,
            "packet": str(packet),
        }
        if packet.protocol in {TCP, UDP}:
            found |= {"port": packet.port, "source_port": packet.source_port}
        return found | {"atom": case.packets}


@dataclass(frozen=True, slots=True)
class Remedy:
    """One change, of one or several parts, that was verified to bring the verdict about."""

    parts: tuple[str, ...]
    verdict: Verdict
    origin: Origin | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return its document."""
        return {
            "parts": list(self.parts),
            "verdict": self.verdict.value,
            "source": place(self.origin),
        }


def told_document(told: Told | None) -> dict[str, Any]:
    """Return the hops of both ways, the blockers and the witness."""
    if told is None:
        return {"forward": {"hops": []}, "return": {"hops": []}, "blockers": [], "witness": None}
    return {
        "forward": {"hops": [hop.to_dict() for hop in told.forward]},
        "return": {"hops": [hop.to_dict() for hop in told.back]},
        "blockers": [blocker.to_dict() for blocker in told.blockers],
        "witness": told.witness(),
    }


def place(origin: Origin | None) -> dict[str, Any] | None:
    """Return the document of a place in a source file."""
    if origin is None:
        return None
    return origin.to_dict()


def ranges(ports: IntervalSet) -> list[str]:
    """Write ports as inclusive ranges."""
    return [str(a) if b - a == 1 else f"{a}-{b - 1}" for a, b in ports]


def unknown_documents(unknowns: tuple[Unknown, ...]) -> list[Mapping[str, str]]:
    """Return the documents of what is unknown."""
    return [{"what": u.what, "why": u.why} for u in unknowns]
