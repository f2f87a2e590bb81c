"""What lies behind the nodes and endpoints of a plane, for whole rows of pairs at once.

Rules:
- Clients between which nothing behind a node tells are one class: what lies there is, for each of
  them, one vector of requests, and one of answers for each class of packets.
- Nodes behind which that is not so are walked, pair by pair.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING
from weakref import proxy

import numpy as np
from numpy.typing import NDArray

from ringwall.model.collector import uncollected
from ringwall.model.graph import Unknown
from ringwall.reach.clients import Asked, Classes, asked_behind, classes_of
from ringwall.reach.levels import MISSING, Ids
from ringwall.reach.places import Ints
from ringwall.reach.reading_services import ANY_OF_GROUP
from ringwall.reach.targets import target_of
from ringwall.reach.ways import Client, Site

if TYPE_CHECKING:
    from ringwall.reach.engine import Engine
    from ringwall.reach.plane import Plane

Mask = NDArray[np.bool_]
Kind = tuple[int, tuple[int, ...]]  # the vector of requests, and that of answers by class
UNSEEN = -1


@dataclass(slots=True)
class Split:
    """Classes of clients of one node, and the number of what each finds behind it, or UNSEEN."""

    classes: Classes
    kinds: Ints


class Relaying:
    """What lies behind the sites of one plane, each found when a pair is first asked about it."""

    def __init__(self, plane: "Plane") -> None:
        # The plane holds this: a circle would leave both to Python's collector.
        self._plane: Plane = proxy(plane)
        self._store = plane.store
        self.kinds_found: list[Kind] = []
        self._numbers: dict[Kind, int] = {}
        self.splits: dict[int, Split] = {}
        self._columns: Ints = np.full(1 << 16, UNSEEN, dtype=np.int32)
        self._table: Ids = np.zeros((0, 0), dtype=np.uint16)
        self._requests: Ids = np.zeros(0, dtype=np.uint16)

    @cached_property
    def mask(self) -> Mask:
        """Tell which sites packets go on behind: balancers' nodes, and ends of services."""
        return np.array([bool(s.balancer or s.service) for s in self._plane.sites], dtype=bool)

    @cached_property
    def asked(self) -> dict[int, Asked | None]:
        """Return what is asked about clients behind each of these, None where pairs are walked."""
        plane = self._plane
        return {
            number: asked_behind(plane.engine, plane.sites[number])
            for number in np.flatnonzero(self.mask).tolist()
        }

    @cached_property
    def walked(self) -> Mask:
        """Tell behind which of them each pair is to be walked."""
        found = np.zeros(len(self._plane), dtype=bool)
        found[[number for number, asked in self.asked.items() if asked is None]] = True
        return found

    @cached_property
    def alike(self) -> Ints:
        """Return those behind which all clients fare alike."""
        known = [n for n, asked in self.asked.items() if asked is not None and not asked]
        return np.array(known, dtype=np.int32)

    @cached_property
    def split(self) -> Ints:
        """Return those behind which it hangs on the class of the client."""
        return np.array([n for n, asked in self.asked.items() if asked], dtype=np.int32)

    @uncollected()
    def prepare(self) -> None:
        """Ask everything there is to ask, for whoever is to ask more than once."""
        _ = self.of_alike
        for number in self.split.tolist():
            self._kinds_of(number, self._split(number).classes.of_site)

    def behind(self, number: int, forward: Ids, back: Ids, lost: Mask) -> None:
        """Add what lies behind one site to packets to it; those that are `lost` do not arrive."""
        if not self.mask[number] or self.walked[number]:
            return
        if self.asked[number]:
            kinds = self._kinds_of(number, self._split(number).classes.of_site)
        else:
            kinds = np.full(len(back), self.of_alike[number], dtype=np.int32)
        there = self._store.meet_arrays(forward, self._requests[kinds])
        forward[:] = np.where(lost, forward, there)
        back[:] = np.where(lost, back, self._answers(kinds, back))

    def behind_all(self, number: int, forward: Ids, back: Ids, lost: Mask) -> None:
        """Add what lies behind every site to packets to it from site `number`."""
        at = self.alike
        if len(at):
            at = at[~lost[at]]
            self._add_to(at, self.of_alike[at], forward, back)
        at = self.split
        if len(at):
            at = at[~lost[at]]
            kinds = [self._kind_at(other, number) for other in at.tolist()]
            self._add_to(at, np.array(kinds, dtype=np.int32), forward, back)

    def _add_to(self, at: Ints, kinds: Ints, forward: Ids, back: Ids) -> None:
        forward[at] = self._store.meet_arrays(forward[at], self._requests[kinds])
        back[at] = self._answers(kinds, back[at])

    def of_pair(self, source: int, number: int, forward: int, back: int) -> tuple[int, int]:
        """Add what lies behind a site to the vectors of a pair that arrives at it."""
        found = self._kind_at(number, source) if self.asked[number] else self.of_alike[number]
        kind = int(found)
        return self._store.meet(forward, self.kinds_found[kind][0]), self._answer(kind, back)

    @cached_property
    @uncollected()
    def of_alike(self) -> Ints:
        """Return the number of what lies behind each site where all clients fare alike."""
        found = self._known_of_alike()
        for number in self.alike[found[self.alike] == UNSEEN].tolist():
            found[number] = self._ask(number, Client(self._plane.sites[number].spot))
        return found

    def _known_of_alike(self) -> Ints:
        return np.full(len(self._plane), UNSEEN, dtype=np.int32)

    def _ask(self, number: int, client: Client) -> int:
        """Return the number of what a client finds behind a site."""
        kind = self._plane.engine.relay(self._plane.sites[number], client).vectors()
        found = self._numbers.get(kind)
        if found is None:
            found = self._numbers[kind] = len(self.kinds_found)
            self.kinds_found.append(kind)
            self._set_kinds()
        return found

    def _set_kinds(self) -> None:
        """Make room for what was found."""
        known, wide = len(self.kinds_found), self._table.shape[1]
        if known > wide:
            size = (len(self._table), max(16, 2 * wide, known) - wide)
            more = np.full(size, MISSING, dtype=np.uint16)
            self._table = np.concatenate([self._table, more], axis=1)
        self._requests = np.array([forward for forward, _ in self.kinds_found], dtype=np.uint16)

    def _split(self, number: int) -> Split:
        found = self.splits.get(number)
        if found is None:
            asked = self.asked[number]
            assert asked
            classes = classes_of(self._plane, number, asked)
            kinds = np.full(len(classes.clients), UNSEEN, dtype=np.int32)
            found = self.splits[number] = Split(classes, kinds)
        return found

    def _kind_at(self, number: int, source: int) -> int:
        """Return the number of what one site finds behind another."""
        split = self._split(number)
        kind = int(split.kinds.item(split.classes.of_site.item(source)))
        if kind == UNSEEN:
            kind = int(self._kinds_of(number, split.classes.of_site[source : source + 1])[0])
        return kind

    def _kinds_of(self, number: int, classes: Ints) -> Ints:
        """Return the number of what clients of some classes find behind a site."""
        split = self._split(number)
        found: Ints = split.kinds[classes]
        if (found == UNSEEN).any():
            for each in np.unique(classes[found == UNSEEN]).tolist():
                split.kinds[each] = self._ask(number, split.classes.clients[each])
            found = split.kinds[classes]
        return found

    def _answers(self, kinds: Ints, back: Ids) -> Ids:
        """Return the vectors of answers by kinds and the ways back from the sites."""
        columns = self._columns[back]
        if (columns == UNSEEN).any():
            self._add(np.unique(back[columns == UNSEEN]))
            columns = self._columns[back]
        found: Ids = self._table[columns, kinds]
        missing = found == MISSING
        if missing.any():
            pairs = np.unique(np.stack([columns, kinds, back])[:, missing], axis=1)
            for column, kind, level in pairs.T.tolist():
                self._table[column, kind] = self._answer(kind, level)
            found = self._table[columns, kinds]
        return found

    def _add(self, backs: Ids) -> None:
        first, size = len(self._table), (len(backs), self._table.shape[1])
        self._columns[backs] = np.arange(first, first + len(backs), dtype=np.int32)
        fresh = np.full(size, MISSING, dtype=np.uint16)
        self._table = np.concatenate([self._table, fresh])

    def _answer(self, kind: int, back: int) -> int:
        store = self._store
        parts = self.kinds_found[kind][1]
        known = {part: store.meet(part, back) for part in set(parts)}
        return store.sheaf(tuple(known[part] for part in parts))


class DerivedRelaying(Relaying):
    """What lies behind the sites of a plane that is mostly another one's.

    `of` are the sites of the other plane that this one's are parts of, `touched` those behind which
    there may be something else; `columns` are the classes of packets that those of this plane are
    parts of, None if they are the same.
    """

    def __init__(
        self,
        plane: "Plane",
        base: Relaying,
        of: Ints,
        touched: Ints,
        columns: Sequence[int] | None,
    ) -> None:
        super().__init__(plane)
        self._base, self._of, self._touched = base, of, frozenset(touched.tolist())
        self.mask = base.mask[of]
        kinds = base.kinds_found
        if columns is not None:
            kinds = [(there, tuple(backs[n] for n in columns)) for there, backs in kinds]
        self.kinds_found = list(kinds)
        self._numbers = {kind: number for number, kind in enumerate(self.kinds_found)}
        self._set_kinds()

    @cached_property
    def asked(self) -> dict[int, Asked | None]:
        """Return what is asked about clients behind each site."""
        plane, known = self._plane, self._base.asked
        return {
            number: asked_behind(plane.engine, plane.sites[number])
            if number in self._touched
            else known[int(self._of[number])]
            for number in np.flatnonzero(self.mask).tolist()
        }

    def _known_of_alike(self) -> Ints:
        found: Ints = self._base.of_alike[self._of]
        found[list(self._touched)] = UNSEEN
        return found

    def _split(self, number: int) -> Split:
        known = self._base.splits.get(int(self._of[number]))
        if number not in self.splits and number not in self._touched and known is not None:
            classes = Classes(known.classes.of_site[self._of], known.classes.clients)
            self.splits[number] = Split(classes, known.kinds.copy())
        return super()._split(number)


def leans_on(engine: "Engine", site: Site) -> frozenset[str]:
    """Return the keys of VPCs and groups that count for what lies behind a node or an endpoint."""
    services = engine.network.services
    keys = [site.balancer]
    if site.service:
        node = services.by_name[site.service]
        keys = list(engine.network.values.keys(node.properties.get("NetworkLoadBalancerArns")))
    found, seen = set[str](), set[str]()
    while keys:
        key = keys.pop()
        balancer = services.balancers.get(key)
        if balancer is None or key in seen:
            continue
        seen.add(key)
        found.update(balancer.groups or ())
        known = engine.network.subnets
        found.update(known[subnet].vpc for subnet in balancer.subnets if subnet in known)
        for group in (group for listener in balancer.listeners for group in listener.groups):
            if isinstance(group, Unknown):
                continue
            if group.kind == ANY_OF_GROUP:
                for each in group.targets:
                    bearing = engine.network.groups.get(each.target)
                    found.update((each.target, *((bearing.vpc,) if bearing is not None else ())))
                continue
            if group.kind == "alb":
                keys += [each.target for each in group.targets]
                continue
            for each in group.targets:
                target = target_of(engine.network, group, each)
                if not isinstance(target, Unknown) and target.subnet is not None:
                    found.update((target.subnet.vpc, *target.groups))
                    keys.append(target.balancer)
    return frozenset(found)
