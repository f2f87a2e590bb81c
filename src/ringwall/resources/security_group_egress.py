"""AWS::EC2::SecurityGroupEgress: one rule that lets traffic out of a group's interfaces."""

from collections.abc import Iterable, Mapping
from typing import Any

from ringwall.model.calls import Call
from ringwall.model.graph import Node
from ringwall.resources import security_group_rules as rules
from ringwall.resources.kind import Reads, ResourceType, opens
from ringwall.resources.security_group import SECURITY_GROUPS
from ringwall.resources.security_group_rules import EGRESS, SECURITY_GROUP_RULES


def read(reads: Reads) -> Iterable[Node]:
    """Yield every egress rule."""
    return rules.read(reads, EGRESS)


def key(properties: Mapping[str, Any]) -> str:
    """Return `<group>:out:<ports>:<peer>`."""
    return rules.key(properties, EGRESS)


def create(node: Node) -> tuple[Call, ...]:
    """Authorize it."""
    return rules.create(node, EGRESS)


def update(before: Node, after: Node, _changed: frozenset[str]) -> tuple[Call, ...]:
    """Change its description."""
    return rules.update(before, after, EGRESS)


def delete(node: Node) -> tuple[Call, ...]:
    """Revoke it."""
    return rules.delete(node, EGRESS)


RESOURCE = ResourceType(
    name="AWS::EC2::SecurityGroupEgress",
    listings=(SECURITY_GROUPS, SECURITY_GROUP_RULES),
    read=read,
    key=key,
    parent="GroupId",
    normalise=rules.normalise,
    create=create,
    update=update,
    delete=delete,
    # A reference to a group would keep that group from being deleted.
    dies_with_parent=lambda node: "DestinationSecurityGroupId" not in node.properties,
    replace=EGRESS.members,
    exposure=opens,
)
