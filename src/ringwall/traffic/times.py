"""Words of a person → seconds since 1970: a moment in UTC, or how long ago."""

import re
from datetime import UTC, datetime
from typing import Final

from ringwall.errors import InputError

_UNITS: Final = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_LENGTH: Final = re.compile(r"(\d{1,9})([smhdw])")
_HINT: Final = (
    "as 2026-11-25, 2026-11-25T10:00, 24h or 30d; times are UTC unless they say otherwise"
)


def to_seconds(text: str) -> int:
    """Return the seconds of a length of time (`90m`, `30d`); raises InputError."""
    found = _LENGTH.fullmatch(text.strip())
    if found is None or not int(found[1]):
        message = f"'{text}' is no length of time"
        raise InputError(message, hint="as 90m, 24h, 30d or 4w")
    return int(found[1]) * _UNITS[found[2]]


def to_moment(text: str, now: datetime) -> int:
    """Return the time that a text names, or that was so long ago; raises InputError."""
    if _LENGTH.fullmatch(text.strip()):
        return int(now.timestamp()) - to_seconds(text)
    try:
        moment = datetime.fromisoformat(text.strip())
        return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
    except (ValueError, OverflowError):
        message = f"'{text}' is no time"
        raise InputError(message, hint=_HINT) from None
