"""Single pairs of a plane's sites: the same answers as its rows and columns, in microseconds."""

from typing import TYPE_CHECKING
from weakref import proxy

from ringwall.model.graph import Unknown
from ringwall.reach.fabric import LOCAL, LOST, PEERING, TRANSIT, WALK
from ringwall.reach.levels import DROP_ALL, PASS_ALL

if TYPE_CHECKING:
    from ringwall.reach.plane import Plane

NEAR = frozenset({LOCAL, PEERING, TRANSIT})


class Pairs:
    """What a plane's arrays say of one pair at a time."""

    def __init__(self, plane: "Plane") -> None:
        self._plane: Plane = proxy(plane)  # which holds this
        self._store, self._filters = plane.store, plane.engine.filters
        self._place, self._set = plane.place.tolist(), plane.set_of.tolist()
        self._vpc, self._opens = plane.vpc.tolist(), plane.opens.tolist()
        relaying = plane.relaying
        self._walked, self._relays = relaying.walked.tolist(), relaying.mask.tolist()
        # Senders and receivers of which more is to be asked than what their groups say.
        self._odd_source = (plane.opens | ~plane.starts).tolist()
        self._odd_destination = (plane.opens | relaying.walked | relaying.mask).tolist()
        self._starts = plane.starts.tolist()
        references = self._filters.references
        self._named_out = [references(groups, egress=True) for groups in plane.members]
        self._named_in = [references(groups, egress=False) for groups in plane.members]
        self._code, self._kinds = plane.woven.code, plane.woven.kinds
        self._says_out, self._says_in = plane.egress.item, plane.ingress.item
        self._peered, self._members = plane.peered.item, plane.members
        self._met: dict[tuple[int, int, int], int] = {}

    def at(self, source: int, destination: int) -> tuple[int, int]:
        """Return the level vectors of first packets and of replies between two sites."""
        one, other = self._place[source], self._place[destination]
        level, via = self._kinds[self._code(one, other)]
        back, back_via = self._kinds[self._code(other, one)]
        if (
            WALK in (via, back_via)
            or self._odd_source[source]
            or self._odd_destination[destination]
        ):
            return self._odd(source, destination, (level, via), (back, back_via))
        own, theirs = self._set[source], self._set[destination]
        out = self._says_out(own, other)
        if self._named_out[own]:
            out = self._out(out, source, destination)
        into = PASS_ALL
        if via != LOST:
            into = self._says_in(one, theirs)
            if self._named_in[theirs]:
                into = self._into(into, source, destination, via)
        found = self._met.get((level, out, into))
        return (self._meet(level, out, into) if found is None else found), back

    def _meet(self, level: int, out: int, into: int) -> int:
        found = self._store.meet(level, self._store.meet(out, into))
        self._met[level, out, into] = found
        return found

    def _odd(
        self, source: int, destination: int, there: tuple[int, int], home: tuple[int, int]
    ) -> tuple[int, int]:
        """Return the vectors of a pair that is to be walked, or whose ends are no plain ones."""
        plane, (level, via), back = self._plane, there, home[0]
        if WALK in (via, home[1]) or self._walked[destination]:
            pair = plane.engine.walked(plane.sites[source], plane.sites[destination])
            return pair.forward, pair.back
        if not self._starts[source]:
            return DROP_ALL, back
        out = into = PASS_ALL
        if not self._opens[source]:
            out = self._says_out(self._set[source], self._place[destination])
            out = self._out(out, source, destination)
        if via != LOST and not self._opens[destination]:
            into = self._says_in(self._place[source], self._set[destination])
            into = self._into(into, source, destination, via)
        forward = self._meet(level, out, into)
        if via != LOST and self._relays[destination]:
            return plane.relaying.of_pair(source, destination, forward, back)
        return forward, back

    def _out(self, found: int, source: int, destination: int) -> int:
        """Add what the sender's rules say that name the receiver's groups."""
        named, near = self._named_out[self._set[source]], self._vpc[source]
        if named and self._peered(near, self._vpc[destination]):
            for group in self._members[self._set[destination]]:
                if group in named:
                    found = self._store.join(found, named[group])
        return found

    def _into(self, found: int, source: int, destination: int, via: int) -> int:
        """Add what the receiver's rules say that name the sender's groups.

        F4, F5: references match in a VPC and over peerings, over a transit gateway where it is
        switched on.
        """
        named = self._named_in[self._set[destination]]
        if not named or via not in NEAR:
            return found
        for group in self._members[self._set[source]]:
            if group in named:
                level = self._filters.through(named[group], self._crosses(source, via))
                found = self._store.join(found, level)
        return found

    def _crosses(self, source: int, via: int) -> bool | Unknown:
        if via != TRANSIT:
            return True
        vpc = self._plane.sites[source].vpc
        return self._filters.crosses("transit-gateway", vpc, egress=False)
