"""`ringwall traffic follow`: what comes is read, and each finding is told once."""

import json
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ringwall.app.following import MOST_FAILED, SETTLED, Following, Look, Told, follow
from ringwall.app.holding import Against
from ringwall.app.ingesting import Wish
from ringwall.app.inquiring import inquire
from ringwall.app.renewing import Renewing
from ringwall.app.sources import Source, SourceKind
from ringwall.app.workspace import blueprint_of
from ringwall.cli.main import run
from ringwall.detections.detection import Entity, Sighting
from ringwall.errors import InputError, QuestionError
from ringwall.model.finding import Severity
from ringwall.shell.engines.store import Extent
from tests.fakes.clock import START, FakeClock
from tests.interrupts import hearing

DAY = 86_400
BEGIN = int(START.timestamp()) - DAY


def scan(source: str, *, at: int = 0, ports: int = 60) -> str:
    """Return a log of rejected tries of many ports of one address."""
    return "".join(
        f"2 123456789010 eni-1 {source} 10.0.1.5 40000 {port} 6 1 40 "
        f"{BEGIN + at + port} {BEGIN + at + port + 1} REJECT OK\n"
        for port in range(1, ports + 1)
    )


class Delivered(FakeClock):
    """A clock in whose pauses things happen, one after the other."""

    def __init__(self, *happenings: Callable[[], object]) -> None:
        super().__init__()
        self._happenings = iter(happenings)

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        next(self._happenings, lambda: None)()


class Place:
    """A folder of logs, and a store beside it that follows it."""

    def __init__(self, folder: Path) -> None:
        self.logs, self.store = folder / "logs", folder / "store"
        self.logs.mkdir()

    def write(self, name: str, text: str) -> Path:
        path = self.logs / name
        path.write_text(text)
        os.utime(path, (0, BEGIN))  # left alone for long
        return path

    def follow(self, clock: FakeClock, times: int, every: float = 60.0) -> Iterator[Look]:
        wish = Wish((str(self.logs),), str(self.store))
        following = Following(wish, ("RW505",), every=every, times=times)
        return follow(following, inquire(self.store, memory="512MB", clock=clock), clock=clock)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def sources(look: Look) -> list[tuple[str, bool]]:
    return [(news.finding.entities[0].address, news.again) for news in look.news]


def test_each_finding_is_told_once_when_its_file_has_come(place: Place):
    place.write("one.log", scan("198.51.100.1"))
    clock = Delivered(
        lambda: place.write("two.log", scan("198.51.100.2")),
        lambda: None,
        lambda: place.write("three.log", scan("198.51.100.1", at=3600) + scan("198.51.100.3")),
    )
    looks = list(place.follow(clock, 4))
    assert [sources(look) for look in looks] == [
        [("198.51.100.1", False)],
        [("198.51.100.2", False)],
        [],
        [("198.51.100.3", False)],
    ]
    assert [look.report.read for look in looks if look.report] == [1, 1, 0, 1]
    assert [look.detected is None for look in looks] == [False, False, True, False]
    assert clock.sleeps == [60, 60, 60]


def test_pauses_are_from_look_to_look_and_never_none(place: Place):
    clock = FakeClock()
    looks = place.follow(clock, 3, every=30)
    next(looks)
    clock.advance(12)  # whoever prints takes time, too
    next(looks)
    clock.advance(100)
    next(looks)
    assert clock.sleeps == [18, 1]


def test_parts_of_an_attack_in_different_files_are_one_finding(place: Place):
    place.write("one.log", scan("198.51.100.1", ports=15))
    rest = "".join(scan("198.51.100.1").splitlines(keepends=True)[15:])
    clock = Delivered(lambda: place.write("two.log", rest))
    assert [sources(look) for look in place.follow(clock, 2)] == [[], [("198.51.100.1", False)]]


def test_a_file_that_is_being_written_waits_for_the_next_look(place: Place):
    path = place.write("one.log", scan("198.51.100.1"))
    clock = FakeClock()
    os.utime(path, (0, START.timestamp() - SETTLED + 1))
    looks = list(place.follow(clock, 2))
    assert [look.report.read for look in looks if look.report] == [0, 1]
    assert [look.waiting for look in looks] == [1, 0]
    assert sources(looks[1]) == [("198.51.100.1", False)]


def test_at_the_start_the_last_of_the_store_is_looked_at(place: Place):
    place.write("old.log", scan("198.51.100.1", at=-3 * DAY) + scan("198.51.100.2"))
    [first] = place.follow(FakeClock(), 1)
    assert sorted(sources(first)) == [("198.51.100.1", False), ("198.51.100.2", False)]
    [again] = place.follow(FakeClock(), 1)
    assert sources(again) == [("198.51.100.2", False)]


def test_late_logs_are_judged_with_what_was_there_before_them(place: Place):
    place.write("new.log", scan("198.51.100.2"))
    late = scan("198.51.100.1", at=-5 * DAY)
    [_, look] = place.follow(Delivered(lambda: place.write("late.log", late)), 2)
    assert sources(look) == [("198.51.100.1", False)]


def test_a_look_that_fails_is_no_end_and_loses_nothing(place: Place):
    place.write("one.log", scan("198.51.100.1"))
    kept: list[tuple[Path, bytes]] = []

    def damage() -> None:
        place.write("two.log", scan("198.51.100.2", at=3600))
        for path in place.store.rglob("*.parquet"):
            kept.append((path, path.read_bytes()))
            path.write_bytes(b"PAR1 no more PAR1")

    def mend() -> None:
        for path, data in kept:
            path.write_bytes(data)

    looks = list(place.follow(Delivered(damage, mend), 3))
    assert looks[1].trouble is not None
    assert looks[2].report is not None
    assert looks[2].report.read == 0
    assert sources(looks[2]) == [("198.51.100.2", False)]


def test_looks_that_fail_again_and_again_are_an_end(place: Place):
    clock = Delivered(place.logs.rmdir)
    looks = place.follow(clock, 0)
    assert next(looks).trouble is None
    for _ in range(MOST_FAILED - 1):
        assert next(looks).trouble is not None
    with pytest.raises(InputError):
        next(looks)
    assert len(clock.sleeps) == MOST_FAILED


def test_a_question_without_an_answer_is_an_end_at_any_look(place: Place):
    clock = Delivered(lambda: place.write("one.log", scan("198.51.100.1")))
    inquiry = inquire(place.store, memory="much", clock=clock)
    looks = follow(Following(Wish((str(place.logs),), str(place.store))), inquiry, clock=clock)
    next(looks)
    with pytest.raises(QuestionError):
        next(looks)


def sighting(severity: Severity, first: int, last: int) -> Sighting:
    ends = (Entity("source", "198.51.100.1"),)
    return Sighting("RW505", severity, ends, first, last, "seen")


@pytest.mark.parametrize(
    ("severity", "first", "told"),
    [
        (Severity.MEDIUM, 1000, False),
        (Severity.LOW, 1000, False),
        (Severity.HIGH, 1000, True),
        (Severity.MEDIUM, 2000 + DAY, False),
        (Severity.MEDIUM, 2001 + DAY, True),
    ],
)
def test_a_finding_is_told_again_if_it_is_worse_or_back_after_a_window(severity, first, told):
    known = Told(DAY)
    assert [news.again for news in known.news([sighting(Severity.MEDIUM, 1000, 2000)])] == [False]
    again = [news.again for news in known.news([sighting(severity, first, first + 10)])]
    assert again == ([True] if told else [])


def test_what_goes_on_for_days_is_told_once():
    known = Told(DAY)
    looks = [sighting(Severity.MEDIUM, n * 3600, n * 3600 + DAY) for n in range(200)]
    assert sum(len(list(known.news([look]))) for look in looks) == 1


def command(place: Place, *words: str) -> list[str]:
    named = [str(place.logs), "--store", str(place.store), "--memory", "512MB"]
    return ["traffic", "follow", *named, "--only", "RW505", *words]


def test_findings_are_lines_and_what_was_read_is_talk(place: Place, capsys):
    place.write("one.log", scan("198.51.100.1"))
    assert run(command(place, "--times", "1")) == 0
    out, err = capsys.readouterr()
    assert out.splitlines()[0].startswith(
        "MEDIUM   RW505  198.51.100.1 tried 60 ports of 10.0.1.5 within an hour"
    )
    assert "read 60 records of 1 files; looked at 2026-11-22 09:00:01 to 09:01:01 UTC\n" in err


def test_findings_are_lines_of_json(place: Place, capsys):
    place.write("one.log", scan("198.51.100.1") + scan("198.51.100.2"))
    assert run(command(place, "--times", "1", "--json", "-q")) == 0
    out, err = capsys.readouterr()
    told = [json.loads(line) for line in out.splitlines()]
    assert [each["schema"] for each in told] == ["ringwall/traffic-follow/1"] * 2
    addresses = {each["entities"][0]["address"] for each in told}
    assert addresses == {"198.51.100.1", "198.51.100.2"}
    assert [each["again"] for each in told] == [False, False]
    assert err == ""


def test_what_cannot_be_read_is_told_even_when_quiet(place: Place, capsys):
    place.write("one.log", scan("198.51.100.1") + "2 damaged\n")
    assert run(command(place, "--times", "1", "-q")) == 0
    assert "warning: 1 lines set aside: " in capsys.readouterr().err


def test_a_file_that_waits_is_told(place: Place, capsys):
    (place.logs / "one.log").write_text(scan("198.51.100.1"))
    assert run(command(place, "--times", "1")) == 0
    assert capsys.readouterr() == ("", "1 file is being written, and waits for the next look\n")


def test_a_name_in_a_log_cannot_speak_to_the_terminal(place: Place, capsys):
    query = {
        "version": "1.100000",
        "query_timestamp": START.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "query_name": "\x1b]0;gone\x07\x1b[31m.evil.example.",
        "query_type": "A",
        "rcode": "NXDOMAIN",
        "srcaddr": "10.0.1.5",
        "srcport": "40000",
        "firewall_rule_action": "BLOCK",
    }
    place.write("dns.log", f"{json.dumps(query)}\n" * 3)
    named = [str(place.logs), "--store", str(place.store), "--memory", "512MB"]
    assert run(["traffic", "follow", *named, "--only", "RW530", "--times", "1"]) == 0
    out = capsys.readouterr().out
    assert "evil.example" in out
    assert "\x1b" not in out


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--every", "soon"), "'soon' is no length of time"),
        (("--window", "0h"), "'0h' is no length of time"),
        (("--only", "RW999"), "there is no detection 'RW999'"),
        (("--since", "yesterday"), "'yesterday' is no time"),
        (("--network", "nothing.yaml"), "nothing.yaml"),
        (("--suppress", "nothing.yaml"), "nothing.yaml"),
    ],
)
def test_bad_input_is_one_line(place: Place, words, message, capsys):
    assert run(command(place, "--times", "1", *words)) == 2
    lines = capsys.readouterr().err.splitlines()
    assert message in lines[0]
    assert all(line.startswith("hint: ") for line in lines[1:])


def test_a_source_that_is_not_there_is_told(place: Place, capsys):
    place.logs.rmdir()
    assert run(command(place, "--times", "1")) == 2
    assert "there is no file or folder" in capsys.readouterr().err


def test_ctrl_c_ends_it_with_a_whole_store(place: Place, capsys):
    place.write("one.log", scan("198.51.100.1"))
    words = hearing(*command(place, "--every", "1h"))
    pipe = subprocess.PIPE
    with subprocess.Popen(words, text=True, stdout=pipe, stderr=pipe) as process:
        assert process.stdout is not None
        assert "tried 60 ports" in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err.splitlines()[-1] == "interrupted"
    assert run(command(place, "--times", "1")) == 0
    assert "tried 60 ports" in capsys.readouterr().out


BLUEPRINT = """
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
OPENED = BLUEPRINT + "      - {from: web, to: db, ports: [5432]}\n"
NOW = int(START.timestamp())


def call(source: str, at: int) -> str:
    """Return the log of a call of the database that was answered."""
    times = f"{NOW + at} {NOW + at + 5} ACCEPT OK"
    return (
        f"2 123456789010 eni-1 {source} 10.0.16.9 50000 5432 6 5 500 {times}\n"
        f"2 123456789010 eni-1 10.0.16.9 {source} 5432 50000 6 5 900 {times}\n"
    )


class Changing(Place):
    """A place beside which a blueprint is changed."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.path = folder / "network.yaml"

    def blueprint(self, text: str, at: float = 0) -> None:
        self.path.write_text(text)
        os.utime(self.path, (0, NOW + at))

    def judged(self, clock: FakeClock, times: int) -> list[Look]:
        following = Following(Wish((str(self.logs),), str(self.store)), ("RW520",), times=times)
        inquiry = inquire(self.store, memory="512MB", clock=clock)
        networks = Renewing(Against((str(self.path),)), clock=clock)
        return list(follow(following, inquiry, networks=networks, clock=clock))


@pytest.fixture
def changing(tmp_path: Path) -> Changing:
    return Changing(tmp_path)


def test_a_network_that_has_changed_holds_from_then_on(changing: Changing):
    changing.blueprint(BLUEPRINT)
    changing.write("one.log", call("10.0.0.9", 1))
    clock = Delivered(
        lambda: changing.blueprint(OPENED, at=10),
        # Of before the change that comes late, and of after it.
        lambda: changing.write("two.log", call("10.0.0.8", 20) + call("10.0.0.7", 70)),
    )
    looks = changing.judged(clock, 3)
    assert [sources(look) for look in looks] == [
        [("10.0.0.9", False)],
        [],
        [("10.0.0.8", False)],
    ]
    said = f"the network '{changing.path}' has changed, and holds from 2026-11-23T09:01:00Z"
    assert [look.renewed for look in looks] == ["", said, ""]


def test_a_network_that_is_touched_or_still_written_is_not_another_one(changing: Changing):
    changing.blueprint(BLUEPRINT)
    clock = Delivered(
        lambda: changing.blueprint(BLUEPRINT, at=10),
        lambda: changing.blueprint(OPENED, at=119),  # a second ago
    )
    looks = changing.judged(clock, 4)
    assert [bool(look.renewed) for look in looks] == [False, False, False, True]


def test_a_network_that_cannot_be_read_again_stays_as_it_was(changing: Changing):
    changing.blueprint(BLUEPRINT)
    clock = Delivered(
        lambda: changing.blueprint("vpcs: [", at=10),
        lambda: changing.write("one.log", call("10.0.0.9", 1)),
        lambda: changing.blueprint(OPENED, at=130),
    )
    looks = changing.judged(clock, 4)
    assert [bool(look.stale) for look in looks] == [False, True, True, False]
    assert looks[1].stale.startswith(f"{changing.path}:")
    assert sources(looks[2]) == [("10.0.0.9", False)]
    assert "09:03:00Z" in looks[3].renewed


def test_the_account_is_read_again_at_an_interval(monkeypatch):
    read: list[str] = []
    texts = iter([BLUEPRINT, BLUEPRINT, OPENED])

    def account(name: str, *_: object, **__: object) -> Source:
        read.append(name)
        wanted = blueprint_of(next(texts), "aws.yaml")
        return Source(name, SourceKind.LIVE, wanted.graph)

    monkeypatch.setattr("ringwall.app.holding.open_network", account)
    clock = FakeClock()
    networks = Renewing(Against(("aws",)), 900, clock)
    told = []
    for _ in range(40):
        told.append(networks.renew())
        clock.sleep(60)
    assert read == ["aws"] * 3
    assert [number for number, each in enumerate(told) if each] == [30]


def test_the_command_speaks_in_the_names_of_each_time(changing: Changing, capsys):
    changing.blueprint(BLUEPRINT)
    later = changing.path.with_name("later.yaml")
    later.write_text(OPENED)
    changing.write("one.log", call("10.0.0.9", 1) + call("10.0.0.8", 3600))
    of_time = f"2026-11-23T09:30Z={later}"
    words = ["--network", str(changing.path), "--network", of_time, "--only", "RW520", "--json"]
    named = [str(changing.logs), "--store", str(changing.store), "--refresh", "1h"]
    assert run(["traffic", "follow", *named, *words, "--times", "1"]) == 0
    [told] = map(json.loads, capsys.readouterr().out.splitlines())
    assert [end["name"] for end in told["entities"]] == ["v/web", "v/db"]
    assert told["entities"][0]["address"] == "10.0.0.9"


def test_a_snapshot_that_is_taken_again_holds_from_when_it_was_read(tmp_path: Path):
    place = tmp_path / "snap" / "111122223333" / "us-east-1"
    place.mkdir(parents=True)

    def taken(at: str, cidr: str) -> None:
        vpc = {"VpcId": "vpc-1", "CidrBlock": cidr, "OwnerId": "111122223333"}
        said = {"schema": "ringwall/snapshot-place/1", "read_at": f"2026-11-23T{at}Z"}
        for name, text in {"ec2.describe_vpcs": {"Vpcs": [vpc]}, "snapshot": said}.items():
            path = place / f"{name}.json"
            path.write_text(json.dumps(text))
            os.utime(path, (0, NOW))

    clock = FakeClock()
    taken("08:00:00", "10.0.0.0/16")
    networks = Renewing(Against((str(tmp_path / "snap"),)), clock=clock)
    clock.advance(600)
    taken("09:05:00", "10.10.0.0/16")
    assert networks.renew().endswith("holds from 2026-11-23T09:05:00Z")
    asked = networks.speaking(inquire(tmp_path, clock=clock))
    assert asked.scope.changes == (NOW + 300,)
    assert {"10.0.0.0/16", "10.10.0.0/16"} <= set(asked.scope.inside)
    later = replace(asked, scope=replace(asked.scope, extent=Extent(NOW + 301)))
    assert networks.speaking(later).scope.changes == ()
