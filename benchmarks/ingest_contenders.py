"""What an ingest is measured against; each runs in a process of its own.

`python -m benchmarks.ingest_contenders NAME FOLDER OUTPUT [FILES]`
"""

# ruff: noqa: PLC0415  (a process imports what its way needs, and nothing else)

import sys
from pathlib import Path


def inflate(files: list[Path], _: Path) -> None:
    """Inflate to nothing: the physical limit."""
    from isal import isal_zlib

    for path in files:
        inflater = isal_zlib.decompressobj(31)
        with path.open("rb") as file:
            while data := file.read(1 << 20):
                while data:
                    inflater.decompress(data, 1 << 20)
                    data = inflater.unconsumed_tail


ADDRESS = (
    "split_part({0}, '.', 1)::BIGINT * 16777216 + split_part({0}, '.', 2)::BIGINT * 65536"
    " + split_part({0}, '.', 3)::BIGINT * 256 + split_part({0}, '.', 4)::BIGINT"
)


def duckdb(files: list[Path], output: Path) -> None:
    """DuckDB's COPY: the same columns, in the same order, IPv4 alone."""
    import duckdb as engine

    numbers = ("srcport", "dstport", "protocol", "packets", "bytes", "start", "end")
    names = [
        "version",
        "account_id",
        "interface_id",
        "srcaddr",
        "dstaddr",
        "srcport",
        "dstport",
        "protocol",
        "packets",
        "bytes",
        "start",
        "end",
        "action",
        "log_status",
    ]
    columns = {name: "BIGINT" if name in numbers else "VARCHAR" for name in names}
    base = engine.connect(config={"threads": 2, "memory_limit": "2GB"})
    base.execute(f"SET temp_directory = '{output}.tmp'")
    base.execute(
        f"""
        COPY (
            SELECT 4 AS family, account_id, interface_id,
                0::BIGINT AS srcaddr_high, {ADDRESS.format("srcaddr")} AS srcaddr_low,
                0::BIGINT AS dstaddr_high, {ADDRESS.format("dstaddr")} AS dstaddr_low,
                srcport::INTEGER AS srcport, dstport::INTEGER AS dstport,
                protocol::INTEGER AS protocol, packets, bytes, start,
                ("end" - start)::INTEGER AS seconds,
                CASE action WHEN 'ACCEPT' THEN 1 WHEN 'REJECT' THEN 0 END AS accepted,
                start // 3600 AS hour
            FROM read_csv({[str(path) for path in files]}, delim = ' ', header = true,
                nullstr = '-', columns = {columns}, auto_detect = false)
            WHERE log_status = 'OK' ORDER BY hour, srcaddr_low
        ) TO '{output}' (FORMAT parquet, COMPRESSION zstd, PARTITION_BY (hour))
        """
    )


def pandas(files: list[Path], output: Path) -> None:
    """pandas: read, addresses to integers, sorted, to Parquet, file by file."""
    import pandas as library

    output.mkdir(parents=True)
    for path in files:
        frame = library.read_csv(path, sep=" ", na_values="-", engine="c")
        for name in ("srcaddr", "dstaddr"):
            parts = frame[name].str.split(".", expand=True).astype("int64")
            frame[name] = parts[0] * 16777216 + parts[1] * 65536 + parts[2] * 256 + parts[3]
        frame["hour"] = frame["start"] // 3600
        frame = frame.sort_values(["hour", "srcaddr"])
        frame.to_parquet(output / f"{path.name}.parquet", compression="zstd")


def flowlogs_reader(files: list[Path], _: Path) -> None:
    """flowlogs-reader's reader of S3, over a bucket that is a folder; nothing is written."""
    from datetime import UTC, datetime, timedelta

    from flowlogs_reader import S3FlowLogsReader

    root = "AWSLogs/123456789012/vpcflowlogs/us-east-1/"
    keys = {f"{root}2025/11/25/{path.name}": path for path in files}

    class Bucket:
        """As much of S3's client as the reader asks."""

        def list_objects_v2(self, **asked: str) -> dict[str, object]:
            below = root.split("/")[: asked["Prefix"].count("/") + 1]
            return {"CommonPrefixes": [{"Prefix": "/".join(below) + "/"}]}

        def get_paginator(self, _: str) -> "Bucket":
            return self

        def paginate(self, **asked: str) -> list[dict[str, object]]:
            return [{"Contents": [{"Key": key} for key in keys if key.startswith(asked["Prefix"])]}]

        def get_object(self, **asked: str) -> dict[str, object]:
            path = keys[asked["Key"]]
            return {"Body": path.open("rb"), "ContentLength": path.stat().st_size}

    # The reader compares with times of UTC that bear no zone.
    day = datetime(2025, 11, 25, tzinfo=UTC).replace(tzinfo=None)
    reader = S3FlowLogsReader(
        "logs",
        boto_client=Bucket(),
        start_time=day,
        end_time=day + timedelta(days=1),
    )
    print(sum(1 for _ in reader))


def ours(files: list[Path], output: Path) -> None:
    """Read into a store by the command itself."""
    from ringwall.cli.main import run

    folder = str(files[0].parent)
    assert run(["traffic", "ingest", folder, "--store", str(output), "--json"]) == 0


CONTENDERS = {each.__name__: each for each in (inflate, ours, duckdb, pandas, flowlogs_reader)}

if __name__ == "__main__":
    name, folder, output = sys.argv[1:4]
    there = sorted(Path(folder).glob("*.gz"))
    count = int(sys.argv[4]) if len(sys.argv) > 4 else len(there)
    CONTENDERS[name](there[:count], Path(output))
