"""Security groups and network ACLs: a packet → the rule that decides about it.

Rule: a decision is PASS, DROP or UNKNOWN; a rule that cannot be read may have matched, so it turns
a drop into UNKNOWN and never into silence.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from ringwall.model.graph import Node, Unknown
from ringwall.trace.addresses import Block, Host
from ringwall.trace.elements import Acl, AclEntry, GroupRule
from ringwall.trace.network import Network
from ringwall.trace.packet import ICMP, ICMPV6, NAMES, TCP, UDP, Packet


class Outcome(StrEnum):
    """What happens to a packet at one place."""

    PASS = "pass"  # noqa: S105  no password
    DROP = "drop"
    UNKNOWN = "unknown"
    UNDETERMINED = "undetermined"


@dataclass(frozen=True, slots=True)
class Decision:
    """An outcome with the rule behind it; `node` is that rule's resource.

    `inner` are the steps of a second connection, each with its decision.
    """

    outcome: Outcome
    rule: str
    text: str
    node: Node | None = None
    unknown: Unknown | None = None
    inner: tuple[tuple[Any, "Decision"], ...] = ()


@dataclass(frozen=True, slots=True)
class Remote:
    """The other end as a filter sees it.

    `groups` are the groups of the interface whose private address the packet bears, none after the
    address was rewritten; `via` says what lies between: "" (the same VPC), "peering",
    "transit-gateway" or "internet". `doubted` are groups of which nobody knows whether they count.
    """

    host: Host
    groups: frozenset[str] = frozenset()
    via: str = ""
    doubted: frozenset[str] = frozenset()


def decide_groups(
    network: Network, groups: tuple[str, ...], remote: Remote, packet: Packet, *, egress: bool
) -> Decision:
    """Ask the groups of an interface about a new connection.

    F1: "you can specify allow rules, but not deny rules"; the rules of all groups of the interface
    are taken together, and what none allows is denied (VPC guide, security group rules).
    """
    doubt: Unknown | None = None
    for key in groups:
        group = network.group_of(key)
        if group is None:
            doubt = Unknown(f"security group {key}", "not in the input")
            continue
        for rule in group.egress if egress else group.ingress:
            if not protocol_matches(rule, packet):
                continue
            matched = _peer_matches(network, rule, remote, egress=egress)
            if matched is True:
                node = rule.node
                return Decision(Outcome.PASS, rule_id(node), describe(rule, egress), node)
            if isinstance(matched, Unknown):
                doubt = matched
    if doubt is not None:
        return Decision(Outcome.UNKNOWN, "", str(doubt), unknown=doubt)
    way = "egress" if egress else "ingress"
    named = ", ".join(groups) or "an interface without groups"
    first = network.group_of(groups[0]) if groups else None
    text = f"no {way} rule of {named} admits {packet} {'to' if egress else 'from'} {remote.host}"
    return Decision(Outcome.DROP, "", text, first.node if first else None)


def protocol_matches(rule: GroupRule, packet: Packet) -> bool:
    """Tell whether a rule is about the packet's protocol and port.

    F7: for ICMP FromPort is the type, ToPort the code, -1 any. F8: -1 is all protocols, and
    protocols without ports match by number alone (EC2 API, IpPermission).
    """
    if rule.protocol == -1:
        return True
    if rule.protocol != packet.protocol:
        return False
    if packet.protocol in {TCP, UDP}:
        return rule.low <= packet.port <= rule.high or (rule.low == -1 and rule.high == -1)
    if packet.protocol in {ICMP, ICMPV6}:
        return rule.low in {-1, packet.port} and (rule.low == -1 or rule.high in {-1, packet.code})
    return True


def _peer_matches(
    network: Network, rule: GroupRule, remote: Remote, *, egress: bool
) -> bool | Unknown:
    peer = rule.peer
    if peer.unknown is not None:
        return peer.unknown
    if peer.block is not None:
        # F20: IPv6 rules are separate entries; a block holds addresses of its own family alone.
        return remote.host in peer.block
    if peer.list_name:
        return list_holds(network, peer.list_name, remote.host)
    return _group_matches(network, peer.group, remote, egress=egress)


def list_holds(network: Network, name: str, address: Host) -> bool | Unknown:
    """Tell whether a prefix list holds an address."""
    if name in address.lists:
        return True
    known = network.lists.get(name)
    if known is not None:
        return any(address in part for part in known)
    if name in network.service_lists:
        # The list of a gateway endpoint's service: its addresses are AWS's public ones, and those
        # of them that a question means bear the list's name.
        return False
    return Unknown(f"prefix list {name}", "its CIDRs are not in the input")


def _group_matches(network: Network, group: str, remote: Remote, *, egress: bool) -> bool | Unknown:
    """Tell whether the remote end is a member of a group.

    F3, F6: a reference matches the private addresses of the interfaces of the group itself, not
    traffic by public address, through NAT or a middlebox (VPC guide).
    """
    if network.group_of(group) is None:
        return Unknown(f"security group {group}", "not in the input")
    if group in remote.doubted - remote.groups:
        known = replace(remote, groups=frozenset({group}), doubted=frozenset())
        matches = _group_matches(network, group, known, egress=egress)
        why = "whether it admits its members through a network load balancer is not documented"
        return Unknown(f"security group {group}", why) if matches is True else matches
    if group not in remote.groups:
        return False
    match remote.via:
        case "":
            return True
        case "peering":  # F4: over an active peering of one Region; else the rule is stale
            return True
        case "transit-gateway":
            # F5 (verify): inbound only, and only where gateway and attachments support it.
            return False if egress else network.transit_references(remote.host)
        case _:
            return False


def decide_acl(acl: Acl, remote: Host, packet: Packet, *, egress: bool) -> Decision:
    """Ask a network ACL about a packet that leaves (`egress`) or enters its subnet.

    F9: "rules are evaluated starting with the lowest numbered rule", the first match decides, and
    the rule `*` denies what none matches, once a family (VPC guide, network ACL basics). It is
    stateless: a reply is asked like any packet.
    """
    for entry in acl.entries:
        if entry.egress != egress or not _entry_matches(entry, packet):
            continue
        if isinstance(entry.block, Unknown):
            return Decision(
                Outcome.UNKNOWN, str(entry.number), str(entry.block), entry.node, entry.block
            )
        if remote in entry.block:
            outcome = Outcome.PASS if entry.allow else Outcome.DROP
            return Decision(outcome, str(entry.number), _describe_entry(entry), entry.node)
    text = f"no entry matches {packet} {'to' if egress else 'from'} {remote}; rule * denies"
    return Decision(Outcome.DROP, "*", text, acl.node)


def _entry_matches(entry: AclEntry, packet: Packet) -> bool:
    """Ports are heeded for TCP and UDP alone, type and code for ICMP (EC2 API, NetworkAclEntry)."""
    if entry.protocol == -1:
        return True
    if entry.protocol != packet.protocol:
        return False
    if packet.protocol in {TCP, UDP}:
        return entry.ports is None or entry.ports[0] <= packet.port <= entry.ports[1]
    if packet.protocol in {ICMP, ICMPV6} and entry.icmp is not None:
        kind, code = entry.icmp
        return kind in {-1, packet.port} and (kind == -1 or code in {-1, packet.code})
    return True


def rule_id(node: Node | None) -> str:
    """Return the id of a rule's resource: AWS's where there is one."""
    return (node.physical_id or node.key) if node is not None else ""


def describe(rule: GroupRule, egress: bool) -> str:
    """Write a rule as people do: `tcp/443 from 10.0.0.0/8`."""
    return f"{_ports(rule.protocol, rule.low, rule.high)} {'to' if egress else 'from'} {rule.peer}"


def _describe_entry(entry: AclEntry) -> str:
    low, high = entry.ports or entry.icmp or (-1, -1)
    verb = "allow" if entry.allow else "deny"
    way = "to" if entry.egress else "from"
    return f"rule {entry.number} {verb} {_ports(entry.protocol, low, high)} {way} {entry.block}"


def _ports(protocol: int, low: int, high: int) -> str:
    if protocol == -1:
        return "all traffic"
    name = NAMES.get(protocol, f"protocol {protocol}")
    if low == -1 or protocol not in NAMES:
        return name
    if protocol in {ICMP, ICMPV6}:
        return f"{name} type {low}" + ("" if high == -1 else f" code {high}")
    return f"{name}/{low}" if low == high else f"{name}/{low}-{high}"


def blocks_of_filters(network: Network) -> list[Block]:
    """Return every block that a rule of any filter names."""
    entries = (entry.block for acl in network.acls.values() for entry in acl.entries)
    rules = (
        rule.peer.block
        for group in network.groups.values()
        for rule in (*group.ingress, *group.egress)
    )
    return [part for part in (*entries, *rules) if isinstance(part, Block)]
