"""AWS::S3::BucketPolicy."""

from collections.abc import Iterable, Mapping
from typing import Any

from ringwall.model.calls import Call
from ringwall.model.graph import Node, Ref
from ringwall.resources.ec2 import ec2_node
from ringwall.resources.flow_log import FLOW_LOGS
from ringwall.resources.kind import Reads, ResourceType
from ringwall.resources.policy_document import normal_document, to_text
from ringwall.resources.s3_bucket import BUCKETS, GONE, bucket_detail, bucket_names

TYPE = "AWS::S3::BucketPolicy"
POLICY = bucket_detail("get_bucket_policy", "Policy")


def key(properties: Mapping[str, Any]) -> str:
    """Return the bucket's key: a bucket has one policy at most."""
    return str(properties["Bucket"].key)


def normalise(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Bring the document into normal form."""
    full = dict(properties)
    if "PolicyDocument" in full:
        full["PolicyDocument"] = normal_document(full["PolicyDocument"])
    return full


def read(reads: Reads) -> Iterable[Node]:
    """Yield the policies of the buckets that were looked at."""
    for name in bucket_names(reads):
        document = POLICY.of(reads, name)
        if document:
            properties = {"Bucket": Ref("AWS::S3::Bucket", name), "PolicyDocument": document}
            yield ec2_node(reads, TYPE, name, normalise(properties), {})


def create(node: Node) -> tuple[Call, ...]:
    """Put it."""
    request = {
        "Bucket": node.properties["Bucket"],
        "Policy": to_text(node.properties["PolicyDocument"]),
    }
    return (Call("s3", "put_bucket_policy", request),)


def update(_before: Node, after: Node, _changed: frozenset[str]) -> tuple[Call, ...]:
    """Put another in its place."""
    return create(after)


def delete(node: Node) -> tuple[Call, ...]:
    """Delete it."""
    request = {"Bucket": node.properties["Bucket"]}
    return (Call("s3", "delete_bucket_policy", request, ignore=GONE),)


RESOURCE = ResourceType(
    name=TYPE,
    listings=(BUCKETS, FLOW_LOGS),
    details=(POLICY.by_name, POLICY.by_flow_log),
    read=read,
    key=key,
    parent="Bucket",
    normalise=normalise,
    create=create,
    update=update,
    delete=delete,
    replace=frozenset({"Bucket"}),
    dies_with_parent=lambda _node: True,
)
