"""What lies behind the nodes and endpoints of a plane, for whole rows of pairs at once.

Rules:
- Behind a node that shows its targets its own address, one client fares like every other, so that
  what lies there is one vector of requests, and one of answers for each class of them.
- Behind a node that shows the client's address, or asks groups about it, each pair is walked.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ringwall.model.collector import uncollected
from ringwall.model.graph import Unknown
from ringwall.reach.connecting import preserves
from ringwall.reach.levels import MISSING, Ids
from ringwall.reach.places import Ints
from ringwall.reach.reading_services import Balancer
from ringwall.reach.targets import target_of
from ringwall.reach.ways import Client, Site

if TYPE_CHECKING:
    from ringwall.reach.engine import Engine

Mask = NDArray[np.bool_]
Kind = tuple[int, tuple[int, ...]]  # the vector of requests, and that of answers by class
UNSEEN = -1


class Relaying:
    """What lies behind the sites of one plane, each found when a pair is first asked about it."""

    def __init__(self, engine: "Engine", sites: Sequence[Site]) -> None:
        self._engine, self._sites = engine, sites
        self._store = engine.filters.levels

    @cached_property
    def sites(self) -> Ints:
        """Return the numbers of the sites behind which packets go on, for all clients alike."""
        return np.flatnonzero(self.mask & ~self.walked).astype(np.int32)

    @cached_property
    def mask(self) -> Mask:
        """Tell which sites packets go on behind: balancers' nodes, and ends of services."""
        return np.array([bool(s.balancer or s.service) for s in self._sites], dtype=bool)

    @cached_property
    def walked(self) -> Mask:
        """Tell behind which of them it hangs on the client how packets go on."""
        found = np.zeros(len(self._sites), dtype=bool)
        for number in np.flatnonzero(self.mask).tolist():
            found[number] = hangs_on_client(self._engine, self._sites[number])
        return found

    def behind(self, number: int, forward: Ids, back: Ids, lost: Mask) -> None:
        """Add what lies behind one site to packets to it; those that are `lost` do not arrive."""
        if not self.mask[number] or self.walked[number]:
            return
        kind = int(self._kind_of[number])
        there = self._store.meet_arrays(forward, np.full_like(forward, self._kinds[kind][0]))
        forward[:] = np.where(lost, forward, there)
        home = self._answers(np.full(len(back), kind, dtype=np.int32), back)
        back[:] = np.where(lost, back, home)

    def behind_all(self, forward: Ids, back: Ids, lost: Mask) -> None:
        """Add what lies behind every site to packets to it from one and the same."""
        at = self.sites
        if not len(at):
            return
        at = at[~lost[at]]
        kinds = self._kind_of[at]
        forward[at] = self._store.meet_arrays(forward[at], self._requests[kinds])
        back[at] = self._answers(kinds, back[at])

    def of_pair(self, number: int, forward: int, back: int) -> tuple[int, int]:
        """Add what lies behind a site to the vectors of a pair that arrives at it."""
        kind = int(self._kind_of[number])
        return self._store.meet(forward, self._kinds[kind][0]), self._answer(kind, back)

    def found(self) -> tuple[list[Kind], Ints]:
        """Return what there is behind sites, each once, and which of it each site has."""
        return self._found

    @cached_property
    def _found(self) -> tuple[list[Kind], Ints]:
        return self._ask([], np.full(len(self._sites), UNSEEN, dtype=np.int32))

    @uncollected()
    def _ask(self, known: Sequence[Kind], of_site: Ints) -> tuple[list[Kind], Ints]:
        """Ask about the sites of which it is not known what is behind them."""
        kinds = {kind: number for number, kind in enumerate(known)}
        for number in self.sites[of_site[self.sites] == UNSEEN].tolist():
            site = self._sites[number]
            relay = self._engine.relay(site, Client(site.spot))
            of_site[number] = kinds.setdefault(relay.vectors(), len(kinds))
        return list(kinds), of_site

    @property
    def _kinds(self) -> list[Kind]:
        return self._found[0]

    @property
    def _kind_of(self) -> Ints:
        return self._found[1]

    @cached_property
    def _requests(self) -> Ids:
        return np.array([forward for forward, _ in self._kinds], dtype=np.uint16)

    @cached_property
    def _columns(self) -> Ints:
        """Return the columns of `_table` by the vectors of ways back, UNSEEN for most."""
        return np.full(1 << 16, UNSEEN, dtype=np.int32)

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
        first, size = len(self._table), (len(backs), len(self._kinds))
        self._columns[backs] = np.arange(first, first + len(backs), dtype=np.int32)
        fresh = np.full(size, MISSING, dtype=np.uint16)
        self._table = np.concatenate([self._table, fresh])

    def _answer(self, kind: int, back: int) -> int:
        store = self._store
        parts = self._kinds[kind][1]
        known = {part: store.meet(part, back) for part in set(parts)}
        return store.sheaf(tuple(known[part] for part in parts))

    @cached_property
    def _table(self) -> Ids:
        return np.zeros((0, len(self._kinds)), dtype=np.uint16)


class DerivedRelaying(Relaying):
    """What lies behind the sites of a plane that is mostly another one's.

    `of_site` is the number of what lay behind each site, UNSEEN where it may be something else;
    `columns` are the classes of packets that those of this plane are parts of, None if the same.
    """

    def __init__(
        self,
        engine: "Engine",
        sites: Sequence[Site],
        base: Relaying,
        masks: tuple[Mask, Mask],
        of_site: Ints,
        columns: Sequence[int] | None,
    ) -> None:
        super().__init__(engine, sites)
        self.mask, self.walked = masks
        self._base, self._of_site, self._parts = base, of_site, columns

    @cached_property
    def _found(self) -> tuple[list[Kind], Ints]:
        kinds = self._base.found()[0]
        if self._parts is not None:
            at = self._parts
            kinds = [(there, tuple(backs[n] for n in at)) for there, backs in kinds]
        return self._ask(kinds, self._of_site)


def hangs_on_client(engine: "Engine", site: Site) -> bool:
    """Tell whether it hangs on who asks what lies behind a node, or an endpoint of a service."""
    services = engine.network.services
    if not site.service:
        return _preserves(services.balancers[site.balancer], Client(site.spot))
    node = services.by_name[site.service]
    keys = engine.network.values.keys(node.properties.get("NetworkLoadBalancerArns"))
    known = [services.balancers[key] for key in keys if key in services.balancers]
    return any(each.groups is not None and each.asks_groups_of_endpoints for each in known)


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
            if group.kind == "alb":
                keys += [each.target for each in group.targets]
                continue
            for each in group.targets:
                target = target_of(engine.network, group, each)
                if not isinstance(target, Unknown) and target.subnet is not None:
                    found.update((target.subnet.vpc, *target.groups))
                    keys.append(target.balancer)
    return frozenset(found)


def _preserves(balancer: Balancer, client: Client) -> bool:
    """Tell whether targets of a balancer may see the client's address."""
    groups = (group for listener in balancer.listeners for group in listener.groups)
    return any(not isinstance(g, Unknown) and preserves(balancer, g, client) for g in groups)
