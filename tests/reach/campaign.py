"""Questions over drawn networks → tallies, and of a difference a small network that shows it."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from random import Random

from ringwall.model.graph import Address, ResourceGraph
from tests.networks.drawing import draw
from tests.networks.features import Feature
from tests.networks.questions import Question, questions
from tests.reach.oracle import Answer, Oracle, Told
from tests.reach.rows import rows_of

# What is compared: an engine made of a graph answers questions; None where it knows no such end.
Ask = Callable[[Question], Answer | None]
MakeEngine = Callable[[ResourceGraph], Ask]
ROUNDS = 400  # graphs that are tried while a reproduction is made smaller


@dataclass(slots=True)
class Tally:
    """What was asked and answered."""

    asked: int = 0
    without_end: int = 0
    verdicts: Counter[str] = field(default_factory=Counter)
    rows: Counter[str] = field(default_factory=Counter)
    unknowns: Counter[str] = field(default_factory=Counter)
    features: Counter[Feature] = field(default_factory=Counter)

    def share(self, verdict: str) -> float:
        """Return a verdict's share of the answers."""
        return self.verdicts[verdict] / max(1, self.asked)

    def lines(self) -> Iterator[str]:
        """Yield the figures as lines."""
        yield f"{self.asked} answers, {self.without_end} questions without an end"
        for verdict, count in self.verdicts.most_common():
            yield f"  {verdict:<13} {count:>8}  {count / max(1, self.asked):6.1%}"
        yield "decided by row: " + "  ".join(f"{r} {n}" for r, n in sorted(self.rows.items()))


@dataclass(frozen=True, slots=True)
class Difference:
    """Where an engine and the tracer do not agree."""

    seed: int
    question: Question
    expected: Answer
    found: Answer | None

    def __str__(self) -> str:
        return (
            f"seed {self.seed}: {self.question}\n  tracer: {self.expected}\n  engine: {self.found}"
        )


def run(
    seeds: Iterable[int],
    n: int,
    make_engine: MakeEngine | None = None,
    *,
    features: Iterable[Feature] | None = None,
    without: Iterable[Feature] = (),
) -> tuple[Tally, list[Difference]]:
    """Ask `n` questions about each network; without an engine the tracer's answers are counted."""
    tally, differences = Tally(), []
    for seed in seeds:
        drawn = draw(seed, features, without=without)
        tally.features.update(drawn.features)
        oracle = Oracle(drawn.graph)
        ask = make_engine(drawn.graph) if make_engine else None
        for question in questions(drawn.graph, Random(seed), n):
            told = oracle.ask(question)
            if told is None:
                tally.without_end += 1
                continue
            _count(tally, oracle, question, told)
            found = ask(question) if ask else None
            if ask and not agrees(told.answer, found):
                differences.append(Difference(seed, question, told.answer, found))
    return tally, differences


def _count(tally: Tally, oracle: Oracle, question: Question, told: Told) -> None:
    tally.asked += 1
    tally.verdicts[told.answer.verdict] += 1
    tally.rows.update(rows_of(oracle.network, question, told))
    tally.unknowns.update(
        u.why for u in (*told.unknowns, *told.trace.unknowns) if told.answer.verdict == "UNKNOWN"
    )


def agrees(expected: Answer, found: Answer | None) -> bool:
    """Tell whether verdict, client ports and, where one decides, the deciding hop are the same.

    What the engine has no model of it must call UNKNOWN by name; that is less than the tracer may
    know, and agrees with it. Nothing else is forgiven.
    """
    if found is not None and found.verdict == "UNKNOWN" and found.not_modelled:
        return True
    if found is None or (expected.verdict, expected.clients) != (found.verdict, found.clients):
        return False
    return expected.decider is None or expected.decider == found.decider


def shrink(
    difference: Difference,
    make_engine: MakeEngine,
    *,
    features: Iterable[Feature] | None = None,
) -> tuple[ResourceGraph, Difference]:
    """Take nodes away, many and then few at a time, as long as engine and tracer still differ."""
    graph = draw(difference.seed, features).graph
    best = difference
    addresses: list[Address] = list(graph.nodes)
    size, rounds = max(1, len(addresses) // 2), 0
    while size and rounds < ROUNDS:
        at = 0
        while at < len(addresses) and rounds < ROUNDS:
            rounds += 1
            smaller = graph.without(addresses[at : at + size])
            still = _still(smaller, best, make_engine)
            if still is None:
                at += size
            else:
                graph, best = smaller, still
                addresses = list(graph.nodes)
        size //= 2
    return graph, best


def _still(graph: ResourceGraph, was: Difference, make_engine: MakeEngine) -> Difference | None:
    """Return the difference that a smaller graph still shows; its own faults are none."""
    try:
        told = Oracle(graph).ask(was.question)
        found = make_engine(graph)(was.question) if told else None
    except (KeyError, ValueError, AssertionError):
        return None  # the graph has lost what its nodes refer to
    if told is None or agrees(told.answer, found):
        return None
    return Difference(was.seed, was.question, told.answer, found)


def reproduction(graph: ResourceGraph, difference: Difference) -> str:
    """Write a minimal reproduction: the nodes that are left, and both answers."""
    nodes = "\n".join(
        f"  {node}: {dict(node.properties)} {dict(node.observed) or ''}".rstrip() for node in graph
    )
    return f"{difference}\n{len(graph)} nodes show it:\n{nodes}"
