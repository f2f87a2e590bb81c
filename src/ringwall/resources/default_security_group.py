"""Ringwall::EC2::DefaultSecurityGroup: the group that AWS makes with a VPC, and that we empty.

CloudFormation has no type for it. `Ingress` and `Egress` are its rules in their normal form, each
without GroupId.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ringwall.model.calls import Call, Lookup
from ringwall.model.graph import Node, Ref
from ringwall.model.plan import Exposure
from ringwall.resources import security_group_rules as rules
from ringwall.resources.ec2 import ec2_node
from ringwall.resources.identifiers import key_of
from ringwall.resources.kind import Item, Reads, ResourceType
from ringwall.resources.security_group import (
    DEFAULT_NAME,
    SECURITY_GROUPS,
    is_default,
    revoke_all_egress,
)
from ringwall.resources.security_group_rules import EGRESS, INGRESS, SECURITY_GROUP_RULES, Direction

DIRECTIONS: Mapping[str, Direction] = {"Ingress": INGRESS, "Egress": EGRESS}


def _order(rule: Mapping[str, Any]) -> str:
    return json.dumps(rule, sort_keys=True, default=str)


def normalise(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Bring each rule into normal form and order."""
    normal = dict(properties)
    for name in DIRECTIONS:
        normal[name] = sorted(map(rules.normalise, normal.get(name, ())), key=_order)
    return normal


def key(properties: Mapping[str, Any]) -> str:
    """Return the VPC's key: it has exactly one default group."""
    return key_of(properties["VpcId"])


def read(reads: Reads) -> Iterable[Node]:
    """Yield the default group of every VPC with its rules; rules that were not read stay out."""
    by_group: dict[tuple[str, str], list[Item]] = {}
    for item in reads.items(SECURITY_GROUP_RULES):
        name = "Egress" if item.get("IsEgress") else "Ingress"
        by_group.setdefault((item["GroupId"], name), []).append(item)
    were_read = SECURITY_GROUP_RULES.name in reads.listings
    for group in reads.items(SECURITY_GROUPS):
        if not is_default(group) or not group.get("VpcId"):
            continue
        found = {name: by_group.get((group["GroupId"], name), []) for name in DIRECTIONS}
        properties: dict[str, Any] = {"VpcId": Ref("AWS::EC2::VPC", group["VpcId"])}
        if were_read:
            properties |= {
                name: [rules.rule_properties(i, DIRECTIONS[name], reads.account) for i in items]
                for name, items in found.items()
            }
            properties = normalise(properties)
        observed = {
            "OwnerId": group.get("OwnerId"),
            "RuleIds": {
                name: sorted(item["SecurityGroupRuleId"] for item in items)
                for name, items in found.items()
            },
        }
        yield ec2_node(
            reads, RESOURCE.name, group["GroupId"], properties, observed, group.get("Tags")
        )


def _authorize(group: Any, node: Node) -> Iterable[Call]:  # noqa: ANN401  (a Ref or a Lookup)
    for name, direction in DIRECTIONS.items():
        wanted: Sequence[Mapping[str, Any]] = node.properties.get(name, ())
        if wanted:
            request = {
                "GroupId": group,
                "IpPermissions": [rules.permission(rule, direction) for rule in wanted],
            }
            yield Call("ec2", f"authorize_security_group_{direction.side}", request)


def create(node: Node) -> tuple[Call, ...]:
    """Empty the group of a new VPC: AWS lets its members reach each other, and everything else."""
    filters = [
        {"Name": "vpc-id", "Values": [node.properties["VpcId"]]},
        {"Name": "group-name", "Values": [DEFAULT_NAME]},
    ]
    group = Lookup(
        "ec2", "describe_security_groups", {"Filters": filters}, "SecurityGroups[0].GroupId"
    )
    itself = {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": group}]}
    revoke_ingress = Call(
        "ec2",
        "revoke_security_group_ingress",
        {"GroupId": group, "IpPermissions": [itself]},
        ignore=frozenset({"InvalidPermission.NotFound"}),
    )
    return (revoke_ingress, *revoke_all_egress(group), *_authorize(group, node))


def update(before: Node, after: Node, changed: frozenset[str]) -> tuple[Call, ...]:
    """Revoke every rule of a direction that differs, then authorize what is wanted, if anything."""
    group = before.physical_id
    ids: Mapping[str, Sequence[str]] = before.observed.get("RuleIds", {})
    revoked = [
        rules.revoke(group, ids[name], direction)
        for name, direction in DIRECTIONS.items()
        if name in changed and ids.get(name)
    ]
    kept = {name: value for name, value in after.properties.items() if name in changed}
    wanted = Node(after.type, after.key, after.account, after.region, kept)
    return (*revoked, *_authorize(group, wanted))


def exposure(before: Node | None, after: Node | None) -> Exposure:
    """Tell what a change does: emptied it closes, with fewer rules too."""
    if after is None:
        return Exposure.NEUTRAL
    for name in DIRECTIONS:
        was = [] if before is None else before.properties.get(name, [])
        if any(rule not in was for rule in after.properties.get(name, [])):
            return Exposure.BOTH
    return Exposure.CLOSES


RESOURCE = ResourceType(
    name="Ringwall::EC2::DefaultSecurityGroup",
    listings=(SECURITY_GROUPS, SECURITY_GROUP_RULES),
    read=read,
    key=key,
    parent="VpcId",
    normalise=normalise,
    create=create,
    update=update,
    # Left empty when nobody wants it any more: it goes with its VPC, and AWS's default is open.
    replace=frozenset({"VpcId"}),
    restore=True,
    exposure=exposure,
)
