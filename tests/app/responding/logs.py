"""Flow logs of a few lines, as AWS delivers them."""

import gzip
from datetime import UTC, datetime
from pathlib import Path

HEADER = (
    "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start"
    " end action log-status"
)
KEY = "AWSLogs/123456789012/vpcflowlogs/us-east-1"


def line(source, destination, port, at, action="REJECT", size=40, protocol=6):
    return (
        f"2 123456789012 eni-0a {source} {destination} 40000 {port} {protocol} 1 {size} {at}"
        f" {at + 10} {action} OK"
    )


def knocks(source, at, count=40, destination="10.0.0.9"):
    """Return the lines of somebody who is rejected at as many ports."""
    return [line(source, destination, 1000 + n, at + n) for n in range(count)]


def deliver(folder: Path, at: int, lines: list[str]) -> str:
    """Write a file as a flow log's delivery does, and return its key."""
    when = datetime.fromtimestamp(at, UTC)
    name = f"123456789012_vpcflowlogs_us-east-1_fl-0a_{when:%Y%m%dT%H%MZ}_{at:08x}.log.gz"
    key = f"{KEY}/{when:%Y/%m/%d}/{name}"
    path = folder / key
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress("\n".join([HEADER, *lines, ""]).encode()))
    return key
