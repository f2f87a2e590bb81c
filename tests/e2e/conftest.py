"""A lab, and the command line run against it."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

import boto3
import pytest

from ringwall.app.demo import FORBIDDEN, environment
from ringwall.cli.main import run
from ringwall.lab.server import Lab
from ringwall.shell.aws import BotoCloud

pytest.register_assert_rewrite("tests.e2e.stories")

EXAMPLES = Path(__file__).parents[2] / "examples"


@dataclass
class Ended:
    code: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)


@pytest.fixture(scope="session", autouse=True)
def clients():
    """Let all commands of these tests share boto3's clients, which take long to make."""
    make = BotoCloud._make
    made = {}

    def shared(cloud, service):
        key = (service, cloud.region, cloud._endpoint, os.environ.get("AWS_ENDPOINT_URL"))
        if key not in made:
            made[key] = make(cloud, service)
        return made[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BotoCloud, "_make", shared)
        yield


@pytest.fixture(scope="module")
def module_lab():
    with Lab() as lab:
        yield lab


@pytest.fixture
def lab(module_lab, monkeypatch):
    module_lab.reset()
    for name in FORBIDDEN:
        monkeypatch.delenv(name, raising=False)
    for name, value in environment(module_lab.endpoint).items():
        monkeypatch.setenv(name, value)
    return module_lab


@pytest.fixture
def ringwall(capsys, monkeypatch, tmp_path):
    """Run a command in an empty folder; return its exit code and what it printed."""
    monkeypatch.chdir(tmp_path)

    def call(*words):
        capsys.readouterr()
        code = run([str(word) for word in words])
        captured = capsys.readouterr()
        return Ended(code, captured.out, captured.err)

    return call


@pytest.fixture
def minimal(tmp_path):
    path = tmp_path / "blueprint.yaml"
    path.write_text((EXAMPLES / "minimal.yaml").read_text())
    return path


@pytest.fixture
def ec2(lab):
    return boto3.client("ec2", region_name="us-east-1", endpoint_url=lab.endpoint)


@pytest.fixture
def mailbox(lab):
    """A topic of the lab, and what takes out the messages that a queue has of it."""
    sns, sqs = (
        boto3.client(name, "us-east-1", endpoint_url=lab.endpoint) for name in ("sns", "sqs")
    )
    topic = sns.create_topic(Name="told")["TopicArn"]
    queue = sqs.create_queue(QueueName="told")["QueueUrl"]
    wanted = {"QueueUrl": queue, "AttributeNames": ["QueueArn"]}
    arn = sqs.get_queue_attributes(**wanted)["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)

    def messages():
        found = []
        while got := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
            for each in got:
                found.append(json.loads(each["Body"]))
                sqs.delete_message(QueueUrl=queue, ReceiptHandle=each["ReceiptHandle"])
        return found

    return topic, messages
