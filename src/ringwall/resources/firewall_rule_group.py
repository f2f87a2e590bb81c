"""AWS::Route53Resolver::FirewallRuleGroup, with its rules inline."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ringwall.model.calls import Call, Idempotence, Token, Wait
from ringwall.model.graph import Node, Ref
from ringwall.model.plan import Exposure
from ringwall.resources.ec2 import ec2_node
from ringwall.resources.kind import Detail, Listing, Reads, ResourceType
from ringwall.resources.ownership import to_tag_list
from ringwall.resources.resolver import (
    NOT_FOUND,
    may_be_ours,
    object_id,
    resolver_tag,
    resolver_tags,
)

TYPE = "AWS::Route53Resolver::FirewallRuleGroup"
GROUPS = Listing("route53resolver", "list_firewall_rule_groups", "FirewallRuleGroups")
TAGS = resolver_tags(GROUPS)
RULES = Detail(
    "route53resolver",
    "list_firewall_rules",
    GROUPS.name,
    item_id=object_id,
    request=lambda item: {"FirewallRuleGroupId": item["Id"]},
    items="FirewallRules",
    wanted=may_be_ours,
)
DOMAIN_LIST = "AWS::Route53Resolver::FirewallDomainList"

Rule = Mapping[str, Any]

SETTABLE = (
    "Action",
    "BlockOverrideDnsType",
    "BlockOverrideDomain",
    "BlockOverrideTtl",
    "BlockResponse",
    "ConfidenceThreshold",
    "DnsThreatProtection",
    "FirewallDomainListId",
    "FirewallDomainRedirectionAction",
    "FirewallThreatProtectionId",
    "Name",
    "Priority",
    "Qtype",
)
# CreateFirewallRule: "The default is INSPECT_REDIRECTION_DOMAIN".
REDIRECTION = "INSPECT_REDIRECTION_DOMAIN"


def _normal_rule(rule: Rule) -> dict[str, Any]:
    found = {name: rule[name] for name in SETTABLE if rule.get(name) is not None}
    if found.get("FirewallDomainRedirectionAction") == REDIRECTION:
        del found["FirewallDomainRedirectionAction"]
    found["Priority"] = int(found["Priority"])
    found.setdefault("Name", f"rule-{found['Priority']}")
    return found


def normalise(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Sort the rules by priority; give each a name, leave out a default."""
    full = dict(properties)
    if "FirewallRules" in full:
        rules = [_normal_rule(rule) for rule in full["FirewallRules"]]
        full["FirewallRules"] = sorted(rules, key=lambda rule: int(rule["Priority"]))
    return full


def read(reads: Reads) -> Iterable[Node]:
    """Yield every group, with the rules of those that may be ours."""
    for item in reads.items(GROUPS):
        properties: dict[str, Any] = {"Name": item["Name"]}
        rules = reads.detail(RULES, item["Id"])
        if rules is not None:
            properties["FirewallRules"] = [
                {**rule, "FirewallDomainListId": Ref(DOMAIN_LIST, rule["FirewallDomainListId"])}
                if rule.get("FirewallDomainListId")
                else rule
                for rule in rules
            ]
        observed = {
            "Arn": item.get("Arn"),
            "OwnerId": item.get("OwnerId"),
            "ShareStatus": item.get("ShareStatus"),
        }
        tags = reads.detail(TAGS, item["Id"])
        yield ec2_node(reads, TYPE, item["Id"], normalise(properties), observed, tags)


def _identity(rule: Rule) -> tuple[Any, ...]:
    # A rule has no id of its own: a group holds one for each list and query type.
    return (
        rule.get("FirewallDomainListId"),
        rule.get("Qtype"),
        rule.get("DnsThreatProtection") or rule.get("FirewallThreatProtectionId"),
    )


def _add(node: Node, rule: Rule) -> Call:
    request = {
        # Several rules may bear one name; a priority is one rule's alone.
        "CreatorRequestId": Token(f"rule {rule['Priority']}"),
        "FirewallRuleGroupId": node.ref,
        **{n: v for n, v in rule.items() if n != "FirewallThreatProtectionId"},
    }
    return Call("route53resolver", "create_firewall_rule", request, idempotent_by=Idempotence.TOKEN)


def _set(node: Node, rule: Rule) -> Call:
    request = {"FirewallRuleGroupId": node.ref, **rule}
    return Call("route53resolver", "update_firewall_rule", request)


def _drop(node: Node, rule: Rule) -> Call:
    names = ("FirewallDomainListId", "FirewallThreatProtectionId", "Qtype")
    request = {"FirewallRuleGroupId": node.ref, **{n: rule[n] for n in names if n in rule}}
    return Call("route53resolver", "delete_firewall_rule", request, ignore=NOT_FOUND)


def create(node: Node) -> tuple[Call, ...]:
    """Create it, then its rules."""
    request = {
        "CreatorRequestId": Token(),
        "Name": node.properties["Name"],
        "Tags": to_tag_list(node.tags),
    }
    made = Call(
        "route53resolver",
        "create_firewall_rule_group",
        request,
        extract={"id": "FirewallRuleGroup.Id", "Arn": "FirewallRuleGroup.Arn"},
        idempotent_by=Idempotence.TOKEN,
    )
    return (made, *(_add(node, rule) for rule in node.properties.get("FirewallRules", ())))


def update(before: Node, after: Node, _changed: frozenset[str]) -> tuple[Call, ...]:
    """Drop, set and add rules, so that no two have one priority at any moment."""
    old, new = (
        {_identity(rule): rule for rule in node.properties.get("FirewallRules", ())}
        for node in (before, after)
    )
    dropped = [_drop(after, rule) for identity, rule in old.items() if identity not in new]
    changed = {i: rule for i, rule in new.items() if i in old and old[i] != rule}
    aside = _moved_aside(changed, old, new)
    return (
        *dropped,
        *(_set(after, rule) for rule in aside),
        *(_set(after, rule) for rule in changed.values()),
        *(_add(after, rule) for identity, rule in new.items() if identity not in old),
    )


def _moved_aside(
    changed: Mapping[Any, Rule], old: Mapping[Any, Rule], new: Mapping[Any, Rule]
) -> Sequence[Rule]:
    """Return the rules that first need a free priority, because another wants theirs."""
    wanted = {rule["Priority"] for rule in changed.values()}
    taken = {rule["Priority"] for rule in (*old.values(), *new.values())}
    free = (number for number in range(max(taken, default=0) + 1, 1 << 31) if number not in taken)
    return [
        {**old[identity], "Priority": next(free)}
        for identity, rule in changed.items()
        if rule["Priority"] != old[identity]["Priority"] and old[identity]["Priority"] in wanted
    ]


def delete(node: Node) -> tuple[Call, ...]:
    """Delete its rules, then the group; AWS refuses while a VPC is associated."""
    gone = Wait(
        "get_firewall_rule_group",
        {"FirewallRuleGroupId": node.ref},
        "FirewallRuleGroup.Status",
        success=frozenset({"gone"}),
        gone_codes=NOT_FOUND,
    )
    return (
        *(_drop(node, rule) for rule in node.properties.get("FirewallRules", ())),
        Call(
            "route53resolver",
            "delete_firewall_rule_group",
            {"FirewallRuleGroupId": node.ref},
            waits_for=(gone,),
            ignore=NOT_FOUND,
        ),
    )


def exposure(before: Node | None, after: Node | None) -> Exposure:
    """Tell the exposure: a group filters only what is associated with it."""
    return Exposure.NEUTRAL if before is None or after is None else Exposure.BOTH


RESOURCE = ResourceType(
    name=TYPE,
    listings=(GROUPS,),
    details=(TAGS, RULES),
    read=read,
    normalise=normalise,
    create=create,
    update=update,
    delete=delete,
    tag=resolver_tag,
    # Nothing renames it, and nothing goes by its name: a new one would leave every VPC unfiltered.
    initial=frozenset({"Name"}),
    exposure=exposure,
    permissions={"apply": ("route53resolver:TagResource",)},
)
