"""Questions to the VPC's resolver → lines of its query log, as its cache and firewall have them.

Source: Route 53 developer guide, "Values that appear in Resolver query logs". Rules:
- What the resolver answers from its cache is not logged.
- The DNS Firewall's rules are asked in order of priority; the lists of AWS are not in any input, so
  their rules match nothing here.
- The flow logs have nothing of it: traffic to the Amazon DNS server is not logged.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from ringwall.lab.traffic.interfaces import Machine, made_id
from ringwall.lab.traffic.scene import Scene

GROUP = "AWS::Route53Resolver::FirewallRuleGroup"
ASSOCIATION = "AWS::Route53Resolver::FirewallRuleGroupAssociation"
LIST = "AWS::Route53Resolver::FirewallDomainList"


@dataclass(frozen=True, slots=True)
class Query:
    """A question: `moment` in seconds since 1970, `name` without its last dot, `ttl` in seconds."""

    moment: float
    machine: Machine
    name: str
    type: str = "A"
    rcode: str = "NOERROR"
    answers: tuple[str, ...] = ()
    ttl: int = 300
    label: int = 0
    port: int = 0


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of the firewall: domains with what lies under them (`*.x` means only that)."""

    domains: frozenset[str]
    action: str
    response: str
    group: str
    list: str

    def matches(self, name: str) -> bool:
        """Tell whether a name is one of the rule's."""
        if name in self.domains:
            return True
        parts = name.split(".")
        return any(f"*.{'.'.join(parts[n:])}" in self.domains for n in range(1, len(parts)))


def rules_of(scene: Scene) -> dict[str, tuple[Rule, ...]]:
    """Return the firewall's rules of each VPC, in order of priority."""
    network, seed = scene.estate.network, scene.seed
    found: dict[str, list[tuple[tuple[int, int], Rule]]] = {}
    for node in network.graph.of_type(ASSOCIATION):
        vpc = network.values.key(node.properties.get("VpcId"))
        key = network.values.key(node.properties.get("FirewallRuleGroupId"))
        group = network.graph.get((GROUP, key))
        for rule in (group.properties.get("FirewallRules") or ()) if group is not None else ():
            listed = network.values.key(rule.get("FirewallDomainListId"))
            domains = network.graph.get((LIST, listed))
            names = (domains.properties.get("Domains") or ()) if domains is not None else ()
            made = Rule(
                frozenset(str(each).rstrip(".").lower() for each in names),
                str(rule.get("Action")),
                str(rule.get("BlockResponse") or "NODATA"),
                (group.physical_id if group is not None else "") or made_id("rslvr-frg", seed, key),
                (domains.physical_id if domains is not None else "")
                or made_id("rslvr-fdl", seed, listed),
            )
            order = (int(node.properties.get("Priority") or 0), int(rule.get("Priority") or 0))
            found.setdefault(vpc, []).append((order, made))
    return {vpc: tuple(r for _, r in sorted(rs, key=lambda r: r[0])) for vpc, rs in found.items()}


@dataclass(slots=True)
class Resolver:
    """The resolvers of all VPCs, with what their caches hold."""

    scene: Scene
    rules: Mapping[str, tuple[Rule, ...]]
    _until: dict[tuple[str, str, str], float] = field(default_factory=dict)

    def lines(self, queries: Iterable[Query]) -> Iterator[tuple[Query, str]]:
        """Yield each question that is logged, with its line; questions come in order of time."""
        for query in queries:
            vpc = query.machine.vpc
            key = (vpc, query.name, query.type)
            if self._until.get(key, 0.0) > query.moment:
                continue
            self._until[key] = query.moment + query.ttl
            yield query, self._line(query)

    def _line(self, query: Query) -> str:
        interface = query.machine.interface
        rcode, answers = query.rcode, query.answers
        firewall: dict[str, str] = {}
        for rule in self.rules.get(interface.vpc, ()):
            if not rule.matches(query.name):
                continue
            if rule.action == "BLOCK":
                rcode, answers = _blocked(rule.response), ()
            firewall = {
                "firewall_rule_action": rule.action,
                "firewall_rule_group_id": rule.group,
                "firewall_domain_list_id": rule.list,
            }
            break
        when = datetime.fromtimestamp(int(query.moment), UTC)
        document: dict[str, Any] = {
            "version": "1.100000",
            "account_id": self.scene.estate.account,
            "region": interface.region,
            "vpc_id": interface.vpc_id,
            "query_timestamp": f"{when:%Y-%m-%dT%H:%M:%SZ}",
            "query_name": f"{query.name}.",
            "query_type": query.type,
            "query_class": "IN",
            "rcode": rcode,
            "answers": [{"Rdata": a, "Type": query.type, "Class": "IN"} for a in answers],
            "srcaddr": interface.ipv4 or interface.ipv6,
            "srcport": str(query.port),
            "transport": "UDP",
            "srcids": {"instance": interface.instance_id} if interface.instance_id else {},
        }
        return json.dumps(document | firewall, separators=(",", ":"))


def _blocked(response: str) -> str:
    return "NXDOMAIN" if response == "NXDOMAIN" else "NOERROR"
