"""Who can reach X, what X can reach: relations → rows of names, verdicts and ports."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from ringwall.model.graph import Unknown
from ringwall.model.ports import ANY, PortSpec
from ringwall.reach.answers import unknown_documents
from ringwall.reach.engine import Engine
from ringwall.reach.packets import PacketClasses
from ringwall.reach.relations import CODE, Board, Relation, Relations
from ringwall.reach.verdicts import ORDER, Verdict
from ringwall.space.intervals import PORTS, Interval, IntervalSet

SCHEMA = "ringwall/reach/1"


@dataclass(frozen=True, slots=True)
class Reached:
    """One row: these ports of `destination` are reached from `source` with this verdict.

    `everywhere`: from every placement of the source to every one of the destination.
    """

    source: str
    destination: str
    verdict: Verdict
    ports: tuple[str, ...]
    everywhere: bool

    def to_dict(self) -> dict[str, Any]:
        """Return its document."""
        return {
            "from": self.source,
            "to": self.destination,
            "verdict": self.verdict.value,
            "ports": list(self.ports),
            "everywhere": self.everywhere,
        }


@dataclass(frozen=True, slots=True)
class Exposure:
    """The answer: rows in order of names; `judged` counts pairs of sites."""

    question: str
    rows: tuple[Reached, ...]
    judged: int
    unknowns: tuple[Unknown, ...] = ()
    assumed: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"<Exposure {self.question}: {len(self.rows)} rows>"

    @property
    def is_undecided(self) -> bool:
        """Tell whether something may be reached of which nothing is known."""
        return bool(self.unknowns) or any(row.verdict is Verdict.UNKNOWN for row in self.rows)

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON document `ringwall/reach/1`."""
        return {
            "schema": SCHEMA,
            "question": self.question,
            "rows": [row.to_dict() for row in self.rows],
            "judged": self.judged,
            "unknown": unknown_documents(self.unknowns),
            "assumed_absent": list(self.assumed),
        }


def who_reaches(board: Board, name: str, ports: Iterable[PortSpec] = (ANY,)) -> Exposure:
    """Return who reaches a name, from inside and outside; raises QuestionError for no name."""
    return _exposure(board, name, tuple(ports), incoming=True)


def reached_from(board: Board, name: str, ports: Iterable[PortSpec] = (ANY,)) -> Exposure:
    """Return what a name reaches; from `internet` this is the exposed surface."""
    return _exposure(board, name, tuple(ports), incoming=False)


def _exposure(board: Board, name: str, ports: tuple[PortSpec, ...], *, incoming: bool) -> Exposure:
    ends = board.engine.ends.named(name)
    question = f"{'who reaches' if incoming else 'what is reached from'} {name}"
    if isinstance(ends, Unknown):
        return Exposure(question, (), 0, (ends,))
    relations = board.to(ends) if incoming else board.of(ends)
    rows = tuple(sorted_rows(board, relations, ports))
    judged = sum(relation.total() for relation in relations.values())
    unread = board.engine.gaps.unread
    return Exposure(question, rows, judged, unread, board.engine.assumed)


def sorted_rows(
    board: Board, relations: Relations, ports: tuple[PortSpec, ...]
) -> Iterator[Reached]:
    """Yield the rows of relations, those of one pair from what reaches most to least."""
    for (source, destination), relation in sorted(relations.items()):
        for verdict, classes, everywhere in _by_verdict(board, relation, ports):
            texts = tuple(port_texts(board.engine, classes))
            yield Reached(source, destination, verdict, texts, everywhere)


Asked = dict[int, tuple[Interval, ...]]


def _by_verdict(
    board: Board, relation: Relation, ports: tuple[PortSpec, ...]
) -> Iterator[tuple[Verdict, Asked, bool]]:
    """Yield each verdict but DENY with its classes of packets, and whether all pairs have it."""
    packets = board.engine.filters.packets
    by_verdict: dict[int, dict[int, int]] = {}
    asked: Asked = {}
    for version in {kind.version for kind in relation}:
        asked |= packets.of_specs(ports, version)
    for kind, count in relation.items():
        codes = board.codes(kind)
        for index in packets.of_specs(ports, kind.version):
            found = by_verdict.setdefault(int(codes[index]), {})
            found[index] = found.get(index, 0) + count
    total = relation.total()
    for code, counts in sorted(by_verdict.items()):
        if code != CODE[Verdict.DENY]:
            classes = {index: asked[index] for index in sorted(counts)}
            yield ORDER[code], classes, all(n == total for n in counts.values())


def port_texts(engine: Engine, classes: Asked) -> Iterator[str]:
    """Yield classes of packets as people write them: `tcp/443`, `udp`, `icmp type 8 code 0`."""
    packets = engine.filters.packets
    if len(classes) == len(packets) and not _is_cut(packets, classes):
        yield "any"
        return
    by_protocol: dict[int, list[int]] = {}
    for index in classes:
        by_protocol.setdefault(packets.classes[index].protocol, []).append(index)
    for protocol, indices in by_protocol.items():
        whole = len(indices) == len(packets.indices(protocol))
        yield from _of_protocol(packets, {i: classes[i] for i in indices}, whole=whole)


def _is_cut(packets: PacketClasses, classes: Asked) -> bool:
    return any(ports != packets.classes[index].ports for index, ports in classes.items())


def _of_protocol(packets: PacketClasses, classes: Asked, *, whole: bool) -> Iterator[str]:
    first = packets.classes[next(iter(classes))]
    if first.ports:
        merged = IntervalSet.of(PORTS, (part for ports in classes.values() for part in ports))
        yield first.text(()).removesuffix("/") if merged.is_full else first.text(merged)
    elif whole:
        is_rest = next(iter(classes)) == len(packets) - 1  # all that no filter names
        yield "other protocols" if is_rest else str(first.first).split(" type ")[0]
    else:
        yield from (packets.classes[index].text() for index in classes)
