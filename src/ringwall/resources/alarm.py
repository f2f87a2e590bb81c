"""AWS::CloudWatch::Alarm: a metric, or a sum of metrics, held against a threshold.

Rule: alarms are named `ringwall/<deployment>/<key>`, and looked for under that prefix.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from ringwall.model.calls import Call
from ringwall.model.graph import Node, Ref, Value
from ringwall.resources.ec2 import ec2_node
from ringwall.resources.flow_log import LOG_GROUP
from ringwall.resources.identifiers import reference
from ringwall.resources.kind import Detail, Item, Listing, Reads, ResourceType
from ringwall.resources.ownership import to_tag_list

TYPE = "AWS::CloudWatch::Alarm"
TOPIC = "AWS::SNS::Topic"
ALARMS = Listing(
    "cloudwatch",
    "describe_alarms",
    "MetricAlarms",
    request={"AlarmNamePrefix": "ringwall/{deployment}/"},
)
TAGS = Detail(
    "cloudwatch",
    "list_tags_for_resource",
    ALARMS.name,
    item_id=lambda item: str(item["AlarmName"]),
    request=lambda item: {"ResourceARN": item["AlarmArn"]},
    items="Tags",
)
ACTIONS = ("AlarmActions", "InsufficientDataActions", "OKActions")
# What PutMetricAlarm takes, of which all but the name can be put again.
PROPERTIES = (
    "ActionsEnabled",
    "AlarmActions",
    "AlarmDescription",
    "AlarmName",
    "ComparisonOperator",
    "DatapointsToAlarm",
    "Dimensions",
    "EvaluationPeriods",
    "ExtendedStatistic",
    "InsufficientDataActions",
    "MetricName",
    "Metrics",
    "Namespace",
    "OKActions",
    "Period",
    "Statistic",
    "Threshold",
    "TreatMissingData",
    "Unit",
)
# PutMetricAlarm: "TreatMissingData … If this parameter is omitted, the default behavior of missing
# is used"; ActionsEnabled "The default is TRUE".
DEFAULTS: Mapping[str, Any] = {"ActionsEnabled": True, "TreatMissingData": "missing"}


def normalise(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Fill in AWS's defaults, sort what has no order, and leave out what is empty."""
    full: dict[str, Any] = {**DEFAULTS, **properties}
    for name in ACTIONS:
        full[name] = sorted(full.get(name) or (), key=str)
    full["Dimensions"] = dimensions(full.get("Dimensions"))
    full["Metrics"] = [_query(one) for one in full.get("Metrics") or ()]
    if "Threshold" in full:
        full["Threshold"] = float(full["Threshold"])
    if "EvaluationPeriods" in full:
        full.setdefault("DatapointsToAlarm", full["EvaluationPeriods"])
    return {name: value for name, value in full.items() if value not in ([], "", None)}


def dimensions(given: Iterable[Mapping[str, Any]] | None) -> list[dict[str, Any]]:
    """Return dimensions in order of their names, with references for the ids in them."""
    found = ({"Name": one["Name"], "Value": _value(one)} for one in given or ())
    return sorted(found, key=lambda one: str(one["Name"]))


def _value(one: Mapping[str, Any]) -> Ref | str:
    value: Ref | str = one["Value"]
    if isinstance(value, Ref):
        return value
    return Ref(LOG_GROUP, value) if one["Name"] == "LogGroupName" else reference(value)


def _query(one: Mapping[str, Any]) -> dict[str, Any]:
    full = {"ReturnData": True, **{n: v for n, v in one.items() if v not in ([], "", None)}}
    if "MetricStat" in full:
        stat = {n: v for n, v in full["MetricStat"].items() if v not in ([], "", None)}
        metric = dict(stat["Metric"])
        metric["Dimensions"] = dimensions(metric.get("Dimensions"))
        full["MetricStat"] = {**stat, "Metric": {n: v for n, v in metric.items() if v != []}}
    return full


def _action(arn: str) -> Ref | str:
    return Ref(TOPIC, arn) if arn.split(":")[2:3] == ["sns"] else arn


def _properties(item: Item) -> dict[str, Any]:
    found = {name: item[name] for name in PROPERTIES if item.get(name) is not None}
    return found | {name: [_action(arn) for arn in found.get(name, ())] for name in ACTIONS}


def read(reads: Reads) -> Iterable[Node]:
    """Yield the alarms under the deployment's prefix."""
    for item in reads.items(ALARMS):
        name = item["AlarmName"]
        observed = {"Arn": item.get("AlarmArn"), "StateValue": item.get("StateValue")}
        tags = reads.detail(TAGS, name)
        yield ec2_node(reads, TYPE, name, normalise(_properties(item)), observed, tags)


def _put(node: Node, **more: Value) -> Call:
    request = {name: node.properties[name] for name in PROPERTIES if name in node.properties}
    return Call("cloudwatch", "put_metric_alarm", request | more)


def create(node: Node) -> tuple[Call, ...]:
    """Put it, and ask for the ARN, which PutMetricAlarm does not answer."""
    name = node.properties["AlarmName"]
    made = _put(node, Tags=to_tag_list(node.tags))
    this = f"MetricAlarms[?AlarmName=='{name}'] | [0]"
    named = Call(
        "cloudwatch",
        "describe_alarms",
        {"AlarmNames": [name]},
        extract={"id": f"{this}.AlarmName", "Arn": f"{this}.AlarmArn"},
    )
    return (made, named, *tag(node, node.tags))


def update(_before: Node, after: Node, _changed: frozenset[str]) -> tuple[Call, ...]:
    """Put it again: PutMetricAlarm "completely overwrites the previous configuration"."""
    return (_put(after),)


def delete(node: Node) -> tuple[Call, ...]:
    """Delete it."""
    request = {"AlarmNames": [node.properties["AlarmName"]]}
    return (Call("cloudwatch", "delete_alarms", request, ignore=frozenset({"ResourceNotFound"})),)


def tag(node: Node, tags: Mapping[str, str]) -> tuple[Call, ...]:
    """Set tags; PutMetricAlarm ignores those of an alarm that is there."""
    request = {"ResourceARN": Ref(TYPE, node.key, "Arn"), "Tags": to_tag_list(tags)}
    return (Call("cloudwatch", "tag_resource", request),) if tags else ()


RESOURCE = ResourceType(
    name=TYPE,
    listings=(ALARMS,),
    details=(TAGS,),
    read=read,
    normalise=normalise,
    create=create,
    update=update,
    delete=delete,
    tag=tag,
    replace=frozenset({"AlarmName"}),
)
