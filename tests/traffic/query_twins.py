"""Queries of a resolver read many at once, and one by one: made comparable.

Run as a program it takes a library, a seed and a number of rounds: `python -m
tests.traffic.query_twins LIBRARY SEED ROUNDS` compares that library with what reads a single line.
"""

import json
import sys
from collections.abc import Iterator
from random import Random
from typing import Any

from ringwall.traffic.batches import Frame
from ringwall.traffic.parsers import Scan
from ringwall.traffic.problems import Reason
from ringwall.traffic.queries import LONGEST, read_query
from ringwall.traffic.query_frames import frame_of
from tests.shell.store.test_queries import QUERY
from tests.traffic.twins import module_of

USUAL = {name: value for name, value in QUERY.items() if name != "something_new"}
Row = dict[str, int | bytes]


def line(**changes: Any) -> bytes:
    """Return a usual line with changes; None takes a key out."""
    found = {name: value for name, value in (USUAL | changes).items() if value is not None}
    return json.dumps(found, separators=(",", ":")).encode()


def one(text: bytes) -> Row | Reason | None:
    """Return what a line is, read by itself; None for an empty one."""
    if not text.strip():
        return None
    found = read_query(text)
    if isinstance(found, Reason):
        return found
    return {name: value for name, value in found.items() if value is not None}


def one_by_one(text: bytes) -> list[Row | Reason | None]:
    """Return what each line is, read by itself."""
    return [one(each) for each in text.split(b"\n")[:-1]]


def of_frame(frame: Frame) -> Iterator[Row]:
    """Yield the rows of a frame, without what has no value."""
    texts = {name: (codes.tolist(), kept) for name, (codes, kept) in frame.texts.items()}
    for at in range(frame.rows):
        row: Row = {name: int(values[at]) for name, values in frame.numbers.items()}
        row = {name: value for name, value in row.items() if value != -1 or "_low" in name}
        if frame.family[at]:
            row["family"] = int(frame.family[at])
        else:
            row = {name: value for name, value in row.items() if not name.startswith("srcaddr")}
        row |= {name: kept[codes[at]] for name, (codes, kept) in texts.items() if codes[at] >= 0}
        yield row


def many(text: bytes, scan: Scan | None) -> tuple[list[Row | Reason | None], int]:
    """Return what each line is, read many at once, and how many of them were."""
    frame, others = frame_of(text, scan)
    rows = of_frame(frame) if frame else iter(())
    apart = dict(others)
    count = text.count(b"\n")
    found = [one(apart[n]) if n in apart else next(rows) for n in range(count)]
    assert next(rows, None) is None
    return found, count - len(apart)


WORDS = (
    b"{}", b"[]", b"null", b"NaN", b'"x"', b"}\n{", b"},{", b"}{", b"} {", b"\r", b"\t", b" ",
    b"\x00", b"\x01", b"\x7f", b"\xff", b"\xc3\xa9", b"\\", b'\\"', b"\\u0041", b"\\ud800",
    b"\\n", b'"', b":", b",", b"1", b"-1", b"1e999", b"true", b'"a":"b",', b"[" * 2000, b"[[",
    b'"query_name":"other",', b'"query-name":"q",', b'"srcaddr":"::1",', b"]]", b"0" * 5000,
)  # fmt: skip
CHANGES: tuple[dict[str, Any], ...] = (
    {}, {"query_name": "A-B.Example."}, {"query_name": "-"}, {"query_name": "."},
    {"query_name": ""}, {"query_name": "-."}, {"query_name": None}, {"query_name": 5},
    {"query_name": "\\052.x."}, {"query_name": 'q"q'}, {"query_name": "é.example"},
    {"query_name": "İ"}, {"query_name": "\ud800"}, {"query_name": "x" * LONGEST},
    {"query_timestamp": "2025-11-24T16:00:01.999Z"}, {"query_timestamp": "2025-11-24T16:00:01"},
    {"query_timestamp": "2025-11-24T16:00:01+02:00"}, {"query_timestamp": "1969-11-24T16:00:01Z"},
    {"query_timestamp": "2025-13-24T16:00:01Z"}, {"query_timestamp": None}, {"query_timestamp": 7},
    {"srcport": 53}, {"srcport": "65535"}, {"srcport": "65536"}, {"srcport": "-"}, {"srcport": ""},
    {"srcport": "00080"}, {"srcport": "+80"}, {"srcport": " 80"}, {"srcport": "9" * 19},
    {"srcport": "9" * 20}, {"srcport": None}, {"srcport": True}, {"srcport": "٣"},
    {"srcaddr": "fd00::5"}, {"srcaddr": "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
    {"srcaddr": "fe80::1%eth0"}, {"srcaddr": "10.0.0"}, {"srcaddr": "-"}, {"srcaddr": None},
    {"srcaddr": "::ffff:10.0.0.1"}, {"srcaddr": 5},
    {"answers": []}, {"answers": None}, {"answers": [{}]}, {"answers": [{"Rdata": "x"}]},
    {"answers": [{"Type": "", "Rdata": ""}]}, {"answers": [{"type": "A", "rdata": "x"}]},
    {"answers": [{"Type": "TXT", "Rdata": 'a\n"b"'}, {"Type": "A", "Rdata": "192.0.2.1"}]},
    {"answers": [None]}, {"answers": "x"}, {"answers": [["x"]]}, {"answers": [{"Rdata": 7}]},
    {"srcids": {}}, {"srcids": None}, {"srcids": "x"}, {"srcids": {"instance": "-"}},
    {"srcids": {"resolver_endpoint": "a", "resolver-endpoint": "b"}},
    {"srcids": {"resolver-network-interface": "eni-1"}}, {"srcids": {"more": "x"}},
    {"account_id": 123456789012}, {"transport": "-"}, {"rcode": ""}, {"region": ["x"]},
    {"version": 1.1}, {"new_key": "x"}, {"new-key": "x"}, {"query-name": "other"},
    {"new_key": {"deep": [[1]]}}, {"firewall_protection": "DGA"},
)  # fmt: skip


def spoilt(random: Random) -> bytes:
    """Return a line that is usual, or changed, or has bytes put in, taken out or doubled."""
    found = line(**random.choice(CHANGES))
    match random.randrange(6):
        case 0:
            at = random.randrange(len(found) + 1)
            return found[:at] + random.choice(WORDS) + found[at:]
        case 1:
            at, end = sorted(random.randrange(len(found) + 1) for _ in range(2))
            return found[:at] + found[end:]
        case 2 if random.random() < 0.3:
            return random.choice((b"", b" ", found + found, found.replace(b'":', b'" : ')))
        case _:
            return found


def compare(scan: Scan, random: Random, lines: int, share: float) -> int:
    """Compare on drawn lines, of which a share is spoilt; return how many were read at once."""
    usual = [line(srcport=str(n)) for n in range(lines)]
    each = [spoilt(random) if random.random() < share else text for text in usual]
    text = random.choice((b"\n", b"\n", b"\r\n")).join([*each, b""])
    text = text if text.endswith(b"\n") else text + b"\n"
    found, framed = many(text, scan)
    assert found == one_by_one(text)
    return framed


if __name__ == "__main__":
    drawn = Random(int(sys.argv[2]))
    library = module_of("ringwall.traffic._queries", sys.argv[1]).scan
    for _ in range(int(sys.argv[3])):
        compare(library, drawn, drawn.randrange(1, 60), drawn.choice((0.02, 0.3, 0.9)))
    sys.stdout.write("equal\n")
