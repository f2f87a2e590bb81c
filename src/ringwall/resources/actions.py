"""Calls of botocore → actions of IAM: a call is not an action (Service Authorization Reference)."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from ringwall.resources.kind import ResourceType

# Operations whose action bears another name.
_ACTIONS: Final = {
    "s3:HeadBucket": "s3:ListBucket",
    "s3:ListBuckets": "s3:ListAllMyBuckets",
    "s3:GetBucketEncryption": "s3:GetEncryptionConfiguration",
    "s3:PutBucketEncryption": "s3:PutEncryptionConfiguration",
    "s3:GetBucketLifecycleConfiguration": "s3:GetLifecycleConfiguration",
    "s3:PutBucketLifecycleConfiguration": "s3:PutLifecycleConfiguration",
    "s3:DeleteBucketLifecycle": "s3:PutLifecycleConfiguration",
    "s3:GetPublicAccessBlock": "s3:GetBucketPublicAccessBlock",
    "s3:PutPublicAccessBlock": "s3:PutBucketPublicAccessBlock",
    "s3:DeletePublicAccessBlock": "s3:PutBucketPublicAccessBlock",
    "s3:DeleteObjects": "s3:DeleteObject",
    "s3:ListObjectsV2": "s3:ListBucket",
    "s3:ListObjectVersions": "s3:ListBucketVersions",
}
# Services whose actions have another prefix than botocore's name.
_PREFIXES: Final = {
    "elb": "elasticloadbalancing",
    "elbv2": "elasticloadbalancing",
    "resourcegroupstaggingapi": "tag",
}
# Where botocore's snake case does not lead back to the action's capitals.
_SPELLING: Final = {
    "AssociateVpcWithHostedZone": "AssociateVPCWithHostedZone",
    "DisassociateVpcFromHostedZone": "DisassociateVPCFromHostedZone",
    "ListHostedZonesByVpc": "ListHostedZonesByVPC",
    **{
        f"{verb}{noun}": f"{verb}{spelt}"
        for noun, spelt in (
            ("IpSet", "IPSet"),
            ("IpSets", "IPSets"),
            ("WebAcl", "WebACL"),
            ("WebAcls", "WebACLs"),
            ("WebAclForResource", "WebACLForResource"),
        )
        for verb in ("Associate", "Create", "Delete", "Disassociate", "Get", "List", "Update")
    },
}
# "No permissions are required to perform this operation" (STS API reference, GetCallerIdentity).
FREE: Final = frozenset({"sts:GetCallerIdentity"})
# The parts of a transaction are asked for one by one, the transaction itself is not (DynamoDB
# developer guide, "IAM and transactions").
_PARTS: Final = {
    "ConditionCheck": "dynamodb:ConditionCheckItem",
    "Delete": "dynamodb:DeleteItem",
    "Get": "dynamodb:GetItem",
    "Put": "dynamodb:PutItem",
    "Update": "dynamodb:UpdateItem",
}
_TRANSACTIONS: Final = frozenset({"dynamodb:TransactGetItems", "dynamodb:TransactWriteItems"})


def action_of(service: str, operation: str) -> str:
    """Return the IAM action of a botocore operation: ec2, create_vpc → ec2:CreateVpc."""
    words = "".join(word[:1].upper() + word[1:] for word in operation.split("_"))
    name = f"{_PREFIXES.get(service, service)}:{_SPELLING.get(words, words)}"
    return _ACTIONS.get(name, name)


def actions_of(service: str, operation: str, request: Mapping[str, Any]) -> frozenset[str]:
    """Return all actions that a request needs, none where AWS asks for none.

    Not those that another service asks for on the way: a key's, where what is asked is encrypted.
    """
    action = action_of(service, operation)
    if action in _TRANSACTIONS:
        parts = (name for item in request["TransactItems"] for name in item)
        return frozenset(_PARTS[name] for name in parts)
    tagged = {"ec2:CreateTags"} if "TagSpecifications" in request else set()
    return frozenset({action, *tagged}) - FREE


def listing_actions(kinds: Iterable[ResourceType]) -> Iterator[str]:
    """Yield the actions by which types are listed; those that surveys ask alone, too."""
    for kind in kinds:
        for listing in (*kind.listings, *kind.surveyed):
            yield action_of(listing.service, listing.operation)


def detail_actions(kinds: Iterable[ResourceType]) -> Iterator[str]:
    """Yield the actions by which objects of types are looked at one by one."""
    for kind in kinds:
        for detail in kind.details:
            yield action_of(detail.service, detail.operation)
