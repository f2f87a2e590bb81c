"""Seeded flow logs by the million, as AWS lays them out: gz, a file for every five minutes.

Addresses, ports, sizes and times are as skewed as in traffic: a few thousand hosts inside, many
sources outside that are seen once or twice, few services and many client ports.
"""

import json
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ringwall.traffic.fields import DEFAULT_FLOW, FLOW, Field

DAY = 1_764_028_800  # 2025-11-25, in UTC
FILES = 288
HOSTS, OUTSIDE, INTERFACES, NAMES = 4_000, 800_000, 2_000, 200_000
LEVEL = 6
KINDS = ("v2", "hour", "mixed", "all", "dns")

Texts = Any  # an Arrow array of text
Numbers = Any  # a NumPy array


def write(folder: Path, records: int, *, seed: int = 1, kind: str = "v2") -> list[Path]:
    """Write records in files of five minutes, unless they are there; return the files.

    `kind`: v2 (the default format), all (every field), mixed (v2, 30 % IPv6, 2 % NODATA, and of
    each thousand lines one that is damaged), hour (v2, all in one hour), dns (queries of a
    resolver, as JSON lines).
    """
    place = folder / f"{kind}-{records}-{seed}"
    done = place / ".done"
    if not done.exists():
        place.mkdir(parents=True, exist_ok=True)
        random = np.random.default_rng(seed)
        for number in range(FILES):
            count = (number + 1) * records // FILES - number * records // FILES
            text = b"".join((_queries if kind == "dns" else _pieces)(random, number, count, kind))
            squeezer = zlib.compressobj(LEVEL, zlib.DEFLATED, 31)
            data = squeezer.compress(text) + squeezer.flush()
            stamp = f"20251125T{number // 12:02}{number % 12 * 5:02}Z"
            name = f"123456789012_vpcflowlogs_us-east-1_fl-0a_{stamp}_{number:08x}.log.gz"
            (place / name).write_bytes(data)
        done.touch()
    return sorted(place.glob("*.gz"))


def _pieces(random: np.random.Generator, number: int, count: int, kind: str) -> Iterator[bytes]:
    fields = FLOW if kind == "all" else DEFAULT_FLOW
    yield (" ".join(field.name for field in fields) + "\n").encode()
    for begin in range(0, count, 50_000):
        rows = min(50_000, count - begin)
        columns = _columns(random, number, rows, kind)
        words = [columns.get(field.name) or _other(random, field, rows) for field in fields]
        lines = pc.binary_join_element_wise(*words, " ")
        if kind == "mixed":
            lines = _spoilt(random, lines, columns)
        whole = pa.ListArray.from_arrays(pa.array([0, rows], pa.int32()), lines)
        yield pc.binary_join(whole, "\n")[0].as_buffer().to_pybytes() + b"\n"


def _queries(random: np.random.Generator, number: int, count: int, _: str) -> Iterator[bytes]:
    """Yield queries: few names are asked often, by few hosts; a third has no answer, or has two."""
    for begin in range(0, count, 50_000):
        rows = min(50_000, count - begin)
        hosts, names = random.zipf(1.2, rows) % HOSTS, random.zipf(1.3, rows) % NAMES
        sites, answers = names * 2_654_435_761 % 65_536, random.integers(0, 3, rows)
        times = DAY + number * 300 + np.sort(random.integers(0, 300, rows))
        ports, kinds = random.integers(1024, 65_536, rows), random.choice(["A", "AAAA"], rows)
        for at, host in enumerate(hosts.tolist()):
            site, scrambled = int(sites[at]), host * 2_654_435_761 % (1 << 16)
            found = [{"Rdata": f"192.0.{site % 256}.{n}", "Type": "A"} for n in range(answers[at])]
            query = {
                "version": "1.100000",
                "account_id": "123456789012",
                "region": "us-east-1",
                "vpc_id": f"vpc-0{host % 8}",
                "query_timestamp": f"{datetime.fromtimestamp(times[at], UTC):%Y-%m-%dT%H:%M:%SZ}",
                "query_name": f"host-{names[at]}.site-{site}.example.com.",
                "query_type": str(kinds[at]),
                "query_class": "IN",
                "rcode": "NOERROR" if found else "NXDOMAIN",
                "answers": [each | {"Class": "IN"} for each in found],
                "srcaddr": f"10.0.{scrambled >> 8}.{scrambled & 255}",
                "srcport": str(ports[at]),
                "transport": "UDP",
                "srcids": {"instance": f"i-0{host * 0x9E3779B97F4A7C15 % (1 << 64):016x}"},
            }
            yield json.dumps(query, separators=(",", ":")).encode() + b"\n"


def _columns(random: np.random.Generator, number: int, rows: int, kind: str) -> dict[str, Texts]:
    inward = random.random(rows) < 0.5
    inside, outside = random.zipf(1.2, rows) % HOSTS, random.zipf(1.05, rows) % OUTSIDE
    near, far = _inside(inside), _outside(outside)
    if kind == "mixed":
        other = random.random(rows) < 0.3
        near = pc.if_else(pa.array(other), _six(inside, "10"), near)
        far = pc.if_else(pa.array(other), _six(outside, "f0"), far)
    service = random.choice([443, 80, 53, 22, 3306, 5432, 8080, 123], rows, p=_SHARES)
    client = random.integers(1024, 65536, rows)
    packets = np.minimum(random.zipf(1.5, rows), 1 << 20)
    hour = DAY + (0 if kind == "hour" else number * 300)
    start = hour + random.integers(0, 300, rows)
    inwards = pa.array(inward)
    return {
        "version": _repeat("2", rows),
        "account-id": _repeat("123456789012", rows),
        "interface-id": _texts("eni-0", random.zipf(1.1, rows) % INTERFACES, 16),
        "srcaddr": pc.if_else(inwards, far, near),
        "dstaddr": pc.if_else(inwards, near, far),
        "srcport": _numbers(np.where(inward, client, service)),
        "dstport": _numbers(np.where(inward, service, client)),
        "protocol": _numbers(random.choice([6, 17, 1], rows, p=[0.8, 0.18, 0.02])),
        "packets": _numbers(packets),
        "bytes": _numbers(packets * random.integers(40, 1500, rows)),
        "start": _numbers(start),
        "end": _numbers(start + random.integers(1, 61, rows)),
        "action": pa.array(["ACCEPT", "REJECT"]).take(pa.array((random.random(rows) < 0.2) * 1)),
        "log-status": _repeat("OK", rows),
        "pkt-srcaddr": pc.if_else(inwards, far, near),
        "pkt-dstaddr": pc.if_else(inwards, near, far),
        "region": _repeat("us-east-1", rows),
        "type": _repeat("IPv4", rows),
        "tcp-flags": _numbers(random.choice([0, 2, 3, 18, 19, 1], rows)),
        "traffic-path": _numbers(random.integers(1, 9, rows)),
        "encryption-status": _numbers(random.integers(0, 4, rows)),
        "instance-id": _texts("i-0", inside, 16),
    }


_SHARES = [0.55, 0.1, 0.15, 0.05, 0.05, 0.05, 0.03, 0.02]


def _repeat(text: str, rows: int) -> Texts:
    return pa.repeat(text, rows)


def _numbers(values: Numbers) -> Texts:
    return pc.cast(pa.array(values), pa.string())


def _texts(prefix: str, numbers: Numbers, width: int) -> Texts:
    """Return ids of the field's usual look: the number scrambled, in hexadecimal digits."""
    unique, inverse = np.unique(numbers, return_inverse=True)
    names = [f"{prefix}{int(n) * 0x9E3779B97F4A7C15 % (1 << 4 * width):0{width}x}" for n in unique]
    return pa.array(names).take(pa.array(inverse))


def _inside(hosts: Numbers) -> Texts:
    number = hosts * 2_654_435_761 % (1 << 20)
    return _dotted(10, number >> 16, number >> 8 & 255, number & 255)


def _outside(sources: Numbers) -> Texts:
    number = (sources * 2_654_435_761 + 12_345) % (1 << 32)
    return _dotted(20 + (number >> 24) % 180, number >> 16 & 255, number >> 8 & 255, number & 255)


def _dotted(*octets: Numbers | int) -> Texts:
    texts = pa.array([str(n) for n in range(256)])
    rows = next(len(each) for each in octets if not isinstance(each, int))
    parts = [texts.take(pa.array(np.broadcast_to(each, rows).astype(np.int32))) for each in octets]
    return pc.binary_join_element_wise(*parts, ".")


def _six(hosts: Numbers, middle: str) -> Texts:
    unique, inverse = np.unique(hosts, return_inverse=True)
    names = [f"2001:db8:{middle}:{int(n) % 65536:x}::{int(n) % 65536:x}" for n in unique]
    return pa.array(names).take(pa.array(inverse))


def _other(random: np.random.Generator, field: Field, rows: int) -> Texts:
    """Return values of a field that has few."""
    names = (
        ["-"]
        if field.name.startswith("sublocation")
        else [f"{field.name}-{n:012}" for n in range(40)]
    )
    return pa.array(names).take(pa.array(random.integers(0, len(names), rows)))


def _spoilt(random: np.random.Generator, lines: Texts, columns: dict[str, Texts]) -> Texts:
    """Return lines of which some are windows without records, and few are damaged."""
    rows = len(lines)
    dash = _repeat("- - - - - - -", rows)
    quiet = pc.binary_join_element_wise(
        *(columns[name] for name in ("version", "account-id", "interface-id")),
        dash,
        columns["start"],
        columns["end"],
        "-",
        "NODATA",
        " ",
    )
    lines = pc.if_else(pa.array(random.random(rows) < 0.02), quiet, lines)
    cut = pc.utf8_slice_codeunits(lines, 0, 60)
    return pc.if_else(pa.array(random.random(rows) < 0.001), cut, lines)
