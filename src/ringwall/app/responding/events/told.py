"""A JSON value that somebody else wrote → texts, numbers, addresses and times, or a complaint.

Rules:
- Nothing is believed: a value of another type than the one that is looked for is complained of with
  its place, and what is absent or null is absent.
- A text is without control characters and surrogates, and cut at a length: it goes to journals,
  terminals and notices.
"""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from ipaddress import IPv6Address, ip_address
from typing import Any, Final, NoReturn

from ringwall.errors import InputError

MOST_TEXT: Final = 512  # characters of a name or a title
MOST_REASON: Final = 2048  # of what somebody wrote as a reason
MOST_ITEMS: Final = 1000  # of a list
_LATEST: Final = 4_102_444_800  # 2100-01-01, as in the logs
_SHOWN: Final = 60


@dataclass(frozen=True, slots=True)
class Told:
    """A value and where it stands, as `detail.service.action`."""

    value: Any
    where: str = "event"

    def at(self, path: str) -> "Told":
        """Return what stands at a path of members, None where there is nothing; "" is itself."""
        if not path:
            return self
        value, where = self.value, self.where
        for name in path.split("."):
            if value is not None and not isinstance(value, Mapping):
                Told(value, where).complain("is no object")
            value = None if value is None else value.get(name)
            where = f"{where}.{name}"
        return Told(value, where)

    def has(self, *names: str) -> bool:
        """Tell whether it is an object with these members."""
        return isinstance(self.value, Mapping) and all(name in self.value for name in names)

    def complain(self, what: str = "", hint: str = "") -> NoReturn:
        """Raise the InputError that says where, what and why in one line."""
        value = self.value
        named = repr(clean(value, _SHOWN)) if isinstance(value, str) else kind_of(value)
        text = f"{self.where} is missing" if value is None else f"{self.where}: {named} {what}"
        raise InputError(text, hint=hint) from None

    def text(self, path: str, most: int = MOST_TEXT) -> str:
        """Return a text, "" where it is absent; raises InputError for anything else."""
        found = self.at(path)
        if found.value is None:
            return ""
        if not isinstance(found.value, str):
            found.complain("is no text")
        return clean(found.value, most)

    def needed(self, path: str) -> str:
        """Return a text that must be there; raises InputError."""
        found = self.text(path)
        if not found:
            Told(None, self.at(path).where).complain()
        return found

    def number(self, path: str, default: float) -> float:
        """Return a finite number, `default` where it is absent; raises InputError."""
        found = self.at(path)
        if found.value is None:
            return default
        if isinstance(found.value, bool) or not isinstance(found.value, int | float):
            found.complain("is no number")
        if abs(found.value) > 1e18 or not math.isfinite(found.value):
            found.complain("is out of range")
        return float(found.value)

    def is_true(self, path: str) -> bool:
        """Tell whether a member is there and true."""
        return self.at(path).value is True

    def items(self, path: str = "") -> Iterator["Told"]:
        """Yield the items of a list, none where it is absent; raises InputError."""
        found = self.at(path)
        if found.value is None:
            return
        if not isinstance(found.value, list):
            found.complain("is no list")
        if len(found.value) > MOST_ITEMS:
            found.complain(f"has {len(found.value)} items, of {MOST_ITEMS} that are read")
        for number, each in enumerate(found.value):
            yield Told(each, f"{found.where}[{number}]")

    def address(self, path: str) -> str:
        """Return an IP address as it is commonly written, "" if absent; raises InputError."""
        found = self.at(path)
        text = self.text(path)
        if not text:
            return ""
        try:
            address = ip_address(text)
        except ValueError:
            found.complain("is no IP address")
        if isinstance(address, IPv6Address) and address.scope_id is not None:
            found.complain("has a scope")
        mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
        return str(mapped or address)

    def millis(self, path: str) -> int:
        """Return an ISO 8601 time as milliseconds since 1970; raises InputError."""
        found = self.at(path)
        text = self.needed(path)
        try:
            moment = datetime.fromisoformat(text)
            aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
            millis = round(aware.timestamp() * 1000)
        except (ValueError, OverflowError):
            found.complain("is no time")
        if not 0 < millis < _LATEST * 1000:
            found.complain("is no time of 1970 to 2099")
        return millis

    def seconds(self, path: str, default: int | None = None) -> int:
        """Return an ISO 8601 time as seconds since 1970; raises InputError."""
        if default is not None and not self.text(path):
            return default
        return self.millis(path) // 1000


def kind_of(value: object) -> str:
    """Return what a value of JSON is, in JSON's words."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return "a number"
        case str():
            return "a text"
        case list():
            return "a list"
        case _:
            return "an object"


def clean(text: str, most: int = MOST_TEXT) -> str:
    """Return a text on one line, of printable characters, cut where it is too long."""
    cut = text[: 4 * most]
    plain = "".join(c if c.isprintable() else " " for c in cut)
    words = " ".join(plain.split())
    return words if len(words) <= most else f"{words[: most - 1]}…"


def parsed(text: str | bytes, where: str = "event") -> Told:
    """Return the JSON document of a text; raises InputError."""
    if not text.strip():
        msg = f"{where}: there is nothing in it"
        raise InputError(msg)
    try:
        return Told(json.loads(text), where)
    except json.JSONDecodeError as failure:
        why = f"line {failure.lineno}, column {failure.colno}: {clean(failure.msg, 120)}"
    except RecursionError:
        why = "it is nested too deep"
    except UnicodeDecodeError as failure:
        why = f"byte {failure.start} is not UTF-8"
    except ValueError:  # of a number, by its length
        why = "a number has too many digits"
    msg = f"{where}: it is no JSON ({why})"
    raise InputError(msg) from None
