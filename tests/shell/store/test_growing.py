"""A file that has more at its end since it was read gives its new lines, each once."""

import gzip
import json
from collections import Counter
from random import Random

import pytest

from ringwall.shell.clock import SystemClock
from ringwall.shell.store.ingesting import Ingest
from ringwall.shell.store.sources import local_sources
from ringwall.shell.store.store import Store
from ringwall.traffic.fields import DEFAULT_FLOW, FLOW
from tests.shell.store.conftest import PARSERS, Place
from tests.shell.store.test_queries import QUERY
from tests.traffic.records import header, record, some_fields

V2 = header(DEFAULT_FLOW)
LINE = "2 123456789012 eni-0a 10.0.0.1 10.0.0.2 40000 443 6 10 840 1764000000 1764000060 ACCEPT OK"


def line(port: int) -> str:
    return LINE.replace(" 40000 ", f" {port} ")


def ports(place: Place) -> list[int]:
    return sorted(row["srcport"] for row in place.rows())


def grow(place: Place, name: str, *texts: bytes, packed: bool = False) -> list[tuple[int, int]]:
    """Write a file longer and longer, ingest each, and return the records and lines of each."""
    found, data = [], b""
    for text in texts:
        data += gzip.compress(text) if packed else text
        (place.logs / name).write_bytes(data)
        report = place.ingest()
        assert report.changed == []
        found.append((report.records, report.lines))
    return found


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gz"])
def test_only_what_is_new_goes_in(place: Place, packed: bool) -> None:
    texts = [f"{V2}\n{line(1)}\n{line(2)}\n", f"{line(3)}\n", f"bad\n{line(4)}\n\n{line(5)}\n"]
    found = grow(place, "a.log", *(text.encode() for text in texts), packed=packed)
    assert found == [(2, 3), (1, 1), (2, 4)]
    assert ports(place) == [1, 2, 3, 4, 5]
    [entry] = map(json.loads, place.aside())
    assert (entry["line"], entry["text"]) == (5, "bad")
    again = place.ingest()
    assert (again.read, again.known) == (0, 1)


def test_the_format_is_that_of_the_last_header_of_what_was_there(place: Place) -> None:
    other = "start srcport srcaddr dstaddr\n1764000001 7 10.0.0.3 10.0.0.4\n"
    grow(place, "a.log", f"{V2}\n{line(1)}\n{other}".encode(), b"1764000002 8 10.0.0.5 10.0.0.6\n")
    assert ports(place) == [1, 7, 8]


@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["LF", "CRLF"])
def test_a_last_line_without_an_end_is_read_once(place: Place, end: str) -> None:
    first = end.join([V2, line(1), line(2)])
    found = grow(place, "a.log", first.encode(), end.encode(), f"{line(3)}{end}".encode())
    assert ports(place) == [1, 2, 3]
    assert [records for records, _ in found] == [2, 0, 1]


def test_a_line_that_was_a_piece_is_read_when_it_is_whole(place: Place) -> None:
    text = f"{V2}\n{line(1)}\n{line(2)}\n{line(3)}\n".encode()
    cut = len(f"{V2}\n{line(1)}\n{line(2)[:40]}")
    found = grow(place, "a.log", text[:cut], text[cut:])
    assert ports(place) == [1, 2, 3]
    assert [records for records, _ in found] == [1, 2]
    assert len(place.aside()) == 1


def test_a_gz_that_was_cut_gives_the_rest_when_it_is_whole(place: Place) -> None:
    random = Random(3)
    lines = [line(n).replace("10.0.0.1", f"10.{random.randrange(256)}.0.1") for n in range(2000)]
    data = gzip.compress("\n".join([V2, *lines, ""]).encode())
    place.logs.joinpath("a.log.gz").write_bytes(data[: len(data) // 2])
    first = place.ingest()
    place.logs.joinpath("a.log.gz").write_bytes(data)
    second = place.ingest()
    assert (first.aside, second.aside, second.grown) == ({"cut": 1}, {}, 1)
    assert first.records > 100
    assert ports(place) == list(range(2000))


def test_a_file_that_changed_is_read_again_and_what_may_be_twice_is_counted(
    place: Place,
) -> None:
    path = place.write("a.log", f"{V2}\n{line(1)}\n{line(2)}\n")
    place.ingest()
    path.write_text(f"{V2}\n{line(1)}\n{line(3)}\n{line(4)}\n")
    report = place.ingest()
    assert (report.changed, report.earlier, report.grown) == ([str(path)], 2, 0)
    assert ports(place) == [1, 1, 2, 3, 4]


def test_a_file_that_is_named_twice_and_grows_in_between_is_read_once(place: Place) -> None:
    """The first reading is not committed yet when the second one comes."""
    path = place.write("a.log", f"{V2}\n{line(1)}\n")
    with Store(place.store, create=True) as store, Ingest(store, PARSERS[0], SystemClock()) as run:
        run.read(local_sources(str(path), (None, None)))
        path.write_text(f"{V2}\n{line(1)}\n{line(2)}\n")
        run.read(local_sources(str(path), (None, None)))
    assert ports(place) == [1, 2]


def test_a_file_of_queries_grows(place: Place) -> None:
    lines = [json.dumps(QUERY | {"srcport": str(n)}) + "\n" for n in range(100)]
    grow(place, "q.log", "".join(lines[:60]).encode(), "".join(lines[60:]).encode())
    assert sorted(row["srcport"] for row in place.rows("dns")) == list(range(100))


def told(random: Random) -> list[bytes]:
    """Return the lines of a file of which no piece of a line is a record."""
    fields = random.choice((DEFAULT_FLOW, FLOW[:14], some_fields(random)))
    if random.random() < 0.2:
        return [json.dumps(QUERY | {"srcport": str(n)}).encode() for n in range(40)]
    wrong = (b"", b"x", b"\x00 \xff", b"5 " * 9, b"y" * 40_000)
    lines = [
        random.choice(wrong) if random.random() < 0.1 else record(random, fields).encode()
        for _ in range(40)
    ]
    return [header(fields).encode(), *lines]


def compare(place: Place, seed: int) -> int:
    """Ingest a file in steps and at once, and hold the rows against each other."""
    random = Random(seed)
    end = random.choice((b"\n", b"\n", b"\r\n"))
    lines = told(random)
    text = end.join([*lines, b""])
    packed = random.random() < 0.5
    places = sorted(random.sample(range(1, len(lines)), 3))
    cuts = [len(end.join([*lines[:at], b""])) for at in places]
    pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    steps = [gzip.compress(piece) if packed else piece for piece in pieces]
    whole = b"".join(steps)
    ends = sorted({*(sum(map(len, steps[: n + 1])) for n in range(len(steps)))})
    if random.random() < 0.5:  # cut anywhere, the first line excepted
        least = len(steps[0]) if packed else len(lines[0]) + len(end)
        ends = sorted({*random.sample(range(least, len(whole)), 3), len(whole)})
    slowly, once = Place(place.logs / f"{seed}-s"), Place(place.logs / f"{seed}-o")
    grown = 0
    parser = random.choice(PARSERS)
    for at in ends:
        (slowly.logs / "a.log").write_bytes(whole[:at])
        report = slowly.ingest(parser=parser)
        assert report.changed == [], seed
        grown += report.grown
    (once.logs / "a.log").write_bytes(whole)
    once.ingest(parser=parser)
    for table in ("flow", "quiet", "dns"):
        mine, theirs = (Counter(map(str, each.rows(table))) for each in (slowly, once))
        assert not theirs - mine, (seed, "a line is lost")
        assert sum((mine - theirs).values()) <= len(ends) - 1, seed  # pieces that are records too
    return grown


def test_a_file_that_grows_in_any_steps_gives_the_rows_of_the_whole(place: Place) -> None:
    assert sum(compare(place, seed) for seed in range(40)) > 60


@pytest.mark.campaign
def test_many_files_that_grow_in_any_steps_give_the_rows_of_the_whole(place: Place) -> None:
    assert sum(compare(place, seed) for seed in range(1000, 1500)) > 750
