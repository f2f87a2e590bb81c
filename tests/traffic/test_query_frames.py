"""Queries of a resolver that are read many at once are those that are read one by one."""

from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis.strategies import binary, lists, sampled_from

from ringwall.traffic.parsers import PYTHON, Parser, Scan
from tests.shell.store.conftest import Place
from tests.traffic.compiling import STRICT, build, sanitized
from tests.traffic.query_twins import CHANGES, WORDS, compare, line, many, one_by_one, spoilt
from tests.traffic.twins import module_of

CODE, TWINS = "_queries", "tests.traffic.query_twins"


@pytest.fixture(scope="module")
def scan(tmp_path_factory: pytest.TempPathFactory) -> Scan:
    """The compiled scanner, as its source is now."""
    library = build(CODE, tmp_path_factory.mktemp("queries"), *STRICT)
    found: Scan = module_of(f"ringwall.traffic.{CODE}", str(library)).scan
    return found


@pytest.mark.parametrize("change", CHANGES, ids=range(len(CHANGES)))
def test_a_change_of_a_usual_line_is_read_the_same(scan: Scan, change: dict[str, Any]) -> None:
    text = b"\n".join([line(), line(**change), line(srcport="9"), b""])
    assert many(text, scan)[0] == one_by_one(text)


@pytest.mark.property
@pytest.mark.parametrize("seed", range(4))
def test_lines_are_read_the_same_however_they_are_spoilt(scan: Scan, seed: int) -> None:
    random = Random(seed)
    assert sum(compare(scan, random, random.randrange(1, 200), 0.03) for _ in range(25)) > 1000
    for _ in range(50):
        compare(scan, random, random.randrange(1, 40), 0.6)


@pytest.mark.property
def test_any_bytes_among_usual_lines_are_read_the_same(scan: Scan) -> None:
    @settings(max_examples=300, deadline=None)
    @given(lists(binary(max_size=30) | sampled_from((line(), b"\n", *WORDS)), max_size=12))
    def same(parts: list[bytes]) -> None:
        text = line() + b"\n" + b"".join(parts) + b"\n" + line() + b"\n"
        assert many(text, scan)[0] == one_by_one(text)

    same()


@pytest.mark.property
@pytest.mark.parametrize("word", WORDS, ids=lambda word: repr(word[:20]))
def test_a_word_in_every_place_of_a_line_is_read_the_same(scan: Scan, word: bytes) -> None:
    usual = line(query_name='a\\"b', answers=[{"Type": "TXT", "Rdata": 'x"y'}])
    texts = [usual[:at] + word + usual[at:] for at in range(len(usual) + 1)]
    text = b"\n".join([*texts, b""])
    assert many(text, scan)[0] == one_by_one(text)


def test_a_line_that_is_not_usual_is_read_apart_and_alone(scan: Scan) -> None:
    usual = [line(srcport=str(n)) for n in range(4096)]
    assert many(b"\n".join([*usual, b""]), scan)[1] == 4096
    usual[700] = b"{"
    assert many(b"\n".join([*usual, b""]), scan)[1] == 4095


def test_keys_that_are_new_and_answers_with_quotes_are_usual(scan: Scan) -> None:
    texts = [
        line(new_key="x", firewall_rule_action="ALERT"),
        line(answers=[{"Rdata": '"v=spf1 -all"', "Type": "TXT", "Class": "IN"}] * 9),
        line(query_name="\\052.example.com.", srcids={"resolver-endpoint": "rslvr-1"}),
    ]
    text = b"\n".join([*texts, b""])
    assert many(text, scan) == (one_by_one(text), 3)


def test_the_scanner_refuses_what_could_lead_it_outside(scan: Scan) -> None:
    names = (b"query_name", b"query_timestamp", b"srcport")

    def refused(error: type[Exception], *given: Any) -> None:
        with pytest.raises(error):
            scan(*given)

    refused(ValueError, b"{}", names, ())
    refused(ValueError, b"{}\n", names[:2], ())
    refused(ValueError, b"{}\n", (*names, *[b"x"] * 30), ())
    refused(ValueError, b"{}\n", names, (b"x",) * 30)
    refused(TypeError, b"{}\n", (*names, "x"), ())
    refused(TypeError, b"{}\n", list(names), ())
    refused(TypeError, "{}\n", names, ())
    assert scan(b"", names, ()) == (0, b"", ((b"", []),) * 4)
    assert scan(b"\n" * 100, names, ())[:2] == (100, b"")


@pytest.mark.parametrize("rows", [7, 500])
def test_the_store_is_the_same(
    scan: Scan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    place, other = Place(tmp_path / "many"), Place(tmp_path / "one")
    random = Random(5)
    lines = [spoilt(random) if n % 50 == 7 else line(srcport=str(n)) for n in range(1000)]
    place.write("q.log", b"\n".join([line(), *lines, b""]))
    monkeypatch.setattr("ringwall.traffic.batches.MOST_ROWS", rows)
    parser = Parser("scanning", PYTHON.dictionary, PYTHON.parse, scan)
    other.write("q.log", b"\n".join([line(), *lines, b""]))
    many, one = place.ingest("q.log", parser=parser), other.ingest(parser=PYTHON)
    assert (many.records, many.lines, many.aside) == (one.records, one.lines, one.aside)

    def by_text(place: Place) -> list[str]:
        return sorted(map(str, place.rows("dns")))

    assert by_text(place) == by_text(other)
    assert len(by_text(place)) == many.records > 900
    parts = [each.partition('"line"')[2] for each in place.aside()]
    assert parts == [each.partition('"line"')[2] for each in other.aside()]


def test_the_sanitizers_find_nothing_in_a_sample(tmp_path: Path) -> None:
    done = sanitized(CODE, TWINS, tmp_path, 7, 40)
    assert (done.returncode, done.stdout) == (0, "equal\n"), done.stderr[-3000:]


@pytest.mark.campaign
@pytest.mark.parametrize("seed", range(8))
def test_the_sanitizers_find_nothing(tmp_path: Path, seed: int) -> None:
    done = sanitized(CODE, TWINS, tmp_path, 1000 + seed, 2000)
    assert (done.returncode, done.stdout) == (0, "equal\n"), done.stderr[-3000:]
