"""A watched network, from nothing to deployed, changed by hand, repaired and gone, over HTTP."""

import shutil

import boto3
import pytest

from tests.e2e.conftest import EXAMPLES


@pytest.fixture
def deployed(lab, ringwall, tmp_path):
    blueprint = tmp_path / "watched.yaml"
    shutil.copy(EXAMPLES / "watched.yaml", blueprint)
    ended = ringwall("apply", blueprint, "--yes")
    assert ended.code == 0, ended.err + ended.out
    return blueprint


def changes(ended):
    return [(c["action"], c["type"].split("::")[-1], c["key"]) for c in ended.json["changes"]]


def test_it_is_read_back_without_drift_and_goes_without_a_rest(deployed, ringwall, lab):
    ended = ringwall("drift", deployed, "--json")
    assert (ended.code, ended.json["changes"]) == (0, [])
    assert ringwall("destroy", deployed, "--yes").code == 0
    names = boto3.client("cloudwatch").describe_alarms()["MetricAlarms"]
    topics = boto3.client("sns").list_topics()["Topics"]
    filters = boto3.client("logs").describe_metric_filters()["metricFilters"]
    assert (names, topics, filters) == ([], [], [])
    keys = boto3.client("kms").list_keys()["Keys"]
    states = [
        boto3.client("kms").describe_key(KeyId=key["KeyId"])["KeyMetadata"]["KeyState"]
        for key in keys
    ]
    assert states == ["PendingDeletion"]


def test_what_hands_changed_is_found_and_set_right(deployed, ringwall):
    alarms, sns, logs = (boto3.client(name) for name in ("cloudwatch", "sns", "logs"))
    alarms.disable_alarm_actions(AlarmNames=["ringwall/watched/suspicious-traffic"])
    (topic,) = sns.list_topics()["Topics"]
    secret = "https://hooks.example.org/services/T0SECRET"
    sns.subscribe(TopicArn=topic["TopicArn"], Protocol="https", Endpoint=secret)
    logs.delete_metric_filter(logGroupName="/ringwall/watched/flow-logs", filterName="bytes-out")
    ended = ringwall("drift", deployed, "--json")
    assert ended.code == 1
    found = changes(ended)
    assert ("update", "Alarm", "suspicious-traffic") in found
    assert ("create", "MetricFilter", "flow-logs:bytes-out") in found
    (stranger,) = [
        key for action, kind, key in found if (action, kind) == ("delete", "Subscription")
    ]
    assert "hooks.example.org" in stranger
    assert "SECRET" not in ended.out
    assert len(found) == 3
    assert ringwall("apply", deployed, "--yes").code == 0
    assert ringwall("drift", deployed).code == 0
