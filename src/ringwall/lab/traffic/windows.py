"""Conversations → records: one for each place that sees them, direction and aggregation window.

Rules:
- A window belongs to an interface; `start` is the first packet in it, `end` the last (VPC guide).
- Packets are spread evenly over a conversation; its flags stand in the windows of its first and its
  last packet, and nothing in those between.
- What has one 5-tuple at one place in one window is one record.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringwall.lab.traffic.conversations import Columns
from ringwall.lab.traffic.courses import Courses
from ringwall.lab.traffic.stations import Vantage

RECORD = {
    "vantage": np.int32,
    "remote": np.int32,
    "label": np.int32,
    "sport": np.int32,
    "dport": np.int32,
    "window": np.int64,  # its number: (time - phase) / length of the interface's windows
    "packets": np.int64,
    "bytes": np.int64,
    "start": np.int64,
    "end": np.int64,
    "flags": np.int16,
}


@dataclass(frozen=True, slots=True)
class Places:
    """The vantages of all courses, as columns; those of course `n` start at `offset[n]`."""

    offset: NDArray[Any]
    count: NDArray[Any]
    reply: NDArray[Any]
    translated: NDArray[Any]
    length: NDArray[Any]
    phase: NDArray[Any]
    interface: NDArray[Any]
    transit: NDArray[Any]
    loses: NDArray[Any]  # a transit gateway has no way for what comes in here
    vantages: list[Vantage]


def places_of(courses: Courses) -> Places:
    """Return the vantages of all courses that are known so far."""
    count = np.array([len(c.vantages) for c in courses.known] or [0], np.int64)
    seen = [v for c in courses.known for v in c.vantages]
    return Places(
        offset=np.concatenate(([0], np.cumsum(count)[:-1])),
        count=count,
        reply=np.array([v.reply for v in seen], bool),
        translated=np.array([v.translated for v in seen], bool),
        # A transit gateway's flow log has windows of a minute.
        length=np.array([60 if v.leg else v.interface.window for v in seen], np.int64),
        phase=np.array([0 if v.leg else v.interface.phase for v in seen], np.int64),
        interface=np.array([v.interface.number for v in seen], np.int64),
        transit=np.array([v.leg is not None for v in seen], bool),
        loses=np.array([v.leg is not None and v.leg.lost != "" for v in seen], bool),
        vantages=seen,
    )


def records_of(conversations: Columns, places: Places) -> Columns:
    """Return the records of conversations, not yet merged and in no order."""
    talks = conversations
    count = places.count[talks["course"]]
    row = np.repeat(np.arange(len(count)), count)
    inside = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    vantage = places.offset[talks["course"][row]] + inside
    reply = places.reply[vantage]
    packets = np.where(reply, talks["answers"][row], talks["packets"][row])
    there = packets > 0
    row, vantage, reply, packets = row[there], vantage[there], reply[there], packets[there]
    opens, lasts = talks["opens"][row], talks["lasts"][row]
    length, phase = places.length[vantage], places.phase[vantage]
    first = ((opens - phase) // length).astype(np.int64)
    last = ((opens + lasts - phase) // length).astype(np.int64)
    windows = last - first + 1
    part = np.repeat(np.arange(len(row)), windows)
    inside = np.arange(len(part)) - np.repeat(np.cumsum(windows) - windows, windows)
    row, vantage, reply = row[part], vantage[part], reply[part]
    opens, lasts, total = opens[part], lasts[part], packets[part]
    length = length[part]
    number = first[part] + inside
    begins = number * length + phase[part]
    is_first, is_last = inside == 0, number == last[part]
    before = np.where(is_first, 0, _sent(begins, opens, lasts, total))
    until = np.where(is_last, total, _sent(begins + length, opens, lasts, total))
    sent = until - before
    size = np.where(reply, talks["answer_bytes"][row], talks["bytes"][row])
    share = size / np.maximum(total, 1)
    whole = np.round(share * until).astype(np.int64) - np.round(share * before).astype(np.int64)
    step = lasts / np.maximum(total - 1, 1)
    start = np.clip(np.floor(opens + step * before), begins, begins + length - 1)
    end = np.clip(np.floor(opens + step * (until - 1)), start, begins + length - 1)
    flags = np.where(is_first, np.where(reply, talks["answer_first"][row], talks["first"][row]), 0)
    flags |= np.where(is_last, np.where(reply, talks["answer_last"][row], talks["last"][row]), 0)
    client, server = talks["sport"][row], talks["dport"][row]
    outer = places.translated[vantage] & (client > 0)
    # A NAT gateway takes a port of 1024 to 65535; the same connection keeps it.
    client = np.where(
        outer, 1024 + (client * 40_507 + talks["course"][row] * 7_919) % 64_512, client
    )
    found = {
        "vantage": vantage,
        "remote": talks["remote"][row],
        "label": talks["label"][row],
        "sport": np.where(reply, server, client),
        "dport": np.where(reply, client, server),
        "window": number,
        "packets": sent,
        "bytes": whole,
        "start": start,
        "end": end,
        "flags": flags,
    }
    kept = sent > 0
    return {name: found[name][kept].astype(kind, copy=False) for name, kind in RECORD.items()}


def _sent(
    moment: NDArray[Any], opens: NDArray[Any], lasts: NDArray[Any], total: NDArray[Any]
) -> NDArray[Any]:
    """Return how many packets were sent before a moment; the last one is sent at the end."""
    share = np.clip((moment - opens) / np.maximum(lasts, 1e-9), 0.0, 1.0)
    inner = np.ceil((total - 1) * share).astype(np.int64)
    return np.where(total > 1, np.maximum(inner, 1), total)


def merged(records: Columns, order: NDArray[Any]) -> tuple[Columns, NDArray[Any]]:
    """Sort records by `order`, then place, ports and window, and add up those that are one.

    Returns them with their order. Of several labels the highest counts, of times the outermost.
    """
    who = (records["vantage"].astype(np.int64) << 32) | (records["remote"].astype(np.int64) + 1)
    ports = (records["sport"].astype(np.int64) << 16) | records["dport"]
    sorting = np.lexsort((records["window"], ports, who, order))
    if not len(sorting):
        return records, order
    records = {name: values[sorting] for name, values in records.items()}
    order, who, ports = order[sorting], who[sorting], ports[sorting]
    new = np.ones(len(sorting), bool)
    new[1:] = (
        (who[1:] != who[:-1])
        | (ports[1:] != ports[:-1])
        | (records["window"][1:] != records["window"][:-1])
        | (order[1:] != order[:-1])
    )
    if new.all():
        return records, order
    at = np.flatnonzero(new)
    found = {name: values[at] for name, values in records.items()}
    for name, how in (
        ("packets", np.add),
        ("bytes", np.add),
        ("start", np.minimum),
        ("end", np.maximum),
        ("flags", np.bitwise_or),
        ("label", np.maximum),
    ):
        found[name] = how.reduceat(records[name], at)
    return found, order[at]
