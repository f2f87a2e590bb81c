"""Probes of what the lab adds to CloudWatch, Logs, SNS, EventBridge and Lambda."""

from typing import Any


def test_a_topic_tells_every_attribute(client: Any) -> None:
    sns = client("sns")
    made = sns.create_topic(Name="notices", Attributes={"SignatureVersion": "2"})
    attributes = sns.get_topic_attributes(TopicArn=made["TopicArn"])["Attributes"]
    assert attributes["SignatureVersion"] == "2"


def test_a_metric_filter_is_there_once(client: Any) -> None:
    logs = client("logs")
    logs.create_log_group(logGroupName="flow")
    for pattern in ("[a = REJECT]", "[a = ACCEPT]"):
        logs.put_metric_filter(
            logGroupName="flow",
            filterName="count",
            filterPattern=pattern,
            metricTransformations=[{"metricName": "n", "metricNamespace": "s", "metricValue": "1"}],
        )
    (found,) = logs.describe_metric_filters(logGroupName="flow")["metricFilters"]
    assert found["filterPattern"] == "[a = ACCEPT]"
