"""All rows at once are judged as each by itself."""

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path
from random import Random

import numpy as np
import pytest

from ringwall.detections import registry
from ringwall.detections.conversing import Asked, Seen, judged
from ringwall.detections.detection import Row
from ringwall.reach.conversations import Conversations, Standing
from ringwall.reach.engine import Engine
from ringwall.reach.relations import Board
from ringwall.shell.engines.duck import Duck
from ringwall.shell.engines.engine import Scope
from ringwall.shell.engines.queries import detection_query
from ringwall.shell.engines.store import Store
from ringwall.traffic.addresses import to_halves
from ringwall.traffic.naming import Names
from tests.detections.stores import store_of
from tests.networks.drawing import draw

SEEDS = range(12)
NAT64 = ("64:ff9b::a00:105", "64:ff9b::a00:106", "64:ff9b::808:808")
SERVICES = ((6, 443), (6, 22), (6, 5432), (6, 40000), (17, 53), (17, 123), (1, 0), (58, 0), (47, 0))


def addresses(asked: Conversations, rng: Random) -> list[str]:
    """Return addresses on both sides of edges, of both families."""
    found = [*NAT64, "8.8.8.8", "169.254.169.254", "10.0.0.5", "224.0.0.1", "fe80::1", "ff02::1"]
    for version, kind, width in ((4, IPv4Address, 32), (6, IPv6Address, 128)):
        edges = sorted(set(asked.edges(version)))
        for edge in rng.sample(edges, min(len(edges), 25)):
            near = (edge - 1, edge, edge + 5)
            found += [str(kind(each)) for each in near if 0 <= each < 1 << width]
    return found


def rows_of(places: list[str], rng: Random, count: int) -> Iterator[Row]:
    for second in range(count):
        source = rng.choice(places)
        family, *one = to_halves(source)
        of_family = [each for each in places if ip_address(each).version == family]
        _, *other = to_halves(rng.choice(of_family))
        protocol, port = rng.choice(SERVICES)
        yield {
            "family": family,
            "source_high": one[0],
            "source_low": one[1],
            "destination_high": other[0],
            "destination_low": other[1],
            "protocol": protocol,
            "port": port,
            "syns": rng.choice([0, 0, 1]),
            "answers": 0,
            "first": second,
            "last": second,
        }


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_judged_at_once_is_judged_as_each_by_itself(seed: int):
    rng, engine = Random(seed), Engine(draw(seed).graph)
    one = Conversations(Board(engine))
    seen = Seen(list(rows_of(addresses(one, rng), rng, 400)))
    found = Asked(engine, are_hosts=False).judge(seen)
    told = [found.found[number] for number in found.of.tolist()]
    for number in np.lexsort(list(reversed(seen.order))).tolist():  # the least stands for others
        standings = told[number]
        ends = seen.address(number, 0), seen.address(number, 1)
        service = int(seen.protocol[number]), int(seen.port[number])
        certain = bool(seen.is_certain[number])
        alone = judged(one, ends, service, is_certain=certain)
        assert (standings.standing, standings.why) == (alone.standing, alone.why)
    assert len(told) > 150
    assert found.are(*Standing).all()


@pytest.mark.parametrize("seed", SEEDS[:4])
def test_the_order_of_the_rows_does_not_matter(seed: int):
    rng, engine = Random(seed), Engine(draw(seed).graph)
    rows = list(rows_of(addresses(Conversations(Board(engine)), rng), rng, 400))
    answers = []
    for _ in range(3):
        seen = Seen(rows)
        judged_ = Asked(engine, are_hosts=False).judge(seen)
        told = zip(seen.first.tolist(), judged_.of.tolist(), strict=True)
        answers.append(
            {first: (judged_.found[n].standing, judged_.found[n].why) for first, n in told}
        )
        rng.shuffle(rows)
    assert len(answers[0]) > 150
    assert answers[0] == answers[1] == answers[2]


@pytest.mark.parametrize("seed", SEEDS)
def test_addresses_of_one_piece_have_one_place_and_one_owner(seed: int):
    rng, graph = Random(seed), draw(seed).graph
    asked, names = Conversations(Board(Engine(graph))), Names.of(graph)
    places = addresses(asked, rng)
    seen = Seen(list(rows_of(places, rng, 600)))
    edges = {each: (*asked.edges(each), *names.edges(each)) for each in (4, 6)}
    known: dict[int, object] = {}
    for end, pieces in enumerate(seen.pieces(edges)):
        for number, piece in enumerate(pieces.tolist()):
            text = seen.address(number, end)
            told = asked.place(text), names.of_address(text)
            assert known.setdefault(piece, told) == told
    assert len(known) > 5


def test_what_is_no_question_for_a_network_is_left_out():
    rows = list(rows_of(["10.0.0.5", "169.254.169.254", "fe80::1", "224.0.0.9"], Random(1), 50))
    assert len(Seen(rows)) == 0  # an address is no conversation with itself, either
    assert len(Seen([])) == 0


def in_order(rows: Iterable[Row]) -> list[Row]:
    return sorted(rows, key=lambda row: [(v is None, 0 if v is None else v) for v in row.values()])


@pytest.mark.parametrize("detection", registry().values(), ids=lambda d: d.id)
def test_columns_of_an_engine_are_its_rows(detection, tmp_path: Path):
    query = detection_query(detection.sql, detection.settings({}))
    engine = Duck(Store.at(store_of(tmp_path, detection.hits[0])), Scope(), threads=1)
    try:
        rows = engine.rows(query)
        assert rows
        columns, rows = in_order(engine.columns(query)), in_order(rows)
        assert columns == rows
        if detection.needs_network:  # and is asked in columns: whole numbers are whole
            assert repr(columns) == repr(rows)
    finally:
        engine.close()
