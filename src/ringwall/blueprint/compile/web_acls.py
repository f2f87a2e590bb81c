"""Web ACLs as written into web ACLs, their IP sets, associations and logs.

Rules:
- The order of judgement: what responders block, rate limits, managed rules. Of each kind the order
  is that of the blueprint.
- The IP sets are made empty: their addresses are the responder's.
- One log group, named as AWS WAF asks, is for all; it keeps what it has for the longest time.
"""

from collections.abc import Iterator
from typing import Any

from ringwall.blueprint.compile.draft import Draft, Scope
from ringwall.blueprint.compile.survey import origin_of
from ringwall.blueprint.syntax import Blueprint, Path
from ringwall.blueprint.web_acls import ManagedRules, RateLimit, WebAcl
from ringwall.model.graph import Origin, Ref
from ringwall.resources.balancing import TYPE as LOAD_BALANCER
from ringwall.resources.log_group import WAF_PREFIX
from ringwall.resources.web_acl_association import TYPE as ASSOCIATION
from ringwall.resources.web_acl_logging import TYPE as LOGGING
from ringwall.resources.web_application_firewall import IP_SET, SCOPE, WEB_ACL, waf_name

FAMILIES = {"ipv4": "IPV4", "ipv6": "IPV6"}
FIRST_LIMIT, FIRST_MANAGED = 10, 1_000
VENDOR = "AWS"
LOGS = "web-acl-logs"  # the key of the log group
Rule = dict[str, Any]


def compile_web_acls(draft: Draft, bp: Blueprint) -> None:
    """Add every web ACL with what belongs to it, and its associations."""
    logs = _log_group(draft, bp)
    for name, wanted in bp.web_acls.items():
        _web_acl(draft, name, wanted, logs, origin_of(bp, ("web_acls", name)))
    for vpc, around in bp.vpcs.items():
        for name, balancer in around.load_balancers.items():
            if balancer.web_acl is None:
                continue
            path: Path = ("vpcs", vpc, "load_balancers", name, "web_acl")
            properties = {
                "ResourceArn": Ref(LOAD_BALANCER, f"{vpc}/{name}"),
                "WebACLArn": Ref(WEB_ACL, balancer.web_acl, "Arn"),
            }
            draft.add_child(ASSOCIATION, properties, origin_of(bp, path))


def _log_group(draft: Draft, bp: Blueprint) -> Ref | None:
    """Add the log group, if a web ACL writes any logs."""
    days = {
        name: each.logs.retention_days
        for name, each in bp.web_acls.items()
        if each.logs is not None
    }
    if not days:
        return None
    return draft.add(
        "AWS::Logs::LogGroup",
        LOGS,
        {
            "LogGroupName": f"{WAF_PREFIX}{waf_name(draft.deployment, LOGS)}",
            "RetentionInDays": max(days.values()),
        },
        origin_of(bp, ("web_acls", next(iter(days)), "logs")),
        own=Scope(),
    )


def _web_acl(
    draft: Draft, name: str, wanted: WebAcl, group: Ref | None, origin: Origin | None
) -> None:
    sets = [_ip_set(draft, name, family, wanted, origin) for family in FAMILIES]
    draft.add(
        WEB_ACL,
        name,
        {
            "Name": waf_name(draft.deployment, name),
            "Scope": SCOPE,
            "Description": wanted.description,
            "DefaultAction": {wanted.default.capitalize(): {}},
            "Rules": list(_rules(draft, name, wanted, sets)),
            "VisibilityConfig": _visibility(wanted, waf_name(draft.deployment, name)),
        },
        origin,
        own=Scope({}, wanted.was, wanted.protect),
    )
    if wanted.logs is None or group is None:
        return
    draft.add_child(
        LOGGING,
        {
            "ResourceArn": Ref(WEB_ACL, name, "Arn"),
            "LogDestinationConfigs": [Ref(group.type, group.key, "Arn")],
            "RedactedFields": [
                {"SingleHeader": {"Name": header}} for header in wanted.logs.redact_headers
            ],
        },
        origin,
    )


def _ip_set(draft: Draft, name: str, family: str, wanted: WebAcl, origin: Origin | None) -> Ref:
    key = f"{name}/blocked-{family}"
    return draft.add(
        IP_SET,
        key,
        {
            "Name": waf_name(draft.deployment, name, f"blocked-{family}"),
            "Scope": SCOPE,
            "IPAddressVersion": FAMILIES[family],
            "Addresses": [],
        },
        origin,
        own=Scope({}, tuple(f"{was}/blocked-{family}" for was in wanted.was), wanted.protect),
    )


def _visibility(wanted: WebAcl, metric: str) -> dict[str, Any]:
    return {
        "SampledRequestsEnabled": wanted.sampled_requests,
        "CloudWatchMetricsEnabled": True,
        "MetricName": metric,
    }


def _rules(draft: Draft, name: str, wanted: WebAcl, sets: list[Ref]) -> Iterator[Rule]:
    def rule(title: str, priority: int, statement: Rule, **action: Rule) -> Rule:
        metric = waf_name(draft.deployment, name, title)
        return {
            "Name": title,
            "Priority": priority,
            "Statement": statement,
            **action,
            "VisibilityConfig": _visibility(wanted, metric),
        }

    for number, (family, blocked) in enumerate(zip(FAMILIES, sets, strict=True)):
        named = {"IPSetReferenceStatement": {"Arn": Ref(blocked.type, blocked.key, "Arn")}}
        yield rule(f"blocked-{family}", number, named, Action={"Block": {}})
    for number, limit in enumerate(wanted.rate_limits, FIRST_LIMIT):
        action: Rule = {limit.action.capitalize(): {}}
        yield rule(f"rate-{limit.name}", number, _rate(limit), Action=action)
    for number, group in enumerate(wanted.managed_rules, FIRST_MANAGED):
        override: Rule = {"None" if group.action == "block" else "Count": {}}
        yield rule(group.name, number, _managed(group), OverrideAction=override)


def _rate(limit: RateLimit) -> Rule:
    found: Rule = {
        "Limit": limit.requests,
        "EvaluationWindowSec": limit.seconds,
        "AggregateKeyType": "IP",
    }
    if limit.path is not None:
        found["ScopeDownStatement"] = {
            "ByteMatchStatement": {
                "SearchString": limit.path,
                "FieldToMatch": {"UriPath": {}},
                "PositionalConstraint": "STARTS_WITH",
                "TextTransformations": [{"Priority": 0, "Type": "NONE"}],
            }
        }
    return {"RateBasedStatement": found}


def _managed(group: ManagedRules) -> Rule:
    found: Rule = {"VendorName": VENDOR, "Name": group.name}
    if group.count:
        found["RuleActionOverrides"] = [
            {"Name": each, "ActionToUse": {"Count": {}}} for each in group.count
        ]
    return {"ManagedRuleGroupStatement": found}
