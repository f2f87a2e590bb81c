"""RW301: requests that arrive and whose replies find no way back, or another one."""

from collections.abc import Iterator

from ringwall.audits.check import Check
from ringwall.audits.one_way import unanswered
from ringwall.model.finding import Finding, Severity
from ringwall.reach.levels import Outcome
from ringwall.reach.relations import Board


def judge(board: Board) -> Iterator[Finding]:
    """Yield the place at which routing loses the reply of a request that arrives."""
    seen: set[tuple[str, str, str]] = set()
    for told in unanswered(board):
        stopped = next((hop for hop in told.back if hop.outcome is Outcome.DROP), None)
        subnet = told.case.destination.subnet
        if stopped is None or stopped.kind == "network-acl" or subnet is None:
            continue
        ends = (told.case.source.name, told.case.destination.name)
        if (*ends, stopped.code) in seen:
            continue
        seen.add((*ends, stopped.code))
        text = f"{ends[0]} -> {ends[1]} {told.case.packets} arrives, its reply does not return"
        yield CHECK.finding(subnet.node, text, (f"{stopped.code}: {stopped.text}",))


CHECK = Check(
    id="RW301",
    title="asymmetric routes",
    severity=Severity.MEDIUM,
    why="Packets that arrive without an answer are an exposure for UDP and blind TCP, and an "
    "outage for everybody else.",
    instead="Add the route back, or take away the one that leads there.",
    judge=judge,
    bad="""
        vpc v 10.0.0.0/16
        vpc w 10.1.0.0/16
        peering pcx v w
        subnet v/web/a 10.0.1.0/24
        subnet w/app/a 10.1.1.0/24
        route v/web 10.1.0.0/16 peering:pcx
        group v/web web
        group w/app app
        rule v/web out tcp/443 10.1.0.0/16
        rule w/app in tcp/443 10.0.0.0/16
    """,
    good="""
        vpc v 10.0.0.0/16
        vpc w 10.1.0.0/16
        peering pcx v w
        subnet v/web/a 10.0.1.0/24
        subnet w/app/a 10.1.1.0/24
        route v/web 10.1.0.0/16 peering:pcx
        route w/app 10.0.0.0/16 peering:pcx
        group v/web web
        group w/app app
        rule v/web out tcp/443 10.1.0.0/16
        rule w/app in tcp/443 10.0.0.0/16
    """,
)
