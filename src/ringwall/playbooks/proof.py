"""A network before and after → what a response breaks: expectations, with counterexamples.

Rules:
- What was meant to hold, and held before, must hold afterwards for everybody but the offender.
- Who must reach something, and is nobody but the offender, is broken off, not spared.
- What did not hold before is no fault of the response; what cannot be decided is told as such.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from ringwall.model.expectation import Expectation
from ringwall.model.graph import Unknown
from ringwall.reach.blocks import Block, block_set
from ringwall.reach.end import OUTER, End
from ringwall.reach.ends import Found
from ringwall.reach.engine import Engine
from ringwall.reach.judge import Judgement, judge
from ringwall.reach.verdicts import UNDECIDED


@dataclass(frozen=True, slots=True)
class Broken:
    """An expectation that held before and does not afterwards; `example` is a packet in words."""

    name: str
    why: str
    example: str
    is_known: bool = True

    def __str__(self) -> str:
        return f"{self.name!r} would break: {self.example}" + (f" ({self.why})" if self.why else "")


def broken(
    before: Engine, after: Engine, expected: Iterable[Expectation], aside: Iterable[Block] = ()
) -> tuple[Broken, ...]:
    """Return the expectations that a change breaks for others than the blocks `aside`."""
    return tuple(_broken(before, after, tuple(expected), tuple(aside)))


def _broken(
    before: Engine, after: Engine, expected: tuple[Expectation, ...], aside: tuple[Block, ...]
) -> Iterator[Broken]:
    for each in expected:
        first = _judged(before, each, ())
        if not first.ok:
            continue
        second = _judged(after, each, aside)
        if second.pairs == 0:  # it is about the offender's addresses alone
            second = _judged(after, each, ())
        if second.ok:
            continue
        undecided = second.verdict in UNDECIDED
        yield Broken(each.name, each.why, _example(second), is_known=not undecided)


def _judged(engine: Engine, each: Expectation, aside: tuple[Block, ...]) -> Judgement:
    sources = _without(engine.ends.of_names(each.sources), aside)
    destinations = _without(engine.ends.of_names(each.destinations), aside)
    return judge(engine, sources, destinations, ports=each.ports, reachable=each.reachable)


def _without(found: Found, aside: tuple[Block, ...]) -> Found:
    if isinstance(found, Unknown):
        return found
    return tuple(end for each in found if (end := _apart(each, aside)) is not None)


def _apart(end: End, aside: tuple[Block, ...]) -> End | None:
    """Return an end outside without some addresses, None if nothing is left of it."""
    if end.kind not in OUTER or not any(b.overlaps(a) for b in end.blocks for a in aside):
        return end
    rest: list[Block] = []
    for version in sorted({each.version for each in end.blocks}):
        own = block_set(version, *(b for b in end.blocks if b.version == version))
        taken = block_set(version, *(a for a in aside if a.version == version))
        rest += [Block(version, start, stop) for start, stop in own - taken]
    return replace(end, blocks=tuple(rest)) if rest else None


def _example(found: Judgement) -> str:
    case = found.case
    if case is None:
        return "; ".join(map(str, found.unknowns)) or "nothing is left to judge"
    return f"{case.source} to {case.destination}, {case.packets} is {found.verdict.value}"
