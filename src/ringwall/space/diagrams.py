"""Yes-or-no functions of bytes as decision diagrams; equal functions are one object.

A node asks for the byte of its level and goes on to the child whose run of values holds it; `EMPTY`
and `FULL` answer no and yes.

Rules:
- Levels rise from a node to its children. A level that makes no difference is left out.
- The runs of a node cover 0..255; neighbouring runs have different children.
- Nodes are interned: two nodes that ask the same are the same object, so `is` compares functions.
- A node lives as long as somebody holds it. Results are remembered, up to a bound.
- The tables are shared and have no lock: one thread at a time.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from weakref import ref

LAST = 255  # the last value of a byte
BOTTOM = 1 << 30  # the level of the two answers, below every question
REMEMBERED = 1 << 17  # results per operation; after so many, memory starts afresh


class Node:
    """A question about one byte; `ask` builds it.

    `lasts` holds the last value of each run, ascending, so that it ends with 255; `children` says
    where each run goes.
    """

    __slots__ = ("__weakref__", "children", "lasts", "level")

    level: int
    lasts: bytes
    children: tuple["Node", ...]

    def __init__(self, level: int, lasts: bytes, children: tuple["Node", ...]) -> None:
        self.level = level
        self.lasts = lasts
        self.children = children

    def __reduce__(self) -> str | tuple[object, ...]:
        if self is EMPTY:
            return "EMPTY"
        if self is FULL:
            return "FULL"
        return ask, (self.level, self.lasts, self.children)


EMPTY = Node(BOTTOM, b"", ())
FULL = Node(BOTTOM, b"", ())

Key = tuple[int, bytes, tuple[Node, ...]]


class _Entry(ref[Node]):
    """A weak reference that knows its place in the table of nodes."""

    __slots__ = ("key",)

    key: Key


_nodes: dict[Key, _Entry] = {}


def _forget(entry: ref[Node]) -> None:
    if isinstance(entry, _Entry) and _nodes.get(entry.key) is entry:
        del _nodes[entry.key]


def ask(level: int, lasts: bytes, children: tuple[Node, ...]) -> Node:
    """Return the node of these runs, of which no two neighbours have the same child."""
    if len(children) == 1:
        return children[0]
    key = (level, lasts, children)
    entry = _nodes.get(key)
    if entry is not None:
        known = entry()
        if known is not None:
            return known
    node = Node(level, lasts, children)
    entry = _Entry(node, _forget)
    entry.key = key
    _nodes[key] = entry
    return node


def merged(level: int, runs: Iterable[tuple[int, Node]]) -> Node:
    """Return the node of runs (last value, child), ascending; neighbours may have one child."""
    found = _Runs()
    for last, child in runs:
        found.append(last, child)
    return found.node(level)


def child_at(node: Node, value: int) -> Node:
    """Return where a node goes from one value of its byte."""
    return node.children[bisect_left(node.lasts, value)]


class _Runs:
    """Runs that a node is being made of; neighbours of one child become one."""

    __slots__ = ("children", "lasts")

    def __init__(self) -> None:
        self.lasts = bytearray()
        self.children: list[Node] = []

    def append(self, last: int, child: Node) -> None:
        if self.children and self.children[-1] is child:
            self.lasts[-1] = last
        else:
            self.lasts.append(last)
            self.children.append(child)

    def copy(self, node: Node, start: int, stop: int) -> Node:
        """Take over the runs of a node from start, before stop; return the child at stop."""
        self.append(node.lasts[start], node.children[start])
        self.lasts += node.lasts[start + 1 : stop]
        self.children += node.children[start + 1 : stop]
        return node.children[stop]

    def node(self, level: int) -> Node:
        return ask(level, bytes(self.lasts), tuple(self.children))


@dataclass(frozen=True, slots=True, eq=False)
class Operation:
    """What two answers make together, byte by byte.

    If `a` is `neutral_a`, the result is `b`, and the other way round. If one is absorbing, the
    result is `absorbed`, whatever the other one is. `of_same` makes the result of equal operands.
    """

    neutral_a: Node | None
    neutral_b: Node
    absorbing_a: Node
    absorbing_b: Node
    absorbed: Node
    of_same: Callable[[Node], Node]
    memory: dict[tuple[Node, Node], Node] = field(default_factory=dict)


_MEET = Operation(FULL, FULL, EMPTY, EMPTY, EMPTY, lambda same: same)
_JOIN = Operation(EMPTY, EMPTY, FULL, FULL, FULL, lambda same: same)
_DIFFERENCE = Operation(None, EMPTY, EMPTY, FULL, EMPTY, lambda _: EMPTY)


def meet(a: Node, b: Node) -> Node:
    """Return what holds in both."""
    return _apply(_MEET, a, b)


def join(a: Node, b: Node) -> Node:
    """Return what holds in one of the two at least."""
    return _apply(_JOIN, a, b)


def difference(a: Node, b: Node) -> Node:
    """Return what holds in the first alone."""
    return _apply(_DIFFERENCE, a, b)


def _apply(operation: Operation, a: Node, b: Node) -> Node:
    if a is operation.absorbing_a or b is operation.absorbing_b:
        return operation.absorbed
    if b is operation.neutral_b:
        return a
    if a is operation.neutral_a:
        return b
    if a is b:
        return operation.of_same(a)
    if a is FULL:  # everything but b; the other operations have met FULL above
        return complement(b)
    memory = operation.memory
    found = memory.get((a, b))
    if found is None:
        found = _computed(operation, a, b)
        if len(memory) >= REMEMBERED:
            memory.clear()
        memory[a, b] = found
    return found


def _computed(operation: Operation, a: Node, b: Node) -> Node:
    if a.level == b.level:
        return _aligned(operation, a, b)
    if a.level < b.level:
        below = [_apply(operation, child, b) for child in a.children]
        return merged(a.level, zip(a.lasts, below, strict=True))
    below = [_apply(operation, a, child) for child in b.children]
    return merged(b.level, zip(b.lasts, below, strict=True))


def _aligned(operation: Operation, a: Node, b: Node) -> Node:
    """Combine run by run where both ask for the same byte.

    A long run of one side that is neutral or absorbing takes the other side's runs at once.
    """
    runs = _Runs()
    i = j = 0
    while True:
        child_a, child_b = a.children[i], b.children[j]
        last_a, last_b = a.lasts[i], b.lasts[j]
        last = max(last_a, last_b)
        if last_a < last and child_b is operation.neutral_b:
            start, i = i, bisect_left(a.lasts, last, i)
            child = runs.copy(a, start, i)
        elif last_a < last and child_b is operation.absorbing_b:
            child, i = operation.absorbed, bisect_left(a.lasts, last, i)
        elif last_b < last and child_a is operation.neutral_a:
            start, j = j, bisect_left(b.lasts, last, j)
            child = runs.copy(b, start, j)
        elif last_b < last and child_a is operation.absorbing_a:
            child, j = operation.absorbed, bisect_left(b.lasts, last, j)
        else:
            last = min(last_a, last_b)
            child = _apply(operation, child_a, child_b)
        runs.append(last, child)
        if last == LAST:
            return runs.node(a.level)
        i += a.lasts[i] == last
        j += b.lasts[j] == last


_complements: dict[Node, Node] = {}


def complement(a: Node) -> Node:
    """Return what does not hold."""
    if a is EMPTY:
        return FULL
    if a is FULL:
        return EMPTY
    found = _complements.get(a)
    if found is None:
        found = ask(a.level, a.lasts, tuple(map(complement, a.children)))
        if len(_complements) >= REMEMBERED:
            _complements.clear()
        _complements[a] = found
    return found


@dataclass(frozen=True, slots=True, eq=False)
class Test:
    """Whether some byte leads on in the first and, by the same rule, in the second.

    Nothing is found where the first is EMPTY or the second `hopeless`; something is where the first
    is FULL or the second `certain`, and neither of those holds. `of_same` is the answer to equals.
    """

    hopeless: Node
    certain: Node
    of_same: bool
    memory: dict[tuple[Node, Node], bool] = field(default_factory=dict)


_OVERLAP = Test(EMPTY, FULL, of_same=True)
_EXCESS = Test(FULL, EMPTY, of_same=False)


def overlaps(a: Node, b: Node) -> bool:
    """Tell whether something holds in both."""
    return _exists(_OVERLAP, a, b)


def exceeds(a: Node, b: Node) -> bool:
    """Tell whether something holds in the first and not in the second."""
    return _exists(_EXCESS, a, b)


def _exists(test: Test, a: Node, b: Node) -> bool:
    if a is EMPTY or b is test.hopeless:
        return False
    if a is FULL or b is test.certain:
        return True
    if a is b:
        return test.of_same
    found = test.memory.get((a, b))
    if found is None:
        if a.level < b.level:
            found = any(_exists(test, child, b) for child in a.children)
        elif b.level < a.level:
            found = any(_exists(test, a, child) for child in b.children)
        else:
            found = _exists_aligned(test, a, b)
        if len(test.memory) >= REMEMBERED:
            test.memory.clear()
        test.memory[a, b] = found
    return found


def _exists_aligned(test: Test, a: Node, b: Node) -> bool:
    """Look run by run; over a run of one side where nothing can be found, it is one step."""
    i = j = 0
    while True:
        if a.children[i] is EMPTY:
            last = a.lasts[i]
            j = bisect_left(b.lasts, last, j)
        elif b.children[j] is test.hopeless:
            last = b.lasts[j]
            i = bisect_left(a.lasts, last, i)
        elif _exists(test, a.children[i], b.children[j]):
            return True
        else:
            last = min(a.lasts[i], b.lasts[j])
        if last == LAST:
            return False
        i += a.lasts[i] == last
        j += b.lasts[j] == last
