"""Rules of security groups as requests: taken away, and given back as they were.

Rules:
- A rule is named by what it says, not by its id: given back, it has another id.
- A rule that is narrowed is never missing: the narrower ones are there before it goes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from ringwall.model.grants import Grant, regional
from ringwall.model.graph import Address, Node
from ringwall.playbooks.measures import Measure, Request
from ringwall.playbooks.parties import id_of
from ringwall.reach.blocks import Block
from ringwall.reach.values import Values
from ringwall.resources import security_group_rules as rules
from ringwall.resources.ownership import OURS
from ringwall.resources.security_group_rules import EGRESS, INGRESS

TYPES: Final = {
    "AWS::EC2::SecurityGroupIngress": ("ingress", INGRESS),
    "AWS::EC2::SecurityGroupEgress": ("egress", EGRESS),
}
GRANTS: Final = (
    Grant(
        (
            "ec2:AuthorizeSecurityGroupEgress",
            "ec2:AuthorizeSecurityGroupIngress",
            "ec2:RevokeSecurityGroupEgress",
            "ec2:RevokeSecurityGroupIngress",
        ),
        regional("ec2", "security-group/*"),
        (OURS,),
    ),
)
_THERE, _GONE = ("InvalidPermission.Duplicate",), ("InvalidPermission.NotFound",)
_NO_GROUP = ("InvalidGroup.NotFound",)  # with it went what would be taken back


def permission(values: Values, rule: Node, cidrs: Iterable[str] = ()) -> dict[str, Any]:
    """Return a rule as an item of IpPermissions, or one about other CIDRs in its place."""
    said = rule.properties
    _, direction = TYPES[rule.type]
    names = ("IpProtocol", "FromPort", "ToPort")
    found: dict[str, Any] = {name: said[name] for name in names if name in said}
    note = {"Description": said["Description"]} if said.get("Description") else {}
    own = [str(said[name]) for name in ("CidrIp", "CidrIpv6") if name in said]
    listed = list(cidrs) or own
    for name, member in (("IpRanges", "CidrIp"), ("Ipv6Ranges", "CidrIpv6")):
        mine = [{member: c, **note} for c in listed if (":" in c) == (member == "CidrIpv6")]
        found |= {name: mine} if mine else {}
    if direction.group in said:
        found["UserIdGroupPairs"] = [{"GroupId": id_of(values, said[direction.group]), **note}]
    if direction.prefix_list in said:
        own_id = id_of(values, said[direction.prefix_list])
        found["PrefixListIds"] = [{"PrefixListId": own_id, **note}]
    return found


def group_of(values: Values, rule: Node) -> str:
    """Return the id of the group that a rule is of."""
    return id_of(values, rule.properties.get("GroupId"))


def _request(
    values: Values, rule: Node, verb: str, item: Mapping[str, Any], *, back: bool = False
) -> Request:
    word, _ = TYPES[rule.type]
    request = {"GroupId": group_of(values, rule), "IpPermissions": [item]}
    same = (*(_THERE if verb == "authorize" else _GONE), *(_NO_GROUP if back else ()))
    return Request("ec2", f"{verb}_security_group_{word}", request, same)


def told(rule: Node) -> str:
    """Return a rule in words."""
    word, direction = TYPES[rule.type]
    peer = rules.peer_text(rule.properties, direction)
    way = "from" if word == "ingress" else "to"
    return f"{word} {rules.ports_text(rule.properties)} {way} {peer}"


def removed(values: Values, rule: Node) -> Measure:
    """Take a rule away; the way back gives the same rule again, with another id."""
    group, item = group_of(values, rule), permission(values, rule)
    return Measure(
        f"remove {told(rule)} of security group {group}",
        group,
        (_request(values, rule, "revoke", item),),
        (_request(values, rule, "authorize", item, back=True),),
        ((rule.type, rule.key),),
    )


def narrowed(values: Values, rule: Node, blocks: Iterable[Block]) -> Measure:
    """Put rules about narrower blocks in the place of a rule; those that are there stay."""
    _, direction = TYPES[rule.type]
    own = {name: v for name, v in rule.properties.items() if name not in {"CidrIp", "CidrIpv6"}}
    made: list[Node] = []
    for block in blocks:
        named = {"CidrIp" if block.version == 4 else "CidrIpv6": str(block)}
        properties = own | named
        key = rules.key(properties, direction)
        if values.graph.get((rule.type, key)) is None:
            made.append(replace(rule, key=key, properties=properties, physical_id=""))
    item = permission(values, rule)
    group, cidrs = group_of(values, rule), [_cidr(each) for each in made]
    add, drop = [], []
    if made:
        narrow = permission(values, rule, cidrs)
        add.append(_request(values, rule, "authorize", narrow))
        drop.append(_request(values, rule, "revoke", narrow, back=True))
    gone: Address = (rule.type, rule.key)
    shown = ", ".join(cidrs[:3]) + (f" and {len(cidrs) - 3} more" if len(cidrs) > 3 else "")
    return Measure(
        f"narrow {told(rule)} of security group {group} to {shown or 'what others allow'}",
        group,
        (*add, _request(values, rule, "revoke", item)),
        (_request(values, rule, "authorize", item, back=True), *drop),
        (*made, gone),
    )


def _cidr(rule: Node) -> str:
    return str(rule.properties.get("CidrIp") or rule.properties.get("CidrIpv6"))
