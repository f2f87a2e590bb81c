"""AWS Network Firewall: a firewall's policy and a packet → what becomes of it (F16).

Rules: stateless groups first, by priority; what they forward is judged by the stateful engine, in
action order (pass, drop, reject) or strictly in the order of groups and rules. What hangs on more
than the first packet shows is UNKNOWN, but only where it could change the answer.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from ringwall.model.graph import Node, Unknown
from ringwall.trace.addresses import Block, Host, block
from ringwall.trace.filters import Decision, Outcome
from ringwall.trace.firewall_rules import ANY, Part, Range, Rule, stateful_rules
from ringwall.trace.network import Network
from ringwall.trace.packet import EPHEMERAL, TCP, UDP, Packet

FIREWALL = "AWS::NetworkFirewall::Firewall"
POLICY = "AWS::NetworkFirewall::FirewallPolicy"
GROUP = "AWS::NetworkFirewall::RuleGroup"
SYN, ACK = "SYN", "ACK"
STOPPING = frozenset({"drop", "reject"})


@dataclass(frozen=True, slots=True)
class StatelessRule:
    """A rule of the stateless engine; `flags` are pairs: what must be set of what is looked at."""

    rule: Rule
    flags: tuple[tuple[frozenset[str], frozenset[str]], ...] = ()

    def matches(self, packet: Packet, source: Host, destination: Host, *, first: bool) -> bool:
        """Tell whether it matches one packet."""
        if packet.protocol == TCP and self.flags:
            set_flags = {SYN} if first else {SYN, ACK}
            if not any(set_flags & masks == flags for flags, masks in self.flags):
                return False
        return self.rule.matches(packet, source, destination) is not False


@dataclass(frozen=True, slots=True)
class Policy:
    """A firewall's policy; a missing group stands in `stateful` as a rule that may do anything."""

    stateless: tuple[StatelessRule, ...]
    default: str  # of the stateless engine
    stateful: tuple[Rule, ...]
    is_strict: bool
    defaults: tuple[str, ...]  # of the stateful engine in strict order
    missing: Unknown | None = None


def policy_of(network: Network, firewall: Node) -> Policy | Unknown:
    """Return the policy of a firewall."""
    key = ("firewall policy", firewall.key)
    if key not in network.memo:
        try:
            network.memo[key] = _policy(network, firewall)
        except (AttributeError, KeyError, TypeError, ValueError):
            name = network.values.key(firewall.properties.get("FirewallPolicyArn"))
            unknown = Unknown(f"firewall policy {name}", "it is not as AWS writes one")
            network.memo[key] = unknown
    found: Policy | Unknown = network.memo[key]
    return found


def _policy(network: Network, firewall: Node) -> Policy | Unknown:
    key = network.values.key(firewall.properties.get("FirewallPolicyArn"))
    node = network.graph.get((POLICY, key))
    if node is None:
        return Unknown(f"firewall policy {key}", "not in the input")
    said: Mapping[str, Any] = node.properties.get("FirewallPolicy") or {}
    options = said.get("StatefulEngineOptions") or {}
    defined = (said.get("PolicyVariables") or {}).get("RuleVariables") or {}
    home = tuple((defined.get("HOME_NET") or {}).get("Definition") or ())
    vpc = network.values.key(firewall.properties.get("VpcId"))
    home = home or tuple(str(part) for part in network.blocks.get(vpc, ()))
    stateless: list[StatelessRule] = []
    missing: Unknown | None = None
    for reference in _by_priority(said.get("StatelessRuleGroupReferences")):
        group = _group(network, reference)
        if isinstance(group, Unknown):
            missing = group
        else:
            stateless += _stateless(group)
    stateful: list[Rule] = []
    for reference in _by_priority(said.get("StatefulRuleGroupReferences")):
        group = _group(network, reference)
        if isinstance(group, Unknown):
            stateful += [
                Rule(action, None, ANY, ANY, ANY, ANY, str(group), is_certain=False)
                for action in ("pass", "drop")
            ]
            continue
        alerts_only = (reference.get("Override") or {}).get("Action") == "DROP_TO_ALERT"
        for rule in stateful_rules(group, home):
            is_softened = alerts_only and rule.action in STOPPING
            stateful.append(replace(rule, action="alert") if is_softened else rule)
    return Policy(
        tuple(stateless),
        _action(said.get("StatelessDefaultActions") or ("aws:forward_to_sfe",)),
        tuple(stateful),
        options.get("RuleOrder") == "STRICT_ORDER",
        tuple(said.get("StatefulDefaultActions") or ()),
        missing,
    )


def _by_priority(references: Any) -> list[Mapping[str, Any]]:  # noqa: ANN401
    return sorted(references or (), key=lambda each: int(each.get("Priority") or 0))


def _group(network: Network, reference: Mapping[str, Any]) -> Mapping[str, Any] | Unknown:
    key = network.values.key(reference.get("ResourceArn"))
    node = network.graph.get((GROUP, key))
    found = node.properties.get("RuleGroup") if node is not None else None
    return found if isinstance(found, Mapping) else Unknown(f"rule group {key}", "not in the input")


def _action(actions: Any) -> str:  # noqa: ANN401  (a list; custom actions decide nothing)
    known = {"aws:pass": "pass", "aws:drop": "drop", "aws:forward_to_sfe": "forward"}
    return next((known[each] for each in actions if each in known), "forward")


def _stateless(group: Mapping[str, Any]) -> Iterator[StatelessRule]:
    source = group.get("RulesSource") or {}
    rules = (source.get("StatelessRulesAndCustomActions") or {}).get("StatelessRules") or ()
    for item in sorted(rules, key=lambda each: int(each.get("Priority") or 0)):
        definition = item.get("RuleDefinition") or {}
        match = definition.get("MatchAttributes") or {}
        numbers = frozenset(int(each) for each in match.get("Protocols") or ())
        action = _action(definition.get("Actions") or ())
        rule = Rule(
            action,
            numbers or None,
            _blocks(match.get("Sources")),
            _ranges(match.get("SourcePorts")),
            _blocks(match.get("Destinations")),
            _ranges(match.get("DestinationPorts")),
            f"stateless rule {item.get('Priority')} {action}",
        )
        flags = tuple(
            (frozenset(each.get("Flags") or ()), frozenset(each.get("Masks") or ()))
            for each in match.get("TCPFlags") or ()
        )
        yield StatelessRule(rule, tuple((f, m or f) for f, m in flags))


def _blocks(items: Any) -> Part:  # noqa: ANN401
    return Part(tuple(block(each["AddressDefinition"]) for each in items or ()))


def _ranges(items: Any) -> Part:  # noqa: ANN401
    pairs = ((int(e["FromPort"]), int(e.get("ToPort", e["FromPort"]))) for e in items or ())
    return Part(tuple(pairs))


def stateless_action(
    policy: Policy, packet: Packet, source: Host, destination: Host, *, first: bool
) -> tuple[str, str]:
    """Return what the stateless engine does (pass, drop, forward) and by which rule."""
    for each in policy.stateless:
        if each.matches(packet, source, destination, first=first):
            return each.rule.action, each.rule.text
    return policy.default, "stateless default action"


def stateful_decision(policy: Policy, packet: Packet, source: Host, destination: Host) -> Decision:
    """Judge the first packet of a flow."""
    found = [(rule, rule.matches(packet, source, destination)) for rule in policy.stateful]
    found = [(rule, match) for rule, match in found if match is not False]
    return _strict(policy, found) if policy.is_strict else _by_action(found)


def _by_action(found: list[tuple[Rule, bool | None]]) -> Decision:
    """F16: "pass, drop, reject, alert" is the order of rules, whatever their place (NFW guide)."""
    passing = [(rule, match) for rule, match in found if rule.action == "pass"]
    stopping = [(rule, match) for rule, match in found if rule.action in STOPPING]
    for rule, match in passing:
        if match:
            return _decided(Outcome.PASS, rule)
    for rule, match in stopping:
        if match:
            return _perhaps(passing[0][0]) if passing else _decided(Outcome.DROP, rule)
    if stopping:
        return _perhaps(stopping[0][0])
    return Decision(Outcome.PASS, "", "no stateful rule stops it")


def _strict(policy: Policy, found: list[tuple[Rule, bool | None]]) -> Decision:
    """F16: strict order takes rules in order; what none matches gets the default actions."""
    perhaps: list[Rule] = []
    last: Decision | None = None
    for rule, match in found:
        if rule.action not in {"pass", *STOPPING}:
            continue
        if match:
            last = _decided(Outcome.PASS if rule.action == "pass" else Outcome.DROP, rule)
            break
        perhaps.append(rule)
    if last is None:
        last = _default(policy)
    for rule in perhaps:
        passes = rule.action == "pass"
        if passes != (last.outcome is Outcome.PASS) or last.outcome is Outcome.UNKNOWN:
            return _perhaps(rule)
    return last


def _default(policy: Policy) -> Decision:
    for action in policy.defaults:
        if action == "aws:drop_strict":
            return Decision(Outcome.DROP, action, f"no rule matches: {action}")
        if action.startswith("aws:drop_established"):
            why = "it drops what follows the handshake unless a rule for applications passes it"
            unknown = Unknown(f"default action {action}", why)
            return Decision(Outcome.UNKNOWN, action, str(unknown), unknown=unknown)
    return Decision(Outcome.PASS, "", "no stateful rule stops it")


def _decided(outcome: Outcome, rule: Rule) -> Decision:
    return Decision(outcome, rule.text, rule.text)


def _perhaps(rule: Rule) -> Decision:
    unknown = Unknown(f"rule {rule.text}", "whether it matches shows no first packet")
    return Decision(Outcome.UNKNOWN, rule.text, str(unknown), unknown=unknown)


@dataclass(frozen=True, slots=True)
class FirewallFilter:
    """Ask a firewall; `source` and `destination` are what it sees."""

    heeds_source_port: ClassVar[bool] = True
    firewall: Node = field(compare=False)
    source: Host
    destination: Host
    is_reply: bool = False

    def decide(self, network: Network, packet: Packet) -> Decision:
        """Decide about one packet; a client's port that nobody said is asked over its range."""
        policy = policy_of(network, self.firewall)
        if isinstance(policy, Unknown) or policy.missing is not None:
            unknown = policy if isinstance(policy, Unknown) else policy.missing
            return Decision(Outcome.UNKNOWN, "", str(unknown), self.firewall, unknown)
        return replace(self._over_ports(policy, packet), node=self.firewall)

    def _over_ports(self, policy: Policy, packet: Packet) -> Decision:
        if self.is_reply or packet.source_port or packet.protocol not in {TCP, UDP}:
            return self._decide(policy, packet)
        answers = [
            self._decide(policy, replace(packet, source_port=port))
            for port in _client_ports(policy)
        ]
        if len({answer.outcome for answer in answers}) == 1:
            return answers[0]
        blocked = next(each for each in answers if each.outcome is not Outcome.PASS)
        text = f"depends on the client's port: {blocked.text}"
        return replace(blocked, outcome=Outcome.UNDETERMINED, text=text)

    def _decide(self, policy: Policy, packet: Packet) -> Decision:
        first = not self.is_reply
        action, text = stateless_action(policy, packet, self.source, self.destination, first=first)
        if action == "drop":
            return Decision(Outcome.DROP, text, text)
        if first:
            if action == "pass":
                return Decision(Outcome.PASS, text, text)
            return stateful_decision(policy, packet, self.source, self.destination)
        asked = Packet(packet.protocol, packet.source_port, packet.code, packet.port)
        there, _ = stateless_action(policy, asked, self.destination, self.source, first=True)
        if there == action:
            return Decision(Outcome.PASS, text, "reply of a flow that it let pass")
        unknown = Unknown("stateful engine", "only one direction of the flow is forwarded to it")
        return Decision(Outcome.UNKNOWN, text, str(unknown), unknown=unknown)


def _client_ports(policy: Policy) -> list[int]:
    low, high = EPHEMERAL
    parts = [rule.source_ports for rule in policy.stateful]
    parts += [each.rule.source_ports for each in policy.stateless]
    edges = {e for part in parts for pair in (*part.members, *part.excluded) for e in _edges(pair)}
    return [low, *sorted(edge for edge in edges if low < edge <= high)]


def _edges(pair: Block | Range) -> tuple[int, ...]:
    return () if isinstance(pair, Block) else (pair[0], pair[1] + 1)


def forwards(network: Network, firewall: Node, packet: Packet, ends: tuple[Host, Host]) -> bool:
    """Tell whether the stateful engine of a firewall sees a first packet."""
    policy = policy_of(network, firewall)
    if isinstance(policy, Unknown):
        return True
    return stateless_action(policy, packet, *ends, first=True)[0] == "forward"
