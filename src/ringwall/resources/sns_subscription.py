"""AWS::SNS::Subscription: who is told what is published to a topic.

Rules:
- It bears no tags and belongs to its topic: in a topic of ours the set is exclusive, so that nobody
  is told what nobody declared.
- An address of the web may hold a secret: of one that was subscribed by hand, the host is kept, and
  a digest that tells it apart.
- What waits for its confirmation has no ARN, and ends by itself when nobody confirms it.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from ringwall.model.calls import Call
from ringwall.model.graph import Node, Ref
from ringwall.resources.derived_names import digest
from ringwall.resources.ec2 import ec2_node
from ringwall.resources.identifiers import key_of
from ringwall.resources.kind import Detail, Item, Reads, ResourceType
from ringwall.resources.policy_document import to_text
from ringwall.resources.sns_topic import GONE, TOPICS, arn_of, topic_detail
from ringwall.resources.sns_topic import TYPE as TOPIC

TYPE = "AWS::SNS::Subscription"
FUNCTION = "AWS::Lambda::Function"
FILTER = ("FilterPolicyScope", "FilterPolicy")
SUBSCRIPTIONS = topic_detail("list_subscriptions_by_topic", "TopicArn", "Subscriptions")
ATTRIBUTES = Detail(
    "sns",
    "get_subscription_attributes",
    SUBSCRIPTIONS.name,
    item_id=lambda item: str(item["SubscriptionArn"]),
    request=lambda item: {"SubscriptionArn": item["SubscriptionArn"]},
    items="Attributes",
    wanted=lambda item, _deployment: str(item["SubscriptionArn"]).startswith("arn:"),
)
# GetSubscriptionAttributes: FilterPolicyScope is MessageAttributes "(default)".
DEFAULT_SCOPE = "MessageAttributes"
PENDING = "PendingConfirmation"  # and "Deleted", where an ARN would stand


def key(properties: Mapping[str, Any]) -> str:
    """Return `topic>protocol:endpoint`."""
    endpoint = key_of(properties["Endpoint"])
    return f"{key_of(properties['TopicArn'])}>{properties['Protocol']}:{endpoint}"


def normalise(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Take the filter apart where it is JSON text; without a filter there is no scope of it."""
    full = {name: value for name, value in properties.items() if value not in (None, "", {})}
    if isinstance(full.get("FilterPolicy"), str):
        full["FilterPolicy"] = json.loads(full["FilterPolicy"])
    if "FilterPolicy" in full:
        full.setdefault("FilterPolicyScope", DEFAULT_SCOPE)
    else:
        full.pop("FilterPolicyScope", None)
    return full


def _endpoint(protocol: str, endpoint: str) -> Ref | str:
    if protocol == "lambda":
        # arn:aws:lambda:region:account:function:name
        parts = endpoint.split(":")
        return Ref(FUNCTION, parts[6], "Arn") if len(parts) == 7 else endpoint
    if protocol in {"http", "https"}:
        host = endpoint.partition("://")[2].partition("/")[0].rpartition("@")[2]
        return f"{protocol}://{host}/#{digest(endpoint)}"
    return endpoint


def _physical_id(item: Item) -> str:
    arn = str(item["SubscriptionArn"])
    if arn.startswith("arn:"):
        return arn
    endpoint = _endpoint(item["Protocol"], item["Endpoint"])
    return f"{PENDING}:{item['TopicArn']}:{item['Protocol']}:{key_of(endpoint)}"


def read(reads: Reads) -> Iterable[Node]:
    """Yield the subscriptions of the topics that were looked at, but those that ended."""
    for topic in reads.items(TOPICS):
        for item in reads.detail(SUBSCRIPTIONS, arn_of(topic)) or ():
            if item["SubscriptionArn"] == "Deleted":
                continue
            properties = {
                "TopicArn": Ref(TOPIC, item["TopicArn"]),
                "Protocol": item["Protocol"],
                "Endpoint": _endpoint(item["Protocol"], item["Endpoint"]),
            }
            told = reads.detail(ATTRIBUTES, item["SubscriptionArn"]) or {}
            properties |= {name: told.get(name) for name in FILTER}
            pending = {PENDING: item["SubscriptionArn"] == PENDING or None}
            yield ec2_node(reads, TYPE, _physical_id(item), normalise(properties), pending)


def create(node: Node) -> tuple[Call, ...]:
    """Subscribe; the same again changes nothing."""
    request = {name: node.properties[name] for name in ("TopicArn", "Protocol", "Endpoint")}
    request["ReturnSubscriptionArn"] = True
    attributes = _filter(node)
    if attributes:
        request["Attributes"] = attributes
    return (Call("sns", "subscribe", request, extract={"id": "SubscriptionArn"}),)


def _filter(node: Node) -> dict[str, str]:
    found = {name: node.properties[name] for name in FILTER if name in node.properties}
    if "FilterPolicy" in found:
        found["FilterPolicy"] = to_text(found["FilterPolicy"])
    return found


def update(_before: Node, after: Node, changed: frozenset[str]) -> tuple[Call, ...]:
    """Set the filter: its scope first, by which the policy is judged."""
    wanted = {"FilterPolicy": "{}", **_filter(after)}
    return tuple(
        Call(
            "sns",
            "set_subscription_attributes",
            {
                "SubscriptionArn": after.ref,
                "AttributeName": name,
                "AttributeValue": wanted[name],
            },
        )
        for name in FILTER
        if name in wanted and (name in changed or name == "FilterPolicy")
    )


def delete(node: Node) -> tuple[Call, ...]:
    """Unsubscribe; what was never confirmed cannot be, and ends by itself."""
    if node.physical_id.startswith(PENDING):
        return ()
    return (Call("sns", "unsubscribe", {"SubscriptionArn": node.ref}, ignore=GONE),)


RESOURCE = ResourceType(
    name=TYPE,
    listings=(TOPICS,),
    details=(SUBSCRIPTIONS, ATTRIBUTES),
    read=read,
    key=key,
    parent="TopicArn",
    normalise=normalise,
    create=create,
    update=update,
    delete=delete,
    replace=frozenset({"TopicArn", "Protocol", "Endpoint"}),
    dies_with_parent=lambda _node: True,
)
