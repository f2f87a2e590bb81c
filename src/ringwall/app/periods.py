"""`--since` and `--until` as people write them → seconds."""

import re
from datetime import UTC, datetime, timedelta

from ringwall.errors import QuestionError
from ringwall.shell.engines.store import FOREVER, Extent

_AGO = re.compile(r"(\d+)\s*([smhdw])")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}


def to_extent(since: str, until: str, now: datetime) -> Extent:
    """Return the time between two texts; "" is no end. Raises QuestionError."""
    start = 0 if not since else _second(since, now)
    end = FOREVER if not until else _second(until, now)
    if start >= end:
        msg = f"nothing lies between {since!r} and {until!r}"
        raise QuestionError(msg, hint="--since is earlier than --until")
    return Extent(start, end)


def _second(text: str, now: datetime) -> int:
    ago = _AGO.fullmatch(text.strip())
    if ago is not None:
        moment = now - timedelta(seconds=int(ago[1]) * _UNITS[ago[2]])
        return int(moment.timestamp())
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        msg = f"{text!r} is no time"
        hint = "a time is 2026-11-26, 2026-11-26T14:00, 2026-11-26T14:00+02:00, or 24h (ago)"
        raise QuestionError(msg, hint=hint) from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return int(moment.timestamp())
