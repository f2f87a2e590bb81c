"""How regular calls are."""

import random

import pytest

from ringwall.detections.regularity import regularity

DAY = 86400


def calls(period: int, jitter: float, missing: float, seed: int, until: int = DAY) -> list[int]:
    draw = random.Random(seed)
    times, at = [], 0.0
    while at < until:
        if draw.random() >= missing:
            times.append(int(at))
        at += period * (1 + jitter * (2 * draw.random() - 1))
    return sorted(set(times))


def judged(stamps: list[int], sizes: list[int] | None = None):
    found = regularity(stamps, sizes or [700] * len(stamps), DAY)
    assert found is not None
    return found


def test_a_clock_has_the_full_score():
    found = judged(calls(300, 0, 0, 1))
    assert (found.timing, found.sizes, found.lasting, found.period) == (
        1,
        1,
        pytest.approx(1, abs=0.01),
        300,
    )
    assert found.spread == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize(("jitter", "missing"), [(0.1, 0), (0.3, 0.1)])
def test_jitter_and_missing_calls_leave_the_timing_high(jitter: float, missing: float, seed: int):
    found = judged(calls(300, jitter, missing, seed))
    assert found.timing > 0.8
    assert found.score > 0.8


@pytest.mark.parametrize("seed", range(20))
def test_calls_at_random_have_a_low_timing(seed: int):
    draw = random.Random(seed)
    found = judged(sorted({draw.randrange(DAY) for _ in range(288)}))
    assert found.timing < 0.7


def test_sizes_count_as_times_do():
    stamps = calls(300, 0, 0, 1)
    draw = random.Random(3)
    varied = judged(stamps, [int(draw.expovariate(1 / 5000)) + 40 for _ in stamps])
    assert varied.sizes < 0.7 < varied.score


def test_three_hours_of_calls_are_evenly_spread():
    found = judged(calls(300, 0.1, 0, 4, until=3 * 3600))
    assert found.spread > 0.8


def test_fewer_than_six_hours_do_not_last():
    assert judged(calls(300, 0, 0, 1, until=5 * 3600)).lasting == 0
    assert judged(calls(300, 0, 0, 1, until=6 * 3600)).lasting == 0.5
    assert judged(calls(300, 0, 0, 1, until=12 * 3600)).lasting == 1


@pytest.mark.parametrize("stamps", [[], [1, 2, 3], [5, 5, 5, 5, 5], [1, 1, 2, 2, 3, 3]])
def test_too_few_calls_are_not_judged(stamps: list[int]):
    assert regularity(stamps, [1] * len(stamps), DAY) is None
