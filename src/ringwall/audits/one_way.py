"""Requests that arrive and whose replies do not: the first such packet of each pair of names."""

from collections.abc import Iterator

import numpy as np

from ringwall.reach.answers import Told
from ringwall.reach.end import End
from ringwall.reach.relations import CODE, Board, Codes, Kind
from ringwall.reach.telling import tell
from ringwall.reach.verdicts import Verdict

UNANSWERED = (CODE[Verdict.ONE_WAY], CODE[Verdict.PARTIAL])


def unanswered(board: Board) -> Iterator[Told]:
    """Yield one packet for each pair of names and verdict that is ONE_WAY or PARTIAL."""
    engine = board.engine
    ends = [*engine.ends.everything(), engine.ends.internet]
    seen: set[tuple[str, str, int]] = set()
    codes: dict[Kind, tuple[int, ...]] = {}
    for source, destination in _couples(ends):
        for pair in engine.pairs(source, destination):
            kind = board.kind(pair)
            if kind not in codes:
                row = board.codes(kind)
                codes[kind] = tuple(_first(row, code) for code in UNANSWERED)
            for code, index in zip(UNANSWERED, codes[kind], strict=True):
                key = (engine.ends.label(source), engine.ends.label(destination), code)
                if index >= 0 and key not in seen:
                    seen.add(key)
                    yield tell(engine, engine.case((source, destination), pair, index, ()))


def _first(row: Codes, code: int) -> int:
    """Return the first class with a verdict, -1 if none has it."""
    return int(np.argmax(row == code)) if code in row else -1


def _couples(ends: list[End]) -> Iterator[tuple[End, End]]:
    for source in ends:
        for destination in ends:
            if source.subnet is not None or destination.subnet is not None:
                yield source, destination
