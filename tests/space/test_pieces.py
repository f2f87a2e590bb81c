"""Which piece between edges an address is in, against bisection one by one."""

from bisect import bisect_right

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringwall.space.pieces import HALF, Pieces

# Bytes of zero at the end, halves that are all ones, and what lies beside them.
LOWS = st.sampled_from([0, 1, 255, 256, 1 << 32, 1 << 56, 1 << 63, HALF - 2, HALF - 1])
SOME = st.one_of(LOWS, st.integers(0, HALF - 1))


@pytest.mark.parametrize("wide", [False, True])
@given(st.data())
def test_an_address_is_in_the_piece_that_begins_before_it(wide: bool, data: st.DataObject):
    numbers = st.builds(lambda high, low: high * HALF + low, SOME if wide else st.just(0), SOME)
    edges = data.draw(st.lists(numbers, max_size=8))
    addresses = [*data.draw(st.lists(numbers, max_size=8)), *edges]
    pieces = Pieces([*edges, HALF * HALF], wide=wide)
    inner = sorted({edge for edge in edges if edge})
    halves = (np.array([f(each) for each in addresses], np.uint64) for f in (_high, _low))
    assert pieces.of(*halves).tolist() == [bisect_right(inner, each) for each in addresses]
    assert len(pieces) == len(inner) + 1


def _high(address: int) -> int:
    return address // HALF


def _low(address: int) -> int:
    return address % HALF
