"""Logs in S3 and in CloudWatch Logs, on the lab."""

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from botocore.exceptions import IncompleteReadError

from ringwall.app.ingesting import exit_code
from ringwall.errors import CloudError, InputError
from ringwall.shell.clock import SystemClock
from ringwall.shell.store.buckets import s3_sources
from ringwall.shell.store.fetching import fetched
from ringwall.shell.store.group_events import layout_of
from ringwall.shell.store.groups import NEAR, missing, read_group
from ringwall.shell.store.ingesting import Ingest, Report
from ringwall.shell.store.sources import Source
from ringwall.shell.store.store import Store
from ringwall.traffic.fields import DEFAULT_FLOW
from ringwall.traffic.parsers import PYTHON
from tests.shell.store.conftest import Place
from tests.shell.store.test_queries import QUERY
from tests.traffic.records import header

V2 = header(DEFAULT_FLOW)
RECORD = "2 123456789012 eni-0a 10.0.0.1 10.0.0.2 {} 443 6 10 840 {} {} ACCEPT OK"
ROOT = "team/AWSLogs/123456789012/vpcflowlogs/us-east-1"
HIVE = "hive/AWSLogs/aws-account-id=123456789012/aws-service=vpcflowlogs/aws-region=us-east-1"
HOURS = (1_764_000_000, 1_764_003_600)  # 2025-11-24 16:00 to 17:00, in UTC


def record(port: int, time: int = HOURS[0]) -> str:
    return RECORD.format(port, time, time + 60)


def key(time: int, number: int, *, hive: bool = False, hourly: bool = False) -> str:
    moment = datetime.fromtimestamp(time, UTC)
    folder = f"{ROOT}/{moment:%Y/%m/%d}"
    if hive:
        folder = f"{HIVE}/year={moment:%Y}/month={moment:%m}/day={moment:%d}"
    if hourly:
        folder += f"/hour={moment:%H}" if hive else f"/{moment:%H}"
    stamp = f"{moment:%Y%m%dT%H%MZ}"
    return f"{folder}/123456789012_vpcflowlogs_us-east-1_fl-0a_{stamp}_{number:08x}.log.gz"


@pytest.fixture
def bucket(cloud):
    cloud.call("s3", "create_bucket", {"Bucket": "logs"})

    def put(name: str, *lines: str) -> None:
        body = gzip.compress("\n".join([V2, *lines, ""]).encode())
        cloud.call("s3", "put_object", {"Bucket": "logs", "Key": name, "Body": body})

    return put


def ingest(place: Place, cloud, *texts: str, hours=(None, None)) -> Report:
    with (
        Store(place.store, create=True) as store,
        Ingest(store, PYTHON, SystemClock()) as run,
    ):
        for text in texts:
            if text.startswith("logs:"):
                read_group(text, hours, cloud, run)
            else:
                run.read(s3_sources(text, hours, cloud))
    return run.report


@pytest.mark.parametrize("hive", [False, True])
@pytest.mark.parametrize("hourly", [False, True])
def test_only_the_hours_asked_for_are_fetched(place: Place, cloud, bucket, lab, hive, hourly):
    times = [HOURS[0] + n * 3600 for n in (-30, -2, 0, 1, 2, 30)]
    for n, time in enumerate(times):
        bucket(key(time + 300, n, hive=hive, hourly=hourly), record(n, time))
    calls = len(lab.calls)
    report = ingest(place, cloud, "s3://logs/", hours=HOURS)
    # The file of the hour, and that of the next, which may have late records.
    assert sorted(row["srcport"] for row in place.rows()) == [2, 3]
    made = [operation for _, operation, _ in list(lab.calls)[calls:]]
    assert (report.read, made.count("GetObject")) == (2, 2)
    assert made.count("ListObjectsV2") == 9


def test_an_object_is_read_once(place: Place, cloud, bucket):
    for n in range(40):
        bucket(f"any/{n:02}.log.gz", record(n))
    first = ingest(place, cloud, "s3://logs/any/")
    bucket("any/late.log.gz", record(40))
    second = ingest(place, cloud, "s3://logs/any/")
    assert (first.read, second.read, second.known) == (40, 1, 40)
    assert sorted(row["srcport"] for row in place.rows()) == list(range(41))


def test_an_object_may_be_named(place: Place, cloud, bucket):
    bucket("one.log.gz", record(1))
    assert ingest(place, cloud, "s3://logs/one.log.gz").records == 1


def test_an_object_that_is_refused_is_told_and_the_rest_goes_in(place: Place, cloud, bucket):
    class Refusing:
        account, region, endpoint, paginate = cloud.account, cloud.region, cloud.endpoint, None

        def call(self, service, operation, request):
            if request.get("Key") == "any/1.log.gz":
                raise CloudError("s3:GetObject", "AccessDenied", "no")
            return cloud.call(service, operation, request)

    for n in range(3):
        bucket(f"any/{n}.log.gz", record(n))
    report = ingest(place, Refusing(), "s3://logs/any/")
    assert report.unreadable == [("s3://logs/any/1.log.gz", "s3:GetObject: AccessDenied: no")]
    assert exit_code(report) == 4
    assert sorted(row["srcport"] for row in place.rows()) == [0, 2]
    assert ingest(place, cloud, "s3://logs/any/").read == 1
    assert sorted(row["srcport"] for row in place.rows()) == [0, 1, 2]


def test_an_object_whose_connection_is_cut_is_fetched_again(place: Place, cloud, bucket):
    class Cutting:
        account, region, endpoint, paginate = cloud.account, cloud.region, cloud.endpoint, None
        cuts = 0

        def call(self, service, operation, request):
            answer = cloud.call(service, operation, request)
            if operation == "get_object" and not self.cuts:
                self.cuts += 1
                answer["Body"] = Cut()
            return answer

    class Cut:
        def read(self, _):
            raise IncompleteReadError(actual_bytes=1, expected_bytes=2)

        def close(self):
            return None

    bucket("any/0.log.gz", record(7))
    cutting = Cutting()
    assert ingest(place, cutting, "s3://logs/any/").records == 1
    assert cutting.cuts == 1


def test_a_bucket_that_is_not_there_is_an_error_of_the_cloud(place: Place, cloud):
    with pytest.raises(CloudError, match="NoSuchBucket"):
        ingest(place, cloud, "s3://nowhere/")
    with pytest.raises(InputError, match="names no bucket"):
        ingest(place, cloud, "s3:///x")


def test_sources_are_opened_ahead_and_given_in_their_order(tmp_path: Path):
    opened = []

    def source(n: int) -> Source:
        path = tmp_path / str(n)
        path.write_bytes(b"x")

        def open_it():
            opened.append(n)
            return path.open("rb")

        return Source(str(n), 1, "", open_it, remote=True)

    names = []
    for each in fetched((source(n) for n in range(50)), lambda s: s.name == "7"):
        with each.open():
            names.append(int(each.name))
    assert names == list(range(50))
    assert sorted(opened) == list(range(50))


@pytest.fixture
def group(cloud):
    cloud.call("logs", "create_log_group", {"logGroupName": "/flow/all"})
    cloud.call(
        "logs", "create_log_stream", {"logGroupName": "/flow/all", "logStreamName": "eni-0a-all"}
    )

    def put(*events: tuple[int, str]) -> None:
        cloud.call(
            "logs",
            "put_log_events",
            {
                "logGroupName": "/flow/all",
                "logStreamName": "eni-0a-all",
                "logEvents": [{"timestamp": time * 1000, "message": text} for time, text in events],
            },
        )

    return put


def flow_log(cloud, log_format: str) -> None:
    vpc = cloud.call("ec2", "create_vpc", {"CidrBlock": "10.0.0.0/16"})["Vpc"]["VpcId"]
    made = cloud.call(
        "ec2",
        "create_flow_logs",
        {
            "ResourceIds": [vpc],
            "ResourceType": "VPC",
            "TrafficType": "ALL",
            "LogGroupName": "/flow/all",
            "DeliverLogsPermissionArn": "arn:aws:iam::123456789012:role/logs",
            "LogFormat": log_format,
        },
    )
    assert made["FlowLogIds"]


NOW = int(datetime.now(UTC).timestamp()) // 3600 * 3600 - 7200  # noqa: TID251  (events must be new)


def test_events_have_the_format_of_their_flow_log(place: Place, cloud, group):
    flow_log(cloud, "${dstport} ${start} ${srcaddr} ${action}")
    group((NOW, f"22 {NOW} 10.0.0.9 REJECT"), (NOW + 1, "damaged"))
    report = ingest(place, cloud, "logs:/flow/all")
    assert (report.records, report.aside) == (1, {"integer": 1})
    assert [(row["dstport"], row["accepted"]) for row in place.rows()] == [(22, 0)]


def test_an_event_is_read_once_and_a_late_one_too(place: Place, cloud, group):
    group(*((NOW + n, record(n, NOW + n)) for n in range(20)))
    assert ingest(place, cloud, "logs:/flow/all").records == 20
    group((NOW + 5, record(100, NOW + 5)), (NOW + 30, record(101, NOW + 30)))
    hours = (NOW, NOW + 3600)
    for _ in range(2):
        ingest(place, cloud, "logs:/flow/all", hours=hours)
        ingest(place, cloud, "logs:/flow/all")
    ports = sorted(row["srcport"] for row in place.rows())
    assert ports[:20] == list(range(20))
    assert len(ports) == len(set(ports))


def test_events_without_a_time_of_their_own_have_the_events(place: Place, cloud, group):
    flow_log(cloud, "${srcaddr} ${dstport}")
    group((NOW, "10.0.0.1 1"), (NOW + 60, "10.0.0.1 2"))
    ingest(place, cloud, "logs:/flow/all")
    assert sorted((r["start"], r["dstport"]) for r in place.rows()) == [(NOW, 1), (NOW + 60, 2)]


def test_flow_logs_of_two_formats_are_an_ambiguity(cloud, group):
    flow_log(cloud, "${srcaddr} ${dstport} ${start}")
    flow_log(cloud, "${dstaddr} ${dstport} ${start}")
    with pytest.raises(InputError, match="2 formats write to the log group"):
        layout_of(cloud, "/flow/all")


def test_a_group_of_queries_is_told_by_its_events(place: Place, cloud, group):
    group((NOW, json.dumps(QUERY)))
    assert ingest(place, cloud, "logs:/flow/all").records == 1
    assert [row["query_name"] for row in place.rows("dns")] == ["www.example.com"]


def test_a_group_that_is_not_there_is_an_error_of_the_cloud(place: Place, cloud):
    with pytest.raises(CloudError, match="ResourceNotFound"):
        ingest(place, cloud, "logs:/nowhere")


@pytest.mark.parametrize(
    ("spans", "asked"),
    [
        ([], [(0, 9 * NEAR)]),
        ([(2 * NEAR, 5 * NEAR)], [(0, 2 * NEAR), (4 * NEAR, 9 * NEAR)]),
        ([(0, 9 * NEAR)], [(8 * NEAR, 9 * NEAR)]),
        ([(0, NEAR), (3 * NEAR, 5 * NEAR)], [(NEAR, 3 * NEAR), (4 * NEAR, 9 * NEAR)]),
        ([(0, 20 * NEAR)], []),
        ([(12 * NEAR, 20 * NEAR)], [(0, 9 * NEAR)]),
    ],
)
def test_what_was_read_of_a_group_is_not_asked_again_but_for_the_last_hour(spans, asked):
    assert list(missing(0, 9 * NEAR, spans, NEAR)) == asked
