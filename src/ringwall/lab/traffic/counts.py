"""What was written, counted: records by label, windows without data, what came late."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringwall.lab.traffic.conversations import Columns


@dataclass(slots=True)
class Counts:
    """How many records each label has, in flow logs and in transit gateways', and when."""

    flow: NDArray[Any]
    transit: NDArray[Any]
    first: NDArray[Any]
    last: NDArray[Any]
    nodata: int = 0
    skipped: list[dict[str, Any]] = field(default_factory=list)
    late: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, labels: int) -> "Counts":
        """Return counts of nothing for that many labels."""
        never = np.iinfo(np.int64).max
        return cls(
            np.zeros(labels, np.int64),
            np.zeros(labels, np.int64),
            np.full(labels, never, np.int64),
            np.zeros(labels, np.int64),
        )

    def note(self, records: Columns, transit: NDArray[Any]) -> None:
        """Count records; `transit` tells which are of transit gateways."""
        label = records["label"]
        self.flow += np.bincount(label[~transit], minlength=len(self.flow))
        self.transit += np.bincount(label[transit], minlength=len(self.transit))
        np.minimum.at(self.first, label, records["start"])
        np.maximum.at(self.last, label, records["end"])
