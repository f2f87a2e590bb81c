"""Seconds from an alarm to the block that was read back, at a million records in the window.

The package is built, unpacked and run in a process of its own, as Lambda would; the lab is another
process. `ours` is the CPU time of the function's process, everything in it; `waited` is the time
in which a request waited for an answer, which on the lab is the lab's own work, and on AWS would be
AWS's. The clock of the wall has both, and what other processes took from this one.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from benchmarks.table import show
from ringwall.app.demo import environment
from ringwall.app.responding.packing import MOST, pack
from ringwall.blueprint import load
from ringwall.lab.processes import runtime
from ringwall.shell.aws import Cloud, connect

ROOT = Path(__file__).resolve().parents[1]
EXAMPLE = ROOT / "examples" / "watched.yaml"
GROUP = "/ringwall/watched/flow-logs"
TABLE = "ringwall-watched-journal"
BUCKET = "arrived"
RUNS = 3
A_SCALE = 11_150  # records of this hour of the example, a unit of scale
HOUR = "2026-03-02T14:00Z"
COLD, LIMIT = 2.0, 10.0  # seconds


@dataclass(frozen=True, slots=True)
class House:
    """The example deployed on a lab, a package for it, and an hour of logs with a scan in it."""

    lab: IO[str]
    said: IO[str]
    folder: Path
    task: Path
    truth: Mapping[str, Any]
    records: int

    @property
    def offender(self) -> str:
        """The address that the logs show."""
        return str(self.truth["attacks"][0]["from"][0]["address"])

    def alarm(self) -> dict[str, Any]:
        """Return what SNS gives the function of the alarm."""
        name = "ringwall/watched/suspicious-traffic"
        last = datetime.fromisoformat(self.truth["end"]).astimezone(UTC)
        message = {
            "AlarmName": name,
            "AlarmArn": f"arn:aws:cloudwatch:us-east-1:123456789012:alarm:{name}",
            "NewStateValue": "ALARM",
            "NewStateReason": "measured",
            "StateChangeTime": f"{last:%Y-%m-%dT%H:%M:%S}.000+0000",
            "Trigger": {"Period": 3600, "EvaluationPeriods": 1},
        }
        return {"Records": [{"EventSource": "aws:sns", "Sns": {"Message": json.dumps(message)}}]}


def ringwall(*words: object) -> str:
    """Run a command; return what it printed."""
    code = "import sys; from ringwall.cli.main import run; sys.exit(run(sys.argv[1:]))"
    command = [sys.executable, "-c", code, *map(str, words)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    if ended.returncode:
        sys.exit(f"ringwall {words[0]}: {ended.stdout}{ended.stderr}")
    return ended.stdout


@contextmanager
def lab_process() -> Iterator[subprocess.Popen[str]]:
    """Run a lab in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.response_lab"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    path = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
    with subprocess.Popen(
        command, text=True, cwd=ROOT, env={**os.environ, "PYTHONPATH": path}, **pipes
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def furnished(process: subprocess.Popen[str], folder: Path, records: int) -> House:
    """Deploy the example, build its package, and make an hour of logs."""
    assert process.stdin is not None
    assert process.stdout is not None
    os.environ.update(environment(process.stdout.readline().strip()))
    os.chdir(folder)
    text = EXAMPLE.read_text().replace("vpcs:\n", "response: {}\nvpcs:\n", 1)
    (folder / "watched.yaml").write_text(text)
    (folder / "policy.yaml").write_text('modes: {"*": auto}\n')
    package = pack("watched.yaml", "ringwall.zip", "policy.yaml").package
    task = folder / "task"
    with zipfile.ZipFile(package.path) as archive:
        archive.extractall(task)
    print(f"package: {package.unzipped / 1e6:.1f} MB unzipped, at most {MOST / 1e6:.0f}")
    ringwall("apply", "watched.yaml", "--yes", "-q")
    made = ("lab", "traffic", "aws", "--blueprint", "watched.yaml", "-o", "day", "-q", "--json")
    hour = ("--hours", "1", "--start", HOUR, "--scale", records / A_SCALE)
    truth = json.loads(ringwall(*made, *hour, "--attack", "vertical-scan:easy"))
    return House(process.stdin, process.stdout, folder, task, truth, int(truth["lines"]["flow"]))


def to_bucket(house: House) -> str:
    """Put the files into a bucket; return the place."""
    cloud = connect(region="us-east-1")
    cloud.call("s3", "create_bucket", {"Bucket": BUCKET})
    root = house.folder / "day" / "logs" / "vpc"
    for path in root.rglob("*.log.gz"):
        key = path.relative_to(root).as_posix()
        cloud.call("s3", "put_object", {"Bucket": BUCKET, "Key": key, "Body": path.read_bytes()})
    return f"s3://{BUCKET}/"


def to_group(house: House) -> str:
    """Put the records into the log group; return the place."""
    logs = load(EXAMPLE.read_text(), str(EXAMPLE)).flow_logs
    assert logs is not None
    house.lab.write(f"{house.folder / 'day' / 'logs' / 'vpc'}\t{GROUP}\t{' '.join(logs.format)}\n")
    house.lab.flush()
    assert int(house.said.readline()) == house.records
    return GROUP


def called(house: House, event: Mapping[str, Any], **settings: str) -> dict[str, Any]:
    """Run the function with an event; return its figures."""
    command = [sys.executable, "-I", "-S", str(ROOT / "benchmarks" / "response_call.py")]
    variables = {"RINGWALL_JOURNAL": TABLE, "RINGWALL_DEPLOYMENT": "watched", **settings}
    ended = subprocess.run(
        [*command, str(house.task), str(runtime())],
        input=json.dumps(event),
        capture_output=True,
        text=True,
        env={**os.environ, **variables},
        check=False,
    )
    if ended.returncode:
        sys.exit(ended.stderr)
    steps = [json.loads(line) for line in ended.stdout.splitlines()]
    figures: dict[str, Any] = json.loads(ended.stderr)
    return figures | {"told": steps[-1]}


def answered(house: House, place: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Answer the alarm some times, and undo what was done each time."""
    ledger = ("--ledger", f"dynamodb:{TABLE}")
    for _ in range(RUNS):
        figures = called(house, house.alarm(), **place)
        [incident] = figures["told"]["incidents"]
        assert incident["state"] == "in-force", incident
        assert incident["parties"] == [f"source={house.offender}"], incident
        yield figures | {"looked": incident["looked"]}
        words = ("undo", incident["incident"], "watched.yaml", "--reason", "measured")
        ringwall("respond", *words, *ledger)
        cloud = connect(region="us-east-1")
        _forget(cloud)


def _forget(cloud: Cloud) -> None:
    """Empty the journal, so that the alarm is new again."""
    for item in cloud.call("dynamodb", "scan", {"TableName": TABLE})["Items"]:
        key = {name: item[name] for name in ("pk", "sk")}
        cloud.call("dynamodb", "delete_item", {"TableName": TABLE, "Key": key})


def _row(name: str, figures: list[dict[str, Any]]) -> tuple[object, ...]:
    best = min(figures, key=lambda each: float(each["cpu"]))
    looked = best["looked"]
    return (
        name,
        f"{looked['records']:,}",
        f"{best['seconds']:.2f}",
        f"{best['cpu']:.2f}",
        f"{best['waited']:.2f}",
        best["requests"],
        f"{looked['seconds']:.2f}",
        best["peak_mb"],
        "yes" if best["cpu"] <= LIMIT else "NO",
    )


def main(records: int = 1_000_000) -> int:
    """Print the figures; return 1 if one of them is not as promised."""
    with tempfile.TemporaryDirectory(prefix="ringwall-response-") as temporary:
        with lab_process() as process:
            house = furnished(process, Path(temporary), records)
            colds = [called(house, {"ringwall": "sweep"}) for _ in range(RUNS)]
            cold: float = min(each["import_cpu"] + each["cpu"] for each in colds)
            wall = min(each["import_seconds"] + each["seconds"] for each in colds)
            print(f"cold start with a sweep: {cold:.2f} s of CPU, {wall:.2f} s, at most {COLD:g}")
            files = str(house.folder / "day" / "logs" / "vpc")
            rows = [_row("a folder", list(answered(house, {"RINGWALL_LOGS": files})))]
            bucket = to_bucket(house)
            rows.append(_row("a bucket", list(answered(house, {"RINGWALL_LOGS": bucket}))))
            group = to_group(house)
            rows.append(_row("a log group", list(answered(house, {"RINGWALL_FLOW_LOGS": group}))))
            header = "logs in, records, s, ours CPU s, waited s, requests, reading s, peak MB"
            show((*header.split(", "), f"ours <= {LIMIT:g} s"), rows)
        os.chdir(ROOT)
    return int(cold > COLD or any(row[-1] != "yes" for row in rows))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.response_time")
    parser.add_argument("--records", type=int, default=1_000_000)
    sys.exit(main(parser.parse_args().records))
