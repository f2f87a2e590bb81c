"""AWS::SNS::TopicInlinePolicy: who may publish to a topic.

Rule: a topic always has one policy; AWS's own, for the owner's account alone, is nobody's.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from ringwall.model.calls import Call
from ringwall.model.graph import Node, Ref
from ringwall.resources.ec2 import ec2_node
from ringwall.resources.identifiers import key_of
from ringwall.resources.kind import Reads, ResourceType
from ringwall.resources.policy_document import normal_document, to_text
from ringwall.resources.sns_topic import ATTRIBUTES, GONE, TOPICS, arn_of
from ringwall.resources.sns_topic import TYPE as TOPIC

TYPE = "AWS::SNS::TopicInlinePolicy"
# The Id of the policy that every new topic has.
DEFAULT_ID = "__default_policy_ID"


def key(properties: Mapping[str, Any]) -> str:
    """Return the topic's key: a topic has one policy."""
    return key_of(properties["TopicArn"])


def normalise(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Bring the document into normal form."""
    full = dict(properties)
    if "PolicyDocument" in full:
        full["PolicyDocument"] = normal_document(full["PolicyDocument"])
    return full


def read(reads: Reads) -> Iterable[Node]:
    """Yield the policies of the topics that were looked at."""
    for item in reads.items(TOPICS):
        arn = arn_of(item)
        document = (reads.detail(ATTRIBUTES, arn) or {}).get("Policy")
        if document:
            properties = {"TopicArn": Ref(TOPIC, arn), "PolicyDocument": document}
            yield ec2_node(reads, TYPE, arn, normalise(properties), {})


def _put(topic: Ref, document: Mapping[str, Any], ignore: frozenset[str] = frozenset()) -> Call:
    request = {
        "TopicArn": topic,
        "AttributeName": "Policy",
        "AttributeValue": to_text(document),
    }
    return Call("sns", "set_topic_attributes", request, ignore=ignore)


def create(node: Node) -> tuple[Call, ...]:
    """Put it."""
    return (_put(node.properties["TopicArn"], node.properties["PolicyDocument"]),)


def update(_before: Node, after: Node, _changed: frozenset[str]) -> tuple[Call, ...]:
    """Put another in its place."""
    return create(after)


def delete(node: Node) -> tuple[Call, ...]:
    """Put AWS's own in its place: only the owner's account may use the topic."""
    actions = ("Publish", "Subscribe", "GetTopicAttributes", "SetTopicAttributes", "DeleteTopic")
    document = {
        "Version": "2008-10-17",
        "Id": DEFAULT_ID,
        "Statement": [
            {
                "Sid": "__default_statement_ID",
                "Effect": "Allow",
                "Principal": {"AWS": "*"},
                "Action": [f"SNS:{action}" for action in actions],
                "Resource": "*",
                "Condition": {"StringEquals": {"AWS:SourceOwner": node.account}},
            }
        ],
    }
    return (_put(node.properties["TopicArn"], document, GONE),)


def is_default(node: Node) -> bool:
    """Tell whether it is the policy that AWS gave."""
    return bool(node.properties["PolicyDocument"].get("Id") == DEFAULT_ID)


RESOURCE = ResourceType(
    name=TYPE,
    listings=(TOPICS,),
    details=(ATTRIBUTES,),
    read=read,
    key=key,
    parent="TopicArn",
    implicit=is_default,
    normalise=normalise,
    create=create,
    update=update,
    delete=delete,
    replace=frozenset({"TopicArn"}),
    dies_with_parent=lambda _node: True,
)
