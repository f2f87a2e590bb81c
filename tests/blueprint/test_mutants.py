import random
import time
from pathlib import Path

import pytest

from ringwall.blueprint import load_bytes, render_all, starter
from ringwall.errors import BlueprintError
from tests.blueprint.mutants import LARGE, Mutant, mutants

EXAMPLES = Path(__file__).parents[2] / "examples"
SOURCES = [
    *((EXAMPLES / f"{name}.yaml").read_text() for name in ("fortress", "minimal", "forty")),
    starter("hub-spoke"),
]
LONGEST = 5.0  # seconds


def judge(mutant: Mutant) -> str:
    """Return what is wrong with how a mutant is received, "" when nothing is."""
    began = time.process_time()
    try:
        load_bytes(mutant.data, "mutant.yaml")
        found = None
    except BlueprintError as error:
        found = error
        render_all(error)
    took = time.process_time() - began
    if took > LONGEST:
        return f"{mutant.kind}: took {took:.1f} s"
    if found is None:
        return f"{mutant.kind}: accepted (line {mutant.line})" if mutant.must_fail else ""
    if mutant.line is None:
        return "" if found.problems else f"{mutant.kind}: refused without a problem"
    lines = [p.line for p in found.problems]
    lines += [line for p in found.problems for line, _, _ in p.related]
    if any(abs(line - mutant.line) <= 1 for line in lines):
        return ""
    said = [(p.code, p.line, p.message) for p in found.problems][:4]
    return f"{mutant.kind}: fault at line {mutant.line}, said: {said}"


def test_a_sample_of_mutants_is_refused_at_the_place_of_the_fault():
    assert [fault for m in mutants(SOURCES, 150, seed=1) if (fault := judge(m))] == []


def test_a_file_that_is_too_large_is_refused():
    mutant = LARGE(SOURCES[0], random.Random(0))
    assert mutant is not None
    assert judge(mutant) == ""


@pytest.mark.campaign
def test_two_thousand_mutants_are_refused_at_the_place_of_the_fault():
    assert [fault for m in mutants(SOURCES, 2_000, seed=2) if (fault := judge(m))] == []
