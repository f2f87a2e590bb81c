"""AWS::SNS::Topic: where alarms and notices are published.

Rules:
- A topic's physical id is its ARN, as `Ref` of CloudFormation gives it.
- A topic is looked at when the deployment's name is in its own: the attributes of every topic of
  the account would cost a call each.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from ringwall.model.calls import Call
from ringwall.model.graph import Node
from ringwall.resources.ec2 import ec2_node
from ringwall.resources.kind import Detail, Item, Listing, Reads, ResourceType
from ringwall.resources.kms_key import key_reference
from ringwall.resources.ownership import to_tag_list

TYPE = "AWS::SNS::Topic"
TOPICS = Listing("sns", "list_topics", "Topics")
GONE = frozenset({"NotFound", "NotFoundException"})


def arn_of(item: Item) -> str:
    """Return a listed topic's ARN."""
    return str(item["TopicArn"])


def is_named_for(item: Item, deployment: str) -> bool:
    """Tell whether a listed topic bears a name that this deployment gives."""
    return arn_of(item).rpartition(":")[2].startswith(f"ringwall-{deployment}-")


def topic_detail(operation: str, member: str, items: str) -> Detail:
    """Return a call that is made for each topic of the deployment; `member` takes the ARN."""
    return Detail(
        "sns",
        operation,
        TOPICS.name,
        item_id=arn_of,
        request=lambda item: {member: arn_of(item)},
        items=items,
        wanted=is_named_for,
    )


ATTRIBUTES = topic_detail("get_topic_attributes", "TopicArn", "Attributes")
TAGS = topic_detail("list_tags_for_resource", "ResourceArn", "Tags")
# Properties that are attributes of the same name.
SETTABLE = ("DisplayName", "KmsMasterKeyId", "SignatureVersion")
# GetTopicAttributes: "By default, SignatureVersion is set to 1" (SHA1).
DEFAULTS: Mapping[str, Any] = {"SignatureVersion": "1"}


def normalise(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Fill in AWS's defaults, and leave out what is empty."""
    full = {**DEFAULTS, **properties}
    return {name: value for name, value in full.items() if value not in ("", None)}


def read(reads: Reads) -> Iterable[Node]:
    """Yield the topics that were looked at."""
    for item in reads.items(TOPICS):
        arn = arn_of(item)
        told = reads.detail(ATTRIBUTES, arn)
        if told is None:
            continue
        properties = {name: told[name] for name in SETTABLE if told.get(name)}
        properties["TopicName"] = arn.rpartition(":")[2]
        if "KmsMasterKeyId" in properties:
            properties["KmsMasterKeyId"] = key_reference(properties["KmsMasterKeyId"])
        tags = reads.detail(TAGS, arn)
        yield ec2_node(reads, TYPE, arn, normalise(properties), {}, tags)


def create(node: Node) -> tuple[Call, ...]:
    """Create it; the same name again gives the same topic."""
    properties = node.properties
    request: dict[str, Any] = {
        "Name": properties["TopicName"],
        "Attributes": {name: properties[name] for name in SETTABLE if name in properties},
        "Tags": to_tag_list(node.tags),
    }
    return (Call("sns", "create_topic", request, extract={"id": "TopicArn"}),)


def update(_before: Node, after: Node, changed: frozenset[str]) -> tuple[Call, ...]:
    """Set the attributes that differ, one call each."""
    return tuple(
        Call(
            "sns",
            "set_topic_attributes",
            {
                "TopicArn": after.ref,
                "AttributeName": name,
                "AttributeValue": after.properties.get(name, ""),
            },
        )
        for name in SETTABLE
        if name in changed
    )


def delete(node: Node) -> tuple[Call, ...]:
    """Delete it with its subscriptions."""
    return (Call("sns", "delete_topic", {"TopicArn": node.ref}, ignore=GONE),)


def tag(node: Node, tags: Mapping[str, str]) -> tuple[Call, ...]:
    """Set tags."""
    request = {"ResourceArn": node.ref, "Tags": to_tag_list(tags)}
    return (Call("sns", "tag_resource", request),)


RESOURCE = ResourceType(
    name=TYPE,
    listings=(TOPICS,),
    details=(ATTRIBUTES, TAGS),
    read=read,
    normalise=normalise,
    create=create,
    update=update,
    delete=delete,
    tag=tag,
    replace=frozenset({"TopicName"}),
    # CreateTopic with tags ("Actions … for Amazon SNS"); a key's use is asked of who sets it.
    permissions={"apply": ("sns:TagResource",)},
)
