"""Expectations and a network → one result each: held or not, with what was judged and shown."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ringwall.model.expectation import Expectation
from ringwall.model.graph import Unknown
from ringwall.reach.answers import place, told_document, unknown_documents
from ringwall.reach.engine import Engine
from ringwall.reach.explain import notes
from ringwall.reach.judge import Judgement, judge
from ringwall.reach.relations import Board
from ringwall.reach.verdicts import UNDECIDED


@dataclass(frozen=True, slots=True)
class Result:
    """What became of an expectation."""

    expectation: Expectation
    judgement: Judgement
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        holds = "holds" if self.ok else "does not hold"
        return f"<Result {self.expectation.name!r} {holds}: {self.judgement.verdict.value}>"

    @property
    def ok(self) -> bool:
        """Tell whether it holds."""
        return self.judgement.ok

    @property
    def is_undecided(self) -> bool:
        """Tell whether nothing definite breaks it and nothing proves it."""
        return not self.ok and self.judgement.verdict in UNDECIDED

    def to_dict(self) -> dict[str, Any]:
        """Return its entry of the document `ringwall/check/1`; hops where it does not hold."""
        asked, found = self.expectation, self.judgement
        document: dict[str, Any] = {
            "name": asked.name,
            "ok": found.ok,
            "verdict": found.verdict.value,
            "reachable": asked.reachable,
            "from": list(asked.sources),
            "to": list(asked.destinations),
            "ports": [str(port) for port in asked.ports],
            "why": asked.why,
            "source": place(asked.origin),
            "atoms": found.classes,
            "pairs": found.pairs,
            "failing": found.failing,
            "unknown": unknown_documents(found.unknowns),
            "notes": list(self.notes),
        }
        if found.case is not None and found.case.client_ports is not None:
            document["client_ports"] = found.case.client_ranges()
        if not found.ok:
            document |= told_document(found.told)
            document["hops"] = document["forward"]["hops"]
        elif found.told is not None:
            document["witness"] = found.told.witness()
        return document


def check(engine: Engine, expectations: Iterable[Expectation]) -> list[Result]:
    """Judge every expectation; raises QuestionError for what is no name."""
    board = Board(engine)
    return [_check(board, expectation) for expectation in expectations]


def _check(board: Board, expectation: Expectation) -> Result:
    engine = board.engine
    sources = engine.ends.of_names(expectation.sources)
    destinations = engine.ends.of_names(expectation.destinations)
    judgement = judge(
        engine,
        sources,
        destinations,
        ports=expectation.ports,
        reachable=expectation.reachable,
        board=board,
    )
    said: tuple[str, ...] = ()
    known = not isinstance(sources, Unknown) and not isinstance(destinations, Unknown)
    if known and not expectation.reachable:
        said = notes(engine.network, sources, destinations)  # type: ignore[arg-type]
    return Result(expectation, judgement, said)
