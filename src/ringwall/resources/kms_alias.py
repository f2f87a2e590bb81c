"""AWS::KMS::Alias: the name by which policies and people know a key."""

from collections.abc import Iterable, Mapping
from typing import Any

from ringwall.model.calls import Call
from ringwall.model.graph import Node, Ref
from ringwall.resources.ec2 import ec2_node
from ringwall.resources.kind import Reads, ResourceType
from ringwall.resources.kms_key import ALIASES
from ringwall.resources.kms_key import TYPE as KEY

TYPE = "AWS::KMS::Alias"


def key(properties: Mapping[str, Any]) -> str:
    """Return the alias itself, which is unique in the account and region."""
    return str(properties["AliasName"])


def read(reads: Reads) -> Iterable[Node]:
    """Yield the aliases that name a key, but AWS's own."""
    for item in reads.items(ALIASES):
        name = item["AliasName"]
        if item.get("TargetKeyId") and not name.startswith("alias/aws/"):
            properties = {"AliasName": name, "TargetKeyId": Ref(KEY, item["TargetKeyId"])}
            yield ec2_node(reads, TYPE, name, properties, {})


def create(node: Node) -> tuple[Call, ...]:
    """Create it."""
    return (Call("kms", "create_alias", dict(node.properties)),)


def update(_before: Node, after: Node, _changed: frozenset[str]) -> tuple[Call, ...]:
    """Let it name another key."""
    return (Call("kms", "update_alias", dict(after.properties)),)


def delete(node: Node) -> tuple[Call, ...]:
    """Delete it."""
    request = {"AliasName": node.properties["AliasName"]}
    return (Call("kms", "delete_alias", request, ignore=frozenset({"NotFoundException"})),)


RESOURCE = ResourceType(
    name=TYPE,
    listings=(ALIASES,),
    read=read,
    key=key,
    parent="TargetKeyId",
    create=create,
    update=update,
    delete=delete,
    replace=frozenset({"AliasName"}),
)
