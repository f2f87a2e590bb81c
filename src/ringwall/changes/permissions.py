"""A desired graph → the IAM actions that planning, applying or destroying it calls for.

Rules:
- The actions are read off the very calls that the resource files name, so that a new call cannot be
  forgotten.
- What changes or deletes a tagged EC2 resource is allowed on resources of the deployment alone.
- The policy was held against the calls, not against IAM itself: AWS enforces it, no emulator does.
"""

from collections.abc import Iterable
from typing import Any

from ringwall.model.calls import Call, Lookup
from ringwall.model.graph import Node, ResourceGraph
from ringwall.resources import deployable, registry
from ringwall.resources.kind import ResourceType
from ringwall.resources.ownership import DEPLOYMENT_TAG

# Operations whose IAM action bears another name (Service Authorization Reference).
_ACTIONS = {
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
_READS = ("Describe", "Get", "List", "Search")
_LOCK = ("ssm:DeleteParameter", "ssm:GetParameter", "ssm:PutParameter")


def action_of(service: str, operation: str) -> str:
    """Return the IAM action of a botocore operation: ec2, create_vpc → ec2:CreateVpc."""
    words = "".join(word[:1].upper() + word[1:] for word in operation.split("_"))
    name = f"{_PREFIXES.get(service, service)}:{_SPELLING.get(words, words)}"
    return _ACTIONS.get(name, name)


# Services whose actions have another prefix than botocore's name.
_PREFIXES = {
    "elb": "elasticloadbalancing",
    "elbv2": "elasticloadbalancing",
    "resourcegroupstaggingapi": "tag",
}
# Where botocore's snake case does not lead back to the action's capitals.
_SPELLING = {
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


def policy(graph: ResourceGraph, deployment: str, region: str, purpose: str) -> dict[str, Any]:
    """Return the IAM policy for `plan`, `apply` or `destroy` of a graph."""
    kinds = [registry()[name] for name in sorted({node.type for node in graph})]
    reads = set(_reads(deployable())) | {"sts:GetCallerIdentity"}
    writes: set[str] = set()
    if purpose != "plan":
        reads.add("ssm:GetParameter")
        writes |= set(_LOCK)
        for node in graph:
            writes |= _writes(node, purpose)
    for kind in kinds:
        writes |= set(kind.permissions.get(purpose, ()))
    reads |= {action for action in writes if _is_read(action)}
    return {
        "Version": "2012-10-17",
        "Statement": [s for s in _statements(reads, writes - reads, deployment, region) if s],
    }


def _reads(kinds: Iterable[ResourceType]) -> Iterable[str]:
    for kind in kinds:
        for listing in kind.listings:
            yield action_of(listing.service, listing.operation)
        for detail in kind.details:
            yield action_of(detail.service, detail.operation)


def _writes(node: Node, purpose: str) -> set[str]:
    kind = registry()[node.type]
    calls: list[Call] = [*kind.delete(node)]
    if purpose == "apply":
        calls += kind.create(node)
        calls += kind.update(node, node, frozenset(node.properties))
        if kind.tag is not None:
            calls += kind.tag(node, node.tags)
    found = set()
    for call in calls:
        found.add(action_of(call.service, call.operation))
        found |= {action_of(call.service, wait.operation) for wait in call.waits_for}
        found |= {
            action_of(value.service, value.operation)
            for value in call.request.values()
            if isinstance(value, Lookup)
        }
        if "TagSpecifications" in call.request:
            found.add("ec2:CreateTags")
    return found


def _is_read(action: str) -> bool:
    return action.split(":")[1].startswith(_READS)


def _statements(
    reads: set[str], writes: set[str], deployment: str, region: str
) -> Iterable[dict[str, Any]]:
    yield {"Sid": "Read", "Effect": "Allow", "Action": sorted(reads), "Resource": "*"}
    owned = {
        a for a in writes if a.startswith("ec2:Delete") and a.removeprefix("ec2:Delete") in _TAGGED
    }
    if owned:
        yield {
            "Sid": "DeleteOwn",
            "Effect": "Allow",
            "Action": sorted(owned),
            "Resource": "*",
            "Condition": {
                "StringEquals": {
                    f"aws:ResourceTag/{DEPLOYMENT_TAG}": deployment,
                    "aws:RequestedRegion": region,
                }
            },
        }
    world = {a for a in writes if a.startswith(("iam:", "route53:"))}  # services without regions
    regional = writes - owned - world
    if regional:
        yield {
            "Sid": "Write",
            "Effect": "Allow",
            "Action": sorted(regional),
            "Resource": "*",
            "Condition": {"StringEquals": {"aws:RequestedRegion": region}},
        }
    if world:
        yield {"Sid": "WriteGlobal", "Effect": "Allow", "Action": sorted(world), "Resource": "*"}


# EC2 resources whose deletion takes `aws:ResourceTag` (Service Authorization Reference, EC2).
_TAGGED = frozenset(
    {
        "EgressOnlyInternetGateway", "FlowLogs", "InternetGateway", "NatGateway", "NetworkAcl",
        "NetworkAclEntry", "Route", "RouteTable", "SecurityGroup", "Subnet", "TransitGateway",
        "TransitGatewayRoute", "TransitGatewayRouteTable", "TransitGatewayVpcAttachment", "Vpc",
        "VpcEndpoints",
    }
)  # fmt: skip
