"""A watched network, from nothing to deployed, changed by hand, repaired and gone, over HTTP."""

import hashlib
import io
import shutil
import zipfile

import boto3
import pytest

from ringwall.app.responding.meant import Meant
from ringwall.app.workspace import blueprint_of
from ringwall.shell.aws import connect
from tests.blueprint.compile.blueprints import responding
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
    assert boto3.client("logs").describe_query_definitions()["queryDefinitions"] == []
    assert boto3.client("cloudwatch").list_dashboards()["DashboardEntries"] == []
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
    alarms.put_dashboard(DashboardName="ringwall_watched_overview", DashboardBody="{}")
    (one, *_) = logs.describe_query_definitions()["queryDefinitions"]
    same = {name: one[name] for name in ("queryDefinitionId", "name", "logGroupNames")}
    logs.put_query_definition(**same, queryString="limit 1")
    ended = ringwall("drift", deployed, "--json")
    assert ended.code == 1
    found = changes(ended)
    assert ("update", "Dashboard", "overview") in found
    assert [what for *what, _ in found].count(["update", "QueryDefinition"]) == 1
    assert ("update", "Alarm", "suspicious-traffic") in found
    assert ("create", "MetricFilter", "flow-logs:bytes-out") in found
    (stranger,) = [
        key for action, kind, key in found if (action, kind) == ("delete", "Subscription")
    ]
    assert "hooks.example.org" in stranger
    assert "SECRET" not in ended.out
    assert len(found) == 5
    assert ringwall("apply", deployed, "--yes").code == 0
    assert ringwall("drift", deployed).code == 0


HANDLER = """
import json

def handler(event, context):
    for record in event.get("Records", ()):
        print("answering", json.loads(record["Sns"]["Message"])["AlarmName"])
    if "ringwall" in event:
        print("scheduled", event["ringwall"])
"""


@pytest.fixture
def answered(lab, ringwall, tmp_path):
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w") as archive:
        archive.writestr("ringwall/__init__.py", "")
        archive.writestr("ringwall/function.py", HANDLER)
    (tmp_path / "responder.zip").write_bytes(whole.getvalue())
    digest = hashlib.sha256(whole.getvalue()).hexdigest()
    blueprint = tmp_path / "answered.yaml"
    blueprint.write_text(responding("file: responder.zip", digest))
    ended = ringwall("apply", blueprint, "--yes")
    assert ended.code == 0, ended.err + ended.out
    return blueprint


def rejected(vpc, number):
    """Return a flow log line in the full format: a rejected attempt to open a connection."""
    source, port = f"198.51.100.{number % 200}", 1000 + number
    stamp = 1_790_000_000
    front = f"5 123456789012 eni-1 {source} 10.0.0.9 {port} 22 6 1 40 {stamp} {stamp} REJECT OK"
    return f"{front} {vpc} subnet-1 - 2 IPv4" + " -" * 23


def printed():
    logs = boto3.client("logs")
    events = logs.filter_log_events(logGroupName="/ringwall/watched/responder")["events"]
    return {event["message"] for event in events}


def test_an_alarm_of_the_flow_logs_calls_the_function_that_was_deployed(answered, lab):
    logs, group = boto3.client("logs"), "/ringwall/watched/flow-logs"
    filters = [{"Name": "tag:ringwall:key", "Values": ["hub"]}]
    (vpc,) = boto3.client("ec2").describe_vpcs(Filters=filters)["Vpcs"]
    logs.create_log_stream(logGroupName=group, logStreamName="eni-1")
    now = int(lab.now.timestamp() * 1000)
    lines = [rejected(vpc["VpcId"], number) for number in range(501)]
    events = [{"timestamp": now, "message": line} for line in lines]
    logs.put_log_events(logGroupName=group, logStreamName="eni-1", logEvents=events[:200])
    lab.wait_for_functions()
    before = printed()
    logs.put_log_events(logGroupName=group, logStreamName="eni-1", logEvents=events[200:])
    lab.wait_for_functions()
    assert "answering ringwall/watched/suspicious-traffic" not in before
    assert "answering ringwall/watched/port-scan/hub" not in before
    assert {
        "answering ringwall/watched/suspicious-traffic",
        "answering ringwall/watched/port-scan/hub",
    } <= printed()


def test_what_answers_is_without_drift_runs_on_schedules_and_goes(answered, ringwall, lab):
    assert ringwall("drift", answered, "--json").json["changes"] == []
    lab.advance(300)
    lab.wait_for_functions()
    assert "scheduled sweep" in printed()
    assert "scheduled drift" not in printed()
    lab.advance(3600)
    lab.wait_for_functions()
    assert {"scheduled reconcile", "scheduled drift"} <= printed()
    functions = boto3.client("lambda")
    functions.add_permission(
        FunctionName="ringwall-watched-responder",
        StatementId="by-hand",
        Action="lambda:InvokeFunction",
        Principal="123456789013",
    )
    functions.update_function_configuration(
        FunctionName="ringwall-watched-responder", Environment={"Variables": {"TOKEN": "s3cret"}}
    )
    drift = ringwall("drift", answered, "--json")
    assert sorted(kind for _, kind, _ in changes(drift)) == ["Function", "Permission"]
    assert "s3cret" not in drift.out
    assert ringwall("apply", answered, "--yes").code == 0
    assert ringwall("destroy", answered, "--yes").code == 0
    assert functions.list_functions()["Functions"] == []
    assert boto3.client("dynamodb").list_tables()["TableNames"] == []
    assert boto3.client("events").list_rules()["Rules"] == []


def test_a_package_cannot_hold_its_own_digest_and_that_is_no_drift(answered, tmp_path):
    """The blueprint that is packed names another zip than the one it is in, or none yet."""
    text = answered.read_text()
    named = next(line for line in text.splitlines() if "package:" in line)
    cloud = connect(region="us-east-1")

    def otherwise(*changes):
        packed = text
        for old, new in changes:
            packed = packed.replace(old, new)
        return Meant(blueprint_of(packed, str(answered)), cloud).drift()

    digest = hashlib.sha256((tmp_path / "responder.zip").read_bytes()).hexdigest()
    assert otherwise((digest, "0" * 64)) == []
    assert otherwise((f"response:\n{named}\n", "response: {}\n")) == []
    [found] = otherwise((f"{named}\n", f"{named}\n  memory_mb: 2048\n"))
    assert [party.name for party in found.parties] == ["AWS::Lambda::Function responder"]


def test_a_change_of_the_zip_is_deployed_and_another_file_is_refused(answered, ringwall, tmp_path):
    data = (tmp_path / "responder.zip").read_bytes() + b"-"
    old = hashlib.sha256(data[:-1]).hexdigest()
    (tmp_path / "responder.zip").write_bytes(data)
    text = answered.read_text()
    answered.write_text(text.replace(old, hashlib.sha256(data).hexdigest()))
    plan = ringwall("plan", answered, "--json")
    ((_, kind, _),) = changes(plan)
    assert kind == "Function"
    assert ringwall("apply", answered, "--yes").code == 0
    (tmp_path / "responder.zip").write_bytes(b"another")
    answered.write_text(text.replace(old, "0" * 64))
    refused = ringwall("apply", answered, "--yes")
    assert refused.code == 2
    assert "another file than the blueprint names" in refused.err


@pytest.mark.parametrize(
    ("wrong", "part", "said", "hint"),
    [
        (b"another", "sha256:", "is another file than the blueprint names", "write that under"),
        (None, "file:", "cannot read", "ringwall respond package"),
        (bytes(50 * 2**20 + 1), "file:", "and Lambda takes 52428800", "put it into a bucket"),
    ],
)
def test_a_wrong_file_is_a_problem_before_the_first_step(
    lab, ringwall, tmp_path, wrong, part, said, hint
):
    blueprint, digest = tmp_path / "wrong.yaml", "0" * 64
    if wrong is not None:
        (tmp_path / "responder.zip").write_bytes(wrong)
    if wrong and len(wrong) > 50:
        digest = hashlib.sha256(wrong).hexdigest()
    blueprint.write_text(responding("file: responder.zip", digest))
    before = boto3.client("iam").list_roles()["Roles"]
    for words in (("plan", blueprint), ("apply", blueprint, "--yes")):
        ended = ringwall(*words)
        assert ended.code == 2
        assert said in ended.err
        assert hint in ended.err
        [line] = [each for each in ended.err.splitlines() if "error[BP130]" in each]
        _, row, column, _ = line.split(":", 3)
        text = blueprint.read_text().splitlines()[int(row) - 1]
        assert text[: int(column) - 1].rstrip().endswith(part)
    assert boto3.client("iam").list_roles()["Roles"] == before
    assert boto3.client("logs").describe_log_groups()["logGroups"] == []


def test_a_file_that_nothing_sends_is_not_asked_for(answered, ringwall, tmp_path):
    (tmp_path / "responder.zip").unlink()
    assert ringwall("plan", answered).code == 0
    assert ringwall("drift", answered).code == 0


def test_without_a_package_all_but_the_function_is_deployed(lab, ringwall, tmp_path):
    blueprint = tmp_path / "watched.yaml"
    text = (EXAMPLES / "watched.yaml").read_text()
    blueprint.write_text(text.replace("vpcs:\n", "response: {}\nvpcs:\n", 1))
    ended = ringwall("apply", blueprint, "--yes")
    assert ended.code == 0, ended.err
    assert "all of the response is deployed but its function" in ended.err
    assert boto3.client("dynamodb").list_tables()["TableNames"] == ["ringwall-watched-journal"]
    assert boto3.client("lambda").list_functions()["Functions"] == []
    assert ringwall("drift", blueprint).code == 0
