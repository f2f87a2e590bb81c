"""The function's package: built, unpacked, and run by itself against the lab, over HTTP."""

import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import zipfile
from datetime import UTC, datetime
from importlib.metadata import files
from pathlib import Path

import pytest

from ringwall.app.responding.packing import pack
from ringwall.shell.aws import connect
from ringwall.shell.ledger.dynamodb import SCHEMA, DynamoLedger
from ringwall.shell.packaging import RUNTIME
from tests.app.responding import deliveries as given
from tests.app.responding.logs import deliver, knocks, line
from tests.e2e.conftest import EXAMPLES

AUTO = 'modes: {"*": auto}\n'
SCANNER, KNOCKER, DROP = "198.51.100.7", "198.51.100.8", "198.51.100.9"
HERE = Path(__file__).parent
# Seconds of CPU, for other processes may be busy here: of a machine that is not, it is the time.
COLD = 2.0


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    folder = tmp_path_factory.mktemp("package")
    policy = folder / "policy.yaml"
    policy.write_text(AUTO)
    return pack(str(EXAMPLES / "minimal.yaml"), str(folder / "ringwall.zip"), str(policy)).package


@pytest.fixture(scope="module")
def unpacked(package, tmp_path_factory):
    folder = tmp_path_factory.mktemp("task")
    with zipfile.ZipFile(package.path) as archive:
        archive.extractall(folder)
    return folder


@pytest.fixture(scope="module")
def runtime(tmp_path_factory):
    """A folder of what Lambda's runtime has beside Python: boto3 and what it needs."""
    folder = tmp_path_factory.mktemp("runtime")
    for name in RUNTIME:
        for each in files(name) or ():
            top = Path(str(each)).parts[0]
            if top.endswith((".dist-info", "..", "bin", "__pycache__")):
                continue
            link = folder / top
            if not link.exists():
                link.symlink_to(Path(str(each.locate())).parents[len(each.parts) - 1] / top)
    return folder


def test_the_package_is_small_and_without_what_is_not_served(package, unpacked):
    size = sum(each.stat().st_size for each in unpacked.rglob("*") if each.is_file())
    assert size == package.unzipped <= 120_000_000
    assert package.parser == ("compiled" if shutil.which("cc") else "python")
    tops = {each.name for each in unpacked.iterdir()}
    assert tops >= {"ringwall", "numpy", "pydantic", "yaml", "blueprint.yaml", "policy.yaml"}
    assert tops.isdisjoint({"boto3", "botocore", "duckdb", "pyarrow", "moto", "click", "sqlglot"})
    assert not (unpacked / "ringwall" / "cli").exists()
    assert not (unpacked / "ringwall" / "lab").exists()
    assert list(unpacked.rglob("tests")) == []
    compiled = {p.suffix for each in unpacked.rglob("__pycache__") for p in each.iterdir()}
    assert compiled == {".pyc"}


def test_a_package_that_the_function_cannot_run_is_told(ringwall, tmp_path):
    path = tmp_path / "watched.yaml"
    other = "x86_64" if platform.machine() == "aarch64" else "arm64"
    text = (EXAMPLES / "watched.yaml").read_text()
    path.write_text(f"{text}\nresponse: {{architecture: {other}}}\n")
    ended = ringwall("respond", "package", path, "-o", tmp_path / "it.zip")
    assert ended.code == 0
    assert f"hint: --platform {other} --python 3.13 makes that one" in ended.err


def test_the_same_input_gives_the_same_bytes(package, tmp_path):
    code = "import sys; from ringwall.cli.main import run; sys.exit(run(sys.argv[1:]))"
    policy = tmp_path / "policy.yaml"
    policy.write_text(AUTO)
    again = tmp_path / "again.zip"
    words = ["respond", "package", EXAMPLES / "minimal.yaml", "--policy", policy, "-o", again]
    ended = subprocess.run(
        [sys.executable, "-c", code, *map(str, words), "--json"],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONHASHSEED": "7"},
        timeout=120,
        check=True,
    )
    told = json.loads(ended.stdout)
    assert hashlib.sha256(again.read_bytes()).hexdigest() == package.digest == told["sha256"]
    assert (told["handler"], told["bytes"]) == ("ringwall.function.handler", package.zipped)


def run(unpacked, runtime, events, **settings):
    ended = subprocess.run(
        [sys.executable, "-I", "-S", HERE / "handled.py", unpacked, runtime],
        input=json.dumps(events),
        capture_output=True,
        text=True,
        env={name: value for name, value in os.environ.items() if name.startswith("AWS")}
        | settings,
        timeout=120,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stderr), [json.loads(text) for text in ended.stdout.splitlines()]


def test_without_its_settings_it_says_which_is_missing(lab, unpacked, runtime):
    found, _ = run(unpacked, runtime, [{"ringwall": "sweep"}])
    assert found["where"] == str(unpacked / "ringwall" / "__init__.py")
    assert found["answers"][0]["message"].startswith("RINGWALL_JOURNAL names no table of DynamoDB")
    assert found["imported"]["cpu"] <= COLD


def alarm_of(name, changed):
    when = datetime.fromtimestamp(changed, UTC)
    changes = {"StateChangeTime": f"{when:%Y-%m-%dT%H:%M:%S.000+0000}"}
    arn = f"arn:aws:cloudwatch:us-east-1:123456789012:alarm:{name}"
    return given.sns(given.alarm(AlarmName=name, AlarmArn=arn, **changes))


def test_each_alarm_of_the_article_leads_to_the_address_that_the_logs_show(
    lab, ringwall, minimal, unpacked, runtime, tmp_path
):
    assert ringwall("apply", "--yes", "-q").code == 0
    cloud = connect(region="us-east-1", endpoint=lab.endpoint)
    cloud.call("dynamodb", "create_table", {"TableName": "ledger", **SCHEMA})
    cloud.call("s3", "create_bucket", {"Bucket": "logs"})
    cloud.call("s3", "create_bucket", {"Bucket": "lake"})
    topic = cloud.call("sns", "create_topic", {"Name": "told"})["TopicArn"]
    cloud.call("securityhub", "enable_security_hub", {})
    at = 1_795_682_400
    lines = [
        *knocks(SCANNER, at, 60),
        *(line(KNOCKER, "10.0.0.9", 22, at + n) for n in range(300)),
        line("10.0.0.9", DROP, 443, at + 5, "ACCEPT", 90_000_000),
    ]
    key = deliver(tmp_path / "logs", at + 300, lines)
    body = (tmp_path / "logs" / key).read_bytes()
    cloud.call("s3", "put_object", {"Bucket": "logs", "Key": f"flow/{key}", "Body": body})
    names = ("suspicious-traffic", "port-scan", "data-exfiltration")
    events = [alarm_of(name, at + 600) for name in names]
    found, steps = run(
        unpacked,
        runtime,
        [*events, events[0], {"Records": "none"}, {"ringwall": "drift"}, {"ringwall": "check"}],
        RINGWALL_JOURNAL="ledger",
        RINGWALL_DEPLOYMENT="minimal",
        RINGWALL_LOGS="s3://logs/flow/",
        RINGWALL_ENDPOINT=lab.endpoint,
        RINGWALL_TOPIC=topic,
        RINGWALL_FINDINGS="s3://lake/told",
        RINGWALL_WEBHOOK="ssm:/not/there",
    )
    assert found["answers"][:4] == [{"taken": True}] * 4
    assert found["answers"][4]["error"] == "OutsideError"
    assert found["answers"][5:] == [{"taken": True}] * 2
    assert [(s["step"], s["incidents"]) for s in steps[-2:]] == [("compared", []), ("checked", [])]
    assert found["loaded"] == []
    assert found["imported"]["cpu"] <= COLD
    ledger = DynamoLedger(cloud, "ledger")
    incidents = {each.kind: each for each in ledger.incidents()}
    assert {kind: [p.address for p in each.parties] for kind, each in incidents.items()} == {
        "suspicious-traffic": [KNOCKER],
        "port-scan": [SCANNER],
        "data-exfiltration": ["10.0.0.9", DROP],
    }
    assert incidents["suspicious-traffic"].state.value == "in-force"
    told = cloud.call("s3", "list_objects_v2", {"Bucket": "lake"})["Contents"]
    assert {each["Key"].split("/")[1] for each in told} == {each.id for each in incidents.values()}
    failed = [each.reason for each in ledger.lines() if each.what == "notice failed"]
    assert len(failed) == len(incidents)
    assert all(
        each.startswith("webhook ssm:/not/there: ") and "topic" not in each for each in failed
    )
    acls = cloud.call("ec2", "describe_network_acls", {})["NetworkAcls"]
    denied = {e["CidrBlock"] for a in acls for e in a["Entries"] if e["RuleNumber"] < 100}
    assert f"{KNOCKER}/32" in denied
    assert "10.0.0.9/32" not in denied
    secrets = [os.environ["AWS_SECRET_ACCESS_KEY"], os.environ["AWS_ACCESS_KEY_ID"]]
    assert not [s for s in secrets for each in steps if s in json.dumps(each)]
    assert [each["step"] for each in steps][:2] == ["event", "answered"]
