"""Queries of a resolver that are read many at once are those that are read one by one."""

import json
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis.strategies import binary, lists, sampled_from

from ringwall.shell.store import query_frames
from ringwall.shell.store.query_frames import QueryFrames
from ringwall.traffic.batches import Frame
from ringwall.traffic.problems import Reason
from ringwall.traffic.queries import LONGEST, read_query
from tests.shell.store.conftest import PARSERS, Place
from tests.shell.store.test_queries import QUERY

USUAL = {name: value for name, value in QUERY.items() if name != "something_new"}
Row = dict[str, int | bytes]


def line(**changes: Any) -> bytes:
    """Return a usual line with changes; None takes a key out."""
    found = {name: value for name, value in (USUAL | changes).items() if value is not None}
    return json.dumps(found, separators=(",", ":")).encode()


def one_by_one(text: bytes) -> Iterator[Row | Reason | None]:
    for each in text.split(b"\n")[:-1]:
        if not each.strip():
            yield None
            continue
        found = read_query(each)
        yield (
            found
            if isinstance(found, Reason)
            else {name: value for name, value in found.items() if value is not None}
        )


def of_frame(frame: Frame) -> Iterator[Row]:
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


def many(text: bytes) -> tuple[list[Row | Reason | None], int]:
    """Return what lines are, and how many of them stood in frames."""
    found: list[Row | Reason | None] = []
    framed = 0
    for piece, frame in QueryFrames().of(text):
        found += one_by_one(piece) if frame is None else of_frame(frame)
        framed += frame.rows if frame else 0
    return found, framed


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


def compare(random: Random, lines: int, share: float) -> int:
    usual = [line(srcport=str(n)) for n in range(lines)]
    each = [spoilt(random) if random.random() < share else text for text in usual]
    text = random.choice((b"\n", b"\n", b"\r\n")).join([*each, b""])
    text = text if text.endswith(b"\n") else text + b"\n"
    found, framed = many(text)
    assert found == list(one_by_one(text))
    return framed


@pytest.mark.parametrize("change", CHANGES, ids=range(len(CHANGES)))
def test_a_change_of_a_usual_line_is_read_the_same(change: dict[str, Any]) -> None:
    text = b"\n".join([line(), line(**change), line(srcport="9"), b""])
    assert many(text)[0] == list(one_by_one(text))


@pytest.mark.property
@pytest.mark.parametrize("seed", range(4))
def test_lines_are_read_the_same_however_they_are_spoilt(seed: int) -> None:
    random = Random(seed)
    assert sum(compare(random, random.randrange(1, 200), 0.03) for _ in range(25)) > 200
    for _ in range(25):
        compare(random, random.randrange(1, 40), 0.6)


@pytest.mark.campaign
@pytest.mark.parametrize("seed", range(100, 140))
def test_many_lines_are_read_the_same_however_they_are_spoilt(seed: int) -> None:
    random = Random(seed)
    for _ in range(400):
        compare(random, random.randrange(1, 120), random.choice((0.01, 0.1, 0.8)))


@pytest.mark.property
def test_any_bytes_among_usual_lines_are_read_the_same() -> None:
    @settings(max_examples=200, deadline=None)
    @given(lists(binary(max_size=30) | sampled_from((line(), b"\n", *WORDS)), max_size=12))
    def same(parts: list[bytes]) -> None:
        text = line() + b"\n" + b"".join(parts) + b"\n" + line() + b"\n"
        assert many(text)[0] == list(one_by_one(text))

    same()


def test_usual_lines_are_read_many_at_once_and_bad_ones_cost_their_neighbours_alone() -> None:
    usual = [line(srcport=str(n)) for n in range(4096)]
    assert many(b"\n".join([*usual, b""]))[1] == 4096
    usual[700] = b"{"
    assert 4096 - query_frames.FEW - 1 <= many(b"\n".join([*usual, b""]))[1] < 4096


def test_a_key_that_is_new_is_learnt_and_passed_over() -> None:
    frames = QueryFrames()
    text = b"\n".join([*(line(new_key=f"v{n}") for n in range(1000)), b""])
    assert any(frame is None for _, frame in frames.of(text))
    [(_, frame)] = frames.of(text)
    assert frame is not None
    assert list(of_frame(frame)) == list(one_by_one(text))


@pytest.mark.parametrize("parser", PARSERS, ids=lambda parser: parser.name)
def test_the_store_is_the_same(place: Place, monkeypatch, parser) -> None:
    random = Random(5)
    lines = [spoilt(random) if n % 50 == 7 else line(srcport=str(n)) for n in range(3000)]
    lines = [each for each in lines if b"\n" not in each]
    place.write("q.log.gz", b"\n".join([*lines, b""]).decode("latin-1").encode("latin-1"))
    monkeypatch.setattr("ringwall.traffic.batches.MOST_ROWS", 500)
    many = place.ingest(parser=parser)
    other = Place(place.logs.parent / "other")
    other.write("q.log.gz", (place.logs / "q.log.gz").read_bytes())
    (other.logs / "q.log.gz").write_bytes((place.logs / "q.log.gz").read_bytes())
    monkeypatch.setattr(query_frames, "_is_usual", lambda *_: False)
    one = other.ingest(parser=parser)
    assert (many.records, many.aside) == (one.records, one.aside)
    key = lambda row: sorted((name, str(value)) for name, value in row.items())  # noqa: E731
    assert sorted(map(key, place.rows("dns"))) == sorted(map(key, other.rows("dns")))
    assert len(place.rows("dns")) == many.records > 2500
