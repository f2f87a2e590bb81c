"""Certificates that somebody changed: never accepted for what is false."""

from dataclasses import replace
from random import Random

import pytest

from ringwall.model.expectation import Expectation
from ringwall.verify.certificate import Leg, Proof, Station
from ringwall.verify.sets import Packets
from tests.verify.claims import ACCEPTED, REFUSED, checked, claims, example, holds, proof_of

APART = "production is apart from non-production"
GRAPH = example("fortress").graph
FALSE = [
    Expectation("false", claim.sources, claim.destinations, claim.ports, reachable=False)
    for claim in claims("fortress", reachable=True)
]


def with_stations(proof: Proof, change: dict[int, Station | None]) -> Proof:
    """Return a proof with stations of its first way replaced, or taken away."""
    leg = proof.legs[0]
    stations = [change.get(n, each) for n, each in enumerate(leg.stations)]
    kept = tuple(each for each in stations if each is not None)
    return replace(proof, legs=(replace(leg, stations=kept), *proof.legs[1:]))


def all_of(leg: Leg) -> Packets:
    """Return every packet between the ends of a way."""
    bits = ((1 << len(leg.senders)) - 1, (1 << len(leg.receivers)) - 1)
    return Packets.of([(*bits, 1, ((0, 1 << 24),))])


def test_a_cut_that_is_taken_away() -> None:
    proof = proof_of("fortress", APART)
    for n, station in enumerate(proof.stations):
        for cut in station.cuts:
            fewer = tuple(each for each in station.cuts if each is not cut)
            found = checked(GRAPH, with_stations(proof, {n: replace(station, cuts=fewer)}))
            assert found.answer is REFUSED, cut.by


def test_a_cut_that_claims_more_than_its_piece_stops() -> None:
    proof = proof_of("fortress", APART)
    whole = all_of(proof.legs[0])
    for n, station in enumerate(proof.stations):
        for cut in station.cuts:
            if whole <= cut.packets or not station.packets - cut.packets:
                continue
            more = tuple(replace(c, packets=station.packets) for c in station.cuts)
            found = checked(GRAPH, with_stations(proof, {n: replace(station, cuts=more)}))
            assert found.answer is REFUSED, cut.by


def test_a_cut_by_another_piece() -> None:
    proof = proof_of("fortress", APART)
    n, station = next((n, s) for n, s in enumerate(proof.stations) if s.cuts)
    for by in ("NetworkAcl hub/public", "nothing", ""):
        moved = replace(station, cuts=tuple(replace(cut, by=by) for cut in station.cuts))
        assert checked(GRAPH, with_stations(proof, {n: moved})).answer is REFUSED


def test_a_place_whose_packets_are_made_fewer() -> None:
    proof = proof_of("fortress", APART)
    for n, station in enumerate(proof.stations):
        fewer = Packets(tuple((f & (f - 1), t, b, what) for f, t, b, what in station.packets))
        smaller = replace(station, packets=Packets.of(fewer.boxes), cuts=())
        assert checked(GRAPH, with_stations(proof, {n: smaller})).answer is REFUSED


def test_a_place_that_is_left_out() -> None:
    proof = proof_of("fortress", APART)
    for n in range(len(proof.stations)):
        assert checked(GRAPH, with_stations(proof, {n: None})).answer is REFUSED


def test_a_place_that_is_named_twice() -> None:
    proof = proof_of("fortress", APART)
    leg = proof.legs[0]
    twice = replace(proof, legs=(replace(leg, stations=leg.stations * 2),))
    assert checked(GRAPH, twice).answer is REFUSED


def test_packets_without_a_way() -> None:
    proof = proof_of("fortress", APART)
    assert checked(GRAPH, replace(proof, legs=())).answer is REFUSED
    assert checked(GRAPH, replace(proof, legs=proof.legs * 2)).answer is REFUSED


@pytest.mark.parametrize("claim", FALSE, ids=lambda c: f"{c.sources} {c.destinations}")
def test_a_true_proof_under_a_false_claim(claim: Expectation) -> None:
    assert not holds(GRAPH, claim)
    for other in claims("fortress", reachable=False):
        proof = proof_of("fortress", other.name)
        assert checked(GRAPH, replace(proof, claim=claim)).answer is not ACCEPTED
    for other in claims("fortress", reachable=True):
        proof = proof_of("fortress", other.name)
        assert checked(GRAPH, replace(proof, claim=claim)).answer is not ACCEPTED


def test_the_way_of_packets_that_arrive_does_not_prove_that_replies_do() -> None:
    proof = proof_of("fortress", "production reaches shared services")
    assert len(proof.legs) == 2
    assert checked(GRAPH, replace(proof, legs=proof.legs[:1])).answer is REFUSED
    assert checked(GRAPH, replace(proof, legs=proof.legs[::-1])).answer is REFUSED


def test_random_changes_of_boxes_never_prove_what_is_false() -> None:
    rng = Random(7)
    tried = 0
    for claim in FALSE:
        for other in claims("fortress", reachable=False)[2:5]:
            proof = replace(proof_of("fortress", other.name), claim=claim)
            for _ in range(6):
                n = rng.randrange(len(proof.stations))
                station = proof.stations[n]
                cuts = tuple(replace(c, packets=all_of(proof.legs[0])) for c in station.cuts)
                new = replace(station, packets=all_of(proof.legs[0]), cuts=cuts)
                proof = with_stations(proof, {n: new})
                assert checked(GRAPH, proof).answer is not ACCEPTED
                tried += 1
    assert tried >= 180
