"""A graph → its network ACLs, security groups and live interfaces."""

from collections.abc import Mapping
from typing import Any

from ringwall.model.graph import Node
from ringwall.resources.ownership import TIER_TAG
from ringwall.verify.elements import Acl, Entry, Group, Interface, Rule
from ringwall.verify.sets import IPV6, Ranges, join
from ringwall.verify.traffic import ICMP, ICMPV6, TCP, UDP, block, icmp, ports
from ringwall.verify.traffic import protocol_number as number_of
from ringwall.verify.traffic import protocols as all_of
from ringwall.verify.values import DEFAULT_GROUP, Values

ANYWHERE: Ranges = (*block("0.0.0.0/0"), *block("::/0"))
DEFAULT_ACL = "Ringwall::EC2::DefaultNetworkAcl"
APPLIANCE_TAG = "ringwall:appliance"


def read_acls(values: Values) -> dict[str, Acl]:
    """Return every network ACL; the default one of a VPC has the key `default <its key>`."""
    entries: dict[str, list[Entry]] = {}
    for node in values.ec2("NetworkAclEntry"):
        parent = values.key(node.properties.get("NetworkAclId"))
        entries.setdefault(parent, []).append(_entry(values, node.properties))
    found = {}
    for kind, prefix in (("AWS::EC2::NetworkAcl", ""), (DEFAULT_ACL, "default ")):
        for node in values.of_type(kind):
            inline = node.properties.get("Entries", node.observed.get("Entries", ()))
            mine = [*entries.get(node.key, ()), *(_entry(values, item) for item in inline)]
            name = prefix + node.key
            found[name] = Acl(name, tuple(sorted(mine, key=lambda e: e.number)))
    return found


def _entry(values: Values, item: Mapping[str, Any]) -> Entry:
    part, doubt = values.block(item.get("CidrBlock") or item.get("Ipv6CidrBlock"))
    if part is None:
        part, doubt = ANYWHERE, doubt or "an entry names no addresses"
    protocol = number_of(item["Protocol"])
    range_, kind = item.get("PortRange"), item.get("Icmp") or item.get("IcmpTypeCode")
    traffic = all_of(protocol)
    if range_ is not None and protocol in {TCP, UDP}:
        traffic = ports(protocol, int(range_["From"]), int(range_["To"]))
    elif kind is not None and range_ is None and protocol in {ICMP, ICMPV6}:
        traffic = icmp(protocol, int(kind.get("Type", -1)), int(kind.get("Code", -1)))
    allow = str(item["RuleAction"]).lower() == "allow"
    number = int(item["RuleNumber"])
    return Entry(number, bool(item.get("Egress")), allow, part, traffic, doubt)


def read_groups(values: Values) -> dict[str, Group]:
    """Return every security group; the default one of a VPC has the key `default <vpc>`."""
    rules: dict[tuple[str, bool], list[Rule]] = {}
    for kind, egress in (("SecurityGroupIngress", False), ("SecurityGroupEgress", True)):
        for node in values.ec2(kind):
            key = values.group(node.properties.get("GroupId"))
            rules.setdefault((key, egress), []).append(_rule(values, node.properties))
    found = {}
    for node in values.ec2("SecurityGroup"):
        found[node.key] = _group(values, node, node.key, rules)
    for node in values.of_type(DEFAULT_GROUP):
        key = f"default {values.key(node.properties.get('VpcId'))}"
        for name, egress in (("Ingress", False), ("Egress", True)):
            inline = [_rule(values, item) for item in node.properties.get(name, ())]
            rules[key, egress] = inline + rules.get((key, egress), [])
        found[key] = _group(values, node, key, rules)
    return found


def _group(
    values: Values, node: Node, key: str, rules: dict[tuple[str, bool], list[Rule]]
) -> Group:
    tier = "" if node.type == DEFAULT_GROUP else node.tags.get(TIER_TAG, "")
    ingress, egress = (tuple(rules.get((key, out), ())) for out in (False, True))
    return Group(key, values.key(node.properties.get("VpcId")), ingress, egress, tier, node)


def _rule(values: Values, item: Mapping[str, Any]) -> Rule:
    protocol = number_of(item.get("IpProtocol", -1))
    low, high = int(item.get("FromPort", -1)), int(item.get("ToPort", -1))
    traffic = all_of(protocol)
    if protocol in {TCP, UDP} and (low, high) != (-1, -1):
        traffic = ports(protocol, low, high)
    elif protocol in {ICMP, ICMPV6}:
        traffic = icmp(protocol, low, high)
    part, doubt = values.block(item.get("CidrIp") or item.get("CidrIpv6"))
    group = item.get("SourceSecurityGroupId") or item.get("DestinationSecurityGroupId")
    listed = item.get("SourcePrefixListId") or item.get("DestinationPrefixListId")
    if part is not None:
        return Rule(traffic, part)
    if group is not None:
        return Rule(traffic, group=values.group(group))
    if listed is not None:
        return Rule(traffic, list_name=values.list_name(listed))
    return Rule(traffic, doubt=doubt or "a rule names no peer")


def read_interfaces(values: Values) -> dict[str, Interface]:
    """Return live interfaces by key, and the first one of each instance by the instance's."""
    instances = {node.key: node for node in values.ec2("Instance")}
    owners = {
        key: node
        for node in instances.values()
        for key in values.keys(node.observed.get("NetworkInterfaceIds"))
    }
    found = {}
    for node in values.ec2("NetworkInterface"):
        attachment = node.observed.get("Attachment") or {}
        owner = owners.get(node.key) or instances.get(values.key(attachment.get("InstanceId")))
        found[node.key] = _interface(values, node, owner)
    for node in instances.values():
        keys = values.keys(node.observed.get("NetworkInterfaceIds"))
        of_it = [k for k in keys if k in found] or [
            n.key
            for n in values.ec2("NetworkInterface")
            if values.key((n.observed.get("Attachment") or {}).get("InstanceId")) == node.key
        ]
        if of_it:
            found[node.key] = found[of_it[0]]
    return found


def _interface(values: Values, node: Node, instance: Node | None) -> Interface:
    observed = node.observed
    texts = list(addresses_of(observed))
    own = texts or [str(observed.get("PrivateIpAddress") or "")]
    hosts = [block(text) for text in own if text and "/" not in text]
    attachment = observed.get("Attachment") or {}
    status = attachment.get("Status", observed.get("Status", ""))
    broken = ""
    if status in {"available", "detached", "detaching"}:
        broken = "it is attached to nothing"
    state = instance.observed.get("State", "") if instance is not None else ""
    state = state.get("Name", "") if isinstance(state, Mapping) else str(state)
    if state not in {"", "running"}:
        broken = broken or f"its instance is {state}"
    tags = {**(instance.tags if instance is not None else {}), **node.tags}
    named = node.properties.get("GroupSet") or node.properties.get("SecurityGroupIds")
    return Interface(
        key=node.key,
        name=node.physical_id or node.key,
        subnet=values.key(node.properties.get("SubnetId")),
        groups=values.groups(named),
        part=join(*(block(text) for text in texts)),
        public=bool(observed.get("PublicIp") or observed.get("PublicIpAddress"))
        or any(
            isinstance(item, Mapping) and item.get("Association")
            for item in observed.get("PrivateIpAddresses") or ()
        ),
        # "Each EC2 instance performs source/destination checks by default" (VPC guide).
        checks=bool(node.properties.get("SourceDestCheck", True)),
        broken=broken,
        does=tags.get(APPLIANCE_TAG, ""),
        kind=str(observed.get("InterfaceType") or "interface"),
        address=next((host for host in hosts if host[0][0] < IPV6), ()),
        node=node,
    )


_ADDRESS_MEMBERS = {
    "PrivateIpAddresses": "PrivateIpAddress",
    "Ipv6Addresses": "Ipv6Address",
    "Ipv4Prefixes": "Ipv4Prefix",
    "Ipv6Prefixes": "Ipv6Prefix",
}


def addresses_of(observed: Mapping[str, Any]) -> list[str]:
    """Return the addresses and blocks that an interface is reported to have."""
    found = []
    for members, member in _ADDRESS_MEMBERS.items():
        for item in observed.get(members) or ():
            text = item.get(member) if isinstance(item, Mapping) else item
            if text:
                found.append(str(text))
    return found
