"""The engine: pairs of sites → what becomes of every class of packets between them.

Rules:
- The first packet must pass every hop of its way, the reply every hop of its own.
- A definite drop decides, whatever else on the way is not known; what is not known decides before
  what passes.
"""

from collections.abc import Iterator
from copy import copy
from dataclasses import replace
from functools import cached_property

import numpy as np

from ringwall.model.collector import uncollected
from ringwall.model.graph import ResourceGraph, Unknown
from ringwall.reach.answers import Case, Pair
from ringwall.reach.beside import Beside
from ringwall.reach.cuts import Cuts
from ringwall.reach.edges import Ground
from ringwall.reach.end import End
from ringwall.reach.ends import Ends, Networks
from ringwall.reach.filters import Filters
from ringwall.reach.gaps import Gaps
from ringwall.reach.levels import DROP_ALL, UNKNOWN_ALL, Outcome
from ringwall.reach.network import Network
from ringwall.reach.packets import Mask
from ringwall.reach.relays import Relay, relayed
from ringwall.reach.routing import Routing
from ringwall.reach.verdicts import Verdict, Verdicts
from ringwall.reach.walk import Walker
from ringwall.reach.ways import AskGroups, Client, Site, Step, Way
from ringwall.space.intervals import Interval

Replies = tuple[tuple[Way, tuple[Way, ...]], ...]  # each way forward with its ways back
NO_NAMES = ("", "")


class Engine:
    """Answers about one network; everything is computed when it is first asked.

    `beside` are networks that it is compared with: addresses and packets are cut by their rules
    too, so that the classes of all of them are the same. With `like`, an engine whose network is
    among them, the numbers of level vectors mean the same in both.
    """

    @uncollected()
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
        self._relays: dict[tuple[Site, Client], Relay] = {}

    @property
    def assumed(self) -> tuple[str, ...]:
        """Return the types of which the asker says there is none, and nothing was read."""
        return self.network.graph.assumed

    def of_changed(self, network: Network, cuts: Cuts, ground: Ground) -> "Engine":
        """Return the engine of a network that differs from this one in filters and routes alone.

        It is cut by `cuts`, and stands on a ground whose filters tell apart what these do.
        """
        other = copy(self)
        for name in ("ground", "walker", "verdicts", "beside"):
            other.__dict__.pop(name, None)
        other.network, other.ends = network, self.ends.of_changed(network, cuts)
        other.ground, other._pairs, other._relays = ground, {}, {}
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
        return Walker(self.ground)

    @cached_property
    def beside(self) -> Beside:
        """Return what may pass beside the ways."""
        return Beside(self.filters, self.gaps)

    @cached_property
    def verdicts(self) -> Verdicts:
        """Return the verdicts of level vectors."""
        return Verdicts.of(self.filters.levels, self.filters.packets)

    def ways(self, source: Site, destination: Site, names: tuple[str, str] = NO_NAMES) -> Replies:
        """Return every way between two sites, each with the ways back."""
        found = []
        for way in self.walker.forward(source, destination, names):
            back = self.walker.back(source, destination, way, names) if way.delivered else ()
            found.append((way, tuple(back)))
        return self.beyond(destination, tuple(found))

    def beyond(self, destination: Site, ways: Replies) -> Replies:
        """Add to ways what lies behind their end, where packets go on there."""
        if destination.borne_by:
            return tuple((_into_public(destination, way), homes) for way, homes in ways)
        return tuple(relayed(self, destination, way, homes) for way, homes in ways)

    def relay(self, destination: Site, client: Client) -> Relay:
        """Return what lies behind a balancer's node, or an endpoint of a service."""
        found = self._relays.get((destination, client))
        if found is None:
            found = self._relays[destination, client] = Relay(self, destination, client)
        return found

    def pair(self, source: Site, destination: Site) -> Pair:
        """Return what becomes of packets between two sites and of their replies."""
        if source.spot == destination.spot and destination.other is not None:
            destination = replace(destination, spot=destination.other, other=None, size=1)
        return self.walked(source, destination)

    def walked(self, source: Site, destination: Site) -> Pair:
        """Walk from one site to another and back; each pair is walked once."""
        found = self._pairs.get((source, destination))
        if found is None:
            found = self._pairs[source, destination] = self._walk(source, destination)
        return found

    def _walk(self, source: Site, destination: Site) -> Pair:
        ways = self.ways(source, destination)
        forward = self.reached(tuple(way for way, _ in ways))
        back = self._back(ways, forward)
        first = ways[0][0].steps[0]
        own = first.level if isinstance(first.ask, AskGroups) and first.ask.egress else None
        return Pair(source, destination, forward, back, self.beside.level(source, destination, own))

    def reached(self, ways: tuple[Way, ...], asked: int | None = None) -> int:
        """Return what becomes of packets: AWS chooses between ways, the outside between entrances.

        Of entrances the one that reaches most counts; `asked`: of replies to packets of a class.
        """
        levels, level = self.filters.levels, self.walker.level
        found = DROP_ALL if ways else UNKNOWN_ALL
        for entrance in dict.fromkeys(way.entrance for way in ways):
            each = tuple(level(way, asked) for way in ways if way.entrance == entrance)
            found = levels.join(found, levels.choice(each))
        return found

    def answers(self, ways: Replies, asked: int) -> int:
        """Return what becomes of replies to one class of packets."""
        forward = self.reached(tuple(way for way, _ in ways))
        return self.filters.levels.part(self._back(ways, forward), asked)

    def _back(self, ways: Replies, forward: int) -> int:
        """Return what becomes of replies; a sheaf where that hangs on what was asked."""
        levels = self.filters.levels
        by_entrance: dict[str, list[tuple[Way, tuple[Way, ...]]]] = {}
        for way, homes in ways:
            by_entrance.setdefault(way.entrance, []).append((way, homes))
        several = len(by_entrance) > 1
        asked = any(step.by_asked for _, homes in ways for home in homes for step in home.steps)
        if not several and not asked:
            return levels.choice(tuple(self.reached(homes) for _, homes in ways))
        most = levels.row(forward)
        ends = {
            entrance: levels.row(self.reached(tuple(way for way, _ in found)))
            for entrance, found in by_entrance.items()
        }

        def of_class(index: int) -> int:
            found = DROP_ALL
            for entrance, mine in by_entrance.items():
                if ends[entrance][index] == most[index]:
                    homes = tuple(self.reached(h, index) for _, h in mine)
                    found = levels.join(found, levels.choice(homes))
            return found

        return levels.sheaf(tuple(map(of_class, range(len(self.filters.packets)))))

    def pairs(self, source: End, destination: End) -> Iterator[Pair]:
        """Yield the pairs of sites of two ends that are of one family of addresses."""
        for one in self.ends.sites(source):
            for other in self.ends.sites(destination):
                if one.spot.version == other.spot.version:
                    yield self.pair(one, other)

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
        unknowns = self._gap(pair, index, verdict)
        if unknowns:
            verdict = Verdict.UNKNOWN
        text = self.filters.packets.classes[index].text(ports or None)
        return Case(ends, pair, index, ports, text, verdict, clients, unknowns)

    def _gap(self, pair: Pair, index: int, verdict: Verdict) -> tuple[Unknown, ...]:
        """Return what forbids a verdict: anything unread, for DENY any other way there may be."""
        if self.gaps.unread and verdict in {Verdict.DENY, Verdict.ALLOW}:
            return self.gaps.unread
        if verdict is Verdict.DENY and self._may_pass_beside(pair, index):
            return self.beside.names(pair.source, pair.destination)
        return ()

    def _may_pass_beside(self, pair: Pair, index: int) -> bool:
        return int(self.filters.levels.row(pair.beside)[index]) != Outcome.DROP

    def is_denied(self, pair: Pair) -> Mask:
        """Return, for each class, whether it is proven that no packet of it arrives."""
        levels = self.filters.levels
        dropped: Mask = levels.row(pair.forward) == Outcome.DROP
        if self.gaps.unread:
            return np.zeros_like(dropped)
        none_beside: Mask = levels.row(pair.beside) == Outcome.DROP
        return dropped & none_beside


def _into_public(destination: Site, way: Way) -> Way:
    """Say that nobody knows what comes of packets from inside to a public address of ours.

    They leave, and come back in by an internet gateway with a public address of the sender's.
    """
    if not way.delivered:
        return way
    spot, name = destination.spot, destination.borne_by
    why = "what comes back in to it from inside of the network is not followed"
    step = Step("public-address", f"{spot}", "")
    step = step.unsure(Unknown(f"public address {spot} of {name}", why))
    return replace(way, steps=(*way.steps, step))
