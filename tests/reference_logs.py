"""The page of what a store of logs holds: its tables, and why a line is set aside."""

from collections.abc import Iterator

from ringwall.traffic.fields import FLOW, TRANSIT
from ringwall.traffic.problems import Reason
from ringwall.traffic.tables import DNS_TABLE, TABLES, Column, Table

_BRINGS = {field.name: field.version for field in (*TRANSIT, *FLOW)}


def logs_page(head: str) -> str:
    """Return the tables of a store."""
    parts = [
        head,
        "# Tables of a store of logs\n",
        (
            "What `ringwall traffic ingest` writes, and any Parquet tool reads: "
            "`TABLE/day=YYYY-MM-DD/hour=HH/NAME.parquet`, days and hours in UTC. A record lies in "
            "the hour of its `start` (of its `time`, in `dns`). Every file has every column of its "
            "table, in this order; what a log does not have is null. The rows of a file are sorted "
            "by source address: family, high half, low half.\n"
        ),
        (
            "An IPv4 address is 0 and the number of the address. Of an IPv6 address each half is "
            "its 64 bits less 2^63, so that pairs (high, low) have the order of addresses in "
            "engines whose integers are signed, and a block is one interval of them.\n"
        ),
        *(section for table in TABLES.values() for section in _section(table)),
        "## Lines that are set aside\n",
        "| reason | meaning |",
        "|---|---|",
        *(f"| `{reason.name.lower()}` | {reason.meaning} |" for reason in Reason),
    ]
    return "\n".join(parts) + "\n"


def _section(table: Table) -> Iterator[str]:
    yield f"## {table.name}\n"
    yield f"{table.holds[:1].upper()}{table.holds[1:]}.\n"
    yield "| column | type | from | meaning |"
    yield "|---|---|---|---|"
    for column in table.columns:
        source = _source(table, column)
        yield f"| `{column.name}` | {column.type.value} | {source} | {column.meaning} |"
    yield ""


def _source(table: Table, column: Column) -> str:
    if not column.field:
        return ""
    brings = None if table is DNS_TABLE else _BRINGS.get(column.field)
    return f"`{column.field}`, version {brings}" if brings else f"`{column.field}`"
