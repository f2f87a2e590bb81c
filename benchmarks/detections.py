"""What the detections cost, against inflating the same records from gz.

Measured: 2,000,000 v2 records as `benchmarks.ingest` makes and reads them (20,000,000 with
`--full`), ends and ports at random, so that next to nothing can be rolled up; and a day of
5,000,000 (RINGWALL_RECORDS changes it) of an estate: services among 200 hosts that two interfaces
log, clients from the internet, calls to it, and background that is rejected, from 785,192 sources.
CPU seconds of this process; every run has a process of its own.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from isal import igzip

from benchmarks.flow_logs import write as flow_logs
from benchmarks.table import show
from ringwall.detections import registry
from ringwall.shell.engines.duck import Duck
from ringwall.shell.engines.engine import Scope
from ringwall.shell.engines.queries import detection_query, parsed
from ringwall.shell.engines.store import Store
from ringwall.traffic.addresses import from_halves
from ringwall.traffic.columns import Columns
from ringwall.traffic.questions import EVERYWHERE, STORY
from ringwall.traffic.tables import FLOW_TABLE, Type

RECORDS = int(os.environ.get("RINGWALL_RECORDS", "5000000"))
BASE, HOURS = 1_767_225_600, 24
INSIDE = 10 << 24
BACKGROUND = 785_192  # sources, as a day of a busy account has
ARTICLE = ("RW500", "RW502", "RW504")
_IDS = range(1 << 40, (1 << 40) + 8192)
_TYPES = {Type.INT32: pa.int32(), Type.INT64: pa.int64(), Type.STRING: pa.string()}
Numbers = np.ndarray[Any, np.dtype[np.int64]]


def connections(rng: np.random.Generator, count: int, hour: int) -> dict[str, Numbers]:
    """Return records of one hour: both directions, at each interface that sees them."""
    kinds = rng.choice(4, count // 3, p=[0.2, 0.35, 0.15, 0.3])
    size = len(kinds)
    hosts = INSIDE + 256 + rng.integers(0, 200, size)
    services = INSIDE + 4096 + hosts % 7 + 10 * rng.integers(0, 4, size)
    clients = (60 << 24) + rng.zipf(1.2, size) % 200_000
    peers = (52 << 24) + rng.zipf(1.2, size) % 5_000
    noise = (1 << 24) + rng.integers(0, BACKGROUND, size) * 4001 % (3 << 30)
    source = np.select([kinds == 0, kinds == 1, kinds == 2], [hosts, clients, hosts], noise)
    target = np.select([kinds == 0, kinds == 1, kinds == 2], [services, hosts, peers], hosts)
    known = rng.choice(np.array([443, 5432, 8080, 9200]), size)
    port = np.select([kinds == 3, kinds == 1], [rng.integers(1, 65536, size), 443], known)
    at = BASE + 3600 * hour + rng.integers(0, 3600, size)
    opening = {
        "srcaddr_low": source,
        "dstaddr_low": target,
        "srcport": rng.integers(32768, 61000, size),
        "dstport": port,
        "packets": rng.integers(4, 40, size),
        "bytes": rng.integers(300, 9000, size),
        "start": at,
        "seconds": rng.integers(0, 60, size),
        "accepted": (kinds != 3).astype(np.int64),
        "interface": np.where(kinds == 3, target, np.where(kinds == 1, target, source)) % 8192,
    }
    answered = kinds != 3
    reply = {name: column[answered] for name, column in opening.items()}
    reply["srcaddr_low"], reply["dstaddr_low"] = reply["dstaddr_low"], reply["srcaddr_low"]
    reply["srcport"], reply["dstport"] = reply["dstport"], reply["srcport"]
    reply["bytes"] = reply["bytes"] * 7
    both = _joined(opening, reply)
    inside = (both["srcaddr_low"] >> 24 == 10) & (both["dstaddr_low"] >> 24 == 10)
    other = {name: column[inside] for name, column in both.items()}
    other["interface"] = other["dstaddr_low"] % 8192
    return _joined(both, other)


def _joined(one: dict[str, Numbers], other: dict[str, Numbers]) -> dict[str, Numbers]:
    return {name: np.concatenate([one[name], other[name]]) for name in one}


def write_hour(folder: Path, hour: int, columns: dict[str, Numbers]) -> int:
    """Write the records of an hour, sorted by source; return how many."""
    order = np.lexsort((columns["start"], columns["srcaddr_low"]))
    size = len(order)
    zero = np.zeros(size, np.int64)
    given = columns | {"family": zero + 4, "protocol": zero + 6}
    given |= {"srcaddr_high": zero, "dstaddr_high": zero}
    texts = {"interface_id": columns["interface"], "account_id": zero}
    arrays = []
    for column in FLOW_TABLE.columns:
        if column.name in given:
            arrays.append(pa.array(given[column.name][order]).cast(_TYPES[column.type]))
        elif column.name in texts:
            words = pa.array([f"eni-0{number * 0x9E3779B97F4A7C15 >> 1:x}"[:21] for number in _IDS])
            numbers = pa.array(texts[column.name][order].astype(np.int32))
            arrays.append(pa.DictionaryArray.from_arrays(numbers, words))
        else:
            arrays.append(pa.nulls(size, _TYPES[column.type]))
    place = folder / "flow" / "day=2026-01-01" / f"hour={hour:02d}"
    place.mkdir(parents=True)
    table = pa.Table.from_arrays(arrays, [column.name for column in FLOW_TABLE.columns])
    pq.write_table(table, place / "a.parquet", compression="zstd")
    return size


def write_store(folder: Path) -> int:
    """Write the day; return the number of records."""
    rng = np.random.default_rng(1)
    share = 3 / (1 + 0.7 + 2 * 0.2)  # records that a connection makes, on the average
    each = int(RECORDS / HOURS * share)
    return sum(write_hour(folder, hour, connections(rng, each, hour)) for hour in range(HOURS))


def write_text(store: Path, path: Path) -> None:
    """Write the same records as the text that AWS writes, in gz."""
    dotted = " || '.' || ".join(f"(({{0}} >> {shift}) & 255)" for shift in (24, 16, 8, 0))
    query = f"""
        COPY (
          SELECT 2 AS version, '111122223333' AS "account-id", interface_id AS "interface-id",
            {dotted.format("srcaddr_low")} AS srcaddr, {dotted.format("dstaddr_low")} AS dstaddr,
            srcport, dstport, protocol, packets, bytes, start, start + seconds AS "end",
            CASE accepted WHEN 1 THEN 'ACCEPT' ELSE 'REJECT' END AS action, 'OK' AS "log-status"
          FROM read_parquet('{store}/flow/*/*/*.parquet') ORDER BY start
        ) TO '{path}' (FORMAT csv, DELIMITER ' ', HEADER, COMPRESSION gzip)
    """
    duckdb.connect(config={"temp_directory": str(store)}).execute(query)


def cpu() -> float:
    """Return the CPU seconds of this process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def peak() -> int:
    """Return the most memory that this process had at a time, in MB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) >> 10 for line in lines if line.startswith("VmHWM"))


def inflate(folder: Path) -> dict[str, Any]:
    """Inflate the files of a folder in pieces of a megabyte."""
    started, size = cpu(), 0
    for path in sorted(folder.glob("*.gz")):
        with igzip.open(path, "rb") as stream:
            while piece := stream.read(1 << 20):
                size += len(piece)
    return {"inflate": cpu() - started, "bytes": size}


def ask(store: Path, memory: str, ids: list[str]) -> dict[str, Any]:
    """Ask detections; return CPU seconds of each, rows, and the peak of memory in MB."""
    started = cpu()
    engine = Duck(Store.at(store), Scope(), memory=memory)
    seconds, counts, digests = {"start": cpu() - started}, {}, {}
    if set(ids) - set(ARTICLE):
        started = cpu()
        engine.rows(parsed("SELECT COUNT(*) AS records FROM conversation"))
        seconds["conversation"] = cpu() - started
    for id_ in ids:
        detection = registry()[id_]
        started = cpu()
        asked = engine.columns if detection.needs_network else engine.rows
        query = detection_query(detection.sql, detection.settings({}))
        found = asked(query)
        seconds[id_] = cpu() - started
        counts[id_] = len(found)
        whole = isinstance(found, Columns)
        digests[id_] = _mixed(found, query.named_selects) if whole else _digest(found)
    engine.close()
    return {"seconds": seconds, "counts": counts, "peak": peak(), "rows": digests}


def _digest(rows: object) -> int:
    return zlib.crc32(json.dumps(rows, default=str, sort_keys=True).encode())


def _mixed(rows: Columns, names: list[str]) -> int:
    """Return a digest of rows of numbers in any order."""
    mixed = np.zeros(len(rows), np.uint64)
    for name in names:
        mixed ^= rows.numbers(name).view(np.uint64)
        mixed *= np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(29)
    return int(mixed.sum(dtype=np.uint64))


def one_address(store: Path) -> dict[str, Any]:
    """Ask for one address of the day, after the engine has started: what it sent, and its story."""
    address = from_halves(4, 0, INSIDE + 300)
    sent = parsed(
        "SELECT COUNT(*) AS records, SUM(bytes) AS bytes FROM flow WHERE family = 4 "
        f"AND seen_source_high = 0 AND seen_source_low = {INSIDE + 300}"
    )
    given = {"who": (address,), "other": EVERYWHERE, "bin": 3600}
    asked = {"sent": sent, "story": detection_query(STORY, given)}
    engine, told = Duck(Store.at(store), Scope()), {}
    for name, query in asked.items():
        walls = []
        for _ in range(7):
            started = time.perf_counter()
            engine.rows(query)
            walls.append(time.perf_counter() - started)
        told[name] = {"first": walls[0], "best": min(walls)}
    engine.close()
    return told


def in_a_process(*words: str) -> dict[str, Any]:
    """Run a part of this in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.detections", *words],
        capture_output=True,
        check=True,
        text=True,
    )
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def rows_of(result: dict[str, Any], unit: float) -> Iterator[tuple[str, str, str, object]]:
    """Yield the lines of the table."""
    for name, seconds in result["seconds"].items():
        title = registry()[name].name if name in registry() else ""
        found = result["counts"].get(name, "")
        yield f"{name} {title}", f"{seconds:.2f}", f"{seconds / unit:.2f}", found
    total = sum(result["seconds"].values())
    yield "together", f"{total:.2f}", f"{total / unit:.2f}", f"peak {result['peak']} MB"


def report(title: str, store: Path, logs: Path) -> None:
    """Print the figures of a store and of the logs that it was made of."""
    everything = list(registry())
    size = sum(path.stat().st_size for path in logs.glob("*.gz")) >> 20
    unit = min(in_a_process("inflate", str(logs))["inflate"] for _ in range(2))
    print(f"\n{title}, {size} MB of gz; inflating them: {unit:.2f} CPU s\n")
    header = ("asked", "CPU s", "x inflating", "rows")
    show(header, rows_of(in_a_process("ask", str(store), "2GB", *ARTICLE), unit))
    print()
    ample = in_a_process("ask", str(store), "2GB", *everything)
    show(header, rows_of(ample, unit))
    tight = in_a_process("ask", str(store), "1GB", *everything)
    same = "the same" if tight["rows"] == ample["rows"] else "OTHER"
    seconds = sum(tight["seconds"].values())
    print(f"\nwithin 1 GB: {same} answers, {seconds:.2f} CPU s, ", end="")
    print(f"peak {tight['peak']} MB of the process")


def main(records: int) -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory(prefix="ringwall-detections-") as name:
        place = Path(name)
        logs = flow_logs(place, records)[0].parent
        command = [sys.executable, "-c", "from ringwall.cli.main import main; main()"]
        store = place / "random"
        words = ["traffic", "ingest", str(logs), "--store", str(store), "--json"]
        subprocess.run([*command, *words], check=True, capture_output=True)
        report(f"{records:,} records at random", store, logs)
    with tempfile.TemporaryDirectory(prefix="ringwall-detections-") as name:
        store, logs = Path(name) / "store", Path(name) / "logs"
        logs.mkdir()
        written = write_store(store)
        write_text(store, logs / "day.log.gz")
        report(f"{written:,} records of an estate's day", store, logs)
        for what, walls in in_a_process("one", str(store)).items():
            first, best = walls["first"] * 1000, walls["best"] * 1000
            print(f"one address over the day, {what}: {first:.0f} ms at first, {best:.0f} at best")


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["inflate", path]:
            print(json.dumps(inflate(Path(path))))
        case ["ask", store, memory, *ids]:
            print(json.dumps(ask(Path(store), memory, ids)))
        case ["one", store]:
            print(json.dumps(one_address(Path(store))))
        case _:
            parser = argparse.ArgumentParser(prog="python -m benchmarks.detections")
            parser.add_argument("--full", action="store_true", help="20 million records")
            main(20_000_000 if parser.parse_args().full else 2_000_000)
