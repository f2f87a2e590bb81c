"""Blueprints with a fault, given to every command that takes one: refused, and nothing is asked."""

import re
import time
from itertools import cycle

import pytest

from tests.blueprint.mutants import mutants
from tests.blueprint.test_mutants import LONGEST, SOURCES

COMMANDS = (
    ("apply", "--yes"),
    ("check",),
    ("plan",),
    ("drift",),
    ("destroy", "--yes"),
    ("output",),
    ("permissions",),
)
OFFLINE = ("check",)  # for what may turn out to be no fault at all
PLACE = re.compile(r"\bbroken\.yaml:(\d+):\d+")


def wrong(mutant, command, lab, ringwall, path):
    """Return what is wrong with how a command receives a mutant, "" when nothing is."""
    path.write_bytes(mutant.data)
    words = command if mutant.must_fail else OFFLINE
    began = time.process_time()
    ended = ringwall(words[0], path.name, *words[1:])
    took = time.process_time() - began
    said = ended.out + ended.err
    what = f"{mutant.kind} (line {mutant.line}), {words[0]}: "
    lines = [int(line) for line in PLACE.findall(said)]
    if lab.calls:
        return what + f"asked {lab.calls}"
    if "Traceback" in said:
        return what + said
    if took > LONGEST:
        return what + f"took {took:.1f} s"
    if not mutant.must_fail:
        return "" if ended.code in {0, 1, 2, 3} else what + f"exit code {ended.code}"
    if ended.code != 2:
        return what + f"exit code {ended.code}: {said[:300]}"
    if mutant.line is not None and not any(abs(line - mutant.line) <= 1 for line in lines):
        return what + f"said lines {lines}: {said[:300]}"
    return ""


def judged(count, seed, lab, ringwall, tmp_path):
    path = tmp_path / "broken.yaml"
    pairs = zip(mutants(SOURCES, count, seed=seed), cycle(COMMANDS), strict=False)
    return [
        fault for mutant, command in pairs if (fault := wrong(mutant, command, lab, ringwall, path))
    ]


def test_a_sample_of_mutants_is_refused_with_its_place_and_nothing_is_created(
    lab, ringwall, tmp_path
):
    assert judged(60, 3, lab, ringwall, tmp_path) == []


@pytest.mark.campaign
def test_two_thousand_mutants_are_refused_with_their_places_and_nothing_is_created(
    lab, ringwall, tmp_path
):
    assert judged(2_000, 4, lab, ringwall, tmp_path) == []
