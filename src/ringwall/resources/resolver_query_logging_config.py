"""AWS::Route53Resolver::ResolverQueryLoggingConfig: where DNS queries are logged."""

from collections.abc import Iterable, Mapping
from typing import Any

from ringwall.model.calls import Call, Idempotence, Token, Wait
from ringwall.model.graph import Node, Ref
from ringwall.resources.ec2 import ec2_node
from ringwall.resources.flow_log import BUCKET, LOG_GROUP, log_group_name
from ringwall.resources.kind import Listing, Reads, ResourceType
from ringwall.resources.ownership import to_tag_list
from ringwall.resources.resolver import NOT_FOUND, resolver_tag, resolver_tags

TYPE = "AWS::Route53Resolver::ResolverQueryLoggingConfig"
CONFIGS = Listing("route53resolver", "list_resolver_query_log_configs", "ResolverQueryLogConfigs")
TAGS = resolver_tags(CONFIGS)


def _destination(arn: str) -> Any:  # noqa: ANN401  (a Ref, or the text of what has no type here)
    name = log_group_name(arn)
    if name:
        return Ref(LOG_GROUP, name, "Arn")
    service, _, bucket = arn.partition(":s3:::")
    return Ref(BUCKET, bucket, "Arn") if service and bucket and "/" not in bucket else arn


def read(reads: Reads) -> Iterable[Node]:
    """Yield every configuration that is not deleted or failed."""
    for item in reads.items(CONFIGS):
        if item.get("Status") in {"DELETING", "FAILED"}:
            continue
        properties: Mapping[str, Any] = {
            "Name": item.get("Name", ""),
            "DestinationArn": _destination(item.get("DestinationArn", "")),
        }
        observed = {
            "Arn": item.get("Arn"),
            "Status": item.get("Status"),
            "OwnerId": item.get("OwnerId"),
            "ShareStatus": item.get("ShareStatus"),
        }
        tags = reads.detail(TAGS, item["Id"])
        yield ec2_node(reads, TYPE, item["Id"], properties, observed, tags)


def _state(node: Node, success: str, failure: frozenset[str] = frozenset()) -> Wait:
    return Wait(
        "get_resolver_query_log_config",
        {"ResolverQueryLogConfigId": node.ref},
        "ResolverQueryLogConfig.Status",
        success=frozenset({success}),
        failure=failure,
        gone_codes=NOT_FOUND,
    )


def create(node: Node) -> tuple[Call, ...]:
    """Create it."""
    request = {
        "CreatorRequestId": Token(),
        **node.properties,
        "Tags": to_tag_list(node.tags),
    }
    return (
        Call(
            "route53resolver",
            "create_resolver_query_log_config",
            request,
            extract={"id": "ResolverQueryLogConfig.Id", "Arn": "ResolverQueryLogConfig.Arn"},
            idempotent_by=Idempotence.TOKEN,
            waits_for=(_state(node, "CREATED", frozenset({"FAILED"})),),
        ),
    )


def delete(node: Node) -> tuple[Call, ...]:
    """Delete it; AWS refuses while a VPC is associated."""
    return (
        Call(
            "route53resolver",
            "delete_resolver_query_log_config",
            {"ResolverQueryLogConfigId": node.ref},
            waits_for=(_state(node, "gone"),),
            ignore=NOT_FOUND,
        ),
    )


RESOURCE = ResourceType(
    name=TYPE,
    listings=(CONFIGS,),
    details=(TAGS,),
    read=read,
    create=create,
    delete=delete,
    tag=resolver_tag,
    initial=frozenset({"Name"}),
    replace=frozenset({"DestinationArn"}),
    # "Enable logging from AWS services" (CloudWatch Logs user guide): vended logs.
    permissions={
        "apply": (
            "logs:CreateLogDelivery",
            "logs:GetLogDelivery",
            "logs:UpdateLogDelivery",
            "logs:ListLogDeliveries",
            "logs:PutResourcePolicy",
            "logs:DescribeResourcePolicies",
            "logs:DescribeLogGroups",
            "s3:GetBucketPolicy",
            "s3:PutBucketPolicy",
            "route53resolver:TagResource",
        ),
        "destroy": ("logs:DeleteLogDelivery", "logs:ListLogDeliveries"),
    },
)
