"""The tables of a store: what stands in which column, and which field it is from.

A store is a folder: `TABLE/day=YYYY-MM-DD/hour=HH/NAME.parquet`, days and hours in UTC. A record
lies in the hour of its `start` (of its `time`, in `dns`). The rows of a file are sorted by source
address (family, high, low), then in the order in which they were read, but for files that were
merged; those of `quiet` have no source.

Rules:
- Every file of a table has every column of it, in this order; what a log does not have is null.
- Integers are signed (Athena reads no others). Times are seconds since 1970-01-01 UTC.
- An address is two columns, `…_high` and `…_low`; see addresses.py. `family` is 4 or 6; a `pkt-…`
  address of the other family is null.
- What has few values is text in a dictionary.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType

from ringwall.traffic.fields import FLOW, TRANSIT, Field, Kind


class Type(Enum):
    """The type of a column, as Parquet's logical types name it."""

    INT32 = "INT32"
    INT64 = "INT64"
    STRING = "STRING"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, its type, the field in whose text it is found, and what it means.

    `field` is a header's name, or for `dns` a key of the record; "" if it is computed.
    """

    name: str
    type: Type
    field: str
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the store; `time` names the column that says the hour."""

    name: str
    holds: str
    columns: tuple[Column, ...]
    time: str = "start"


_LONG = frozenset({"packets", "bytes", "start"})
_SKIPPED = frozenset({"version", "end", "action", "log-status"})
_FAMILY = Column("family", Type.INT32, "", "4 or 6, of srcaddr and dstaddr")
_MEANINGS = {
    "start": "first packet seen in the window; where a log has no start its end, or the time in"
    " the file's name, and `seconds` is null",
    "srcaddr": "as the interface saw it: the middle of the way at NAT and load balancers",
    "dstaddr": "as the interface saw it",
    "pkt-srcaddr": "as the packet had it; null where the log does not have it",
    "pkt-dstaddr": "as the packet had it; null where the log does not have it",
    "tcp-flags": "FIN 1, SYN 2, RST 4, SYN-ACK 18, of all packets of the window together",
    "tgw-attachment-id": "the attachment that the record is about",
}
_SECONDS = Column("seconds", Type.INT32, "end", "end - start")
_ACCEPTED = Column("accepted", Type.INT32, "action", "1 for ACCEPT, 0 for REJECT")


def _columns(field: Field) -> tuple[Column, ...]:
    """Return the columns of one field."""
    name, meaning = field.underscored, _MEANINGS.get(field.name, "")
    if field.name == "end":
        return (_SECONDS,)
    if field.name == "action":
        return (_ACCEPTED,)
    if field.name in _SKIPPED:
        return ()
    match field.kind:
        case Kind.ADDRESS:
            halves = (f"{name}_high", f"{name}_low")
            return tuple(Column(half, Type.INT64, field.name, meaning) for half in halves)
        case Kind.INTEGER:
            width = Type.INT64 if field.name in _LONG or "lost" in field.name else Type.INT32
            return (Column(name, width, field.name, meaning),)
        case Kind.TEXT:
            return (Column(name, Type.STRING, field.name, meaning),)


def _of(fields: tuple[Field, ...]) -> tuple[Column, ...]:
    return (_FAMILY, *(column for field in fields for column in _columns(field)))


FLOW_TABLE = Table("flow", "records of VPC flow logs whose log-status is OK", _of(FLOW))
TRANSIT_TABLE = Table(
    "transit", "records of Transit Gateway flow logs whose log-status is OK", _of(TRANSIT)
)
QUIET_TABLE = Table(
    "quiet",
    "windows of an interface or attachment without records: no traffic, or records lost",
    (
        Column("account_id", Type.STRING, "account-id"),
        Column("interface_id", Type.STRING, "interface-id", "or tgw-attachment-id"),
        Column("start", Type.INT64, "start"),
        _SECONDS,
        Column("log_status", Type.STRING, "log-status", "NODATA or SKIPDATA"),
        Column("vpc_id", Type.STRING, "vpc-id"),
        Column("subnet_id", Type.STRING, "subnet-id"),
    ),
)
DNS_TABLE = Table(
    "dns",
    "queries to the Route 53 Resolver that its cache did not answer",
    (
        _FAMILY,
        Column("time", Type.INT64, "query_timestamp"),
        Column("account_id", Type.STRING, "account_id"),
        Column("region", Type.STRING, "region"),
        Column("vpc_id", Type.STRING, "vpc_id"),
        Column("srcaddr_high", Type.INT64, "srcaddr"),
        Column("srcaddr_low", Type.INT64, "srcaddr"),
        Column("srcport", Type.INT32, "srcport"),
        Column("transport", Type.STRING, "transport"),
        Column("query_name", Type.STRING, "query_name", "lower case, without the last dot"),
        Column("query_type", Type.STRING, "query_type"),
        Column("query_class", Type.STRING, "query_class"),
        Column("rcode", Type.STRING, "rcode"),
        Column("answers", Type.STRING, "answers", "`TYPE RDATA`, one to a line"),
        Column("instance", Type.STRING, "srcids"),
        Column("resolver_endpoint", Type.STRING, "srcids"),
        Column("resolver_network_interface", Type.STRING, "srcids"),
        Column("firewall_rule_group_id", Type.STRING, "firewall_rule_group_id"),
        Column("firewall_rule_action", Type.STRING, "firewall_rule_action"),
        Column("firewall_domain_list_id", Type.STRING, "firewall_domain_list_id"),
        Column("firewall_protection", Type.STRING, "firewall_protection"),
    ),
    time="time",
)
TABLES: Mapping[str, Table] = MappingProxyType(
    {table.name: table for table in (FLOW_TABLE, TRANSIT_TABLE, QUIET_TABLE, DNS_TABLE)}
)
