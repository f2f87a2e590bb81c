"""The logs of some hours are summed from wherever they are, within bounds, and lacks are told."""

import gzip
import sys
import threading

import pytest

from ringwall.errors import CloudError, InputError, OutsideError
from ringwall.shell.clock import SystemClock
from ringwall.shell.store.group_events import pages, pages_at_once
from ringwall.shell.window import Bounds, look
from tests.app.responding.logs import HEADER, deliver, knocks, line
from tests.fakes.clock import FakeClock

AT = 1_795_682_400
SCANNER = "198.51.100.7"


def test_files_of_these_hours_are_read_and_records_of_others_are_not(tmp_path):
    deliver(tmp_path, AT + 300, [*knocks(SCANNER, AT), line(SCANNER, "10.0.0.9", 22, AT - 9000)])
    deliver(tmp_path, AT - 86_400, knocks("198.51.100.8", AT - 86_500))
    looked = look(str(tmp_path), AT, AT + 600, SystemClock())
    assert (looked.files, looked.records, looked.is_partial) == (1, 40, False)
    assert int(looked.talks["rejected"].sum()) == 40


def test_what_cannot_be_read_is_told_by_name_and_the_rest_is_read(tmp_path):
    deliver(tmp_path, AT + 300, knocks(SCANNER, AT))
    (tmp_path / "a.txt").write_text("no log at all\n")
    (tmp_path / "b.parquet").write_bytes(b"PAR1....")
    (tmp_path / "c.gz").write_bytes(gzip.compress(f"{HEADER}\n".encode() * 99)[:-9])
    looked = look(str(tmp_path), AT, AT + 600, SystemClock())
    assert looked.records == 40
    assert {name.rpartition("/")[2]: why.partition(":")[0] for name, why in looked.unread} == {
        "a.txt": "it is no log",
        "b.parquet": "it is damaged",
        "c.gz": "from some point on",
    }
    assert looked.is_partial


def test_parquet_is_read_where_pyarrow_is_and_named_where_it_is_not(tmp_path, monkeypatch):
    pa = pytest.importorskip("pyarrow")
    rows = [each.split(" ") for each in knocks(SCANNER, AT)]
    names = [name.replace("-", "_") for name in HEADER.split(" ")]
    columns = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
    pa.parquet.write_table(pa.table(columns), tmp_path / "b.parquet")
    looked = look(str(tmp_path), AT, AT + 600, SystemClock())
    assert (looked.records, looked.is_partial) == (40, False)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    looked = look(str(tmp_path), AT, AT + 600, SystemClock())
    [(name, why)] = looked.unread
    assert (looked.records, looked.is_partial, name.endswith("b.parquet")) == (0, True, True)
    assert "pyarrow, which reads and writes Parquet, is not installed" in why


@pytest.mark.parametrize(
    ("bounds", "why"),
    [
        (Bounds(files=1), "there are more than 1 files"),
        (Bounds(size=1), "there are more than 1 bytes of logs"),
        (Bounds(seconds=-1), "the -1 seconds were over"),
    ],
)
def test_reading_ends_at_its_bounds_and_says_so(tmp_path, bounds, why):
    deliver(tmp_path, AT + 300, knocks(SCANNER, AT))
    deliver(tmp_path, AT + 600, knocks(SCANNER, AT + 300))
    looked = look(str(tmp_path), AT, AT + 900, FakeClock(), bounds=bounds)
    assert looked.stopped == why
    assert looked.is_partial


def test_what_matters_most_is_read_first_and_every_file_once(tmp_path):
    for number in range(5):
        at = AT + 3600 * number
        deliver(tmp_path, at + 300, knocks(f"198.51.100.{number}", at))
    until, focus = AT + 5 * 3600, AT + 4 * 3600
    bounds = Bounds(files=1)
    looked = look(str(tmp_path), AT, until, FakeClock(), bounds=bounds, focus=focus)
    assert int(looked.talks["first"].min()) >= focus
    assert looked.stopped
    whole = look(str(tmp_path), AT, until, FakeClock(), focus=focus)
    assert (whole.files, whole.records, whole.is_partial) == (5, 200, False)


def test_a_place_that_is_none_is_told(tmp_path):
    with pytest.raises(InputError, match="there is no file or folder"):
        look(str(tmp_path / "no"), AT, AT + 1, SystemClock())
    for place in ("s3://logs/", "logs:group"):
        with pytest.raises(OutsideError, match="no account"):
            look(place, AT, AT + 1, SystemClock())


def test_a_bucket_is_read(lab, cloud, tmp_path):
    cloud.call("s3", "create_bucket", {"Bucket": "logs"})
    key = deliver(tmp_path, AT + 300, knocks(SCANNER, AT))
    body = (tmp_path / key).read_bytes()
    cloud.call("s3", "put_object", {"Bucket": "logs", "Key": key, "Body": body})
    looked = look("s3://logs/", AT, AT + 600, SystemClock(), cloud=cloud)
    assert (looked.files, looked.records, looked.size) == (1, 40, len(body))
    with pytest.raises(CloudError, match="NoSuchBucket"):
        look("s3://none/", AT, AT + 600, SystemClock(), cloud=cloud)


@pytest.fixture
def group(lab, cloud):
    cloud.call("logs", "create_log_group", {"logGroupName": "flow"})
    stream = {"logGroupName": "flow", "logStreamName": "eni-0a-all"}
    cloud.call("logs", "create_log_stream", stream)
    return stream


def test_a_log_group_is_read(cloud, group):
    lines = [*knocks("198.51.100.8", AT - 8000), *knocks(SCANNER, AT)]
    events = [{"timestamp": int(each.split()[10]) * 1000, "message": each} for each in lines]
    cloud.call("logs", "put_log_events", {**group, "logEvents": events})
    looked = look("logs:flow", AT, AT + 600, SystemClock(), cloud=cloud)
    assert (looked.records, looked.is_partial) == (40, False)
    both = look("logs:flow", AT - 9000, AT + 600, SystemClock(), cloud=cloud, focus=AT)
    assert both.records == 80
    first = Bounds(files=1)
    part = look(
        "logs:flow", AT - 9000, AT + 600, SystemClock(), cloud=cloud, focus=AT, bounds=first
    )
    assert (part.records, bool(part.stopped)) == (40, True)
    broken = {"timestamp": AT * 1000, "message": lines[-1].replace(" OK", "\nOK")}
    cloud.call("logs", "put_log_events", {**group, "logEvents": [broken]})
    assert look("logs:flow", AT, AT + 600, SystemClock(), cloud=cloud).records == 41
    with pytest.raises(CloudError, match="ResourceNotFound"):
        look("logs:none", AT, AT + 600, SystemClock(), cloud=cloud)


def test_every_event_is_read_once_however_many_parts_are_read_at_once(cloud, group):
    """36,000 events over two hours: some pages a part, and events at the ends of parts."""
    times = [AT + number // 5 for number in range(36_000)]
    told = [{"timestamp": at * 1000, "message": line(SCANNER, "10.0.0.9", 22, AT)} for at in times]
    for begin in range(0, 36_000, 4_000):
        cloud.call("logs", "put_log_events", {**group, "logEvents": told[begin : begin + 4_000]})
    at_once = [
        int(event["eventId"])
        for page in pages_at_once(cloud, "flow", AT * 1000, (AT + 7200) * 1000)
        for event in page
    ]
    one_by_one = [
        int(event["eventId"])
        for page in pages(cloud, "flow", AT * 1000, (AT + 7200) * 1000)
        for event in page
    ]
    assert len(one_by_one) == 36_000
    assert at_once != one_by_one, "in another order"
    assert sorted(at_once) == sorted(one_by_one)
    few = pages_at_once(cloud, "flow", AT * 1000, (AT + 7200) * 1000)
    assert next(few)
    few.close()
    assert not [t for t in threading.enumerate() if t.name == "ringwall-ahead"]
    assert look("logs:flow", AT - 60, AT + 7200, SystemClock(), cloud=cloud).records == 36_000


def test_a_log_group_of_something_else_is_told(cloud, group):
    events = [{"timestamp": AT * 1000, "message": "START RequestId: 1"}]
    cloud.call("logs", "put_log_events", {**group, "logEvents": events})
    looked = look("logs:flow", AT, AT + 600, SystemClock(), cloud=cloud)
    assert looked.unread == [("logs:flow", "its events are no flow log")]
