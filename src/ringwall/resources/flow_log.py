"""AWS::EC2::FlowLog."""

from collections.abc import Iterable, Mapping
from typing import Any

from ringwall.model.calls import Call, Idempotence, Token
from ringwall.model.graph import Node, Ref
from ringwall.resources.ec2 import ec2_node, ec2_tag
from ringwall.resources.kind import Listing, Reads, ResourceType
from ringwall.resources.ownership import specification

FLOW_LOGS = Listing("ec2", "describe_flow_logs", "FlowLogs")
TYPE = "AWS::EC2::FlowLog"
LOG_GROUP = "AWS::Logs::LogGroup"
BUCKET = "AWS::S3::Bucket"
ROLE = "AWS::IAM::Role"

# DescribeFlowLogs tells the id alone, of which the prefix tells the kind; the longest stands first.
RESOURCES: tuple[tuple[str, str, str], ...] = (
    ("tgw-attach-", "TransitGatewayAttachment", "AWS::EC2::TransitGatewayAttachment"),
    ("tgw-", "TransitGateway", "AWS::EC2::TransitGateway"),
    ("subnet-", "Subnet", "AWS::EC2::Subnet"),
    ("eni-", "NetworkInterface", "AWS::EC2::NetworkInterface"),
    ("nat-", "RegionalNatGateway", "AWS::EC2::NatGateway"),
    ("vpc-", "VPC", "AWS::EC2::VPC"),
)
# The default record: version 2 ("Flow log records" in the VPC user guide).
DEFAULT_FORMAT = (
    "${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} "
    "${protocol} ${packets} ${bytes} ${start} ${end} ${action} ${log-status}"
)
DEFAULTS: Mapping[str, Any] = {
    "LogDestinationType": "cloud-watch-logs",
    "LogFormat": DEFAULT_FORMAT,
    "MaxAggregationInterval": 600,
}
PROPERTIES = frozenset(
    {
        "DeliverLogsPermissionArn",
        "LogDestination",
        "LogDestinationType",
        "LogFormat",
        "LogGroupName",
        "MaxAggregationInterval",
        "ResourceId",
        "ResourceType",
        "TrafficType",
    }
)

# What tells two flow logs of one resource apart for AWS.
APART = ("LogDestination", "LogDestinationType", "LogGroupName", "TrafficType")


def normalise(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Fill in AWS's defaults; a log group is named by LogGroupName, whichever way it was named."""
    full = {**DEFAULTS, **properties}
    full["LogFormat"] = " ".join(str(full["LogFormat"]).split())
    destination = full.get("LogDestination")
    if isinstance(destination, Ref) and destination.type == LOG_GROUP:
        del full["LogDestination"]
        full["LogGroupName"] = Ref(LOG_GROUP, destination.key)
    return full


def _resource(resource_id: str) -> dict[str, Any]:
    for prefix, kind, type_name in RESOURCES:
        if resource_id.startswith(prefix):
            return {"ResourceType": kind, "ResourceId": Ref(type_name, resource_id)}
    return {"ResourceId": resource_id}


def _destination(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return where an item's records go, as Refs where the destination is a whole resource."""
    found: dict[str, Any] = {}
    destination = item.get("LogDestination")
    kind = item.get("LogDestinationType", "cloud-watch-logs")
    if kind == "cloud-watch-logs":
        name = item.get("LogGroupName") or log_group_name(destination or "")
        if name:
            found["LogGroupName"] = Ref(LOG_GROUP, name)
    elif destination:
        # arn:aws:s3:::bucket, or arn:aws:s3:::bucket/folder/
        bucket, _, folder = destination.rpartition(":")[2].partition("/")
        whole = kind == "s3" and not folder
        found["LogDestination"] = Ref(BUCKET, bucket, "Arn") if whole else destination
    role = item.get("DeliverLogsPermissionArn")
    if role:
        found["DeliverLogsPermissionArn"] = Ref(ROLE, role.rpartition("/")[2], "Arn")
    return found


def log_group_name(arn: str) -> str:
    """Return the name in `arn:aws:logs:region:account:log-group:name`, or ""."""
    parts = arn.split(":")
    return parts[6] if len(parts) > 6 and parts[5] == "log-group" else ""


def read(reads: Reads) -> Iterable[Node]:
    """Yield every flow log."""
    for item in reads.items(FLOW_LOGS):
        properties = {
            name: item[name]
            for name in ("TrafficType", "LogDestinationType", "LogFormat", "MaxAggregationInterval")
            if item.get(name) is not None
        }
        properties |= _resource(item["ResourceId"]) | _destination(item)
        observed = {
            "FlowLogStatus": item.get("FlowLogStatus"),
            "DeliverLogsStatus": item.get("DeliverLogsStatus"),
            "DeliverLogsErrorMessage": item.get("DeliverLogsErrorMessage"),
            "DestinationOptions": item.get("DestinationOptions"),
        }
        yield ec2_node(
            reads, TYPE, item["FlowLogId"], normalise(properties), observed, item.get("Tags")
        )


def create(node: Node) -> tuple[Call, ...]:
    """Create it; AWS names what it refused in `Unsuccessful`, with an answer of 200."""
    request = {name: node.properties[name] for name in PROPERTIES if name in node.properties}
    request["ResourceIds"] = [request.pop("ResourceId")]
    request["TagSpecifications"] = specification("vpc-flow-log", node.tags)
    request["ClientToken"] = Token()
    return (
        Call(
            "ec2",
            "create_flow_logs",
            dict(sorted(request.items())),
            extract={"id": "FlowLogIds[0]"},
            idempotent_by=Idempotence.TOKEN,
        ),
    )


def delete(node: Node) -> tuple[Call, ...]:
    """Delete it; what it has delivered stays."""
    return (
        Call(
            "ec2",
            "delete_flow_logs",
            {"FlowLogIds": [node.ref]},
            ignore=frozenset({"InvalidFlowLogId.NotFound"}),
        ),
    )


def overlap(before: Node, after: Node) -> bool:
    """Tell whether both can be there for a while, so that the record has no gap.

    "There is an existing Flow Log with the same configuration and log destination"
    (FlowLogAlreadyExists); a role that was made again has the same ARN.
    """
    return any(before.properties.get(n) != after.properties.get(n) for n in APART)


RESOURCE = ResourceType(
    name=TYPE,
    listings=(FLOW_LOGS,),
    read=read,
    normalise=normalise,
    create=create,
    delete=delete,
    tag=ec2_tag,
    replace=PROPERTIES,
    overlap=overlap,
    # "Publish flow logs to CloudWatch Logs" and "Publish flow logs to Amazon S3" (VPC user guide).
    permissions={
        "apply": (
            "iam:PassRole",
            "logs:CreateLogDelivery",
            "logs:GetLogDelivery",
            "logs:ListLogDeliveries",
            "s3:GetBucketPolicy",
            "s3:PutBucketPolicy",
        ),
        "destroy": ("logs:DeleteLogDelivery",),
    },
)
