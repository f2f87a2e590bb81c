"""RW204: rules about a security group of which no traffic can bear the membership."""

from collections.abc import Iterator

from ringwall.audits.check import Check
from ringwall.model.finding import Finding, Severity
from ringwall.model.graph import Unknown
from ringwall.reach.elements import Group
from ringwall.reach.filters import Filters
from ringwall.reach.relations import Board


def judge(board: Board) -> Iterator[Finding]:
    """Yield rules whose group has no members, or whose members' traffic never matches."""
    engine = board.engine
    for group in engine.network.groups.values():
        for egress in (False, True):
            for rule in group.rules(egress=egress):
                if rule.kind != "group" or rule.node is None:
                    continue
                named = engine.network.groups.get(str(rule.peer))
                if named is None:
                    continue
                if not any(True for _ in engine.ends.of_group(named)):
                    text = f"{named.key}, which a rule of {group.key} names, has no members"
                    yield CHECK.finding(rule.node, text)
                elif not _can_match(engine.filters, group, named, egress=egress):
                    text = (
                        f"a reference of {group.key} to {named.key} matches nothing: "
                        f"{named.vpc} and {group.vpc} are not peered, and no transit gateway "
                        "carries references this way"
                    )
                    yield CHECK.finding(rule.node, text, severity=Severity.MEDIUM)


def _can_match(filters: Filters, group: Group, named: Group, *, egress: bool) -> bool:
    if group.vpc == named.vpc or frozenset({group.vpc, named.vpc}) in filters.network.peered:
        return True
    crossing = filters.crosses("transit-gateway", named.vpc, egress=egress)
    return crossing is True or isinstance(crossing, Unknown)


CHECK = Check(
    id="RW204",
    title="references to groups that match nothing",
    severity=Severity.LOW,
    why="The rule reads as if it let something in; traffic that was meant is dropped, and whoever "
    "joins the empty group later is let in unseen.",
    instead="Name the group that is meant, use its subnet's CIDR, or delete the rule.",
    judge=judge,
    bad="""
        vpc v 10.0.0.0/16
        vpc w 10.1.0.0/16
        subnet v/web/a 10.0.1.0/24
        subnet w/app/a 10.1.1.0/24
        group v/web web
        group w/app app
        rule v/web in tcp/443 w/app
    """,
    good="""
        vpc v 10.0.0.0/16
        vpc w 10.1.0.0/16
        peering pcx v w
        subnet v/web/a 10.0.1.0/24
        subnet w/app/a 10.1.1.0/24
        group v/web web
        group w/app app
        rule v/web in tcp/443 w/app
    """,
)
