"""One packet and one filter → the rule that decides about it, with its text for people."""

from dataclasses import dataclass, replace

from ringwall.model.graph import Node, Unknown
from ringwall.reach.elements import Acl, Entry, Rule
from ringwall.reach.filters import Filters, Spot
from ringwall.reach.firewalls import first, reply
from ringwall.reach.inspections import misses
from ringwall.reach.levels import Outcome
from ringwall.reach.packets import EPHEMERAL, ICMP, ICMPV6, NAMES, TCP, UDP, Packet
from ringwall.reach.ways import AskAcl, AskFirewall, AskGroups, AskNat, AskRelay, AskSymmetry, Step


@dataclass(frozen=True, slots=True)
class Decision:
    """An outcome with the rule behind it; `node` is that rule's resource."""

    outcome: Outcome
    rule: str
    text: str
    node: Node | None = None
    unknown: Unknown | None = None
    inner: tuple[tuple[Step, "Decision"], ...] = ()  # hops of what lies behind


def decide(filters: Filters, step: Step, packet: Packet) -> Decision:
    """Return what a step does to a packet, and why."""
    match step.ask:
        case None:
            outcome = Outcome(int(filters.levels.row(step.level)[0]))
            return Decision(outcome, step.rule, step.text, step.rule_node, step.unknown)
        case AskGroups() as ask:
            return _groups(filters, ask, packet)
        case AskAcl() as ask:
            return _acl_of_nat(ask, packet) if ask.nat_port else _acl(ask, packet)
        case AskFirewall() as ask:
            return _firewall(ask, packet)
        case AskSymmetry() as ask:
            return _symmetry(filters, ask, packet)
        case AskRelay(relay, is_reply):
            return relay.decide(packet, is_reply=is_reply)
        case AskNat(gateway):
            return _nat(filters, step, gateway, packet)


def _symmetry(filters: Filters, ask: AskSymmetry, packet: Packet) -> Decision:
    asked = replace(packet, port=packet.source_port, source_port=packet.port)
    missed = misses(filters.network, ask, asked)
    if not missed:
        return Decision(Outcome.PASS, "", "no inspection with state misses a direction")
    text = f"{missed} sees one direction of the flow alone, or in another order"
    return Decision(Outcome.DROP, "", text, filters.network.services.inspections[missed].node)


def _nat(filters: Filters, step: Step, gateway: Node, packet: Packet) -> Decision:
    index = filters.packets.class_of(packet)
    outcome = Outcome(int(filters.levels.row(step.level)[index]))
    if outcome is Outcome.PASS:
        return Decision(outcome, "", "source becomes the gateway's address", gateway)
    if outcome is Outcome.UNKNOWN:
        unknown = Unknown(f"{gateway}", "how ICMPv6 becomes ICMP is not modelled")
        return Decision(outcome, "", str(unknown), gateway, unknown)
    return Decision(outcome, "", "a NAT gateway passes TCP, UDP and ICMP alone", gateway)


def _firewall(ask: AskFirewall, packet: Packet) -> Decision:
    policy, node = ask.policy, ask.firewall
    if policy.missing is not None:
        return Decision(Outcome.UNKNOWN, "", str(policy.missing), node, policy.missing)
    judge = reply if ask.is_reply else first
    outcome, rule, why = judge(policy, ask.ends, packet)
    if outcome is Outcome.UNKNOWN:
        unknown = Unknown(f"rule {rule}", why)
        return Decision(outcome, rule, str(unknown), node, unknown)
    if outcome is Outcome.UNDETERMINED:
        return Decision(outcome, rule, f"depends on the client's port: {rule}", node)
    return Decision(outcome, rule, rule or "no stateful rule stops it", node)


def _groups(filters: Filters, ask: AskGroups, packet: Packet) -> Decision:
    groups = filters.network.groups
    doubt: Unknown | None = None
    for key in ask.members:
        group = groups.get(key)
        if group is None:
            doubt = Unknown(f"security group {key}", "not in the input")
            continue
        for rule in group.rules(egress=ask.egress):
            if not _means(rule.protocol, rule.low, rule.high, packet):
                continue
            matched = filters.admits(rule, ask.remote, egress=ask.egress)
            if matched is True:
                text = _describe_rule(rule, egress=ask.egress)
                return Decision(Outcome.PASS, rule_id(rule.node), text, rule.node)
            if isinstance(matched, Unknown):
                doubt = matched
    if doubt is not None:
        return Decision(Outcome.UNKNOWN, "", str(doubt), unknown=doubt)
    way, side = ("egress", "to") if ask.egress else ("ingress", "from")
    named = ", ".join(ask.members) or "an interface without groups"
    first = groups.get(ask.members[0]) if ask.members else None
    text = f"no {way} rule of {named} admits {packet} {side} {ask.remote.spot}"
    return Decision(Outcome.DROP, "", text, first.node if first else None)


def _means(protocol: int, low: int, high: int, packet: Packet) -> bool:
    if protocol == -1:
        return True
    if protocol != packet.protocol:
        return False
    if packet.protocol in {TCP, UDP}:
        return low == -1 or low <= packet.port <= high
    if packet.protocol in {ICMP, ICMPV6}:
        return low == -1 or (low == packet.port and high in {-1, packet.code})
    return True


def _acl(ask: AskAcl, packet: Packet) -> Decision:
    """F9: the first entry that matches decides; `*` denies what none matches (VPC guide)."""
    entry = first_entry(ask.acl, ask.spot, packet, egress=ask.egress)
    if entry is None:
        side = "to" if ask.egress else "from"
        text = f"no entry matches {packet} {side} {ask.spot}; rule * denies"
        return Decision(Outcome.DROP, "*", text, ask.acl.node)
    rule = str(entry.number)
    if isinstance(entry.block, Unknown):
        return Decision(Outcome.UNKNOWN, rule, str(entry.block), entry.node, entry.block)
    outcome = Outcome.PASS if entry.allow else Outcome.DROP
    return Decision(outcome, rule, _describe_entry(entry), entry.node)


def first_entry(acl: Acl, spot: Spot, packet: Packet, *, egress: bool) -> Entry | None:
    """Return the entry that decides about a packet, None if none matches."""
    for entry in acl.entries:
        if entry.egress != egress or not _means(entry.protocol, entry.low, entry.high, packet):
            continue
        if isinstance(entry.block, Unknown) or entry.block.holds(spot.version, spot.address):
            return entry
    return None


def _acl_of_nat(ask: AskAcl, packet: Packet) -> Decision:
    """Decide about a reply to a NAT gateway, which may go to any port from 1024 on (R11)."""
    if packet.protocol not in {TCP, UDP}:
        return _acl(ask, packet)
    low, high = EPHEMERAL
    edges = {edge for entry in ask.acl.entries for edge in (entry.low, entry.high + 1)}
    starts = [low, *sorted(edge for edge in edges if low < edge <= high)]
    answers = [_acl(ask, replace(packet, port=start)) for start in starts]
    outcomes = {answer.outcome for answer in answers}
    if outcomes in ({Outcome.PASS}, {Outcome.DROP}):
        return answers[0]
    blocked = next(answer for answer in answers if answer.outcome is not Outcome.PASS)
    text = f"depends on the port that the NAT gateway chooses: {blocked.text}"
    return replace(blocked, outcome=Outcome.UNDETERMINED, text=text)


def rule_id(node: Node | None) -> str:
    """Return the id of a rule's resource: AWS's where there is one."""
    return (node.physical_id or node.key) if node is not None else ""


def _describe_rule(rule: Rule, *, egress: bool) -> str:
    ports = _ports(rule.protocol, rule.low, rule.high)
    return f"{ports} {'to' if egress else 'from'} {rule.peer}"


def _describe_entry(entry: Entry) -> str:
    verb = "allow" if entry.allow else "deny"
    side = "to" if entry.egress else "from"
    ports = _ports(entry.protocol, entry.low, entry.high)
    return f"rule {entry.number} {verb} {ports} {side} {entry.block}"


def _ports(protocol: int, low: int, high: int) -> str:
    if protocol == -1:
        return "all traffic"
    name = NAMES.get(protocol, f"protocol {protocol}")
    if low == -1 or protocol not in NAMES:
        return name
    if protocol in {ICMP, ICMPV6}:
        return f"{name} type {low}" + ("" if high == -1 else f" code {high}")
    return f"{name}/{low}" if low == high else f"{name}/{low}-{high}"
