"""The DNS Firewall and the query log as written into Route 53 Resolver nodes.

Rules:
- Rules keep the order in which they stand: priorities 100, 110, ….
- A managed list is named as its reader names it, `aws:<name>`; its id differs between regions.
- The resolver cannot be stopped by groups or ACLs ("You can't block traffic to or from the Route
  53 Resolver", VPC guide), so an isolated tier's names are judged here.
"""

from typing import Any

from ringwall.blueprint.compile.draft import Draft, Scope
from ringwall.blueprint.compile.logs import log_group
from ringwall.blueprint.compile.site import Site
from ringwall.blueprint.compile.survey import origin_of
from ringwall.blueprint.syntax import Blueprint, DnsRule
from ringwall.model.graph import Ref

DOMAIN_LIST = "AWS::Route53Resolver::FirewallDomainList"
RULE_GROUP_KEY = "dns-firewall"
FIRST_PRIORITY, STEP = 100, 10


def compile_dns(draft: Draft, bp: Blueprint, site: Site) -> None:
    """Add domain lists, the rule group and its associations; the query log and its own."""
    _add_firewall(draft, bp, site)
    _add_query_log(draft, bp, site)


def _add_firewall(draft: Draft, bp: Blueprint, site: Site) -> None:
    firewall = bp.dns_firewall
    if firewall is None:
        return
    for name, domains in firewall.lists.items():
        draft.add(
            DOMAIN_LIST,
            name,
            {"Name": draft.name(name), "Domains": sorted(set(domains.domains))},
            origin_of(bp, ("dns_firewall", "lists", name)),
            own=Scope(was=domains.was),
        )
    group = draft.add(
        "AWS::Route53Resolver::FirewallRuleGroup",
        RULE_GROUP_KEY,
        {
            "Name": draft.name(RULE_GROUP_KEY),
            "FirewallRules": [
                _rule(rule, FIRST_PRIORITY + STEP * index)
                for index, rule in enumerate(firewall.rules)
            ],
        },
        origin_of(bp, ("dns_firewall",)),
        own=Scope(),
    )
    guarded = set(bp.firewalled_vpcs)
    for vpc in site.vpcs:
        if vpc.name in guarded:
            draft.add(
                "AWS::Route53Resolver::FirewallRuleGroupAssociation",
                vpc.name,
                {
                    "VpcId": vpc.ref,
                    "FirewallRuleGroupId": group,
                    "Priority": firewall.priority,
                    "Name": draft.name(vpc.name),
                    "MutationProtection": "DISABLED",
                },
                vpc.origin,
            )
            draft.add_child(
                "Ringwall::Route53Resolver::FirewallConfig",
                {
                    "VpcId": vpc.ref,
                    "FirewallFailOpen": "ENABLED" if firewall.fail_open else "DISABLED",
                },
                origin_of(bp, ("dns_firewall",)),
            )


def _rule(rule: DnsRule, priority: int) -> dict[str, Any]:
    domains = rule.domain_list or f"aws:{rule.managed}"
    found: dict[str, Any] = {
        "Name": rule.name or rule.domain_list or rule.managed,
        "Priority": priority,
        "Action": rule.action,
        "FirewallDomainListId": Ref(DOMAIN_LIST, domains),
    }
    if rule.block_response is not None:
        found["BlockResponse"] = rule.block_response
    if rule.override is not None:
        found |= {
            "BlockOverrideDomain": rule.override,
            "BlockOverrideDnsType": "CNAME",
            "BlockOverrideTtl": rule.override_ttl,
        }
    return found


def _add_query_log(draft: Draft, bp: Blueprint, site: Site) -> None:
    wanted = bp.dns_query_logs
    logged = [vpc for vpc in site.vpcs if bp.vpcs[vpc.name].dns_query_logs]
    if wanted is None or not logged:
        return
    origin = origin_of(bp, ("dns_query_logs",))
    group = log_group(draft, "dns-logs", wanted.retention_days, origin)
    config = draft.add(
        "AWS::Route53Resolver::ResolverQueryLoggingConfig",
        "dns-logs",
        {
            "Name": draft.name("dns-logs"),
            "DestinationArn": Ref(group.type, group.key, "Arn"),
        },
        origin,
        own=Scope(),
    )
    for vpc in logged:
        draft.add_child(
            "AWS::Route53Resolver::ResolverQueryLoggingConfigAssociation",
            {"ResolverQueryLogConfigId": config, "ResourceId": vpc.ref},
            origin,
        )
