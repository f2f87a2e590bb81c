"""RW202: rules of security groups that other rules of the same group cover."""

from collections.abc import Iterator

from ringwall.audits.check import Check
from ringwall.model.finding import Finding, Severity
from ringwall.reach.blocks import Block, block_set
from ringwall.reach.elements import Group, Rule
from ringwall.reach.relations import Board


def judge(board: Board) -> Iterator[Finding]:
    """Yield rules whose packets and peers are within those of another rule of the group."""
    packets = board.engine.filters.packets
    for group in board.engine.network.groups.values():
        for egress in (False, True):
            rules = group.rules(egress=egress)
            for number, rule in enumerate(rules):
                mask = packets.mask(rule.protocol, rule.low, rule.high)
                for at, other in enumerate(rules):
                    if at == number or not _covers(other, rule):
                        continue
                    wider = packets.mask(other.protocol, other.low, other.high)
                    same = (mask == wider).all() and _covers(rule, other)
                    if (mask <= wider).all() and not (same and at > number):
                        yield from _found(group, rule, other)
                        break


def _covers(wide: Rule, narrow: Rule) -> bool:
    """Tell whether a rule's peer holds another's."""
    if isinstance(wide.peer, Block) and isinstance(narrow.peer, Block):
        version = wide.peer.version
        return version == narrow.peer.version and block_set(version, narrow.peer) <= block_set(
            version, wide.peer
        )
    return wide.kind == narrow.kind and wide.kind != "unknown" and wide.peer == narrow.peer


def _found(group: Group, rule: Rule, other: Rule) -> Iterator[Finding]:
    if rule.node is not None and other.node is not None:
        name = other.node.physical_id or other.node.key
        text = f"a rule of {group.key} adds nothing to {name}"
        yield CHECK.finding(rule.node, text)


CHECK = Check(
    id="RW202",
    title="security group rules that another rule covers",
    severity=Severity.LOW,
    why="Who removes the narrow rule believes a door shut that the wide one holds open.",
    instead="Delete the narrow rule, or narrow the wide one.",
    judge=judge,
    bad="""
        vpc v 10.0.0.0/16
        subnet v/web/a 10.0.1.0/24
        group v/web web
        rule v/web in tcp/443 10.0.0.0/8
        rule v/web in tcp/443 10.1.0.0/16
    """,
    good="""
        vpc v 10.0.0.0/16
        subnet v/web/a 10.0.1.0/24
        group v/web web
        rule v/web in tcp/443 10.0.0.0/8
        rule v/web in tcp/8443 10.1.0.0/16
    """,
)
