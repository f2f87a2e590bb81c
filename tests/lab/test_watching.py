"""Probes of what the lab adds to CloudWatch, Logs, SNS, EventBridge and Lambda."""

import io
import json
import time
import zipfile
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ringwall.lab.server import Lab

HANDLER = """
import json, os
import boto3

def handle(event, context):
    print("called", context.function_name)
    boto3.client("sqs").create_queue(QueueName="made-by-the-handler")
    return {"saw": event, "mine": os.environ.get("RINGWALL_DEPLOYMENT")}

def fail(event, context):
    raise RuntimeError("cannot")

def look(event, context):
    import ringwall

def sleep(event, context):
    import time
    time.sleep(60)
"""
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "lambda.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
)


def zipped() -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        archive.writestr("answering.py", HANDLER)
    return whole.getvalue()


def make_function(client: Any, handler: str = "handle", **more: Any) -> dict[str, Any]:
    role = client("iam").create_role(RoleName="r", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
    made: dict[str, Any] = client("lambda").create_function(
        FunctionName="responder",
        Runtime="python3.13",
        Role=role,
        Handler=f"answering.{handler}",
        Code={"ZipFile": zipped()},
        Environment={"Variables": {"RINGWALL_DEPLOYMENT": "x"}},
        **{"Timeout": 60, **more},
    )
    return made


def make_group(client: Any, group: str) -> None:
    logs = client("logs")
    logs.create_log_group(logGroupName=group)
    logs.create_log_stream(logGroupName=group, logStreamName="s")


def put_lines(client: Any, group: str, *lines: str) -> None:
    now = int(time.time() * 1000)
    events = [{"timestamp": now, "message": line} for line in lines]
    client("logs").put_log_events(logGroupName=group, logStreamName="s", logEvents=events)


def test_a_topic_tells_every_attribute(client: Any) -> None:
    sns = client("sns")
    made = sns.create_topic(Name="notices", Attributes={"SignatureVersion": "2"})
    attributes = sns.get_topic_attributes(TopicArn=made["TopicArn"])["Attributes"]
    assert attributes["SignatureVersion"] == "2"


def put_filter(client: Any, pattern: str, **made: Any) -> None:
    given = {"metricName": "n", "metricNamespace": "s", "metricValue": "1", **made}
    client("logs").put_metric_filter(
        logGroupName="flow",
        filterName="count",
        filterPattern=pattern,
        metricTransformations=[given],
    )


def test_a_metric_filter_is_there_once(client: Any, refused: Any) -> None:
    client("logs").create_log_group(logGroupName="flow")
    for pattern in ("[a = REJECT]", "[a = ACCEPT]"):
        put_filter(client, pattern)
    (found,) = client("logs").describe_metric_filters(logGroupName="flow")["metricFilters"]
    assert found["filterPattern"] == "[a = ACCEPT]"
    with refused("InvalidParameterException"):
        put_filter(client, "[a = 1, b, ..., c, ...]")


def figures(client: Any, name: str) -> list[dict[str, str]]:
    metrics = client("cloudwatch").list_metrics(Namespace="s", MetricName=name)["Metrics"]
    found = [{d["Name"]: d["Value"] for d in one["Dimensions"]} for one in metrics]
    return sorted(found, key=str)


def total(client: Any, name: str, hours: int = 1) -> float:
    now = time.time()
    told = client("cloudwatch").get_metric_statistics(
        Namespace="s",
        MetricName=name,
        StartTime=now - 600,
        EndTime=now + 600 * 6 * hours,
        Period=3600,
        Statistics=["Sum"],
    )
    return sum(float(point["Sum"]) for point in told["Datapoints"])


def test_lines_are_counted_as_they_arrive(client: Any) -> None:
    make_group(client, "flow")
    put_filter(client, "[vpc, n, action = REJECT, ...]", metricValue="$n", defaultValue=0)
    put_lines(client, "flow", "vpc-1 5 REJECT x", "vpc-1 7 ACCEPT x", "vpc-2 2 REJECT", "- - -")
    assert total(client, "n") == 7


def test_what_arrives_is_of_the_labs_time_and_not_too_much(lab: Lab, client: Any) -> None:
    logs, hour = client("logs"), 3600 * 1000
    make_group(client, "flow")
    put_filter(client, "[n, action = REJECT]", metricValue="$n")
    lab.advance(5 * 3600)
    now = int(lab.now.timestamp() * 1000)

    def put(*events: tuple[int, str]) -> Any:
        told = [{"timestamp": stamp, "message": message} for stamp, message in events]
        return logs.put_log_events(logGroupName="flow", logStreamName="s", logEvents=told)

    assert "rejectedLogEventsInfo" not in put((now, "3 REJECT"), (now + hour, "4 REJECT"))
    assert "rejectedLogEventsInfo" in put((now + 3 * hour, "5 REJECT"))
    [stream] = logs.describe_log_streams(logGroupName="flow")["logStreams"]
    assert stream["lastIngestionTime"] >= now
    [*_, last] = logs.filter_log_events(logGroupName="flow")["events"]
    assert (last["message"], last["timestamp"]) == ("4 REJECT", now + hour)
    assert total(client, "n", hours=8) == 7, "what is rejected is not counted"
    for refused in (
        [(now, "x")] * 10_001,
        [(now, "x" * 300_000)] * 4,
        [(now - 25 * hour, "x"), (now, "x")],
    ):
        with pytest.raises(ClientError, match="InvalidParameterException"):
            put(*refused)


def test_events_are_read_in_pages_in_the_order_of_time(lab: Lab, client: Any) -> None:
    logs, now = client("logs"), int(lab.now.timestamp() * 1000)
    make_group(client, "flow")
    for stream, first in (("a", 0), ("b", 1)):
        logs.create_log_stream(logGroupName="flow", logStreamName=stream)
        told = [{"timestamp": now + n, "message": f"{n:0200}"} for n in range(first, 9_000, 2)]
        for part in (told[:4_000], told[4_000:]):
            logs.put_log_events(logGroupName="flow", logStreamName=stream, logEvents=part)
    pages: list[list[int]] = []
    token: dict[str, str] = {}
    for _ in range(20):
        answer = logs.filter_log_events(logGroupName="flow", **token)
        pages.append([int(each["message"]) for each in answer["events"]])
        if "nextToken" not in answer:
            break
        token = {"nextToken": answer["nextToken"]}
    assert [each for page in pages for each in page] == list(range(9_000))
    assert [len(page) for page in pages] == [4_639, 4_361], "226 bytes each, in 1 MB"
    few = logs.filter_log_events(logGroupName="flow", limit=10, startTime=now + 8_995)
    assert (len(few["events"]), "nextToken" in few) == (5, False)
    assert logs.filter_log_events(logGroupName="flow", nextToken="gone@1")["events"] == []


def test_a_dimension_is_a_field_of_the_line(client: Any) -> None:
    make_group(client, "flow")
    put_filter(client, "[vpc, action = REJECT]", dimensions={"VpcId": "$vpc"})
    put_lines(client, "flow", "vpc-1 REJECT", "vpc-2 REJECT", "vpc-3 ACCEPT", "- REJECT")
    assert figures(client, "n") == [{"VpcId": "vpc-1"}, {"VpcId": "vpc-2"}]


def put_alarm(client: Any, topic: str = "", **more: Any) -> None:
    given: dict[str, Any] = {
        "AlarmName": "much",
        "Namespace": "s",
        "MetricName": "n",
        "Statistic": "Sum",
        "Period": 300,
        "EvaluationPeriods": 1,
        "Threshold": 2,
        "ComparisonOperator": "GreaterThanThreshold",
        "TreatMissingData": "notBreaching",
    }
    actions = {"AlarmActions": [topic], "OKActions": [topic]} if topic else {}
    client("cloudwatch").put_metric_alarm(**(given | actions | more))


def state(client: Any) -> str:
    (alarm,) = client("cloudwatch").describe_alarms(AlarmNames=["much"])["MetricAlarms"]
    return str(alarm["StateValue"])


def put_value(client: Any, value: float, **more: Any) -> None:
    client("cloudwatch").put_metric_data(
        Namespace="s", MetricData=[{"MetricName": "n", "Value": value, **more}]
    )


def test_an_alarm_goes_off_and_is_over(lab: Lab, client: Any) -> None:
    put_alarm(client)
    assert state(client) == "INSUFFICIENT_DATA"
    lab.advance(60)
    assert state(client) == "OK"
    put_value(client, 2)
    assert state(client) == "OK", "two are not more than two"
    put_value(client, 1)
    assert state(client) == "ALARM"
    put_alarm(client, AlarmDescription="put again")
    assert state(client) == "ALARM", "an update keeps the state"
    lab.advance(400)
    assert state(client) == "OK"


@pytest.mark.parametrize(
    ("missing", "expected"),
    [("breaching", "ALARM"), ("notBreaching", "OK"), ("missing", "INSUFFICIENT_DATA")],
)
def test_missing_data_is_what_the_alarm_says(
    lab: Lab, client: Any, missing: str, expected: str
) -> None:
    put_alarm(client, TreatMissingData=missing, EvaluationPeriods=3)
    lab.advance(60)
    assert state(client) == expected


def test_some_of_several_periods_are_enough(lab: Lab, client: Any) -> None:
    put_alarm(client, Period=60, EvaluationPeriods=3, DatapointsToAlarm=2)
    put_value(client, 3)
    assert state(client) != "ALARM"
    lab.advance(60)
    now = time.time() + 60
    put_value(client, 3, Timestamp=now)
    assert state(client) == "ALARM"


def test_a_sum_of_metrics_is_judged(client: Any) -> None:
    queries: list[dict[str, Any]] = [{"Id": "t", "Expression": "SUM(METRICS())", "Label": "t"}]
    for number in (1, 2):
        metric = {
            "Namespace": "s",
            "MetricName": "n",
            "Dimensions": [{"Name": "VpcId", "Value": f"vpc-{number}"}],
        }
        stat = {"Metric": metric, "Period": 300, "Stat": "Sum"}
        queries.append({"Id": f"m{number}", "MetricStat": stat, "ReturnData": False})
    client("cloudwatch").put_metric_alarm(
        AlarmName="much",
        Metrics=queries,
        EvaluationPeriods=1,
        Threshold=3,
        ComparisonOperator="GreaterThanThreshold",
    )
    for number in (1, 2, 3):
        put_value(client, 2, Dimensions=[{"Name": "VpcId", "Value": f"vpc-{number}"}])
    assert state(client) == "ALARM"


def test_an_alarm_tells_its_topic_as_cloudwatch_does(client: Any) -> None:
    sns, sqs = client("sns"), client("sqs")
    topic = sns.create_topic(Name="notices")["TopicArn"]
    url = sqs.create_queue(QueueName="q")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    put_alarm(client, topic, Dimensions=[{"Name": "VpcId", "Value": "vpc-1"}])
    put_value(client, 9, Dimensions=[{"Name": "VpcId", "Value": "vpc-1"}])
    (received,) = sqs.receive_message(QueueUrl=url)["Messages"]
    notification = json.loads(received["Body"])
    assert notification["Subject"] == 'ALARM: "much" in US East (N. Virginia)'
    message = json.loads(notification["Message"])
    assert (message["AlarmName"], message["NewStateValue"]) == ("much", "ALARM")
    assert message["OldStateValue"] == "INSUFFICIENT_DATA"
    assert message["NewStateReason"].startswith("Threshold Crossed: 1 out of the last 1")
    assert message["StateChangeTime"].endswith("+0000")
    assert message["Trigger"]["Dimensions"] == [{"value": "vpc-1", "name": "VpcId"}]
    assert message["Trigger"]["Statistic"] == "SUM"


def test_a_state_that_is_set_is_told(lab: Lab, client: Any) -> None:
    make_function(client)
    topic = subscribed(client)
    put_alarm(client, topic)
    client("cloudwatch").set_alarm_state(AlarmName="much", StateValue="ALARM", StateReason="try")
    (call,) = lab.wait_for_functions()
    assert "try" in call.event


def subscribed(client: Any, **attributes: str) -> str:
    sns = client("sns")
    topic: str = sns.create_topic(Name="notices")["TopicArn"]
    arn = client("lambda").get_function(FunctionName="responder")["Configuration"]["FunctionArn"]
    sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=arn, Attributes=attributes)
    return topic


def test_a_function_keeps_its_whole_configuration(client: Any) -> None:
    letters = {"TargetArn": "arn:aws:sqs:us-east-1:123456789012:letters"}
    logging = {"LogFormat": "JSON", "LogGroup": "/own"}
    make_function(client, DeadLetterConfig=letters, LoggingConfig=logging)
    told = client("lambda").get_function_configuration(FunctionName="responder")
    assert (told["DeadLetterConfig"], told["LoggingConfig"]) == (letters, logging)


def test_a_handler_runs_in_a_process_of_its_own_and_asks_the_lab(client: Any) -> None:
    make_function(client, LoggingConfig={"LogFormat": "JSON", "LogGroup": "/own"})
    answer = client("lambda").invoke(FunctionName="responder", Payload=b'{"a": 1}')
    assert json.load(answer["Payload"]) == {"saw": {"a": 1}, "mine": "x"}
    assert client("sqs").list_queues()["QueueUrls"], "the handler's own call arrived"
    (event,) = client("logs").filter_log_events(logGroupName="/own")["events"]
    assert event["message"] == "called responder"


def test_a_handler_sees_its_zip_and_no_package_of_this_environment(client: Any) -> None:
    make_function(client, "look")
    answer = client("lambda").invoke(FunctionName="responder", Payload=b"{}")
    assert answer["FunctionError"] == "Unhandled"
    assert json.load(answer["Payload"])["errorType"] == "ModuleNotFoundError"


def test_a_handler_is_ended_after_its_timeout(client: Any) -> None:
    make_function(client, "sleep", Timeout=1)
    answer = client("lambda").invoke(FunctionName="responder", Payload=b"{}")
    assert "timed out after 1.00 seconds" in json.load(answer["Payload"])["errorMessage"]


def test_a_topic_gives_its_messages_to_a_function(lab: Lab, client: Any) -> None:
    make_function(client)
    policy = json.dumps({"AlarmName": [{"anything-but": ["own"]}]})
    topic = subscribed(client, FilterPolicyScope="MessageBody", FilterPolicy=policy)
    for message in ({"AlarmName": "own"}, {"notice": "no alarm"}, {"AlarmName": "much"}):
        client("sns").publish(TopicArn=topic, Message=json.dumps(message))
    (call,) = lab.wait_for_functions()
    (record,) = json.loads(call.event)["Records"]
    assert json.loads(record["Sns"]["Message"]) == {"AlarmName": "much"}
    assert record["Sns"]["TopicArn"] == topic
    assert [ended.failed for ended in call.ended] == [False]


def test_what_fails_three_times_goes_to_the_dead_letters(lab: Lab, client: Any) -> None:
    sqs = client("sqs")
    url = sqs.create_queue(QueueName="letters")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]["QueueArn"]
    make_function(client, "fail", DeadLetterConfig={"TargetArn": arn})
    client("lambda").invoke(FunctionName="responder", InvocationType="Event", Payload=b'{"a": 2}')
    (call,) = lab.wait_for_functions()
    assert [ended.failed for ended in call.ended] == [True] * 3
    (letter,) = sqs.receive_message(QueueUrl=url)["Messages"]
    assert json.loads(letter["Body"]) == {"a": 2}


def put_rule(client: Any, target: str, **rule: Any) -> None:
    client("events").put_rule(Name="rule", **rule)
    client("events").put_targets(Rule="rule", Targets=[{"Id": "t", "Arn": target}])


def test_an_event_that_matches_a_rule_is_given_to_its_function(lab: Lab, client: Any) -> None:
    arn = make_function(client)["FunctionArn"]
    pattern = {"source": ["aws.guardduty"], "detail": {"severity": [{"numeric": [">=", 4]}]}}
    put_rule(client, arn, EventPattern=json.dumps(pattern))
    for severity in (2, 8):
        entry = {
            "Source": "aws.guardduty",
            "DetailType": "GuardDuty Finding",
            "Detail": json.dumps({"severity": severity}),
        }
        client("events").put_events(Entries=[entry])
    (call,) = lab.wait_for_functions()
    event = json.loads(call.event)
    assert (event["detail-type"], event["detail"]) == ("GuardDuty Finding", {"severity": 8})


def test_a_schedule_runs_when_time_is_moved(lab: Lab, client: Any) -> None:
    arn = make_function(client)["FunctionArn"]
    put_rule(client, arn, ScheduleExpression="rate(5 minutes)")
    lab.advance(299)
    assert lab.wait_for_functions() == []
    lab.advance(1)
    (call,) = lab.wait_for_functions()
    assert json.loads(call.event)["detail-type"] == "Scheduled Event"


def test_a_tables_tag_is_there_once(client: Any) -> None:
    dynamodb = client("dynamodb")
    made = dynamodb.create_table(
        TableName="t",
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
        Tags=[{"Key": "k", "Value": "first"}],
    )
    arn = made["TableDescription"]["TableArn"]
    dynamodb.tag_resource(ResourceArn=arn, Tags=[{"Key": "k", "Value": "second"}])
    tags = dynamodb.list_tags_of_resource(ResourceArn=arn)["Tags"]
    assert tags == [{"Key": "k", "Value": "second"}]


def test_a_dashboard_bears_tags(client: Any) -> None:
    cloudwatch = client("cloudwatch")
    tags = [{"Key": "k", "Value": "v"}]
    cloudwatch.put_dashboard(DashboardName="d", DashboardBody='{"widgets": []}', Tags=tags)
    (made,) = cloudwatch.list_dashboards(DashboardNamePrefix="d")["DashboardEntries"]
    told = cloudwatch.list_tags_for_resource(ResourceARN=made["DashboardArn"])["Tags"]
    assert told == tags


def test_a_definition_of_a_query_is_kept(client: Any, refused: Any) -> None:
    logs = client("logs")
    given = {"name": "a/b", "queryString": "limit 1", "logGroupNames": ["flow"]}
    ids = {
        logs.put_query_definition(**given, clientToken="t" * 36)["queryDefinitionId"]
        for _ in range(2)
    }
    (made,) = ids
    logs.put_query_definition(**{**given, "queryString": "limit 2"}, queryDefinitionId=made)
    told = logs.describe_query_definitions(queryDefinitionNamePrefix="a/")["queryDefinitions"]
    assert [(one["name"], one["queryString"]) for one in told] == [("a/b", "limit 2")]
    logs.delete_query_definition(queryDefinitionId=made)
    with refused("ResourceNotFoundException"):
        logs.delete_query_definition(queryDefinitionId=made)


def ask(client: Any, query: str) -> list[dict[str, str]]:
    now = int(time.time())
    times = {"startTime": now - 600, "endTime": now + 600}
    made = client("logs").start_query(logGroupName="flow", queryString=query, **times)
    told = client("logs").get_query_results(queryId=made["queryId"])
    assert told["status"] == "Complete"
    return [{cell["field"]: cell["value"] for cell in row} for row in told["results"]]


def test_a_query_of_insights_is_answered(client: Any, refused: Any) -> None:
    make_group(client, "flow")
    lines = ["a x 5 REJECT", "a y 7 REJECT", "b x 100 REJECT", "a z 9 ACCEPT"]
    put_lines(client, "flow", *lines)
    head = 'parse @message "* * * *" as src, dst, n, action | filter action = "REJECT"'
    found = ask(
        client,
        f"{head} | stats count(*) as c, count_distinct(dst) as d, sum(n) as s by src | sort s desc",
    )
    assert found == [
        {"src": "b", "c": "1", "d": "1", "s": "100"},
        {"src": "a", "c": "2", "d": "2", "s": "12"},
    ]
    assert ask(client, f"{head} and n >= 7 | fields src, n | sort n asc | limit 1") == [
        {"src": "a", "n": "7"}
    ]
    with refused("MalformedQueryException"):
        ask(client, "fields @message | dedup src")


def test_a_finding_keeps_what_was_set_on_it(client: Any, refused: Any) -> None:
    hub = client("securityhub")
    arn = "arn:aws:securityhub:us-east-1:123456789012:product/123456789012/default"
    finding = {
        "SchemaVersion": "2018-10-08",
        "Id": "one",
        "ProductArn": arn,
        "GeneratorId": "g",
        "AwsAccountId": "123456789012",
        "CreatedAt": "2026-01-01T00:00:00Z",
        "UpdatedAt": "2026-01-01T00:00:00Z",
        "Severity": {"Label": "HIGH"},
        "Title": "t",
        "Description": "d",
        "Resources": [{"Type": "Other", "Id": "x"}],
        "Workflow": {"Status": "NEW"},
    }
    named = [{"Id": "one", "ProductArn": arn}]
    with refused("InvalidAccessException"):
        hub.batch_import_findings(Findings=[finding])
    hub.enable_security_hub()
    told = hub.batch_update_findings(FindingIdentifiers=named, Workflow={"Status": "RESOLVED"})
    assert [one["ErrorCode"] for one in told["UnprocessedFindings"]] == ["FindingNotFound"]
    hub.batch_import_findings(Findings=[finding])
    told = hub.batch_update_findings(FindingIdentifiers=named, Workflow={"Status": "RESOLVED"})
    assert told["ProcessedFindings"] == named
    hub.batch_import_findings(Findings=[finding | {"Title": "u"}])
    (kept,) = hub.get_findings()["Findings"]
    assert (kept["Title"], kept["Workflow"]) == ("u", {"Status": "RESOLVED"})
