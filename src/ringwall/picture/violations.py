"""Expectations that do not hold → numbered violations, and the flows that they are."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ringwall.model.graph import Unknown
from ringwall.picture.boxes import NOT_DRAWN
from ringwall.picture.facts import Facts
from ringwall.picture.flows import Flows, Found
from ringwall.picture.reachable import IN_PART
from ringwall.picture.scene import INTERNET, Fault, Flow, FlowKind, Violation
from ringwall.picture.scene import End as Shown
from ringwall.reach.end import OUTER, End
from ringwall.reach.engine import Engine
from ringwall.reach.expectations import Result
from ringwall.reach.ways import Kind

MOST_LINES = 8


class Ends:
    """The ends of questions as those of a map."""

    def __init__(self, engine: Engine, flows: Flows, facts: Facts) -> None:
        self._engine, self._flows, self._facts = engine, flows, facts

    def shown(self, end: End) -> Shown:
        """Return what stands for an end on a map: its box, else its VPC, else its name."""
        if end.kind in OUTER:
            return Shown(end.name)
        number = self.box(end)
        if number != NOT_DRAWN:
            return self._flows.end(number)
        return Shown(end.name, end.vpc)

    def box(self, end: End) -> int:
        """Return the number of the box of an end."""
        boxes = self._flows.reachable.boxes
        return boxes.of_end(end, self._engine.ends.label(end))

    def party(self, names: Iterable[str]) -> "Party":
        """Return what of a map names mean."""
        ends = self._engine.ends.of_names(names)
        if isinstance(ends, Unknown):
            return Party(frozenset(), False)
        shown = map(self.shown, ends)
        keys = frozenset(end.group or end.vpc or end.name for end in shown)
        return Party(keys, any(end.kind is Kind.INTERNET for end in ends))


@dataclass(frozen=True, slots=True)
class Party:
    """Keys of boxes, or names outside; `internet`: addresses of it are among them."""

    keys: frozenset[str]
    internet: bool

    def holds(self, flow: Flow, end: Shown) -> bool:
        """Tell whether an end of a flow is among it, or the flow holds for all of the internet."""
        if (end.group or end.vpc or end.name) in self.keys:
            return True
        if end.vpc or flow.kind is not FlowKind.INTERNET or not self.internet:
            return False
        return INTERNET in self.keys or (end.name == INTERNET and IN_PART not in flow.doubt)


def violations(results: Sequence[Result], ends: Ends) -> Iterator[Violation]:
    """Yield the expectations that do not hold, numbered from 1."""
    failing = [result for result in results if not result.ok]
    for number, result in enumerate(failing, 1):
        asked, found = result.expectation, result.judgement
        fault = Fault.MISSING if asked.reachable else Fault.UNWANTED
        if result.is_undecided:
            fault = Fault.UNDECIDED
        case = found.case
        if case is not None:
            source, target = ends.shown(case.source), ends.shown(case.destination)
            ports = case.packets
        else:
            source, target = Shown(", ".join(asked.sources)), Shown(", ".join(asked.destinations))
            ports = ", ".join(map(str, asked.ports))
        yield Violation(number, asked.name, fault, source, target, ports, tuple(_lines(result)))


def _lines(result: Result) -> Iterator[str]:
    """Yield the explanation: what was asked, what is, and what decides it."""
    asked, found = result.expectation, result.judgement
    verb = "must reach" if asked.reachable else "must not reach"
    ports = ", ".join(map(str, asked.ports))
    yield (
        f"{', '.join(asked.sources)} {verb} {', '.join(asked.destinations)} on {ports}: "
        f"it is {found.verdict.value}"
    )
    if asked.why:
        yield f"why: {asked.why}"
    told = found.told
    if told is not None and not told.blockers:
        hops = [hop for hop in told.forward if hop.kind != "outside"]
        for hop in hops[:MOST_LINES]:
            place = f" [{hop.origin}]" if hop.origin else ""
            yield f"{hop.number}. {hop.kind} {hop.name}: {hop.text}{place}"
    elif told is not None:
        for blocker in told.blockers[:MOST_LINES]:
            way = " (reply)" if blocker.direction == "return" else ""
            place = f" [{blocker.origin}]" if blocker.origin else ""
            yield f"blocked{way} by {blocker.resource}: {blocker.text}{place}"
    for unknown in found.unknowns[:MOST_LINES]:
        yield f"unknown: {unknown}"


def marked(
    found: Iterable[Found],
    pairs: Sequence[tuple[Violation, Result]],
    ends: Ends,
    classes: dict[int, frozenset[int]],
) -> Iterator[Flow]:
    """Yield flows with the numbers of the violations that they are, then those that no flow is.

    `classes` are the classes of packets that each violation's expectation asks about.
    """
    wanted = [
        (
            violation,
            ends.party(result.expectation.sources),
            ends.party(result.expectation.destinations),
        )
        for violation, result in pairs
        if violation.fault is not Fault.MISSING
    ]
    told: set[int] = set()
    for each in found:
        numbers = tuple(
            violation.number
            for violation, sources, targets in wanted
            if sources.holds(each.flow, each.flow.source)
            and targets.holds(each.flow, each.flow.target)
            and each.classes & classes[violation.number]
        )
        told |= set(numbers)
        yield replace(each.flow, violations=numbers) if numbers else each.flow
    for violation, _ in pairs:
        if violation.number not in told and (violation.source.vpc or violation.target.vpc):
            yield Flow(
                violation.source,
                violation.target,
                violation.ports,
                kind_of(violation.source, violation.target),
                {Fault.MISSING: "missing", Fault.UNDECIDED: "unknown", Fault.UNWANTED: ""}[
                    violation.fault
                ],
                (violation.number,),
            )


def kind_of(source: Shown, target: Shown) -> FlowKind:
    """Return between what a flow runs."""
    if source.vpc and target.vpc:
        return FlowKind.INSIDE if source.vpc == target.vpc else FlowKind.ACROSS
    outer = source if not source.vpc else target
    return FlowKind.INTERNET if outer.name == INTERNET else FlowKind.OUTSIDE
