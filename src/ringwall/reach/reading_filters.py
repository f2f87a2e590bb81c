"""A graph → its network ACLs and security groups."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

from ringwall.model.graph import Node, Ref, Unknown
from ringwall.reach.blocks import Block
from ringwall.reach.elements import Acl, Entry, Group, Rule
from ringwall.reach.values import Values, protocol_number
from ringwall.resources.ownership import TIER_TAG

DEFAULT_GROUP = "Ringwall::EC2::DefaultSecurityGroup"
DEFAULT_ACL = "Ringwall::EC2::DefaultNetworkAcl"
ListName = Callable[[Any], str]


def default_group(vpc: str) -> str:
    """Return the name of a VPC's default group."""
    return f"default {vpc}"


def read_acls(values: Values) -> dict[str, Acl]:
    """Return every network ACL; that of a VPC by default has the key `default <its key>`."""
    entries: dict[str, list[Entry]] = defaultdict(list)
    for node in values.ec2("NetworkAclEntry"):
        parent = values.key(node.properties.get("NetworkAclId"))
        entries[parent].append(read_entry(values, node))
    found = {}
    for kind, prefix in (("AWS::EC2::NetworkAcl", ""), (DEFAULT_ACL, "default ")):
        for node in values.of_type(kind):
            inline = node.properties.get("Entries", node.observed.get("Entries", ()))
            mine = [*entries[node.key], *(_entry(values, item, node) for item in inline)]
            name = prefix + node.key
            found[name] = Acl(name, tuple(sorted(mine, key=lambda e: e.number)), node)
    return found


def read_entry(values: Values, node: Node) -> Entry:
    """Return the entry that a node of its own is."""
    return _entry(values, node.properties, node)


def _entry(values: Values, item: Mapping[str, Any], node: Node) -> Entry:
    block = values.block(item.get("CidrBlock") or item.get("Ipv6CidrBlock"))
    ports = item.get("PortRange")
    icmp = item.get("Icmp") or item.get("IcmpTypeCode")
    low = high = -1
    if ports is not None:
        low, high = int(ports["From"]), int(ports["To"])
    elif icmp is not None:
        low, high = int(icmp.get("Type", -1)), int(icmp.get("Code", -1))
    protocol = protocol_number(item.get("Protocol"))
    if protocol is None:
        block = Unknown(f"entry {node.key}", f"protocol {item.get('Protocol')!r} is not known")
        protocol, low, high = -1, -1, -1
    return Entry(
        number=int(item["RuleNumber"]),
        egress=bool(item.get("Egress")),
        allow=str(item["RuleAction"]).lower() == "allow",
        protocol=protocol,
        low=low,
        high=high,
        block=block or Unknown(f"entry {node.key}", "it names no addresses"),
        node=node,
    )


def read_groups(values: Values, list_name: ListName) -> dict[str, Group]:
    """Return every security group."""
    names = GroupNames(values)
    rules: dict[tuple[str, bool], list[Rule]] = defaultdict(list)
    for kind, egress in (("SecurityGroupIngress", False), ("SecurityGroupEgress", True)):
        for node in values.ec2(kind):
            parent = names.name(node.properties.get("GroupId"))
            rules[parent, egress].append(read_rule(values, node, names, list_name))
    found = {}
    for node in values.ec2("SecurityGroup"):
        vpc = values.key(node.properties.get("VpcId"))
        sides = (tuple(rules[node.key, False]), tuple(rules[node.key, True]))
        found[node.key] = Group(node.key, vpc, *sides, tier=node.tags.get(TIER_TAG, ""), node=node)
    for node in values.of_type(DEFAULT_GROUP):
        vpc = values.key(node.properties.get("VpcId"))
        key = default_group(vpc)
        inline = {
            egress: tuple(
                _rule(values, item, node, names, list_name)
                for item in node.properties.get(name, ())
            )
            for name, egress in (("Ingress", False), ("Egress", True))
        }
        sides = ((*inline[False], *rules[key, False]), (*inline[True], *rules[key, True]))
        found[key] = Group(key, vpc, *sides, is_default=True, node=node)
    return found


class GroupNames:
    """Names of groups: keys, and `default <vpc>` for the groups that AWS makes with every VPC."""

    def __init__(self, values: Values) -> None:
        self._values = values
        self._defaults: dict[str, str] = {}
        for node in values.of_type(DEFAULT_GROUP):
            name = default_group(values.key(node.properties.get("VpcId")))
            if node.physical_id:
                self._defaults[node.physical_id] = name
            self._defaults[f"ref {node.key}"] = name

    def name(self, value: Any) -> str:  # noqa: ANN401  (a Ref or an id)
        """Return the name of the group that a reference or an id means."""
        text = value.key if isinstance(value, Ref) else str(value or "")
        if isinstance(value, Ref) and value.type == DEFAULT_GROUP:
            found = self._defaults.get(f"ref {text}")
            return found or self._defaults.get(text, text)
        return self._defaults.get(text) or self._values.key(value)


def read_rule(values: Values, node: Node, names: GroupNames, list_name: ListName) -> Rule:
    """Return the rule that a node of its own is."""
    return _rule(values, node.properties, node, names, list_name)


def _rule(
    values: Values, item: Mapping[str, Any], node: Node, names: GroupNames, list_name: ListName
) -> Rule:
    protocol = protocol_number(item.get("IpProtocol", -1))
    low, high = int(item.get("FromPort", -1)), int(item.get("ToPort", -1))
    if protocol is None:
        what = f"protocol {item.get('IpProtocol')!r} is not known"
        return Rule(-1, -1, -1, Unknown(f"rule {node.key}", what), "unknown", node)
    cidr = values.block(item.get("CidrIp") or item.get("CidrIpv6"))
    group = item.get("SourceSecurityGroupId") or item.get("DestinationSecurityGroupId")
    prefixes = item.get("SourcePrefixListId") or item.get("DestinationPrefixListId")
    if isinstance(cidr, Block):
        return Rule(protocol, low, high, cidr, "block", node)
    if group is not None:
        return Rule(protocol, low, high, names.name(group), "group", node)
    if prefixes is not None:
        return Rule(protocol, low, high, list_name(prefixes), "list", node)
    unknown = cidr or Unknown(f"rule {node.key}", "it names no peer")
    return Rule(protocol, low, high, unknown, "unknown", node)
