"""Events that come to CloudWatch Logs late go into a store, each once, however it is asked."""

import sqlite3
from collections.abc import Mapping
from random import Random
from typing import Any

import pytest

from ringwall.shell.store.groups import FAR, NEAR, SETTLES, _key, read_group
from ringwall.shell.store.ingesting import Ingest
from ringwall.shell.store.manifest import FILE
from ringwall.shell.store.store import Store
from ringwall.traffic.parsers import PYTHON
from tests.fakes.clock import START, FakeClock
from tests.shell.store.conftest import Place

RECORD = "2 123456789012 eni-0a 10.0.0.1 10.0.0.2 {} 443 6 10 840 {} {} ACCEPT OK"
BEGIN = int(START.timestamp())
HOUR, MINUTE = 3600, 60


class Group:
    """A log group: events with the time that they are of, and the time when AWS took them in."""

    account, region, endpoint = "123456789012", "us-east-1", ""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.events: list[dict[str, Any]] = []
        self.asked = 0

    def put(self, port: int, time: int, late: int = 5 * MINUTE) -> None:
        """Let an event be of a time, and come so much later."""
        self.events.append(
            {
                "eventId": str(port),
                "timestamp": time * 1000,
                "ingestionTime": (time + late) * 1000,
                "message": RECORD.format(port, time, time + 60),
            }
        )

    def paginate(self, *_: object) -> list[Any]:
        return []

    def call(self, service: str, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        assert (service, operation) == ("logs", "filter_log_events")
        now = int(self.clock.now().timestamp() * 1000)
        there = [
            each
            for each in self.events
            if request["startTime"] <= each["timestamp"] <= request["endTime"]
            and each["ingestionTime"] <= now
        ]
        self.asked += len(there)
        return {"events": sorted(there, key=lambda each: each["timestamp"])}

    def read(self, place: Place, now: int, hours: tuple[int | None, int | None] = (None, None)):
        """Read the group at a time; return how many records came."""
        self.clock.advance(now - self.clock.now().timestamp())
        with Store(place.store, create=True) as store, Ingest(store, PYTHON, self.clock) as run:
            read_group("logs:/flow/all", hours, self, run)
        return run.report.records


def ports(place: Place) -> list[int]:
    return sorted(row["srcport"] for row in place.rows())


def test_an_event_that_comes_hours_late_is_read(place: Place) -> None:
    group = Group()
    for hour in range(12):
        group.put(hour, BEGIN + hour * HOUR)
    group.put(100, BEGIN + 2 * HOUR, late=9 * HOUR)
    assert group.read(place, BEGIN + 10 * HOUR) == 10
    assert group.read(place, BEGIN + 11 * HOUR + 30 * MINUTE) == 3
    assert ports(place) == [*range(12), 100]
    assert group.read(place, BEGIN + 13 * HOUR) == 0


def test_the_last_day_is_asked_once_an_hour_and_the_last_hour_each_time(place: Place) -> None:
    group = Group()
    for minute in range(24 * 60):
        group.put(minute, BEGIN + minute * MINUTE, late=0)
    day = BEGIN + 24 * HOUR
    assert group.read(place, day) == 24 * 60
    counts = []
    for minute in (10, 20, 61, 70):
        group.asked = 0
        assert group.read(place, day + minute * MINUTE) == 0
        counts.append(group.asked)
    assert [count <= 60 for count in counts] == [True, True, False, True]


def test_ids_are_remembered_only_of_what_came_lately(place: Place) -> None:
    group = Group()
    for minute in range(48 * 60):
        group.put(minute, BEGIN + minute * MINUTE)
    for hour in range(1, 49):
        group.read(place, BEGIN + hour * HOUR)
    base = sqlite3.connect(place.store / FILE)
    [(count,)] = base.execute("SELECT COUNT(*) FROM event").fetchall()
    base.close()
    assert ports(place) == list(range(48 * 60 - 4))
    assert 0 < count <= (NEAR + SETTLES) // 60_000 + 1


def test_what_is_asked_of_older_hours_alone_hides_no_late_event(place: Place) -> None:
    """The hours before the newest were not asked then, so that nothing of them is known."""
    group = Group()
    group.put(1, BEGIN + 30 * HOUR)
    group.put(2, BEGIN + 30 * HOUR + 10 * MINUTE, late=2 * HOUR)
    assert group.read(place, BEGIN + 31 * HOUR) == 1
    older = (BEGIN, BEGIN + 2 * HOUR)
    assert group.read(place, BEGIN + 33 * HOUR, hours=older) == 0
    assert group.read(place, BEGIN + 34 * HOUR) == 1
    assert ports(place) == [1, 2]


def test_a_store_of_the_version_before_goes_on(place: Place) -> None:
    group = Group()
    for minute in range(10 * 60):
        group.put(minute, BEGIN + minute * MINUTE)
    group.read(place, BEGIN + 5 * HOUR)
    base = sqlite3.connect(place.store / FILE)
    base.executescript("DROP TABLE look; PRAGMA user_version = 1; DELETE FROM event;")
    [(stream, until)] = base.execute("SELECT stream, until FROM span").fetchall()
    last = [  # it remembered the ids of the last hour, with the times that the events are of
        (stream, _key(each), each["timestamp"])
        for each in group.events
        if until - NEAR <= each["timestamp"] < until - 5 * MINUTE * 1000 + 1
    ]
    base.executemany("INSERT INTO event VALUES (?, ?, ?)", last)
    base.commit()
    base.close()
    for hour in (6, 8, 10):
        group.read(place, BEGIN + hour * HOUR)
    assert ports(place) == list(range(10 * 60 - 4))


def compare(place: Place, seed: int) -> None:
    random = Random(seed)
    group = Group()
    for port in range(200):
        late = random.choice((MINUTE, 5 * MINUTE, HOUR, 5 * HOUR, 20 * HOUR))
        group.put(port, BEGIN + random.randrange(60 * HOUR), late=late)
    now = BEGIN
    while now < BEGIN + 62 * HOUR:
        now += random.choice((2 * MINUTE, 20 * MINUTE, 2 * HOUR, 9 * HOUR))
        until = None if random.random() < 0.8 else now - random.randrange(20 * HOUR)
        group.read(place, now, hours=(None, until))
    for _ in range(3):  # the last day is asked once more, and is then as it stays
        now += 2 * HOUR
        group.read(place, now)
    found = ports(place)
    assert len(found) == len(set(found)), (seed, "an event is read twice")
    lost = set(range(200)) - set(found)
    for port in lost:
        event = group.events[port]
        late = event["ingestionTime"] - event["timestamp"]
        assert late >= FAR - 10 * NEAR, (seed, port, late)  # asked too seldom for those


@pytest.mark.parametrize("seed", range(6))
def test_however_it_is_asked_an_event_is_read_once(place: Place, seed: int) -> None:
    compare(place, seed)


@pytest.mark.campaign
@pytest.mark.parametrize("seed", range(100, 300))
def test_however_often_it_is_asked_an_event_is_read_once(place: Place, seed: int) -> None:
    compare(place, seed)
