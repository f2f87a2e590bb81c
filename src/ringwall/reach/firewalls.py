"""AWS Network Firewall: a firewall's policy and two addresses → what becomes of every class (F16).

Rules:
- Stateless groups come first, by priority; what they forward is judged by the stateful engine: in
  action order (pass, drop, reject) or strictly in the order of groups and rules (Network Firewall
  guide).
- What hangs on more than the first packet shows is UNKNOWN, but only where it could change the
  answer.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ringwall.model.graph import Node, Unknown
from ringwall.reach.firewall_rules import (
    Address,
    FirewallRule,
    Match,
    action_of,
    stateful_rules,
    stateless_rules,
    unreadable,
)
from ringwall.reach.levels import LevelStore, Outcome
from ringwall.reach.packets import EPHEMERAL, TCP, UDP, Key, Packet, PacketClasses
from ringwall.reach.values import Values

FIREWALL = "AWS::NetworkFirewall::Firewall"
POLICY = "AWS::NetworkFirewall::FirewallPolicy"
GROUP = "AWS::NetworkFirewall::RuleGroup"
SYN, SYN_ACK = frozenset({"SYN"}), frozenset({"SYN", "ACK"})
STOPPING = frozenset({"drop", "reject"})
PERHAPS = "whether it matches shows no first packet"

Verdict = tuple[Outcome, str, str]  # what becomes of a packet, the rule, and why nobody knows
Ends = tuple[Address, Address]  # source and destination


@dataclass(frozen=True, slots=True)
class Policy:
    """A firewall's policy; `missing` names what of it is not in the input."""

    stateless: tuple[FirewallRule, ...]
    default: str  # of the stateless engine: pass, drop, forward
    stateful: tuple[FirewallRule, ...]
    is_strict: bool
    defaults: tuple[str, ...]  # of the stateful engine in strict order
    missing: Unknown | None = None

    @property
    def rules(self) -> tuple[FirewallRule, ...]:
        """Return every rule."""
        return (*self.stateless, *self.stateful)


def read_policies(values: Values, blocks: Mapping[str, Iterable[Any]]) -> dict[str, Policy]:
    """Return the policy of each firewall; `blocks` are those of VPCs, HOME_NET by default."""
    return {node.key: _read(values, node, blocks) for node in values.of_type(FIREWALL)}


def _read(values: Values, firewall: Node, blocks: Mapping[str, Iterable[Any]]) -> Policy:
    try:
        return _policy(values, firewall, blocks)
    except (AttributeError, KeyError, TypeError, ValueError):
        key = values.key(firewall.properties.get("FirewallPolicyArn"))
        lost = Unknown(f"firewall policy {key}", "it is not as AWS writes one")
        return Policy((), "forward", (), False, (), lost)


def _policy(values: Values, firewall: Node, blocks: Mapping[str, Iterable[Any]]) -> Policy:
    node = values.node(POLICY, firewall.properties.get("FirewallPolicyArn"))
    said = node.properties.get("FirewallPolicy") if node is not None else None
    if not isinstance(said, Mapping):
        key = values.key(firewall.properties.get("FirewallPolicyArn"))
        lost = Unknown(f"firewall policy {key}", "not in the input")
        return Policy((), "forward", (), False, (), lost)
    defined = (said.get("PolicyVariables") or {}).get("RuleVariables") or {}
    home = (defined.get("HOME_NET") or {}).get("Definition")
    vpc = values.key(firewall.properties.get("VpcId"))
    home = tuple(home or map(str, blocks.get(vpc, ())))
    missing: Unknown | None = None
    stateless: list[FirewallRule] = []
    for reference in _in_order(said.get("StatelessRuleGroupReferences")):
        group = _group(values, reference)
        if isinstance(group, Unknown):
            missing = group
        else:
            stateless += stateless_rules(group)
    stateful = [
        rule
        for reference in _in_order(said.get("StatefulRuleGroupReferences"))
        for rule in _stateful(values, reference, home)
    ]
    options = said.get("StatefulEngineOptions") or {}
    return Policy(
        tuple(stateless),
        action_of(said.get("StatelessDefaultActions") or ()),
        tuple(stateful),
        options.get("RuleOrder") == "STRICT_ORDER",
        tuple(said.get("StatefulDefaultActions") or ()),
        missing,
    )


def _in_order(references: Iterable[Mapping[str, Any]] | None) -> list[Mapping[str, Any]]:
    return sorted(references or (), key=lambda each: int(each.get("Priority") or 0))


def _group(values: Values, reference: Mapping[str, Any]) -> Mapping[str, Any] | Unknown:
    node = values.node(GROUP, reference.get("ResourceArn"))
    found = node.properties.get("RuleGroup") if node is not None else None
    if isinstance(found, Mapping):
        return found
    return Unknown(f"rule group {values.key(reference.get('ResourceArn'))}", "not in the input")


def _stateful(
    values: Values, reference: Mapping[str, Any], home: tuple[str, ...]
) -> Iterator[FirewallRule]:
    group = _group(values, reference)
    if isinstance(group, Unknown):
        yield from unreadable(str(group))
        return
    # "DROP_TO_ALERT" changes the action of a managed group's rules (Network Firewall guide).
    softens = (reference.get("Override") or {}).get("Action") == "DROP_TO_ALERT"
    for rule in stateful_rules(group, home):
        yield replace(rule, action="alert") if softens and rule.action in STOPPING else rule


def policy_keys(policies: Iterable[Policy]) -> set[Key]:
    """Return protocol, low and high of every range of ports that a rule names."""
    return {
        (protocol, low, high)
        for policy in policies
        for rule in policy.rules
        for protocol in (TCP, UDP)
        for low, high in rule.ports
    }


class Inspector:
    """What firewalls say of classes of packets between two addresses, computed once each."""

    def __init__(self, packets: PacketClasses, levels: LevelStore) -> None:
        self._packets, self._levels = packets, levels
        self._forward: dict[object, int] = {}
        self._replies: dict[object, tuple[int, ...]] = {}

    def table(self, key: object, judge: Callable[[Packet], Outcome]) -> tuple[int, ...]:
        """Return, for each class that was asked, the vector of replies to clients' ports.

        `judge` says what becomes of the reply to a packet with a client's port.
        """
        found = self._replies.get(key)
        if found is None:
            found = self._replies[key] = tuple(self._answers(judge))
        return found

    def _answers(self, judge: Callable[[Packet], Outcome]) -> Iterator[int]:
        classes = self._packets.classes
        for asked in classes:
            row = np.full(len(classes), Outcome.UNKNOWN, dtype=np.uint8)
            for index in self._packets.indices(asked.protocol):
                row[index] = judge(replace(asked.first, source_port=classes[index].first.port))
            yield self._levels.number(row)

    def forward(self, policy: Policy, ends: Ends) -> int:
        """Return the vector of first packets; a client's port is any of the ephemeral range."""
        if policy.missing is not None:
            return int(Outcome.UNKNOWN)
        key = (id(policy), _signature(policy.rules, ends))
        found = self._forward.get(key)
        if found is None:
            row = [int(first(policy, ends, each.first)[0]) for each in self._packets.classes]
            found = self._forward[key] = self._levels.number(np.array(row, dtype=np.uint8))
        return found

    def replies(self, policy: Policy, ends: Ends) -> tuple[int, ...]:
        """Return, for each class that was asked, the vector of replies to clients' ports.

        `ends` are those of the reply: whose it is, and the client.
        """
        if policy.missing is not None:
            return (int(Outcome.UNKNOWN),) * len(self._packets)
        if not policy.stateless:
            return (int(Outcome.PASS),) * len(self._packets)

        def judge(asked: Packet) -> Outcome:
            answer = replace(asked, port=asked.source_port, source_port=asked.port)
            return reply(policy, ends, answer)[0]

        return self.table((id(policy), _signature(policy.stateless, ends)), judge)


def _signature(rules: Iterable[FirewallRule], ends: Ends) -> tuple[object, ...]:
    return tuple((rule.addresses(*ends), rule.addresses(*ends[::-1])) for rule in rules)


def first(policy: Policy, ends: Ends, packet: Packet) -> Verdict:
    """Judge a first packet; UNDETERMINED where the client's port, if it has none, decides."""
    if packet.source_port or packet.protocol not in {TCP, UDP}:
        return _first(policy, ends, packet)
    low, high = EPHEMERAL
    edges = {
        edge
        for rule in policy.rules
        for _, source, _, port in rule.ways
        for edge in (*source.edges, *(port.edges if len(rule.ways) > 1 else ()))
    }
    ports = [low, *sorted(edge for edge in edges if low < edge <= high)]
    found = [_first(policy, ends, replace(packet, source_port=port)) for port in ports]
    if len({outcome for outcome, _, _ in found}) == 1:
        return found[0]
    _, rule, why = next(each for each in found if each[0] is not Outcome.PASS)
    return Outcome.UNDETERMINED, rule, why


def stateless(policy: Policy, ends: Ends, packet: Packet, flags: frozenset[str]) -> tuple[str, str]:
    """Return what the stateless engine does with one packet, and by which rule."""
    for rule in policy.stateless:
        if not rule.looks_at(flags, packet.protocol):
            continue
        match = rule.match(rule.addresses(*ends), packet.protocol, packet.source_port, packet.port)
        if match is not Match.NO:
            return rule.action, rule.text
    return policy.default, "stateless default action"


def _first(policy: Policy, ends: Ends, packet: Packet) -> Verdict:
    action, text = stateless(policy, ends, packet, SYN)
    if action != "forward":
        return (Outcome.PASS if action == "pass" else Outcome.DROP), text, ""
    found = [
        (rule, rule.match(rule.addresses(*ends), packet.protocol, packet.source_port, packet.port))
        for rule in policy.stateful
    ]
    matched = [pair for pair in found if pair[1] is not Match.NO]
    return _strictly(policy, matched) if policy.is_strict else _by_action(matched)


def _by_action(matched: list[tuple[FirewallRule, Match]]) -> Verdict:
    """F16: "pass, drop, reject, alert" is the order of actions, whatever the place of a rule."""
    passing = [(rule, match) for rule, match in matched if rule.action == "pass"]
    stopping = [(rule, match) for rule, match in matched if rule.action in STOPPING]
    surely = next((rule for rule, match in passing if match is Match.YES), None)
    if surely is not None:
        return Outcome.PASS, surely.text, ""
    if not stopping:
        return Outcome.PASS, "", ""
    stops = next((rule for rule, match in stopping if match is Match.YES), None)
    if stops is None:
        return Outcome.UNKNOWN, stopping[0][0].text, PERHAPS
    if passing:
        return Outcome.UNKNOWN, passing[0][0].text, PERHAPS
    return Outcome.DROP, stops.text, ""


def _strictly(policy: Policy, matched: list[tuple[FirewallRule, Match]]) -> Verdict:
    """F16: in strict order the first rule that matches decides, else the default actions."""
    rules = [(r, match) for r, match in matched if r.action == "pass" or r.action in STOPPING]
    at = next((n for n, (_, match) in enumerate(rules) if match is Match.YES), len(rules))
    if at < len(rules):
        surely = rules[at][0]
        passes = surely.action == "pass"
        end: Verdict = (Outcome.PASS if passes else Outcome.DROP, surely.text, "")
    else:
        end = _default(policy)
    for rule, _ in rules[:at]:
        same = (rule.action == "pass") == (end[0] is Outcome.PASS)
        if not same or end[0] is Outcome.UNKNOWN:
            return Outcome.UNKNOWN, rule.text, PERHAPS
    return end


def _default(policy: Policy) -> Verdict:
    for action in policy.defaults:
        if action == "aws:drop_strict":
            return Outcome.DROP, action, ""
        if action.startswith("aws:drop_established"):
            why = "it drops what follows the handshake unless a rule for applications passes it"
            return Outcome.UNKNOWN, action, why
    return Outcome.PASS, "", ""


def reply(policy: Policy, ends: Ends, packet: Packet) -> Verdict:
    """Judge a reply to what passed: its flow is known if both directions take the same way."""
    action, text = stateless(policy, ends, packet, SYN_ACK)
    if action == "drop":
        return Outcome.DROP, text, ""
    asked = replace(packet, port=packet.source_port, source_port=packet.port)
    if stateless(policy, ends[::-1], asked, SYN)[0] == action:
        return Outcome.PASS, text, ""
    return Outcome.UNKNOWN, text, "only one direction of the flow is forwarded to its engine"


def sees(policy: Policy, ends: Ends, packet: Packet) -> bool:
    """Tell whether the stateful engine sees a first packet."""
    return stateless(policy, ends, packet, SYN)[0] == "forward"
