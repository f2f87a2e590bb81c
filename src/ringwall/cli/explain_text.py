"""Explanations and followed packets → lines that people read."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ringwall.model.graph import Origin
    from ringwall.reach.answers import Blocker, Hop, Told
    from ringwall.reach.explain import Explanation

MARKS = {"pass": ("✓", "+"), "drop": ("✗", "x"), "unknown": ("?", "?"), "undetermined": ("?", "?")}
KINDS = {
    "security-group": "sg",
    "network-acl": "nacl",
    "route-table": "route",
    "transit-gateway": "tgw",
    "transit-gateway-route-table": "tgw",
    "attachment": "attach",
    "internet-gateway": "igw",
    "nat-gateway": "nat",
    "egress-only-internet-gateway": "eigw",
    "gateway-endpoint": "vpce",
    "block-public-access": "bpa",
}


def explanation_lines(
    explanation: Explanation, width: int = 100, *, ascii_only: bool = False
) -> Iterator[str]:
    """Yield the verdict, numbered hops, the way back, the blockers, and what is unknown."""
    head = f"{explanation.verdict.value}  {explanation.source} -> {explanation.destination}"
    yield f"{head}  {explanation.port}"
    case = explanation.case
    if case is not None and case.client_ports is not None:
        yield f"  only for client ports {', '.join(case.client_ranges())}"
    if len(explanation.mixed) > 1:
        counts = ", ".join(f"{count} {name}" for name, count in explanation.mixed.items())
        yield f"  not the same everywhere: {counts}"
    if explanation.told is not None:
        yield from told_lines(explanation.told, width, ascii_only=ascii_only)
    if explanation.remedies:
        yield from _remedy_lines(explanation, width)
    for unknown in explanation.unknowns:
        yield f"  unknown: {unknown}"
    for note in explanation.notes:
        yield from wrap(f"note: {note}", width, initial_indent="  ", subsequent_indent="        ")
    if explanation.coverage is not None:
        yield f"  {explanation.coverage}"


def _remedy_lines(explanation: Explanation, width: int) -> Iterator[str]:
    """Yield the verified changes: each closing by itself, an opening with all of its parts."""
    opens = explanation.remedies[0].verdict.value == "ALLOW"
    yield ""
    yield "  to open it:" if opens else "  to close it, any one of:"
    for remedy in explanation.remedies:
        for part in remedy.parts:
            yield _with_place(f"    {part}", remedy.origin, width)


def told_lines(told: Told, width: int = 100, *, ascii_only: bool = False) -> Iterator[str]:
    """Yield the hops, the way back and the blockers of one packet."""
    arrow = "->" if ascii_only else "→"
    case, packet = told.case, told.packet
    port = f" from port {packet.source_port}" if packet.source_port else ""
    ends = f"{case.source} {case.sender} {arrow} {case.destination} {case.receiver}"
    yield f"  {ends}  {packet}{port}"
    yield ""
    for hop in told.forward:
        yield _hop_line(hop, width, ascii_only=ascii_only)
    stopped = [hop for hop in told.back if hop.outcome.word != "pass"]
    if not told.back:
        yield f"  return path: {'not reached' if told.replies else 'no reply is called for'}"
    elif not stopped:
        yield f"  return path: open, {len(told.back)} hops"
    else:
        yield "  return path:"
        for hop in told.back:
            yield _hop_line(hop, width, ascii_only=ascii_only)
    if told.blockers:
        yield ""
        yield "  blocked by:"
        for blocker in told.blockers:
            yield _blocker_line(blocker, width)


def _hop_line(hop: Hop, width: int, *, ascii_only: bool) -> str:
    mark = MARKS[hop.outcome.word][1 if ascii_only else 0]
    pointer = (">" if ascii_only else "▶") if hop.decisive else " "
    kind = KINDS.get(hop.kind, hop.kind)
    left = f"  {pointer} {hop.number:>2} {mark} {kind:<6} {hop.name:<30} {hop.text}"
    return _with_place(left, hop.origin, width)


def _blocker_line(blocker: Blocker, width: int) -> str:
    way = " (reply)" if blocker.direction == "return" else ""
    left = f"    {blocker.code}{way}  {blocker.resource}: {blocker.text}"
    return _with_place(left, blocker.origin, width)


def _with_place(left: str, origin: Origin | None, width: int) -> str:
    if origin is None:
        return left
    return f"{left:<{max(0, width - len(str(origin)) - 2)}}  {origin}"
