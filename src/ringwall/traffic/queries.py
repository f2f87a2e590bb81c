"""A line of a Route 53 Resolver query log → the values of a row of the table `dns`.

Source: Route 53 developer guide, "Values that appear in Resolver query logs".

Rules:
- Keys are read with `-` and `_` alike (`resolver-endpoint` is seen beside `resolver_endpoint`);
  keys that are not known are passed over; `version` is not relied upon.
- srcport is a string or a number. Names are kept in lower case, without the last dot.
- A line without query_name, or without a time, is no query.
"""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from ringwall.traffic.addresses import to_halves
from ringwall.traffic.lines import LATEST
from ringwall.traffic.problems import Reason
from ringwall.traffic.tables import DNS_TABLE, Type

LONGEST: Final = 256 * 1024  # bytes of a line: answers are long
TEXTS: Final = tuple(
    column.name
    for column in DNS_TABLE.columns
    if column.type is Type.STRING
    and column.field == column.name
    and column.name not in {"query_name", "answers"}
)
SOURCES: Final = ("instance", "resolver_endpoint", "resolver_network_interface")
_ISO: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)?")

Value = int | bytes | None


def read_query(line: bytes) -> dict[str, Value] | Reason:
    """Return the values by column, addresses under `srcaddr_high` and so on; or the reason."""
    if len(line) > LONGEST:
        return Reason.LONG
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        return Reason.JSON
    if not isinstance(record, dict):
        return Reason.JSON
    record = _underscored(record)
    if not isinstance(record.get("query_name"), str):
        return Reason.JSON
    time = time_of(record.get("query_timestamp"))
    if time is None:
        return Reason.TIME
    try:
        return _values(record, time)
    except Wrong as wrong:
        return wrong.reason


class Wrong(Exception):  # noqa: N818  (a reason, not an error)
    """A value that makes a line none of a query, and the reason."""

    def __init__(self, reason: Reason) -> None:
        self.reason = reason


def is_query(line: bytes) -> bool:
    """Tell whether a line is one of a resolver query log."""
    return isinstance(read_query(line), dict)


def _values(record: Mapping[str, Any], time: int) -> dict[str, Value]:
    values: dict[str, Value] = {name: text_of(record.get(name)) for name in TEXTS}
    values["query_name"] = name_of(record["query_name"])
    values["time"] = time
    values["srcport"] = port_of(record.get("srcport"))
    values["answers"] = text_of(_answers(record.get("answers")))
    sources = record.get("srcids")
    sources = _underscored(sources) if isinstance(sources, dict) else {}
    values |= {name: text_of(sources.get(name)) for name in SOURCES}
    halves = halves_of(record.get("srcaddr"))
    if halves is not None:
        values |= zip(("family", "srcaddr_high", "srcaddr_low"), halves, strict=True)
    return values


def _underscored(record: Mapping[str, Any]) -> dict[str, Any]:
    return {name.replace("-", "_"): value for name, value in record.items()}


def name_of(text: str) -> bytes | None:
    """Return the name of a query as it is kept; raises Wrong."""
    return text_of(text.lower().removesuffix(".") or ".")


def halves_of(address: object) -> tuple[int, int, int] | None:
    """Return the family of an address and its halves, or None for none; raises Wrong."""
    match address:
        case None | "" | "-":
            return None
        case str() if "%" not in address:
            try:
                return to_halves(address)
            except ValueError:
                raise Wrong(Reason.ADDRESS) from None
        case _:
            raise Wrong(Reason.ADDRESS)


def text_of(value: object) -> bytes | None:
    """Return a text, or None for none; raises Wrong."""
    match value:
        case None | "" | "-":
            return None
        case str():
            try:
                return value.encode()
            except UnicodeEncodeError:
                raise Wrong(Reason.TEXT) from None
        case bool() | int() | float():
            return json.dumps(value).encode()
        case _:
            raise Wrong(Reason.JSON)


def port_of(value: object) -> int | None:
    """Return a port, or None for none; raises Wrong."""
    match value:
        case None | "" | "-":
            return None
        case bool():
            raise Wrong(Reason.INTEGER)
        case str() if value.isascii() and value.isdigit() and len(value) <= 19:
            number = int(value)
        case int():
            number = value
        case _:
            raise Wrong(Reason.INTEGER)
    if not 0 <= number <= 65535:
        raise Wrong(Reason.INTEGER)
    return number


def time_of(value: object) -> int | None:
    """Return a time in seconds since 1970, or None where it is none."""
    if not isinstance(value, str) or not _ISO.fullmatch(value):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    try:
        seconds = int(moment.timestamp() // 1)
    except OverflowError:
        return None
    return seconds if 0 <= seconds < LATEST else None


def _answers(value: object) -> str | None:
    """Return the answers as `TYPE RDATA`, one to a line."""
    if value is None:
        return None
    if not isinstance(value, list):
        raise Wrong(Reason.JSON)
    found = []
    for item in value:
        if not isinstance(item, dict):
            raise Wrong(Reason.JSON)
        data, kind = item.get("Rdata", item.get("rdata")), item.get("Type", item.get("type"))
        found.append(f"{kind or '?'} {data if data is not None else ''}".replace("\n", " "))
    return "\n".join(found) or None
