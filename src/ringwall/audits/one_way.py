"""Requests that arrive and whose replies do not: the first such packet of each pair of names.

Pairs inside are looked at a row at a time; only those with a packet to tell are walked.
"""

from collections.abc import Iterator
from functools import cache

import numpy as np

from ringwall.reach.answers import Pair, Told
from ringwall.reach.end import End
from ringwall.reach.places import Ints
from ringwall.reach.relations import CODE, Board, Codes, Kind, unpacked
from ringwall.reach.telling import tell
from ringwall.reach.verdicts import Verdict
from ringwall.reach.ways import Site

UNANSWERED = (CODE[Verdict.ONE_WAY], CODE[Verdict.PARTIAL])

Firsts = tuple[tuple[int, int], ...]  # verdicts, each with the first class that has it


def unanswered(board: Board) -> Iterator[Told]:
    """Yield one packet for each pair of names and verdict that is ONE_WAY or PARTIAL."""
    engine = board.engine
    inside, internet = list(engine.ends.everything()), engine.ends.internet
    rows = _Rows(board, inside)
    seen: set[tuple[str, str, int]] = set()

    @cache
    def firsts(kind: Kind) -> Firsts:
        return _firsts(board.codes(kind))

    def told(source: End, destination: End, pair: Pair) -> Iterator[Told]:
        for code, index in firsts(board.kind(pair)):
            key = (engine.ends.label(source), engine.ends.label(destination), code)
            if key not in seen:
                seen.add(key)
                yield tell(engine, engine.case((source, destination), pair, index, ()))

    for source in inside:
        for destination, pair in rows.of(source):
            yield from told(source, destination, pair)
        for pair in engine.pairs(source, internet):
            yield from told(source, internet, pair)
    for destination in inside:
        for pair in engine.pairs(internet, destination):
            yield from told(internet, destination, pair)


def _firsts(row: Codes) -> Firsts:
    return tuple((code, int(np.argmax(row == code))) for code in UNANSWERED if code in row)


class _Rows:
    """The pairs of ends inside that have a packet to tell, by their sources."""

    def __init__(self, board: Board, ends: list[End]) -> None:
        self.board, self.ends = board, ends
        engine = board.engine
        labels: dict[str, int] = {}
        self._label: Ints = np.array(
            [labels.setdefault(engine.ends.label(end), len(labels)) for end in ends], dtype=np.int32
        )
        # The sites of all ends in order, by family: of which end each is, and its number.
        self._sites: dict[int, list[tuple[int, Site]]] = {version: [] for version in board.planes}
        for at, end in enumerate(ends):
            for site in engine.ends.sites(end):
                self._sites[site.spot.version].append((at, site))
        self._columns = {
            version: np.array([(at, self._number(site)) for at, site in sites], dtype=np.int32).T
            for version, sites in self._sites.items()
        }
        self._open: dict[tuple[int, int], Ints | None] = {}

    def _number(self, site: Site) -> int:
        number = self.board.planes[site.spot.version].number(site)
        assert number is not None
        return number

    def of(self, source: End) -> Iterator[tuple[End, Pair]]:
        """Yield destinations with the first pair of each kind that each name has, in order."""
        found: list[tuple[int, int, int, Site, Site]] = []
        for order, one in enumerate(self.board.engine.ends.sites(source)):
            for position in self._told(one):
                at, other = self._sites[one.spot.version][position]
                found.append((at, order, position, one, other))
        for at, _, _, one, other in sorted(found, key=lambda each: each[:3]):
            yield self.ends[at], self.board.engine.pair(one, other)

    def _told(self, one: Site) -> list[int]:
        """Return the places in `_sites` at which a name has its first pair of a kind."""
        key = (one.spot.version, self._number(one))
        if key not in self._open:
            self._open[key] = self._unanswered(*key)
        kinds = self._open[key]
        if kinds is None:
            return []
        at, numbers = self._columns[one.spot.version]
        here = np.flatnonzero(kinds[numbers])
        names = np.stack([self._label[at[here]], kinds[numbers][here]])
        _, first = np.unique(names, axis=1, return_index=True)
        return sorted(here[first].tolist())

    def _unanswered(self, version: int, number: int) -> Ints | None:
        """Return which kind of unanswered pair each site is, 0 for none; None if all are none."""
        line = self.board.planes[version].row(number)
        kinds, inverse = np.unique(self.board.packed(line), return_inverse=True)
        codes = [self.board.codes(unpacked(version, int(kind))) for kind in kinds]
        is_open = [bool(np.isin(UNANSWERED, row).any()) for row in codes]
        if not any(is_open):
            return None
        return np.where(is_open, np.arange(1, len(kinds) + 1), 0).astype(np.int32)[inverse]
