"""Why a line of a log was set aside."""

from enum import IntEnum
from typing import NamedTuple


class Reason(IntEnum):
    """What is wrong with a line; the numbers are those of the compiled parser."""

    FIELDS = 1
    INTEGER = 2
    ADDRESS = 3
    FAMILY = 4
    TEXT = 5
    ACTION = 6
    STATUS = 7
    TIME = 8
    HOURS = 9
    LONG = 10
    HEADERS = 11
    NO_HEADER = 12
    CUT = 13
    JSON = 14
    INFLATED = 15
    SLOW = 16

    @property
    def meaning(self) -> str:
        """Return what is wrong, in words."""
        return _MEANINGS[self]


_MEANINGS = {
    Reason.FIELDS: "not as many values as the header has names",
    Reason.INTEGER: "not a number, or one outside its range",
    Reason.ADDRESS: "not an address",
    Reason.FAMILY: "srcaddr and dstaddr are of two families",
    Reason.TEXT: "bytes that are not printable ASCII",
    Reason.ACTION: "neither ACCEPT nor REJECT",
    Reason.STATUS: "neither OK nor NODATA nor SKIPDATA",
    Reason.TIME: "no time, one outside 1970-2100, or an end before its start",
    Reason.HOURS: "the file holds records of too many hours",
    Reason.LONG: "longer than any record",
    Reason.HEADERS: "the file changes its format too often",
    Reason.NO_HEADER: "before the first header of the file",
    Reason.CUT: "the file ends within it",
    Reason.JSON: "not a query of a resolver",
    Reason.INFLATED: "the file inflates to more than a log does",
    Reason.SLOW: "the file takes longer than a log does",
}


class Problem(NamedTuple):
    """A line that was set aside: its number from 1, the reason, its bytes."""

    line: int
    reason: Reason
    text: bytes
