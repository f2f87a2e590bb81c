"""Flow logs as written into flow log nodes, what they are written to, and who may write there.

Rules:
- The role may write into the one log group, and only the flow logs of this account and region may
  take it on ("confused deputy", VPC guide, flow logs to CloudWatch Logs).
- Roles and buckets have one name for all regions, so that theirs says which one.
- The bucket takes records from the log delivery service on behalf of this account alone, over TLS.
"""

from typing import Any

from ringwall.blueprint.compile.draft import Draft, Scope
from ringwall.blueprint.compile.site import Site
from ringwall.blueprint.compile.survey import origin_of
from ringwall.blueprint.syntax import Blueprint, FlowLogs
from ringwall.model.graph import Origin, Ref
from ringwall.resources.derived_names import digest

KEY = "flow-logs"
POLICY_VERSION = "2012-10-17"
LONGEST_ROLE_NAME = 64  # CreateRole, RoleName
LONGEST_BUCKET_NAME = 63  # bucket naming rules (S3 guide)


def compile_logs(draft: Draft, bp: Blueprint, site: Site) -> None:
    """Add a flow log a VPC, and their destination."""
    wanted = bp.flow_logs
    logged = [vpc for vpc in site.vpcs if bp.vpcs[vpc.name].flow_logs]
    if wanted is None or not logged:
        return
    origin = origin_of(bp, ("flow_logs",))
    if wanted.destination == "cloudwatch":
        destination = _to_cloudwatch(draft, wanted, origin)
    else:
        destination = _to_bucket(draft, wanted, origin)
    for vpc in logged:
        draft.add(
            "AWS::EC2::FlowLog",
            vpc.name,
            {
                "ResourceType": "VPC",
                "ResourceId": vpc.ref,
                "TrafficType": wanted.traffic,
                "LogFormat": wanted.log_format,
                "MaxAggregationInterval": wanted.aggregation_seconds,
                **destination,
            },
            origin,
        )


def log_group(draft: Draft, key: str, retention_days: int, origin: Origin | None) -> Ref:
    """Add a log group of this deployment, and refer to it."""
    return draft.add(
        "AWS::Logs::LogGroup",
        key,
        {
            "LogGroupName": log_group_name(draft, key),
            "RetentionInDays": retention_days,
        },
        origin,
        own=Scope(),
    )


def log_group_name(draft: Draft, key: str) -> str:
    """Return the name of a log group of this deployment."""
    return f"/ringwall/{draft.deployment}/{key}"


def _to_cloudwatch(draft: Draft, wanted: FlowLogs, origin: Origin | None) -> dict[str, Any]:
    group = log_group(draft, KEY, wanted.retention_days, origin)
    role = draft.add(
        "AWS::IAM::Role",
        KEY,
        {
            "RoleName": long_name(draft, KEY, LONGEST_ROLE_NAME, draft.region),
            "Path": f"/ringwall/{draft.deployment}/",
            "AssumeRolePolicyDocument": _trust(draft),
            "Policies": [{"PolicyName": "write-flow-logs", "PolicyDocument": _writing(draft)}],
        },
        origin,
        own=Scope(),
    )
    return {
        "LogDestinationType": "cloud-watch-logs",
        "LogGroupName": group,
        "DeliverLogsPermissionArn": Ref(role.type, role.key, "Arn"),
    }


def long_name(draft: Draft, key: str, longest: int, *where: str) -> str:
    """Return `ringwall-<deployment>-<key>-<where>`, with a digest for what is too long."""
    stem, tail = f"ringwall-{draft.name(key)}", "-".join(filter(None, where))
    if len(stem) + 1 + len(tail) > longest:
        tail = digest(tail)
    return f"{stem}-{tail}"


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    """Return a policy document of these statements."""
    return {"Version": POLICY_VERSION, "Statement": list(statements)}


def _only_ours(draft: Draft, service: str, resource: str) -> dict[str, Any]:
    """Return the condition that a service acts for this account and region."""
    condition: dict[str, Any] = {"ArnLike": {"aws:SourceArn": draft.arn(service, resource)}}
    if draft.account:
        condition["StringEquals"] = {"aws:SourceAccount": draft.account}
    return condition


def _trust(draft: Draft) -> dict[str, Any]:
    return document(
        {
            "Effect": "Allow",
            "Principal": {"Service": "vpc-flow-logs.amazonaws.com"},
            "Action": "sts:AssumeRole",
            "Condition": _only_ours(draft, "ec2", "vpc-flow-log/*"),
        }
    )


def _writing(draft: Draft) -> dict[str, Any]:
    group = draft.arn("logs", f"log-group:{log_group_name(draft, KEY)}")
    return document(
        {
            "Effect": "Allow",
            "Action": ["logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
            "Resource": [group, f"{group}:*"],
        },
        # DescribeLogGroups knows no single group ("Actions … for Amazon CloudWatch Logs").
        {"Effect": "Allow", "Action": "logs:DescribeLogGroups", "Resource": "*"},
    )


def bucket_name(draft: Draft, wanted: FlowLogs) -> str:
    """Return the bucket's name: as written, or from deployment, account and region."""
    return wanted.bucket or derived_bucket_name(draft, KEY)


def derived_bucket_name(draft: Draft, key: str) -> str:
    """Return the name of a bucket of logs, from deployment, account and region."""
    return long_name(draft, key, LONGEST_BUCKET_NAME, draft.account, draft.region)


def _to_bucket(draft: Draft, wanted: FlowLogs, origin: Origin | None) -> dict[str, Any]:
    name = bucket_name(draft, wanted)
    bucket = log_bucket(draft, KEY, name, wanted.retention_days, _delivery(draft, name), origin)
    return {"LogDestinationType": "s3", "LogDestination": Ref(bucket.type, bucket.key, "Arn")}


def log_bucket(
    draft: Draft,
    key: str,
    name: str,
    retention_days: int,
    delivery: tuple[dict[str, Any], ...],
    origin: Origin | None,
) -> Ref:
    """Add a private bucket of logs, to which `delivery` lets a service write, over TLS alone."""
    bucket = draft.add(
        "AWS::S3::Bucket",
        key,
        {
            "BucketName": name,
            "BucketEncryption": {
                "ServerSideEncryptionConfiguration": [
                    {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
                ]
            },
            "PublicAccessBlockConfiguration": {
                "BlockPublicAcls": True,
                "BlockPublicPolicy": True,
                "IgnorePublicAcls": True,
                "RestrictPublicBuckets": True,
            },
            "LifecycleConfiguration": {
                "Rules": [
                    {
                        "Id": "retention",
                        "Status": "Enabled",
                        "ExpirationInDays": retention_days,
                    }
                ]
            },
        },
        origin,
        own=Scope(),
    )
    draft.add_child(
        "AWS::S3::BucketPolicy",
        {"Bucket": bucket, "PolicyDocument": document(*delivery, _tls_only(draft, name))},
        origin,
    )
    return bucket


def bucket_arn(draft: Draft, name: str) -> str:
    """Return a bucket's ARN."""
    return f"arn:{draft.partition}:s3:::{name}"


def _tls_only(draft: Draft, name: str) -> dict[str, Any]:
    arn = bucket_arn(draft, name)
    return {
        "Sid": "TlsOnly",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [arn, f"{arn}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def _delivery(draft: Draft, bucket: str) -> tuple[dict[str, Any], ...]:
    arn = bucket_arn(draft, bucket)
    service = {"Service": "delivery.logs.amazonaws.com"}
    condition = _only_ours(draft, "logs", "*")
    owned = {
        **condition,
        "StringEquals": {
            **condition.get("StringEquals", {}),
            "s3:x-amz-acl": "bucket-owner-full-control",
        },
    }
    return (
        {
            "Sid": "AWSLogDeliveryWrite",
            "Effect": "Allow",
            "Principal": service,
            "Action": "s3:PutObject",
            "Resource": f"{arn}/AWSLogs/{draft.account or '*'}/*",
            "Condition": owned,
        },
        {
            "Sid": "AWSLogDeliveryAclCheck",
            "Effect": "Allow",
            "Principal": service,
            "Action": "s3:GetBucketAcl",
            "Resource": arn,
            "Condition": condition,
        },
    )
