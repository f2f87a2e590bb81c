"""Flow logs with every field that was asked for."""

from moto.core.utils import utcnow

from ringwall.lab.actions import Call, Described, add_ec2, new_id, refuse, select, tag_set
from ringwall.lab.world import Moto

# VPC guide, "Flow log records": the default format is version 2.
DEFAULT_FORMAT = (
    "${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} "
    "${protocol} ${packets} ${bytes} ${start} ${end} ${action} ${log-status}"
)
_KEPT = (
    "TrafficType", "LogDestinationType", "LogDestination", "LogGroupName", "LogFormat",
    "MaxAggregationInterval", "DeliverLogsPermissionArn", "DeliverCrossAccountRole",
    "DestinationOptions",
)  # fmt: skip


class FlowLog:
    """One flow log of one resource."""

    def __init__(self, backend: Moto, resource_id: str, fields: Described) -> None:
        self.ec2_backend = backend
        self.id = new_id("fl")
        self.resource_id = resource_id
        self.fields = fields
        self.created = utcnow()

    def describe(self) -> Described:
        """Return what DescribeFlowLogs lists."""
        return {
            "FlowLogId": self.id,
            "FlowLogStatus": "ACTIVE",
            "DeliverLogsStatus": "SUCCESS",
            "ResourceId": self.resource_id,
            "CreationTime": self.created,
            "Tags": tag_set(self.ec2_backend, self.id),
            **self.fields,
        }


def _fields(call: Call) -> Described:
    """Return what is kept of a request, or refuse it as CreateFlowLogs does."""
    fields = {name: call.get(name) for name in _KEPT if call.get(name) is not None}
    kind = fields.setdefault("LogDestinationType", "cloud-watch-logs")
    gateway = call.need("ResourceType").startswith("TransitGateway")
    # "When the resource type is a transit gateway, you must specify a value of 60 seconds."
    interval = int(fields.setdefault("MaxAggregationInterval", 60 if gateway else 600))
    if interval not in ((60,) if gateway else (60, 600)):
        refuse("InvalidParameter", f"Invalid Flow Log Max Aggregation Interval: {interval}")
    fields["MaxAggregationInterval"] = interval
    if not gateway and fields.get("TrafficType") not in ("ACCEPT", "REJECT", "ALL"):
        refuse("MissingParameter", "The request must include the TrafficType parameter.")
    if "LogGroupName" not in fields and "LogDestination" not in fields:
        refuse("InvalidParameter", "LogDestination can't be empty if LogGroupName is not provided.")
    if kind == "cloud-watch-logs":
        if "DeliverLogsPermissionArn" not in fields:
            text = "DeliverLogsPermissionArn can't be empty if LogDestinationType is {}."
            refuse("InvalidParameter", text.format(kind))
        if "LogDestination" in fields:
            fields.setdefault(
                "LogGroupName", fields["LogDestination"].split(":log-group:")[-1].split(":")[0]
            )
    elif "LogGroupName" in fields:
        refuse("InvalidParameter", f"LogGroupName goes not with LogDestinationType {kind}.")
    fields.setdefault("LogFormat", DEFAULT_FORMAT)
    if kind == "s3":
        options = {
            "FileFormat": "plain-text",
            "HiveCompatiblePartitions": False,
            "PerHourPartition": False,
        }
        fields["DestinationOptions"] = options | dict(fields.get("DestinationOptions", {}))
    return fields


def _check_resource(backend: Moto, kind: str, resource_id: str) -> None:
    match kind:
        case "VPC":
            backend.get_vpc(resource_id)
        case "Subnet":
            backend.get_subnet(resource_id)
        case "NetworkInterface":
            backend.get_network_interface(resource_id)
        case "TransitGateway" | "TransitGatewayAttachment":
            shelf = (
                backend.transit_gateways
                if kind == "TransitGateway"
                else backend.transit_gateway_attachments
            )
            if resource_id not in shelf:
                refuse("InvalidParameterValue", f"{kind} {resource_id} does not exist.")
        case _:
            refuse("InvalidParameterValue", f"Unknown resource type '{kind}'.")


def _missing_bucket(call: Call, fields: Described) -> str:
    """Return the name of an S3 destination's bucket if it is not there."""
    if fields["LogDestinationType"] != "s3":
        return ""
    from moto.s3.models import s3_backends  # noqa: PLC0415

    name = str(fields["LogDestination"]).split(":::")[-1].split("/")[0]
    known = s3_backends[call.account][call.backend.partition].buckets
    return "" if name in known else name


def create_flow_logs(call: Call) -> Described:
    """CreateFlowLogs."""
    backend, fields, kind = call.backend, _fields(call), call.need("ResourceType")
    made, unsuccessful = [], []
    for resource_id in call.need("ResourceIds"):
        _check_resource(backend, kind, resource_id)
        if any(
            one.resource_id == resource_id and one.fields == fields
            for one in backend.flow_logs.values()
        ):
            refuse(
                "FlowLogAlreadyExists",
                "Error. There is an existing Flow Log with the same configuration and log "
                "destination.",
            )
        bucket = _missing_bucket(call, fields)
        if bucket:
            error = {"Code": "400", "Message": f"LogDestination: {bucket} does not exist."}
            unsuccessful.append({"ResourceId": resource_id, "Error": error})
        else:
            made.append(FlowLog(backend, resource_id, dict(fields)))
    for one in made:
        backend.flow_logs[one.id] = one
        backend.create_tags([one.id], call.tags())
    return {
        "FlowLogIds": [one.id for one in made],
        "Unsuccessful": unsuccessful,
        "ClientToken": call.get("ClientToken"),
    }


def describe_flow_logs(call: Call) -> Described:
    """DescribeFlowLogs."""
    wanted = call.get("FlowLogIds", [])
    for one in wanted:
        if one not in call.backend.flow_logs:
            refuse("InvalidFlowLogId.NotFound", f"The flow log ID '{one}' does not exist")
    listed = [
        one.describe() for one in call.backend.flow_logs.values() if not wanted or one.id in wanted
    ]
    paths = {
        "deliver-log-status": "DeliverLogsStatus",
        "log-destination-type": "LogDestinationType",
        "flow-log-id": "FlowLogId",
        "log-group-name": "LogGroupName",
        "resource-id": "ResourceId",
        "traffic-type": "TrafficType",
    }
    return {"FlowLogs": select(listed, call.filters(), paths)}


def delete_flow_logs(call: Call) -> Described:
    """DeleteFlowLogs."""
    unsuccessful = []
    for one in call.need("FlowLogIds"):
        if call.backend.flow_logs.pop(one, None) is None:
            text = f"The flow log ID '{one}' does not exist"
            error = {"Code": "InvalidFlowLogId.NotFound", "Message": text}
            unsuccessful.append({"ResourceId": one, "Error": error})
    return {"Unsuccessful": unsuccessful}


def install() -> None:
    """Answer the calls about flow logs."""
    add_ec2(
        {
            "CreateFlowLogs": create_flow_logs,
            "DescribeFlowLogs": describe_flow_logs,
            "DeleteFlowLogs": delete_flow_logs,
        }
    )
