"""Security group rules, one by one, as EC2 keeps and describes them."""

import copy
from collections.abc import Iterator
from ipaddress import ip_network
from typing import Any

from moto.ec2.models.security_groups import SecurityGroup, SecurityGroupRule

from ringwall.lab import world
from ringwall.lab.actions import Call, Described, add_ec2, refuse, select, tag_set
from ringwall.lab.world import Moto

_NAMES = {"6": "tcp", "17": "udp", "1": "icmp", "58": "icmpv6", "all": "-1"}
_PORTED = ("tcp", "udp", "icmp", "icmpv6")
Key = tuple[str, int | None, int | None, str, str]


def _canonical(block: str) -> str:
    """Return a CIDR without host bits: "Amazon Web Services canonicalizes IPv4 and IPv6 CIDRs"."""
    try:
        return str(ip_network(block, strict=False))
    except ValueError:
        refuse("InvalidParameterValue", f"CIDR block {block} is malformed")


def group_of(backend: Moto, group_id: str) -> Moto:
    """Return a security group, or refuse."""
    found = backend.get_security_group_from_id(group_id)
    if found is None:
        refuse("InvalidGroup.NotFound", f"The security group '{group_id}' does not exist")
    return found


def key_of(rule: Moto) -> Key:
    """Return what makes two rules of a group and a direction the same."""
    if rule.ip_range.get("CidrIp"):
        peer = ("CidrIpv4", rule.ip_range["CidrIp"])
    elif rule.ip_range.get("CidrIpv6"):
        peer = ("CidrIpv6", rule.ip_range["CidrIpv6"])
    elif rule.prefix_list_id:
        peer = ("PrefixListId", rule.prefix_list_id)
    else:
        peer = ("GroupId", rule.source_group.get("GroupId", ""))
    return (rule.ip_protocol, rule.from_port, rule.to_port, *peer)


def _permissions(call: Call) -> list[Described]:
    if call.get("IpPermissions"):
        return list(call.get("IpPermissions"))
    one = {name: call.get(name) for name in ("IpProtocol", "FromPort", "ToPort")}
    if call.get("CidrIp"):
        one["IpRanges"] = [{"CidrIp": call.get("CidrIp")}]
    if call.get("SourceSecurityGroupName"):
        one["UserIdGroupPairs"] = [{"GroupName": call.get("SourceSecurityGroupName")}]
    return [one]


def _ports(permission: Described, protocol: str) -> tuple[int | None, int | None]:
    if protocol not in _PORTED:
        return None, None
    low, high = permission.get("FromPort"), permission.get("ToPort")
    if low is None or high is None:
        if protocol.startswith("icmp"):
            return -1, -1
        refuse(
            "InvalidParameterValue",
            "Invalid value for portRange. Must specify both from and to ports with TCP/UDP.",
        )
    if protocol in ("tcp", "udp") and not 0 <= int(low) <= int(high) <= 65535:
        refuse("InvalidParameterValue", f"Invalid value '{low}-{high}' for portRange.")
    return int(low), int(high)


def _rules(call: Call, group: Moto, *, egress: bool) -> Iterator[Any]:
    """Yield the rules that a call's permissions spell, not yet in the group."""
    backend = call.backend
    for permission in _permissions(call):
        protocol = str(permission.get("IpProtocol") or "").lower()
        if not protocol:
            refuse("MissingParameter", "The request must contain the parameter ipProtocol")
        protocol = _NAMES.get(protocol, protocol)
        low, high = _ports(permission, protocol)
        peers: list[tuple[Any, Any, Any]] = []
        for one in permission.get("IpRanges") or []:
            peers += [({**one, "CidrIp": _canonical(one["CidrIp"])}, None, None)]
        for one in permission.get("Ipv6Ranges") or []:
            peers += [({**one, "CidrIpv6": _canonical(one["CidrIpv6"])}, None, None)]
        for one in permission.get("UserIdGroupPairs") or []:
            peers += [(None, _pair(backend, group, one), None)]
        for one in permission.get("PrefixListIds") or []:
            if one["PrefixListId"] not in backend.managed_prefix_lists:
                refuse("InvalidPrefixListID.NotFound", f"{one['PrefixListId']} does not exist.")
            peers.append((None, None, one))
        if not peers:
            refuse("MissingParameter", "A rule needs a CIDR, a prefix list or a group.")
        for ip_range, pair, prefix_list in peers:
            made = SecurityGroupRule(
                backend, "-1", group.id, None, None, ip_range, pair, prefix_list, egress
            )
            made.ip_protocol, made.from_port, made.to_port = protocol, low, high
            vars(made)["prefix_description"] = (prefix_list or {}).get("Description")
            yield made


def _pair(backend: Moto, group: Moto, pair: Described) -> Described:
    if pair.get("GroupId"):
        found = group_of(backend, pair["GroupId"])
    else:
        found = backend.get_security_group_from_name(pair.get("GroupName", ""), group.vpc_id)
        if found is None:
            refuse("InvalidGroup.NotFound", f"{pair.get('GroupName')} does not exist")
    kept = {"GroupId": found.id, "UserId": pair.get("UserId") or backend.account_id}
    if pair.get("Description") is not None:
        kept["Description"] = pair["Description"]
    return kept


def _list(group: Moto, *, egress: bool) -> list[Any]:
    rules: list[Any] = group.egress_rules if egress else group.ingress_rules
    return rules


def _check_quota(rules: list[Any]) -> None:
    """Refuse more rules than the quota, each family for itself.

    "... enforced separately for IPv4 rules and IPv6 rules ... a rule that references a security
    group or prefix list counts as one rule for IPv4 and one for IPv6" (VPC guide, quotas).
    """
    kinds = [key_of(one)[3] for one in rules]
    most = max(len(kinds) - kinds.count(other) for other in ("CidrIpv4", "CidrIpv6"))
    if most > world.current().quotas["security_group_rules"]:
        refuse(
            "RulesPerSecurityGroupLimitExceeded",
            "The maximum number of rules per security group has been reached.",
        )


def authorize(call: Call, *, egress: bool) -> Described:
    """AuthorizeSecurityGroupIngress and AuthorizeSecurityGroupEgress: all rules or none."""
    group = _named(call)
    here = _list(group, egress=egress)
    seen = {key_of(one) for one in here}
    new = []
    for one in _rules(call, group, egress=egress):
        if key_of(one) in seen:
            peer = ", ".join(str(part) for part in key_of(one))
            refuse("InvalidPermission.Duplicate", f'the specified rule "{peer}" already exists')
        seen.add(key_of(one))
        new.append(one)
    _check_quota([*here, *new])
    here.extend(new)
    for one in new:
        call.backend.create_tags([one.id], call.tags())
    return {"Return": True, "SecurityGroupRules": [describe(call.backend, one) for one in new]}


def _named(call: Call) -> Moto:
    if call.get("GroupId"):
        return group_of(call.backend, call.get("GroupId"))
    found = call.backend.get_security_group_by_name_or_id(
        call.need("GroupName"), call.backend.default_vpc.id
    )
    return found or group_of(call.backend, call.get("GroupName"))


def revoke(call: Call, *, egress: bool) -> Described:
    """RevokeSecurityGroupIngress and RevokeSecurityGroupEgress: all rules or none."""
    group = _named(call)
    here = _list(group, egress=egress)
    doomed = []
    for rule_id in call.get("SecurityGroupRuleIds", []):
        found = [one for one in here if one.id == rule_id]
        if not found:
            refuse(
                "InvalidSecurityGroupRuleId.NotFound",
                f"The security group rule ID '{rule_id}' does not exist",
            )
        doomed += found
    if not call.get("SecurityGroupRuleIds"):
        for wanted in _rules(call, group, egress=egress):
            found = [one for one in here if key_of(one) == key_of(wanted)]
            if not found:
                refuse(
                    "InvalidPermission.NotFound",
                    "The specified rule does not exist in this security group.",
                )
            doomed += found
    for one in doomed:
        here.remove(next(rule for rule in here if rule is one or rule.id == one.id))
        call.backend.tags.pop(one.id, None)
    return {"Return": True}


def describe(backend: Moto, rule: Moto) -> Described:
    """Return what DescribeSecurityGroupRules lists."""
    described: Described = {
        "SecurityGroupRuleId": rule.id,
        "GroupId": rule.group_id,
        "GroupOwnerId": backend.account_id,
        "IsEgress": rule.is_egress,
        "IpProtocol": rule.ip_protocol,
        "FromPort": -1 if rule.from_port is None else rule.from_port,
        "ToPort": -1 if rule.to_port is None else rule.to_port,
        "Tags": tag_set(backend, rule.id),
    }
    if rule.description is not None:
        described["Description"] = rule.description
    kind, value = key_of(rule)[3:]
    if kind == "GroupId":
        described["ReferencedGroupInfo"] = {
            "GroupId": value,
            "UserId": rule.source_group.get("UserId", backend.account_id),
        }
    else:
        described[kind] = value
    return described


def _all_rules(backend: Moto) -> Iterator[Any]:
    for groups in backend.groups.values():
        for group in groups.values():
            yield from group.egress_rules
            yield from group.ingress_rules


def describe_security_group_rules(call: Call) -> Described:
    """DescribeSecurityGroupRules."""
    wanted = call.get("SecurityGroupRuleIds", [])
    listed = [describe(call.backend, one) for one in _all_rules(call.backend)]
    known = {one["SecurityGroupRuleId"] for one in listed}
    for one in wanted:
        if one not in known:
            refuse(
                "InvalidSecurityGroupRuleId.NotFound",
                f"The security group rule ID '{one}' does not exist",
            )
    listed = [one for one in listed if not wanted or one["SecurityGroupRuleId"] in wanted]
    paths = {"group-id": "GroupId", "security-group-rule-id": "SecurityGroupRuleId"}
    return {"SecurityGroupRules": select(listed, call.filters(), paths)}


def _describe_as(rule: Moto, text: str | None) -> None:
    """Set or clear a rule's description; the dictionaries may be shared, so they are copied."""
    if rule.prefix_list_id:
        rule.prefix_description = text
        return
    name = "ip_range" if rule.ip_range else "source_group"
    kept = {key: value for key, value in getattr(rule, name).items() if key != "Description"}
    setattr(rule, name, {**kept, "Description": text} if text else kept)


def update_descriptions(call: Call, *, egress: bool) -> Described:
    """UpdateSecurityGroupRuleDescriptionsIngress and …Egress."""
    group = _named(call)
    here = _list(group, egress=egress)
    changes: list[tuple[Any, str | None]] = []
    if call.get("SecurityGroupRuleDescriptions"):
        by_id = {one.id: one for one in here}
        for one in call.get("SecurityGroupRuleDescriptions"):
            if one["SecurityGroupRuleId"] not in by_id:
                refuse("InvalidSecurityGroupRuleId.NotFound", one["SecurityGroupRuleId"])
            changes.append((by_id[one["SecurityGroupRuleId"]], one.get("Description")))
    else:
        for wanted in _rules(call, group, egress=egress):
            found = [one for one in here if key_of(one) == key_of(wanted)]
            if not found:
                refuse("InvalidPermission.NotFound", "The specified rule does not exist.")
            changes += [(one, wanted.description) for one in found]
    for rule, text in changes:
        _describe_as(rule, text)
    return {"Return": True}


def modify_security_group_rules(call: Call) -> Described:
    """ModifySecurityGroupRules: each rule is replaced by what the call says, under its id."""
    group = group_of(call.backend, call.need("GroupId"))
    for change in call.need("SecurityGroupRules"):
        rule = group.get_rule(change["SecurityGroupRuleId"])
        if rule is None:
            refuse("InvalidSecurityGroupRuleId.NotFound", change["SecurityGroupRuleId"])
        new = change.get("SecurityGroupRule", {})
        text = {"Description": new["Description"]} if "Description" in new else {}
        permission: Described = {
            "IpProtocol": new.get("IpProtocol"),
            "FromPort": new.get("FromPort"),
            "ToPort": new.get("ToPort"),
        }
        for name, where, inner in (
            ("CidrIpv4", "IpRanges", "CidrIp"),
            ("CidrIpv6", "Ipv6Ranges", "CidrIpv6"),
            ("PrefixListId", "PrefixListIds", "PrefixListId"),
            ("ReferencedGroupId", "UserIdGroupPairs", "GroupId"),
        ):
            if new.get(name):
                permission[where] = [{inner: new[name], **text}]
        spelt = Call(call.response, call.backend, {"IpPermissions": [permission]})
        (made,) = _rules(spelt, group, egress=rule.is_egress)
        if key_of(made)[3] != key_of(rule)[3]:
            refuse("InvalidParameterValue", f"The kind of rule {rule.id} cannot be changed.")
        others = [one for one in _list(group, egress=rule.is_egress) if one.id != rule.id]
        if key_of(made) in {key_of(one) for one in others}:
            refuse("InvalidPermission.Duplicate", "the specified rule already exists")
        made.id = rule.id
        vars(rule).update(vars(made))
    return {"Return": True}


def delete_security_group(call: Call) -> Described:
    """DeleteSecurityGroup: refused while it is referenced, used, or a VPC's default."""
    backend, group = call.backend, _named(call)
    if group.is_default:
        refuse(
            "CannotDelete",
            f'the specified group: "{group.id}" name: "default" cannot be deleted by a user',
        )
    referenced = any(
        one.source_group.get("GroupId") == group.id and one.group_id != group.id
        for one in _all_rules(backend)
    )
    used = any(group.id in {one.id for one in eni.group_set} for eni in backend.enis.values())
    if referenced or used:
        refuse("DependencyViolation", f"resource {group.id} has a dependent object")
    for one in (*group.ingress_rules, *group.egress_rules):
        backend.tags.pop(one.id, None)
    backend.delete_security_group(group_id=group.id)
    return {"Return": True, "GroupId": group.id}


def _views(self: Moto, rules: list[Any]) -> list[Described]:  # noqa: ARG001
    """Return rules as DescribeSecurityGroups groups them: by protocol and ports."""
    views: dict[Any, Described] = {}
    for rule in rules:
        ports = (rule.ip_protocol, rule.from_port, rule.to_port)
        view = views.setdefault(
            ports,
            {
                "IpProtocol": rule.ip_protocol,
                "IpRanges": [],
                "Ipv6Ranges": [],
                "PrefixListIds": [],
                "UserIdGroupPairs": [],
            },
        )
        if rule.from_port is not None:
            view["FromPort"], view["ToPort"] = rule.from_port, rule.to_port
        if rule.ip_range.get("CidrIp"):
            view["IpRanges"].append(rule.ip_range)
        elif rule.ip_range:
            view["Ipv6Ranges"].append(rule.ip_range)
        elif rule.prefix_list_id:
            text = {"Description": rule.description} if rule.description else {}
            view["PrefixListIds"].append({"PrefixListId": rule.prefix_list_id, **text})
        else:
            view["UserIdGroupPairs"].append(copy.copy(rule.source_group))
    return list(views.values())


def _description(self: Moto) -> Moto:
    return (
        self.ip_range.get("Description")
        or self.source_group.get("Description")
        or getattr(self, "prefix_description", None)
    )


def install() -> None:
    """Answer the calls about rules, and describe groups by them."""
    SecurityGroup._flattened_rules = _views  # type: ignore[method-assign,assignment]  # noqa: SLF001
    SecurityGroupRule.description = property(_description)  # type: ignore[method-assign,assignment]
    add_ec2(
        {
            "AuthorizeSecurityGroupIngress": lambda call: authorize(call, egress=False),
            "AuthorizeSecurityGroupEgress": lambda call: authorize(call, egress=True),
            "RevokeSecurityGroupIngress": lambda call: revoke(call, egress=False),
            "RevokeSecurityGroupEgress": lambda call: revoke(call, egress=True),
            "DescribeSecurityGroupRules": describe_security_group_rules,
            "UpdateSecurityGroupRuleDescriptionsIngress": (
                lambda call: update_descriptions(call, egress=False)
            ),
            "UpdateSecurityGroupRuleDescriptionsEgress": (
                lambda call: update_descriptions(call, egress=True)
            ),
            "ModifySecurityGroupRules": modify_security_group_rules,
            "DeleteSecurityGroup": delete_security_group,
        }
    )
