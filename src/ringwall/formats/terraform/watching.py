"""What watches a network → resources of Terraform.

Rule: it says nothing about packets, so that it is written here and not read from plans.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ringwall.formats.terraform.renaming import Resource, Writer, Writing, document, renamed
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


def _dimensions(writing: Writing, given: Iterable[Mapping[str, Any]] | None) -> dict[str, Any]:
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


def _subscription(writing: Writing, node: Node) -> Iterator[Resource]:
    found = renamed(writing, node)
    if "FilterPolicy" in node.properties:
        found["filter_policy"] = document(writing, node.properties["FilterPolicy"])
        found["filter_policy_scope"] = node.properties["FilterPolicyScope"]
    yield "aws_sns_topic_subscription", "", found


def _table(writing: Writing, node: Node) -> Iterator[Resource]:
    properties = node.properties
    keys = {one["KeyType"]: one["AttributeName"] for one in properties["KeySchema"]}
    found = {**renamed(writing, node), "hash_key": keys["HASH"]}
    found |= {"range_key": keys["RANGE"]} if "RANGE" in keys else {}
    found["attribute"] = [
        {"name": one["AttributeName"], "type": one["AttributeType"]}
        for one in properties["AttributeDefinitions"]
    ]
    indexes = []
    for index in properties.get("GlobalSecondaryIndexes", ()):
        inner = {one["KeyType"]: one["AttributeName"] for one in index["KeySchema"]}
        indexes.append(
            {
                "name": index["IndexName"],
                "hash_key": inner["HASH"],
                "range_key": inner.get("RANGE"),
                "projection_type": index["Projection"]["ProjectionType"],
            }
        )
    found |= {"global_secondary_index": indexes} if indexes else {}
    recovery = properties["PointInTimeRecoverySpecification"]
    found["point_in_time_recovery"] = {"enabled": recovery["PointInTimeRecoveryEnabled"]}
    yield "aws_dynamodb_table", "", found


def _function(writing: Writing, node: Node) -> Iterator[Resource]:
    properties = node.properties
    found = renamed(writing, node)
    code = properties["Code"]
    if "ZipFile" in code:
        found["filename"] = writing.expression(code["ZipFile"].path)
    names = {"S3Bucket": "s3_bucket", "S3Key": "s3_key", "S3ObjectVersion": "s3_object_version"}
    found |= {names[name]: writing.expression(code[name]) for name in names if name in code}
    if "DeadLetterConfig" in properties:
        target = writing.expression(properties["DeadLetterConfig"]["TargetArn"])
        found["dead_letter_config"] = {"target_arn": target}
    if "Environment" in properties:
        variables = writing.expression(properties["Environment"]["Variables"])
        found["environment"] = {"variables": variables}
    if "LoggingConfig" in properties:
        logging = properties["LoggingConfig"]
        group = writing.expression(logging["LogGroup"])
        found["logging_config"] = {"log_format": logging["LogFormat"], "log_group": group}
    yield "aws_lambda_function", "", found


def _rule(writing: Writing, node: Node) -> Iterator[Resource]:
    found = renamed(writing, node)
    if "EventPattern" in node.properties:
        found["event_pattern"] = document(writing, node.properties["EventPattern"])
    yield "aws_cloudwatch_event_rule", "", found
    for target in node.properties.get("Targets", ()):
        arguments = {
            "rule": writing.expression(node.ref),
            "target_id": target["Id"],
            "arn": writing.expression(target["Arn"]),
        }
        arguments |= {"input": writing.expression(target["Input"])} if "Input" in target else {}
        yield "aws_cloudwatch_event_target", target["Id"], arguments


def _dashboard(writing: Writing, node: Node) -> Iterator[Resource]:
    body = document(writing, node.properties["DashboardBody"])
    yield "aws_cloudwatch_dashboard", "", {**renamed(writing, node), "dashboard_body": body}


WRITERS: Mapping[str, Writer] = {
    "AWS::Logs::MetricFilter": _filter,
    "AWS::CloudWatch::Alarm": _alarm,
    "AWS::DynamoDB::Table": _table,
    "AWS::Events::Rule": _rule,
    "AWS::Lambda::Function": _function,
    "AWS::SNS::Subscription": _subscription,
    "AWS::CloudWatch::Dashboard": _dashboard,
    "AWS::KMS::Key": _key,
    "AWS::SNS::Topic": _topic,
    "AWS::SNS::TopicInlinePolicy": _topic_policy,
}
