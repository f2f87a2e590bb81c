"""The order of rows against that of Python's own sort."""

from random import Random

import numpy as np
import pytest

from ringwall.traffic.batches import Batch
from ringwall.traffic.layouts import DEFAULT, of_format
from ringwall.traffic.order import by_hour, in_order
from ringwall.traffic.parsers import PYTHON


def batch_of(random: Random, rows: int, hours: int, families: tuple[int, ...]) -> Batch:
    batch = Batch(DEFAULT.table, PYTHON, capacity=rows)
    batch.targets(DEFAULT)
    batch.rows = rows
    for row in range(rows):
        family = random.choice(families)
        sources = {4: (0, (0, 1, 2**31, 2**32 - 1)), 6: (-(2**63), (-(2**63), 0, 2**63 - 1))}
        high, lows = sources.get(family, (0, (0,)))
        batch.fixed.family[row] = family
        batch.fixed.start[row] = random.randrange(hours) * 3600 + random.randrange(3600)
        batch.arrays["srcaddr_high"][row] = high + random.choice((0, 0, 7)) if family == 6 else high
        batch.arrays["srcaddr_low"][row] = random.choice(lows)
        batch.given["srcaddr_high"][row] = family != 0
    return batch


def expected(batch: Batch, chosen: list[int]) -> list[tuple[int, list[int]]]:
    def key(row: int) -> tuple[int, ...]:
        fixed, arrays = batch.fixed, batch.arrays
        return (
            int(fixed.start[row]) // 3600,
            int(fixed.family[row]),
            int(arrays["srcaddr_high"][row]),
            int(arrays["srcaddr_low"][row]),
        )

    found: dict[int, list[int]] = {}
    for row in sorted(chosen, key=key):
        found.setdefault(key(row)[0], []).append(row)
    return list(found.items())


@pytest.mark.parametrize("families", [(4,), (6,), (4, 6), (0, 4), (0, 4, 6)])
@pytest.mark.parametrize("hours", [1, 3, 400_000])
@pytest.mark.parametrize("rows", [1, 2, 700])
def test_rows_are_by_hour_then_by_source_then_as_read(families, hours, rows):
    random = Random(rows * hours)
    batch = batch_of(random, rows, hours, families)
    for share in (1.0, 0.6):
        chosen = [row for row in range(rows) if random.random() < share]
        slices = in_order(batch, np.array(chosen, np.int64))
        found = [(each.hour, each.rows.tolist()) for each in slices]
        assert found == expected(batch, chosen)


def test_without_sources_rows_are_by_hour_and_as_read():
    layout = of_format("start dstport")
    batch = Batch(layout.table, PYTHON, capacity=5)
    batch.targets(layout)
    batch.fixed.start[:] = [7200, 0, 7300, 3600, 1]
    slices = in_order(batch, np.arange(5))
    assert [(each.hour, each.rows.tolist()) for each in slices] == [
        (0, [1, 4]),
        (1, [3]),
        (2, [0, 2]),
    ]
    assert by_hour(batch.fixed.start, np.array([], np.int64)) == []
