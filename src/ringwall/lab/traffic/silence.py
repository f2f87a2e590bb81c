"""Windows of interfaces that have no data, or have lost some, and what is logged of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringwall.lab.traffic.conversations import Columns
from ringwall.lab.traffic.interfaces import Interface
from ringwall.lab.traffic.windows import Places

SKIPPED = 1 / 20_000  # of the windows with data
WINDOW = 40  # bits of a window's number in a key


@dataclass(frozen=True, slots=True)
class Gap:
    """A window that is logged as NODATA or, if records were `lost`, as SKIPDATA."""

    interface: Interface
    begins: int
    ends: int
    lost: bool


def keys_of(records: Columns, places: Places) -> NDArray[Any]:
    """Return interface and window of each record as one number, -1 for transit gateways'."""
    place = records["vantage"]
    key = places.interface[place] << WINDOW | records["window"]
    return np.where(places.transit[place], -1, key)


def losses(keys: NDArray[Any], rng: np.random.Generator) -> NDArray[Any]:
    """Return the windows, of those with data, that lose records."""
    windows = np.unique(keys[keys >= 0])
    return windows[rng.random(len(windows)) < SKIPPED]


def gaps(
    interfaces: list[Interface], heard: set[int], lost: set[int], start: int, end: int
) -> Iterator[Gap]:
    """Yield the windows that end in (start, end] and were not heard in, and those that lost."""
    for each in interfaces:
        first, last = ((moment - each.phase) // each.window for moment in (start, end))
        for window in range(first, last):
            key = each.number << WINDOW | window
            if key not in heard and key not in lost:
                yield _gap(each, window, lost=False)
    by_number = {each.number: each for each in interfaces}
    for key in sorted(lost):
        yield _gap(by_number[key >> WINDOW], key & (1 << WINDOW) - 1, lost=True)


def _gap(interface: Interface, window: int, *, lost: bool) -> Gap:
    begins = window * interface.window + interface.phase
    return Gap(interface, begins, begins + interface.window, lost)
