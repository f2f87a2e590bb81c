"""AWS::SQS::Queue: where events wait that nobody could handle.

Rule: a queue's physical id is its URL, as `Ref` of CloudFormation gives it.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from ringwall.model.calls import Call
from ringwall.model.graph import Node
from ringwall.resources.ec2 import ec2_node
from ringwall.resources.kind import Detail, Item, Listing, Reads, ResourceType
from ringwall.resources.ownership import to_tag_list

TYPE = "AWS::SQS::Queue"
QUEUES = Listing(
    "sqs", "list_queues", "QueueUrls", request={"QueueNamePrefix": "ringwall-{deployment}-"}
)
GONE = frozenset({"AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"})


def _url(item: Item) -> str:
    return str(item)  # the listing answers texts


def _detail(operation: str, items: str, **more: list[str]) -> Detail:
    return Detail(
        "sqs",
        operation,
        QUEUES.name,
        item_id=_url,
        request=lambda item: {"QueueUrl": _url(item), **more},
        items=items,
    )


ATTRIBUTES = _detail("get_queue_attributes", "Attributes", AttributeNames=["All"])
TAGS = _detail("list_queue_tags", "Tags")
NUMBERS = ("MessageRetentionPeriod", "VisibilityTimeout")
# CreateQueue: four days, thirty seconds, and encryption with SQS's own keys.
DEFAULTS: Mapping[str, Any] = {
    "MessageRetentionPeriod": 345_600,
    "SqsManagedSseEnabled": True,
    "VisibilityTimeout": 30,
}


def normalise(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Fill in AWS's defaults; figures are numbers."""
    full = {**DEFAULTS, **properties}
    full["SqsManagedSseEnabled"] = str(full["SqsManagedSseEnabled"]).lower() == "true"
    return full | {name: int(full[name]) for name in NUMBERS}


def read(reads: Reads) -> Iterable[Node]:
    """Yield the queues under the deployment's prefix."""
    for item in reads.items(QUEUES):
        url = _url(item)
        told = reads.detail(ATTRIBUTES, url)
        if told is None:
            continue
        properties = {name: told[name] for name in DEFAULTS if name in told}
        properties["QueueName"] = url.rpartition("/")[2]
        tags = to_tag_list(reads.detail(TAGS, url) or {})
        observed = {"Arn": told.get("QueueArn")}
        yield ec2_node(reads, TYPE, url, normalise(properties), observed, tags)


def _attributes(node: Node) -> dict[str, str]:
    return {name: str(node.properties[name]).lower() for name in DEFAULTS}


def create(node: Node) -> tuple[Call, ...]:
    """Create it, and ask for the ARN, which CreateQueue does not answer."""
    request = {
        "QueueName": node.properties["QueueName"],
        "Attributes": _attributes(node),
        "tags": dict(node.tags),
    }
    named = {"QueueUrl": node.ref, "AttributeNames": ["QueueArn"]}
    return (
        Call("sqs", "create_queue", request, extract={"id": "QueueUrl"}),
        Call("sqs", "get_queue_attributes", named, extract={"Arn": "Attributes.QueueArn"}),
    )


def update(_before: Node, after: Node, changed: frozenset[str]) -> tuple[Call, ...]:
    """Set the attributes that differ."""
    wanted = {name: value for name, value in _attributes(after).items() if name in changed}
    request = {"QueueUrl": after.ref, "Attributes": wanted}
    return (Call("sqs", "set_queue_attributes", request),)


def delete(node: Node) -> tuple[Call, ...]:
    """Delete it with what is in it."""
    return (Call("sqs", "delete_queue", {"QueueUrl": node.ref}, ignore=GONE),)


def tag(node: Node, tags: Mapping[str, str]) -> tuple[Call, ...]:
    """Set tags."""
    return (Call("sqs", "tag_queue", {"QueueUrl": node.ref, "Tags": dict(tags)}),)


RESOURCE = ResourceType(
    name=TYPE,
    listings=(QUEUES,),
    details=(ATTRIBUTES, TAGS),
    read=read,
    normalise=normalise,
    create=create,
    update=update,
    delete=delete,
    tag=tag,
    replace=frozenset({"QueueName"}),
)
