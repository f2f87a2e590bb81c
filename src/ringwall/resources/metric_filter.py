"""AWS::Logs::MetricFilter: log lines that match a pattern, counted as a metric.

Rule: it bears no tags and belongs to its log group: in a group of ours the set is exclusive.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from ringwall.model.calls import Call
from ringwall.model.graph import Node, Ref
from ringwall.resources.ec2 import ec2_node
from ringwall.resources.flow_log import LOG_GROUP
from ringwall.resources.identifiers import key_of
from ringwall.resources.kind import Item, Listing, Reads, ResourceType

TYPE = "AWS::Logs::MetricFilter"
FILTERS = Listing("logs", "describe_metric_filters", "metricFilters")
GONE = frozenset({"ResourceNotFoundException"})
_NAMES: Mapping[str, str] = {
    "metricName": "MetricName",
    "metricNamespace": "MetricNamespace",
    "metricValue": "MetricValue",
    "defaultValue": "DefaultValue",
    "unit": "Unit",
}


def key(properties: Mapping[str, Any]) -> str:
    """Return `group:filter`."""
    return f"{key_of(properties['LogGroupName'])}:{properties['FilterName']}"


def normalise(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Sort dimensions, and leave out the unit that AWS assumes."""
    made = [_transformation(one) for one in properties.get("MetricTransformations", ())]
    return {**properties, "MetricTransformations": made}


def _transformation(one: Mapping[str, Any]) -> dict[str, Any]:
    full = {name: value for name, value in one.items() if (name, value) != ("Unit", "None")}
    if "DefaultValue" in full:
        full["DefaultValue"] = float(full["DefaultValue"])
    if full.get("Dimensions"):
        full["Dimensions"] = sorted(map(dict, full["Dimensions"]), key=lambda each: each["Key"])
    else:
        full.pop("Dimensions", None)
    return full


def _transformation_of(item: Item) -> dict[str, Any]:
    found = {ours: item[theirs] for theirs, ours in _NAMES.items() if item.get(theirs) is not None}
    dimensions = item.get("dimensions") or {}
    return {**found, "Dimensions": [{"Key": k, "Value": v} for k, v in dimensions.items()]}


def _transformation_to(one: Mapping[str, Any]) -> dict[str, Any]:
    found = {theirs: one[ours] for theirs, ours in _NAMES.items() if ours in one}
    if "Dimensions" in one:
        found["dimensions"] = {each["Key"]: each["Value"] for each in one["Dimensions"]}
    return found


def read(reads: Reads) -> Iterable[Node]:
    """Yield every filter."""
    for item in reads.items(FILTERS):
        properties = {
            "LogGroupName": Ref(LOG_GROUP, item["logGroupName"]),
            "FilterName": item["filterName"],
            "FilterPattern": item.get("filterPattern", ""),
            "MetricTransformations": [
                _transformation_of(one) for one in item.get("metricTransformations", ())
            ],
        }
        name = f"{item['logGroupName']}:{item['filterName']}"
        yield ec2_node(reads, TYPE, name, normalise(properties), {})


def create(node: Node) -> tuple[Call, ...]:
    """Put it."""
    properties = node.properties
    request = {
        "logGroupName": properties["LogGroupName"],
        "filterName": properties["FilterName"],
        "filterPattern": properties["FilterPattern"],
        "metricTransformations": [
            _transformation_to(one) for one in properties["MetricTransformations"]
        ],
    }
    return (Call("logs", "put_metric_filter", request),)


def update(_before: Node, after: Node, _changed: frozenset[str]) -> tuple[Call, ...]:
    """Put another in its place."""
    return create(after)


def delete(node: Node) -> tuple[Call, ...]:
    """Delete it; what was counted stays for 15 months."""
    request = {name: node.properties[name[0].upper() + name[1:]] for name in _PLACE}
    return (Call("logs", "delete_metric_filter", request, ignore=GONE),)


_PLACE = ("logGroupName", "filterName")

RESOURCE = ResourceType(
    name=TYPE,
    listings=(FILTERS,),
    read=read,
    key=key,
    parent="LogGroupName",
    normalise=normalise,
    create=create,
    update=update,
    delete=delete,
    replace=frozenset({"LogGroupName", "FilterName"}),
    dies_with_parent=lambda _node: True,
)
