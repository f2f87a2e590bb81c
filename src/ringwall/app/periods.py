"""`--since` and `--until` as people write them → the time that is asked about."""

from datetime import datetime

from ringwall.errors import QuestionError
from ringwall.shell.engines.store import FOREVER, Extent
from ringwall.traffic.times import to_moment


def to_extent(since: str, until: str, now: datetime) -> Extent:
    """Return the time between two texts; "" is no end. Raises InputError and QuestionError."""
    start = to_moment(since, now) if since else 0
    end = to_moment(until, now) if until else FOREVER
    if start >= end:
        msg = f"nothing lies between {since!r} and {until!r}"
        raise QuestionError(msg, hint="--since is earlier than --until")
    return Extent(start, end)
