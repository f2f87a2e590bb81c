"""Laws of windows: what a conversation sends is what its records say, in the right minutes."""

from collections import defaultdict
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.lab.traffic.worlds import BEGIN, FORTRESS

from ringwall.app.workspace import read_blueprint
from ringwall.lab.traffic.conversations import Book
from ringwall.lab.traffic.courses import Courses
from ringwall.lab.traffic.making import Wish, scene_of
from ringwall.lab.traffic.scene import Scene
from ringwall.lab.traffic.windows import Places, merged, places_of, records_of

TALK = st.fixed_dictionaries(
    {
        "opens": st.floats(BEGIN - 700, BEGIN + 7_200),
        "lasts": st.one_of(st.just(0.0), st.floats(0, 5_000)),
        "packets": st.integers(1, 3_000),
        "size": st.integers(40, 1_500),
        "answers": st.integers(0, 3_000),
        "sport": st.integers(1_024, 65_535),
    }
)


@pytest.fixture(scope="module")
def scene() -> Scene:
    """Return a scene of the fortress, windows of up to ten minutes."""
    wanted = read_blueprint(FORTRESS)
    wish = Wish(seed=1, hours=1, begin=BEGIN, aggregation=600)
    return scene_of(wanted.graph, wanted.blueprint, wish)


def _course(courses: Courses, scene: Scene) -> int:
    groups: dict[str, list[Any]] = defaultdict(list)
    for machine in scene.estate.machines:
        groups[machine.group].append(machine)
    web, app = groups["production/web"][0], groups["production/app"][-1]
    return courses.find(web, app, 6, 8080).number


def _of(scene: Scene, talks: list[dict[str, Any]]) -> tuple[dict[str, Any], Places, int]:
    number = _course(scene.courses, scene)
    book = Book(3)
    for each in talks:
        book.add(
            np.array([number]),
            1,
            opens=each["opens"],
            lasts=each["lasts"],
            sport=each["sport"],
            dport=8080,
            packets=each["packets"],
            bytes=each["packets"] * each["size"],
            answers=each["answers"],
            answer_bytes=each["answers"] * 60,
            first=2,
            last=1,
            answer_first=18,
            answer_last=1,
        )
    places = places_of(scene.courses)
    records = records_of(book.take(), places)
    return records, places, number


@settings(deadline=None, max_examples=60)
@given(TALK)
def test_records_of_a_conversation_add_up(scene: Scene, talk: dict[str, Any]) -> None:
    records, places, number = _of(scene, [talk])
    first = int(places.offset[number])
    for at in range(first, first + int(places.count[number])):
        mine = {name: values[records["vantage"] == at] for name, values in records.items()}
        reply = bool(places.reply[at])
        packets = talk["answers"] if reply else talk["packets"]
        assert mine["packets"].sum() == packets
        assert mine["bytes"].sum() == packets * (60 if reply else talk["size"])
        assert (mine["packets"] > 0).all()
        if not packets:
            continue
        length, phase = int(places.length[at]), int(places.phase[at])
        begins = mine["window"] * length + phase
        assert (begins <= mine["start"]).all()
        assert (mine["start"] <= mine["end"]).all()
        assert (mine["end"] < begins + length).all()
        assert len(set(mine["window"].tolist())) == len(mine["window"])
        order = np.argsort(mine["window"])
        flags = mine["flags"][order].tolist()
        assert flags[0] & (18 if reply else 2)
        assert flags[-1] & 1 or packets == 1
        assert not any(flags[1:-1])
        assert int(mine["start"].min()) == int(np.floor(talk["opens"]))
        assert int(mine["end"].max()) <= talk["opens"] + talk["lasts"]


@settings(deadline=None, max_examples=40)
@given(st.lists(TALK, min_size=1, max_size=12), st.integers(0, 3))
def test_merging_loses_nothing_and_leaves_one_record_a_key(
    scene: Scene, talks: list[dict[str, Any]], ports: int
) -> None:
    talks = [each | {"sport": 1_024 + each["sport"] % (ports + 1)} for each in talks]
    records, _, _ = _of(scene, talks)
    order = records["vantage"].astype(np.int64) % 2
    found, kept = merged(records, order)
    assert found["packets"].sum() == records["packets"].sum()
    assert found["bytes"].sum() == records["bytes"].sum()
    keys = list(
        zip(*(found[n].tolist() for n in ("vantage", "sport", "dport", "window")), strict=True)
    )
    assert len(set(keys)) == len(keys)
    assert kept.tolist() == sorted(kept.tolist())
    for name, extreme in (("start", min), ("end", max)):
        assert extreme(found[name].tolist()) == extreme(records[name].tolist())
    assert int(np.bitwise_or.reduce(found["flags"])) == int(np.bitwise_or.reduce(records["flags"]))


def test_a_translated_port_is_the_connections_own(scene: Scene) -> None:
    rng = scene.random("test")
    machines = [m for m in scene.leaving if m.vpc == "production"][:2]
    there = scene.world.draw(rng)
    book = Book(1)
    for machine in machines:
        course = scene.courses.find(machine, there, 6, 443)
        book.add(
            course,
            1,
            remote=there.number,
            opens=float(BEGIN),
            lasts=200.0,
            sport=40_000,
            dport=443,
            packets=30,
            bytes=3_000,
            answers=30,
            answer_bytes=3_000,
        )
    places = places_of(scene.courses)
    records = records_of(book.take(), places)
    outer = places.translated[records["vantage"]]
    chosen = np.where(records["dport"] == 443, records["sport"], records["dport"])
    assert set(chosen[~outer].tolist()) == {40_000}
    assert len(set(chosen[outer].tolist())) == 2
    assert (chosen[outer] >= 1_024).all()
