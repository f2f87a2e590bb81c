"""A question about sets of packets → a judgement over all of its classes and pairs of ends.

Rules:
- "Must not reach" holds only if every class is DENY for every pair.
- "Must reach" holds only if every class is ALLOW for every pair; PARTIAL only where it holds the
  whole ephemeral range of clients (1024-65535).
- UNKNOWN and UNDETERMINED hold nothing; what is not modelled beside the path forbids a proof.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ringwall.model.graph import Unknown
from ringwall.model.ports import PortSpec
from ringwall.reach.answers import Case, Pair, Told
from ringwall.reach.blocks import FAMILIES
from ringwall.reach.end import End
from ringwall.reach.ends import Found
from ringwall.reach.engine import Engine
from ringwall.reach.levels import Outcome
from ringwall.reach.packets import WHOLE_EPHEMERAL
from ringwall.reach.relations import Board
from ringwall.reach.telling import tell
from ringwall.reach.verdicts import ORDER, UNDECIDED, Verdict
from ringwall.reach.ways import Kind

MANY = 64  # pairs of ends for which it pays to compute the planes
Asked = dict[int, tuple[tuple[int, int], ...]]  # classes, each with the ports asked of it


@dataclass(frozen=True, slots=True)
class Judgement:
    """The answer: `classes` and `pairs` were judged; `case` shows the verdict, `told` its path.

    `verdict` is the common one, or of a failed question that of the first case that fails it.
    """

    verdict: Verdict
    ok: bool
    classes: int
    pairs: int
    case: Case | None = None
    told: Told | None = None
    unknowns: tuple[Unknown, ...] = ()
    failing: int = 0


def judge(
    engine: Engine,
    sources: Found,
    destinations: Found,
    *,
    ports: Iterable[PortSpec],
    reachable: bool,
    board: Board | None = None,
) -> Judgement:
    """Judge whether every source reaches every destination (`reachable`), or none reaches any.

    With a `board` of the engine's, questions about many pairs are read off its planes.
    """
    if isinstance(sources, Unknown) or isinstance(destinations, Unknown):
        missing = tuple(end for end in (sources, destinations) if isinstance(end, Unknown))
        return Judgement(Verdict.UNKNOWN, False, 0, 0, unknowns=missing)
    couples = _couples(sources, destinations, reachable=reachable)
    asked = _asked(engine, ports)
    tally = _Tally(reachable)
    pairs = engine.pairs if board is None or len(couples) < MANY else board.pairs
    for ends in couples:
        for pair in pairs(*ends):
            tally.add(engine, ends, pair, asked[pair.source.spot.version])
    shown = tally.worst or tally.first
    if shown is None:
        why = "there is no pair of placements with addresses and ports of one family"
        unknown = Unknown("question", why)
        return Judgement(Verdict.UNKNOWN, False, 0, len(couples), unknowns=(unknown,))
    told = tell(engine, shown)
    if tally.worst is not None and not reachable and shown.verdict not in UNDECIDED:
        shown = engine.case(ends=shown.ends, pair=shown.pair, index=shown.index, ports=shown.ports)
        if shown.verdict in UNDECIDED:
            shown = tally.worst  # what arrives is known to arrive, whatever becomes of the reply
    return Judgement(
        verdict=shown.verdict,
        ok=tally.worst is None,
        classes=tally.classes,
        pairs=len(couples),
        case=shown,
        told=told,
        unknowns=tuple(dict.fromkeys((*shown.unknowns, *told.unknowns))),
        failing=tally.failing,
    )


def _asked(engine: Engine, ports: Iterable[PortSpec]) -> dict[int, Asked]:
    """Return the classes that a question is about, by family."""
    specs = tuple(ports)
    return {version: engine.filters.packets.of_specs(specs, version) for version in FAMILIES}


@dataclass(slots=True)
class _Tally:
    """What was judged so far; the most definite failure is kept to be shown."""

    reachable: bool
    classes: int = 0
    failing: int = 0
    first: Case | None = None
    worst: Case | None = None

    def add(self, engine: Engine, ends: tuple[End, End], pair: Pair, asked: Asked) -> None:
        self.classes += len(asked)
        if not asked:
            return
        if self.first is None:
            index, ports = next(iter(asked.items()))
            self.first = engine.case(ends, pair, index, ports, full=self.reachable)
        for index in self._failing(engine, pair, asked):
            self.failing += 1
            case = engine.case(ends, pair, index, asked[index], full=self.reachable)
            if self.worst is None or self._is_worse(case, self.worst):
                self.worst = case

    def _failing(self, engine: Engine, pair: Pair, asked: Asked) -> Iterator[int]:
        if not self.reachable:
            denied = engine.is_denied(pair)
            yield from (index for index in asked if not denied[index])
            return
        if engine.gaps.unread:
            yield from asked
            return
        row = engine.filters.levels.row(pair.forward)
        for index in asked:
            verdict, clients = engine.verdicts.answered(pair.back, index)
            holds = verdict is Verdict.ALLOW or (clients is not None and clients >= WHOLE_EPHEMERAL)
            if not (holds and row[index] == Outcome.PASS):
                yield index

    def _is_worse(self, case: Case, other: Case) -> bool:
        """Show what is definite; of a must-not what reaches most, else what reaches least."""
        if (case.verdict in UNDECIDED) != (other.verdict in UNDECIDED):
            return other.verdict in UNDECIDED
        mine, theirs = ORDER.index(case.verdict), ORDER.index(other.verdict)
        return mine > theirs if self.reachable else mine < theirs


def _couples(
    sources: Sequence[End], destinations: Sequence[End], *, reachable: bool
) -> list[tuple[End, End]]:
    """Return the pairs of ends to judge.

    What must reach is what a group is placed for: subnets that hold no group, nodes of balancers,
    and endpoints, which start nothing, count only where the name means nothing else.
    """
    if reachable:
        sources = _meant(sources, {Kind.SUBNET, Kind.ENDPOINT, Kind.BALANCER})
        destinations = _meant(destinations, {Kind.SUBNET, Kind.BALANCER})
    couples = ((s, d.facing(s)) for s in sources for d in destinations)
    return [(s, d) for s, d in couples if is_question(s, d)]


def _meant(ends: Sequence[End], aside: set[Kind]) -> Sequence[End]:
    return [end for end in ends if end.kind not in aside] or ends


def is_question(source: End, destination: End) -> bool:
    """Leave out the question of one interface about itself."""
    return not (source.interface and source.interface == destination.interface)


def survey(
    engine: Engine, sources: Sequence[End], destinations: Sequence[End], ports: Iterable[PortSpec]
) -> Iterator[Case]:
    """Yield every case of a question with its full verdict."""
    asked = _asked(engine, ports)
    for source in sources:
        for destination in (each.facing(source) for each in destinations):
            if not is_question(source, destination):
                continue
            for pair in engine.pairs(source, destination):
                for index, part in asked[pair.source.spot.version].items():
                    yield engine.case((source, destination), pair, index, part)
