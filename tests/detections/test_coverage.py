"""What the logs cover stands beside every answer."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from ringwall.app.detecting import Detected, _unjudged, detect
from ringwall.app.inquiring import Inquiry
from ringwall.audits.example import example
from ringwall.cli.detect_text import coverage_lines
from ringwall.detections import registry
from ringwall.detections.detection import Context, Detection, Row, Sighting
from ringwall.reach.engine import Engine
from ringwall.shell.engines.engine import Scope
from ringwall.shell.engines.store import Extent
from tests.detections.stores import store_of

NOW = datetime(2026, 1, 2, tzinfo=UTC)
START = 1_767_225_600
NO_INTERFACES = (
    "coverage: the network names no interfaces that exist: whether one is without logs is not "
    "known (--interfaces)"
)
WEB = "10.0.2.9 > 10.0.1.5:443 every=5m times=24 back=900"


def asked(folder: Path, *texts: str, **more: Any) -> Detected:
    inquiry = replace(Inquiry(store_of(folder, *texts), NOW), **more)
    return detect(inquiry, ["RW505", "RW510", "RW532"])


def test_a_clean_answer_over_whole_logs_is_whole(tmp_path: Path):
    found = asked(tmp_path, WEB, "transit 10.1.0.5 > 10.2.0.9:443", "dns 10.0.1.5 example.com")
    assert (found.findings, found.unjudged) == ((), {})
    assert found.coverage.is_whole
    assert found.coverage.to_dict()["flow"] == {
        "records": 48,
        "first": "2026-01-01T00:00:00Z",
        "last": "2026-01-01T01:55:10Z",
        "missing_hours": [],
    }


def test_a_detection_without_its_logs_is_not_judged(tmp_path: Path):
    found = asked(tmp_path, WEB)
    assert found.unjudged == {
        "RW510": "there are no transit records",
        "RW532": "there are no dns records",
    }


def test_nothing_at_all_is_not_whole_and_judges_nothing(tmp_path: Path):
    (tmp_path / "flow").mkdir()
    found = asked(tmp_path)
    assert set(found.unjudged) == {"RW505", "RW510", "RW532"}
    assert not found.coverage.is_whole


def test_hours_of_the_time_asked_about_that_have_no_record_are_missing(tmp_path: Path):
    extent = Extent(START - 3600, START + 4 * 3600)
    found = asked(tmp_path, WEB, scope=Scope(extent))
    missing = [second - START for second in found.coverage.tables["flow"].missing]
    assert missing == [-3600, 7200, 10800]
    assert not found.coverage.is_whole


def test_lost_records_are_told_by_interface(tmp_path: Path):
    found = asked(tmp_path, WEB, "quiet eni-9 SKIPDATA times=2", "quiet eni-8 NODATA")
    [lost] = found.coverage.lost
    assert (lost.interface, lost.windows, lost.first, lost.last) == ("eni-9", 2, START, START + 120)
    assert not found.coverage.is_whole


@pytest.mark.parametrize(
    ("known", "silent"),
    [(None, ()), ((), ()), (("eni-1",), ()), (("eni-1", "eni-5", "eni-8"), ("eni-5",))],
)
def test_interfaces_of_the_network_without_records_are_told(
    known: tuple[str, ...] | None, silent: tuple[str, ...], tmp_path: Path
):
    """One that logs NODATA logs; one of which there is nothing does not."""
    found = asked(tmp_path, WEB, "quiet eni-8 NODATA", interfaces=known)
    assert found.coverage.silent == silent
    told = found.coverage.to_dict()["silent_interfaces"]
    assert told == (list(silent) if known else None)


@pytest.mark.parametrize(
    ("known", "told"),
    [
        (None, []),
        (
            (),
            [NO_INTERFACES],
        ),
        (("eni-1",), ["coverage: the network has 1 interface, all with records"]),
        (("eni-1", "eni-5"), ["coverage: interfaces without any record: eni-5"]),
    ],
)
def test_that_every_interface_has_logs_is_said_only_of_interfaces_that_are_known(
    known: tuple[str, ...] | None, told: list[str], tmp_path: Path
):
    """A network that is only written has none: that nothing is missing would be a guess."""
    lines = list(coverage_lines(asked(tmp_path, WEB, interfaces=known).coverage))
    place = next(n for n, line in enumerate(lines) if "tcp-flags" in line)
    assert lines[place + 1 :] == told


def test_records_of_which_no_end_is_inside_are_told(tmp_path: Path):
    """IPv6 of a VPC is of the world's addresses: which are its own, a network must say."""
    found = asked(tmp_path, WEB, "[2600:1f18::5] > [2600:1f18::9]:443 times=2")
    assert found.coverage.to_dict()["no_end_inside"] == 2
    assert not found.coverage.is_whole
    [line] = [each for each in coverage_lines(found.coverage) if "outside" in each]
    assert line.startswith("coverage: 2 flow records between addresses that are both taken for")
    few = replace(found.coverage, outside=0)
    assert few.is_whole
    assert not [each for each in coverage_lines(few) if "outside" in each]


def test_the_share_of_records_with_flags_is_told(tmp_path: Path):
    found = asked(tmp_path, WEB, "10.0.2.9 > 10.0.1.5:80 every=5m times=24 back=900 flags")
    assert found.coverage.flagged == 0.5


def test_a_detection_that_needs_a_network_is_not_judged_without(tmp_path: Path):
    coverage = asked(tmp_path, WEB).coverage
    detection = replace(registry()["RW505"], needs_network=True)
    without = Inquiry(tmp_path, NOW)
    engine = Engine(example("vpc v 10.0.0.0/16"))
    given = replace(without, context=Context(engine=engine))
    assert _unjudged(detection, ["flow"], coverage, without) == "it needs a network (--network)"
    assert _unjudged(detection, ["flow"], coverage, given) == ""


def test_a_judge_turns_rows_into_findings_with_what_the_context_knows(tmp_path: Path):
    """The seam for detections that ask the network: rows in, findings out."""
    asked_of: list[Any] = []

    def judge(detection: Detection, rows: Sequence[Row], context: Context) -> Iterator[Sighting]:
        asked_of.append(context.engine)
        for row in rows:
            if row["source_low"] == 167772681:  # 10.0.2.9
                yield detection.sighting({**row, "ports": 1}, context)

    engine = Engine(example("vpc v 10.0.0.0/16"))
    detection = replace(registry()["RW504"], judge=judge)
    rows: list[Row] = [
        {"family": 4, "source_high": 0, "source_low": low, "first": 1, "last": 2}
        for low in (167772681, 167772682)
    ]
    context = Context(name=lambda family, high, low: f"host {family} {high} {low}", engine=engine)
    [found] = detection.sightings(rows, context)
    assert str(found.entities[0]) == "host 4 0 167772681 (10.0.2.9)"
    assert asked_of == [engine]


def test_a_detection_that_fails_is_not_judged_and_the_others_are(tmp_path: Path, monkeypatch):
    def broken(detection: Detection, rows: Sequence[Row], context: Context) -> list[Sighting]:
        raise ZeroDivisionError

    scan = "198.51.100.7 > 10.0.1.5:1 ports=+1 reject every=60 times=60"
    known = dict(registry())
    monkeypatch.setattr("ringwall.app.detecting.chosen", lambda _: list(known.values()))
    known["RW505"] = replace(known["RW505"], judge=broken)
    found = asked(tmp_path, scan, "transit 10.1.0.5 > 10.2.0.9:443", "dns 10.0.1.5 example.com")
    assert found.unjudged["RW505"] == "it failed: ZeroDivisionError: "
    assert found.is_partial
    assert "RW507" in {each.detection for each in found.findings}
