"""The files are as AWS writes them."""

import gzip
import re
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from tests.lab.traffic.reading import FULL, TRANSIT, V2, files
from tests.lab.traffic.worlds import World, made

HEADER_OF = {"vpc": FULL, "tgw": TRANSIT}


@pytest.mark.parametrize("kind", ["vpc", "tgw"])
def test_each_file_begins_with_the_header(fortress: World, kind: str) -> None:
    for path in files(fortress.folder / "logs" / kind):
        assert gzip.decompress(path.read_bytes()).decode().split("\n")[0] == HEADER_OF[kind]


def test_keys_are_laid_out_as_in_s3(fortress: World) -> None:
    """VPC guide, flow log files: bucket, prefix, AWSLogs, account, vpcflowlogs, region, date."""
    name = re.compile(
        r"vpc/AWSLogs/(\d{12})/vpcflowlogs/us-east-1/(\d{4})/(\d\d)/(\d\d)/"
        r"\1_vpcflowlogs_us-east-1_fl-[0-9a-f]{17}_\2\3\4T\d\d\d[05]Z_[0-9a-f]{8}\.log\.gz"
    )
    found = files(fortress.folder / "logs" / "vpc")
    assert len(found) > 250
    for path in found:
        assert name.fullmatch(path.relative_to(fortress.folder / "logs").as_posix())


def test_a_record_of_two_has_fourteen_fields(tmp_path: Path) -> None:
    world = made(tmp_path, version=2, hours=1)
    assert {" ".join(r) for r in world.every_flow} == {V2}
    assert {r["version"] for r in world.every_flow} == {"2"}


def test_folders_may_be_named_as_hive_does(tmp_path: Path) -> None:
    world = made(tmp_path, hive=True, hourly=True, hours=1)
    keys = {
        p.parent.relative_to(tmp_path / "logs" / "vpc").as_posix()
        for p in files(tmp_path / "logs" / "vpc")
    }
    head = "AWSLogs/aws-account-id=111122223333/aws-service=vpcflowlogs/aws-region=us-east-1"
    assert f"{head}/year=2026/month=03/day=02/hour=00" in keys
    assert world.flow


def test_a_silent_window_has_no_value_in_eight_fields_of_fourteen(tmp_path: Path) -> None:
    """VPC guide, example: `2 123456789010 eni-… - - - - - - - 1431280876 1431280934 - NODATA`."""
    world = made(tmp_path, version=2, hours=1)
    silent = [r for r in world.every_flow if r["log-status"] == "NODATA"]
    assert silent
    for record in silent:
        assert [name for name, value in record.items() if value is None] == [
            *("srcaddr", "dstaddr", "srcport", "dstport", "protocol", "packets", "bytes"),
            "action",
        ]


def test_an_interface_logs_data_or_silence_in_every_window(tmp_path: Path) -> None:
    world = made(tmp_path, hours=1)
    quiet = {r["interface-id"] for r in world.every_flow if r["log-status"] == "NODATA"}
    one = next(iter(sorted(quiet)))
    windows = sorted(r["start"] for r in world.every_flow if r["interface-id"] == one)
    assert max(b - a for a, b in pairwise(windows)) <= 120


def test_windows_are_as_long_as_the_flow_log_says_but_for_nitro(tmp_path: Path) -> None:
    """VPC guide: on a Nitro-based instance "always 1 minute or less"."""
    world = made(tmp_path, hours=2, aggregation=600, scale=0.2)
    longest: dict[str, int] = {}
    serving = set()
    for record in world.flow:
        name = record["interface-id"]
        longest[name] = max(longest.get(name, 0), record["end"] - record["start"])
        if record["instance-id"] is None:
            serving.add(name)
    assert max(longest.values()) < 600
    assert max(longest[name] for name in serving) < 60
    others = [seconds for name, seconds in longest.items() if name not in serving]
    assert {seconds >= 60 for seconds in others} == {True, False}


def test_what_is_lost_says_so_and_is_in_the_truth(fortress: World) -> None:
    lost = sorted(
        (r["interface-id"], r["start"])
        for r in fortress.every_flow
        if r["log-status"] == "SKIPDATA"
    )
    assert lost == sorted((s["interface"], s["start"]) for s in fortress.truth["skipped"])
    assert lost


def test_late_files_are_hours_late_and_in_the_truth(fortress: World) -> None:
    assert fortress.truth["late"]
    for name in fortress.truth["late"]:
        path = fortress.folder / "logs" / name
        named = re.search(r"_(\d{8}T\d{4})Z_", path.name)
        assert named is not None
        header = gzip.decompress(path.read_bytes()).decode().splitlines()
        ends = [int(line.split(" ")[11]) for line in header[1:] if "vpc/" in name]
        named_at = datetime.strptime(named[1], "%Y%m%dT%H%M").replace(tzinfo=UTC).timestamp()
        assert all(named_at - end > 3_000 for end in ends)


def test_lines_are_counted(fortress: World) -> None:
    counted = {
        "flow": len(fortress.every_flow),
        "transit": len(fortress.transit),
        "queries": len(fortress.queries),
        "nodata": sum(r["log-status"] == "NODATA" for r in fortress.every_flow),
    }
    assert fortress.truth["lines"] == counted


def test_query_logs_are_json_lines_of_version_one_one(fortress: World) -> None:
    assert {q["version"] for q in fortress.queries} == {"1.100000"}
    for query in fortress.queries[:500]:
        assert query["query_name"].endswith(".")
        assert isinstance(query["srcport"], str)
        assert query["query_class"] == "IN"
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", query["query_timestamp"])
        assert query["srcids"]["instance"].startswith("i-0")


def test_a_file_holds_what_ended_in_its_five_minutes(fortress: World) -> None:
    late = set(fortress.truth["late"])
    for path in files(fortress.folder / "logs" / "vpc")[::97]:
        if path.relative_to(fortress.folder / "logs").as_posix() in late:
            continue
        match = re.search(r"_\d{6}(\d\d)T(\d\d)(\d\d)Z_", path.name)
        assert match is not None
        day, hour, minute = (int(part) for part in match.groups())
        moment = 1_772_409_600 + ((day - 2) * 24 + hour) * 3600 + minute * 60
        for record in _of(path):
            assert moment - 300 - 60 <= record <= moment


def _of(path: Path) -> list[int]:
    lines = gzip.decompress(path.read_bytes()).decode().splitlines()[1:]
    return [int(line.split(" ")[11]) for line in lines]


def test_packets_have_sizes_that_packets_have(fortress: World) -> None:
    """From an IPv4 header with eight bytes of UDP to a jumbo frame (EC2 guide, MTU of 9,001)."""
    sizes = [r["bytes"] / r["packets"] for r in (*fortress.flow, *fortress.transit)]
    assert 28 <= min(sizes) <= max(sizes) <= 9_001
    assert min(r["packets"] for r in fortress.flow) == 1
