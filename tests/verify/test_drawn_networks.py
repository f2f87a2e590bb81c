"""Certificates of drawn networks, and what becomes of them when rules change."""

import os
import sys

import pytest

from tests.networks.features import Feature
from tests.verify.campaign import Tally, run

NETWORKS, CLAIMS, FLIPS = map(int, os.environ.get("RINGWALL_CERTIFICATES", "300,30,6").split(","))
NOT_FOLLOWED = ("is not modelled", "are not followed", "has no end in the network")


def sound(tally: Tally) -> Tally:
    assert not tally.wrong, "\n".join(tally.wrong[:10])
    return tally


@pytest.mark.parametrize("reachable", [False, True])
def test_what_the_engine_proves_is_certified_and_no_flip_that_undoes_it_is_accepted(
    reachable: bool,
) -> None:
    tally = sound(run(range(12), 20, 3, reachable=reachable))
    assert tally.counts["certificates"] >= 30
    # VPC Lattice, what is behind load balancers, and names that are no keys are not followed.
    not_followed = sum(n for why, n in tally.without.items() if why.endswith(NOT_FOLLOWED))
    holding = tally.counts["claims that hold"]
    assert not_followed <= 0.2 * holding
    assert tally.counts["certificates"] >= 0.9 * (holding - not_followed)
    assert tally.counts["flips undone: refused"] >= 15


@pytest.mark.parametrize("feature", list(Feature))
def test_certificates_are_sound_with_each_feature(feature: Feature) -> None:
    sound(run(range(2), 14, 1, features=[feature]))
    sound(run(range(1), 10, 0, features=[feature], reachable=True))


@pytest.mark.campaign
@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("reachable", [False, True])
def test_thousands_of_flips(reachable: bool, capsys: pytest.CaptureFixture[str]) -> None:
    tally = run(range(1_000, 1_000 + NETWORKS), CLAIMS, FLIPS, reachable=reachable)
    with capsys.disabled():
        sys.stdout.write("\n".join(["", *tally.lines(), ""]))
    sound(tally)
