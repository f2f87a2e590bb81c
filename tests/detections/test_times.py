"""Networks change: each conversation is judged, and named, by the network that held then."""

import json
from pathlib import Path
from typing import Any

import pytest

from ringwall.cli.main import run
from tests.detections.stores import store_of

BEFORE = """
name: small
region: us-east-1
zones: [us-east-1a]
vpcs:
  v:
    cidr: 10.0.0.0/16
    tiers:
      front: {kind: public, cidr: 10.0.0.0/20}
      data: {kind: isolated, cidr: 10.0.16.0/20}
    groups:
      web: {tier: front}
      db: {tier: data}
    flows:
      - {from: internet, to: web, ports: [443]}
"""
FLOW = "      - {from: web, to: db, ports: [5432]}\n"
AFTER = BEFORE + FLOW
NOON = "2026-01-01T12:00Z"
CALL = "10.0.0.9:50000 > 10.0.16.9:5432 back=900"


class Day:
    """A day of traffic and the blueprints that held in it."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self.capsys = folder, capsys
        self.one, self.other = self.blueprint("before", BEFORE), self.blueprint("after", AFTER)

    def blueprint(self, name: str, text: str) -> str:
        path = self.folder / f"{name}.yaml"
        path.write_text(text)
        return str(path)

    def store(self, *texts: str) -> str:
        return str(store_of(self.folder / "store", *texts))

    def asked(self, store: str, *networks: str, only: str = "RW520", also: str = "") -> Any:
        words = ["traffic", "detect", "--store", store, "--only", only, "--json", *also.split()]
        words += [word for each in networks for word in ("--network", each)]
        assert run(words) == 0
        return json.loads(self.capsys.readouterr().out)

    def found(self, store: str, *networks: str, only: str = "RW520", also: str = "") -> Any:
        told = self.asked(store, *networks, only=only, also=also)
        assert told["unjudged"] == []
        return told["findings"]

    def times(self, store: str, *networks: str, only: str = "RW520") -> list[tuple[str, str]]:
        found = self.found(store, *networks, only=only)
        return [(each["first"][11:16], each["last"][11:16]) for each in found]


@pytest.fixture
def day(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Day:
    return Day(tmp_path, capsys)


@pytest.mark.parametrize("flags", ["", " flags"])
def test_what_a_rule_forbade_until_noon_is_told_of_the_morning_alone(flags: str, day: Day):
    store = day.store(f"{CALL} at=9h times=3 every=1h{flags}", f"{CALL} at=13h times=3 every=1h")
    assert day.times(store, day.one, f"{NOON}={day.other}") == [("09:00", "11:00")]
    # One network for all the day would have said too much, or nothing.
    assert day.times(store, day.one) == [("09:00", "15:00")]
    assert day.times(store, day.other) == []


def test_what_is_forbidden_since_noon_is_told_if_it_was_opened_anew(day: Day):
    store = day.store(
        f"{CALL} at=9h times=3 every=1h flags", f"{CALL} at=13h times=3 every=1h flags"
    )
    assert day.times(store, day.other, f"{NOON}={day.one}") == [("13:00", "15:00")]


def test_what_goes_on_since_before_the_rule_was_gone_may_be_tracked(day: Day):
    """Security groups track connections: without flags nothing says that it was opened anew."""
    store = day.store(f"{CALL} at=9h times=3 every=1h", f"{CALL} at=13h times=3 every=1h")
    assert day.times(store, day.other, f"{NOON}={day.one}") == []


def test_what_rested_longer_than_connections_are_tracked_is_new(day: Day):
    udp = "10.0.0.9:50000 > 10.0.16.9:53 udp back=90"
    blueprint = day.blueprint("dns", AFTER.replace("[5432]", "[53/udp]"))
    store = day.store(f"{udp} at=9h", f"{udp} at=12h")
    assert day.times(store, blueprint, f"{NOON}={day.one}") == [("12:00", "12:00")]
    near = str(store_of(day.folder / "near", f"{udp} at=43190", f"{udp} at=12h"))
    assert day.times(near, blueprint, f"{NOON}={day.one}") == []


@pytest.mark.parametrize(
    ("second", "last", "told"), [(43_180, 43_190, True), (43_195, 43_205, False)]
)
def test_what_was_seen_while_the_network_changed_is_told_only_if_both_forbid_it(
    second: int, last: int, told: bool, day: Day
):
    store = day.store(f"{CALL} at={second} lasting={last - second} flags")
    assert bool(day.found(store, day.one, f"{NOON}={day.other}")) is told
    # The other way round it was let in while the first network held.
    assert day.found(store, day.other, f"{NOON}={day.one}") == []
    also_forbidden = day.blueprint("third", BEFORE.replace("[443]", "[443, 80]"))
    assert len(day.found(store, day.one, f"{NOON}={also_forbidden}")) == 1


def test_what_is_rejected_is_told_where_it_was_meant(day: Day):
    rejected = "10.0.0.9:50000 > 10.0.16.9:5432 reject every=10m times=6"
    store = day.store(f"{rejected} at=9h", f"{rejected} at=13h")
    times = day.times(store, day.one, f"{NOON}={day.other}", only="RW521")
    assert times == [("13:00", "13:50")]


@pytest.mark.parametrize("only", ["RW520", "RW521", "RW522"])
def test_the_same_network_twice_is_that_network(only: str, day: Day):
    store = day.store(
        f"{CALL} at=9h times=9 every=1h flags",
        "8.8.8.8:50000 > 10.0.0.9:22 back=900 at=8h times=300 every=100 flags",
        "8.8.4.4:50000 > 10.0.0.9:443 reject at=8h times=900 every=50",
        "8.8.8.8:50000 > 10.0.0.9:443 back=900 every=10m times=144 flags",
        "10.0.0.9:50000 > 10.0.16.9:3306 back=900 at=11h times=300 every=20 sources=+1",
    )
    also = f"--blueprint {day.one} --set never-seen.days=1"
    once = day.found(store, day.one, only=only, also=also)
    twice = day.found(store, day.one, f"{NOON}={day.one}", only=only, also=also)
    assert twice == once
    assert once or only == "RW522"


def test_a_rule_is_unused_only_for_as_long_as_it_was_there(day: Day):
    seen = "8.8.8.8:50000 > 10.0.0.9:443 back=900 flags every=1d times=15"
    store = day.store(seen)
    also = "--set never-seen.days=14"
    [old] = day.found(store, day.other, only="RW522", also=also)
    assert old["evidence"]["kept_for"] == ""
    [new] = day.found(store, day.one, f"2026-01-12={day.other}", only="RW522", also=also)
    assert (new["severity"], new["evidence"]["change"]) == ("low", "")
    assert new["evidence"]["kept_for"] == "it is there for 3.0 days, 14 are asked for"
    assert new["first"] == "2026-01-12T00:00:00Z"


def test_a_rule_is_there_from_when_something_of_it_can_pass(day: Day):
    """What was meant for all the time was deployed in the end alone."""
    store = day.store("8.8.8.8:50000 > 10.0.0.9:443 back=900 flags every=1d times=15")
    networks = [exported(day, day.one), f"2026-01-12={exported(day, day.other)}"]
    also = f"--blueprint {day.other} --set never-seen.days=14"
    [found] = day.found(store, *networks, only="RW522", also=also)
    assert found["evidence"]["kept_for"] == "it is there for 3.0 days, 14 are asked for"
    [found] = day.found(store, networks[1], only="RW522", also=also)
    assert found["evidence"]["change"].startswith("remove vpcs.v.flows[1]")


def exported(day: Day, blueprint: str) -> str:
    folder = day.folder / f"{Path(blueprint).stem}-templates"
    words = ["export", blueprint, "--to", "cloudformation", "-o", str(folder)]
    assert run(words) == 0
    day.capsys.readouterr()
    return str(folder)


def test_use_counts_while_the_rule_was_there(day: Day):
    seen = "8.8.8.8:50000 > 10.0.0.9:443 back=900 flags every=1d times=15"
    store = day.store(seen, f"{CALL} at=1h flags")
    also = "--set never-seen.days=14"
    assert day.found(store, day.other, only="RW522", also=also) == []
    days = "--set never-seen.days=3"
    [new] = day.found(store, day.one, f"2026-01-12={day.other}", only="RW522", also=days)
    assert new["text"].startswith("vpcs.v.flows[1] ([web] -> [db] ports [5432]) was never used")


def test_a_row_speaks_in_the_names_of_its_time(day: Day):
    renamed = day.blueprint("renamed", AFTER.replace("web", "shop"))
    rejected = "198.51.100.7 > 10.0.0.9:1 ports=+1 reject every=60 times=60"
    store = day.store(f"{rejected} at=9h", rejected.replace("0.9:1", "0.8:1") + " at=13h")
    found = day.found(store, day.one, f"{NOON}={renamed}", only="RW505")
    names = {each["entities"][1]["address"]: each["entities"][1]["name"] for each in found}
    assert names == {"10.0.0.9": "v/web", "10.0.0.8": "v/shop"}
    query = "SELECT family, destination_high, destination_low, MIN(first) AS first FROM flow"
    words = ["--network", day.one, "--network", f"{NOON}={renamed}", "--json"]
    group = "GROUP BY family, destination_high, destination_low ORDER BY destination_low DESC"
    assert run(["traffic", "query", f"{query} {group}", "--store", store, *words]) == 0
    rows = json.loads(day.capsys.readouterr().out)["rows"]
    assert [row["destination_name"] for row in rows] == [names["10.0.0.9"], names["10.0.0.8"]]


def test_a_name_of_any_time_can_be_asked_about_and_every_block_is_inside(day: Day):
    moved = day.blueprint("moved", AFTER.replace("10.0.", "10.9."))
    store = day.store(f"{CALL} at=9h", f"{CALL.replace('10.0.', '10.9.')} at=13h")
    words = ["--network", day.one, "--network", f"{NOON}={moved}", "--json"]
    assert run(["traffic", "host", "v/front", "--store", store, *words]) == 0
    told = json.loads(day.capsys.readouterr().out)
    assert {row["own"] for row in told["dealings"]} == {"10.0.0.9", "10.9.0.9"}


def snapshot(folder: Path, name: str, read_at: str = "") -> str:
    """Write what AWS says of one VPC with one subnet, as a snapshot does."""
    place = folder / f"{name}-{read_at[:10] or 'old'}" / "111122223333" / "us-east-1"
    place.mkdir(parents=True)
    tags = [{"Key": "Name", "Value": name}]
    vpc = {"VpcId": "vpc-1", "CidrBlock": "10.0.0.0/16", "OwnerId": "111122223333", "Tags": tags}
    subnet = {"SubnetId": "subnet-1", "VpcId": "vpc-1", "CidrBlock": "10.0.0.0/20", "Tags": tags}
    (place / "ec2.describe_vpcs.json").write_text(json.dumps({"Vpcs": [vpc]}))
    (place / "ec2.describe_subnets.json").write_text(json.dumps({"Subnets": [subnet]}))
    if read_at:
        said = {"schema": "ringwall/snapshot-place/1", "read_at": read_at}
        (place / "snapshot.json").write_text(json.dumps(said))
    return str(place.parent.parent)


@pytest.mark.parametrize("turned", [False, True])
def test_snapshots_know_their_times(turned: bool, day: Day):
    networks = [
        snapshot(day.folder, "sun", "2026-01-01T06:00:00Z"),
        snapshot(day.folder, "moon", "2026-01-01T12:00:00Z"),
        f"2026-01-01T18:00Z={snapshot(day.folder, 'star', '2025-01-01T00:00:00Z')}",
        snapshot(day.folder, "dawn"),  # of before snapshots knew it: the first one
    ]
    rejected = "198.51.100.7 > 10.0.0.9:1 ports=+1 reject every=10 times=60"
    store = day.store(*(f"{rejected.replace('0.9:1', f'0.{n}:1')} at={n}h" for n in (5, 7, 13, 19)))
    found = day.found(store, *(reversed(networks) if turned else networks), only="RW505")
    names = [each["entities"][1]["name"].split("/")[0] for each in found]
    assert names == ["dawn", "sun", "moon", "star"]


def test_a_report_speaks_in_the_names_of_each_time(day: Day):
    renamed = day.blueprint("renamed", AFTER.replace("web", "shop"))
    store = day.store(f"{CALL} at=9h times=3 every=1h", f"{CALL} at=13h times=3 every=1h")
    page = day.folder / "report.html"
    words = ["--network", day.one, "--network", f"{NOON}={renamed}", "-o", str(page)]
    assert run(["traffic", "report", "--store", store, "--only", "RW520", *words]) == 0
    text = page.read_text()
    assert "reached port 5432 of v/db" in text
    assert "FROM edge" in text  # the SQL, as it was asked


def refused(day: Day, *networks: str) -> str:
    words = ["traffic", "top", "--store", day.store(CALL)]
    assert run([*words, *(word for each in networks for word in ("--network", each))]) == 2
    return day.capsys.readouterr().err


def test_two_networks_without_a_time_are_refused(day: Day):
    said = refused(day, day.one, day.other)
    assert f"--network {day.one!r} and {day.other!r}: nothing says from when each of them" in said
    assert "hint: --network TIME=NETWORK" in said


def test_two_networks_of_one_time_are_refused(day: Day):
    said = refused(day, f"{NOON}={day.one}", f"2026-01-01T13:00+01:00={day.other}")
    assert "both hold from 2026-01-01T12:00:00Z" in said


def test_a_time_that_cannot_be_read_is_refused(day: Day):
    said = refused(day, day.one, f"noon={day.other}")
    assert f"--network 'noon={day.other}': 'noon' is no time" in said
    assert said.count("\n") == 2


def test_a_file_whose_name_has_a_sign_in_it_is_a_file(day: Day, monkeypatch):
    day.blueprint("2026-01-01=a", AFTER)
    monkeypatch.chdir(day.folder)
    store = day.store(CALL)
    assert day.found(store, "2026-01-01=a.yaml") == []
    assert len(day.found(store, day.one, f"{NOON}=./2026-01-01=a.yaml")) == 1
