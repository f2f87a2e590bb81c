"""Damaged, cut and hostile files: no crash, no lost good line, every bad line accounted for."""

from random import Random

import pytest

from ringwall.shell.clock import SystemClock
from ringwall.shell.store.ingesting import Ingest
from ringwall.shell.store.sources import local_sources
from ringwall.shell.store.store import Store
from ringwall.traffic.parsers import best
from tests.shell.store.conftest import Place
from tests.shell.store.hostile import NAMES, Made, made


def account(place: Place, seeds: range) -> None:
    """Ingest a file for each seed, and hold what is told of each against what it is."""
    good = whole = 0
    with Store(place.store, create=True) as store, Ingest(store, best(), SystemClock()) as run:
        for seed in seeds:
            random = Random(seed)
            file, name = made(random), f"{seed}/{random.choice(NAMES)}"
            path = place.logs / name
            path.parent.mkdir()
            path.write_bytes(file.data)
            hold(run, file, str(path), seed)
            good, whole = good + file.good, whole + file.whole
    report = run.report
    assert report.unreadable == []
    tables = ("flow", "transit", "quiet", "dns")
    assert sum(len(place.rows(table)) for table in tables) == report.records + report.quiet
    assert good // 2 < report.records + report.quiet <= good + len(seeds)
    assert whole > len(seeds) // 3
    assert len(place.aside()) == report.kept > 0
    assert report.kept == sum(report.aside.values()) or report.kept > 1000


def hold(run: Ingest, file: Made, path: str, seed: int) -> None:
    """Ingest one file, and hold what is told of it against what it is."""
    report = run.report
    before = (report.records + report.quiet, sum(report.aside.values()), report.lines)
    faults, strange, known = len(report.faults), len(report.strange), report.known
    run.read(local_sources(path, (None, None)))
    taken = report.records + report.quiet - before[0]
    aside, lines = sum(report.aside.values()) - before[1], report.lines - before[2]
    if report.known > known:
        assert (taken, aside, lines) == (0, 0, 0), seed
    elif len(report.strange) > strange:
        assert (taken, file.least) == (0, 0), seed
        assert not (file.whole and file.good), seed
    elif file.whole:
        assert (taken, aside) == (file.good, file.bad), seed
        assert len(report.faults) == faults, seed
    else:
        assert file.least <= taken <= file.good + 1, seed  # a change may make a bad line good
        assert taken + aside <= lines, seed


def test_a_sample_of_hostile_files_is_accounted_for(place: Place) -> None:
    account(place, range(200))


@pytest.mark.campaign
@pytest.mark.parametrize("part", range(10))
def test_ten_thousand_hostile_files_are_accounted_for(place: Place, part: int) -> None:
    account(place, range(10_000 + part * 1000, 11_000 + part * 1000))
