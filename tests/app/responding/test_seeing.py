"""What a block would have cut, and who else is there: by a store, and by the logs of a window."""

from pathlib import Path

import pytest

from ringwall.app.holding import Against
from ringwall.app.inquiring import inquire
from ringwall.app.responding.naming_offenders import ByLogs
from ringwall.app.responding.replaying import Stored
from ringwall.app.responding.seeing import UNSEEN, Window
from ringwall.cli.main import run
from ringwall.errors import OutsideError
from ringwall.playbooks.policy import Policy
from ringwall.playbooks.records import Event, IncidentState, Party, Source
from ringwall.reach.blocks import to_block
from ringwall.shell.clock import SystemClock
from ringwall.shell.window import Bounds, look
from ringwall.traffic.naming import Names
from tests.app.responding.house import AUTO, House, wanted_of
from tests.app.responding.logs import deliver, knocks, line
from tests.fakes.clock import FakeClock
from tests.shell.estates import EXAMPLES

BEGIN = 1_772_409_600  # 2026-03-02, when traffic of the lab begins
AT = 1_795_682_400
SCANNER, CLIENT, NEIGHBOUR, SERVER = "198.51.100.7", "203.0.113.9", "198.51.100.6", "10.0.0.9"


@pytest.fixture(scope="module")
def sources(tmp_path_factory):
    """The same hour of made traffic, in a store and as the window of an alarm."""
    pytest.importorskip("duckdb")
    folder = tmp_path_factory.mktemp("seeing")
    file = str(EXAMPLES / "minimal.yaml")
    made = ["lab", "traffic", file, "--hours", "1", "--attack", "vertical-scan:easy:mixed"]
    assert run([*made, "-o", str(folder / "day"), "-q"]) == 0
    logs = folder / "day" / "logs" / "vpc"
    assert run(["traffic", "ingest", str(logs), "--store", str(folder / "store"), "-q"]) == 0
    wanted = wanted_of("minimal")
    looked = look(str(logs), BEGIN, BEGIN + 3600, SystemClock())
    names = Names.of(wanted.graph, wanted.blueprint.networks)
    stored = Stored(inquire(Path(folder / "store"), Against(blueprint=file)), 7)
    return stored, Window(looked, names)


def busiest(window, count=8):
    """Addresses that have a part in conversations, of all kinds."""
    found = [str(each) for each in window.seen(["0.0.0.0/0"])]
    return [*found[:: max(1, len(found) // count)], "203.0.113.77"]


def test_a_window_says_of_a_block_what_a_store_says(sources):
    stored, window = sources
    figures = ("conversations", "answered")
    touched = 0
    for address in busiest(window):
        one, other = stored.replay([address]), window.replay([address])
        assert [one[name] for name in figures] == [other[name] for name in figures], address
        assert len(one["most"]) == len(other["most"])
        assert 0 <= other["bytes"] <= one["bytes"], (
            "a store counts what two interfaces logged twice"
        )
        touched += other["conversations"]
    assert touched > 0
    wide = ["0.0.0.0/1", "128.0.0.0/1"]
    assert [stored.replay(wide)[n] for n in figures] == [window.replay(wide)[n] for n in figures]
    assert window.replay(wide)["over"].startswith("the flow logs of 2026-03-02T00:00:00Z to")
    assert stored.replay(wide)["over"] == "the last 7 days of the store"


def test_a_window_sees_whom_a_store_sees(sources):
    stored, window = sources
    for around in (["0.0.0.0/0"], ["10.0.0.0/16"], ["203.0.113.0/24"]):
        assert stored.seen(around) == window.seen(around)
    assert len(window.seen(["0.0.0.0/0"])) > 10


def test_of_logs_that_were_read_in_part_it_is_not_known_who_is_there(tmp_path):
    deliver(tmp_path, AT + 300, knocks(SCANNER, AT))
    deliver(tmp_path, AT + 600, [line(CLIENT, SERVER, 443, AT + 300, "ACCEPT")])
    wanted = wanted_of("minimal")
    names = Names.of(wanted.graph, wanted.blueprint.networks)
    whole = Window(look(str(tmp_path), AT, AT + 900, FakeClock()), names)
    assert whole.seen(["203.0.113.0/24"]) == (to_block(CLIENT),)
    assert whole.seen(["198.51.100.0/24"]) == (), "who is rejected has no part"
    assert whole.replay([CLIENT])["conversations"] == 1
    assert whole.replay([SCANNER])["conversations"] == 0
    assert whole.replay([]) == {"replayed": "no address is cut"}
    part = Window(look(str(tmp_path), AT, AT + 900, FakeClock(), bounds=Bounds(files=1)), names)
    assert part.seen(["203.0.113.0/24"]) is None
    assert part.replay([CLIENT])["over"].endswith("read in part")


def alarm():
    parties: tuple[Party, ...] = ()
    kind = "ringwall/minimal/suspicious-traffic"
    return Event("a1", Source.ALARM, kind, "an alarm", 3, parties, AT, AT + 600)


def test_what_is_done_about_an_alarm_says_over_what_it_was_replayed(tmp_path):
    house = House.of()
    lines = [*knocks(SCANNER, AT), line(SCANNER, SERVER, 443, AT + 60, "ACCEPT", size=5000)]
    deliver(tmp_path, AT + 300, lines)
    who = ByLogs.of(str(tmp_path), house.wanted, FakeClock(), None)
    responder = house.responder(who=who)
    [incident] = responder.answer(alarm())
    assert incident.state is IncidentState.IN_FORCE
    [action] = house.ledger.actions(incident.id)
    replayed = action.facts["replay"]
    assert (replayed["conversations"], replayed["bytes"]) == (1, 5000)
    assert replayed["over"].startswith("the flow logs of 2026-")
    assert SCANNER in replayed["most"][0]
    assert responder.traffic is UNSEEN, "the next alarm has a window of its own"


class Seen:
    """Traffic in which somebody was seen, or that cannot be asked."""

    def __init__(self, *addresses):
        self.addresses, self.asked = addresses, []

    def replay(self, blocks):
        return {"replayed": "nothing"}

    def seen(self, around):
        self.asked.append(tuple(around))
        if not self.addresses:
            raise OutsideError("no engine")
        return tuple(to_block(each) for each in self.addresses)


def many(id_, *sources):
    parties = tuple(Party("source", each) for each in sources)
    return Event(id_, Source.DETECTION, "RW505", "many", 3, parties, 100, 160)


OFFENDERS = tuple(f"198.51.100.{number}" for number in range(1, 40, 2))


@pytest.mark.parametrize(
    ("traffic", "accepted", "is_joined"),
    [
        (Seen("192.0.2.1"), {}, True),
        (Seen(*(f"198.51.100.{number}" for number in range(0, 40, 2))), {}, False),
        (Seen(), {}, False),
        (UNSEEN, {}, False),
        (Seen(NEIGHBOUR), {"198.51.100.0/26": "a hoster"}, True),
    ],
    ids=["nobody", "neighbours", "no answer", "nobody looked", "accepted"],
)
def test_who_else_was_seen_keeps_offenders_from_being_joined(traffic, accepted, is_joined):
    """There is room for six: twenty odd addresses are joined with the even ones, or not at all."""
    house = House.of()
    policy = Policy(quota=6, accepted=accepted)
    incident = house.responder(policy, traffic=traffic).take(many("m", *OFFENDERS))
    [action] = house.ledger.actions(incident.id)
    blocks = action.facts["blocks"]
    assert (len(blocks) <= 6, action.facts["layer"] == "network-acl") == (is_joined, is_joined)
    hit = [cidr for cidr in blocks if to_block(cidr).overlaps(to_block(NEIGHBOUR))]
    assert bool(hit) is is_joined


def test_an_offender_alone_is_joined_with_nobody_and_nobody_is_asked():
    house, traffic = House.of(), Seen(NEIGHBOUR)
    house.responder(AUTO, traffic=traffic).take(many("one", SCANNER))
    assert traffic.asked == []
    house.responder(AUTO, traffic=traffic).take(many("two", *OFFENDERS[:2]))
    assert set(traffic.asked) == {("198.51.0.0/16",)}
