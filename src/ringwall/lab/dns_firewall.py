"""Route 53 Resolver DNS Firewall: domain lists, rule groups, rules and associations."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from moto.ec2 import ec2_backends
from moto.moto_api._internal import mock_random

from ringwall.lab import world
from ringwall.lab.actions import Call, Described, add_json, refuse
from ringwall.lab.world import Moto

MANAGED_BY = "Route 53 Resolver DNS Firewall"
# Route 53 developer guide, "Managed Domain Lists".
MANAGED = (
    "AWSManagedDomainsMalwareDomainList",
    "AWSManagedDomainsBotnetCommandandControl",
    "AWSManagedDomainsAggregateThreatList",
    "AWSManagedDomainsAmazonGuardDutyThreatList",
)
_RULE_FIELDS = (
    "FirewallDomainListId", "Name", "Priority", "Action", "BlockResponse", "BlockOverrideDomain",
    "BlockOverrideDnsType", "BlockOverrideTtl", "FirewallDomainRedirectionAction", "Qtype",
    "DnsThreatProtection", "ConfidenceThreshold",
)  # fmt: skip


class Thing:
    """A list, group or association: what is described of it, and what is not."""

    def __init__(self, prefix: str, kind: str, call: Call, fields: Described) -> None:
        self.id = f"{prefix}-{mock_random.get_random_hex(16)}"
        self.arn = (
            f"arn:{call.backend.partition}:route53resolver:{call.region}:{call.account}:"
            f"{kind}/{self.id}"
        )
        self.fields = fields
        self.status = "COMPLETE"
        self.domains: list[str] = []
        self.rules: list[Described] = []
        self.created = self.modified = _now()
        self.asked = {key: value for key, value in call.params.items() if key != "Tags"}

    def describe(self, **more: Moto) -> Described:
        """Return the whole description."""
        return {
            "Id": self.id,
            "Arn": self.arn,
            "Status": self.status,
            "StatusMessage": "",
            "CreationTime": self.created,
            "ModificationTime": self.modified,
            **self.fields,
            **more,
        }


class Firewall:
    """What one account and region holds."""

    def __init__(self) -> None:
        self.lists: dict[str, Thing] = {}
        self.groups: dict[str, Thing] = {}
        self.associations: dict[str, Thing] = {}
        self.configs: dict[str, Described] = {}


def _now() -> str:
    return datetime.now(UTC).isoformat()  # noqa: TID251  (a server's own clock)


def _firewall(call: Call) -> Firewall:
    return world.store(call.backend, Firewall)


def managed_lists(call: Call) -> dict[str, Described]:
    """Return AWS's own domain lists, by id."""
    listed = {}
    for name in MANAGED:
        digest = hashlib.sha256(f"{call.region}{name}".encode()).hexdigest()[:16]
        arn = f"arn:aws:route53resolver:{call.region}::firewall-domain-list/rslvr-fdl-{digest}"
        listed[f"rslvr-fdl-{digest}"] = {
            "Id": f"rslvr-fdl-{digest}",
            "Arn": arn,
            "Name": name,
            "ManagedOwnerName": MANAGED_BY,
            "ManagedListType": "THREAT",
        }
    return listed


def _missing(what: str, one: str) -> None:
    refuse("ResourceNotFoundException", f"[RSLVR-02000] {what} with ID '{one}' does not exist")


def _get(shelf: dict[str, Thing], what: str, one: str) -> Thing:
    if one not in shelf:
        _missing(what, one)
    return shelf[one]


def _page(call: Call, key: str, listed: list[Any]) -> Described:
    start, most = int(call.get("NextToken", 0)), int(call.get("MaxResults", 100))
    page: Described = {key: listed[start : start + most]}
    if start + most < len(listed):
        page["NextToken"] = str(start + most)
    return page


def _again(call: Call, shelf: dict[str, Thing]) -> Thing | None:
    """Return what the same CreatorRequestId made before.

    "A unique string that identifies the request and that allows you to retry failed requests
    without the risk of running the operation twice."
    """
    token = call.need("CreatorRequestId")
    asked = {key: value for key, value in call.params.items() if key != "Tags"}
    for one in shelf.values():
        if one.fields["CreatorRequestId"] == token:
            if one.asked != asked:
                text = f"[RSLVR-02024] CreatorRequestId '{token}' was used with other parameters"
                refuse("ValidationException", text)
            return one
    return None


def _tag(call: Call, one: Thing) -> None:
    call.backend.tagger.tag_resource(one.arn, call.get("Tags", []))


def create_firewall_domain_list(call: Call) -> Described:
    """CreateFirewallDomainList."""
    shelf = _firewall(call).lists
    made = _again(call, shelf)
    if made is None:
        fields = {name: call.need(name) for name in ("Name", "CreatorRequestId")}
        made = Thing("rslvr-fdl", "firewall-domain-list", call, fields)
        shelf[made.id] = made
        _tag(call, made)
    return {"FirewallDomainList": made.describe(DomainCount=len(made.domains))}


def get_firewall_domain_list(call: Call) -> Described:
    """GetFirewallDomainList."""
    own = managed_lists(call).get(call.need("FirewallDomainListId"))
    if own is not None:
        return {"FirewallDomainList": {**own, "Status": "COMPLETE", "DomainCount": 0}}
    one = _get(_firewall(call).lists, "Firewall domain list", call.need("FirewallDomainListId"))
    return {"FirewallDomainList": one.describe(DomainCount=len(one.domains))}


def list_firewall_domain_lists(call: Call) -> Described:
    """ListFirewallDomainLists: AWS's own among them."""
    listed = list(managed_lists(call).values())
    listed += [
        {"Id": one.id, "Arn": one.arn, **one.fields} for one in _firewall(call).lists.values()
    ]
    return _page(call, "FirewallDomainLists", listed)


def _domain(text: str) -> str:
    """Return a domain as Resolver keeps it: in lower case, with a final dot."""
    name = text.strip().rstrip(".").lower()
    rest = name.removeprefix("*.") if name != "*" else "x"
    labels = rest.split(".")
    if "*" in rest or not all(0 < len(label) < 64 for label in labels) or len(name) > 253:
        refuse("ValidationException", f"[RSLVR-02030] '{text}' is not a valid domain")
    return f"{name}."


def update_firewall_domains(call: Call) -> Described:
    """UpdateFirewallDomains."""
    one = _get(_firewall(call).lists, "Firewall domain list", call.need("FirewallDomainListId"))
    domains = [_domain(text) for text in call.need("Domains")]
    match call.need("Operation"):
        case "ADD":
            kept = one.domains + domains
        case "REMOVE":
            kept = [domain for domain in one.domains if domain not in domains]
        case "REPLACE":
            kept = domains
        case other:
            refuse("ValidationException", f"Value '{other}' at 'operation' is not valid")
    one.domains = sorted(set(kept))
    one.modified = _now()
    world.clock().pass_through(one, "UPDATING", "COMPLETE", world.ASSOCIATION, attribute="status")
    return {"Id": one.id, "Name": one.fields["Name"], "Status": one.status, "StatusMessage": ""}


def list_firewall_domains(call: Call) -> Described:
    """ListFirewallDomains; what AWS's own lists hold is not shown."""
    list_id = call.need("FirewallDomainListId")
    if list_id in managed_lists(call):
        refuse("AccessDeniedException", "The contents of a managed domain list are not shown.")
    one = _get(_firewall(call).lists, "Firewall domain list", list_id)
    return _page(call, "Domains", one.domains)


def delete_firewall_domain_list(call: Call) -> Described:
    """DeleteFirewallDomainList: refused while a rule uses it."""
    home, list_id = _firewall(call), call.need("FirewallDomainListId")
    if list_id in managed_lists(call):
        refuse("AccessDeniedException", "A managed domain list cannot be deleted.")
    one = _get(home.lists, "Firewall domain list", list_id)
    if any(rule.get("FirewallDomainListId") == one.id for group in home.groups.values()
           for rule in group.rules):  # fmt: skip
        refuse("ConflictException", f"[RSLVR-02016] Domain list {one.id} is used by a rule")
    del home.lists[one.id]
    one.status = "DELETING"
    return {"FirewallDomainList": one.describe(DomainCount=len(one.domains))}


def _group(call: Call) -> Thing:
    return _get(_firewall(call).groups, "Firewall rule group", call.need("FirewallRuleGroupId"))


def _describe_group(one: Thing) -> Described:
    return one.describe(RuleCount=len(one.rules))


def create_firewall_rule_group(call: Call) -> Described:
    """CreateFirewallRuleGroup."""
    shelf = _firewall(call).groups
    made = _again(call, shelf)
    if made is None:
        fields = {name: call.need(name) for name in ("Name", "CreatorRequestId")}
        fields |= {"OwnerId": call.account, "ShareStatus": "NOT_SHARED"}
        made = Thing("rslvr-frg", "firewall-rule-group", call, fields)
        shelf[made.id] = made
        _tag(call, made)
    return {"FirewallRuleGroup": _describe_group(made)}


def list_firewall_rule_groups(call: Call) -> Described:
    """ListFirewallRuleGroups."""
    listed = [
        {"Id": one.id, "Arn": one.arn, **one.fields} for one in _firewall(call).groups.values()
    ]
    return _page(call, "FirewallRuleGroups", listed)


def delete_firewall_rule_group(call: Call) -> Described:
    """DeleteFirewallRuleGroup: refused while it is associated or has rules."""
    home, one = _firewall(call), _group(call)
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
    if list_id not in _firewall(call).lists and list_id not in managed_lists(call):
        _missing("Firewall domain list", list_id)
    others = [one for one in group.rules if one is not but]
    # "You must specify a unique priority for each rule in a rule group." (CreateFirewallRule)
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
    rule |= {"CreationTime": _now(), "ModificationTime": _now()}
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
    new["ModificationTime"] = _now()
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
    return _page(call, "FirewallRules", listed)


def _check_association(call: Call, vpc_id: str, priority: int, but: Thing | None) -> None:
    # "This setting must be greater than 100 and less than 9,900": 100 and 9900 are AWS's own.
    if not 100 < priority < 9900:
        text = "[RSLVR-02029] Priority must be greater than 100 and less than 9900"
        refuse("ValidationException", text)
    for one in _firewall(call).associations.values():
        taken = one.fields["VpcId"] == vpc_id and one.fields["Priority"] == priority
        if one is not but and taken:
            refuse("ValidationException", f"[RSLVR-02031] Priority {priority} is used in {vpc_id}")


def associate_firewall_rule_group(call: Call) -> Described:
    """AssociateFirewallRuleGroup."""
    shelf, group, vpc_id = _firewall(call).associations, _group(call), call.need("VpcId")
    made = _again(call, shelf)
    if made is None:
        if vpc_id not in ec2_backends[call.account][call.region].vpcs:
            _missing("VPC", vpc_id)
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
        _tag(call, made)
        world.clock().pass_through(
            made, "UPDATING", "COMPLETE", world.ASSOCIATION, attribute="status"
        )
    return {"FirewallRuleGroupAssociation": made.describe()}


def _association(call: Call) -> Thing:
    return _get(
        _firewall(call).associations,
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
    one.modified = _now()
    world.clock().pass_through(one, "UPDATING", "COMPLETE", world.ASSOCIATION, attribute="status")
    return {"FirewallRuleGroupAssociation": one.describe()}


def disassociate_firewall_rule_group(call: Call) -> Described:
    """DisassociateFirewallRuleGroup: refused while it is protected against mutation."""
    shelf, one = _firewall(call).associations, _association(call)
    if one.fields["MutationProtection"] == "ENABLED":
        refuse("ConflictException", f"[RSLVR-02020] {one.id} is protected against mutation")
    world.clock().pass_through(
        one, "DELETING", "DELETED", world.DELETION, attribute="status",
        and_then=lambda: shelf.pop(one.id, None) and None,
    )  # fmt: skip
    return {"FirewallRuleGroupAssociation": one.describe()}


def list_firewall_rule_group_associations(call: Call) -> Described:
    """ListFirewallRuleGroupAssociations."""
    listed = [one.describe() for one in _firewall(call).associations.values()]
    for name in ("FirewallRuleGroupId", "VpcId", "Priority", "Status"):
        if call.get(name) is not None:
            listed = [one for one in listed if one[name] == call.get(name)]
    return _page(call, "FirewallRuleGroupAssociations", listed)


def _config(call: Call) -> Described:
    vpc_id = call.need("ResourceId")
    if vpc_id not in ec2_backends[call.account][call.region].vpcs:
        _missing("VPC", vpc_id)
    digest = hashlib.sha256(vpc_id.encode()).hexdigest()[:16]
    return _firewall(call).configs.setdefault(
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
    "CreateFirewallDomainList": create_firewall_domain_list,
    "GetFirewallDomainList": get_firewall_domain_list,
    "ListFirewallDomainLists": list_firewall_domain_lists,
    "UpdateFirewallDomains": update_firewall_domains,
    "ListFirewallDomains": list_firewall_domains,
    "DeleteFirewallDomainList": delete_firewall_domain_list,
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
    "ListFirewallConfigs": lambda call: _page(
        call, "FirewallConfigs", list(_firewall(call).configs.values())
    ),
}


def install() -> None:
    """Answer the calls about DNS Firewall."""
    from moto.route53resolver.responses import Route53ResolverResponse  # noqa: PLC0415

    add_json(Route53ResolverResponse, lambda self: self.route53resolver_backend, HANDLERS)
