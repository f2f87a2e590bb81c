"""AWS::Logs::LogGroup."""

from collections.abc import Iterable, Mapping
from typing import Any

from ringwall.model.calls import Call
from ringwall.model.graph import Node, Ref
from ringwall.resources.ec2 import ec2_node
from ringwall.resources.kind import Detail, Item, Listing, Reads, ResourceType
from ringwall.resources.ownership import to_tag_list

TYPE = "AWS::Logs::LogGroup"
LOG_GROUPS = Listing(
    "logs",
    "describe_log_groups",
    "logGroups",
    request={"logGroupNamePrefix": "/ringwall/{deployment}/"},
)
# "Log group names must start with aws-waf-logs-" (AWS WAF guide, CloudWatch Logs).
WAF_PREFIX = "aws-waf-logs-"
WAF_LOG_GROUPS = Listing(
    "logs",
    "describe_log_groups",
    "logGroups",
    request={"logGroupNamePrefix": f"{WAF_PREFIX}{{deployment}}-"},
    variant="waf",
)


def arn_of(item: Item) -> str:
    """Return the ARN of a group without the `:*` that its `arn` ends in."""
    return str(item.get("logGroupArn") or item.get("arn", "")).removesuffix(":*")


def _tags(listing: Listing) -> Detail:
    return Detail(
        "logs",
        "list_tags_for_resource",
        listing.name,
        item_id=arn_of,
        request=lambda item: {"resourceArn": arn_of(item)},
        items="tags",
        variant=listing.variant,
    )


TAGS = {listing.name: _tags(listing) for listing in (LOG_GROUPS, WAF_LOG_GROUPS)}


def read(reads: Reads) -> Iterable[Node]:
    """Yield the groups under the deployment's prefixes."""
    found = {
        str(item["logGroupName"]): (each, item)
        for each in (LOG_GROUPS, WAF_LOG_GROUPS)
        for item in reads.items(each)
    }
    for name, (listing, item) in found.items():
        properties = {"LogGroupName": name}
        if item.get("retentionInDays") is not None:
            properties["RetentionInDays"] = item["retentionInDays"]
        if item.get("kmsKeyId"):
            properties["KmsKeyId"] = item["kmsKeyId"]
        tags = to_tag_list(reads.detail(TAGS[listing.name], arn_of(item)) or {})
        yield ec2_node(reads, TYPE, name, properties, {"Arn": arn_of(item)}, tags)


def _retention(node: Node) -> tuple[Call, ...]:
    # Without a policy, a group keeps what it has for ever.
    request: dict[str, Any] = {"logGroupName": node.properties["LogGroupName"]}
    days = node.properties.get("RetentionInDays")
    if days is None:
        return (Call("logs", "delete_retention_policy", request),)
    return (Call("logs", "put_retention_policy", request | {"retentionInDays": days}),)


def create(node: Node) -> tuple[Call, ...]:
    """Create it, ask for the ARN, which CreateLogGroup does not answer, and set the retention."""
    name = node.properties["LogGroupName"]
    request: dict[str, Any] = {"logGroupName": name}
    if "KmsKeyId" in node.properties:
        request["kmsKeyId"] = node.properties["KmsKeyId"]
    if node.tags:
        request["tags"] = dict(node.tags)
    made = Call(
        "logs",
        "create_log_group",
        request,
        ignore=frozenset({"ResourceAlreadyExistsException"}),
    )
    this = f"logGroups[?logGroupName=='{name}'] | [0]"
    named = Call(
        "logs",
        "describe_log_groups",
        {"logGroupNamePrefix": name},
        extract={"id": f"{this}.logGroupName", "Arn": f"{this}.logGroupArn"},
    )
    calls = (made, named, *tag(node, node.tags))
    return (*calls, *_retention(node)) if "RetentionInDays" in node.properties else calls


def update(_before: Node, after: Node, _changed: frozenset[str]) -> tuple[Call, ...]:
    """Set the retention."""
    return _retention(after)


def delete(node: Node) -> tuple[Call, ...]:
    """Delete it with everything that was logged."""
    return (
        Call(
            "logs",
            "delete_log_group",
            {"logGroupName": node.properties["LogGroupName"]},
            ignore=frozenset({"ResourceNotFoundException"}),
        ),
    )


def tag(node: Node, tags: Mapping[str, str]) -> tuple[Call, ...]:
    """Set tags; a group that was there before creation gets them by this alone."""
    request = {"resourceArn": Ref(node.type, node.key, "Arn"), "tags": dict(tags)}
    return (Call("logs", "tag_resource", request),) if tags else ()


RESOURCE = ResourceType(
    name=TYPE,
    listings=(LOG_GROUPS, WAF_LOG_GROUPS),
    details=tuple(TAGS.values()),
    read=read,
    create=create,
    update=update,
    delete=delete,
    tag=tag,
    replace=frozenset({"LogGroupName", "KmsKeyId"}),
)
