"""`ringwall lab traffic`: the same bytes for the same words, and errors in one line."""

import hashlib
import json
import time
from pathlib import Path

import pytest
from tests.lab.traffic.reading import files, records
from tests.lab.traffic.worlds import FORTRESS, made

from ringwall.cli.main import run

ATTACKS = ("beacon:hard", "vertical-scan:easy", "dga", "exfiltration")


def _digest(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_same_seed_gives_the_same_bytes_and_another_others(tmp_path: Path) -> None:
    one, two, other = (
        made(tmp_path / name, *ATTACKS, hours=2, seed=seed)
        for name, seed in (("one", 9), ("two", 9), ("other", 10))
    )
    assert _digest(one.folder) == _digest(two.folder)
    assert _digest(one.folder) != _digest(other.folder)


def test_attacks_leave_ordinary_traffic_as_it_was(tmp_path: Path) -> None:
    quiet = made(tmp_path / "quiet", hours=1, seed=9)
    loud = made(tmp_path / "loud", "vertical-scan:easy", "beacon", hours=1, seed=9)
    counts = [{b["behaviour"]: b["records"] for b in w.truth["benign"]} for w in (quiet, loud)]
    assert counts[0] == counts[1]


def test_a_day_of_the_fortress_takes_seconds(tmp_path: Path) -> None:
    began = time.process_time()
    assert run(["lab", "traffic", FORTRESS, "-o", str(tmp_path), "-q", "--attack", "beacon"]) == 0
    assert time.process_time() - began < 30  # some 6 on the machine that it was written on
    truth = json.loads((tmp_path / "truth.json").read_text())
    assert truth["lines"]["flow"] > 500_000
    assert (truth["start"], truth["end"]) == ("2026-03-02T00:00:00Z", "2026-03-03T00:00:00Z")


def test_json_is_the_truth(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["lab", "traffic", FORTRESS, "--hours", "1", "-o", str(tmp_path), "--json"]
    assert run([*words, "--attack", "beacon:easy"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed == json.loads((tmp_path / "truth.json").read_text())
    assert printed["schema"] == "ringwall/lab-traffic/1"


def test_interfaces_are_those_of_the_records(tmp_path: Path) -> None:
    world = made(tmp_path, hours=1)
    listed = json.loads((tmp_path / "interfaces.json").read_text())["NetworkInterfaces"]
    assert {r["interface-id"] for r in world.every_flow} <= {
        i["NetworkInterfaceId"] for i in listed
    }
    addresses = [i["PrivateIpAddress"] for i in listed]
    assert len(set(addresses)) == len(addresses)


def test_logs_stand_apart_from_the_truth(tmp_path: Path) -> None:
    made(tmp_path, hours=1)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["interfaces.json", "logs", "truth.json"]
    assert {p.suffix for p in (tmp_path / "logs").rglob("*") if p.is_file()} == {".gz"}
    assert len(list(records(tmp_path / "logs" / "vpc"))) > 1_000


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nowhere.yaml"], "there is no file 'nowhere.yaml'"),
        ([FORTRESS, "--attack", "becon"], "there is no attack 'becon'"),
        ([FORTRESS, "--attack", "beacon:loud"], "'loud' is neither a strength nor a variant"),
        ([FORTRESS, "--start", "yesterday"], "'yesterday' is no time"),
        ([FORTRESS, "--hours", "0"], "0 is not in the range"),
        ([FORTRESS, "--format", "v11"], "'v11' is not one of"),
        ([FORTRESS, "--attack", "beacon:v6"], "attack 'beacon' over IPv6: the network has no"),
    ],
)
def test_errors_are_one_line_and_a_way_out(
    words: list[str], said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["lab", "traffic", *words, "-o", str(tmp_path / "out")]) == 2
    printed = capsys.readouterr()
    assert said in printed.err
    assert "Traceback" not in printed.err
    assert not (tmp_path / "out").exists()


def test_what_is_there_is_not_overwritten_unasked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    words = ["lab", "traffic", FORTRESS, "--hours", "1", "-o", str(tmp_path), "-q"]
    assert run(words) == 2
    assert "is not empty" in capsys.readouterr().err
    assert run([*words, "--force"]) == 0
    assert (tmp_path / "mine.txt").read_text() == "mine"
    first = len(files(tmp_path / "logs"))
    assert run([*words, "--force"]) == 0
    assert len(files(tmp_path / "logs")) == first


def test_attacks_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lab", "traffic", "--list-attacks"]) == 0
    printed = capsys.readouterr().out
    assert "beacon" in printed
    assert "30 % jitter and 10 % missing" in printed


def test_the_lab_itself_is_still_a_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lab", "--port", "70000"]) == 2
    assert "70000" in capsys.readouterr().err


def test_any_network_will_do(tmp_path: Path) -> None:
    template = tmp_path / "template"
    assert run(["export", FORTRESS, "--to", "cloudformation", "-o", str(template)]) == 0
    world = made(tmp_path / "out", "beacon:easy", network=str(template), hours=1)
    assert len({r["vpc-id"] for r in world.flow}) == 4
    assert world.truth["attacks"][0]["records"]["flow"] > 10
