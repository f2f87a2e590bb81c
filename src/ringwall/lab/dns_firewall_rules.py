"""Route 53 Resolver DNS Firewall: rule groups, their rules, and their associations with VPCs."""

import hashlib
from collections.abc import Callable

from moto.ec2.models import ec2_backends
from moto.route53resolver.responses import Route53ResolverResponse

from ringwall.lab import world
from ringwall.lab.actions import Call, Described, add_json, refuse
from ringwall.lab.dns_firewall import (
    Thing,
    firewall,
    get,
    made_before,
    managed_lists,
    missing,
    now,
    page,
    tag,
)

_RULE_FIELDS = (
    "FirewallDomainListId", "Name", "Priority", "Action", "BlockResponse", "BlockOverrideDomain",
    "BlockOverrideDnsType", "BlockOverrideTtl", "FirewallDomainRedirectionAction", "Qtype",
    "DnsThreatProtection", "ConfidenceThreshold",
)  # fmt: skip


def _group(call: Call) -> Thing:
    return get(firewall(call).groups, "Firewall rule group", call.need("FirewallRuleGroupId"))


def _describe_group(one: Thing) -> Described:
    return one.describe(RuleCount=len(one.rules))


def create_firewall_rule_group(call: Call) -> Described:
    """CreateFirewallRuleGroup."""
    shelf = firewall(call).groups
    made = made_before(call, shelf)
    if made is None:
        fields = {name: call.need(name) for name in ("Name", "CreatorRequestId")}
        fields |= {"OwnerId": call.account, "ShareStatus": "NOT_SHARED"}
        made = Thing("rslvr-frg", "firewall-rule-group", call, fields)
        shelf[made.id] = made
        tag(call, made)
    return {"FirewallRuleGroup": _describe_group(made)}


def list_firewall_rule_groups(call: Call) -> Described:
    """ListFirewallRuleGroups."""
    listed = [
        {"Id": one.id, "Arn": one.arn, **one.fields} for one in firewall(call).groups.values()
    ]
    return page(call, "FirewallRuleGroups", listed)


def delete_firewall_rule_group(call: Call) -> Described:
    """DeleteFirewallRuleGroup: refused while it is associated or has rules."""
    home, one = firewall(call), _group(call)
    if any(a.fields["FirewallRuleGroupId"] == one.id for a in home.associations.values()):
        refuse("ConflictException", f"[RSLVR-02017] Rule group {one.id} is associated with a VPC")
    if one.rules:
        refuse("ConflictException", f"[RSLVR-02018] Rule group {one.id} has rules")
    del home.groups[one.id]
    one.status = "DELETING"
    return {"FirewallRuleGroup": _describe_group(one)}


def _check_rule(call: Call, group: Thing, rule: Described, but: Described | None = None) -> None:
    list_id = rule.get("FirewallDomainListId")
    if list_id is None:
        refuse("ValidationException", "[RSLVR-02030] The lab knows rules of domain lists only")
    if list_id not in firewall(call).lists and list_id not in managed_lists(call):
        missing("Firewall domain list", list_id)
    others = [one for one in group.rules if one is not but]
    # Priorities are unique in a rule group (CreateFirewallRule).
    if any(one["Priority"] == rule["Priority"] for one in others):
        text = f"[RSLVR-02025] Priority {rule['Priority']} is used by another rule"
        refuse("ValidationException", text)
    same = (list_id, rule.get("Qtype"))
    if any((one["FirewallDomainListId"], one.get("Qtype")) == same for one in others):
        refuse("ValidationException", f"[RSLVR-02026] A rule for {list_id} exists in the group")
    response = rule.get("BlockResponse")
    if rule["Action"] not in ("ALLOW", "ALERT", "BLOCK"):
        refuse("ValidationException", f"Value '{rule['Action']}' at 'action' is not valid")
    if (rule["Action"] == "BLOCK") != (response is not None):
        refuse("ValidationException", "[RSLVR-02027] BlockResponse goes with the action BLOCK")
    override = [rule.get(name) for name in _RULE_FIELDS if name.startswith("BlockOverride")]
    whole = all(one is not None for one in override)
    if (response == "OVERRIDE" and not whole) or (response != "OVERRIDE" and any(override)):
        refuse("ValidationException", "[RSLVR-02028] BlockOverride… goes with OVERRIDE")


def _rule_of(call: Call, group: Thing) -> Described:
    asked = (call.need("FirewallDomainListId"), call.get("Qtype"))
    for one in group.rules:
        if (one["FirewallDomainListId"], one.get("Qtype")) == asked:
            return one
    return refuse(
        "ResourceNotFoundException", f"[RSLVR-02001] No rule for {asked[0]} in {group.id}"
    )


def create_firewall_rule(call: Call) -> Described:
    """CreateFirewallRule."""
    group = _group(call)
    rule: Described = {name: call.get(name) for name in _RULE_FIELDS if call.get(name) is not None}
    for name in ("Priority", "Action", "Name", "CreatorRequestId"):
        call.need(name)
    rule.setdefault("FirewallDomainRedirectionAction", "INSPECT_REDIRECTION_DOMAIN")
    for one in group.rules:
        if one["CreatorRequestId"] == call.get("CreatorRequestId") and rule.items() <= one.items():
            return {"FirewallRule": one}
    _check_rule(call, group, rule)
    rule |= {"FirewallRuleGroupId": group.id, "CreatorRequestId": call.get("CreatorRequestId")}
    rule |= {"CreationTime": now(), "ModificationTime": now()}
    group.rules.append(rule)
    return {"FirewallRule": rule}


def update_firewall_rule(call: Call) -> Described:
    """UpdateFirewallRule."""
    group = _group(call)
    old = _rule_of(call, group)
    new = {**old, **{name: call.get(name) for name in _RULE_FIELDS if call.get(name) is not None}}
    if new["Action"] != "BLOCK" and call.get("BlockResponse") is None:
        new.pop("BlockResponse", None)
    if new.get("BlockResponse") != "OVERRIDE":
        for name in _RULE_FIELDS:
            if name.startswith("BlockOverride") and call.get(name) is None:
                new.pop(name, None)
    _check_rule(call, group, new, but=old)
    new["ModificationTime"] = now()
    group.rules[group.rules.index(old)] = new
    return {"FirewallRule": new}


def delete_firewall_rule(call: Call) -> Described:
    """DeleteFirewallRule."""
    group = _group(call)
    rule = _rule_of(call, group)
    group.rules.remove(rule)
    return {"FirewallRule": rule}


def list_firewall_rules(call: Call) -> Described:
    """ListFirewallRules."""
    listed = sorted(_group(call).rules, key=lambda one: int(one["Priority"]))
    for name in ("Priority", "Action"):
        if call.get(name) is not None:
            listed = [one for one in listed if one[name] == call.get(name)]
    return page(call, "FirewallRules", listed)


def _check_association(call: Call, vpc_id: str, priority: int, but: Thing | None) -> None:
    # "This setting must be greater than 100 and less than 9,900": 100 and 9900 are AWS's own.
    if not 100 < priority < 9900:
        text = "[RSLVR-02029] Priority must be greater than 100 and less than 9900"
        refuse("ValidationException", text)
    for one in firewall(call).associations.values():
        taken = one.fields["VpcId"] == vpc_id and one.fields["Priority"] == priority
        if one is not but and taken:
            refuse("ValidationException", f"[RSLVR-02031] Priority {priority} is used in {vpc_id}")


def associate_firewall_rule_group(call: Call) -> Described:
    """AssociateFirewallRuleGroup."""
    shelf, group, vpc_id = firewall(call).associations, _group(call), call.need("VpcId")
    made = made_before(call, shelf)
    if made is None:
        if vpc_id not in ec2_backends[call.account][call.region].vpcs:
            missing("VPC", vpc_id)
        if any(
            (one.fields["VpcId"], one.fields["FirewallRuleGroupId"]) == (vpc_id, group.id)
            for one in shelf.values()
        ):
            refuse("ConflictException", f"[RSLVR-02019] {group.id} is associated with {vpc_id}")
        _check_association(call, vpc_id, int(call.need("Priority")), None)
        fields = {
            name: call.need(name)
            for name in ("FirewallRuleGroupId", "VpcId", "Priority", "Name", "CreatorRequestId")
        }
        fields["MutationProtection"] = call.get("MutationProtection", "DISABLED")
        made = Thing("rslvr-frgassoc", "firewall-rule-group-association", call, fields)
        shelf[made.id] = made
        tag(call, made)
        world.clock().pass_through(
            made, "UPDATING", "COMPLETE", world.ASSOCIATION, attribute="status"
        )
    return {"FirewallRuleGroupAssociation": made.describe()}


def _association(call: Call) -> Thing:
    return get(
        firewall(call).associations,
        "Firewall rule group association",
        call.need("FirewallRuleGroupAssociationId"),
    )


def update_firewall_rule_group_association(call: Call) -> Described:
    """UpdateFirewallRuleGroupAssociation."""
    one = _association(call)
    if call.get("Priority") is not None:
        _check_association(call, one.fields["VpcId"], int(call.get("Priority")), one)
    for name in ("Priority", "MutationProtection", "Name"):
        if call.get(name) is not None:
            one.fields[name] = call.get(name)
    one.modified = now()
    world.clock().pass_through(one, "UPDATING", "COMPLETE", world.ASSOCIATION, attribute="status")
    return {"FirewallRuleGroupAssociation": one.describe()}


def disassociate_firewall_rule_group(call: Call) -> Described:
    """DisassociateFirewallRuleGroup: refused while it is protected against mutation."""
    shelf, one = firewall(call).associations, _association(call)
    if one.fields["MutationProtection"] == "ENABLED":
        refuse("ConflictException", f"[RSLVR-02020] {one.id} is protected against mutation")
    world.clock().pass_through(
        one, "DELETING", "DELETED", world.DELETION, attribute="status",
        and_then=lambda: shelf.pop(one.id, None),
    )  # fmt: skip
    return {"FirewallRuleGroupAssociation": one.describe()}


def list_firewall_rule_group_associations(call: Call) -> Described:
    """ListFirewallRuleGroupAssociations."""
    listed = [one.describe() for one in firewall(call).associations.values()]
    for name in ("FirewallRuleGroupId", "VpcId", "Priority", "Status"):
        if call.get(name) is not None:
            listed = [one for one in listed if one[name] == call.get(name)]
    return page(call, "FirewallRuleGroupAssociations", listed)


def _config(call: Call) -> Described:
    vpc_id = call.need("ResourceId")
    if vpc_id not in ec2_backends[call.account][call.region].vpcs:
        missing("VPC", vpc_id)
    digest = hashlib.sha256(vpc_id.encode()).hexdigest()[:16]
    return firewall(call).configs.setdefault(
        vpc_id,
        {
            "Id": f"rslvr-fc-{digest}",
            "ResourceId": vpc_id,
            "OwnerId": call.account,
            # "By default, fail open is disabled" (UpdateFirewallConfig).
            "FirewallFailOpen": "DISABLED",
        },
    )


def update_firewall_config(call: Call) -> Described:
    """UpdateFirewallConfig."""
    wanted = call.need("FirewallFailOpen")
    if wanted not in ("ENABLED", "DISABLED", "USE_LOCAL_RESOURCE_SETTING"):
        refuse("ValidationException", f"Value '{wanted}' at 'firewallFailOpen' is not valid")
    config = _config(call)
    config["FirewallFailOpen"] = wanted
    return {"FirewallConfig": config}


HANDLERS: dict[str, Callable[[Call], Described]] = {
    "CreateFirewallRuleGroup": create_firewall_rule_group,
    "GetFirewallRuleGroup": lambda call: {"FirewallRuleGroup": _describe_group(_group(call))},
    "ListFirewallRuleGroups": list_firewall_rule_groups,
    "DeleteFirewallRuleGroup": delete_firewall_rule_group,
    "CreateFirewallRule": create_firewall_rule,
    "UpdateFirewallRule": update_firewall_rule,
    "DeleteFirewallRule": delete_firewall_rule,
    "ListFirewallRules": list_firewall_rules,
    "AssociateFirewallRuleGroup": associate_firewall_rule_group,
    "GetFirewallRuleGroupAssociation": lambda call: {
        "FirewallRuleGroupAssociation": _association(call).describe()
    },
    "UpdateFirewallRuleGroupAssociation": update_firewall_rule_group_association,
    "DisassociateFirewallRuleGroup": disassociate_firewall_rule_group,
    "ListFirewallRuleGroupAssociations": list_firewall_rule_group_associations,
    "GetFirewallConfig": lambda call: {"FirewallConfig": _config(call)},
    "UpdateFirewallConfig": update_firewall_config,
    "ListFirewallConfigs": lambda call: page(
        call, "FirewallConfigs", list(firewall(call).configs.values())
    ),
}


def install() -> None:
    """Answer the calls about rule groups."""
    add_json(Route53ResolverResponse, lambda self: self.route53resolver_backend, HANDLERS)
