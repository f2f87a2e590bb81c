"""A network that was judged, and changed nodes → the exact difference, in milliseconds.

Rules:
- The answer is the one that `difference` gives of the network and the changed one.
- A rule of a group touches pairs of what bears the group. A route, an entry of an ACL or an
  association touches pairs of what is in its VPC, unless packets of others pass through it.
- What counts behind a load balancer, or an endpoint service, touches packets to its nodes, too.
- What cannot be done so is done by building both networks anew; `rebuilt` says so.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringwall.model.collector import uncollected
from ringwall.model.graph import Address, Node, ResourceGraph
from ringwall.reach.blocks import FAMILIES
from ringwall.reach.changing import (
    Changed,
    change,
    led_by_table,
    led_by_transit,
    passed_through,
)
from ringwall.reach.cuts import Cuts, filter_blocks, named_lists, route_blocks, routers
from ringwall.reach.derived import DerivedPlane, UnforeseenError
from ringwall.reach.difference import compare
from ringwall.reach.differing import Changed as Row
from ringwall.reach.differing import Difference
from ringwall.reach.edges import Ground
from ringwall.reach.elements import RouteTable
from ringwall.reach.engine import Engine
from ringwall.reach.matching import Match, match_sites
from ringwall.reach.network import Network
from ringwall.reach.packets import Mask
from ringwall.reach.places import Ints
from ringwall.reach.relations import Board
from ringwall.reach.relaying import leans_on
from ringwall.reach.values import Change
from ringwall.reach.ways import Kind


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What changes would do: `difference`, and an engine of the changed network."""

    difference: Difference
    engine: Engine
    rebuilt: bool

    def __repr__(self) -> str:
        return f"<WhatIf: {len(self.appears)} appear, {len(self.disappears)} disappear>"

    def __bool__(self) -> bool:
        return bool(self.difference)

    @property
    def appears(self) -> tuple[Row, ...]:
        """Return what becomes possible."""
        return self.difference.appearing

    @property
    def disappears(self) -> tuple[Row, ...]:
        """Return what becomes impossible."""
        return self.difference.disappearing

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON document `ringwall/diff/1`."""
        return self.difference.to_dict()


class Basis:
    """A network of which it is asked what changes would do; what that needs is computed once."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.board = Board(engine)
        for plane in self.board.planes.values():
            _ = plane.woven, plane.egress, plane.ingress
            plane.relaying.prepare()
            _ = plane.opens
            _ = plane.segments, plane.fabric.private, plane.places.out
            _ = plane.referring("", egress=False), plane.sets_with(""), plane.numbers_of_sets
        _ = self._passed, self._routers, self._odd, self._blocks, self._leaning
        _ = engine.network.interfaces_of
        for end in (engine.ends.internet, engine.ends.outside):
            _ = engine.ends.sites(end)

    @uncollected()
    def what_if(self, changes: Iterable[Node | Address]) -> WhatIf:
        """Return what becomes possible and impossible by changes.

        A node is added, or takes the place of its namesake; an address (type, key) is taken away.
        Raises KeyError for an address that is not there.
        """
        graph, made = _changed_graph(self.engine.network.graph, changes)
        found = self._in_place(graph, made)
        return found if found is not None else self._anew(graph)

    def _anew(self, graph: ResourceGraph) -> WhatIf:
        old, new = self.engine.network, Network(graph.settled())
        networks, others = self.engine.ends.networks, self.engine.others
        first = Engine(old, networks, beside=(new, *others))
        second = Engine(new, networks, beside=(old, *others), like=first)
        return WhatIf(compare(Board(first), Board(second)), second, rebuilt=True)

    @cached_property
    def _passed(self) -> frozenset[str]:
        return passed_through(self.engine.network)

    @cached_property
    def _routers(self) -> frozenset[str]:
        network = self.engine.network
        tables = network.tables.values()
        return frozenset(key for table in tables for key in routers(network, table))

    @cached_property
    def _blocks(self) -> dict[int, tuple[NDArray[Any], NDArray[Any], list[str]]]:
        """Return the blocks of subnets by family: starts, ends, and whose they are."""
        found: dict[int, tuple[NDArray[Any], NDArray[Any], list[str]]] = {}
        for version in FAMILIES:
            own = [
                (block, key)
                for key, subnet in self.engine.network.subnets.items()
                for block in subnet.blocks
                if block.version == version
            ]
            kind = np.int64 if version == 4 else object  # numbers of 128 bits are Python's own
            found[version] = (
                np.array([block.start for block, _ in own], dtype=kind),
                np.array([block.end for block, _ in own], dtype=kind),
                [key for _, key in own],
            )
        return found

    @cached_property
    def _odd(self) -> frozenset[str]:
        """Return subnets in which interfaces have addresses that are not the subnet's."""
        return frozenset(
            site.subnet.key
            for plane in self.board.planes.values()
            for site in plane.sites
            if site.kind is Kind.INTERFACE
            and site.subnet is not None
            and not any(b.holds(site.spot.version, site.spot.address) for b in site.subnet.blocks)
        )

    @cached_property
    def _leaning(self) -> dict[int, list[tuple[int, frozenset[str]]]]:
        """Return by family the sites that packets go on behind, and what counts there."""
        return {
            version: [
                (number, leans_on(self.engine, plane.sites[number]))
                for number in np.flatnonzero(plane.relaying.mask).tolist()
            ]
            for version, plane in self.board.planes.items()
        }

    def _in_place(self, graph: ResourceGraph, made: Sequence[Change]) -> WhatIf | None:
        found = _renewed(self.engine, graph, made)
        if found is None:
            return None
        changed, new = found
        self._pass_boxes(changed)
        if changed.vpcs & (self._passed | set(_newly_passed(changed))):
            return None
        fresh = changed.subnets | self._cut_anew(new.ends.cuts)
        try:
            return self._derived(changed, new, fresh)
        except UnforeseenError:
            return None

    def _pass_boxes(self, changed: Changed) -> None:
        """Add the VPCs of middleboxes that bear a group whose rules changed."""
        network, groups = changed.network, {key for key, _ in changed.groups}
        passed = self._routers.union(
            *(routers(network, network.tables[key]) for key in changed.tables)
        )
        for key in passed if groups else ():
            box = network.interfaces[key]
            if groups & set(box.groups):
                changed.vpcs.add(box.subnet.vpc)

    def _cut_anew(self, cuts: Cuts) -> set[str]:
        """Return the subnets that are cut where they were not."""
        found: set[str] = set()
        for version in FAMILIES:
            known = self.engine.ends.cuts.edges[version]
            if len(cuts.edges[version]) == len(known):
                continue
            edges = set(cuts.edges[version]) - set(known)
            found |= self._odd
            starts, ends, keys = self._blocks[version]
            for edge in edges:
                found |= {keys[n] for n in np.flatnonzero((starts < edge) & (ends > edge)).tolist()}
        return found

    def _derived(self, changed: Changed, new: Engine, fresh: set[str]) -> WhatIf:
        engine = self.engine
        filters = engine.filters.of_like(new.filters)
        here = Ground(engine.network, filters, engine.ground.routing)
        old = engine.of_changed(engine.network, new.ends.cuts, here)
        first, second = {}, {}
        touched = changed.vpcs.union(key for key, _ in changed.groups)
        for version, plane in self.board.planes.items():
            first[version] = DerivedPlane(plane, old, fresh)
            leaning = [n for n, keys in self._leaning[version] if not touched.isdisjoint(keys)]
            second[version] = DerivedPlane(
                plane, new, fresh, changed.acls, changed.groups, changed.vpcs, leaning
            )
        asked = _Touched(first, second, changed.vpcs)
        found = compare(Board(old, first), Board(new, second), asked)
        return WhatIf(found, new, rebuilt=False)


def engine_after(engine: Engine, changes: Iterable[Node | Address]) -> Engine:
    """Return an engine of the changed network, for questions about single pairs of ends.

    Raises KeyError for an address that is not there.
    """
    graph, made = _changed_graph(engine.network.graph, changes)
    found = _renewed(engine, graph, made)
    if found is not None:
        return found[1]
    return Engine(graph.settled(), engine.ends.networks, engine.others)


def _renewed(
    engine: Engine, graph: ResourceGraph, made: Sequence[Change]
) -> tuple[Changed, Engine] | None:
    """Change a network and its engine in place, None if they are to be made anew."""
    changed = change(engine.network, graph, made)
    if changed is None:
        return None
    network, cuts = changed.network, engine.ends.cuts
    groups = [network.groups[key] for key, _ in changed.groups]
    tables = [network.tables[key] for key in changed.tables]
    known = network.lists.blocks.keys() - cuts.lists
    if named_lists(groups, tables) & known:
        return None  # a prefix list that told no addresses apart so far
    acls = [network.acls[key] for key in changed.acls]
    transit = [network.transit_tables[key] for key in changed.transit]
    blocks = {*filter_blocks(acls, groups), *route_blocks(network, tables, transit)}
    filters = engine.filters.of_changed(network, changed.acls, changed.groups)
    routing = engine.ground.routing.without(changed.tables, changed.transit)
    ground = Ground(network, filters, routing)
    return changed, engine.of_changed(network, cuts.with_blocks(blocks), ground)


def what_if(engine: Engine, changes: Iterable[Node | Address]) -> WhatIf:
    """Return what changes would do to a network, asked once; `Basis` is for many questions."""
    return Basis(engine).what_if(changes)


def _changed_graph(
    graph: ResourceGraph, changes: Iterable[Node | Address]
) -> tuple[ResourceGraph, list[Change]]:
    added: dict[Address, Node | None] = {}
    for each in changes:
        if isinstance(each, Node):
            added[each.type, each.key] = each
        else:
            added[each] = None
    made: list[Change] = []
    for address, after in added.items():
        before = graph.get(address)
        if before is None and after is None:
            raise KeyError(address)
        if before != after:
            made.append((before, after))
    return graph.changed(added), made


def _newly_passed(changed: Changed) -> Iterator[str]:
    for key in changed.subnets:
        subnet = changed.network.subnets[key]
        if isinstance(subnet.table, RouteTable) and subnet.table.vpc != subnet.vpc:
            yield subnet.vpc
    for key in changed.tables:
        yield from led_by_table(changed.network, key)
    for key in changed.transit:
        yield from led_by_transit(changed.network, key)


class _Touched:
    """The pairs of sites that changes touch."""

    def __init__(
        self, old: dict[int, DerivedPlane], new: dict[int, DerivedPlane], vpcs: set[str]
    ) -> None:
        self._old, self._new, self._vpcs = old, new, vpcs

    def match(self, version: int) -> Match:
        """Match the sites of subnets that are made again; the others are the same."""
        if version not in self._old:
            return match_sites((), ())
        old, new = self._old[version], self._new[version]
        kept = old.moved >= 0
        common = [[plane.moved[kept]] for plane in (old, new)]
        alone: list[list[Ints]] = [[], []]
        for key in old.order:
            starts = [plane.start_of(key) for plane in (old, new)]
            made = match_sites(old.sites_of(key), new.sites_of(key))
            for side, start in enumerate(starts):
                common[side].append(made.common[side] + start)
                alone[side].append(made.alone[side] + start)
        before, after = (np.concatenate(each).astype(np.int32) for each in common)
        order = np.argsort(before)
        rest = [np.concatenate([np.zeros(0, dtype=np.int32), *each]) for each in alone]
        return Match(
            (before[order], after[order]), (rest[0].astype(np.int32), rest[1].astype(np.int32))
        )

    def asked(self, version: int, match: Match) -> tuple[Mask, Mask]:
        """Return the sites in the VPCs, and those that bear the groups, that changes touch."""
        if version not in self._new:
            return np.zeros(0, dtype=bool), np.zeros(0, dtype=bool)
        plane = self._new[version]
        numbers = [plane.places.vpcs[vpc] for vpc in self._vpcs if vpc in plane.places.vpcs]
        inside = np.isin(plane.vpc, numbers)
        found = [
            inside | np.isin(plane.set_of, plane.changed_sets(egress=egress))
            for egress in (True, False)
        ]
        found[1][plane.leaning] = True
        return found[0][match.common[1]], found[1][match.common[1]]
