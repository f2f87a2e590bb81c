"""Two ends, a protocol and a port → which interfaces see the packets, with which verdict.

Rules:
- The tracer says what passes. Its steps are read in order; the first drop ends a way.
- Each packet is seen once by the interface it leaves and once by the one it enters; a NAT gateway's
  sees it twice, with the gateway's own address on the side that is not the packet's.
- An interface of a transit gateway bears its own address in `srcaddr` of what it brings in, and in
  `dstaddr` of what it takes out; the packet's ends stand in `pkt-srcaddr` and `pkt-dstaddr` (VPC
  guide, flow log record examples: traffic through a NAT gateway, through a transit gateway).
- A verdict that is not known makes no records.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from ringwall.lab.traffic.estate import Estate
from ringwall.lab.traffic.interfaces import Machine
from ringwall.lab.traffic.outside import Outside
from ringwall.lab.traffic.stations import Vantage, Way
from ringwall.trace.addresses import Block, Host, host
from ringwall.trace.filters import Decision, Outcome, blocks_of_filters
from ringwall.trace.network import Network
from ringwall.trace.outcomes import decisions, forward_outcome, outcome, return_outcome
from ringwall.trace.packet import TCP, UDP, Packet, reply
from ringwall.trace.path import Path, Step
from ringwall.trace.trace import Verdict, find_paths, verdict_of

LAST_PORT = 65_536  # exclusive
CLIENT_PORT = 49_152  # of the traced packet; what hangs on the client's port is undetermined

End = Machine | Outside


@dataclass(frozen=True, slots=True)
class Course:
    """What is seen of a conversation; `vantages` in the order of the packets."""

    number: int
    verdict: Verdict
    vantages: tuple[Vantage, ...]

    @property
    def accepted(self) -> bool:
        """Tell whether the first packet arrives."""
        return self.verdict in {Verdict.ALLOW, Verdict.PARTIAL, Verdict.ONE_WAY}

    @property
    def answered(self) -> bool:
        """Tell whether replies come back."""
        return self.verdict in {Verdict.ALLOW, Verdict.PARTIAL}


@dataclass(slots=True)
class Courses:
    """The courses of a network, each found once."""

    estate: Estate
    known: list[Course] = field(default_factory=list)
    left_out: dict[str, int] = field(default_factory=dict)  # what the tracer does not know
    _memo: dict[object, Course] = field(default_factory=dict)
    _alike: dict[tuple[Verdict, tuple[Vantage, ...]], Course] = field(default_factory=dict)
    _edges: dict[int, list[int]] = field(default_factory=dict)
    _ports: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        network = self.estate.network
        blocks = [*blocks_of_filters(network), *_routed(network)]
        for version in (4, 6):
            cut = {e for b in blocks if b.version == version for e in b.interval}
            self._edges[version] = sorted(cut)
        self._ports = sorted(set(_port_edges(network)))

    def find(
        self,
        source: End,
        destination: End,
        protocol: int,
        port: int,
        *,
        version: int = 4,
        vacant: bool = False,
        stays: bool = False,
    ) -> Course:
        """Return the course of a conversation.

        `vacant`: nobody has the destination's address, so nothing logs there and nothing answers.
        `stays`: the packet leaves the sender and is carried nowhere, as multicast is not.
        """
        key = (
            self._class_of(source, version),
            self._class_of(destination, version),
            protocol,
            bisect_right(self._ports, port) if protocol in {TCP, UDP} else port,
            version,
            vacant,
            stays,
        )
        found = self._memo.get(key)
        if found is None:
            ends = (source, destination)
            found = self._memo[key] = self._trace(ends, protocol, port, version, vacant, stays)
        return found

    def port_classes(self) -> list[tuple[int, int]]:
        """Return the ports of TCP and UDP, 0 left out, as ranges that no filter tells apart.

        Ranges are half-open.
        """
        inner = [edge for edge in self._ports if 1 < edge < LAST_PORT]
        return list(pairwise([1, *inner, LAST_PORT]))

    def made(self, vantages: Sequence[Vantage], verdict: Verdict = Verdict.ALLOW) -> Course:
        """Return a course that nobody traced: what an attack claims to have been seen."""
        return self._course(verdict, tuple(vantages))

    def _class_of(self, end: End, version: int) -> object:
        if isinstance(end, Machine):
            return end.name
        cut = bisect_right(self._edges[version], end.host.address)
        return (cut, end.host.lists, end.placement.name)

    def _course(self, verdict: Verdict, vantages: tuple[Vantage, ...]) -> Course:
        found = self._alike.get((verdict, vantages))
        if found is None:
            found = Course(len(self.known), verdict, vantages)
            self.known.append(found)
            self._alike[verdict, vantages] = found
        return found

    def _trace(
        self,
        ends: tuple[End, End],
        protocol: int,
        port: int,
        version: int,
        vacant: bool,
        stays: bool,
    ) -> Course:
        source, destination = ends
        network = self.estate.network
        sender, receiver = (_host_of(end, version) for end in ends)
        if sender is None or receiver is None:
            return self._unknown(ends, "no address of the family")
        paths = find_paths(
            network, source.placement, sender, destination.placement, receiver, replies=not vacant
        )
        client = CLIENT_PORT if protocol in {TCP, UDP} else 0
        packet = Packet(protocol, port, 0, client)
        there = forward_outcome(network, paths, packet)
        back = Outcome.PASS if vacant else return_outcome(network, paths, packet)
        verdict = verdict_of(there, back)
        path, backs = next(
            (each for each in paths if outcome(network, each[0], packet) is there), paths[0]
        )
        if stays:
            first = Way(self.estate, ends, version, protocol, reply=False, vacant=True)
            first.follow(_departure(network, path, packet))
            verdict = Verdict.DENY if first.dropped else Verdict.ONE_WAY
            return self._course(verdict, tuple(first.seen()))
        if verdict in {Verdict.UNKNOWN, Verdict.UNDETERMINED}:
            return self._unknown(ends, str(verdict))
        translator = path.via.nat
        if path.via.middleboxes or (translator and translator not in self.estate.nats):
            return self._unknown(ends, "through an appliance, or a regional NAT gateway")
        way = Way(self.estate, ends, version, protocol, reply=False, vacant=vacant)
        way.follow(decisions(network, path, packet))
        vantages = list(way.seen())
        answer = reply(packet)
        if not way.dropped and answer is not None and backs and not vacant:
            chosen = next((b for b in backs if outcome(network, b, answer) is back), backs[0])
            home = Way(self.estate, ends, version, protocol, reply=True, nat=way.nat)
            home.follow(decisions(network, chosen, answer))
            vantages += home.seen()
        if vacant and verdict is Verdict.ALLOW:
            verdict = Verdict.ONE_WAY
        return self._course(verdict, tuple(vantages))

    def _unknown(self, ends: tuple[End, End], why: str) -> Course:
        name = " -> ".join(e.group if isinstance(e, Machine) else e.placement.name for e in ends)
        text = f"{name}: {why}"
        self.left_out[text] = self.left_out.get(text, 0) + 1
        return self._course(Verdict.UNKNOWN, ())


def _host_of(end: End, version: int) -> Host | None:
    if isinstance(end, Machine):
        text = end.interface.address(version)
        return host(text) if text else None
    return end.host if end.host.version == version else None


def _departure(network: Network, path: Path, packet: Packet) -> Iterator[tuple[Step, Decision]]:
    """Yield what is decided before a packet leaves its subnet."""
    for step, decision in decisions(network, path, packet):
        if step.kind not in {"security-group", "network-acl"}:
            return
        yield step, decision


def _routed(network: Network) -> Iterator[Block]:
    for table in network.tables.values():
        yield from (r.destination for r in table.routes if r.destination is not None)
    for transit in network.transit_tables.values():
        yield from (r.destination for r in transit.routes)


def _port_edges(network: Network) -> Iterator[int]:
    for group in network.groups.values():
        for rule in (*group.ingress, *group.egress):
            yield from (rule.low, rule.high + 1)
    for acl in network.acls.values():
        for entry in acl.entries:
            if entry.ports is not None:
                yield from (entry.ports[0], entry.ports[1] + 1)
