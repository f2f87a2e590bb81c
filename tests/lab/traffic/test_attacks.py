"""Each attack is as the table says, and its truth is what the files hold."""

from collections import Counter, defaultdict
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from tests.lab.traffic.counting import Matcher, counted
from tests.lab.traffic.reading import ends
from tests.lab.traffic.worlds import FORTRESS, World, made

from ringwall.errors import InputError
from ringwall.lab.traffic.attacks import ATTACKS, order_of

STRENGTHS = ("hard", "middle", "easy")
# A scan that is let through needs a rule that is wide, or a NAT gateway's address.
FURTHER = ("vertical-scan:accepted", "vertical-scan:mixed:easy", "horizontal-scan:five-ports")
# Over IPv6, in the dual-stack network.
SIX = ("vertical-scan", "vertical-scan:accepted", "horizontal-scan", "brute-force", "beacon")
ALSO_SIX = ("exfiltration", "lateral-movement", "impossible-flow", "segment-trespass")


@pytest.fixture(scope="module", params=STRENGTHS)
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> World:
    """Return the fortress under every attack of one strength."""
    orders = [f"{name}:{request.param}" for name in ATTACKS]
    folder = tmp_path_factory.mktemp(request.param)
    return made(folder, *orders, *FURTHER, hours=2, scale=0.2, seed=5)


@pytest.fixture(scope="module")
def six(tmp_path_factory: pytest.TempPathFactory, dual_file: str) -> World:
    """Return a dual-stack network under attack over IPv6."""
    orders = [f"{name}:v6" for name in (*SIX, *ALSO_SIX)]
    return made(tmp_path_factory.mktemp("six"), *orders, network=dual_file, hours=3)


def test_the_truth_is_what_the_files_hold(world: World) -> None:
    kinds = [(a["kind"], a["variant"]) for a in world.truth["attacks"]]
    found = counted(world)
    records = [a["records"] for a in world.truth["attacks"]]
    assert list(zip(kinds, found, strict=True)) == list(zip(kinds, records, strict=True))
    assert all(sum(count.values()) for count in found)


def test_the_truth_is_what_the_files_hold_over_ipv6(six: World) -> None:
    assert counted(six) == [a["records"] for a in six.truth["attacks"]]
    for attack in six.truth["attacks"]:
        assert {r["type"] for r in Matcher(attack).of(six.flow)} == {"IPv6"}


def test_times_are_those_of_the_first_and_the_last_record(world: World) -> None:
    for attack in world.truth["attacks"]:
        records = Matcher(attack).of((*world.flow, *world.transit))
        if not records:
            continue
        first, last = (
            int(datetime.fromisoformat(attack[which]).timestamp()) for which in ("first", "last")
        )
        assert first <= min(r["start"] for r in records)
        assert last >= max(r["end"] for r in records)
        if not attack["records"]["queries"]:
            assert (first, last) == (
                min(r["start"] for r in records),
                max(r["end"] for r in records),
            )


def _attack(world: World, kind: str, variant: str = "") -> dict[str, Any]:
    return next(
        a
        for a in world.truth["attacks"]
        if a["kind"] == kind and (not variant or a["variant"] == variant)
    )


@pytest.fixture(scope="module")
def strong(tmp_path_factory: pytest.TempPathFactory) -> dict[str, World]:
    """Return worlds with few attacks each, by strength."""
    return {
        strength: made(
            tmp_path_factory.mktemp(f"strong-{strength}"),
            *(f"{kind}:{strength}" for kind in ("vertical-scan", "horizontal-scan", "brute-force")),
            *(f"{kind}:{strength}" for kind in ("beacon", "dga", "dns-tunnel", "exfiltration")),
            *(f"{kind}:{strength}" for kind in ("lateral-movement", "segment-trespass")),
            f"impossible-flow:{strength}",
            hours=6,
            scale=0.1,
            seed=11,
        )
        for strength in STRENGTHS
    }


@pytest.mark.parametrize(("strength", "pace"), [("hard", 300.0), ("middle", 60.0), ("easy", 0.1)])
@pytest.mark.parametrize("kind", ["vertical-scan", "horizontal-scan"])
def test_scans_go_at_their_pace(
    strong: dict[str, World], kind: str, strength: str, pace: float
) -> None:
    world = strong[strength]
    attack = _attack(world, kind)
    times: dict[object, int] = {}
    for record in Matcher(attack).of(world.flow):
        if record["tcp-flags"] == 2:
            key = (ends(record)[1], record["dstport"])
            times[key] = min(times.get(key, record["start"]), record["start"])
    ordered = sorted(times.values())
    assert len(ordered) > 30
    assert (ordered[-1] - ordered[0]) / (len(ordered) - 1) == pytest.approx(pace, rel=0.1)


@pytest.mark.parametrize(
    ("strength", "sources", "period"), [("hard", 20, 60), ("middle", 1, 10), ("easy", 1, 1)]
)
def test_a_brute_force_has_its_sources_and_pace(
    strong: dict[str, World], strength: str, sources: int, period: float
) -> None:
    world = strong[strength]
    attack = _attack(world, "brute-force")
    assert len(attack["from"]) == sources
    target = {each["interface"] for each in attack["to"]}
    starts = sorted(
        r["start"]
        for r in Matcher(attack).of(world.flow)
        if r["interface-id"] in target and r["tcp-flags"] & 18 == 2
    )
    assert (starts[-1] - starts[0]) / (len(starts) - 1) == pytest.approx(period, rel=0.1)
    assert {r["action"] for r in Matcher(attack).of(world.flow)} == {"ACCEPT"}


@pytest.mark.parametrize(("strength", "jitter"), [("hard", 0.3), ("middle", 0.1), ("easy", 0.0)])
def test_a_beacon_keeps_its_period_with_its_jitter(
    strong: dict[str, World], strength: str, jitter: float
) -> None:
    world = strong[strength]
    attack = _attack(world, "beacon")
    source = attack["from"][0]["interface"]
    starts = sorted(
        r["start"]
        for r in Matcher(attack).of(world.flow)
        if r["interface-id"] == source and r["tcp-flags"] & 18 == 2
    )
    expected = attack["facts"]["period"]
    gaps = [b - a for a, b in pairwise(starts)]
    offsets = [(s - starts[0]) % expected for s in starts]
    spread = max(min(o, expected - o) for o in offsets)
    if jitter:
        assert jitter * expected * 0.7 <= spread
        assert max(gaps) > expected * (1 + jitter / 4)
    else:
        assert spread <= 1
    missing = 1 - len(starts) / ((starts[-1] - starts[0]) / expected + 1)
    assert missing == pytest.approx(0.1 if strength == "hard" else 0.0, abs=0.08)


@pytest.mark.parametrize(
    ("strength", "times", "flows"), [("hard", 2, 240), ("middle", 5, 40), ("easy", 50, 1)]
)
def test_an_exfiltration_sends_many_times_the_usual(
    strong: dict[str, World], strength: str, times: int, flows: int
) -> None:
    world = strong[strength]
    attack = _attack(world, "exfiltration")
    source = attack["from"][0]
    sent = [
        r
        for r in Matcher(attack).of(world.flow)
        if r["interface-id"] == source["interface"] and ends(r)[0] == source["address"]
    ]
    assert sum(r["bytes"] for r in sent) == attack["facts"]["bytes"]
    assert len({r["srcport"] for r in sent}) >= min(flows, 100)
    usual = attack["facts"]["usual_a_day"]
    assert attack["facts"]["bytes"] >= min(times * usual * 0.95, 1_000_000)
    matcher = Matcher(attack)
    # What else the source sends out is counted again, from the files.
    other = sum(
        r["bytes"]
        for r in world.flow
        if r["interface-id"] == source["interface"]
        and r["flow-direction"] == "egress"
        and r["action"] == "ACCEPT"
        and not ends(r)[1].startswith("10.")
        and not matcher.has(r)
    )
    assert usual == pytest.approx(other * 24 / 6, rel=0.25)


@pytest.mark.parametrize(("strength", "edges"), [("hard", 3), ("middle", 10), ("easy", 100)])
def test_lateral_movement_makes_edges_that_nobody_else_uses(
    strong: dict[str, World], strength: str, edges: int
) -> None:
    world = strong[strength]
    attack = _attack(world, "lateral-movement")
    wanted = {(e["from"], e["to"], e["port"]) for e in attack["facts"]["edges"]}
    assert len(wanted) == edges
    seen: dict[bool, set[object]] = {True: set(), False: set()}
    matcher = Matcher(attack)
    for record in world.flow:
        seen[matcher.has(record)].add((*ends(record), record["dstport"]))
    assert wanted <= seen[True]
    monitor = world.behaviour("monitoring")["actors"][0]["address"]
    assert not [e for e in wanted & seen[False] if e[0] != monitor]


@pytest.mark.parametrize(("strength", "rate"), [("hard", 1e3), ("middle", 1e4), ("easy", 1e5)])
def test_a_tunnel_carries_its_bytes_in_names(
    strong: dict[str, World], strength: str, rate: float
) -> None:
    world = strong[strength]
    attack = _attack(world, "dns-tunnel")
    zone = attack["names"][0]
    found = [q for q in world.queries if q["query_name"].endswith(f".{zone}.")]
    carried = sum((len(q["query_name"]) - len(zone) - 4) * 5 // 8 for q in found)
    stamps = sorted(q["query_timestamp"] for q in found)
    first, last = (datetime.fromisoformat(s).timestamp() for s in (stamps[0], stamps[-1]))
    assert carried / ((last - first) / 60) == pytest.approx(rate, rel=0.12)
    assert all(len(q["query_name"]) <= 254 for q in found)
    assert all(len(label) <= 63 for q in found for label in q["query_name"].split("."))


@pytest.mark.parametrize(("strength", "rate"), [("hard", 20), ("middle", 200), ("easy", 2000)])
def test_generated_names_come_at_their_rate_and_a_fifth_resolve(
    strong: dict[str, World], strength: str, rate: float
) -> None:
    world = strong[strength]
    attack = _attack(world, "dga")
    names = set(attack["names"])
    found = [q for q in world.queries if q["query_name"][:-1] in names]
    hours = max(_hour(q["query_timestamp"]) for q in found) - min(
        _hour(q["query_timestamp"]) for q in found
    )
    assert len(found) / hours == pytest.approx(rate, rel=0.15)
    resolving = sum(q["rcode"] == "NOERROR" for q in found) / len(found)
    assert resolving == pytest.approx(0.2, abs=0.08)


def _hour(stamp: str) -> float:
    return datetime.fromisoformat(stamp).timestamp() / 3600


def test_the_hardest_impossible_flow_is_a_single_record(strong: dict[str, World]) -> None:
    attack = _attack(strong["hard"], "impossible-flow")
    assert attack["records"] == {"flow": 1, "transit": 0, "queries": 0}
    record = Matcher(attack).of(strong["hard"].flow)[0]
    assert (record["action"], record["flow-direction"]) == ("ACCEPT", "ingress")


def test_a_segment_trespass_is_lost_at_the_gateway(strong: dict[str, World]) -> None:
    for strength, count in (("hard", 1), ("middle", 5), ("easy", 50)):
        world = strong[strength]
        attack = _attack(world, "segment-trespass")
        lost = Matcher(attack).of(world.transit)
        assert len(lost) == count
        assert {(r["packets-lost-no-route"], r["packets-lost-blackhole"]) for r in lost} == {
            ("1", "0")
        }
        assert {r["tgw-dst-vpc-id"] for r in lost} == {None}
        assert [r for r in world.transit if r["packets-lost-no-route"] != "0"] == lost


def test_a_scan_is_rejected_accepted_or_both(tmp_path: Path) -> None:
    world = made(
        tmp_path,
        *(f"vertical-scan:easy:{each}" for each in ("rejected", "accepted", "mixed")),
        hours=1,
        scale=0.0,
    )
    actions: dict[str, Counter[str]] = defaultdict(Counter)
    for attack in world.truth["attacks"]:
        for record in Matcher(attack).of(world.flow):
            if record["flow-direction"] == "ingress":
                actions[attack["variant"]][record["action"]] += 1
    assert set(actions["rejected"]) == {"REJECT"}
    assert set(actions["accepted"]) == {"ACCEPT"}
    assert set(actions["mixed"]) == {"ACCEPT", "REJECT"}


def test_a_beacon_survives_windows_of_ten_minutes(tmp_path: Path) -> None:
    world = made(tmp_path, "beacon:easy", hours=6, aggregation=600, scale=0.1, seed=2)
    attack = world.truth["attacks"][0]
    source = attack["from"][0]["interface"]
    starts = sorted(
        r["start"]
        for r in Matcher(attack).of(world.flow)
        if r["interface-id"] == source and r["tcp-flags"] & 18 == 2
    )
    assert {round((b - a) / 300) for a, b in pairwise(starts)} == {1}


def test_attacks_fall_into_the_last_day(tmp_path: Path) -> None:
    world = made(tmp_path, "beacon", "lateral-movement:hard", "dga", hours=30, scale=0.0)
    for attack in world.truth["attacks"]:
        assert attack["first"] >= "2026-03-02T06:00:00Z"


def test_blocked_questions_say_what_the_firewall_did(tmp_path: Path, dual_file: str) -> None:
    world = made(tmp_path, "blocked-domains:easy", network=dual_file, hours=2)
    names = set(world.truth["attacks"][0]["names"])
    assert names <= {"evil.example", "www.worse.example"}
    found = [q for q in world.queries if "firewall_rule_action" in q]
    assert {q["query_name"][:-1] for q in found} == names
    assert {(q["firewall_rule_action"], q["rcode"]) for q in found} == {("BLOCK", "NXDOMAIN")}
    assert all(q["firewall_rule_group_id"].startswith("rslvr-frg-") for q in found)
    assert all(q["answers"] == [] for q in found)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("becon", "did you mean 'beacon'?"),
        ("beacon:fast", "there are hard, middle, easy, v6"),
        ("dga:v6", "there are hard, middle, easy"),
        ("vertical-scan:hard:easy-going", "there are hard, middle, easy, rejected, accepted"),
    ],
)
def test_a_wrong_attack_is_told_what_there_is(text: str, hint: str) -> None:
    with pytest.raises(InputError) as error:
        order_of(text, 0)
    assert error.value.hint.startswith(hint)


def test_strengths_of_every_attack_are_those_three() -> None:
    assert {tuple(attack.strengths) for attack in ATTACKS.values()} == {STRENGTHS}


def test_without_occasion_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="brute-force"):
        made(tmp_path / "out", "brute-force:rdp", network=FORTRESS, hours=1)
    assert not (tmp_path / "out" / "logs").exists()
