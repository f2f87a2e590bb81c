"""A graph → the policies of its Network Firewalls (F16).

Rule: where something of a policy is not in the input, all of it may pass.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ringwall.model.graph import Node
from ringwall.verify.firewall_rules import (
    MAY_PASS,
    FirewallRule,
    action_of,
    stateful_rules,
    stateless_rules,
)
from ringwall.verify.sets import Ranges
from ringwall.verify.values import Values

FIREWALL = "AWS::NetworkFirewall::Firewall"
_POLICY, _GROUP = "AWS::NetworkFirewall::FirewallPolicy", "AWS::NetworkFirewall::RuleGroup"


@dataclass(frozen=True, slots=True)
class Policy:
    """What a firewall does: `default` with what no stateless rule matches, `drops_rest` strictly.

    In strict order stateful rules count in their order, else those that pass come first.
    """

    stateless: tuple[FirewallRule, ...] = ()
    default: str = "pass"
    stateful: tuple[FirewallRule, ...] = ()
    is_strict: bool = False
    drops_rest: bool = False

    def address_sets(self) -> Iterator[Ranges]:
        """Yield every set of addresses that a rule names."""
        for rule in (*self.stateless, *self.stateful):
            for match in rule.matches:
                for side in (match.source, match.destination):
                    yield from (part for part in (side.sure, side.most) if part)


def read_policies(values: Values, home: Mapping[str, Iterable[str]]) -> dict[str, Policy]:
    """Return the policy of each firewall; `home` are the CIDRs of VPCs, HOME_NET by default."""
    return {node.key: _read(values, node, home) for node in values.of_type(FIREWALL)}


def _read(values: Values, firewall: Node, home: Mapping[str, Iterable[str]]) -> Policy:
    try:
        node = values.node(_POLICY, firewall.properties.get("FirewallPolicyArn"))
        said = node.properties["FirewallPolicy"] if node is not None else {}
        vpc = values.key(firewall.properties.get("VpcId"))
        return _policy(values, said, home.get(vpc, ("?",))) if said else Policy()
    except (AttributeError, KeyError, TypeError, ValueError):
        return Policy()  # it is not as AWS writes one


def _policy(values: Values, said: Mapping[str, Any], home: Iterable[str]) -> Policy:
    defined = (said.get("PolicyVariables") or {}).get("RuleVariables") or {}
    own = (defined.get("HOME_NET") or {}).get("Definition")
    stateless: list[FirewallRule] = []
    for reference in _in_order(said.get("StatelessRuleGroupReferences")):
        group = _group(values, reference)
        stateless += [MAY_PASS] if group is None else stateless_rules(group)
    stateful: list[FirewallRule] = []
    for reference in _in_order(said.get("StatefulRuleGroupReferences")):
        group = _group(values, reference)
        # DROP_TO_ALERT changes the action of a group's rules (Network Firewall guide).
        softens = bool((reference.get("Override") or {}).get("Action"))
        rules = [MAY_PASS]
        if group is not None:
            rules = list(stateful_rules(group, own or home, of_policy=bool(own)))
        stateful += [_softened(rule) if softens else rule for rule in rules]
    default = action_of(said.get("StatelessDefaultActions"))
    fragments = said.get("StatelessFragmentDefaultActions")
    if default == "drop" and fragments and action_of(fragments) != "drop":
        default = "pass"  # a part of a packet gets through
    options = said.get("StatefulEngineOptions") or {}
    return Policy(
        tuple(stateless),
        default,
        tuple(stateful),
        options.get("RuleOrder") == "STRICT_ORDER",
        "aws:drop_strict" in (said.get("StatefulDefaultActions") or ()),
    )


def _softened(rule: FirewallRule) -> FirewallRule:
    return replace(rule, action="alert") if rule.action == "drop" else rule


def _in_order(references: Iterable[Mapping[str, Any]] | None) -> list[Mapping[str, Any]]:
    return sorted(references or (), key=lambda each: int(each.get("Priority") or 0))


def _group(values: Values, reference: Mapping[str, Any]) -> Mapping[str, Any] | None:
    node = values.node(_GROUP, reference.get("ResourceArn"))
    found = node.properties.get("RuleGroup") if node is not None else None
    return found if isinstance(found, Mapping) else None
