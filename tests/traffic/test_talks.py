"""Sums without SQL are those of the views, on traffic of every kind."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringwall.app.ingesting import Wish, ingest
from ringwall.lab.traffic.attacks import ATTACKS
from ringwall.shell.clock import SystemClock
from ringwall.shell.engines.duck import Duck
from ringwall.shell.engines.engine import Scope
from ringwall.shell.engines.queries import detection_query
from ringwall.shell.engines.store import Store
from ringwall.shell.window import look
from ringwall.traffic.grouping import grouped
from ringwall.traffic.ranges import to_ranges
from ringwall.traffic.talks import ENDS, among
from tests.lab.traffic.worlds import BEGIN, DUAL, World, made

COLUMNS = (
    *ENDS,
    "port",
    "protocol",
    "slot",
    "records",
    "rejected",
    "openings",
    "answers",
    "bytes_out",
    "bytes_back",
    "packets_back",
    "first",
    "last",
)


@pytest.fixture(scope="module", params=["v10", "v2", "dual"])
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> World:
    folder = tmp_path_factory.mktemp(request.param)
    if request.param == "dual":
        file = tmp_path_factory.mktemp("dual") / "dual.yaml"
        file.write_text(DUAL)
        orders = ["vertical-scan:middle:v6", "exfiltration:easy:v6"]
        return made(folder, *orders, network=str(file), hours=1, scale=0.1)
    attacks = [f"{name}:middle" for name in ATTACKS]
    version = 10 if request.param == "v10" else 2
    return made(folder, *attacks, hours=1, scale=0.03, version=version)


def test_talks_are_the_conversations_of_the_view(world: World, tmp_path: Path) -> None:
    logs = str(world.folder / "logs" / "vpc")
    looked = look(logs, 0, BEGIN + 86400, SystemClock())
    assert not looked.is_partial
    talks = looked.talks.by((*ENDS, "port", "protocol", "slot"))
    ours = sorted(zip(*(talks[name].tolist() for name in COLUMNS), strict=True))
    ingest(Wish((logs,), str(tmp_path / "store")))
    engine = Duck(Store.at(tmp_path / "store"), Scope())
    try:
        names = ", ".join(COLUMNS)
        order = ", ".join(COLUMNS[:8])
        query = detection_query(f"SELECT {names} FROM conversation ORDER BY {order}", {})
        theirs = sorted(tuple(int(row[c] or 0) for c in COLUMNS) for row in engine.rows(query))
        count = engine.rows(detection_query("SELECT COUNT(*) AS n FROM flow ORDER BY n", {}))[0][
            "n"
        ]
        relays = engine.rows(
            detection_query("SELECT family, high, low FROM relay ORDER BY family, high, low", {})
        )
    finally:
        engine.close()
    assert looked.records == count
    assert len(ours) == len(theirs)
    assert ours == theirs
    assert looked.talks.relays == {(r["family"], r["high"], r["low"]) for r in relays}


COLUMN = st.lists(st.integers(-(2**63), 2**63 - 1), min_size=8, max_size=8)


@pytest.mark.property
@given(st.lists(COLUMN, min_size=1, max_size=4), st.integers(0, 3))
@settings(max_examples=150, deadline=None)
def test_rows_are_grouped_as_their_values_are(columns: list[list[int]], repeats: int) -> None:
    arrays = [np.array(each * (repeats + 1), np.int64) for each in columns]
    groups = grouped(arrays)
    rows = list(zip(*(each.tolist() for each in arrays), strict=True))
    found: dict[tuple[int, ...], set[int]] = {}
    for row, number in zip(rows, groups.number.tolist(), strict=True):
        found.setdefault(row, set()).add(number)
    assert all(len(numbers) == 1 for numbers in found.values())
    assert len(found) == len(groups) == len({min(numbers) for numbers in found.values()})
    assert groups.sums(np.ones(len(rows))).tolist() == groups.counts().tolist()


def test_an_address_lies_in_a_range_with_both_its_ends() -> None:
    ranges = to_ranges(["10.0.0.0/8", "2001:db8::/32"])
    texts = ["9.255.255.255", "10.0.0.0", "10.255.255.255", "11.0.0.0", "2001:db8::"]
    texts += ["2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db9::", "2001:db7:ffff::"]
    halves = [to_ranges([text])[0] for text in texts]
    family, high, low = (
        np.array([getattr(each, name) for each in halves]) for name in ("family", "high", "low")
    )
    expected = [False, True, True, False, True, True, False, False]
    assert among(family, high, low, ranges).tolist() == expected
