"""RW203: rules of security groups that no possible connection needs."""

from collections.abc import Iterator
from functools import cached_property

import numpy as np

from ringwall.audits.check import Check
from ringwall.model.finding import Finding, Severity
from ringwall.reach.elements import Rule
from ringwall.reach.fabric import LOCAL, LOST, NOTHING, PEERING, TRANSIT, WALK, Vias
from ringwall.reach.filters import Remote
from ringwall.reach.levels import PASS_ALL, Ids, Outcome
from ringwall.reach.packets import Mask
from ringwall.reach.places import Ints
from ringwall.reach.relations import Board
from ringwall.reach.ways import AskGroups, Site

# What lies between ends as groups see it, where the way keeps addresses.
CROSSED = {LOCAL: "", PEERING: "peering", TRANSIT: "transit-gateway", NOTHING: "beyond"}
NO_NAMES = ("", "")

Arriving = list[tuple[Remote, Mask]]  # what gets as far as a group: from where, which packets


def judge(board: Board) -> Iterator[Finding]:
    """Yield ingress rules that let nothing in, because nothing that they admit gets there."""
    engine = board.engine
    if engine.gaps.unread:
        return
    for group in engine.network.groups.values():
        ends = list(engine.ends.of_group(group))
        if not ends or group.is_default or engine.gaps.of(group.vpc):
            continue
        sites = dict.fromkeys(site for end in ends for site in engine.ends.sites(end))
        targets = [_Target(board, site) for site in sites]
        for rule in group.ingress:
            if rule.node is not None and not _is_used(rule, targets):
                text = f"no path brings anything that this rule of {group.key} admits"
                yield CHECK.finding(rule.node, text)


def _is_used(rule: Rule, targets: "list[_Target]") -> bool:
    """Tell whether a rule admits what gets to any of its group's sites; walks come last."""
    if any(target.takes_by(rule) for target in targets):
        return True
    return any(target.takes_walked_by(rule) for target in targets)


class _Target:
    """A site with a group: what gets as far as the group, whatever the group says.

    Packets that a rule admits pass the group: they get to it where they get past it, which the
    plane's column tells of all sources inside.
    """

    def __init__(self, board: Board, site: Site) -> None:
        self._engine, self._site = board.engine, site
        self._plane = board.planes[site.spot.version]
        self._walked: dict[Site, Arriving] = {}

    def takes_by(self, rule: Rule) -> bool:
        """Tell whether a rule admits anything from sources whose way keeps their address."""
        _, vias = self._column
        plain = self._passing(rule) & (vias != WALK) & (vias != LOST)
        return any(
            self._engine.filters.admits(rule, self._remote(number), egress=False)
            for number in np.flatnonzero(plain).tolist()
        )

    def takes_walked_by(self, rule: Rule) -> bool:
        """Tell the same of other sources: those whose way has to be walked, and those outside."""
        engine, sites = self._engine, self._plane.sites
        inside = np.flatnonzero(self._passing(rule) & (self._column[1] == WALK)).tolist()
        sources = [sites[number] for number in inside] + self._outer
        mask = engine.filters.packets.mask(rule.protocol, rule.low, rule.high)
        return any(
            bool(np.any(passes & mask)) and engine.filters.admits(rule, remote, egress=False)
            for source in sources
            for remote, passes in self._arriving(source)
        )

    @cached_property
    def _column(self) -> tuple[Ids, Vias]:
        """Return what becomes of packets from each site inside, and what they cross.

        A balancer's node lets past what its listeners take alone, so that all is to be walked.
        """
        plane = self._plane
        number = plane.number(self._site)
        if number is None or plane.relaying.mask[number]:
            size = len(plane)
            return np.full(size, PASS_ALL, dtype=np.uint16), np.full(size, WALK, dtype=np.uint8)
        _, there = plane.fabric_of(int(plane.place[number]))
        return plane.column(number).forward, there[1][plane.place]

    @cached_property
    def _levels(self) -> tuple[Ids, Ints]:
        found, inverse = np.unique(self._column[0], return_inverse=True)
        return found, inverse.astype(np.int32)

    def _passing(self, rule: Rule) -> Mask:
        """Tell from which sites packets of a rule's ports get past the group, or may do so."""
        filters, (numbers, inverse) = self._engine.filters, self._levels
        mask = filters.packets.mask(rule.protocol, rule.low, rule.high)
        passes = (filters.levels.rows[numbers][:, mask] != Outcome.DROP).any(axis=1)
        found: Mask = passes[inverse]
        return found

    def _remote(self, number: int) -> Remote:
        site, via = self._plane.sites[number], int(self._column[1][number])
        return Remote(site.spot, frozenset(site.groups), CROSSED[via], site.vpc)

    @cached_property
    def _outer(self) -> list[Site]:
        ends, version = self._engine.ends, self._site.spot.version
        found = (*ends.sites(ends.internet), *ends.sites(ends.outside))
        return [site for site in found if site.spot.version == version]

    def _arriving(self, source: Site) -> Arriving:
        found = self._walked.get(source)
        if found is None:
            found = self._walked[source] = list(self._walk(source))
        return found

    def _walk(self, source: Site) -> Iterator[tuple[Remote, Mask]]:
        levels = self._engine.filters.levels
        for way in self._engine.walker.forward(source, self._site, NO_NAMES):
            last = way.steps[-1].ask if way.steps else None
            if not way.delivered or not isinstance(last, AskGroups) or last.egress:
                continue
            level = PASS_ALL
            for step in way.steps[:-1]:
                level = levels.meet(level, step.level)
            passes = levels.row(level) != Outcome.DROP
            if passes.any():
                yield last.remote, passes


CHECK = Check(
    id="RW203",
    title="security group rules that no path uses",
    severity=Severity.LOW,
    why="The rule is a permission that lies about: the next route or ACL entry brings it to life.",
    instead="Delete the rule; `ringwall reach NETWORK --to GROUP` says what does get there.",
    judge=judge,
    bad="""
        vpc v 10.0.0.0/16
        subnet v/web/a 10.0.1.0/24
        group v/web web
        group v/app web
        rule v/web in tcp/443 192.168.0.0/16
        rule v/app out tcp/443 0.0.0.0/0
    """,
    good="""
        vpc v 10.0.0.0/16
        subnet v/web/a 10.0.1.0/24
        group v/web web
        group v/app web
        rule v/web in tcp/443 10.0.0.0/16
        rule v/app out tcp/443 0.0.0.0/0
    """,
)
