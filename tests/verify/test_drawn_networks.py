"""Certificates of drawn networks, and what becomes of them when rules change."""

import os
import sys

import pytest

from tests.networks.features import Feature
from tests.verify.campaign import Tally, run

NETWORKS, CLAIMS, FLIPS = map(int, os.environ.get("RINGWALL_CERTIFICATES", "300,30,6").split(","))
NOT_FOLLOWED = ("is not modelled", "are not followed")


def sound(tally: Tally) -> Tally:
    assert not tally.wrong, "\n".join(tally.wrong[:10])
    return tally


@pytest.mark.parametrize("reachable", [False, True])
def test_what_the_engine_proves_is_certified_and_no_flip_that_undoes_it_is_accepted(
    reachable: bool,
) -> None:
    tally = sound(run(range(12), 20, 3, reachable=reachable))
    assert tally.counts["certificates"] >= 30
    # VPC Lattice is not followed.
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


BALANCERS = (
    Feature.APPLICATION_BALANCERS,
    Feature.NETWORK_BALANCERS,
    Feature.CLASSIC_BALANCERS,
    Feature.ENDPOINT_SERVICES,
)
BESIDE_THEM = (
    Feature.INTERNET,
    Feature.ACLS,
    Feature.GROUP_REFERENCES,
    Feature.PUBLIC_ADDRESSES,
    Feature.PEERING,
    Feature.TRANSIT,
    Feature.NAT,
)


@pytest.mark.parametrize("feature", BALANCERS)
def test_what_load_balancers_pass_on_is_certified_and_no_flip_that_undoes_it_is_accepted(
    feature: Feature,
) -> None:
    to = {"balancer", "endpoint"}
    tally = sound(run(range(900, 906), 60, 3, features=[*BESIDE_THEM, feature], to=to))
    assert tally.counts["certificates"] >= 0.8 * tally.counts["claims that hold"] > 5
    assert tally.counts["flips undone: refused"] >= 3


@pytest.mark.campaign
@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("feature", BALANCERS)
def test_thousands_of_flips_of_load_balancers(
    feature: Feature, capsys: pytest.CaptureFixture[str]
) -> None:
    seeds, to = range(1_000, 1_000 + NETWORKS), {"balancer", "endpoint"}
    tally = run(seeds, 4 * CLAIMS, FLIPS, features=[*BESIDE_THEM, feature], to=to)
    with capsys.disabled():
        sys.stdout.write("\n".join(["", *tally.lines(), ""]))
    sound(tally)
