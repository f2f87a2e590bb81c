"""A domain and the DNS Firewall of the network → the list that blocks it, and what would hinder it.

Rules:
- A VPC's rules are asked in the order of its associations, then of their priorities; the first that
  names the domain decides (Route 53 developer guide, "rule groups and rules").
- A name and everything below it are two entries: `evil.example` and `*.evil.example`.
- What is allowed, served by the network itself, or AWS's own is never blocked, nor a parent of it.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from ringwall.model.grants import Grant, regional
from ringwall.model.graph import Node
from ringwall.playbooks.measures import Measure, Request
from ringwall.playbooks.parties import physical
from ringwall.playbooks.playbook import Situation
from ringwall.playbooks.records import Action
from ringwall.reach.values import Values
from ringwall.resources.ownership import OURS

GRANTS: Final = (
    Grant(
        ("route53resolver:UpdateFirewallDomains",),
        regional("route53resolver", "firewall-domain-list/*"),
        (OURS,),
    ),
)
PREFIX: Final = "domain "
UNGUARDED: Final = "no DNS Firewall is associated with it"
_LIST: Final = "AWS::Route53Resolver::FirewallDomainList"
_GROUP: Final = "AWS::Route53Resolver::FirewallRuleGroup"
_ASSOCIATION: Final = "AWS::Route53Resolver::FirewallRuleGroupAssociation"
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_AWS: Final = ("amazonaws.com", "amazonaws.com.cn", "api.aws", "aws.amazon.com")
# Second labels under which countries register names: a name of two such labels is nobody's alone.
_SHARED: Final = frozenset({"ac", "co", "com", "edu", "gov", "net", "or", "org"})


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as a VPC asks it."""

    action: str
    listed: Node | None
    qtype: str
    name: str


def canonical(name: str) -> str:
    """Return a domain in lower case without dots at its ends, "" if it is none."""
    text = name.strip().lower().strip(".").removeprefix("*.")
    return text if text and all(_LABEL.fullmatch(part) for part in text.split(".")) else ""


def entries(domain: str) -> tuple[str, str]:
    """Return what a list must hold for a domain and all below it."""
    return domain, f"*.{domain}"


def is_in(domain: str, listed: Iterable[str]) -> bool:
    """Tell whether entries of a list name a domain."""
    return any(
        domain == each or (each.startswith("*.") and domain.endswith(each[1:])) or each == "*"
        for each in listed
    )


def rules_of(values: Values, vpc: str) -> Iterator[Rule]:
    """Yield the rules that the queries of a VPC are asked, in order."""
    linked = [
        node
        for node in values.of_type(_ASSOCIATION)
        if values.key(node.properties.get("VpcId")) == vpc
    ]
    for node in sorted(linked, key=lambda each: int(each.properties["Priority"])):
        group = values.node(_GROUP, node.properties.get("FirewallRuleGroupId"))
        for rule in () if group is None else group.properties.get("FirewallRules") or ():
            listed = values.node(_LIST, rule.get("FirewallDomainListId"))
            name = str(rule.get("Name") or rule.get("Priority"))
            yield Rule(str(rule.get("Action")), listed, str(rule.get("Qtype") or ""), name)


def list_for(values: Values) -> Node | None:
    """Return the deployment's list that a rule blocks in most VPCs, None if there is none."""
    counted: dict[str, tuple[int, Node]] = {}
    for vpc in values.ec2("VPC"):
        for rule in rules_of(values, vpc.key):
            node = rule.listed
            ours = node is not None and not node.observed.get("ManagedOwnerName")
            if node is not None and ours and rule.action == "BLOCK" and not rule.qtype:
                counted[node.key] = counted.get(node.key, (0, node))[0] + 1, node
    best = sorted(counted.values(), key=lambda each: (-each[0], each[1].key))
    return best[0][1] if best else None


def why_never(values: Values, domain: str) -> str:
    """Return why a domain is never blocked, "" if nothing speaks against it."""
    labels = domain.split(".")
    if len(labels) < 2 or (len(labels) == 2 and labels[0] in _SHARED and len(labels[1]) == 2):
        return f"{domain} is a domain under which everybody registers"
    for aws in _AWS:
        above = domain.removesuffix(f".{aws}").split(".") if domain.endswith(f".{aws}") else []
        if domain == aws or aws.endswith(f".{domain}") or (above and len(above) < 3):
            return f"{domain} is AWS's own"
    for zone in values.of_type("AWS::Route53::HostedZone"):
        name = canonical(str(zone.properties.get("Name") or ""))
        if name and _touch(domain, name):
            return f"{domain} is a domain of hosted zone {name}"
    for vpc in values.ec2("VPC"):
        for rule in rules_of(values, vpc.key):
            listed = rule.listed.properties.get("Domains") or () if rule.listed else ()
            for each in listed if rule.action == "ALLOW" else ():
                if _touch(domain, canonical(each)) or each == "*":
                    return f"{domain} would cut {each}, which rule {rule.name!r} allows"
    return ""


def _touch(domain: str, other: str) -> bool:
    """Tell whether one domain is the other, or lies above or below it."""
    return bool(other) and (
        domain == other or other.endswith(f".{domain}") or domain.endswith(f".{other}")
    )


@dataclass(frozen=True, slots=True)
class Seen:
    """Where a domain is `blocked`, and in which VPCs it is not, each with the reason."""

    blocked: tuple[str, ...]
    others: Mapping[str, str]


def seen(values: Values, domain: str, fresh: Mapping[str, Sequence[str]] | None = None) -> Seen:
    """Judge a domain, and a name below it, in every VPC; `fresh` are entries added to lists."""
    blocked: list[str] = []
    others: dict[str, str] = {}
    for vpc in values.ec2("VPC"):
        why = _why_open(values, vpc.key, domain, fresh or {})
        if why:
            others[vpc.key] = why
        else:
            blocked.append(vpc.key)
    return Seen(tuple(blocked), others)


def _why_open(values: Values, vpc: str, domain: str, fresh: Mapping[str, Sequence[str]]) -> str:
    asked = False
    for rule in rules_of(values, vpc):
        asked = True
        if rule.listed is None:
            return f"rule {rule.name!r} is about what is not in the input"
        if rule.listed.observed.get("ManagedOwnerName"):
            if rule.action != "BLOCK":
                return f"rule {rule.name!r} asks a list of AWS's before, and lets pass"
            continue
        listed = [*(rule.listed.properties.get("Domains") or ())]
        listed += fresh.get(rule.listed.key, ())
        names = [is_in(name, listed) for name in (domain, f"below.{domain}")]
        if not any(names):
            continue
        if rule.action != "BLOCK":
            return f"rule {rule.name!r} lets it pass before"
        if all(names) and not rule.qtype:
            return ""
    return "no rule of it blocks the domain" if asked else UNGUARDED


def blocked(found: Node, names: Sequence[str]) -> Measure:
    """Return the measure that adds domains to a list."""
    own = physical(found)

    def change(operation: str, same: tuple[str, ...] = ()) -> Request:
        request = {"FirewallDomainListId": own, "Operation": operation, "Domains": list(names)}
        # While AWS is at a list, it takes no other change of it.
        again = ("ConflictException",)
        return Request("route53resolver", "update_firewall_domains", request, same, again)

    listed = found.properties.get("Domains") or ()
    after = {**found.properties, "Domains": sorted({*listed, *names})}
    return Measure(
        f"add {', '.join(names)} to domain list {found.properties.get('Name') or own}",
        own,
        (change("ADD"),),
        (change("REMOVE", ("ResourceNotFoundException",)),),
        (replace(found, properties=after),),
    )


def lacks(action: Action, situation: Situation) -> tuple[str, ...]:
    """Return the domains of an action that are in their list no more."""
    told = action.facts["domains"]
    node = situation.engine.network.values.node(_LIST, told["list"])
    there = set(node.properties.get("Domains") or ()) if node is not None else set[str]()
    return tuple(f"{n} is not in list {told['list']}" for n in told["added"] if n not in there)


def state(about: Sequence[str], situation: Situation) -> Mapping[str, Any]:
    """Return the VPCs in which each domain is blocked."""
    values = situation.engine.network.values
    names = (text.removeprefix(PREFIX) for text in about)
    return {f"{PREFIX}{name}": list(seen(values, name).blocked) for name in names}
