"""Both parsers on the same bytes: their rows, problems and maps of hours, made comparable.

Run as a program it takes a library, a seed and a number of rounds: `python -m tests.traffic.twins
LIBRARY SEED ROUNDS` compares that library with the parser in Python.
"""

import sys
from importlib.machinery import ExtensionFileLoader
from importlib.util import module_from_spec, spec_from_loader
from random import Random
from typing import Any

from ringwall.traffic import lines
from ringwall.traffic.batches import Batch
from ringwall.traffic.layouts import Layout, of_names
from ringwall.traffic.lines import File
from ringwall.traffic.parsers import PYTHON, Parser
from tests.traffic.records import header, record, some_fields

NAME = "ringwall.traffic._lines"
ROWS = 64


def module_of(name: str, path: str) -> Any:
    """Return the module of a library."""
    loader = ExtensionFileLoader(name, path)
    spec = spec_from_loader(name, loader)
    assert spec is not None
    module = module_from_spec(spec)
    loader.exec_module(module)
    return module


def load(path: str) -> Parser:
    """Return the parser of a library."""
    module = module_of(NAME, path)
    return Parser("compiled", module.Dictionary, module.parse)


def outcome(parser: Parser, layout: Layout, data: bytes, rows: int = ROWS) -> Any:
    """Return what a parser makes of lines, as plain values."""
    batch = Batch(layout.table, parser, capacity=rows)
    targets = batch.targets(layout)
    hours = lines.new_hours()
    problems: list[tuple[int, int, int, int]] = []
    end = data.rfind(b"\n") + 1
    told = parser.parse(
        data,
        (0, end),
        targets,
        batch.fixed,
        (0, rows),
        File(hours, 1_764_000_000, header_of(layout)),
        problems,
    )
    n = told[2]
    values: dict[str, Any] = {
        "family": batch.fixed.family[:n].tolist(),
        "start": batch.fixed.start[:n].tolist(),
        "seconds": batch.fixed.seconds[:n].tolist(),
        "status": batch.fixed.status[:n].tolist(),
    }
    for name, array in batch.arrays.items():
        values[name] = array[:n].tolist()
        if name in batch.texts:
            texts = batch.texts[name].texts()
            values[name] = [texts[code] if code >= 0 else None for code in values[name]]
            assert len(batch.texts[name]) == len(texts)
            values[f"{name} bytes"] = sum(map(len, texts)) == batch.texts[name].size
        if name in batch.given:
            given = batch.given[name][:n].tolist()
            pairs = zip(values[name], given, strict=True)
            values[name] = [value if there else None for value, there in pairs]
    return tuple(told), [tuple(map(int, each)) for each in problems], values, bytes(hours)


def header_of(layout: Layout) -> bytes:
    """Return the header of a layout without columns that are passed over."""
    return " ".join(each.name for each in layout.fields if each).encode()


def drawn(random: Random) -> tuple[Layout, bytes]:
    """Return a layout, and lines of it of which some are spoilt."""
    fields = some_fields(random)
    layout = of_names([field.name for field in fields])
    assert layout is not None
    if random.random() < 0.2:
        layout = Layout(layout.table, (*layout.fields, None))
    texts = []
    for _ in range(random.randrange(1, 12)):
        status = random.choice(("OK", "OK", "OK", "NODATA", "SKIPDATA"))
        line = record(random, fields, status=status).encode()
        if layout.fields[-1] is None:
            line += b" more"
        texts.append(spoilt(random, line) if random.random() < 0.5 else line)
    if random.random() < 0.3:
        texts.insert(random.randrange(len(texts)), header(fields).encode())
    return layout, random.choice((b"\n", b"\n", b"\r\n")).join(texts) + b"\n"


HOSTILE = (
    b"",
    b" ",
    b"-",
    b"--",
    b"\0",
    b"\xff",
    b"\x7f",
    b"\r",
    b"\t",
    b"9" * 19,
    b"9" * 20,
    b"00",
    b"+1",
    b"-1",
    b"1_0",
    b"65536",
    b"2147483648",
    b"9223372036854775807",
    b"9223372036854775808",
    b"::",
    b":::",
    b"1::2::3",
    b"1:2:3:4:5:6:7:8",
    b"1:2:3:4:5:6:7::",
    b"::1.2.3.4",
    b"1.2.3.4::",
    b"fe80::1%0",
    b"1:2:3:4:5:6:7:8:9",
    b"12345::",
    b"::ffff:256.1.1.1",
    b"1.2.3",
    b"1.2.3.4.5",
    b"01.2.3.4",
    b"1.2.3.256",
    b"OK",
    b"ACCEPT",
    b"OKAY",
    b"ACCEPTED",
    b"4102444800",
    b"4102444799",
    b"start",
    b"version",
    b"eni-\xc3\xa9",
    b"x" * 40_000,
    b"1:2:3:4:5:6:1.2.3.4",
    b"1:2:3:4:5:6:7:1.2.3.4",
    b":1",
    b"1:",
    b"::1:",
    b"G::",
    b"ABCD::EF01",
)


def spoilt(random: Random, line: bytes) -> bytes:
    """Return a line with one thing changed."""
    words = line.split(b" ")
    at = random.randrange(len(words))
    match random.randrange(8):
        case 0:
            return line[: random.randrange(len(line))]
        case 1:
            return line[random.randrange(len(line)) :]
        case 2:
            place = random.randrange(len(line))
            return line[:place] + bytes([random.randrange(256)]) + line[place + 1 :]
        case 3:
            place = random.randrange(len(line))
            return line[:place] + bytes([random.randrange(256)]) + line[place:]
        case 4:
            del words[at]
        case 5:
            words.insert(at, random.choice(HOSTILE))
        case _:
            words[at] = random.choice(HOSTILE)
    return b" ".join(words)


def compare(parser: Parser, seed: int, rounds: int) -> None:
    """Compare a parser with the one in Python; raises AssertionError."""
    random = Random(seed)
    for number in range(rounds):
        layout, data = drawn(random)
        rows = random.choice((ROWS, ROWS, 3, 0))
        mine, theirs = (outcome(each, layout, data, rows) for each in (PYTHON, parser))
        assert mine == theirs, (seed, number, layout.names, data, mine[:3], theirs[:3])


if __name__ == "__main__":
    compare(load(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
    sys.stdout.write("equal\n")
