"""Tags of what watches a network, read and written by the calls of each service."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ringwall.model.graph import Node

Ask = Callable[..., Any]


def _list(tags: Mapping[str, str], key: str = "Key", value: str = "Value") -> list[dict[str, str]]:
    return [{key: name, value: text} for name, text in tags.items()]


def _map(tags: Iterable[Mapping[str, str]], key: str = "Key", value: str = "Value") -> Any:
    return {tag[key]: tag[value] for tag in tags}


# Of each type: the service, the member that names the resource and what it holds, whether tags are
# a list of pairs (and how they are called), and the operations that list, set and take them.
TYPES: Mapping[str, tuple[str, str, str, tuple[str, str] | None, tuple[str, str, str]]] = {
    "AWS::CloudWatch::Alarm": (
        "cloudwatch", "ResourceARN", "Arn", ("Key", "Value"),
        ("list_tags_for_resource", "tag_resource", "untag_resource"),
    ),
    "AWS::CloudWatch::Dashboard": (
        "cloudwatch", "ResourceARN", "Arn", ("Key", "Value"),
        ("list_tags_for_resource", "tag_resource", "untag_resource"),
    ),
    "AWS::SNS::Topic": (
        "sns", "ResourceArn", "", ("Key", "Value"),
        ("list_tags_for_resource", "tag_resource", "untag_resource"),
    ),
    "AWS::KMS::Key": (
        "kms", "KeyId", "", ("TagKey", "TagValue"),
        ("list_resource_tags", "tag_resource", "untag_resource"),
    ),
    "AWS::SQS::Queue": (
        "sqs", "QueueUrl", "", None, ("list_queue_tags", "tag_queue", "untag_queue"),
    ),
    "AWS::DynamoDB::Table": (
        "dynamodb", "ResourceArn", "Arn", ("Key", "Value"),
        ("list_tags_of_resource", "tag_resource", "untag_resource"),
    ),
    "AWS::Lambda::Function": (
        "lambda", "Resource", "Arn", None, ("list_tags", "tag_resource", "untag_resource"),
    ),
    "AWS::Events::Rule": (
        "events", "ResourceARN", "Arn", ("Key", "Value"),
        ("list_tags_for_resource", "tag_resource", "untag_resource"),
    ),
}  # fmt: skip


def _named(node: Node) -> dict[str, str]:
    _, member, attribute, _, _ = TYPES[node.type]
    return {member: str(node.observed[attribute]) if attribute else node.physical_id}


def tags(ask: Ask, node: Node) -> dict[str, str]:
    """Return the tags that a resource bears."""
    service, _, _, pair, (listing, _, _) = TYPES[node.type]
    found = ask(service, listing, **_named(node)).get("Tags") or {}
    return _map(found, *pair) if pair else dict(found)


def write(ask: Ask, node: Node, wanted: Mapping[str, str]) -> None:
    """Set tags."""
    service, _, _, pair, (_, setting, _) = TYPES[node.type]
    given = _list(wanted, *pair) if pair else dict(wanted)
    ask(service, setting, **_named(node), Tags=given)


def take(ask: Ask, node: Node, names: list[str]) -> None:
    """Take tags away."""
    service, _, _, _, (_, _, taking) = TYPES[node.type]
    ask(service, taking, **_named(node), TagKeys=names)
