"""RW203: rules of security groups that no possible connection needs."""

from collections.abc import Iterator

import numpy as np

from ringwall.audits.check import Check
from ringwall.model.finding import Finding, Severity
from ringwall.reach.elements import Rule
from ringwall.reach.end import End
from ringwall.reach.engine import Engine
from ringwall.reach.levels import PASS_ALL, Outcome
from ringwall.reach.packets import Mask
from ringwall.reach.relations import Board
from ringwall.reach.ways import AskGroups, Site


def judge(board: Board) -> Iterator[Finding]:
    """Yield ingress rules that let nothing in, because nothing that they admit gets there."""
    engine = board.engine
    if engine.gaps.unread:
        return
    for group in engine.network.groups.values():
        ends = list(engine.ends.of_group(group))
        if not ends or group.is_default or engine.gaps.of(group.vpc):
            continue
        arriving = _arriving(engine, ends)
        for rule in group.ingress:
            mask = engine.filters.packets.mask(rule.protocol, rule.low, rule.high)
            if rule.node is not None and not _is_used(engine, rule, mask, arriving):
                text = f"no path brings anything that this rule of {group.key} admits"
                yield CHECK.finding(rule.node, text)


Arriving = list[tuple[Site, AskGroups, Mask]]  # what gets as far as the group, from where


def _arriving(engine: Engine, ends: list[End]) -> Arriving:
    """Return what reaches the interfaces of a group, whatever the group says."""
    found: Arriving = []
    sources = [*engine.ends.everything(), engine.ends.internet, engine.ends.outside]
    sites = {site for end in sources for site in engine.ends.sites(end)}
    for target in {site for end in ends for site in engine.ends.sites(end)}:
        for site in sites:
            if site.spot.version == target.spot.version:
                found += _ways(engine, site, target)
    return found


def _ways(engine: Engine, site: Site, target: Site) -> Arriving:
    found: Arriving = []
    for way, _ in engine.ways(site, target):
        last = way.steps[-1].ask if way.steps else None
        if not way.delivered or not isinstance(last, AskGroups) or last.egress:
            continue
        level = PASS_ALL
        for step in way.steps[:-1]:
            level = engine.filters.levels.meet(level, step.level)
        passes = engine.filters.levels.row(level) != Outcome.DROP
        if passes.any():
            found.append((site, last, passes))
    return found


def _is_used(engine: Engine, rule: Rule, mask: Mask, arriving: Arriving) -> bool:
    return any(
        bool(np.any(passes & mask)) and engine.filters.admits(rule, ask.remote, egress=False)
        for _, ask, passes in arriving
    )


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
