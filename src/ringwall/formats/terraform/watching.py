"""What watches a network → resources of Terraform.

Rule: it says nothing about packets, so that it is written here and not read from plans.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from ringwall.formats.terraform.written import Resource, Writer, Writing, document, renamed
from ringwall.model.graph import Node


def _filter(writing: Writing, node: Node) -> Iterator[Resource]:
    names = {
        "MetricName": "name",
        "MetricNamespace": "namespace",
        "MetricValue": "value",
        "DefaultValue": "default_value",
        "Unit": "unit",
    }
    transformations = []
    for one in node.properties["MetricTransformations"]:
        found = {names[n]: writing.expression(v) for n, v in one.items() if n in names}
        if "default_value" in found:
            found["default_value"] = f"{one['DefaultValue']:g}"
        if "Dimensions" in one:
            found["dimensions"] = {each["Key"]: each["Value"] for each in one["Dimensions"]}
        transformations.append(found)
    arguments = {**renamed(writing, node), "metric_transformation": transformations}
    yield "aws_cloudwatch_log_metric_filter", "", arguments


def _dimensions(writing: Writing, given: Iterator[Mapping[str, Any]] | Any) -> dict[str, Any]:  # noqa: ANN401
    return {one["Name"]: writing.expression(one["Value"]) for one in given or ()}


def _alarm(writing: Writing, node: Node) -> Iterator[Resource]:
    found = renamed(writing, node)
    if "Dimensions" in node.properties:
        found["dimensions"] = _dimensions(writing, node.properties["Dimensions"])
    queries = []
    for one in node.properties.get("Metrics", ()):
        query = {"id": one["Id"], "return_data": one["ReturnData"]}
        query |= {n.lower(): one[n] for n in ("Expression", "Label", "Period") if n in one}
        if "MetricStat" in one:
            stat = one["MetricStat"]
            metric = {
                "namespace": stat["Metric"]["Namespace"],
                "metric_name": stat["Metric"]["MetricName"],
                "period": stat["Period"],
                "stat": stat["Stat"],
                "dimensions": _dimensions(writing, stat["Metric"].get("Dimensions")),
            }
            query["metric"] = metric
        queries.append(query)
    if queries:
        found["metric_query"] = queries
    yield "aws_cloudwatch_metric_alarm", "", found


def _key(writing: Writing, node: Node) -> Iterator[Resource]:
    found = renamed(writing, node, "KeyPolicy")
    policy = document(writing, node.properties["KeyPolicy"])
    yield "aws_kms_key", "", {**found, "policy": policy, "deletion_window_in_days": 7}


def _topic(writing: Writing, node: Node) -> Iterator[Resource]:
    found = renamed(writing, node)
    found["signature_version"] = int(node.properties["SignatureVersion"])
    yield "aws_sns_topic", "", found


def _topic_policy(writing: Writing, node: Node) -> Iterator[Resource]:
    found = renamed(writing, node, "PolicyDocument")
    policy = document(writing, node.properties["PolicyDocument"])
    yield "aws_sns_topic_policy", "", {**found, "policy": policy}


WRITERS: Mapping[str, Writer] = {
    "AWS::Logs::MetricFilter": _filter,
    "AWS::CloudWatch::Alarm": _alarm,
    "AWS::KMS::Key": _key,
    "AWS::SNS::Topic": _topic,
    "AWS::SNS::TopicInlinePolicy": _topic_policy,
}
