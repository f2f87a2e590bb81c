"""Sets of whole numbers of several bytes ↔ decision diagrams over those bytes.

Rule: a dimension is the levels of its bytes, ascending, the most significant byte first; no level
of another dimension lies between them.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from ringwall.space.diagrams import EMPTY, FULL, LAST, Node, child_at, merged
from ringwall.space.intervals import Interval, IntervalSet

BASE = LAST + 1

Levels = tuple[int, ...]


def of_intervals(levels: Levels, intervals: Sequence[Interval], inside: Node) -> Node:
    """Return the diagram that goes on to `inside` from the members of canonical intervals.

    `inside` asks below the levels; from every other number the answer is no.
    """
    if not intervals:
        return EMPTY
    unit = BASE ** (len(levels) - 1)
    if intervals[0] == (0, unit * BASE):
        return inside
    whole, parts = _by_first_byte(intervals, unit)
    runs = [(last, first, inside) for first, last in whole]
    runs += [(b, b, of_intervals(levels[1:], part, inside)) for b, part in parts.items()]
    return merged(levels[0], _without_gaps(sorted(runs, key=lambda run: run[0])))


def _by_first_byte(
    intervals: Sequence[Interval], unit: int
) -> tuple[list[Interval], dict[int, list[Interval]]]:
    """Return the runs (first, last) of bytes that are wholly inside, and the parts of others."""
    whole: list[Interval] = []
    parts: dict[int, list[Interval]] = defaultdict(list)
    for start, end in intervals:
        (first, low), (last, high) = divmod(start, unit), divmod(end, unit)
        if first == last:
            parts[first].append((low, high))
            continue
        if low:
            parts[first].append((low, unit))
            first += 1
        if first < last:
            whole.append((first, last - 1))
        if high:
            parts[last].append((0, high))
    return whole, parts


def _without_gaps(runs: Iterable[tuple[int, int, Node]]) -> Iterator[tuple[int, Node]]:
    at = 0
    for last, first, child in runs:
        if at < first:
            yield first - 1, EMPTY
        yield last, child
        at = last + 1
    if at <= LAST:
        yield LAST, EMPTY


def pieces(levels: Levels, node: Node) -> Iterator[tuple[int, int, Node]]:
    """Yield (start, end, what follows) of every run of numbers that leads on, ascending."""
    start = end = 0
    below = EMPTY
    for low, high, child in _runs(levels, node, 0):
        if child is below and low == end:
            end = high
            continue
        if below is not EMPTY:
            yield start, end, below
        start, end, below = low, high, child
    if below is not EMPTY:
        yield start, end, below


def _runs(levels: Levels, node: Node, offset: int) -> Iterator[tuple[int, int, Node]]:
    if node is EMPTY:
        return
    if not levels or node.level > levels[-1]:
        yield offset, offset + BASE ** len(levels), node
        return
    unit = BASE ** (len(levels) - 1)
    lasts, children = (node.lasts, node.children) if node.level == levels[0] else ((LAST,), (node,))
    first = 0
    for last, child in zip(lasts, children, strict=True):
        if child.level > levels[-1]:
            yield from _wide(offset + first * unit, offset + (last + 1) * unit, child)
        else:
            for byte in range(first, last + 1):
                yield from _runs(levels[1:], child, offset + byte * unit)
        first = last + 1


def _wide(start: int, end: int, child: Node) -> Iterator[tuple[int, int, Node]]:
    if child is not EMPTY:
        yield start, end, child


def grouped(levels: Levels, node: Node) -> list[tuple[IntervalSet, Node]]:
    """Return what follows, each with all numbers that lead there, by the first of them."""
    found: dict[Node, list[Interval]] = {}
    for start, end, child in pieces(levels, node):
        found.setdefault(child, []).append((start, end))
    size = BASE ** len(levels)
    return [(IntervalSet.of(size, intervals), child) for child, intervals in found.items()]


def follow(levels: Levels, node: Node, number: int) -> Node:
    """Return what follows one number."""
    for level, byte in zip(levels, number.to_bytes(len(levels), "big"), strict=True):
        if node.level == level:
            node = child_at(node, byte)
    return node


def first_of(levels: Levels, node: Node, preferred: Iterable[int] = ()) -> tuple[int, Node]:
    """Return a number that leads on, and what follows: a preferred one if it does, else the lowest.

    Raises ValueError if the answer is no everywhere.
    """
    if node is EMPTY:
        msg = "an empty set has no member"
        raise ValueError(msg)
    for number in preferred:
        below = follow(levels, node, number)
        if below is not EMPTY:
            return number, below
    number = 0
    for level in levels:
        byte = 0
        if node.level == level:
            run = next(n for n, child in enumerate(node.children) if child is not EMPTY)
            byte, node = (node.lasts[run - 1] + 1 if run else 0), node.children[run]
        number = number * BASE + byte
    return number, node


def count(levels: Levels, node: Node) -> int:
    """Return how many combinations of all these bytes get the answer yes; nothing else is asked."""
    place = {level: at for at, level in enumerate(levels)}
    known: dict[Node, int] = {EMPTY: 0, FULL: 1}

    def of(below: Node, at: int) -> int:
        """Count the bytes from place `at` on, some of which are left out before `below`."""
        here = place.get(below.level, len(levels))
        if below not in known:
            total, first = 0, 0
            for last, child in zip(below.lasts, below.children, strict=True):
                total += (last + 1 - first) * of(child, here + 1)
                first = last + 1
            known[below] = total
        skipped: int = BASE ** (here - at)
        return known[below] * skipped

    return of(node, 0)
