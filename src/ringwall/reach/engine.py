"""The engine: pairs of sites → what becomes of every class of packets between them.

Rules:
- The first packet must pass every hop of its way, the reply every hop of its own.
- A definite drop decides, whatever else on the way is not known; what is not known decides before
  what passes.
"""

from collections.abc import Iterator
from copy import copy
from functools import cached_property

import numpy as np

from ringwall.model.graph import ResourceGraph, Unknown
from ringwall.reach.answers import Case, Pair
from ringwall.reach.cuts import Cuts
from ringwall.reach.edges import Ground
from ringwall.reach.ends import End, Ends, Networks
from ringwall.reach.filters import Filters
from ringwall.reach.gaps import Gaps
from ringwall.reach.levels import Outcome
from ringwall.reach.network import Network
from ringwall.reach.packets import Mask
from ringwall.reach.routing import Routing
from ringwall.reach.verdicts import Verdict, Verdicts
from ringwall.reach.walk import Walker
from ringwall.reach.ways import AskGroups, Site, Way
from ringwall.space.intervals import Interval

Replies = tuple[tuple[Way, tuple[Way, ...]], ...]  # each way forward with its ways back
NO_NAMES = ("", "")


class Engine:
    """Answers about one network; everything is computed when it is first asked.

    `beside` are networks that it is compared with: addresses and packets are cut by their rules
    too, so that the classes of all of them are the same. With `like`, an engine whose network is
    among them, the numbers of level vectors mean the same in both.
    """

    def __init__(
        self,
        graph: ResourceGraph | Network,
        networks: Networks | None = None,
        beside: tuple[Network, ...] = (),
        like: "Engine | None" = None,
    ) -> None:
        self.network = graph if isinstance(graph, Network) else Network(graph)
        self.gaps = Gaps(self.network)
        self.ends = Ends(self.network, networks, beside)
        self.others = beside
        self._like = like
        self._pairs: dict[tuple[Site, Site], Pair] = {}

    def of_changed(self, network: Network, cuts: Cuts, ground: Ground) -> "Engine":
        """Return the engine of a network that differs from this one in filters and routes alone.

        It is cut by `cuts`, and stands on a ground whose filters tell apart what these do.
        """
        other = copy(self)
        for name in ("ground", "walker", "verdicts"):
            other.__dict__.pop(name, None)
        other.network, other.ends = network, self.ends.of_changed(network, cuts)
        other.ground, other._pairs = ground, {}
        return other

    @cached_property
    def ground(self) -> Ground:
        """Return what walks stand on."""
        like = self._like.filters if self._like else None
        return Ground(self.network, Filters(self.network, self.others, like), Routing())

    @property
    def filters(self) -> Filters:
        """Return the network's filters as level vectors."""
        return self.ground.filters

    @cached_property
    def walker(self) -> Walker:
        """Return what walks the network."""
        return Walker(self.ground, self.gaps)

    @cached_property
    def verdicts(self) -> Verdicts:
        """Return the verdicts of level vectors."""
        return Verdicts.of(self.filters.levels, self.filters.packets)

    def ways(self, source: Site, destination: Site, names: tuple[str, str] = NO_NAMES) -> Replies:
        """Return every way between two sites, each with the ways back."""
        return tuple(
            (
                way,
                tuple(self.walker.back(source, destination, way, names)) if way.delivered else (),
            )
            for way in self.walker.forward(source, destination, names)
        )

    def pair(self, source: Site, destination: Site) -> Pair:
        """Return what becomes of packets between two sites and of their replies."""
        if source.spot == destination.spot and destination.other is not None:
            destination = Site(
                destination.kind,
                destination.other,
                destination.subnet,
                destination.groups,
                destination.public,
            )
        return self.walked(source, destination)

    def walked(self, source: Site, destination: Site) -> Pair:
        """Walk from one site to another and back; each pair is walked once."""
        found = self._pairs.get((source, destination))
        if found is None:
            found = self._pairs[source, destination] = self._walk(source, destination)
        return found

    def _walk(self, source: Site, destination: Site) -> Pair:
        levels, walker = self.filters.levels, self.walker
        ways = self.ways(source, destination)
        forward = levels.choice(tuple(walker.level(way) for way, _ in ways))
        back = levels.choice(tuple(walker.level(home) for _, homes in ways for home in homes))
        first = ways[0][0].steps[0]
        own = first.level if isinstance(first.ask, AskGroups) and first.ask.egress else None
        return Pair(source, destination, forward, back, own)

    def pairs(self, source: End, destination: End) -> Iterator[Pair]:
        """Yield the pairs of sites of two ends that are of one family of addresses."""
        for one in self.ends.sites(source):
            for other in self.ends.sites(destination):
                if one.spot.version == other.spot.version:
                    yield self.pair(one, other)

    def beside(self, source: End, destination: End) -> tuple[Unknown, ...]:
        """Return what could carry packets between two ends and is not modelled."""
        return self.gaps.of(source.vpc, destination.vpc)

    def case(
        self,
        ends: tuple[End, End],
        pair: Pair,
        index: int,
        ports: tuple[Interval, ...],
        *,
        full: bool = True,
    ) -> Case:
        """Return the verdict about one class; without `full` DENY, or that something arrives."""
        verdict, clients = self.verdicts.verdict(pair.forward, pair.back, index)
        arrives = int(self.filters.levels.row(pair.forward)[index]) == Outcome.PASS
        if not full and arrives:
            verdict, clients = Verdict.ONE_WAY, None
        unknowns = self._gap(ends, pair, index, verdict)
        if unknowns:
            verdict = Verdict.UNKNOWN
        text = self.filters.packets.classes[index].text(ports or None)
        return Case(ends, pair, index, ports, text, verdict, clients, unknowns)

    def _gap(
        self, ends: tuple[End, End], pair: Pair, index: int, verdict: Verdict
    ) -> tuple[Unknown, ...]:
        """Return what forbids a verdict: anything unread, for DENY any other way there may be."""
        if self.gaps.unread and verdict in {Verdict.DENY, Verdict.ALLOW}:
            return self.gaps.unread
        if verdict is not Verdict.DENY:
            return ()
        beside = self.beside(*ends)
        if beside and pair.own is not None:
            own = int(self.filters.levels.row(pair.own)[index])
            return () if own == Outcome.DROP else beside
        return beside

    def is_denied(self, ends: tuple[End, End], pair: Pair) -> Mask:
        """Return, for each class, whether it is proven that no packet of it arrives."""
        levels = self.filters.levels
        dropped: Mask = levels.row(pair.forward) == Outcome.DROP
        if self.gaps.unread:
            return _none_of(dropped)
        if self.beside(*ends):
            if pair.own is None:
                return _none_of(dropped)
            own: Mask = levels.row(pair.own) == Outcome.DROP
            return dropped & own
        return dropped


def _none_of(mask: Mask) -> Mask:
    return np.zeros_like(mask)
