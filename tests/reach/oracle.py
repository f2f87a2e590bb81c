"""The tracer as the judge: a question with addresses → its answer, with the hop that decides."""

from dataclasses import dataclass, replace
from ipaddress import ip_address

from ringwall.model.graph import ResourceGraph, Unknown
from ringwall.space.intervals import IntervalSet
from ringwall.trace.addresses import Host
from ringwall.trace.codes import LOOP
from ringwall.trace.judge import CLIENT_PORT, WHOLE_EPHEMERAL, _gaps, _verdict
from ringwall.trace.network import Network
from ringwall.trace.packet import TCP, UDP, Packet
from ringwall.trace.placements import Kind, Placement, placements
from ringwall.trace.trace import Hop, Trace, Verdict, find_paths, trace
from tests.networks.ends import End
from tests.networks.questions import Question

Ports = tuple[tuple[int, int], ...]  # inclusive
OUTER = {Kind.INTERNET, Kind.OUTSIDE, Kind.SERVICE}


@dataclass(frozen=True, slots=True)
class Decider:
    """The hop that decides: its kind, whose it is, the rule, and on which way."""

    kind: str
    id: str
    rule: str
    direction: str  # forward, return


@dataclass(frozen=True, slots=True)
class Answer:
    """What any engine answers: `clients` are the client ports of a PARTIAL, in order."""

    verdict: str
    clients: Ports = ()
    decider: Decider | None = None
    not_modelled: bool = False  # an engine's: something on or beside the way has no model yet

    def __str__(self) -> str:
        ports = ",".join(f"{a}-{b}" for a, b in self.clients)
        return f"{self.verdict} {ports} {self.decider or ''}".strip()


@dataclass(frozen=True, slots=True)
class Told:
    """An answer of the tracer with the trace behind it."""

    answer: Answer
    trace: Trace
    unknowns: tuple[Unknown, ...]

    @property
    def hops(self) -> tuple[Hop, ...]:
        return (*self.trace.forward, *self.trace.back)

    @property
    def decisive(self) -> Hop | None:
        return next((hop for hop in self.hops if hop.decisive), None)


class Oracle:
    """Answers about one network, one packet at a time."""

    def __init__(self, graph: ResourceGraph) -> None:
        self.network = Network(graph)
        self._named: dict[str, tuple[Placement, ...]] = {}

    def ask(self, question: Question) -> Told | None:
        """Answer; None where the tracer has no end that stands for the question's."""
        source = self._end(question.source, question.sender)
        destination = self._end(question.destination, question.receiver)
        if source is None or destination is None:
            return None
        network = self.network
        sender, receiver = _host(question.sender, source), _host(question.receiver, destination)
        packet = Packet(question.protocol, question.port, question.code)
        paths = find_paths(network, source, sender, destination, receiver)
        verdict, clients = _verdict(network, paths, packet, {}, full=True)
        unknowns = _gaps(network, (source, destination), paths, packet, verdict)
        if packet.protocol in {TCP, UDP}:
            packet = replace(packet, source_port=_client(clients))
        told = trace(network, packet, source, destination, sender=sender, receiver=receiver)
        # What is not modelled beside the path forbids a verdict: no hop decides then.
        final = Verdict.UNKNOWN if unknowns else verdict
        decider = None if unknowns else _decider(told)
        return Told(Answer(final.value, _ports(clients), decider), told, unknowns)

    def _end(self, end: End, address: str) -> Placement | None:
        """Return the placement that a question's end means: by name, address and interface.

        A live interface that differs in nothing from its group's placement is asked by the group.
        """
        found = self._named.get(end.name)
        if found is None:
            named = placements(self.network, end.name)
            found = self._named[end.name] = () if isinstance(named, Unknown) else named
        value = ip_address(address)
        host = Host(value.version, int(value))
        for each in found:
            inside = (each.subnet.key if each.subnet else "") == end.subnet
            if inside and each.interface == end.interface and any(host in b for b in each.blocks):
                return each
        if end.interface and end.groups:
            return self._end(replace(end, name=end.groups[0], interface=""), address)
        return None


def _host(address: str, place: Placement) -> Host:
    value = ip_address(address)
    return Host(value.version, int(value), frozenset({place.list_name} - {""}))


def _client(clients: IntervalSet | None) -> int:
    """Return a client port that shows the verdict: of a PARTIAL one that gets no reply."""
    blocked = WHOLE_EPHEMERAL - clients if clients is not None else None
    return blocked.first() if blocked else CLIENT_PORT


def _decider(told: Trace) -> Decider | None:
    for direction, hops in (("forward", told.forward), ("return", told.back)):
        for hop in hops:
            if hop.decisive and hop.code == LOOP:
                return None  # of the ways in which AWS may lead it in circles, any may be shown
            if hop.decisive:
                return Decider(hop.kind, hop.id, hop.rule, direction)
    return None


def _ports(clients: IntervalSet | None) -> Ports:
    return () if clients is None else tuple((a, b - 1) for a, b in clients)
