"""A question about one source, destination and port → an Explanation, as text or as JSON.

Rule: of several pairs and atoms the verdict is that of the one that reaches most, so that DENY is
said only of what is denied everywhere; `mixed` counts the verdicts where they differ.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from textwrap import wrap
from typing import Any

from ringwall.model.graph import Origin, Unknown
from ringwall.model.ports import PortSpec
from ringwall.trace.ends import Placement
from ringwall.trace.filters import Outcome
from ringwall.trace.judge import ORDER, Case, follow, survey
from ringwall.trace.network import Network
from ringwall.trace.packet import TCP, UDP, reply
from ringwall.trace.placements import Networks, placements
from ringwall.trace.trace import Blocker, Hop, Trace, Verdict

SCHEMA = "ringwall/explain/1"
MARKS = {
    Outcome.PASS: ("✓", "+"),
    Outcome.DROP: ("✗", "x"),
    Outcome.UNKNOWN: ("?", "?"),
    Outcome.UNDETERMINED: ("?", "?"),
}
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
    "appliance": "appl",
    "gateway-load-balancer-endpoint": "gwlbe",
    "network-firewall": "nfw",
    "load-balancer": "elb",
    "target-group": "target",
    "endpoint-service": "svc",
    "virtual-private-gateway": "vgw",
    "vpn-connection": "vpn",
    "direct-connect-gateway": "dxgw",
    "transit-gateway-peering": "tgw",
}


@dataclass(frozen=True, slots=True)
class Explanation:
    """The verdict about a question, with the trace that shows it."""

    source: str
    destination: str
    port: str
    verdict: Verdict
    trace: Trace | None = None
    case: Case | None = None
    mixed: Mapping[str, int] = field(default_factory=dict)
    unknowns: tuple[Unknown, ...] = ()
    notes: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON document `ringwall/explain/1`."""
        document: dict[str, Any] = {
            "schema": SCHEMA,
            "from": self.source,
            "to": self.destination,
            "port": self.port,
            "verdict": self.verdict.value,
        }
        if self.case is not None and self.case.client_ports is not None:
            document["ports"] = ranges(self.case)
        if len(self.mixed) > 1:
            document["mixed"] = dict(self.mixed)
        document |= trace_document(self.trace, self.case)
        document["unknown"] = [{"what": u.what, "why": u.why} for u in self.unknowns]
        document["notes"] = list(self.notes)
        return document


def explain(
    network: Network,
    source: str,
    destination: str,
    port: PortSpec,
    *,
    networks: Networks | None = None,
) -> Explanation:
    """Explain whether a source reaches a destination; raises QuestionError for what is no name."""
    ends = [placements(network, name, networks) for name in (source, destination)]
    missing = tuple(end for end in ends if isinstance(end, Unknown))
    named = (source, destination, str(port))
    sources, destinations = ends
    if isinstance(sources, Unknown) or isinstance(destinations, Unknown):
        return Explanation(*named, Verdict.UNKNOWN, unknowns=missing)
    found = survey(network, sources, destinations, [port])
    if not found:
        unknown = Unknown("question", "the two ends share no family of addresses, or are one")
        return Explanation(*named, Verdict.UNKNOWN, unknowns=(unknown,))
    case = min(found, key=lambda c: ORDER.index(c.verdict))
    counted = Counter(c.verdict.value for c in found)
    followed = follow(network, case)
    return Explanation(
        *named,
        case.verdict,
        followed,
        case,
        mixed={v.value: counted[v.value] for v in ORDER if counted[v.value]},
        unknowns=tuple(dict.fromkeys((*case.unknowns, *followed.unknowns))),
        notes=notes(network, sources, destinations),
    )


def notes(
    network: Network, sources: tuple[Placement, ...], destinations: tuple[Placement, ...]
) -> tuple[str, ...]:
    """Return what a proof about these ends leaves open."""
    found = []
    open_to_dns = sorted({end.vpc for end in sources if end.vpc and _asks_resolver(network, end)})
    if open_to_dns:
        # F12: neither network ACLs nor security groups can block DNS requests to the VPC's
        # resolver (VPC guide); only Resolver DNS Firewall filters them.
        found.append(
            f"the resolver's DNS channel stays open in {_listed(open_to_dns)}: no filter can block "
            "it, and no DNS Firewall rule group is associated"
        )
    vpcs = {end.vpc for end in sources}
    public = sorted({d.name for d in destinations if d.is_inside and d.public and vpcs - {d.vpc}})
    if public and vpcs != {""}:
        found.append(
            f"public IPv4 addresses of {_listed(public)} are addresses of the internet: ask from "
            "and to internet about them"
        )
    return tuple(found)


def _asks_resolver(network: Network, end: Placement) -> bool:
    guarded = {
        network.values.key(node.properties.get("VpcId"))
        for node in network.graph.of_type("AWS::Route53Resolver::FirewallRuleGroupAssociation")
    }
    has_resolver = network.vpcs[end.vpc].properties.get("EnableDnsSupport", True)
    return bool(has_resolver) and end.vpc not in guarded


def _listed(names: list[str], most: int = 4) -> str:
    """List a few names and count the rest."""
    rest = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + rest


def ranges(case: Case) -> list[str]:
    """Return the client ports of a PARTIAL verdict as inclusive ranges."""
    assert case.client_ports is not None
    return [str(a) if b - a == 1 else f"{a}-{b - 1}" for a, b in case.client_ports]


def source_document(origin: Origin | None) -> dict[str, Any] | None:
    """Return the place in the blueprint."""
    if origin is None:
        return None
    return origin.to_dict()


def hop_document(hop: Hop) -> dict[str, Any]:
    """Return one hop."""
    return {
        "n": hop.number,
        "kind": hop.kind,
        "id": hop.id,
        "name": hop.name,
        "verdict": hop.verdict.value,
        "rule": {"id": hop.rule, "text": hop.text},
        "source": source_document(hop.origin),
        "aws_code": hop.code or None,
        "decisive": hop.decisive,
    }


def blocker_document(blocker: Blocker) -> dict[str, Any]:
    """Return one blocker."""
    return {
        "code": blocker.code,
        "resource": blocker.resource,
        "rule": blocker.rule,
        "source": source_document(blocker.origin),
        "text": blocker.text,
        "direction": blocker.direction,
    }


def trace_document(found: Trace | None, case: Case | None) -> dict[str, Any]:
    """Return the hops of both ways, the blockers and the witness."""
    if found is None:
        empty: dict[str, Any] = {"hops": []}
        return {"forward": empty, "return": dict(empty), "blockers": [], "witness": None}
    packet = found.packet
    witness: dict[str, Any] = {
        "from": str(found.source),
        "to": str(found.destination),
        "source_address": str(found.sender),
        "destination_address": str(found.receiver),
        "protocol": packet.protocol,
        "packet": str(packet),
    }
    if packet.protocol in {TCP, UDP}:
        witness |= {"port": packet.port, "source_port": packet.source_port}
    if case is not None:
        witness["atom"] = str(case.atom)
    return {
        "forward": {"hops": [hop_document(hop) for hop in found.forward]},
        "return": {"hops": [hop_document(hop) for hop in found.back]},
        "blockers": [blocker_document(blocker) for blocker in found.blockers],
        "witness": witness,
    }


def render_text(explanation: Explanation, width: int = 100, *, ascii_only: bool = False) -> str:
    """Write an explanation for people: the verdict, numbered hops, the way back, the blockers."""
    head = f"{explanation.verdict.value}  {explanation.source} -> {explanation.destination}"
    lines = [f"{head}  {explanation.port}"]
    case, found = explanation.case, explanation.trace
    if case is not None and case.client_ports is not None:
        lines.append(f"  only for client ports {', '.join(ranges(case))}")
    if len(explanation.mixed) > 1:
        counts = ", ".join(f"{count} {name}" for name, count in explanation.mixed.items())
        lines.append(f"  not the same everywhere: {counts}")
    if found is not None:
        lines += _render_trace(found, width, ascii_only=ascii_only)
    lines += [f"  unknown: {unknown}" for unknown in explanation.unknowns]
    for note in explanation.notes:
        lines += wrap(f"note: {note}", width, initial_indent="  ", subsequent_indent="        ")
    return "\n".join(lines) + "\n"


def render_trace(found: Trace, width: int = 100, *, ascii_only: bool = False) -> str:
    """Write the hops, the way back and the blockers of one trace."""
    return "\n".join(_render_trace(found, width, ascii_only=ascii_only)) + "\n"


def _render_trace(found: Trace, width: int, *, ascii_only: bool) -> list[str]:
    arrow = "->" if ascii_only else "→"
    port = f" from port {found.packet.source_port}" if found.packet.source_port else ""
    ends = f"{found.source} {found.sender} {arrow} {found.destination} {found.receiver}"
    lines = [
        f"  {ends}  {found.packet}{port}",
        "",
    ]
    lines += [_hop_line(hop, width, ascii_only=ascii_only) for hop in found.forward]
    stopped = [hop for hop in found.back if hop.verdict is not Outcome.PASS]
    if not found.back:
        asked = reply(found.packet) is not None
        lines.append(f"  return path: {'not reached' if asked else 'no reply is called for'}")
    elif not stopped:
        lines.append(f"  return path: open, {len(found.back)} hops")
    else:
        lines.append("  return path:")
        lines += [_hop_line(hop, width, ascii_only=ascii_only) for hop in found.back]
    if found.blockers:
        lines += ["", "  blocked by:"]
        lines += [_blocker_line(blocker, width) for blocker in found.blockers]
    return lines


def _hop_line(hop: Hop, width: int, *, ascii_only: bool) -> str:
    mark = MARKS[hop.verdict][1 if ascii_only else 0]
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
