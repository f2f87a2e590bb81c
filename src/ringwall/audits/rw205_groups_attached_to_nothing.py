"""RW205: security groups that no interface bears and no blueprint places."""

from collections.abc import Iterator

from ringwall.audits.check import Check
from ringwall.model.finding import Finding, Severity
from ringwall.reach.relations import Board


def judge(board: Board) -> Iterator[Finding]:
    """Yield groups without an end; a VPC's default group cannot be deleted and is left out."""
    engine = board.engine
    used = {
        name
        for group in engine.network.groups.values()
        for egress in (False, True)
        for rule in group.rules(egress=egress)
        if rule.kind == "group" and (name := str(rule.peer)) != group.key
    }
    borne = {name for end in engine.ends.everything() for name in end.groups}
    for group in engine.network.groups.values():
        if group.node is None or group.is_default or group.key in borne:
            continue
        named = "; rules of other groups name it" if group.key in used else ""
        yield CHECK.finding(group.node, f"{group.key} is attached to nothing{named}")


CHECK = Check(
    id="RW205",
    title="groups attached to nothing",
    severity=Severity.LOW,
    why="An unused group is one that somebody attaches later for its name, not for its rules.",
    instead="Delete it; AWS refuses while a rule names it or an interface bears it.",
    judge=judge,
    bad="""
        vpc v 10.0.0.0/16
        subnet v/web/a 10.0.1.0/24
        group v/old -
        rule v/old in tcp/22 0.0.0.0/0
    """,
    good="""
        vpc v 10.0.0.0/16
        subnet v/web/a 10.0.1.0/24
        group v/web -
        rule v/web in tcp/443 0.0.0.0/0
        eni eni-1 v/web/a 10.0.1.9 v/web
    """,
)
