"""RW206: network ACLs that let a request in and its reply not out, or only to some clients."""

from collections.abc import Iterator

from ringwall.audits.check import Check
from ringwall.audits.one_way import unanswered
from ringwall.model.finding import Finding, Severity
from ringwall.reach.levels import Outcome
from ringwall.reach.relations import Board


def judge(board: Board) -> Iterator[Finding]:
    """Yield the ACL that stops the reply of a request that arrives."""
    seen: set[tuple[str, str]] = set()
    for told in unanswered(board):
        stopped = next((hop for hop in told.back if hop.outcome is Outcome.DROP), None)
        if stopped is None or stopped.kind != "network-acl":
            continue
        acl = board.engine.network.acls.get(stopped.name)
        key = (stopped.name, told.case.packets)
        if acl is None or acl.node is None or key in seen:
            continue
        seen.add(key)
        ends = f"{told.case.source.name} -> {told.case.destination.name}"
        text = f"{stopped.name} lets no reply through of {ends} {told.case.packets}"
        if told.case.client_ports is not None:
            text += f", but to client ports {', '.join(told.case.client_ranges())}"
        yield CHECK.finding(acl.node, text, (stopped.text,))


CHECK = Check(
    id="RW206",
    title="network ACLs that let a request in and no reply out",
    severity=Severity.MEDIUM,
    why="Network ACLs have no state: the reply needs an entry of its own for the client's ports. "
    "Without it connections hang, while one-way protocols still get in.",
    instead="Allow 1024-65535 back to the clients, or take away the entry for the request.",
    judge=judge,
    bad="""
        vpc v 10.0.0.0/16
        subnet v/web/a 10.0.1.0/24
        subnet v/db/a 10.0.2.0/24 acl=v/db
        acl v/db
        entry v/db in 100 allow tcp/3306 10.0.1.0/24
        entry v/db out 100 allow tcp/32768-60999 10.0.1.0/24
        group v/web web
        group v/db db
        rule v/web out tcp/3306 v/db
        rule v/db in tcp/3306 v/web
    """,
    good="""
        vpc v 10.0.0.0/16
        subnet v/web/a 10.0.1.0/24
        subnet v/db/a 10.0.2.0/24 acl=v/db
        acl v/db
        entry v/db in 100 allow tcp/3306 10.0.1.0/24
        entry v/db out 100 allow tcp/1024-65535 10.0.1.0/24
        group v/web web
        group v/db db
        rule v/web out tcp/3306 v/db
        rule v/db in tcp/3306 v/web
    """,
)
