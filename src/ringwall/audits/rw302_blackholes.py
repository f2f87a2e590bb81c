"""RW302: routes that lead nowhere, though nobody asked for a blackhole."""

from collections.abc import Iterator

from ringwall.audits.check import Check
from ringwall.model.finding import Finding, Severity
from ringwall.reach.relations import Board
from ringwall.reach.transit import IDLE


def judge(board: Board) -> Iterator[Finding]:
    """Yield routes in the state blackhole, and those to attachments that carry nothing."""
    network = board.engine.network
    for table in network.tables.values():
        for route in table.routes:
            if route.blackhole and route.node is not None:
                text = f"{table.key}: {route} -> {route.lead} is a blackhole"
                yield CHECK.finding(route.node, text)
    for transit in network.transit_tables.values():
        for each in transit.routes:
            if each.node is None or each.node.properties.get("Blackhole"):
                continue  # a blackhole that was asked for
            far = network.attachments.get(str(each.attachment))
            if each.blackhole or (far is not None and far.state in IDLE):
                text = f"{transit.key}: {each.destination} leads to nothing that works"
                yield CHECK.finding(each.node, text)


CHECK = Check(
    id="RW302",
    title="blackholes",
    severity=Severity.MEDIUM,
    why="The route still wins by its prefix, so what it matches is dropped and no wider route "
    "takes over; whoever reuses the target's place inherits the traffic.",
    instead="Delete the route, or point it at what replaced its target.",
    judge=judge,
    bad="""
        vpc v 10.0.0.0/16
        subnet v/app/a 10.0.1.0/24
        route v/app 0.0.0.0/0 blackhole
    """,
    good="""
        vpc v 10.0.0.0/16
        igw v
        subnet v/app/a 10.0.1.0/24
        route v/app 0.0.0.0/0 igw
    """,
)
