"""`response` of a blueprint: the function, its role, its journal, and what calls it."""

import pytest

from ringwall.model.calls import Content
from ringwall.model.graph import ResourceGraph
from tests.blueprint.compile.blueprints import ALL, compiled, responding

FUNCTION = ("AWS::Lambda::Function", "responder")


@pytest.fixture(scope="module")
def graph() -> ResourceGraph:
    return compiled(ALL["responding"])


def test_the_function_is_called_by_the_topic_and_its_rules_alone(graph: ResourceGraph) -> None:
    sources = {
        (node.properties["Principal"], node.properties["SourceArn"].key)
        for node in graph.of_type("AWS::Lambda::Permission")
    }
    assert sources == {
        ("sns.amazonaws.com", "notices"),
        ("events.amazonaws.com", "guardduty"),
        ("events.amazonaws.com", "schedule/sweep"),
        ("events.amazonaws.com", "schedule/reconcile"),
        ("events.amazonaws.com", "schedule/drift"),
        ("events.amazonaws.com", "schedule/check"),
    }


def test_its_own_notices_and_failures_do_not_call_it_again(graph: ResourceGraph) -> None:
    (hearing,) = [
        node
        for node in graph.of_type("AWS::SNS::Subscription")
        if node.properties["Protocol"] == "lambda"
    ]
    assert hearing.properties["FilterPolicyScope"] == "MessageBody"
    names = hearing.properties["FilterPolicy"]["AlarmName"][0]["anything-but"]
    assert names == ["ringwall/watched/dead-letters", "ringwall/watched/responder-fails"]
    assert hearing.properties["FilterPolicy"]["NewStateValue"] == ["ALARM"]


def test_the_journal_is_kept(graph: ResourceGraph) -> None:
    table = graph["AWS::DynamoDB::Table", "journal"].properties
    assert table["DeletionProtectionEnabled"]
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert "TimeToLiveSpecification" not in table
    assert [key["AttributeName"] for key in table["KeySchema"]] == ["pk", "sk"]
    (index,) = table["GlobalSecondaryIndexes"]
    assert index["IndexName"] == "gsi1"
    assert [key["AttributeName"] for key in index["KeySchema"]] == ["gsi1pk", "gsi1sk"]


def test_the_function_stands_in_no_vpc_and_waits_for_its_queue(graph: ResourceGraph) -> None:
    function = graph[FUNCTION].properties
    assert "VpcConfig" not in function
    assert (function["Runtime"], function["Architectures"]) == ("python3.13", ["arm64"])
    assert function["ReservedConcurrentExecutions"] == 2
    assert function["DeadLetterConfig"]["TargetArn"].endswith(":ringwall-watched-dead-letters")


def test_a_file_is_found_beside_the_blueprint() -> None:
    graph = compiled(responding("file: build/ringwall.zip"))
    code = graph[FUNCTION].properties["Code"]["ZipFile"]
    assert code == Content("build/ringwall.zip", "ab" * 32)


def test_without_a_package_nothing_calls_a_function() -> None:
    text = ALL["watched"].replace("vpcs:\n", "response: {}\nvpcs:\n", 1)
    graph = compiled(text)
    types = {node.type for node in graph}
    assert "AWS::DynamoDB::Table" in types
    assert not {"AWS::Lambda::Function", "AWS::Lambda::Permission"} & types
    (rule,) = graph.of_type("AWS::Events::Rule")
    assert [target["Id"] for target in rule.properties["Targets"]] == ["topic"]


def test_schedules_run_as_often_as_they_say_and_null_is_never(graph: ResourceGraph) -> None:
    def rates(graph: ResourceGraph) -> dict[str, str]:
        rules = graph.of_type("AWS::Events::Rule")
        schedules = [rule for rule in rules if "ScheduleExpression" in rule.properties]
        for rule in schedules:
            [target] = rule.properties["Targets"]
            assert target["Input"] == f'{{"ringwall":"{rule.key.removeprefix("schedule/")}"}}'
        return {
            rule.key.removeprefix("schedule/"): rule.properties["ScheduleExpression"]
            for rule in schedules
        }

    assert rates(graph) == {
        "sweep": "rate(5 minutes)",
        "reconcile": "rate(15 minutes)",
        "drift": "rate(60 minutes)",
        "check": "rate(1440 minutes)",
    }
    chosen = "  schedules: {sweep: 1, reconcile: null, detections: 10, drift: null, check: null}\n"
    text = ALL["responding"].replace("response:\n", f"response:\n{chosen}", 1)
    assert rates(compiled(text)) == {"sweep": "rate(1 minute)", "detections": "rate(10 minutes)"}
