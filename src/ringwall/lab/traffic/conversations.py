"""Conversations as columns: who, when, how long, how much, with which flags."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ringwall.lab.traffic.courses import Course

# FIN, SYN, RST; the answer to a SYN counts as 18 (VPC guide, tcp-flags).
FIN, SYN, RST, SYN_ACK = 1, 2, 4, 18

COLUMNS: Mapping[str, type] = {
    "course": np.int32,
    "remote": np.int32,  # number of the outside end, -1 for none
    "label": np.int32,  # whose doing it is: 0 ordinary, else an actor of the truth
    "opens": np.float64,  # seconds since 1970
    "lasts": np.float64,  # seconds
    "sport": np.int32,
    "dport": np.int32,
    "packets": np.int64,
    "bytes": np.int64,
    "answers": np.int64,  # packets of the reply
    "answer_bytes": np.int64,
    "first": np.int16,  # tcp-flags of the window of the first packet
    "last": np.int16,  # and of the last
    "answer_first": np.int16,
    "answer_last": np.int16,
}
Columns = dict[str, NDArray[Any]]


@dataclass(slots=True)
class Book:
    """Where behaviours write conversations down."""

    label: int = 0
    _parts: list[Columns] = field(default_factory=list)

    def add(self, course: Any, count: int, **columns: Any) -> None:  # noqa: ANN401  (arrays or numbers)
        """Add `count` conversations; a column is an array of that length, or one value for all.

        `course` is a Course or an array of their numbers. What is not given: no remote, no flags,
        nothing answered, over at once.
        """
        if not count:
            return
        number = course.number if isinstance(course, Course) else course
        given = {"remote": -1, "label": self.label} | columns | {"course": number}
        part: Columns = {}
        for name, kind in COLUMNS.items():
            value = given.get(name, 0)
            if isinstance(value, np.ndarray):
                part[name] = value.astype(kind, copy=False)
            else:
                part[name] = np.full(count, value, kind)
        self._parts.append(part)

    def take(self) -> Columns:
        """Return everything that was written, and begin anew."""
        parts, self._parts = self._parts, []
        return joined(parts)


def joined(parts: Sequence[Columns]) -> Columns:
    """Return columns one after the other."""
    if not parts:
        return {name: np.empty(0, kind) for name, kind in COLUMNS.items()}
    if len(parts) == 1:
        return parts[0]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def chosen(columns: Columns, which: NDArray[Any]) -> Columns:
    """Return the rows of a mask or of indices."""
    return {name: values[which] for name, values in columns.items()}
