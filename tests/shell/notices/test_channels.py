"""Notices reach topics, webhooks, Security Hub and buckets, and what fails says only where."""

import datetime
import ipaddress
import json
import ssl
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from ringwall.errors import CloudError, InputError, OutsideError
from ringwall.playbooks.records import IncidentState
from ringwall.shell.clock import SystemClock
from ringwall.shell.notices.channels import Findings, SecurityHub, Topic
from ringwall.shell.notices.telling import Teller
from ringwall.shell.notices.webhook import TRIES, Webhook
from tests.fakes.clock import FakeClock
from tests.shell.notices.told import ACTION, IN_FORCE, INCIDENT, PROPOSED, WHERE, notice

PATH = "/services/T000/B000/a-secret-that-opens-a-channel"


class Fake:
    """An AWS that answers as it is told, and keeps what it was asked."""

    account, region, endpoint = "123456789012", "eu-central-1", ""

    def __init__(self, **answers):
        self.answers = answers
        self.asked = []

    def call(self, service, operation, request):
        self.asked.append((service, operation, request))
        answer = self.answers.get(operation, {})
        if isinstance(answer, Exception):
            raise answer
        return answer

    def paginate(self, service, operation, request, items_path):
        raise NotImplementedError


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate of 127.0.0.1 and its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "here")])
    now = SystemClock().now()
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "here.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


class Server:
    """A webhook's server on this machine, which answers with the statuses it is given."""

    def __init__(self, certificate):
        self.statuses = [200]
        self.got: list[tuple[str, dict[str, str]]] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                outer.got.append((self.path, json.loads(body)))
                status = outer.statuses.pop(0) if len(outer.statuses) > 1 else outer.statuses[0]
                self.send_response(status)
                if status in {301, 302, 307, 308}:
                    self.send_header("Location", "https://elsewhere.example/")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def address(self):
        return f"https://127.0.0.1:{self.server.server_port}{PATH}"

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def server(certificate):
    running = Server(certificate)
    yield running
    running.close()


@pytest.fixture
def trusted(certificate):
    return ssl.create_default_context(cafile=str(certificate))


def webhook(address, trusted=None, place="ssm:/ringwall/webhook"):
    cloud = Fake(
        get_parameter={"Parameter": {"Value": address}}, get_secret_value={"SecretString": address}
    )
    return Webhook(cloud, place, FakeClock(), trusted)


@pytest.mark.parametrize("scheme", ["http", "HTTP"])
def test_an_address_without_encryption_is_named_as_that_without_telling_it(scheme):
    with pytest.raises(InputError, match="begins with http://, and webhooks") as caught:
        webhook(f"{scheme}://hooks.example/T0/secret").send(notice())
    assert "https://" in caught.value.hint
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("place", ["ssm:/ringwall/webhook", "secretsmanager:ringwall"])
def test_a_webhook_gets_the_five_lines(server, trusted, place):
    hook = webhook(server.address, trusted, place)
    hook.send(notice(title="<!channel> & more"))
    [(path, body)] = server.got
    assert path == PATH
    first, *lines = body["text"].split("\n")
    assert first.startswith("*[shop] proposed: RW505")
    assert len(lines) == 5
    assert "&lt;!channel&gt; &amp; more" in body["text"]
    assert hook.cloud.asked[0][2].get("WithDecryption", True) is True


def test_what_may_pass_is_tried_again_a_few_times(server, trusted):
    server.statuses = [503, 429, 200]
    hook = webhook(server.address, trusted)
    hook.send(notice())
    assert (len(server.got), hook.clock.sleeps) == (3, [1.0, 2.0])


@pytest.mark.parametrize(
    ("statuses", "times", "why"),
    [([500], TRIES, "status 500"), ([404], 1, "status 404"), ([302], 1, "status 302")],
)
def test_what_fails_says_where_and_not_the_address(server, trusted, statuses, times, why):
    server.statuses = statuses
    with pytest.raises(OutsideError, match=why) as caught:
        webhook(server.address, trusted).send(notice())
    assert len(server.got) == times
    assert_silent(caught.value)


def assert_silent(error):
    while error is not None:
        for text in (str(error), repr(error), getattr(error, "hint", "")):
            assert PATH not in text
            assert "a-secret" not in text
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


@pytest.mark.parametrize(
    "address",
    [
        "",
        f"http://127.0.0.1{PATH}",
        f"https://{PATH}",
        f"https://127.0.0.1:99999{PATH}",
        f"https://127.0.0.1:0{PATH}",
        f"https://[::1{PATH}",
        f"https://127.0.0.1{PATH} x",
        f"https://127.0.0.1{PATH}\r\nX-Evil: 1",
        f"https://127.0.0.1{PATH}ü",
        f"https://127.0.0.1{PATH}{'x' * 3000}",
        f"file://{PATH}",
    ],
)
def test_what_is_no_address_is_not_called_and_not_told(address):
    with pytest.raises(InputError, match="what ssm:/ringwall/webhook holds") as caught:
        webhook(address).send(notice())
    assert_silent(caught.value)


def test_a_server_that_is_not_trusted_or_not_there_is_told_in_a_word(server):
    with pytest.raises(OutsideError, match="no answer \\(SSL") as caught:
        webhook(server.address).send(notice())
    assert_silent(caught.value)
    assert server.got == []
    with pytest.raises(OutsideError, match="no answer \\(ConnectionRefused") as caught:
        webhook(f"https://127.0.0.1:1{PATH}").send(notice())
    assert_silent(caught.value)


def test_an_address_is_taken_by_name_alone(server, trusted):
    with pytest.raises(InputError, match="by name") as caught:
        webhook("", trusted, place=server.address).send(notice())
    assert_silent(caught.value)


def test_a_topic_of_the_lab_gets_the_five_lines(lab, cloud):
    arn = cloud.call("sns", "create_topic", {"Name": "alarms"})["TopicArn"]
    queue = cloud.call("sqs", "create_queue", {"QueueName": "told"})["QueueUrl"]
    attributes = {"QueueUrl": queue, "AttributeNames": ["QueueArn"]}
    queue_arn = cloud.call("sqs", "get_queue_attributes", attributes)["Attributes"]["QueueArn"]
    cloud.call("sns", "subscribe", {"TopicArn": arn, "Protocol": "sqs", "Endpoint": queue_arn})
    Topic(cloud, arn).send(notice(title="naïve → title"))
    [got] = cloud.call("sqs", "receive_message", {"QueueUrl": queue})["Messages"]
    body = json.loads(got["Body"])
    assert body["Message"].splitlines()[0].startswith("What happened: naïve → title")
    assert body["Subject"].isascii()
    assert body["MessageAttributes"]["state"]["Value"] == "proposed"
    with pytest.raises(CloudError, match="NotFound"):
        Topic(cloud, f"{arn}-gone").send(notice())


def test_security_hub_of_the_lab_keeps_one_finding_of_an_incident(lab, cloud):
    cloud.call("securityhub", "enable_security_hub", {})
    hub = SecurityHub(cloud)
    hub.send(notice())
    hub.send(notice())
    findings = cloud.call("securityhub", "get_findings", {})["Findings"]
    assert {each["Id"] for each in findings} == {"ringwall/shop/s1-1"}
    assert findings[0]["Workflow"] == {"Status": "NEW"}


def test_the_status_of_a_finding_follows_the_incident():
    cloud = Fake()
    for state, actions in (
        (IncidentState.PROPOSED, (ACTION,)),
        (IncidentState.IN_FORCE, (IN_FORCE,)),
        (IncidentState.CLOSED, (ACTION,)),
    ):
        SecurityHub(cloud).send(notice(state, actions))
    assert [operation for _, operation, _ in cloud.asked] == [
        "batch_import_findings",
        "batch_import_findings",
        "batch_update_findings",
        "batch_import_findings",
        "batch_update_findings",
    ]
    statuses = [r["Workflow"]["Status"] for _, o, r in cloud.asked if o == "batch_update_findings"]
    assert statuses == ["NOTIFIED", "RESOLVED"]


@pytest.mark.parametrize(
    ("answers", "state"),
    [
        (
            {"batch_import_findings": {"FailedFindings": [{"ErrorCode": "InvalidInput"}]}},
            IncidentState.PROPOSED,
        ),
        (
            {"batch_update_findings": {"UnprocessedFindings": [{"ErrorCode": "InvalidInput"}]}},
            IncidentState.CLOSED,
        ),
    ],
)
def test_a_finding_that_was_not_taken_is_an_error(answers, state):
    with pytest.raises(OutsideError, match="InvalidInput"):
        SecurityHub(Fake(**answers)).send(notice(state))


def test_findings_in_a_bucket_are_created_updated_and_closed(lab, cloud):
    cloud.call("s3", "create_bucket", {"Bucket": "lake"})
    channel = Findings(cloud, "s3://lake/ringwall/", "1.0")
    life = (IncidentState.PROPOSED, IncidentState.IN_FORCE, IncidentState.CLOSED)
    for state in life:
        channel.send(notice(state))
    listed = cloud.call("s3", "list_objects_v2", {"Bucket": "lake"})["Contents"]
    assert {each["Key"].rpartition("/")[0] for each in listed} == {"ringwall/s1-1"}
    found = [
        json.loads(
            cloud.call("s3", "get_object", {"Bucket": "lake", "Key": o["Key"]})["Body"].read()
        )
        for o in listed
    ]
    assert sorted(each["activity_id"] for each in found) == [1, 2, 3]
    with pytest.raises(InputError, match="names no bucket"):
        Findings(cloud, "lake/ringwall", "1.0").send(notice())


class Broken:
    name = "broken"

    def __init__(self, error):
        self.error = error

    def send(self, notice):
        raise self.error


class Kept:
    name = "kept"

    def __init__(self):
        self.notices = []

    def send(self, notice):
        self.notices.append(notice)


def test_every_channel_is_tried_and_those_that_fail_are_told_without_words_of_others():
    kept = Kept()
    broken = (Broken(OutsideError("no answer")), Broken(ValueError(f"https://x{PATH}")))
    with pytest.raises(OutsideError) as caught:
        Teller(WHERE, (*broken, kept))(INCIDENT, (ACTION,), PROPOSED)
    assert caught.value.message == "broken: no answer; broken: ValueError"
    assert_silent(caught.value)
    assert [each.incident for each in kept.notices] == [INCIDENT]
