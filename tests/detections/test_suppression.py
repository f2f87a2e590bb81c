"""What is accepted is left out, for a time, and said."""

import json
from datetime import date
from pathlib import Path

import pytest

from ringwall.cli.main import run
from ringwall.detections.detection import Entity, Sighting
from ringwall.detections.suppression import Suppression, sort
from ringwall.model.finding import Severity
from tests.detections.stores import store_of

TODAY = date(2026, 1, 2)


def sighting(**entities: tuple[str, str]) -> Sighting:
    found = tuple(Entity(role, *told) for role, told in entities.items())
    return Sighting("RW505", Severity.LOW, found, 0, 1, "text")


SCAN = sighting(source=("10.0.9.9", "hub/scanner"), destination=("10.0.1.5", ""))
TUNNEL = sighting(source=("10.0.1.5", ""), domain=("", "t.example.com"))


def suppression(entity: str, *, expires: date = TODAY, **more: str) -> Suppression:
    return Suppression(more.pop("detection", "*"), entity, "ours", expires, **more)


@pytest.mark.parametrize(
    ("found", "known", "is_left_out"),
    [
        (SCAN, suppression("10.0.9.9"), True),
        (SCAN, suppression("10.0.9.0/24"), True),
        (SCAN, suppression("hub/scanner"), True),
        (SCAN, suppression("10.0.9.9", detection="RW505"), True),
        (SCAN, suppression("10.0.9.9", detection="RW506"), False),
        (SCAN, suppression("10.0.9.9", role="destination"), False),
        (SCAN, suppression("10.0.9.9", role="source"), True),
        (SCAN, suppression("10.0.8.0/24"), False),
        (SCAN, suppression("hub/scan"), False),
        (SCAN, suppression("::/0"), False),
        (SCAN, suppression("10.0.9.9", expires=date(2026, 1, 1)), False),
        (TUNNEL, suppression("example.com"), True),
        (TUNNEL, suppression("t.example.com"), True),
        (TUNNEL, suppression("ample.com"), False),
    ],
)
def test_what_is_left_out(found: Sighting, known: Suppression, is_left_out: bool):
    answer = sort([found], [known], TODAY)
    assert (answer.told == ()) is is_left_out
    assert len(answer.left_out) == is_left_out


def test_what_has_expired_is_told():
    old = suppression("10.0.9.9", expires=date(2026, 1, 1))
    assert sort([SCAN], [old], TODAY).expired == (old,)


def test_detect_tells_what_it_left_out_and_what_has_expired(tmp_path: Path, capsys):
    store = store_of(tmp_path, "198.51.100.7 > 10.0.1.5:1 ports=+1 reject every=60 times=60")
    file = tmp_path / "accepted.yaml"
    file.write_text("""
suppress:
  - {detection: vertical-scan, entity: 198.51.100.0/24, reason: our own, expires: 2999-01-01}
  - {detection: "*", entity: 10.9.9.9, reason: a test, expires: 2020-01-01}
""")
    words = ["traffic", "detect", "--store", str(store), "--only", "RW505", "--exit-code"]
    assert run([*words, "--suppress", str(file), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["findings"] == []
    [left_out] = told["suppressed"]
    assert (left_out["detection"], left_out["suppression"]["reason"]) == ("RW505", "our own")
    [expired] = told["expired_suppressions"]
    assert (expired["entity"], expired["source"]) == ("10.9.9.9", f"{file}:4")
    assert run([*words, "--suppress", str(file)]) == 0
    assert "expired on 2020-01-01: the suppression of 10.9.9.9" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("suppress: 3", "`suppress:` with a list is missing"),
        ("supress: []", "no field of this file: 'supress'"),
        ("suppress:\n  - 3", ":2:5: a suppression is a mapping"),
        (
            "suppress:\n  - {detection: RW505, entity: a, expires: 2027-01-01}",
            "'reason' is missing",
        ),
        ("suppress:\n  - {detection: RW505, entity: a, reason: r}", "'expires' is missing"),
        (
            "suppress:\n  - {detection: RW5, entity: a, reason: r, expires: 2027-01-01}",
            "there is no detection 'RW5'",
        ),
        (
            "suppress:\n  - {detection: RW505, entity: a, reason: r, expires: soon}",
            "'expires' is 'soon', not a day",
        ),
        (
            "suppress:\n  - {detection: RW505, entity: a, reason: r, expires: 2027-01-01, by: me}",
            "no field of a suppression: 'by'",
        ),
    ],
)
def test_what_is_wrong_with_a_file_is_told_with_its_line(text: str, message: str, tmp_path, capsys):
    file = tmp_path / "accepted.yaml"
    file.write_text(text)
    store = store_of(tmp_path, "198.51.100.7 > 10.0.1.5:1")
    assert run(["traffic", "detect", "--store", str(store), "--suppress", str(file)]) == 2
    assert message in capsys.readouterr().err
