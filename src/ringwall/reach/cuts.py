"""Blocks that filters, routes and subnets name → addresses that nothing tells apart.

Rules:
- Inside a subnet, addresses between two neighbouring cuts are one class; the addresses of an
  interface that routes lead to are classes of their own.
- Outside, addresses in the same blocks are one class, wherever they lie. The blocks of one prefix
  list count as one where nothing but a default route could come between them.
"""

from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Iterable, Iterator
from copy import copy
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringwall.model.graph import Unknown
from ringwall.reach.blocks import FAMILIES, Block
from ringwall.reach.elements import Acl, Group, RouteTable, TransitTable
from ringwall.reach.filters import Spot
from ringwall.reach.network import Network
from ringwall.reach.targets import may_preserve, target_of

Sample = tuple[Spot, Spot | None, int]  # an address, a second one, and how many there are
RESERVED = 4  # AWS keeps the first four addresses of a subnet and the last (VPC guide)
SMALL = 8


class Cuts:
    """The cuts of a network's addresses, both families."""

    def __init__(self, network: Network, others: Iterable[Network] = ()) -> None:
        networks = (network, *others)
        lists = [named for each in networks for named in _used_lists(each)]
        self.lists = frozenset(name for name, _ in lists)
        self._lists = [blocks for _, blocks in lists]
        self._plain = {block for each in networks for block in _plain_blocks(each)}
        blocks = self._plain.union(*self._lists)
        self.edges = {
            version: sorted({e for b in blocks if b.version == version for e in (b.start, b.end)})
            for version in FAMILIES
        }
        self._owners = self._owners_of(self._plain)
        self._outside: dict[tuple[tuple[Block, ...], str], tuple[Sample, ...]] = {}
        self._nested: dict[int, list[Block]] = {
            version: sorted(
                (b for b in blocks if b.version == version),
                key=_outer_first,
            )
            for version in FAMILIES
        }

    @cached_property
    def _sides(self) -> dict[int, tuple[NDArray[Any], NDArray[Any]]]:
        """Return the starts and the ends of nested blocks."""
        kinds = {4: np.int64, 6: object}  # numbers of 128 bits are Python's own
        return {
            version: (
                np.array([b.start for b in blocks], dtype=kinds[version]),
                np.array([b.end for b in blocks], dtype=kinds[version]),
            )
            for version, blocks in self._nested.items()
        }

    def with_blocks(self, blocks: Iterable[Block]) -> "Cuts":
        """Return the cuts that there are when filters or routes name these blocks too."""
        fresh = set(blocks) - self._plain
        if not fresh:
            return self
        other = copy(self)
        other.__dict__.pop("_sides", None)
        other.edges = {version: list(edges) for version, edges in self.edges.items()}
        other._nested = {version: list(blocks) for version, blocks in self._nested.items()}
        named = set[Block]().union(*self._lists)
        for block in fresh:
            edges = other.edges[block.version]
            for edge in (block.start, block.end):
                at = bisect_left(edges, edge)
                if at == len(edges) or edges[at] != edge:
                    edges.insert(at, edge)
            if block not in named:
                insort(other._nested[block.version], block, key=_outer_first)
        other._plain = self._plain | fresh
        other._owners = other._owners_of(other._plain) if self._lists else {}
        other._outside = {}
        return other

    def _owners_of(self, plain: set[Block]) -> dict[Block, Block]:
        """Return the first block of the one prefix list that alone names a block."""
        firsts: dict[Block, set[Block]] = defaultdict(set)
        for blocks in self._lists:
            for part in blocks:
                firsts[part].add(min(blocks))
        return {
            part: next(iter(found))
            for part, found in firsts.items()
            if len(found) == 1 and part not in plain
        }

    def number(self, spot: Spot) -> int:
        """Return the number of the uncut interval in which an address lies."""
        return bisect_right(self.edges[spot.version], spot.address)

    def split(self, part: Block) -> Iterator[tuple[int, int]]:
        """Cut a block at every edge inside of it."""
        edges = self.edges[part.version]
        inner = edges[bisect_right(edges, part.start) : bisect_left(edges, part.end)]
        yield from pairwise([part.start, *inner, part.end])

    def inside(self, blocks: Iterable[Block]) -> Iterator[Sample]:
        """Yield the classes of addresses of a subnet's, or an interface's, blocks."""
        for part in blocks:
            for start, end in self.split(part):
                first = start + RESERVED if end - start > SMALL else start
                other = Spot(part.version, first + 1) if first + 1 < end else None
                yield Spot(part.version, first), other, end - start

    def outside(self, blocks: tuple[Block, ...], list_name: str = "") -> tuple[Sample, ...]:
        """Return the classes of addresses outside of every subnet."""
        key = (blocks, list_name)
        if key not in self._outside:
            self._outside[key] = tuple(self._classes(blocks, list_name))
        return self._outside[key]

    def _classes(self, blocks: tuple[Block, ...], list_name: str) -> Iterator[Sample]:
        classes: dict[tuple[int, tuple[Block, ...]], list[tuple[int, int]]] = defaultdict(list)
        for part in blocks:
            for (start, end), holders in self._held(part):
                classes[part.version, self._named(holders)].append((start, end))
        lists = frozenset({list_name} - {""})
        for (version, _), intervals in classes.items():
            size = sum(end - start for start, end in intervals)
            start, end = max(intervals, key=lambda i: i[1] - i[0])
            other = Spot(version, start + 1, lists) if end - start > 1 else None
            yield Spot(version, start, lists), other, size

    def _held(self, part: Block) -> Iterator[tuple[tuple[int, int], tuple[Block, ...]]]:
        """Yield each piece of a block with the blocks that hold it, widest first."""
        starts, ends = self._sides[part.version]
        near = np.flatnonzero((starts < part.end) & (ends > part.start)).tolist()
        nested = self._nested[part.version]
        waiting = iter([nested[n] for n in near])
        upcoming = next(waiting, None)
        stack: list[Block] = []
        for start, end in self.split(part):
            while upcoming is not None and upcoming.start <= start:
                stack.append(upcoming)
                upcoming = next(waiting, None)
            stack = [block for block in stack if block.end > start]
            yield (start, end), tuple(stack)

    def _named(self, blocks: tuple[Block, ...]) -> tuple[Block, ...]:
        if any(part.length > 0 and part not in self._owners for part in blocks):
            return blocks
        return tuple(dict.fromkeys(self._owners.get(part, part) for part in blocks))


def _outer_first(block: Block) -> tuple[int, int]:
    return block.start, -block.end


def _plain_blocks(network: Network) -> Iterator[Block]:
    yield from filter_blocks(network.acls.values(), network.groups.values())
    yield from route_blocks(network, network.tables.values(), network.transit_tables.values())
    for subnet in network.subnets.values():
        yield from subnet.blocks
    yield from (block for blocks in network.blocks.values() for block in blocks)
    yield from _targets(network)
    yield from (
        b for p in network.services.policies.values() for rule in p.rules for b in rule.blocks
    )


def _targets(network: Network) -> Iterator[Block]:
    """Yield the addresses of targets that see who asks, and do not answer themselves (F15)."""
    for balancer in network.services.balancers.values():
        for group in (group for listener in balancer.listeners for group in listener.groups):
            if isinstance(group, Unknown) or not may_preserve(balancer, group):
                continue
            for each in group.targets:
                target = target_of(network, group, each)
                if not isinstance(target, Unknown) and target.subnet and not target.balancer:
                    yield target.block


def filter_blocks(acls: Iterable[Acl], groups: Iterable[Group]) -> Iterator[Block]:
    """Yield the blocks that filters name."""
    for acl in acls:
        yield from (e.block for e in acl.entries if isinstance(e.block, Block))
    for group in groups:
        for rule in (*group.ingress, *group.egress):
            if isinstance(rule.peer, Block):
                yield rule.peer


def route_blocks(
    network: Network, tables: Iterable[RouteTable], transit: Iterable[TransitTable]
) -> Iterator[Block]:
    """Yield the blocks that routes name, and those of the interfaces that they lead to.

    The own addresses of an interface are what it does not pass on.
    """
    for table in tables:
        for route in table.routes:
            if route.destination is not None and not route.list_name:
                yield route.destination
        for key in routers(network, table):
            yield from network.interfaces[key].blocks
    for each in transit:
        yield from (route.destination for route in each.routes)


def routers(network: Network, table: RouteTable) -> Iterator[str]:
    """Yield the interfaces that the routes of a table lead to."""
    for route in table.routes:
        if isinstance(route.lead, Unknown):
            continue
        key = route.lead.key
        if route.lead.kind == "instance":
            key = network.first_interfaces.get(key, "")
        if key in network.interfaces:
            yield key


def _used_lists(network: Network) -> Iterator[tuple[str, tuple[Block, ...]]]:
    """Yield the lists that a rule or a route names; no other tells addresses apart."""
    for name in sorted(named_lists(network.groups.values(), network.tables.values())):
        if network.lists.blocks.get(name):
            yield name, network.lists.blocks[name]


def named_lists(groups: Iterable[Group], tables: Iterable[RouteTable]) -> set[str]:
    """Return the names of the prefix lists that rules and routes name."""
    named = {
        str(rule.peer)
        for group in groups
        for rule in (*group.ingress, *group.egress)
        if rule.kind == "list"
    }
    named |= {route.list_name for table in tables for route in table.routes}
    return named - {""}
