"""Z3's encoding of the large estate says what the tracer says."""

import pytest

pytest.importorskip("z3", reason="the extra `bench` is not installed")

from benchmarks.against_z3 import check, measure
from benchmarks.estate_large import graph
from benchmarks.estate_vpc import Estate
from benchmarks.z3_facts import Facts


@pytest.mark.parametrize("version", [4, 6])
def test_z3_and_the_tracer_agree_on_sampled_pairs(version: int) -> None:
    _, allowed, faults = check(72, seed=3, version=version, n=40)
    assert faults == []
    assert allowed > 3


def test_merged_classes_answer_like_all_of_them() -> None:
    found = measure(240, seed=4)  # it refuses by itself where they do not
    assert 0 < found.reaching < found.classes
    assert found.merged < found.classes


def test_what_the_encoding_has_no_formula_for_is_refused() -> None:
    with pytest.raises(ValueError, match="no NatGateway"):
        Facts(graph(Estate(vpcs=1, interfaces=12, full=True)))
