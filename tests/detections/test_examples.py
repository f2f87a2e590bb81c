"""Every detection finds what its hits show, and nothing in its misses."""

from pathlib import Path
from random import Random
from typing import Any

import pytest

from ringwall.app.proving import expectations
from ringwall.app.workspace import blueprint_of
from ringwall.audits.example import example as network_of
from ringwall.detections import registry
from ringwall.detections.detection import Context, Detection, Sighting
from ringwall.reach.engine import Engine
from ringwall.shell.engines.duck import Duck
from ringwall.shell.engines.engine import Scope
from ringwall.shell.engines.queries import detection_query
from ringwall.shell.engines.store import Store
from ringwall.traffic.naming import Names
from tests.detections.stores import store_of

DETECTIONS = list(registry().values())


def cases(name: str) -> list[Any]:
    return [
        pytest.param(each, text, id=f"{each.id}-{number}")
        for each in DETECTIONS
        for number, text in enumerate(getattr(each, name), start=1)
    ]


def found(detection: Detection, text: str, folder: Path) -> list[Sighting]:
    engine = Duck(Store.at(store_of(folder, text)), Scope(), threads=1)
    try:
        rows = engine.rows(detection_query(detection.sql, detection.settings({})))
    finally:
        engine.close()
    return detection.sightings(rows, context_of(detection))


def context_of(detection: Detection) -> Context:
    """Return what a judge knows: the network of the detection's examples, as it was read."""
    if not detection.network:
        return Context()
    if detection.needs_blueprint:
        wanted = blueprint_of(detection.network, "example.yaml")
        names, asked = Names.of(wanted.graph), tuple(expectations(wanted))
        engine = Engine(wanted.graph)
        return Context(
            lambda *at: names.at(*at).name,
            engine=engine,
            meant=engine,
            names=names,
            blueprint=wanted.blueprint,
            expected=asked,
        )
    graph = network_of(detection.network)
    names = Names.of(graph)
    return Context(lambda *at: names.at(*at).name, engine=Engine(graph), names=names)


@pytest.mark.parametrize(("detection", "text"), cases("hits"))
def test_a_hit_is_found(detection: Detection, text: str, tmp_path: Path):
    sightings = found(detection, text, tmp_path)
    assert len(sightings) >= 1
    for sighting in sightings:
        assert set(sighting.evidence) == set(detection.counts)
        assert [each.role for each in sighting.entities] == list(detection.entities)
        assert all(each.address or each.name for each in sighting.entities)
        assert sighting.first <= sighting.last


@pytest.mark.parametrize(
    "detection", [each for each in DETECTIONS if each.needs_network], ids=lambda each: each.id
)
def test_a_judge_of_columns_tells_the_same_in_any_order(detection: Detection, tmp_path: Path):
    engine = Duck(Store.at(store_of(tmp_path, *detection.hits)), Scope(), threads=1)
    try:
        rows = engine.rows(detection_query(detection.sql, detection.settings({})))
    finally:
        engine.close()
    told = []
    for seed in range(4):
        found = detection.sightings(rows, context_of(detection))
        told.append(sorted(found, key=lambda each: each.id))
        Random(seed).shuffle(rows)
    assert len(rows) > 1
    assert told == [told[0]] * 4


@pytest.mark.parametrize(("detection", "text"), cases("misses"))
def test_a_miss_is_not(detection: Detection, text: str, tmp_path: Path):
    assert [each.text for each in found(detection, text, tmp_path)] == []
