"""AWS::S3::Bucket: a private bucket for logs.

Rule: a bucket is looked at when the deployment's name is in its own, or when a flow log of ours
writes to it: the tags of every bucket of the account would cost a call each.

Rule: a bucket is of the region at the end of its name; where there is none, of its tag's.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ringwall.model.arns import partition_of
from ringwall.model.calls import Call
from ringwall.model.graph import Node
from ringwall.resources.derived_names import region_in_name
from ringwall.resources.ec2 import ec2_node, is_tagged_item
from ringwall.resources.flow_log import FLOW_LOGS
from ringwall.resources.kind import Detail, Item, Listing, Reads, ResourceType
from ringwall.resources.ownership import REGION_TAG, from_tag_list, to_tag_list

TYPE = "AWS::S3::Bucket"
BUCKETS = Listing("s3", "list_buckets", "Buckets")
GONE = frozenset({"NoSuchBucket"})
# CreateBucket takes no location in this region ("CreateBucket" in the S3 API reference).
FIRST_REGION = "us-east-1"


def _name(item: Item) -> str:
    return str(item["Name"])


def _destination(item: Item) -> str:
    # arn:aws:s3:::bucket, or arn:aws:s3:::bucket/folder/
    destination = str(item.get("LogDestination") or "")
    if item.get("LogDestinationType") != "s3":
        return ""
    return destination.rpartition(":")[2].partition("/")[0]


@dataclass(frozen=True, slots=True)
class BucketDetail:
    """What S3 tells once per bucket, asked for buckets by their names and by our flow logs."""

    by_name: Detail
    by_flow_log: Detail

    def of(self, reads: Reads, name: str) -> Any:  # noqa: ANN401  (JSON of any shape)
        """Return what was told of a bucket, or None."""
        told = reads.detail(self.by_name, name)
        return reads.detail(self.by_flow_log, name) if told is None else told


def bucket_detail(operation: str, items: str) -> BucketDetail:
    """Return the two details of one call."""
    return BucketDetail(
        Detail(
            "s3",
            operation,
            BUCKETS.name,
            item_id=_name,
            request=lambda item: {"Bucket": _name(item)},
            items=items,
            wanted=lambda item, deployment: deployment in _name(item),
        ),
        Detail(
            "s3",
            operation,
            FLOW_LOGS.name,
            item_id=_destination,
            request=lambda item: {"Bucket": _destination(item)},
            items=items,
            wanted=lambda item, deployment: (
                bool(_destination(item))
                and deployment not in _destination(item)
                and is_tagged_item(item, deployment)
            ),
            variant="flow-logs",
        ),
    )


TAGS = bucket_detail("get_bucket_tagging", "TagSet")
PUBLIC_ACCESS = bucket_detail("get_public_access_block", "PublicAccessBlockConfiguration")
ENCRYPTION = bucket_detail("get_bucket_encryption", "ServerSideEncryptionConfiguration.Rules")
LIFECYCLE = bucket_detail("get_bucket_lifecycle_configuration", "Rules")
BLOCKS = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")


def arn(name: str, region: str) -> str:
    """Return a bucket's ARN; partitions have regions of their own."""
    return f"arn:{partition_of(region)}:s3:::{name}"


def _encryption(rule: Mapping[str, Any]) -> dict[str, Any]:
    default = rule.get("ServerSideEncryptionByDefault") or rule.get(
        "ApplyServerSideEncryptionByDefault", {}
    )
    found: dict[str, Any] = {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256", **default}}
    if rule.get("BucketKeyEnabled"):
        found["BucketKeyEnabled"] = True
    return found


def normalise(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Fill in AWS's defaults (encrypted by S3, public access blocked) and sort the rules."""
    full = dict(properties)
    blocks = full.get("PublicAccessBlockConfiguration")
    blocks = dict.fromkeys(BLOCKS, True) if blocks is None else blocks
    full["PublicAccessBlockConfiguration"] = {n: bool(blocks.get(n, False)) for n in BLOCKS}
    encryption = full.get("BucketEncryption", {}).get("ServerSideEncryptionConfiguration") or [{}]
    full["BucketEncryption"] = {
        "ServerSideEncryptionConfiguration": [_encryption(rule) for rule in encryption]
    }
    rules = full.pop("LifecycleConfiguration", {}).get("Rules") or ()
    if rules:
        ordered = sorted((_rule(rule) for rule in rules), key=lambda rule: str(rule["Id"]))
        full["LifecycleConfiguration"] = {"Rules": ordered}
    return full


def _rule(rule: Mapping[str, Any]) -> dict[str, Any]:
    full = {"Status": "Enabled", **rule}
    return {n: v for n, v in full.items() if n != "Prefix" or v}


def _rule_of(item: Item) -> dict[str, Any]:
    """Turn a lifecycle rule of the API into CloudFormation's; what is unknown stays as it is."""
    found = {n: v for n, v in item.items() if n not in {"ID", "Filter", "Expiration", "Prefix"}}
    found["Id"] = item.get("ID", "")
    where = dict(item.get("Filter") or {})
    found["Prefix"] = where.pop("Prefix", item.get("Prefix", ""))
    if where:
        found["Filter"] = where
    when = dict(item.get("Expiration") or {})
    if "Days" in when:
        found["ExpirationInDays"] = when.pop("Days")
    if when:
        found["Expiration"] = when
    return found


def _rule_to(rule: Mapping[str, Any]) -> dict[str, Any]:
    found = {n: v for n, v in rule.items() if n not in {"Id", "Prefix", "ExpirationInDays"}}
    found["ID"] = rule["Id"]
    found["Filter"] = {"Prefix": rule.get("Prefix", "")}
    if "ExpirationInDays" in rule:
        found["Expiration"] = {"Days": rule["ExpirationInDays"]}
    return found


def bucket_names(reads: Reads) -> list[str]:
    """Return the names of all buckets, but of those that we have in other regions."""
    names = map(_name, reads.items(BUCKETS))
    return [name for name in names if _region(reads, name) in {"", reads.region}]


def _region(reads: Reads, name: str) -> str:
    """Return the region of a bucket of ours, "" if nothing tells."""
    named = region_in_name(name, reads.account, reads.region)
    return named or from_tag_list(TAGS.of(reads, name)).get(REGION_TAG, "")


def _lost_tags(reads: Reads, name: str) -> bool:
    """Tell whether a bucket without tags was looked at and bears a name that we derive for here."""
    looked_at = (PUBLIC_ACCESS, ENCRYPTION, LIFECYCLE)
    return region_in_name(name, reads.account, reads.region) == reads.region and any(
        detail.of(reads, name) is not None for detail in looked_at
    )


def read(reads: Reads) -> Iterable[Node]:
    """Yield the buckets that were looked at and bear tags, or a name that we derive for here."""
    for name in bucket_names(reads):
        tags = TAGS.of(reads, name)
        if not tags and not _lost_tags(reads, name):
            continue
        properties: dict[str, Any] = {
            "BucketName": name,
            # A bucket without a configuration blocks nothing.
            "PublicAccessBlockConfiguration": PUBLIC_ACCESS.of(reads, name) or {},
            "BucketEncryption": {
                "ServerSideEncryptionConfiguration": ENCRYPTION.of(reads, name) or []
            },
            "LifecycleConfiguration": {
                "Rules": [_rule_of(rule) for rule in LIFECYCLE.of(reads, name) or ()]
            },
        }
        # PutBucketTagging replaces the whole set: whoever tags must know the others' tags.
        observed = {"Arn": arn(name, reads.region), "Tags": from_tag_list(tags)}
        yield ec2_node(reads, TYPE, name, normalise(properties), observed, tags)


def _public_access(node: Node) -> Call:
    request = {
        "Bucket": node.properties["BucketName"],
        "PublicAccessBlockConfiguration": node.properties["PublicAccessBlockConfiguration"],
    }
    return Call("s3", "put_public_access_block", request)


def _encrypt(node: Node) -> Call:
    rules = node.properties["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    wanted = [
        {
            **{n: v for n, v in rule.items() if n != "ServerSideEncryptionByDefault"},
            "ApplyServerSideEncryptionByDefault": rule["ServerSideEncryptionByDefault"],
        }
        for rule in rules
    ]
    request = {
        "Bucket": node.properties["BucketName"],
        "ServerSideEncryptionConfiguration": {"Rules": wanted},
    }
    return Call("s3", "put_bucket_encryption", request)


def _expire(node: Node) -> Call:
    rules = node.properties.get("LifecycleConfiguration", {}).get("Rules", ())
    request: dict[str, Any] = {"Bucket": node.properties["BucketName"]}
    if not rules:
        return Call("s3", "delete_bucket_lifecycle", request)
    request["LifecycleConfiguration"] = {"Rules": [_rule_to(rule) for rule in rules]}
    return Call("s3", "put_bucket_lifecycle_configuration", request)


def create(node: Node) -> tuple[Call, ...]:
    """Create it with its tags, close it to the public, then encrypt and expire.

    Tags are set once more: a bucket of ours that was there got none by its creation.
    """
    name = node.properties["BucketName"]
    request: dict[str, Any] = {"Bucket": name}
    where = {} if node.region == FIRST_REGION else {"LocationConstraint": node.region}
    tags = {"Tags": to_tag_list(node.tags)} if node.tags else {}
    if where or tags:
        request["CreateBucketConfiguration"] = where | tags
    made = Call("s3", "create_bucket", request, ignore=frozenset({"BucketAlreadyOwnedByYou"}))
    # The name is the id, and gives the ARN: both are constants (JMESPath raw strings).
    extract = {"id": f"'{name}'", "Arn": f"'{arn(name, node.region)}'"}
    calls = [made, replace(_public_access(node), extract=extract), _encrypt(node)]
    if "LifecycleConfiguration" in node.properties:
        calls.append(_expire(node))
    return (*calls, *tag(node, node.tags))


def update(_before: Node, after: Node, changed: frozenset[str]) -> tuple[Call, ...]:
    """Put the configurations that differ."""
    writers = {
        "PublicAccessBlockConfiguration": _public_access,
        "BucketEncryption": _encrypt,
        "LifecycleConfiguration": _expire,
    }
    return tuple(write(after) for name, write in writers.items() if name in changed)


def delete(node: Node) -> tuple[Call, ...]:
    """Delete it; AWS refuses while anything is in it, and logs are nobody's to delete unasked."""
    return (Call("s3", "delete_bucket", {"Bucket": node.properties["BucketName"]}, ignore=GONE),)


def tag(node: Node, tags: Mapping[str, str]) -> tuple[Call, ...]:
    """Set tags, and keep those of others."""
    every = {**node.observed.get("Tags", {}), **node.tags, **tags}
    request = {"Bucket": node.properties["BucketName"], "Tagging": {"TagSet": to_tag_list(every)}}
    return (Call("s3", "put_bucket_tagging", request),) if every else ()


RESOURCE = ResourceType(
    name=TYPE,
    listings=(BUCKETS, FLOW_LOGS),
    details=tuple(
        detail
        for pair in (TAGS, PUBLIC_ACCESS, ENCRYPTION, LIFECYCLE)
        for detail in (pair.by_name, pair.by_flow_log)
    ),
    read=read,
    normalise=normalise,
    create=create,
    update=update,
    delete=delete,
    tag=tag,
    replace=frozenset({"BucketName"}),
    worldwide=True,
    overlap=lambda _before, _after: True,  # flow logs move to the new one before the old goes
    # IAM's names of these differ from the operations' ("Actions, resources, and condition keys for
    # Amazon S3" in the service authorization reference).
    permissions={
        "plan": (
            "s3:GetBucketPublicAccessBlock",
            "s3:GetEncryptionConfiguration",
            "s3:GetLifecycleConfiguration",
            "s3:ListAllMyBuckets",
        ),
        "apply": (
            "s3:TagResource",
            "s3:PutBucketPublicAccessBlock",
            "s3:PutEncryptionConfiguration",
            "s3:PutLifecycleConfiguration",
        ),
    },
)
