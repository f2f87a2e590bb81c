"""How regular calls are: the beacon score that RITA publishes, over stamps and sizes.

Source: RITA v5's published formula: the mean of four parts, each 0 to 1.
- timing: of the gaps between calls, the mean of 1 - |Bowley's skewness| and of what the median
  absolute deviation leaves of the median.
- sizes: the same of the bytes of the calls.
- spread: 1 - coefficient of variation of the calls in 24 equal parts of the time from the first
  to the last of them; in fewer parts where there are fewer than six calls to a part. (RITA takes
  24 parts of the whole data, and fits two levels too.)
- lasting: from six hours with calls on, the share of the data's time between first and last, or
  the longest run of hours in twelfths, whichever is more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean, median, pstdev, quantiles
from typing import Final

HOUR: Final = 3600
_PARTS, _FEWEST, _LONG, _FEW = 24, 4, 12, 6


@dataclass(frozen=True, slots=True)
class Regularity:
    """The four parts, and the period: the median of the gaps, in seconds."""

    timing: float
    sizes: float
    spread: float
    lasting: float
    period: float

    @property
    def score(self) -> float:
        """Return the mean of the four parts."""
        return fmean((self.timing, self.sizes, self.spread, self.lasting))


def regularity(stamps: Sequence[int], sizes: Sequence[int], extent: int) -> Regularity | None:
    """Judge calls at `stamps` (seconds, ascending) in data of `extent` seconds; None for too few.

    At least four stamps, and three gaps that are not 0, are needed.
    """
    gaps = [after - before for before, after in pairwise(stamps) if after > before]
    if len(stamps) < 4 or len(gaps) < 3:
        return None
    return Regularity(
        _steadiness(gaps),
        _steadiness(sizes),
        _spread(stamps),
        _lasting(stamps, extent),
        median(gaps),
    )


def _steadiness(values: Sequence[int]) -> float:
    low, middle, high = quantiles(values, n=4, method="inclusive")
    skewed = 0.0
    if high - low >= 10 and middle not in {low, high}:
        skewed = abs((low + high - 2 * middle) / (high - low))
    deviation = median(abs(value - middle) for value in values)
    left = max(0.0, (middle - deviation) / middle) if middle > 0 else 0.0
    return ((1 - skewed) + left) / 2


def _spread(stamps: Sequence[int]) -> float:
    start, extent = stamps[0], stamps[-1] - stamps[0] + 1
    parts = max(_FEWEST, min(_PARTS, len(stamps) // 6))
    counts = [0] * parts
    for stamp in stamps:
        counts[(stamp - start) * parts // extent] += 1
    return max(0.0, 1 - pstdev(counts) / fmean(counts))


def _lasting(stamps: Sequence[int], extent: int) -> float:
    hours = sorted({stamp // HOUR for stamp in stamps})
    if len(hours) < _FEW:
        return 0.0
    run = longest = 1
    for before, after in pairwise(hours):
        run = run + 1 if after == before + 1 else 1
        longest = max(longest, run)
    covered = (stamps[-1] - stamps[0]) / extent if extent > 0 else 0.0
    return min(1.0, max(covered, longest / _LONG))
