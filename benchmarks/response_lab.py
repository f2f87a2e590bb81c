"""Run by response_time in a process of its own: a lab, and a way to put logs into it at once.

It prints its address. A line `FOLDER GROUP` on stdin puts the records of a folder's flow logs into
a log group, past the filters that count what arrives; it prints how many there are.
"""

import gzip
import sys
from collections import defaultdict
from pathlib import Path

from moto.logs.models import logs_backends

from ringwall.lab.server import ACCOUNT_ID, Lab


def load(folder: Path, group: str, names: list[str]) -> int:
    """Put every record into a stream of its interface, in the order of time."""
    streams = defaultdict(list)
    for path in sorted(folder.rglob("*.log.gz")):
        header, *lines = gzip.decompress(path.read_bytes()).decode().splitlines()
        place = {name: number for number, name in enumerate(header.split(" "))}
        for line in lines:
            words = line.split(" ")
            message = " ".join(words[place[name]] if name in place else "-" for name in names)
            stamp = int(words[place["start"]]) * 1000
            streams[words[place["interface-id"]]].append((stamp, message))
    backend = logs_backends[ACCOUNT_ID]["us-east-1"]
    for name, events in streams.items():
        backend.create_log_stream(group, f"{name}-all")
        told = [{"timestamp": stamp, "message": message} for stamp, message in sorted(events)]
        backend.groups[group].put_log_events(f"{name}-all", told)
    return sum(map(len, streams.values()))


def serve() -> None:
    """Serve until stdin ends."""
    with Lab() as lab:
        print(lab.endpoint, flush=True)
        for line in sys.stdin:
            folder, group, names = line.rstrip("\n").split("\t")
            print(load(Path(folder), group, names.split(" ")), flush=True)


if __name__ == "__main__":
    serve()
