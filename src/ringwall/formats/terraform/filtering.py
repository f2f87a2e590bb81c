"""Planned security groups and network ACLs → groups, rules and entries, each of its own."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from ringwall.formats.cloudformation.values import is_unknown, reasons, unknown
from ringwall.formats.terraform.document import Instance
from ringwall.formats.terraform.forms import EC2, FORMS, camel
from ringwall.formats.terraform.plain import Item, Properties, Shape, listed, plain

if TYPE_CHECKING:
    from ringwall.formats.terraform.planned import Planned

GROUP_RULES = {
    "ingress": (f"{EC2}SecurityGroupIngress", "Source"),
    "egress": (f"{EC2}SecurityGroupEgress", "Destination"),
}
ENTRY = f"{EC2}NetworkAclEntry"
NUMBERS = {"tcp": 6, "udp": 17, "icmp": 1, "icmpv6": 58, "all": -1, "-1": -1}


def _acl(work: "Planned", instance: Instance) -> Iterator[Item]:
    own = work.names(instance, "id")
    if instance.type == "aws_network_acl":
        yield f"{EC2}NetworkAcl", plain(work, instance)
    elif own is None:
        work.lose(instance, "the VPC of this default network ACL is not in the plan")
        return
    else:
        work.empty_default(instance, own, "Entries")
    for name in ("ingress", "egress"):
        entries = listed(work.arguments.get(instance, name))
        start = {"NetworkAclId": own, "Egress": name == "egress"}
        yield from work.inline(
            instance, name, ((ENTRY, _entry(dict(start), item)) for item in entries)
        )
    if instance.type == "aws_network_acl":
        subnets = listed(work.arguments.get(instance, "subnet_ids"))
        kind = f"{EC2}SubnetNetworkAclAssociation"
        ends = ((kind, {"SubnetId": subnet, "NetworkAclId": own}) for subnet in subnets)
        yield from work.inline(instance, "subnet_ids", ends)


def _entry(found: Properties, item: object) -> Properties:
    if not isinstance(item, Mapping):
        why = unknown(", ".join(reasons(item)) or "an entry is no object")
        return {**found, "RuleNumber": why, "Protocol": -1, "RuleAction": "allow"}
    given = {**item, "rule_number": item.get("rule_no"), "rule_action": item.get("action")}
    return entry(found, given)


def entry(found: Properties, item: Mapping[str, Any]) -> Properties:
    """Return an entry of a network ACL."""
    for argument in ("rule_number", "rule_action", "cidr_block", "ipv6_cidr_block"):
        if item.get(argument) not in (None, ""):
            found[camel(argument)] = item[argument]
    protocol = item.get("protocol")
    if isinstance(protocol, str):
        protocol = NUMBERS.get(protocol.lower(), protocol)
    if protocol is not None:
        found["Protocol"] = protocol
    ends = {"From": item.get("from_port"), "To": item.get("to_port")}
    if str(protocol) in {"6", "17"} or is_unknown(protocol):
        found["PortRange"] = {name: end for name, end in ends.items() if end is not None}
    if str(protocol) in {"1", "58"}:
        kind, code = item.get("icmp_type"), item.get("icmp_code")
        found["Icmp"] = {
            "Type": -1 if kind is None else kind,
            "Code": -1 if code is None else code,
        }
    return found


def _entry_resource(work: "Planned", instance: Instance) -> Iterator[Item]:
    found = plain(work, instance)
    arguments = ("protocol", "from_port", "to_port", "icmp_type", "icmp_code")
    yield ENTRY, entry(found, {n: work.arguments.get(instance, n) for n in arguments})


def _group(work: "Planned", instance: Instance) -> Iterator[Item]:
    own = work.names(instance, "id")
    if instance.type == "aws_security_group":
        yield f"{EC2}SecurityGroup", plain(work, instance)
    elif own is None:
        work.lose(instance, "the VPC of this default security group is not in the plan")
        return
    else:
        work.empty_default(instance, own, "Ingress", "Egress")
    for name in ("ingress", "egress"):
        items = listed(work.arguments.get(instance, name))
        found = (rule for item in items for rule in rules(own, name, item))
        yield from work.inline(instance, name, found)


def _rule(work: "Planned", instance: Instance) -> Iterator[Item]:
    """Yield the rules of an aws_security_group_rule, one a peer."""
    kind = work.arguments.get(instance, "type")
    group = work.arguments.get(instance, "security_group_id")
    names = "protocol from_port to_port cidr_blocks ipv6_cidr_blocks prefix_list_ids self"
    item = {name: work.arguments.get(instance, name) for name in names.split()}
    source = work.arguments.get(instance, "source_security_group_id")
    item["security_groups"] = None if source in (None, "") else [source]
    item["description"] = work.arguments.get(instance, "description")
    if kind not in GROUP_RULES:
        work.lose(instance, "it is neither of ingress nor of egress")
        return
    yield from rules(group, kind, item)


def rules(group: object, direction: str, item: object) -> Iterator[Item]:
    """Yield the rules that a block of Terraform stands for: one a peer."""
    kind, side = GROUP_RULES[direction]
    if not isinstance(item, Mapping):
        why = unknown(", ".join(reasons(item)) or "a rule is no object")
        yield kind, {"GroupId": group, "IpProtocol": why}
        return
    shared = with_ports({"GroupId": group}, item.get("protocol"), item)
    if item.get("description"):
        shared["Description"] = item["description"]
    peers = {
        "CidrIp": item.get("cidr_blocks"),
        "CidrIpv6": item.get("ipv6_cidr_blocks"),
        f"{side}PrefixListId": item.get("prefix_list_ids"),
        f"{side}SecurityGroupId": item.get("security_groups"),
    }
    for name, values in peers.items():
        for value in listed(values):
            yield kind, {**shared, name: value}
    own = item.get("self")
    if own is not True and not any(peers.values()) and not is_unknown(own):
        yield kind, {**shared, "CidrIp": unknown("a rule names no peer")}
    if own is True:
        yield kind, {**shared, f"{side}SecurityGroupId": group}
    elif is_unknown(own):
        yield kind, {**shared, "CidrIp": own}


def with_ports(found: Properties, protocol: object, item: Mapping[str, Any]) -> Properties:
    """Add protocol and ports to a rule; all protocols have no ports, whatever is written."""
    if protocol is None:
        return found
    if isinstance(protocol, str) and protocol.lower() in {"all", "-1"}:
        return {**found, "IpProtocol": "-1"}
    found = {**found, "IpProtocol": protocol}
    if str(protocol).lower() in {"tcp", "udp", "icmp", "icmpv6", "6", "17", "1", "58"}:
        for argument in ("from_port", "to_port"):
            if item.get(argument) is not None:
                found[camel(argument)] = item[argument]
    return found


def _group_rule(work: "Planned", instance: Instance) -> Iterator[Item]:
    found = plain(work, instance)
    given = {name: work.arguments.get(instance, name) for name in ("from_port", "to_port")}
    bare = {name: v for name, v in found.items() if name not in {"FromPort", "ToPort"}}
    yield FORMS[instance.type].type, with_ports(bare, bare.pop("IpProtocol", None), given)


FILTERS: Mapping[str, Shape] = {
    "aws_network_acl": _acl,
    "aws_default_network_acl": _acl,
    "aws_network_acl_rule": _entry_resource,
    "aws_security_group": _group,
    "aws_default_security_group": _group,
    "aws_security_group_rule": _rule,
    "aws_vpc_security_group_ingress_rule": _group_rule,
    "aws_vpc_security_group_egress_rule": _group_rule,
}
