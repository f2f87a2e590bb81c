"""Lines → files as AWS delivers them: gzipped, every five minutes, under S3's key layout.

Source: VPC guide, "Publish flow logs to Amazon S3: flow log files"; Route 53 guide, "Resolver query
logging: S3".
"""

import gzip
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from ringwall.errors import OutsideError

EVERY = 300  # seconds: "log files are published at 5-minute intervals"
LEVEL = 1  # gzip's; the files are read again at once, and a higher level takes thrice the time


@dataclass(frozen=True, slots=True)
class Layout:
    """Where files go; `hive`: keys with `name=value`, `hourly`: a folder an hour."""

    root: Path
    account: str
    region: str
    hive: bool = False
    hourly: bool = False

    def flow(self, folder: str, log: str, moment: int, delay: int = 0) -> Path:
        """Return the path of a flow log's file of the five minutes before a moment.

        `log` is the flow log's id, `delay` how many seconds late it comes: that is in its name.
        """
        mark = _mark(log, moment, delay)
        moment += delay
        when = datetime.fromtimestamp(moment, UTC)
        name = f"{self.account}_vpcflowlogs_{self.region}_{log}_{when:%Y%m%dT%H%MZ}_{mark}.log.gz"
        if self.hive:
            parts = (
                f"AWSLogs/aws-account-id={self.account}/aws-service=vpcflowlogs"
                f"/aws-region={self.region}/year={when:%Y}/month={when:%m}/day={when:%d}"
            )
            hour = f"hour={when:%H}"
        else:
            parts = f"AWSLogs/{self.account}/vpcflowlogs/{self.region}/{when:%Y/%m/%d}"
            hour = f"{when:%H}"
        return self.root / folder / parts / (hour if self.hourly else "") / name

    def queries(self, vpc_id: str, moment: int) -> Path:
        """Return the path of a VPC's file of resolver queries."""
        when = datetime.fromtimestamp(moment, UTC)
        name = (
            f"{vpc_id}_vpcdnsquerylogs_{self.account}_{when:%Y%m%dT%H%MZ}"
            f"_{_mark(vpc_id, moment)}.log.gz"
        )
        return (
            self.root / "dns" / f"AWSLogs/{self.account}/vpcdnsquerylogs/{vpc_id}/{when:%Y/%m/%d}"
        ) / name


def _mark(*parts: object) -> str:
    return sha256("/".join(map(str, parts)).encode()).hexdigest()[:8]


def deliver(path: Path, text: str) -> None:
    """Write a gzipped file, the same bytes for the same text; raises OutsideError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(text.encode(), LEVEL, mtime=0))
    except OSError as failure:
        message = f"cannot write '{path}': {failure.strerror or failure}"
        raise OutsideError(message) from None
