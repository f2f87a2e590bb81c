"""The names of log files and folders against the hours asked for."""

from datetime import UTC, datetime

import pytest

from ringwall.traffic.stamps import in_hours, span_of, stamp_of

ROOT = "logs/2019/AWSLogs/123456789012/vpcflowlogs/us-east-1"
HIVE = "logs/AWSLogs/aws-account-id=123456789012/aws-service=vpcflowlogs/aws-region=us-east-1"
FILE = "123456789012_vpcflowlogs_us-east-1_fl-0a1b_20261125T1005Z_0a1b2c3d.log.gz"


def at(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> int:
    return int(datetime(year, month, day, hour, minute, second, tzinfo=UTC).timestamp())


def test_a_file_has_its_time_in_its_name():
    assert stamp_of(f"{ROOT}/2026/11/25/{FILE}") == at(2026, 11, 25, 10, 5)
    assert stamp_of("a.log.gz") is None
    assert stamp_of(FILE.replace("1125T", "1399T")) is None


@pytest.mark.parametrize(
    ("folder", "span"),
    [
        (f"{ROOT}/2026/", (at(2026, 1, 1), at(2027, 1, 1))),
        (f"{ROOT}/2026/12/", (at(2026, 12, 1), at(2027, 1, 1))),
        (f"{ROOT}/2026/12/31/", (at(2026, 12, 31), at(2027, 1, 1))),
        (f"{ROOT}/2026/12/31/23/", (at(2026, 12, 31, 23), at(2027, 1, 1))),
        (f"{HIVE}/year=2026/", (at(2026, 1, 1), at(2027, 1, 1))),
        (f"{HIVE}/year=2026/month=02/", (at(2026, 2, 1), at(2026, 3, 1))),
        (f"{HIVE}/year=2026/month=11/day=25/", (at(2026, 11, 25), at(2026, 11, 26))),
        (f"{HIVE}/year=2026/month=11/day=25/hour=9/", (at(2026, 11, 25), at(2026, 11, 26))),
        (
            f"{HIVE}/year=2026/month=11/day=25/hour=10/",
            (at(2026, 11, 25, 10), at(2026, 11, 25, 11)),
        ),
        (f"{ROOT}/", None),
        (f"{ROOT}/9999/12/", (at(9999, 12, 1), at(9999, 12, 1))),
        ("logs/2019/11/", None),
    ],
)  # fmt: skip
def test_a_folder_has_its_hours_in_its_name(folder, span):
    assert span_of(folder) == span


def test_files_and_folders_of_other_hours_are_left_out():
    hours = (at(2026, 11, 25, 10), at(2026, 11, 25, 12))
    for folder, wanted in [
        ("2026/", True), ("2025/", False), ("2026/11/", True), ("2026/10/", False),
        ("2026/11/25/", True), ("2026/11/24/", False), ("2026/11/26/", False),
        ("2026/11/25/09/", True), ("2026/11/25/08/", False), ("2026/11/25/12/", True),
        ("2026/11/25/13/", False),
    ]:  # fmt: skip
        assert in_hours(f"{ROOT}/{folder}", hours) is wanted, folder
    for time, wanted in [("0949", False), ("0950", True), ("1259", True), ("1300", False)]:
        assert in_hours(f"x/{FILE.replace('1005', time)}", hours) is wanted, time
    assert in_hours("x/any.log", hours)
    assert in_hours(f"{ROOT}/2025/{FILE}", (None, None))
