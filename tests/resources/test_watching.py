"""Types that watch a network: calls judged by the service models, and lived through in the lab."""

from typing import Any

import pytest

from ringwall.model.graph import Node, Ref
from ringwall.resources import resource_type
from ringwall.resources.actions import action_of
from tests.resources.shapes import problems
from tests.resources.test_against_lab import Estate, estate  # noqa: F401  (a fixture)
from tests.resources.test_connectivity_calls import calls, read_back
from tests.resources.watching import NODES, POLICY

TITLES = [f"{one.short_type}-{number}" for number, one in enumerate(NODES)]
each = pytest.mark.parametrize("wanted", NODES, ids=TITLES)


@each
def test_requests_and_answers_are_as_the_service_model_says(wanted: Node) -> None:
    assert [problem for call in calls(wanted) for problem in problems(call)] == []


@each
def test_the_normal_form_is_its_own_normal_form(wanted: Node) -> None:
    normalise = resource_type(wanted.type).normalise
    assert normalise(wanted.properties) == dict(wanted.properties)


@each
def test_deleting_what_is_gone_is_no_error(wanted: Node) -> None:
    made = resource_type(wanted.type).delete(read_back(wanted))
    assert made
    assert all(call.ignore for call in made)


@each
def test_a_child_is_keyed_by_its_properties(wanted: Node) -> None:
    kind = resource_type(wanted.type)
    by_name = wanted.short_type == "QueryDefinition"
    assert (kind.key is None) == (kind.tag is not None or by_name)
    if kind.key is not None:
        assert kind.key(wanted.properties) == wanted.key


def alarm_on(topic: Ref, **more: Any) -> dict[str, Any]:
    return {
        "AlarmName": "ringwall/fortress/rejected",
        "AlarmDescription": "much is rejected",
        "AlarmActions": [topic],
        "ComparisonOperator": "GreaterThanThreshold",
        "Threshold": 10,
        "EvaluationPeriods": 2,
        "Namespace": "Ringwall/fortress",
        "MetricName": "Rejected",
        "Statistic": "Sum",
        "Period": 300,
        "TreatMissingData": "notBreaching",
        **more,
    }


def test_filters_alarms_and_topics_live_through_changes(estate: Estate) -> None:  # noqa: F811
    group = estate.create(
        "AWS::Logs::LogGroup", "flow-logs", LogGroupName="/ringwall/fortress/flow-logs"
    )
    key = estate.create(
        "AWS::KMS::Key",
        "notices",
        Description="Notices",
        EnableKeyRotation=True,
        KeyPolicy=POLICY,
    )
    estate.create(
        "AWS::KMS::Alias",
        "alias/ringwall/fortress/notices",
        AliasName="alias/ringwall/fortress/notices",
        TargetKeyId=key,
    )
    topic = estate.create(
        "AWS::SNS::Topic",
        "notices",
        TopicName="ringwall-fortress-notices",
        KmsMasterKeyId=key,
        SignatureVersion="2",
    )
    policy = estate.create(
        "AWS::SNS::TopicInlinePolicy", "notices", TopicArn=topic, PolicyDocument=POLICY
    )
    estate.create(
        "AWS::SNS::Subscription",
        "notices>email:a@example.org",
        TopicArn=topic,
        Protocol="email",
        Endpoint="a@example.org",
    )
    counted = {"MetricName": "Rejected", "MetricNamespace": "Ringwall/fortress"}
    counting = estate.create(
        "AWS::Logs::MetricFilter",
        "flow-logs:rejected",
        LogGroupName=group,
        FilterName="rejected",
        FilterPattern="[a = REJECT, ...]",
        MetricTransformations=[{**counted, "MetricValue": "1", "DefaultValue": 0}],
    )
    alarm = estate.create("AWS::CloudWatch::Alarm", "rejected", **alarm_on(topic))
    estate.judge()

    estate.change(key, EnableKeyRotation=False, Description="Ours")
    estate.change(topic, DisplayName="Ringwall")
    open_to_all = {**POLICY, "Statement": [{**POLICY["Statement"][0], "Principal": "*"}]}  # type: ignore[dict-item]
    estate.change(policy, PolicyDocument=open_to_all)
    by_vpc = {**counted, "MetricValue": "1", "Dimensions": [{"Key": "VpcId", "Value": "$a"}]}
    estate.change(counting, FilterPattern="[a, b = REJECT]", MetricTransformations=[by_vpc])
    estate.change(alarm, Threshold=20, DatapointsToAlarm=1, OKActions=[topic])
    estate.judge()
    estate.delete_all()


def test_a_key_that_waits_for_its_deletion_is_gone(estate: Estate) -> None:  # noqa: F811
    key = estate.create("AWS::KMS::Key", "notices", KeyPolicy=POLICY)
    estate.judge()
    estate.delete(key)


def test_the_index_of_tags_has_actions_of_another_name() -> None:
    """Service authorization reference: Amazon Resource Group Tagging API has the prefix `tag`."""
    assert action_of("resourcegroupstaggingapi", "get_resources") == "tag:GetResources"
