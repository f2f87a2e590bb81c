"""Rows of flow logs → talks: who opened connections to whom, on which port, in five minutes.

Input: batches, as a parser fills them. Output: sums by talk and interface, in arrays. It is what
`flow`, `conversation` and `relay` of view.py say, without an engine of SQL, for where there is
none; their rules hold here, and a test holds the one against the other.

Rules:
- A row without one of its two addresses is left out, and counted.
- Sums are kept by the interface that logged: who reports amounts takes the one that saw most.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from ringwall.traffic.batches import Array, Batch
from ringwall.traffic.grouping import grouped
from ringwall.traffic.ranges import Range
from ringwall.traffic.rollups import SLOT
from ringwall.traffic.view import KNOWN_PORTS

ENDS: Final = (
    "family",
    "source_high",
    "source_low",
    "destination_high",
    "destination_low",
)
KEY: Final = (*ENDS, "port", "protocol", "slot", "interface")
SUMS: Final = (
    "records",
    "rejected",
    "openings",
    "answers",
    "bytes_out",
    "bytes_back",
    "packets_back",
)
_OTHERS: Final = ("first", "last", "to_service")
MOST_TALKS: Final = 2_000_000  # rows of sums, some 120 bytes each
MOST_RELAYS: Final = 100_000

Address = tuple[int, int, int]  # family, high, low


@dataclass(frozen=True, slots=True)
class Talks:
    """Columns of equal length: KEY, SUMS, `first` and `last` (seconds), `to_service`.

    `interfaces` are the texts of the codes in `interface`, `relays` addresses that packets of
    others pass. `rows` counts the records that were summed, `nameless` those without an address.
    """

    columns: dict[str, Array]
    interfaces: tuple[bytes, ...] = ()
    relays: frozenset[Address] = frozenset()
    rows: int = 0
    nameless: int = 0

    def __len__(self) -> int:
        return len(self.columns["records"])

    def __getitem__(self, name: str) -> Array:
        return self.columns[name]

    def chosen(self, rows: Array) -> "Talks":
        """Return some of the talks, by number or by truth."""
        columns = {name: column[rows] for name, column in self.columns.items()}
        return Talks(columns, self.interfaces, self.relays, self.rows, self.nameless)

    def by(self, names: Sequence[str]) -> "Talks":
        """Return the talks summed by some of the columns of KEY; others have no meaning then."""
        groups = grouped([self[name] for name in names])
        columns = {name: self[name][groups.first] for name in KEY}
        columns |= {name: groups.sums(self[name]) for name in SUMS}
        columns["first"] = groups.least(self["first"])
        columns["last"] = groups.most(self["last"])
        columns["to_service"] = groups.most(self["to_service"])
        return Talks(columns, self.interfaces, self.relays, self.rows, self.nameless)

    def without_echoes(self) -> "Talks":
        """Return the talks by the interface that saw most of each, so that each counts once."""
        pairs = grouped([self[name] for name in KEY if name != "interface"])
        seen = self["bytes_out"] + self["bytes_back"]
        order = np.lexsort((self["interface"], -seen, pairs.number))
        firsts = np.searchsorted(pairs.number[order], np.arange(len(pairs)))
        return self.chosen(order[firsts])


NOTHING: Final = Talks({name: np.zeros(0, np.int64) for name in (*KEY, *SUMS, *_OTHERS)})


@dataclass(slots=True)
class Tally:
    """Takes batches and keeps sums; `is_full` says that there is no room for more talks."""

    since: int
    until: int
    parts: list[Talks] = field(default_factory=list)
    codes: dict[bytes, int] = field(default_factory=dict)
    is_full: bool = False

    def take(self, batch: Batch) -> None:
        """Sum the rows of a batch that lie in the hours asked for."""
        self.parts.append(_talks(batch, self.since, self.until, self.codes))
        if sum(map(len, self.parts)) > MOST_TALKS:
            self.parts = [joined(self.parts, tuple(self.codes))]
            self.is_full = len(self.parts[0]) > MOST_TALKS

    def talks(self) -> Talks:
        """Return what was summed."""
        return joined(self.parts, tuple(self.codes))


def joined(parts: Iterable[Talks], interfaces: tuple[bytes, ...]) -> Talks:
    """Return the sums of sums; the codes of interfaces are the same in all parts."""
    found = list(parts) or [NOTHING]
    names = (*KEY, *SUMS, *_OTHERS)
    whole = Talks(
        {name: np.concatenate([part[name] for part in found]) for name in names},
        interfaces,
        frozenset().union(*(part.relays for part in found)),
        sum(part.rows for part in found),
        sum(part.nameless for part in found),
    )
    return whole.by(KEY)


def among(family: Array, high: Array, low: Array, ranges: Iterable[Range]) -> Array:
    """Tell of each address whether it lies in one of the ranges."""
    found = np.zeros(len(family), bool)
    for each in ranges:
        after = (high > each.high) | ((high == each.high) & (low >= each.low))
        before = (high < each.last_high) | ((high == each.last_high) & (low <= each.last_low))
        found |= (family == each.family) & after & before
    return found


def failed(talks: Talks) -> Array:
    """Tell which came to nothing in their five minutes; see `failed` of view.py."""
    unanswered, back = talks["answers"] == 0, talks["packets_back"]
    headers = np.where(talks["family"] == 4, 40, 60) * back
    resets = (talks["protocol"] == 6) & (talks["bytes_back"] <= headers)
    return np.asarray(unanswered & (((talks["rejected"] > 0) & (back == 0)) | resets))


class _Rows:
    """The columns of a batch that are looked at; what the log does not have is `absent`."""

    def __init__(self, batch: Batch, rows: Array) -> None:
        self._batch = batch
        self._rows = rows

    def fixed(self, name: str) -> Array:
        return np.asarray(getattr(self._batch.fixed, name)[self._rows])

    def column(self, name: str, absent: int = -1) -> Array:
        array = self._batch.arrays.get(name)
        if array is None:
            return np.full(len(self._rows), absent, np.int64)
        return array[self._rows].astype(np.int64)

    def given(self, end: str) -> Array:
        given = self._batch.given.get(f"{end}_high")
        return np.zeros(len(self._rows), bool) if given is None else given[self._rows].astype(bool)

    def codes(self, name: str, known: dict[bytes, int]) -> Array:
        """Return the codes of a column of text in a dictionary that outlives the batch."""
        if name not in self._batch.arrays:
            return np.full(len(self._rows), -1, np.int64)
        texts = self._batch.texts[name].texts()
        table = np.array([*(known.setdefault(t, len(known)) for t in texts), -1], np.int64)
        return np.asarray(table[self.column(name)])


def _talks(batch: Batch, since: int, until: int, known: dict[bytes, int]) -> Talks:
    start = batch.fixed.start[: batch.rows]
    heard = (batch.fixed.status[: batch.rows] == 0) & (start >= since) & (start < until)
    rows = _Rows(batch, np.flatnonzero(heard))
    ends = {end: rows.given(f"pkt_{end}") | rows.given(end) for end in ("srcaddr", "dstaddr")}
    both = ends["srcaddr"] & ends["dstaddr"]
    rows = _Rows(batch, np.flatnonzero(heard)[both])
    columns, relays = _turned(rows)
    columns["interface"] = rows.codes("interface_id", known)
    count = len(columns["family"])
    whole = Talks(columns, (), relays, count, int(len(both) - both.sum()))
    return whole.by(KEY)


def _turned(rows: _Rows) -> tuple[dict[str, Array], frozenset[Address]]:
    """Return each record as the talk it is part of, from who opened it to who was called."""
    source, destination = _end(rows, "srcaddr"), _end(rows, "dstaddr")
    sport, dport = np.maximum(rows.column("srcport"), 0), np.maximum(rows.column("dstport"), 0)
    protocol, flags = rows.column("protocol"), rows.column("tcp_flags")
    accepted = rows.column("accepted") != 0  # a log without actions is of what was accepted
    opened = _opened(protocol, flags, sport, dport, accepted)
    out, back = opened & accepted, ~opened & accepted
    syn = (flags >= 0) & (flags % 4 >= 2)
    size = np.maximum(rows.column("bytes"), 0)
    packets = np.maximum(rows.column("packets"), 0)
    first = rows.fixed("start").astype(np.int64)
    to_service = opened & (rows.column("pkt_dst_aws_service") >= 0)
    columns = {
        "family": rows.fixed("family").astype(np.int64),
        "source_high": np.where(opened, source[0], destination[0]),
        "source_low": np.where(opened, source[1], destination[1]),
        "destination_high": np.where(opened, destination[0], source[0]),
        "destination_low": np.where(opened, destination[1], source[1]),
        "port": np.where(opened, dport, sport),
        "protocol": protocol,
        "slot": first - first % SLOT,
        "records": opened.astype(np.int64),
        "rejected": (opened & ~accepted).astype(np.int64),
        "openings": (opened & (syn | (flags < 0))).astype(np.int64),
        "answers": (~opened & syn).astype(np.int64),
        "bytes_out": np.where(out, size, 0),
        "bytes_back": np.where(back, size, 0),
        "packets_back": np.where(back, packets, 0),
        "first": first,
        "last": first + np.maximum(rows.fixed("seconds").astype(np.int64), 0),
        "to_service": to_service.astype(np.int64),
    }
    return columns, _relays(rows, columns["family"])


def _end(rows: _Rows, name: str) -> tuple[Array, Array]:
    """Return the halves of the packet's address where the log has it, else the interface's."""
    given = rows.given(f"pkt_{name}")
    high, low = (
        np.where(given, rows.column(f"pkt_{name}_{half}"), rows.column(f"{name}_{half}"))
        for half in ("high", "low")
    )
    return high, low


def _opened(protocol: Array, flags: Array, sport: Array, dport: Array, accepted: Array) -> Array:
    """Tell whether the source of a record opened the connection; see view.py."""
    tcp, known = protocol == 6, np.array(KNOWN_PORTS)
    syn = tcp & (flags >= 0) & (flags % 4 >= 2)
    calls, called = np.isin(dport, known), np.isin(sport, known)
    conditions: list[tuple[Array, Any]] = [
        (syn & (flags % 32 >= 16), False),
        (syn, True),
        ((protocol >= 0) & ~tcp & (protocol != 17), True),
        ((dport < 1024) & (sport >= 1024), True),
        ((sport < 1024) & (dport >= 1024), False),
        (calls & ~called, True),
        (called & ~calls, False),
        (~accepted, True),
        (sport < dport, False),
    ]
    choices = [np.full(len(protocol), value) for _, value in conditions]
    return np.select([each for each, _ in conditions], choices, default=True)


def _relays(rows: _Rows, family: Array) -> frozenset[Address]:
    """Return the interface's addresses of packets whose ends are others."""
    found: set[Address] = set()
    for name in ("srcaddr", "dstaddr"):
        there = rows.given(f"pkt_{name}") & rows.given(name)
        high, low = rows.column(f"{name}_high"), rows.column(f"{name}_low")
        other = (high != rows.column(f"pkt_{name}_high")) | (low != rows.column(f"pkt_{name}_low"))
        passed = there & other
        if not passed.any():
            continue
        seen = np.stack((family[passed], high[passed], low[passed]))
        for each in np.unique(seen, axis=1)[:, :MOST_RELAYS].T.tolist():
            found.add((each[0], each[1], each[2]))
    return frozenset(found)
