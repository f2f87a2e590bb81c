"""An alarm's window of flow logs names who it is about, and nobody where it shows nobody."""

from datetime import datetime
from pathlib import Path

import pytest

from ringwall.app.sources import open_network
from ringwall.app.workspace import CloudSettings
from ringwall.detections.example import example
from ringwall.playbooks.offenders import Question, named, offenders, question_of
from ringwall.playbooks.records import Event, Party, Source
from ringwall.shell.clock import SystemClock
from ringwall.shell.window import look
from ringwall.traffic.batches import Batch
from ringwall.traffic.naming import Names
from ringwall.traffic.parsers import PYTHON
from ringwall.traffic.ranges import NOT_INTERNET, to_ranges
from ringwall.traffic.tables import FLOW_TABLE
from ringwall.traffic.talks import Talks, Tally
from tests.lab.traffic.worlds import BEGIN, DUAL, FORTRESS, made

PRIVATE = to_ranges(NOT_INTERNET)
EVER = (0, 4_000_000_000)
REJECTED, SCAN, EXFILTRATION = Question


def talks(*lines: str) -> Talks:
    """Return the talks of an example's traffic."""
    rows = example("\n".join(lines))["flow"]
    batch = Batch(FLOW_TABLE, PYTHON, capacity=len(rows))
    for number, row in enumerate(rows):
        batch.fixed.seconds[number] = row["seconds"]
        batch.put({k: v.encode() if isinstance(v, str) else v for k, v in row.items()})
    tally = Tally(*EVER)
    tally.take(batch)
    return tally.talks()


def addresses(question: Question, *lines: str, window: tuple[int, int] = EVER) -> list[list[str]]:
    found = offenders(question, talks(*lines), window, PRIVATE)
    return [[party.address for party in each.parties] for each in found]


@pytest.mark.parametrize(
    ("attack", "question"),
    [
        ("vertical-scan:easy", REJECTED),
        ("vertical-scan:middle", REJECTED),
        ("vertical-scan:easy", SCAN),
        ("vertical-scan:easy:accepted", SCAN),
        ("vertical-scan:middle:mixed", SCAN),
        ("horizontal-scan:easy", SCAN),
        ("horizontal-scan:middle:five-ports", SCAN),
        ("exfiltration:easy", EXFILTRATION),
        ("exfiltration:middle", EXFILTRATION),
        ("exfiltration:hard", EXFILTRATION),
        ("vertical-scan:easy:v6", SCAN),
        ("exfiltration:easy:v6", EXFILTRATION),
    ],
)
def test_the_offender_is_the_attacker_of_the_truth(
    tmp_path: Path, attack: str, question: Question
) -> None:
    network = FORTRESS
    if attack.endswith(":v6"):
        network = str(tmp_path / "dual.yaml")
        Path(network).write_text(DUAL)
    world = made(tmp_path / "world", attack, network=network, hours=1, scale=0.1)
    source = open_network(network, CloudSettings())
    names = Names.of(source.graph, source.networks)
    # AWS chooses the addresses of IPv6: a blueprint does not know them, and the lab draws these.
    inside = to_ranges((*NOT_INTERNET, *map(str, names.inside), "2001:db8::/32"))
    (truth,) = world.truth["attacks"]
    first, last = (int(datetime.fromisoformat(truth[w]).timestamp()) for w in ("first", "last"))
    looked = look(str(world.folder / "logs" / "vpc"), BEGIN, BEGIN + 86400, SystemClock())
    found = offenders(question, looked.talks, (first - 60, last + 60), inside)
    parties = [Party("source", truth["from"][0]["address"])]
    if question is EXFILTRATION:
        parties.append(Party("destination", truth["to"][0]["address"]))
        assert found[0].evidence["bytes_out"] == truth["facts"]["bytes"]
    assert found[0].parties == tuple(parties)
    assert found[0].evidence["sample"]


def test_of_a_quiet_hour_nobody_is_named(tmp_path: Path) -> None:
    world = made(tmp_path, hours=1, scale=0.1)
    looked = look(str(world.folder / "logs" / "vpc"), BEGIN, BEGIN + 86400, SystemClock())
    for question in (SCAN, EXFILTRATION):
        assert offenders(question, looked.talks, (BEGIN, BEGIN + 3600), PRIVATE) == []
    assert [offenders(q, Tally(*EVER).talks(), EVER, PRIVATE) for q in Question] == [[], [], []]


def test_who_is_rejected_most_is_from_outside_and_opened_the_connections():
    lines = (
        "198.51.100.7 > 10.0.1.5:22 sources=+0 every=10 times=30 reject",
        "198.51.100.8 > 10.0.1.5:22 every=10 times=40 reject",
        "10.0.2.2 > 10.0.1.5:22 every=1 times=500 reject",
        # Late replies of a server outside are rejected records of its address.
        "198.51.100.9:443 > 10.0.1.5:40000 ports=+1 every=1 times=500 reject",
        "198.51.100.6 > 10.0.1.5:22 every=10 times=19 reject",
        "198.51.100.5 > 10.0.1.5:443 every=1 times=500",
    )
    assert addresses(REJECTED, *lines) == [["198.51.100.8"], ["198.51.100.7"]]


def test_a_scanner_may_be_inside_and_may_sweep_one_port():
    lines = (
        "198.51.100.7 > 10.0.1.5:1 ports=+1 times=12 reject",
        "10.0.2.2 > 10.0.3.1:445 hosts=+1 times=20 reject",
        "198.51.100.9 > 10.0.1.5:22 ports=+1 times=9 reject",
        "198.51.100.8 > 10.0.1.5:443 every=1 times=500",
    )
    assert addresses(SCAN, *lines) == [["10.0.2.2"], ["198.51.100.7"]]


def test_what_was_sent_before_and_what_goes_to_services_is_no_exfiltration():
    hour = talks("10.0.1.5 > 203.0.113.1:443 bytes=1 times=1")["first"][0]
    window = (int(hour) + 3600, int(hour) + 7199)
    lines = (
        # As much in the hour before as now.
        "10.0.1.5 > 203.0.113.1:443 every=60 times=120 bytes=900000 back=100",
        # Three times as much as in the hour before.
        "10.0.1.6 > 203.0.113.2:443 every=60 times=60 bytes=100000 back=100",
        "10.0.1.6 > 203.0.113.2:443 at=1h every=60 times=60 bytes=300000 back=100",
        # More came back than went out.
        "10.0.1.7 > 203.0.113.3:443 at=1h every=60 times=60 bytes=300000 back=900000",
        # Taken by whoever called from outside.
        "203.0.113.4 > 10.0.1.8:443 at=1h every=60 times=60 bytes=1000 back=200000",
        "10.0.1.9 > 10.0.2.2:443 at=1h every=60 times=60 bytes=900000 back=100",
    )
    assert addresses(EXFILTRATION, *lines, window=window) == [
        ["10.0.1.6", "203.0.113.2"],
        ["10.0.1.8", "203.0.113.4"],
    ]


@pytest.mark.parametrize(
    ("name", "question"),
    [
        ("prod-Suspicious-Traffic-7", REJECTED),
        ("port-scan", SCAN),
        ("data-exfiltration-alarm", EXFILTRATION),
        ("cpu-high", None),
    ],
)
def test_what_is_asked_is_told_by_the_name_of_the_alarm(name, question):
    assert question_of(name) is question


def test_an_alarm_that_is_answered_keeps_its_id():
    event = Event("id", Source.ALARM, "port-scan", "t", 3, (), 0, 9, {"alarm": "arn"})
    found = offenders(
        SCAN,
        talks(
            "198.51.100.7 > 10.0.1.5:1 ports=+1 times=12 reject",
            "198.51.100.8 > 10.0.1.5:1 ports=+1 times=12 reject",
        ),
        EVER,
        PRIVATE,
    )
    first, second = named(event, found, {"files": 2})
    assert (first.id, second.id != "id") == ("id", True)
    assert first.parties == (Party("source", "198.51.100.7"),)
    assert first.evidence["alarm"] == "arn"
    assert first.evidence["looked"] == {"files": 2}
    assert named(event, [], {})[0].parties == ()
