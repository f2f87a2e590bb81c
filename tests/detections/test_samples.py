"""With `--samples`, a finding has the first records behind it."""

import json
from pathlib import Path
from typing import Any

import pytest

from ringwall.cli.main import run
from tests.detections.stores import store_of

TRAFFIC = (
    "198.51.100.7 > 10.0.1.5:1 ports=+1 reject every=60 times=60",
    "198.51.100.8 > 10.0.1.5:443 every=60 times=60 back=900",
    "dns 10.0.1.5 c2.example.com action=BLOCK times=5",
    "dns 10.0.1.5 www.example.org times=5",
    "transit 10.1.0.5 > 10.2.0.9:5432 lost=no-route times=5",
    "transit 10.1.0.5 > 10.2.0.10:5432 times=5",
)


def records(store: Path, detection: str, capsys: pytest.CaptureFixture[str]) -> list[Any]:
    words = ["traffic", "detect", "--store", str(store), "--only", detection, "--samples", "2"]
    assert run([*words, "--json"]) == 0
    [finding] = json.loads(capsys.readouterr().out)["findings"]
    found: list[Any] = finding["records"]
    return found


def test_samples_are_of_the_log_that_the_detection_reads(tmp_path: Path, capsys):
    store = store_of(tmp_path, *TRAFFIC)
    flows = records(store, "RW505", capsys)
    assert [(each["source"], each["destination_port"]) for each in flows] == [
        ("198.51.100.7", 1),
        ("198.51.100.7", 2),
    ]
    queries = records(store, "RW530", capsys)
    assert [(each["source"], each["name"]) for each in queries] == [
        ("10.0.1.5", "c2.example.com")
    ] * 2
    drops = records(store, "RW510", capsys)
    assert [(each["destination"], each["lost_no_route"]) for each in drops] == [("10.2.0.9", 3)] * 2


def test_without_it_there_are_none(tmp_path: Path, capsys):
    store = store_of(tmp_path, *TRAFFIC)
    assert run(["traffic", "detect", "--store", str(store), "--only", "RW505", "--json"]) == 0
    [finding] = json.loads(capsys.readouterr().out)["findings"]
    assert finding["records"] == []
