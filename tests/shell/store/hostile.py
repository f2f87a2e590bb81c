"""Files of logs that are damaged, cut and hostile; and what is known of them beforehand."""

import gzip
import json
import zlib
from dataclasses import dataclass
from random import Random

from ringwall.traffic.fields import DEFAULT_FLOW, FLOW, TRANSIT, Field
from tests.shell.store.test_queries import QUERY
from tests.traffic.records import header, record, some_fields

NAMES = ("a.log", "a.log.gz", "a.json", "a.txt")
Line = tuple[bytes, bool | None]  # its bytes; whether it is good, bad, or neither


@dataclass(frozen=True, slots=True)
class Made:
    """A file; of its lines, those that are good, bad (set aside, whatever the reason) or neither.

    `whole` is False where bytes were damaged after that, so that only bounds are known: of the good
    lines `least` are still there.
    """

    data: bytes
    good: int
    bad: int
    whole: bool = True
    least: int = 0


def made(random: Random) -> Made:
    """Return a file of a seed."""
    match random.randrange(10):
        case 0:
            return Made(random.randbytes(random.randrange(4000)), 0, 0, whole=False)
        case 1 | 2:
            return _queries(random)
        case 3:
            return _bomb(random)
        case _:
            return _records(random)


def _records(random: Random) -> Made:
    fields = random.choice((DEFAULT_FLOW, FLOW, TRANSIT, some_fields(random), some_fields(random)))
    lines: list[Line] = [(header(fields).encode(), None)]
    for _ in range(random.randrange(60)):
        kind = random.randrange(12)
        if kind == 0:
            lines.append((_wrong(random, fields), False))
        elif kind == 1 and random.random() < 0.3:
            lines.append((random.choice((b"", b"", header(fields).encode())), None))
        elif kind == 2 and random.random() < 0.05:
            lines.append((b"7" * random.choice((32_769, 300_000, 2_200_000)), False))
        else:
            status = random.choice(("OK", "OK", "OK", "NODATA", "SKIPDATA"))
            lines.append((record(random, fields, status=status).encode(), True))
    return _packed(random, lines)


def _wrong(random: Random, fields: tuple[Field, ...]) -> bytes:
    """Return a line that is wrong for certain."""
    words = record(random, fields).encode().split(b" ")
    at = [field.name for field in fields].index("srcaddr")
    match random.randrange(5):
        case 0:
            words[at] = random.choice((b"10.0.0", b"::1::", b"10.0.0.256", b"\xff", b"x" * 50))
        case 1:
            words.append(b"more")
        case 2 if len(words) > 1:
            words.pop()
        case 3:
            place = [field.name for field in fields].index("start")
            words[place] = random.choice((b"99999999999", b"-5", b"soon", b"1e9"))
        case _:
            return b"\x00\x01\x02 \xfe"
    return b" ".join(words)


def _queries(random: Random) -> Made:
    lines: list[Line] = [(json.dumps(QUERY).encode(), True)]
    for _ in range(random.randrange(40)):
        if random.random() < 0.2:
            wrong = (b"{", b"[]", b"nonsense", b'{"query_name": 1}', b"[" * 9000)
            lines.append((random.choice(wrong), False))
        else:
            query = QUERY | {"srcport": str(random.randrange(65536))}
            lines.append((json.dumps(query).encode(), True))
    return _packed(random, lines)


def _packed(random: Random, lines: list[Line]) -> Made:
    end = random.choice((b"\n", b"\n", b"\r\n"))
    text = end.join(line for line, _ in lines) + random.choice((b"\n", b"\n", b""))
    data = text
    if packed := random.random() < 0.5:
        cut = random.randrange(len(text) + 1)
        members = random.choice(([text], [text], [text[:cut], text[cut:]]))
        data = b"".join(gzip.compress(each, random.randrange(10)) for each in members)
    good, bad = (sum(worth is wanted for _, worth in lines) for wanted in (True, False))
    if random.random() < 0.7:
        return Made(data, good, bad)
    if random.random() < 0.5:
        data = data[: random.randrange(len(data) + 1)]
        there = len(_inflated(data) if packed else data)
        return Made(data, good, bad, whole=False, least=_least(lines, len(end), there))
    damaged = bytearray(data)
    for _ in range(random.randrange(1, 4)):
        damaged[random.randrange(len(damaged))] = random.randrange(256)
    return Made(bytes(damaged), good, bad, whole=False)


def _inflated(data: bytes) -> bytes:
    """Return the text of the members of a gz file that is cut."""
    text = b""
    while data:
        inflater = zlib.decompressobj(31)
        text += inflater.decompress(data)
        data = inflater.unused_data
    return text


def _least(lines: list[Line], end: int, there: int) -> int:
    """Return how many good lines stand whole, with their end, in the first bytes of a text."""
    place = count = 0
    for line, worth in lines:
        place += len(line) + end
        count += worth is True and place <= there
    return count


def _bomb(random: Random) -> Made:
    """Return a file that inflates far, or says that it does, of few good lines."""
    fields = DEFAULT_FLOW
    lines = [header(fields).encode(), *(record(random, fields).encode() for _ in range(5))]
    text = b"\n".join([*lines, b""])
    match random.randrange(3):
        case 0:
            text += random.choice((b"\n", b"8", b"start srcaddr\n")) * random.randrange(1 << 20)
            return Made(gzip.compress(text), 5, 0, whole=False)
        case 1:
            squeezer = zlib.compressobj(9, zlib.DEFLATED, 31)
            data = squeezer.compress(text) + squeezer.flush(zlib.Z_FULL_FLUSH)
            return Made(data + random.randbytes(200), 5, 0, whole=False)
        case _:
            return Made(gzip.compress(text) + random.randbytes(50), 5, 0, whole=False)
