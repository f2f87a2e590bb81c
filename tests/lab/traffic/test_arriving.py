"""Made logs reach the destinations of a lab's flow logs as AWS delivers them, and no others."""

import gzip
import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ringwall.app.traffic_delivering import deliver_traffic
from ringwall.app.workspace import CloudSettings
from ringwall.cli.main import run
from ringwall.errors import InputError
from ringwall.lab.server import Lab
from ringwall.traffic.stamps import stamp_of

FORMAT = "${start} ${interface-id} ${srcaddr} ${action} ${vpc-id} ${bytes}"


@pytest.fixture
def vpc(lab: Lab, ec2: Any, client: Any, monkeypatch: pytest.MonkeyPatch) -> str:
    for name, value in lab.environment.items():
        monkeypatch.setenv(name, value)
    vpc: str = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")
    client("logs").create_log_group(logGroupName="flow")
    client("s3").create_bucket(Bucket="lake")
    return vpc


@pytest.fixture
def day(lab: Lab, vpc: str, tmp_path: Path) -> Path:
    start = f"{lab.now:%Y-%m-%dT%H:00Z}"
    words = ("lab", "traffic", "aws", "--start", start, "--hours", "1", "-q", "-o", tmp_path / "d")
    assert run([str(word) for word in words]) == 0
    return tmp_path / "d"


def log(ec2: Any, vpc: str, **more: Any) -> None:
    made = ec2.create_flow_logs(
        ResourceIds=[vpc], ResourceType="VPC", LogFormat=FORMAT, MaxAggregationInterval=60, **more
    )
    assert made["Unsuccessful"] == []


def events(client: Any) -> list[dict[str, Any]]:
    pages = client("logs").get_paginator("filter_log_events").paginate(logGroupName="flow")
    return [event for page in pages for event in page["events"]]


def test_records_go_where_the_flow_log_of_their_vpc_goes(
    lab: Lab, ec2: Any, client: Any, vpc: str, day: Path
) -> None:
    role = "arn:aws:iam::123456789012:role/logs"
    log(ec2, vpc, TrafficType="ALL", LogGroupName="flow", DeliverLogsPermissionArn=role)
    log(
        ec2, vpc, TrafficType="REJECT", LogDestinationType="s3",
        LogDestination="arn:aws:s3:::lake/deep/",
    )  # fmt: skip
    files = sorted((day / "logs" / "vpc").rglob("*.log.gz"))
    done = deliver_traffic(str(day), CloudSettings())
    arrived = events(client)
    made = [line for path in files for line in gzip.decompress(path.read_bytes()).splitlines()]
    own = [line for line in made if vpc.encode() in line.split()]
    assert 0 < len(arrived) == len(own) < len(made), "the default VPC has no flow log"
    assert done.files == len(files)
    for event in arrived:
        start, interface, _, _, there, _ = event["message"].split(" ")
        assert event["timestamp"] == int(start) * 1000
        assert event["logStreamName"] == f"{interface}-all"
        assert there == vpc
    last = max(stamp for path in files if (stamp := stamp_of(path.name)))
    assert lab.now.timestamp() >= last
    keys = [each["Key"] for each in client("s3").list_objects_v2(Bucket="lake")["Contents"]]
    root = day / "logs" / "vpc"
    with_own = [p for p in files if vpc.encode() in gzip.decompress(p.read_bytes())]
    assert sorted(keys) == sorted(f"deep/{p.relative_to(root).as_posix()}" for p in with_own)
    rejected = 0
    for key in keys:
        body = client("s3").get_object(Bucket="lake", Key=key)["Body"].read()
        header, *lines = gzip.decompress(body).decode().splitlines()
        assert header == "start interface-id srcaddr action vpc-id bytes"
        assert {line.split(" ")[3] for line in lines} <= {"REJECT", "-"}
        rejected += len(lines)
    wanted = [e for e in arrived if e["message"].split(" ")[3] in {"REJECT", "-"}]
    assert rejected == len(wanted)
    assert done.records == len(arrived) + rejected


def test_what_comes_late_or_twice_is_told(
    lab: Lab, ec2: Any, vpc: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    role = "arn:aws:iam::123456789012:role/logs"
    log(ec2, vpc, TrafficType="ALL", LogGroupName="flow", DeliverLogsPermissionArn=role)
    start = f"{lab.now + timedelta(hours=1):%Y-%m-%dT%H:00Z}"
    made = ("lab", "traffic", "aws", "--start", start, "--hours", "1", "-q", "-o", str(tmp_path))
    assert run(list(made)) == 0
    late = len(json.loads((tmp_path / "truth.json").read_text())["late"])
    stamps = {stamp_of(path.name) or 0: path for path in (tmp_path / "logs").rglob("*.log.gz")}
    first = min(stamps)
    moved = f"_{datetime.fromtimestamp(first + 7200, UTC):%Y%m%dT%H%MZ}_"
    path = stamps[first]
    path.rename(path.with_name(re.sub(r"_\d{8}T\d{4}Z_", moved, path.name)))
    once = deliver_traffic(str(tmp_path), CloudSettings())
    assert (once.late, once.past) == (late + 1, 0)
    assert run(["lab", "deliver", str(tmp_path)]) == 0
    said = f"{once.files} of them are of the lab's past"
    assert said in capsys.readouterr().err


def test_what_has_no_place_to_go_is_told(lab: Lab, vpc: str, day: Path, tmp_path: Path) -> None:
    for folder, endpoint, said in (
        (day, "", "no VPC of this lab has a flow log"),
        (tmp_path / "no", "", "there are no flow logs of VPCs"),
        (day, "https://ec2.us-east-1.amazonaws.com", "it is not on this machine"),
    ):
        with pytest.raises(InputError, match=said):
            deliver_traffic(str(folder), CloudSettings("", endpoint))


def test_records_of_other_vpcs_are_not_delivered(lab: Lab, ec2: Any, vpc: str, day: Path) -> None:
    other = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    role = "arn:aws:iam::123456789012:role/logs"
    log(ec2, other, TrafficType="ALL", LogGroupName="flow", DeliverLogsPermissionArn=role)
    with pytest.raises(InputError, match="none of the records"):
        deliver_traffic(str(day), CloudSettings())
