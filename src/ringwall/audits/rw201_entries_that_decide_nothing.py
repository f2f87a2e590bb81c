"""RW201: entries of network ACLs that decide about no packet, or change nothing."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ringwall.audits.check import Check
from ringwall.model.finding import Finding, Severity
from ringwall.reach.blocks import Block
from ringwall.reach.elements import Acl, Entry
from ringwall.reach.filters import Filters
from ringwall.reach.piecewise import cuts_of
from ringwall.reach.relations import Board

NOBODY = -1


def judge(board: Board) -> Iterator[Finding]:
    """Yield entries that earlier ones hide (shadowed), or without which nothing changes."""
    for acl in board.engine.network.acls.values():
        for egress in (False, True):
            for version in (4, 6):
                yield from _of_acl(board.engine.filters, acl, egress, version)


def _of_acl(filters: Filters, acl: Acl, egress: bool, version: int) -> Iterator[Finding]:
    entries = [
        e
        for e in acl.entries
        if e.egress == egress and isinstance(e.block, Block) and e.block.version == version
    ]
    if len(entries) < 2 or any(not isinstance(e.block, Block) for e in acl.entries):
        return
    cuts = cuts_of(version, (e.block for e in entries if isinstance(e.block, Block)))
    first = np.full((len(cuts), len(filters.packets)), NOBODY)
    second = first.copy()
    for number, entry in reversed(list(enumerate(entries))):
        hit = _hits(filters, entry, cuts)
        second = np.where(hit, first, second)
        first = np.where(hit, number, first)
    allows = np.array([entry.allow for entry in entries] + [False])  # the last is rule *
    for number, entry in enumerate(entries):
        decided = first == number
        if entry.node is None or entry.node.type != "AWS::EC2::NetworkAclEntry":
            continue
        if not decided.any():
            hiding = [entries[n] for n in np.unique(first[_hits(filters, entry, cuts)]).tolist()]
            numbers = _rules({other.number for other in hiding})
            text = f"rule {entry.number} never decides: {numbers} matched before"
            contrary = any(other.allow != entry.allow for other in hiding)
            severity = Severity.MEDIUM if contrary else Severity.LOW
            yield CHECK.finding(entry.node, text, severity=severity)
        elif (allows[second[decided]] == entry.allow).all():
            text = f"rule {entry.number} changes nothing: later rules say the same"
            yield CHECK.finding(entry.node, text)


def _hits(filters: Filters, entry: Entry, cuts: list[int]) -> NDArray[np.bool_]:
    assert isinstance(entry.block, Block)
    inside = np.array([entry.block.start <= cut < entry.block.end for cut in cuts])
    mask = filters.packets.mask(entry.protocol, entry.low, entry.high)
    found: NDArray[np.bool_] = inside[:, None] & mask[None, :]
    return found


def _rules(numbers: set[int]) -> str:
    return f"rule{'s' if len(numbers) > 1 else ''} {', '.join(map(str, sorted(numbers)))}"


CHECK = Check(
    id="RW201",
    title="network ACL entries that decide nothing",
    severity=Severity.LOW,
    why="A deny that an earlier allow hides protects nothing; an allow that a deny hides is an "
    "outage waiting for somebody to reorder. Either takes one of twenty places.",
    instead="Give the entry a lower number than what hides it, or delete it.",
    judge=judge,
    bad="""
        vpc v 10.0.0.0/16
        subnet v/web/a 10.0.1.0/24 acl=v/web
        acl v/web
        entry v/web in 100 allow tcp/0-65535 0.0.0.0/0
        entry v/web in 110 deny tcp/3306 0.0.0.0/0
    """,
    good="""
        vpc v 10.0.0.0/16
        subnet v/web/a 10.0.1.0/24 acl=v/web
        acl v/web
        entry v/web in 90 deny tcp/3306 0.0.0.0/0
        entry v/web in 100 allow tcp/0-65535 0.0.0.0/0
    """,
)
