"""A folder of flow logs → where an account's flow logs go, as AWS delivers them.

Source: VPC guide, "Publish flow logs to CloudWatch Logs" (a stream for each interface; the time of
an event is the record's start) and "Publish flow logs to Amazon S3" (keys, gzip, a header line).

Rule: a record goes where the flow logs of its VPC go, with the fields that each of them asks for.
"""

import gzip
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ringwall.errors import CloudError, InputError
from ringwall.lab.traffic.delivery import LEVEL
from ringwall.shell.aws import Cloud
from ringwall.traffic.fields import NODATA, SKIPDATA
from ringwall.traffic.layouts import DEFAULT, of_format
from ringwall.traffic.stamps import stamp_of

NONE: Final = "-"
MOST_EVENTS: Final = 10_000  # of a request (PutLogEvents)
MOST_BYTES: Final = 1 << 20
ASIDE: Final = 26  # bytes that an event counts beside its text
_ARN: Final = "arn:aws:s3:::"


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a flow log writes: a log group, or a bucket and a prefix; and which fields of what."""

    group: str
    bucket: str
    prefix: str
    names: tuple[str, ...]
    traffic: str  # ALL, ACCEPT or REJECT


@dataclass(frozen=True, slots=True)
class Arrival:
    """A file that was published at a moment (seconds since 1970)."""

    moment: int
    path: Path


@dataclass(frozen=True, slots=True)
class Written:
    """How many records were written, and how long after its last one a file came, in seconds."""

    records: int
    behind: int


@dataclass(frozen=True, slots=True)
class Records:
    """The lines of a file, as words, and which word is which field."""

    place: Mapping[str, int]
    lines: Sequence[Sequence[str]]

    def value(self, line: Sequence[str], name: str) -> str:
        """Return a field of a line, `-` where the file does not have it."""
        return line[self.place[name]] if name in self.place else NONE


def arrivals(logs: Path) -> list[Arrival]:
    """Return the files of a folder that `ringwall lab traffic` wrote, the first published first.

    Raises InputError where there is none.
    """
    found = [(stamp_of(path.name), path) for path in (logs / "vpc").rglob("*.log.gz")]
    stamped = sorted((stamp, path) for stamp, path in found if stamp is not None)
    if not stamped:
        msg = f"there are no flow logs of VPCs in '{logs}'"
        raise InputError(msg, hint="ringwall lab traffic NETWORK -o DIR writes some")
    return [Arrival(stamp, path) for stamp, path in stamped]


def destinations(cloud: Cloud) -> dict[str, list[Destination]]:
    """Return where the flow logs of each VPC go, by the VPC's id; raises CloudError."""
    found: dict[str, list[Destination]] = defaultdict(list)
    for each in cloud.paginate("ec2", "describe_flow_logs", {}, "FlowLogs") or []:
        if str(each["ResourceId"]).startswith("vpc-"):
            found[each["ResourceId"]].append(_destination(each))
    return dict(found)


def _destination(flow_log: Mapping[str, Any]) -> Destination:
    layout = of_format(str(flow_log.get("LogFormat") or DEFAULT.names))
    names = tuple(field.name for field in layout.fields if field)
    place = str(flow_log.get("LogDestination") or "")
    bucket, _, prefix = place.removeprefix(_ARN).partition("/")
    is_bucket = place.startswith(_ARN)
    return Destination(
        str(flow_log.get("LogGroupName") or ""),
        bucket if is_bucket else "",
        prefix.strip("/") if is_bucket else "",
        names,
        str(flow_log.get("TrafficType") or "ALL"),
    )


def read(path: Path) -> Records:
    """Read a file; raises InputError for what is none."""
    try:
        header, *lines = gzip.decompress(path.read_bytes()).decode().splitlines()
    except (OSError, EOFError, ValueError) as failure:
        msg = f"cannot read '{path}': {failure}"
        raise InputError(msg) from None
    place = {name: number for number, name in enumerate(header.split(" "))}
    return Records(place, [line.split(" ") for line in lines])


def deliver(cloud: Cloud, arrival: Arrival, where: Mapping[str, Sequence[Destination]]) -> Written:
    """Write a file's records to their destinations.

    Raises InputError and CloudError. A record of a VPC without a flow log is written nowhere.
    """
    records = read(arrival.path)
    by_vpc: dict[str, list[Sequence[str]]] = defaultdict(list)
    for line in records.lines:
        by_vpc[records.value(line, "vpc-id")].append(line)
    written = 0
    for vpc, lines in by_vpc.items():
        for each in where.get(vpc, ()):
            wanted = [line for line in lines if _is_logged(records, line, each.traffic)]
            written += len(wanted)
            if each.bucket:
                _to_bucket(cloud, arrival, each, records, wanted)
            else:
                _to_group(cloud, each, records, wanted)
    ends = [int(end) for line in records.lines if (end := records.value(line, "end")).isdigit()]
    return Written(written, arrival.moment - max(ends, default=arrival.moment))


def _is_logged(records: Records, line: Sequence[str], traffic: str) -> bool:
    said = records.value(line, "log-status") in {NODATA, SKIPDATA}
    return traffic == "ALL" or said or records.value(line, "action") == traffic


def _text(records: Records, line: Sequence[str], names: Iterable[str]) -> str:
    return " ".join(records.value(line, name) for name in names)


def _to_bucket(
    cloud: Cloud,
    arrival: Arrival,
    where: Destination,
    records: Records,
    lines: Sequence[Sequence[str]],
) -> None:
    parts = arrival.path.parts
    key = "/".join([*([where.prefix] if where.prefix else []), *parts[parts.index("AWSLogs") :]])
    texts = [" ".join(where.names), *(_text(records, line, where.names) for line in lines), ""]
    body = gzip.compress("\n".join(texts).encode(), LEVEL, mtime=0)
    cloud.call("s3", "put_object", {"Bucket": where.bucket, "Key": key, "Body": body})


def _to_group(
    cloud: Cloud, where: Destination, records: Records, lines: Sequence[Sequence[str]]
) -> None:
    streams: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for line in lines:
        message = _text(records, line, where.names)
        stamp = int(records.value(line, "start")) * 1000
        stream = f"{records.value(line, 'interface-id')}-{where.traffic.lower()}"
        streams[stream].append({"timestamp": stamp, "message": message})
    for stream, events in streams.items():
        place = {"logGroupName": where.group, "logStreamName": stream}
        _make(cloud, place)
        for batch in _batches(sorted(events, key=lambda event: int(event["timestamp"]))):
            cloud.call("logs", "put_log_events", {**place, "logEvents": batch})


def _make(cloud: Cloud, place: Mapping[str, str]) -> None:
    """Make a stream, if it is not there."""
    try:
        cloud.call("logs", "create_log_stream", place)
    except CloudError as error:
        if error.code != "ResourceAlreadyExistsException":
            raise


def _batches(events: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    """Yield events as many at a time as a request takes; lines are far shorter than a request."""
    batch: list[dict[str, Any]] = []
    size = 0
    for event in events:
        size += len(event["message"]) + ASIDE
        if batch and (len(batch) == MOST_EVENTS or size > MOST_BYTES):
            yield batch
            batch, size = [], len(event["message"]) + ASIDE
        batch.append(event)
    if batch:
        yield batch
