"""A question about sets of packets → a judgement over all of its atoms and pairs of placements.

Rules:
- "Must not reach" holds only if every atom is DENY for every pair.
- "Must reach" holds only if every atom is ALLOW for every pair; PARTIAL only where it holds the
  whole ephemeral range of clients (1024-65535).
- UNKNOWN and UNDETERMINED hold nothing; what is not modelled beside the path forbids a proof.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from ringwall.model.graph import Unknown
from ringwall.model.ports import PortSpec
from ringwall.space.intervals import PORTS, IntervalSet
from ringwall.trace import lattice
from ringwall.trace.addresses import Host
from ringwall.trace.atoms import AddressAtom, Atoms, PacketAtom, atoms_of
from ringwall.trace.ends import Kind, Placement
from ringwall.trace.filters import Outcome
from ringwall.trace.network import Network
from ringwall.trace.outcomes import Paths, forward_outcome, return_outcome
from ringwall.trace.packet import EPHEMERAL, TCP, UDP, Packet
from ringwall.trace.path import GroupFilter
from ringwall.trace.public import facing
from ringwall.trace.trace import Trace, Verdict, find_paths, trace, verdict_of

CLIENT_PORT = 49_152  # the first port of IANA's dynamic range: the witness's
WHOLE_EPHEMERAL = IntervalSet.ports(EPHEMERAL)
# From what reaches most to what reaches nothing.
ORDER = (
    Verdict.ALLOW,
    Verdict.PARTIAL,
    Verdict.ONE_WAY,
    Verdict.UNDETERMINED,
    Verdict.UNKNOWN,
    Verdict.DENY,
)


@dataclass(frozen=True, slots=True)
class Case:
    """One atom of one pair with its verdict; `client_ports` is set for PARTIAL."""

    source: Placement
    destination: Placement
    sender: Host
    receiver: Host
    atom: PacketAtom
    verdict: Verdict
    client_ports: IntervalSet | None = None
    unknowns: tuple[Unknown, ...] = ()

    @property
    def reaches(self) -> bool:
        """Tell whether a must-reach accepts it."""
        if self.verdict is Verdict.PARTIAL:
            return self.client_ports is not None and self.client_ports >= WHOLE_EPHEMERAL
        return self.verdict is Verdict.ALLOW


@dataclass(frozen=True, slots=True)
class Judgement:
    """The answer: `atoms` and `pairs` were judged; `case` shows the verdict, `trace` its path.

    `verdict` is the common one, or of a failed question that of the first case that fails it.
    """

    verdict: Verdict
    ok: bool
    atoms: int
    pairs: int
    case: Case | None = None
    trace: Trace | None = None
    unknowns: tuple[Unknown, ...] = ()
    failing: int = 0


def judge(
    network: Network,
    sources: Iterable[Placement] | Unknown,
    destinations: Iterable[Placement] | Unknown,
    *,
    ports: Iterable[PortSpec],
    reachable: bool,
) -> Judgement:
    """Judge whether every source reaches every destination (`reachable`), or none reaches any."""
    missing = tuple(end for end in (sources, destinations) if isinstance(end, Unknown))
    if isinstance(sources, Unknown) or isinstance(destinations, Unknown):
        return Judgement(Verdict.UNKNOWN, False, 0, 0, unknowns=missing)
    pairs = _pairs(tuple(sources), tuple(destinations), reachable=reachable)
    specs = tuple(ports)
    worst: Case | None = None
    shown: Case | None = None
    atoms = failing = 0
    for source, destination in pairs:
        for case in cases(network, source, destination, specs, full=reachable):
            atoms += 1
            shown = shown or case
            holds = case.reaches if reachable else case.verdict is Verdict.DENY
            if not holds:
                failing += 1
                if worst is None or _is_worse(case, worst, reachable=reachable):
                    worst = case
    if shown is None:
        why = "there is no pair of placements with addresses and ports of one family"
        unknown = Unknown("question", why)
        return Judgement(Verdict.UNKNOWN, False, 0, len(pairs), unknowns=(unknown,))
    case = worst or shown
    followed = follow(network, case)
    if worst is not None and case.verdict is not Verdict.DENY and not reachable:
        case = completed(network, case)
    return Judgement(
        verdict=case.verdict,
        ok=worst is None,
        atoms=atoms,
        pairs=len(pairs),
        case=case,
        trace=followed,
        unknowns=tuple(dict.fromkeys((*case.unknowns, *followed.unknowns))),
        failing=failing,
    )


def _is_worse(case: Case, other: Case, *, reachable: bool) -> bool:
    """Show the most definite failure: for a must-not what reaches most, else what reaches least."""
    definite = (Verdict.UNKNOWN, Verdict.UNDETERMINED)
    if (case.verdict in definite) != (other.verdict in definite):
        return other.verdict in definite
    mine, theirs = ORDER.index(case.verdict), ORDER.index(other.verdict)
    return mine > theirs if reachable else mine < theirs


def _pairs(
    sources: tuple[Placement, ...], destinations: tuple[Placement, ...], *, reachable: bool
) -> list[tuple[Placement, Placement]]:
    """Return the pairs to judge.

    What must reach is what a group is placed for: subnets that hold no group, nodes of balancers,
    and endpoints, which start nothing, count only where the name means nothing else.
    """
    if reachable:
        sources = _meant(sources, {Kind.SUBNET, Kind.ENDPOINT, Kind.BALANCER})
        destinations = _meant(destinations, {Kind.SUBNET, Kind.BALANCER})
    pairs = ((s, facing(s, d)) for s in sources for d in destinations)
    return [(s, d) for s, d in pairs if _is_question(s, d)]


def _meant(ends: tuple[Placement, ...], aside: set[Kind]) -> tuple[Placement, ...]:
    return tuple(end for end in ends if end.kind not in aside) or ends


def _is_question(source: Placement, destination: Placement) -> bool:
    """Leave out the question of one interface about itself."""
    return not (source.interface and source.interface == destination.interface)


def cases(
    network: Network,
    source: Placement,
    destination: Placement,
    specs: tuple[PortSpec, ...],
    *,
    full: bool,
) -> Iterator[Case]:
    """Yield every atom of a pair; without `full` a verdict says DENY or not, and no more."""
    atoms = atoms_of(network)
    for sender, receiver in _hosts(atoms, source, destination):
        packets = atoms.of_ports(specs, sender.version)
        paths: Paths | None = None
        replies: dict[Packet, IntervalSet | Outcome] = {}
        for atom in packets:
            if paths is None:
                paths = find_paths(network, source, sender, destination, receiver, replies=full)
            verdict, client_ports = _verdict(network, paths, atom.packet, replies, full=full)
            unknowns = _gaps(network, (source, destination), paths, atom.packet, verdict)
            if unknowns:
                verdict = Verdict.UNKNOWN
            yield Case(source, destination, sender, receiver, atom, verdict, client_ports, unknowns)


def _gaps(
    network: Network,
    ends: tuple[Placement, Placement],
    paths: Paths,
    packet: Packet,
    verdict: Verdict,
) -> tuple[Unknown, ...]:
    """Return what forbids a verdict: anything unread, and for DENY any other way that may exist."""
    if network.unread and verdict in {Verdict.DENY, Verdict.ALLOW}:
        return network.unread
    if verdict is not Verdict.DENY:
        return ()
    beside = network.unknowns_for(ends[0].vpc, ends[1].vpc)
    if beside and _stays_in(network, paths, packet):
        beside = ()
    return (*beside, *lattice.ways(network, *ends, packet))


def _stays_in(network: Network, paths: Paths, packet: Packet) -> bool:
    """Tell whether the sender's own groups drop the packet, so that no other way matters."""
    first = paths[0][0].steps[0]
    if not isinstance(first.filter, GroupFilter) or not first.filter.egress:
        return False
    return first.filter.decide(network, packet).outcome is Outcome.DROP


def _hosts(atoms: Atoms, source: Placement, destination: Placement) -> Iterator[tuple[Host, Host]]:
    for a in atoms.of_addresses(source):
        for b in atoms.of_addresses(destination):
            if a.host.version != b.host.version:
                continue
            yield a.host, _apart(a, b)


def _apart(source: AddressAtom, destination: AddressAtom) -> Host:
    if source.host == destination.host and destination.other is not None:
        return destination.other
    return destination.host


def _verdict(
    network: Network,
    paths: Paths,
    packet: Packet,
    replies: dict[Packet, IntervalSet | Outcome],
    *,
    full: bool,
) -> tuple[Verdict, IntervalSet | None]:
    forward = forward_outcome(network, paths, packet)
    if forward is not Outcome.PASS:
        return verdict_of(forward, Outcome.PASS), None
    if not full:
        return Verdict.ONE_WAY, None
    blind = packet.protocol in {TCP, UDP} and not _heeds_source_port(paths)
    key = replace(packet, port=0) if blind else packet
    if key not in replies:
        replies[key] = _replies(network, paths, packet)
    back = replies[key]
    if isinstance(back, Outcome):
        return verdict_of(forward, back), None
    if not back:
        return Verdict.ONE_WAY, None
    if back >= WHOLE_EPHEMERAL:
        return Verdict.ALLOW, None
    return Verdict.PARTIAL, back


def _heeds_source_port(paths: Paths) -> bool:
    """Tell whether the port that was asked matters to its replies."""
    steps = (step for _, backs in paths for back in backs for step in back.steps)
    return any(step.filter is not None and step.filter.heeds_source_port for step in steps)


def _replies(network: Network, paths: Paths, packet: Packet) -> IntervalSet | Outcome:
    """Return the client ports whose replies come back, or what becomes of all replies."""
    if packet.protocol not in {TCP, UDP}:
        return return_outcome(network, paths, packet)
    admitted = []
    for start, end in atoms_of(network).of_source_ports(packet.protocol):
        back = return_outcome(network, paths, replace(packet, source_port=start))
        if back in {Outcome.UNKNOWN, Outcome.UNDETERMINED} and end > EPHEMERAL[0]:
            return back
        if back is Outcome.PASS:
            admitted.append((start, end))
    return IntervalSet.of(PORTS, admitted)


def completed(network: Network, case: Case) -> Case:
    """Return a case with its full verdict, reply included."""
    paths = find_paths(network, case.source, case.sender, case.destination, case.receiver)
    verdict, ports = _verdict(network, paths, case.atom.packet, {}, full=True)
    undecided = {Verdict.UNKNOWN, Verdict.UNDETERMINED}
    if case.verdict in undecided or verdict in undecided:
        return case  # what arrives is known to arrive, whatever becomes of the reply
    return replace(case, verdict=verdict, client_ports=ports)


def witness_packet(case: Case) -> Packet:
    """Return the packet that shows a case: a client port that is typical of its verdict."""
    packet = case.atom.packet
    if packet.protocol not in {TCP, UDP}:
        return packet
    blocked = WHOLE_EPHEMERAL - case.client_ports if case.client_ports is not None else None
    port = blocked.first() if blocked else CLIENT_PORT
    return replace(packet, source_port=port)


def follow(network: Network, case: Case) -> Trace:
    """Trace the witness of a case."""
    return trace(
        network,
        witness_packet(case),
        case.source,
        case.destination,
        sender=case.sender,
        receiver=case.receiver,
    )


def survey(
    network: Network,
    sources: Iterable[Placement],
    destinations: Iterable[Placement],
    ports: Iterable[PortSpec],
) -> list[Case]:
    """Return every case of a question with its full verdict."""
    specs = tuple(ports)
    ends = tuple(destinations)
    return [
        case
        for source in sources
        for destination in (facing(source, each) for each in ends)
        if _is_question(source, destination)
        for case in cases(network, source, destination, specs, full=True)
    ]
