"""A reader of logs of its own: nothing of what wrote them, nothing of the product."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# The default format, as the VPC guide prints it.
V2 = (
    "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start "
    "end action log-status"
)
FULL = (
    f"{V2} vpc-id subnet-id instance-id tcp-flags type pkt-srcaddr pkt-dstaddr region az-id "
    "sublocation-type sublocation-id pkt-src-aws-service pkt-dst-aws-service flow-direction "
    "traffic-path ecs-cluster-arn ecs-cluster-name ecs-container-instance-arn "
    "ecs-container-instance-id ecs-container-id ecs-second-container-id ecs-service-name "
    "ecs-task-definition-arn ecs-task-arn ecs-task-id reject-reason resource-id encryption-status"
)
TRANSIT = (
    "version resource-type account-id tgw-id tgw-attachment-id tgw-src-vpc-account-id "
    "tgw-dst-vpc-account-id tgw-src-vpc-id tgw-dst-vpc-id tgw-src-subnet-id tgw-dst-subnet-id "
    "tgw-src-eni tgw-dst-eni tgw-src-az-id tgw-dst-az-id tgw-pair-attachment-id srcaddr dstaddr "
    "srcport dstport protocol packets bytes start end log-status type packets-lost-no-route "
    "packets-lost-blackhole packets-lost-mtu-exceeded packets-lost-ttl-expired tcp-flags region "
    "flow-direction pkt-src-aws-service pkt-dst-aws-service"
)
NUMBERS = ("srcport", "dstport", "protocol", "packets", "bytes", "start", "end", "tcp-flags")

Record = dict[str, Any]


def files(folder: Path) -> list[Path]:
    """Return the log files below a folder."""
    return sorted(folder.rglob("*.log.gz"))


def records(folder: Path) -> Iterator[Record]:
    """Yield the records of all files below a folder; numbers as numbers, `-` as None."""
    for path in files(folder):
        header, *lines = gzip.decompress(path.read_bytes()).decode().splitlines()
        names = header.split(" ")
        for line in lines:
            values = line.split(" ")
            assert len(values) == len(names), line
            record: Record = {
                name: None if value == "-" else value
                for name, value in zip(names, values, strict=True)
            }
            for name in NUMBERS:
                if record.get(name) is not None:
                    record[name] = int(record[name])
            yield record


def queries(folder: Path) -> Iterator[Record]:
    """Yield the documents of resolver query logs."""
    for path in files(folder):
        for line in gzip.decompress(path.read_bytes()).decode().splitlines():
            yield json.loads(line)


def ends(record: Record) -> tuple[str, str]:
    """Return the packet's own ends."""
    return (
        record.get("pkt-srcaddr") or record["srcaddr"],
        record.get("pkt-dstaddr") or record["dstaddr"],
    )
