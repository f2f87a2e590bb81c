"""What ingress and egress rules of security groups share: their normal form, key and calls."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ringwall.model.calls import Call, Idempotence
from ringwall.model.graph import Node, Ref
from ringwall.resources.ec2 import canonical_cidr, canonical_protocol, ec2_node
from ringwall.resources.identifiers import key_of
from ringwall.resources.kind import Item, Listing, Reads
from ringwall.resources.security_group import SECURITY_GROUPS, is_default

SECURITY_GROUP_RULES = Listing("ec2", "describe_security_group_rules", "SecurityGroupRules")
WITH_PORTS = frozenset({"tcp", "udp"})
WITH_ICMP = frozenset({"icmp", "icmpv6"})
ANY = -1
ABSENT = frozenset({"InvalidSecurityGroupRuleId.NotFound", "InvalidPermission.NotFound"})


@dataclass(frozen=True, slots=True)
class Direction:
    """The names that differ between the rules of the two directions."""

    type_name: str
    word: str  # in keys
    side: str  # in names of operations
    group: str
    owner: str
    prefix_list: str

    @property
    def peers(self) -> tuple[str, ...]:
        """Return the properties of which a rule has exactly one."""
        return ("CidrIp", "CidrIpv6", self.group, self.prefix_list)

    @property
    def members(self) -> frozenset[str]:
        """Return the properties that make a rule what it is: all but its description."""
        return frozenset({"GroupId", "IpProtocol", "FromPort", "ToPort", self.owner, *self.peers})


INGRESS = Direction(
    "AWS::EC2::SecurityGroupIngress",
    "in",
    "ingress",
    "SourceSecurityGroupId",
    "SourceSecurityGroupOwnerId",
    "SourcePrefixListId",
)
# CloudFormation's egress rules name no owner; we use the name that its ingress rules suggest.
EGRESS = Direction(
    "AWS::EC2::SecurityGroupEgress",
    "out",
    "egress",
    "DestinationSecurityGroupId",
    "DestinationSecurityGroupOwnerId",
    "DestinationPrefixListId",
)


def normalise(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Name the protocol as EC2 does; keep ports for TCP and UDP, type and code for ICMP.

    "If the protocol is -1 … traffic on all ports is allowed, regardless of any ports you specify."
    """
    normal = {name: value for name, value in properties.items() if value is not None}
    normal["IpProtocol"] = canonical_protocol(normal["IpProtocol"])
    if normal["IpProtocol"] in WITH_ICMP:
        normal = {"FromPort": ANY, "ToPort": ANY} | normal
    elif normal["IpProtocol"] in WITH_PORTS:
        # -1 stands for all ports where AWS reports it.
        if normal.get("FromPort", ANY) in {ANY, "-1"}:
            normal |= {"FromPort": 0, "ToPort": 65535}
    else:
        normal.pop("FromPort", None)
        normal.pop("ToPort", None)
    for name in ("FromPort", "ToPort"):
        if name in normal:
            normal[name] = int(normal[name])
    for name in ("CidrIp", "CidrIpv6"):
        if isinstance(normal.get(name), str):
            normal[name] = canonical_cidr(normal[name])
    if not normal.get("Description"):
        normal.pop("Description", None)
    return normal


def ports_text(properties: Mapping[str, Any]) -> str:
    """Return `tcp/443`, `udp/8000-8080`, `icmp/8`, `icmp/3/4`, `icmp/all`, `all`, or `50`."""
    protocol = str(properties["IpProtocol"])
    if protocol == "-1":
        return "all"
    first, last = properties.get("FromPort"), properties.get("ToPort")
    if protocol in WITH_ICMP:
        if first == ANY:
            return f"{protocol}/all"
        return f"{protocol}/{first}" if last == ANY else f"{protocol}/{first}/{last}"
    if first is None:
        return protocol
    return f"{protocol}/{first}" if first == last else f"{protocol}/{first}-{last}"


def peer_text(properties: Mapping[str, Any], direction: Direction) -> str:
    """Return the block, `group <key>`, or `pl <key>`."""
    for name in ("CidrIp", "CidrIpv6"):
        if name in properties:
            return str(properties[name])
    if direction.group in properties:
        return f"group {key_of(properties[direction.group])}"
    return f"pl {key_of(properties[direction.prefix_list])}"


def key(properties: Mapping[str, Any], direction: Direction) -> str:
    """Return `<group>:in:<ports>:<peer>` or `<group>:out:<ports>:<peer>`."""
    group = key_of(properties["GroupId"])
    peer = peer_text(properties, direction)
    return f"{group}:{direction.word}:{ports_text(properties)}:{peer}"


def rule_properties(item: Item, direction: Direction, account: str) -> dict[str, Any]:
    """Return a described rule in normal form, without the group that it stands in."""
    properties = {
        "IpProtocol": item["IpProtocol"],
        "FromPort": item.get("FromPort"),
        "ToPort": item.get("ToPort"),
        "CidrIp": item.get("CidrIpv4"),
        "CidrIpv6": item.get("CidrIpv6"),
        "Description": item.get("Description"),
    }
    if item.get("PrefixListId"):
        properties[direction.prefix_list] = Ref("AWS::EC2::PrefixList", item["PrefixListId"])
    other = item.get("ReferencedGroupInfo") or {}
    if other.get("GroupId"):
        properties[direction.group] = Ref("AWS::EC2::SecurityGroup", other["GroupId"])
        if other.get("UserId", account) != account:
            properties[direction.owner] = other["UserId"]
    return normalise(properties)


def default_groups(reads: Reads) -> frozenset[str]:
    """Return the ids of the groups whose rules stand in `Ringwall::EC2::DefaultSecurityGroup`."""
    return frozenset(i["GroupId"] for i in reads.items(SECURITY_GROUPS) if is_default(i))


def read(reads: Reads, direction: Direction) -> Iterable[Node]:
    """Yield the rules of one direction, those of default groups aside."""
    defaults = default_groups(reads)
    for item in reads.items(SECURITY_GROUP_RULES):
        is_egress = bool(item.get("IsEgress"))
        if is_egress != (direction is EGRESS) or item["GroupId"] in defaults:
            continue
        properties = {"GroupId": Ref("AWS::EC2::SecurityGroup", item["GroupId"])}
        properties |= rule_properties(item, direction, reads.account)
        observed = {"ReferencedGroupInfo": item.get("ReferencedGroupInfo") or None}
        rule_id = item["SecurityGroupRuleId"]
        yield ec2_node(reads, direction.type_name, rule_id, properties, observed, item.get("Tags"))


def permission(properties: Mapping[str, Any], direction: Direction) -> dict[str, Any]:
    """Return the IpPermission that stands for one rule."""
    found: dict[str, Any] = {"IpProtocol": properties["IpProtocol"]}
    for name in ("FromPort", "ToPort"):
        if name in properties:
            found[name] = properties[name]
    described = {"Description": properties["Description"]} if properties.get("Description") else {}
    if "CidrIp" in properties:
        found["IpRanges"] = [{"CidrIp": properties["CidrIp"], **described}]
    elif "CidrIpv6" in properties:
        found["Ipv6Ranges"] = [{"CidrIpv6": properties["CidrIpv6"], **described}]
    elif direction.group in properties:
        pair = {"GroupId": properties[direction.group], **described}
        if direction.owner in properties:
            pair["UserId"] = properties[direction.owner]
        found["UserIdGroupPairs"] = [pair]
    else:
        prefix_list = {"PrefixListId": properties[direction.prefix_list], **described}
        found["PrefixListIds"] = [prefix_list]
    return found


def create(node: Node, direction: Direction) -> tuple[Call, ...]:
    """Authorize the rule; AWS takes no second one that differs in its description alone."""
    request = {
        "GroupId": node.properties["GroupId"],
        "IpPermissions": [permission(node.properties, direction)],
    }
    return (
        Call(
            "ec2",
            f"authorize_security_group_{direction.side}",
            request,
            extract={"id": "SecurityGroupRules[0].SecurityGroupRuleId"},
            idempotent_by=Idempotence.NATURAL,
            ignore=frozenset({"InvalidPermission.Duplicate"}),
        ),
    )


def update(before: Node, after: Node, direction: Direction) -> tuple[Call, ...]:
    """Change the description, the only part that does not make it another rule."""
    described = {
        "SecurityGroupRuleId": before.physical_id,
        "Description": after.properties.get("Description", ""),
    }
    return (
        Call(
            "ec2",
            f"update_security_group_rule_descriptions_{direction.side}",
            {"GroupId": after.properties["GroupId"], "SecurityGroupRuleDescriptions": [described]},
        ),
    )


def revoke(group: Any, rule_ids: Iterable[Any], direction: Direction) -> Call:  # noqa: ANN401  (a Ref or an id)
    """Return the call that takes rules away by their ids; tracked flows go on."""
    return Call(
        "ec2",
        f"revoke_security_group_{direction.side}",
        {"GroupId": group, "SecurityGroupRuleIds": list(rule_ids)},
        ignore=ABSENT | {"InvalidGroup.NotFound"},
    )


def delete(node: Node, direction: Direction) -> tuple[Call, ...]:
    """Revoke the rule by its id."""
    return (revoke(node.properties["GroupId"], [node.ref], direction),)
