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
        self._woven = plane.woven
        self._store, self._filters = plane.store, plane.engine.filters
        self._place, self._set = plane.place.tolist(), plane.set_of.tolist()
        self._vpc, self._opens = plane.vpc.tolist(), plane.opens.tolist()
        self._starts = plane.starts.tolist()
        relaying = plane.relaying
        self._walked, self._relays = relaying.walked.tolist(), relaying.mask.tolist()
        references = self._filters.references
        self._named_out = [references(groups, egress=True) for groups in plane.members]
        self._named_in = [references(groups, egress=False) for groups in plane.members]
        self._peered = plane.peered

    def at(self, source: int, destination: int) -> tuple[int, int]:
        """Return the level vectors of first packets and of replies between two sites."""
        plane, place = self._plane, self._place
        one, other = place[source], place[destination]
        level, via = self._woven.at(one, other)
        back, back_via = self._woven.at(other, one)
        if WALK in (via, back_via) or self._walked[destination]:
            pair = plane.engine.walked(plane.sites[source], plane.sites[destination])
            return pair.forward, pair.back
        if not self._starts[source]:
            return DROP_ALL, back
        out = PASS_ALL if self._opens[source] else self._out(source, destination)
        into = PASS_ALL
        if via != LOST and not self._opens[destination]:
            into = self._into(source, destination, via)
        meet = self._store.meet
        forward = meet(level, meet(out, into))
        if via != LOST and self._relays[destination]:
            return plane.relaying.of_pair(source, destination, forward, back)
        return forward, back

    def _out(self, source: int, destination: int) -> int:
        """Return what the sender's groups say."""
        own = self._set[source]
        found = self._plane.egress.item(own, self._place[destination])
        named = self._named_out[own]
        if named and self._peered.item(self._vpc[source], self._vpc[destination]):
            for group in self._plane.members[self._set[destination]]:
                if group in named:
                    found = self._store.join(found, named[group])
        return found

    def _into(self, source: int, destination: int, via: int) -> int:
        """Return what the receiver's groups say; references match where what is crossed lets them.

        F4, F5: in a VPC and over peerings, over a transit gateway where it is switched on.
        """
        plane, own = self._plane, self._set[destination]
        found = plane.ingress.item(self._place[source], own)
        named = self._named_in[own]
        if not named or via not in NEAR:
            return found
        crossing: bool | Unknown = True
        if via == TRANSIT:
            vpc = plane.sites[source].vpc
            crossing = self._filters.crosses("transit-gateway", vpc, egress=False)
        for group in plane.members[self._set[source]]:
            if group in named:
                level = self._filters.through(named[group], crossing)
                found = self._store.join(found, level)
        return found
