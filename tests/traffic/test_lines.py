"""Lines of flow logs become rows, by both parsers alike."""

from ipaddress import ip_address
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis.strategies import binary, integers, lists, sampled_from

from ringwall.traffic.addresses import to_halves
from ringwall.traffic.fields import DEFAULT_FLOW
from ringwall.traffic.layouts import DEFAULT, of_format
from ringwall.traffic.lines import (
    FULL,
    HEADER,
    INT32,
    LONGEST,
    MOST_HOURS,
    MOST_PROBLEMS,
    SKIP,
    SOURCE,
    TEXT,
    TROUBLED,
    File,
    Rows,
    Target,
    new_hours,
)
from ringwall.traffic.parsers import PYTHON, Parser, compiled
from ringwall.traffic.problems import Reason
from tests.traffic.compiling import STRICT, build, sanitized
from tests.traffic.records import header, record
from tests.traffic.twins import HOSTILE, compare, drawn, load, outcome

CODE, TWINS = "_lines", "tests.traffic.twins"
PARSERS = [each for each in (PYTHON, compiled()) if each is not None]
WIDE = of_format("start srcaddr")


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Parser:
    """The compiled parser, as its source is now."""
    return load(str(build(CODE, tmp_path_factory.mktemp("lines"), *STRICT)))


@pytest.mark.property
def test_the_twins_agree_on_drawn_and_spoilt_lines(library: Parser) -> None:
    compare(library, 1, 3000)


@pytest.mark.property
@pytest.mark.parametrize("word", HOSTILE, ids=lambda word: repr(word[:20]))
def test_the_twins_agree_on_a_hostile_word_in_every_place(library: Parser, word: bytes) -> None:
    words = record(Random(1), DEFAULT_FLOW).encode().split(b" ")
    texts = [b" ".join([*words[:at], word, *words[at + 1 :]]) for at in range(len(words))]
    data = b"\n".join(texts) + b"\n"
    assert outcome(library, DEFAULT, data) == outcome(PYTHON, DEFAULT, data)


@pytest.mark.property
def test_the_twins_agree_on_any_bytes(library: Parser) -> None:
    @settings(max_examples=300, deadline=None)
    @given(lists(binary() | sampled_from((b" ", b"\n", b"\r\n", *HOSTILE[:-12])), max_size=40))
    def agree(parts: list[bytes]) -> None:
        data = b"".join(parts) + b"\n"
        assert outcome(library, DEFAULT, data) == outcome(PYTHON, DEFAULT, data)

    agree()


@pytest.mark.property
def test_an_address_is_one_to_the_parser_if_it_is_one_to_python(library: Parser) -> None:
    letters = [bytes([c]) for c in b"0123456789abcdefABCDEF::::....%/g"]

    @settings(max_examples=800, deadline=None)
    @given(lists(sampled_from(letters), min_size=1, max_size=24))
    def same(parts: list[bytes]) -> None:
        text = b"".join(parts)
        _, problems, values, _ = outcome(library, WIDE, b"1764000000 " + text + b"\n")
        try:
            assert b"%" not in text
            expected = to_halves(str(ip_address(text.decode())))
        except (AssertionError, ValueError):
            assert [reason for *_, reason in problems] == [Reason.ADDRESS]
        else:
            high, low = values["srcaddr_high"], values["srcaddr_low"]
            assert (values["family"], high, low) == tuple([each] for each in expected)

    same()


def test_the_compiled_parser_refuses_what_could_lead_it_outside(library: Parser) -> None:
    rows = Rows(np.zeros(4, "i4"), np.zeros(4, "i8"), np.zeros(4, "i4"), np.zeros(4, "i1"))
    codes, texts = np.zeros(4, "i4"), library.dictionary()
    skip, text = Target(SKIP), Target(TEXT, 0, codes, texts)

    def refused(error: type[Exception], data: bytes, span: tuple[int, int], *targets, room=(0, 4)):
        with pytest.raises(error):
            library.parse(data, span, targets, rows, room, File(new_hours()), [])

    refused(ValueError, b"x", (0, 1), skip)
    refused(ValueError, b"x\n", (0, 5), skip)
    refused(ValueError, b"x\n", (-1, 2), skip)
    refused(ValueError, b"x\n", (2, 1), skip)
    refused(ValueError, b"x\n", (0, 2))
    refused(ValueError, b"x\n", (0, 2), *[skip] * 257)
    refused(ValueError, b"x\n", (0, 2), skip, room=(0, 5))
    refused(ValueError, b"x\n", (0, 2), skip, room=(-1, 4))
    refused(ValueError, b"x\n", (0, 2), Target(99))
    refused(ValueError, b"x\n", (0, 2), Target(INT32, 1 << 31, codes))
    refused(ValueError, b"x\n", (0, 2), Target(TEXT, 0, codes[:3].copy(), texts))
    refused(ValueError, b"x\n", (0, 2), text, text)
    refused(TypeError, b"x\n", (0, 2), Target(TEXT, 0, codes, {}))
    refused(ValueError, b"x\n", (0, 2), Target(TEXT, 0, codes[::2], texts))
    refused(BufferError, b"x\n", (0, 2), Target(TEXT, 0, b"read only" * 9, texts))
    address = Target(SOURCE, 0, np.zeros(4, "i8"), np.zeros(4, "i8"), np.zeros(4, "u1"))
    refused(ValueError, b"x\n", (0, 2), *[address] * 5)
    assert texts.texts() == []
    assert library.parse(b"x\n", (0, 2), (text,), rows, (0, 4), File(new_hours(), 1), [])[2] == 1


def test_the_sanitizers_find_nothing_in_a_sample(tmp_path: Path) -> None:
    done = sanitized(CODE, TWINS, tmp_path, 7, 300)
    assert (done.returncode, done.stdout) == (0, "equal\n"), done.stderr[-3000:]


@pytest.mark.campaign
@pytest.mark.parametrize("seed", range(8))
def test_the_sanitizers_find_nothing(tmp_path: Path, seed: int) -> None:
    done = sanitized(CODE, TWINS, tmp_path, 1000 + seed, 20_000)
    assert (done.returncode, done.stdout) == (0, "equal\n"), done.stderr[-3000:]


@pytest.mark.parametrize("parser", PARSERS, ids=lambda p: p.name)
def test_a_header_stops_the_parser_unless_it_is_the_one_before(parser: Parser) -> None:
    line = record(Random(2), DEFAULT_FLOW)
    same, other = header(DEFAULT_FLOW), "start srcaddr"
    told, problems, _, _ = outcome(parser, DEFAULT, f"{same}\n{line}\n{other}\n{line}\n".encode())
    assert (told, problems) == ((HEADER, len(same) + len(line) + 2, 1, 2), [])


@pytest.mark.parametrize("parser", PARSERS, ids=lambda p: p.name)
def test_the_parser_stops_when_rows_or_problems_are_full(parser: Parser) -> None:
    line = record(Random(3), DEFAULT_FLOW)
    told, *_ = outcome(parser, DEFAULT, f"{line}\n{line}\n\n{line}\n".encode(), rows=2)
    assert told == (FULL, 2 * len(line) + 3, 2, 3)
    told, problems, *_ = outcome(parser, DEFAULT, b"x\n" * (MOST_PROBLEMS + 5))
    assert (told[0], told[3], len(problems)) == (TROUBLED, MOST_PROBLEMS, MOST_PROBLEMS)


@pytest.mark.parametrize("parser", PARSERS, ids=lambda p: p.name)
def test_both_sides_of_every_bound(parser: Parser) -> None:
    layout = of_format("start end srcport protocol packets srcaddr dstaddr")
    bounds = {
        "0 0 65535 255 9223372036854775807 0.0.0.0 255.255.255.255": None,
        "4102444799 4102444799 0 0 0 :: ffff::": None,
        "4102444800 4102444800 0 0 0 :: ffff::": Reason.TIME,
        "1764000000 1763999999 0 0 0 :: ffff::": Reason.TIME,
        "0 2147483647 0 0 0 :: ffff::": None,
        "0 2147483648 0 0 0 :: ffff::": Reason.TIME,
        "0 0 65536 0 0 :: ffff::": Reason.INTEGER,
        "0 0 0 256 0 :: ffff::": Reason.INTEGER,
        "0 0 0 0 9223372036854775808 :: ffff::": Reason.INTEGER,
        "0 0 0 0 0 10.0.0.1 ffff::": Reason.FAMILY,
        "0 0 0 0 0 10.0.0.1 -": None,
        "0 0 0 0 0 - -": None,
        "0 0 0 0 0 -": Reason.FIELDS,
        "0 0 0 0 0 - - -": Reason.FIELDS,
        "0 0 0 0  - -": Reason.FIELDS,
        " 0 0 0 0 0 - -": Reason.FIELDS,
        "9" * (LONGEST + 1): Reason.LONG,
        "9" * LONGEST: Reason.INTEGER,
    }
    for text, reason in bounds.items():
        _, problems, *_ = outcome(parser, layout, f"{text}\n".encode())
        assert [each[3] for each in problems] == ([] if reason is None else [reason]), text


@pytest.mark.parametrize("parser", PARSERS, ids=lambda p: p.name)
def test_a_file_has_only_so_many_hours(parser: Parser) -> None:
    data = "".join(f"{n * 3600} -\n" for n in range(MOST_HOURS + 2)).encode()
    told, problems, *_ = outcome(parser, WIDE, data, rows=MOST_HOURS + 2)
    assert told[2] == MOST_HOURS
    assert [reason for *_, reason in problems] == [Reason.HOURS] * 2


@given(integers(0, 1 << 32))
def test_lines_are_drawn_alike_for_a_seed(seed: int) -> None:
    assert drawn(Random(seed)) == drawn(Random(seed))
