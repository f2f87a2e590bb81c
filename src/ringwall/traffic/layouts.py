"""A header, or AWS's LogFormat → which field stands in which column of a line.

Rules:
- A line is a header if its first word and more than half of all are names of fields; names that are
  not known are columns that are passed over.
- A log with a field that only Transit Gateways have is one of a Transit Gateway.
- A name that stands twice is no header.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from ringwall.errors import InputError
from ringwall.traffic.fields import DEFAULT_FLOW, FLOW, NAMES, TRANSIT, Field
from ringwall.traffic.tables import FLOW_TABLE, TRANSIT_TABLE, Table

MOST_COLUMNS = 256  # of a header; AWS has 42 fields
_TRANSIT_ALONE = {field.name for field in TRANSIT} - {field.name for field in FLOW}


@dataclass(frozen=True, slots=True)
class Layout:
    """The fields of a line in their order; None is a column that is passed over."""

    table: Table
    fields: tuple[Field | None, ...]

    @property
    def names(self) -> str:
        """Return the header, as AWS writes it."""
        return " ".join(field.name if field else "?" for field in self.fields)


def of_names(names: Sequence[str]) -> Layout | None:
    """Return the layout of a header's words, or None if they are no header."""
    fields = tuple(NAMES.get(name) for name in names)
    known = [field.name for field in fields if field]
    if len(set(known)) != len(known) or 2 * len(known) <= len(names) or len(names) > MOST_COLUMNS:
        return None
    table = FLOW_TABLE if _TRANSIT_ALONE.isdisjoint(known) else TRANSIT_TABLE
    return Layout(table, fields)


@lru_cache(maxsize=64)
def of_header(line: bytes) -> Layout | None:
    """Return the layout that a line of a file announces, or None if it is no header."""
    words = line.rstrip(b"\r\n").decode("ascii", "replace").split(" ")
    return of_names(words) if words[0] in NAMES else None


def of_format(text: str) -> Layout:
    """Return the layout of a LogFormat (`${version} ${start}`) or of names; raises InputError."""
    words = re.sub(r"\$\{([^}]*)\}", r"\1", text.replace("\\", "")).replace(",", " ").split()
    found = of_names(words)
    if found is None:
        message = f"no format of a flow log: '{text[:200]}'"
        raise InputError(message, hint="name the fields in their order, as `version start srcaddr`")
    return found


DEFAULT = Layout(FLOW_TABLE, DEFAULT_FLOW)
