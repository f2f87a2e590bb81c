"""A folder of the lab's traffic → the log groups and buckets of a lab, at the time of each file.

Rules:
- Only a lab on this machine is written to: what was made up has no place in a true account.
- Before a file arrives, what the files before it set off has ended, and it is the time at which
  AWS would have published it. Time never goes back: a file of the past arrives at once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ringwall.app.traffic_making import LOGS
from ringwall.app.workspace import CloudSettings
from ringwall.errors import InputError
from ringwall.lab.timekeeping import LabTime
from ringwall.lab.traffic.arriving import arrivals, deliver, destinations
from ringwall.shell.aws import connect
from ringwall.shell.clock import SystemClock
from ringwall.shell.pace import is_loopback

LATE: Final = 1800  # seconds after a file's last record; AWS takes some minutes


@dataclass(frozen=True, slots=True)
class Delivered:
    """What was written.

    `late` files came hours after their records, `past` ones when the lab's time had passed theirs:
    what judges that time has judged it.
    """

    files: int
    records: int
    late: int
    past: int

    def to_dict(self) -> dict[str, Any]:
        """Return the JSON document."""
        return {
            "schema": "ringwall/lab-deliver/1",
            "files": self.files,
            "flow_records": self.records,
            "late_files": self.late,
            "past_files": self.past,
        }


def deliver_traffic(
    folder: str,
    settings: CloudSettings,
    told: Callable[[int, int], None] = lambda *_: None,
) -> Delivered:
    """Deliver `folder`/logs; `told` is called after each file. Raises InputError, OutsideError."""
    cloud = connect(settings.profile, endpoint=settings.endpoint_url)
    if not is_loopback(cloud.endpoint):
        msg = f"made-up logs are not written to {cloud.endpoint}: it is not on this machine"
        raise InputError(msg, hint="start `ringwall lab`, and name it by AWS_ENDPOINT_URL")
    files = arrivals(Path(folder) / LOGS)
    where = destinations(cloud)
    if not where:
        msg = "no VPC of this lab has a flow log"
        raise InputError(msg, hint="ringwall apply BLUEPRINT deploys those of a blueprint")
    lab, records, late = LabTime(cloud.endpoint, SystemClock()), 0, 0
    state = lab.state()
    is_virtual, now = bool(state["virtual"]), float(state["now"])
    for number, each in enumerate(files, 1):
        lab.rest()
        if is_virtual:
            lab.state(each.moment)
        written = deliver(cloud, each, where)
        records += written.records
        late += written.behind > LATE
        told(number, len(files))
    lab.rest()
    if not records:
        msg = f"none of the records of '{folder}' is of a VPC of this lab"
        raise InputError(msg, hint="make them of its account: ringwall lab traffic aws")
    past = sum(each.moment < now for each in files)
    return Delivered(len(files), records, late, past)
