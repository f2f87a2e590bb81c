"""What looks like an attack and is none is there, is told in the truth, and looks as it should."""

from collections import Counter, defaultdict
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pytest
from tests.lab.traffic.reading import ends
from tests.lab.traffic.worlds import BEGIN, World, made

from ringwall.lab.traffic.scene import rhythm

BEHAVIOURS = (
    "declared", "health-checks", "ntp", "backups", "updates", "monitoring", "multicast",
    "resolver", "keep-alive", "mesh", "radiation", "lookups",
)  # fmt: skip


def test_without_attacks_the_truth_has_none(fortress: World) -> None:
    assert fortress.truth["attacks"] == []
    assert [b["behaviour"] for b in fortress.truth["benign"]] == list(BEHAVIOURS)


@pytest.mark.parametrize("name", BEHAVIOURS)
def test_each_behaviour_is_there(fortress: World, name: str) -> None:
    assert sum(fortress.behaviour(name)["records"].values()) > 10


def test_every_record_is_somebodys(fortress: World) -> None:
    total = Counter[str]()
    for behaviour in fortress.truth["benign"]:
        total.update(behaviour["records"])
    assert total["flow"] == len(fortress.flow)
    assert total["transit"] == len(fortress.transit)
    assert total["queries"] == len(fortress.queries)


def test_health_checks_come_every_thirty_seconds(fortress: World) -> None:
    node = fortress.behaviour("health-checks")["actors"][0]
    opened = defaultdict(set)
    for record in fortress.flow:
        if ends(record)[0] == node["address"] and record["bytes"] % 465 == 0:
            opened[ends(record)[1]].add(record["start"])
    gaps = Counter(b - a for starts in opened.values() for a, b in pairwise(sorted(starts)))
    assert sum(gaps[n] for n in (29, 30, 31)) / gaps.total() > 0.8


def test_time_servers_are_asked_from_port_123(fortress: World) -> None:
    servers = {a["address"] for a in fortress.behaviour("ntp")["actors"]}
    found = [r for r in fortress.flow if ends(r)[1] in servers]
    assert {(r["protocol"], r["srcport"], r["dstport"]) for r in found} == {(17, 123, 123)}
    # The fortress lets no time through: that is rejected, as evenly as it would be answered.
    assert {r["action"] for r in found} == {"REJECT"}


def test_where_time_is_let_through_it_is_answered(tmp_path: Path, dual_file: str) -> None:
    world = made(tmp_path, network=dual_file, hours=1)
    servers = {a["address"] for a in world.behaviour("ntp")["actors"]}
    assert [r for r in world.flow if ends(r)[0] in servers and r["action"] == "ACCEPT"]


def test_backups_are_the_largest_transfers_and_in_the_night(fortress: World) -> None:
    there = {a["address"] for a in fortress.behaviour("backups")["actors"] if "service" in a}
    sent: Counter[str] = Counter()
    for record in fortress.flow:
        if record["flow-direction"] == "egress":
            sent[ends(record)[1]] += record["bytes"]
    largest = [address for address, _ in sent.most_common(len(there))]
    assert set(largest) == there
    starts = [r["start"] for r in fortress.flow if ends(r)[1] in there]
    backups = [s for s in starts if s >= BEGIN + 7_200]
    assert len(backups) / len(starts) > 0.9
    assert {r["pkt-dst-aws-service"] for r in fortress.flow if ends(r)[1] in there} == {"S3"}


def test_updates_come_in_from_a_content_network(fortress: World) -> None:
    network = {a["address"] for a in fortress.behaviour("updates")["actors"]}
    into = sum(r["bytes"] for r in fortress.flow if ends(r)[0] in network)
    out = sum(r["bytes"] for r in fortress.flow if ends(r)[1] in network)
    assert into > 20 * out
    assert {r["pkt-src-aws-service"] for r in fortress.flow if ends(r)[0] in network} == {
        "CLOUDFRONT"
    }


def test_the_scanner_of_the_house_asks_many_on_many_ports(fortress: World) -> None:
    scanner = fortress.behaviour("monitoring")["actors"][0]
    found = [
        r
        for r in fortress.flow
        if r["interface-id"] == scanner["interface"] and r["flow-direction"] == "egress"
    ]
    assert len({ends(r)[1] for r in found}) > 30
    assert len({r["dstport"] for r in found}) >= 8
    assert {r["action"] for r in found} == {"ACCEPT", "REJECT"}


def test_multicast_goes_nowhere(fortress: World) -> None:
    groups = {a["address"] for a in fortress.behaviour("multicast")["actors"]}
    found = [r for r in fortress.flow if set(ends(r)) & groups]
    assert {r["flow-direction"] for r in found} == {"egress"}
    assert {ends(r)[1] for r in found} == groups


def test_the_resolver_answers_to_thousands_of_ports(fortress: World) -> None:
    server = fortress.behaviour("resolver")["actors"][0]
    ports = {
        r["dstport"]
        for r in fortress.flow
        if ends(r)[0] == server["address"] and r["tcp-flags"] & 18 == 18
    }
    assert len(ports) > 1_000


def test_a_resolver_of_ones_own_is_asked_on_port_53(tmp_path: Path, dual_file: str) -> None:
    world = made(tmp_path, network=dual_file, hours=1)
    server = world.behaviour("resolver")["actors"][0]
    assert server["group"] == "one/dns"
    asked = [r for r in world.flow if ends(r)[1] == server["address"] and r["dstport"] == 53]
    assert {r["protocol"] for r in asked} == {17}
    assert {r["action"] for r in asked} == {"ACCEPT"}


def test_an_open_connection_shows_in_every_window_without_flags(fortress: World) -> None:
    actors = fortress.behaviour("keep-alive")["actors"]
    here, there = actors[0], actors[1]["address"]
    found = sorted(
        r["start"]
        for r in fortress.flow
        if r["interface-id"] == here["interface"] and ends(r)[1] == there
    )
    assert len(found) >= 6 * 60 - 3
    # Its own beat is twenty seconds; what shows is the window.
    gaps = Counter(b - a for a, b in pairwise(found))
    assert gaps.most_common(1)[0][0] == 60
    assert max(gaps) <= 80
    flags = {r["tcp-flags"] for r in fortress.flow if there in ends(r)}
    assert flags == {0}
    roles = {r["instance-id"] is None for r in fortress.flow if there in ends(r)}
    assert roles == {True, False}  # the NAT gateway's interface sees it, too


def test_strangers_knock_and_gateways_say_accept_without_an_answer(fortress: World) -> None:
    nats = {
        r["interface-id"]
        for r in fortress.flow
        if r["srcaddr"] != ends(r)[0] and not r["instance-id"]
    }
    knocks = [
        r
        for r in fortress.flow
        if r["interface-id"] in nats
        and r["flow-direction"] == "ingress"
        and r["tcp-flags"] == 2
        and r["packets"] == 1
        and not ends(r)[0].startswith("10.")
    ]
    assert {r["action"] for r in knocks} == {"ACCEPT", "REJECT"}
    answered = {ends(r) for r in fortress.flow if r["interface-id"] in nats}
    assert not [r for r in knocks if ends(r)[::-1] in answered and r["action"] == "REJECT"]


def test_days_are_busier_than_nights_and_weekends_quieter() -> None:
    monday = BEGIN
    assert rhythm(monday + 15 * 3_600) == pytest.approx(1.0)
    assert rhythm(monday + 3 * 3_600) == pytest.approx(0.2)
    assert rhythm(monday + (5 * 24 + 15) * 3_600) == pytest.approx(0.6)


def test_only_what_the_cache_misses_is_logged(fortress: World) -> None:
    seen: dict[object, float] = {}
    for query in sorted(fortress.queries, key=lambda q: q["query_timestamp"]):
        moment = datetime.fromisoformat(query["query_timestamp"]).timestamp()
        key = (query["vpc_id"], query["query_name"], query["query_type"])
        assert moment - seen.get(key, 0.0) >= 59
        seen[key] = moment
