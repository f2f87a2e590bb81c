"""Conversations that were seen, and the networks that held then → what all of those say of each.

Rules:
- A conversation is judged by every network that held from its first second to its last, and told
  only if they agree.
- Security groups track connections: what a rule let in goes on when the rule is gone (EC2 guide,
  "Security group connection tracking"). What was seen before, and was not opened anew, is judged by
  the networks of then, too, for as long as a connection may rest and still be tracked.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import pairwise

import numpy as np

from ringwall.detections.conversing import TCP, Asked, Edge, Judged, Mask, Seen, blocker, judged
from ringwall.detections.detection import Context, Row
from ringwall.reach.answers import Blocker
from ringwall.reach.conversations import Standing, Standings
from ringwall.reach.engine import Engine
from ringwall.traffic.columns import Numbers

BLUEPRINT, NETWORK = "the blueprint", "the network"
# Seconds that a connection may rest: five days of TCP by default, three minutes of a stream of UDP,
# and the ten minutes of a window, of which a record may say any second.
WINDOW = 600
RESTS = {TCP: 432_000 + WINDOW}
OTHERS_REST = 180 + WINDOW


class Times:
    """What the networks of all times say of the conversations of rows."""

    def __init__(self, rows: Sequence[Row], context: Context) -> None:
        self.context, self.seen = context, Seen(rows)
        self._each = context.each()
        changes = np.array(context.changes, np.int64)
        self._begun = np.searchsorted(changes, self.seen.first, side="right")
        self._ended = np.searchsorted(changes, self.seen.last, side="right")
        self._asked: dict[int, Asked] = {}

    def forbidden(self) -> Mapping[str, list[Edge]]:
        """Return what each network that held forbids, by what the first of them is called."""
        labels, stopped, _ = self._verdicts
        numbers = [each for each in np.flatnonzero(stopped).tolist() if not self._goes_on(each)]
        found: dict[str, list[Edge]] = {BLUEPRINT: [], NETWORK: []}
        for number, edge in zip(numbers, self.seen.edges(numbers, self.context), strict=True):
            found[BLUEPRINT if labels[number] == 1 else NETWORK].append(edge)
        return found

    def undecided(self) -> Mapping[str, int]:
        """Return how many conversations are undecided, by the reason."""
        return self._verdicts[2]

    def allowed(self) -> Iterator[Edge]:
        """Yield what each network that was meant when it was seen allows."""
        allowed = np.ones(len(self.seen), np.bool_)
        for number, context in enumerate(self._each):
            held = self._held(number)
            engine = context.meant or context.engine
            assert engine is not None
            if held.any():
                allowed[held] &= self._judge(engine, held).are(Standing.ALLOWED)
        return self.seen.edges(np.flatnonzero(allowed).tolist(), self.context)

    def stops(self, edge: Edge, called: str) -> Blocker | None:
        """Return what forbids an edge in the network that held at its first second."""
        then = self.context.at(edge.number("first"))
        engine = then.meant if called == BLUEPRINT else then.engine
        assert engine is not None
        return blocker(self._ask(engine).conversations, self._standing(engine, edge), edge)

    def rejects(self, edge: Edge) -> tuple[str, Blocker | None]:
        """Return what allows an edge, and what rejects it in the network as it was read."""
        then = self.context.at(edge.number("first"))
        called = BLUEPRINT if then.meant is not None else NETWORK
        if then.engine is None or then.engine is (then.meant or then.engine):
            return called, None
        standing = self._standing(then.engine, edge)
        if standing.standing is not Standing.FORBIDDEN:
            return called, None
        return called, blocker(self._ask(then.engine).conversations, standing, edge)

    @cached_property
    def _verdicts(self) -> tuple[Numbers, Mask, Mapping[str, int]]:
        """Return by which stage each is forbidden, which are by all, what is undecided."""
        size = len(self.seen)
        labels, stopped = np.zeros(size, np.int64), np.ones(size, np.bool_)
        decided, counted = np.zeros(size, np.bool_), np.zeros(size, np.bool_)
        doubts: list[tuple[Judged, Mask, Mask]] = []
        for number, context in enumerate(self._each):
            held = self._held(number)
            label, unsure = np.zeros(size, np.int64), np.zeros(size, np.bool_)
            for stage, engine in _stages(context):
                asked = held & (label == 0)
                if not asked.any():
                    continue
                found = self._judge(engine, asked)
                label[asked] = np.where(found.are(Standing.FORBIDDEN), stage, 0)
                unsure[asked] |= found.are(Standing.UNDECIDED)
                doubts.append((found, asked, ~counted))
            stopped &= ~held | (label > 0)
            decided |= held & (label == 0) & ~unsure
            labels = np.where(held & (labels == 0), label, labels)
            counted |= unsure
        undecided: dict[str, int] = {}
        for found, asked, fresh in doubts:
            for why, count in found.whys((fresh & ~decided)[asked]).items():
                undecided[why] = undecided.get(why, 0) + count
        return labels, stopped, undecided

    def _held(self, number: int) -> Mask:
        """Tell which conversations were seen while a network held."""
        return (self._begun <= number) & (number <= self._ended)

    def _judge(self, engine: Engine, chosen: Mask) -> Judged:
        return self._ask(engine).judge(self.seen.only(chosen))

    def _ask(self, engine: Engine) -> Asked:
        found = self._asked.get(id(engine))
        if found is None:
            found = self._asked[id(engine)] = Asked(engine, are_hosts=self.seen.carriers)
        return found

    def _standing(self, engine: Engine, edge: Edge) -> Standings:
        asked, ends = self._ask(engine).conversations, (edge.source, edge.destination)
        return judged(asked, ends, (edge.protocol, edge.port), is_certain=edge.is_certain)

    def _goes_on(self, number: int) -> bool:
        """Tell whether a network that held before lets in what may go on since then."""
        at, networks = number, range(0)
        while at in self._before:
            at = self._before[at]
            networks = range(int(self._begun[at]), int(self._ended[at]) + 1)
            [edge] = self.seen.edges([number], self.context)
            if not all(self._forbids(self._each[each], edge) for each in networks):
                return True
        return False

    def _forbids(self, context: Context, edge: Edge) -> bool:
        return any(
            self._standing(engine, edge).standing is Standing.FORBIDDEN
            for _, engine in _stages(context)
        )

    @cached_property
    def _before(self) -> Mapping[int, int]:
        """Return, of what goes on and is forbidden, where the same was seen before a change."""
        seen, stopped = self.seen, self._verdicts[1]
        going = np.flatnonzero(stopped & (self._begun > 0) & (seen.answers == 0))
        if not len(going):
            return {}
        near = np.ones(len(seen), np.bool_)
        for column in (*(end.low for end in seen.ends), seen.port):
            near &= np.isin(column, column[going])
        same: dict[tuple[int, ...], list[int]] = defaultdict(list)
        for number in np.flatnonzero(near).tolist():
            ends = (int(half[number]) for end in seen.ends for half in (end.high, end.low))
            columns = (seen.family, seen.protocol, seen.port)
            same[*(int(each[number]) for each in columns), *ends].append(number)
        found = {}
        for numbers in same.values():
            numbers.sort(key=lambda each: (int(seen.first[each]), int(seen.last[each])))
            for one, other in pairwise(numbers):
                rest = RESTS.get(int(seen.protocol[other]), OTHERS_REST)
                is_new = seen.answers[other] > 0 or seen.first[other] - seen.last[one] > rest
                if not is_new:
                    found[other] = one
        return found


def _stages(context: Context) -> Iterator[tuple[int, Engine]]:
    """Yield the network that was meant (1), then the one that was read (2)."""
    if context.meant is not None:
        yield 1, context.meant
    if context.engine is not None and context.engine is not context.meant:
        yield 2, context.engine
