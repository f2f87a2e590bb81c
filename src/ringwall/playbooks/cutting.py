"""An address outside, a network → the fewest denials at network ACLs that cut every way, proven.

Method: look for a packet that still passes between the block and anything inside, either way; deny
the block at the network ACL that its way meets nearest to the outside; ask again of the changed
network. It ends with a proof over all classes of packets and all ends, or with what stays open.

Rules:
- A denial only ever closes, so that what was closed once is asked again only for the proof.
- The answer is a proof if every pair is DENY both ways. UNKNOWN is none: it is told as open.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from ringwall.model.graph import Address, Node, Unknown
from ringwall.model.ports import ANY
from ringwall.playbooks.entries import NoRoomError, denied
from ringwall.playbooks.measures import Measure
from ringwall.reach.blocks import Block
from ringwall.reach.elements import Acl
from ringwall.reach.end import OUTER, End
from ringwall.reach.engine import Engine
from ringwall.reach.judge import Judgement, judge
from ringwall.reach.verdicts import UNDECIDED
from ringwall.reach.ways import AskAcl
from ringwall.reach.what_if import engine_after


@dataclass(frozen=True, slots=True)
class Open:
    """What still passes: a packet in words, and why nothing stops it."""

    packet: str
    why: str
    is_known: bool = True

    def __str__(self) -> str:
        return f"{self.packet}: {self.why}"


@dataclass(frozen=True, slots=True)
class Cut:
    """Denials of a block: `still` is empty if they are proven to cut every way.

    `before` are the pairs of ends, in words, between which something passed, `open` the same as
    ends; `judged` counts pairs of ends and `classes` what was judged of them. `engine` answers
    about the network afterwards. `full` are network ACLs without room, each with the reason.
    """

    block: Block
    measures: tuple[Measure, ...]
    still: tuple[Open, ...]
    before: tuple[str, ...]
    judged: int
    classes: int
    engine: Engine = field(repr=False, compare=False)
    open: tuple[tuple[End, End], ...] = ()
    full: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_proven(self) -> bool:
        """Tell whether nothing passes any more, as far as all that is known."""
        return not self.still


def cut(engine: Engine, block: Block, *, quota: int) -> Cut:
    """Deny a block outside at network ACLs; a block that is not outside has no way to be cut."""
    made: dict[Address, Node] = {}
    measures: list[Measure] = []
    full: dict[str, str] = {}
    current, tried = engine, set[str]()
    first = asked = _passing(engine, block)
    while met := [acl for found in asked.open for acl in _nearest(current, found, block, tried)]:
        for acl in {acl.key: acl for acl in met}.values():
            tried.add(acl.key)
            try:
                added = denied(acl, block, made, quota)
            except NoRoomError as error:
                full[acl.key] = error.why
                continue
            measures += added
            made |= {(n.type, n.key): n for m in added for n in m.nodes if isinstance(n, Node)}
        current = engine_after(engine, made.values())
        asked = _passing(current, block)
    before = tuple(dict.fromkeys(_names(found) for found in first.open))
    still = tuple(_open(found, full) for found in asked.open)
    ends = tuple(found.case.ends for found in first.open if found.case is not None)
    judged = (asked.pairs, asked.classes)
    return Cut(block, tuple(measures), still, before, *judged, current, ends, full)


def cut_each(engine: Engine, blocks: Iterable[Block], *, quota: int) -> tuple[Cut, ...]:
    """Deny blocks one after the other, each on the network that the one before leaves behind.

    A denial only ever closes, so that what is proven of one holds at the end.
    """
    cuts: list[Cut] = []
    for block in blocks:
        cuts.append(cut(cuts[-1].engine if cuts else engine, block, quota=quota))
    return tuple(cuts)


def passing(engine: Engine, block: Block) -> tuple[tuple[str, ...], tuple[Open, ...]]:
    """Return the ways, in words, on which something of a block passes, and what passes."""
    asked = _passing(engine, block)
    ways = tuple(dict.fromkeys(map(_names, asked.open)))
    return ways, tuple(_open(found, {}) for found in asked.open)


def passing_ends(engine: Engine, block: Block) -> tuple[tuple[End, End], ...]:
    """Return the pairs of ends between which something of a block is known to pass."""
    asked = _passing(engine, block).open
    return tuple(f.case.ends for f in asked if f.case is not None and f.verdict not in UNDECIDED)


def outside(engine: Engine, block: Block) -> tuple[End, ...]:
    """Return the ends outside that a block is, none if it lies inside or nowhere."""
    found = engine.ends.named(str(block))
    if isinstance(found, Unknown):
        return ()
    return tuple(end for end in found if end.kind in OUTER and not end.borne_by)


@dataclass(frozen=True, slots=True)
class _Asked:
    """Judgements of what still passes, of so many pairs of ends and classes of packets."""

    open: tuple[Judgement, ...]
    pairs: int
    classes: int


def _passing(engine: Engine, block: Block) -> _Asked:
    """Judge everything inside with the block, as source and as destination."""
    near = [e for e in _apart(engine.ends.everything()) if _has(e, block.version)]
    couples = [
        couple
        for one in outside(engine, block)
        for two in near
        for couple in ((one, two), (two, one))
    ]
    asked = list(engine.filters.packets.of_specs((ANY,), block.version))
    open_, classes = [], 0
    for source, destination in couples:
        pairs = list(engine.pairs(source, destination))
        classes += len(asked) * len(pairs)
        # What is denied of every class needs no case to show; the rest is judged, and shown.
        if pairs and all(engine.is_denied(pair)[asked].all() for pair in pairs):
            continue
        found = judge(engine, (source,), (destination,), ports=(ANY,), reachable=False)
        if not found.ok:
            open_.append(found)
    return _Asked(tuple(open_), len(couples), classes)


def _has(end: End, version: int) -> bool:
    return any(each.version == version for each in end.blocks)


def _apart(ends: Iterable[End]) -> Iterator[End]:
    """Yield ends that differ in more than their name."""
    seen: set[End] = set()
    for end in ends:
        bare = replace(end, name="")
        if bare not in seen:
            seen.add(bare)
            yield end


def _nearest(engine: Engine, found: Judgement, block: Block, tried: set[str]) -> Iterator[Acl]:
    """Yield the network ACL nearest to the outside on each way of what passes, not tried yet."""
    case = found.case
    if case is None:
        return
    incoming = case.source.kind in OUTER
    names = (case.source.name, case.destination.name)
    for way, _ in engine.ways(case.pair.source, case.pair.destination, names):
        met = [step.ask for step in way.steps if isinstance(step.ask, AskAcl)]
        for ask in met if incoming else reversed(met):
            # Before a translator, or behind one, a packet may not bear the block's address.
            bears = block.holds(ask.spot.version, ask.spot.address)
            if bears and ask.egress is not incoming and ask.acl.key not in tried:
                yield ask.acl
                break


def _names(found: Judgement) -> str:
    case = found.case
    return "" if case is None else f"{case.source.name} to {case.destination.name}"


def _open(found: Judgement, full: Mapping[str, str]) -> Open:
    case = found.case
    packet = "" if case is None else f"{case.source} to {case.destination}, {case.packets}"
    if found.verdict in UNDECIDED:
        why = "; ".join(map(str, found.unknowns)) or "it is not known what becomes of it"
        return Open(packet, why, is_known=False)
    why = "; ".join(f"network ACL {key}: {why}" for key, why in full.items())
    return Open(packet, why or "no network ACL on its way sees the address")
