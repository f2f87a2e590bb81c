"""Rows as columns of numbers: what is asked of millions of rows is asked of whole columns.

Rule: a row is made only when somebody reads it, so that columns are rows to whoever wants those.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]
Cells = Mapping[str, Any]  # of a row


class Columns(Sequence[Cells]):
    """Rows of an engine as columns of one length; what is masked is null."""

    def __init__(self, columns: Mapping[str, NDArray[Any]]) -> None:
        self._columns = dict(columns)
        self._size = len(next(iter(self._columns.values()), ()))

    @classmethod
    def of(cls, rows: Sequence[Cells]) -> "Columns":
        """Return rows as columns; rows that are columns stay as they are."""
        if isinstance(rows, Columns):
            return rows
        names = rows[0] if rows else ()
        return cls({name: _column([row[name] for row in rows]) for name in names})

    def numbers(self, name: str) -> Numbers:
        """Return a column of whole numbers, 0 for null; all 0 where there is no such column."""
        column = self._columns.get(name)
        if column is None:
            return np.zeros(self._size, np.int64)
        if isinstance(column, np.ma.MaskedArray):
            column = column.filled(0)
        elif column.dtype == object:
            column = np.array([value or 0 for value in column])
        return column.astype(np.int64, copy=False)

    def rows(self, places: NDArray[np.int64]) -> Iterator[Cells]:
        """Yield the rows at some places."""
        names = list(self._columns)
        cells = (_cells(column[places]) for column in self._columns.values())
        return (dict(zip(names, row, strict=True)) for row in zip(*cells, strict=True))

    def __len__(self) -> int:
        return self._size

    @overload
    def __getitem__(self, index: int) -> Cells: ...

    @overload
    def __getitem__(self, index: slice) -> "Columns": ...

    def __getitem__(self, index: int | slice) -> "Cells | Columns":
        if isinstance(index, slice):
            return Columns({name: column[index] for name, column in self._columns.items()})
        return {name: _cell(column[index]) for name, column in self._columns.items()}

    def __iter__(self) -> Iterator[Cells]:
        return self.rows(np.arange(self._size))


def _column(values: list[Any]) -> NDArray[Any]:
    if all(type(value) is int for value in values):
        return np.array(values, np.int64)
    column = np.empty(len(values), object)
    column[:] = values
    return column


def _cells(column: NDArray[Any]) -> list[Any]:
    found: list[Any] = column.tolist()  # of a masked one, None where it is masked
    return found


def _cell(value: object) -> object:
    if value is np.ma.masked:
        return None
    return value.item() if isinstance(value, np.generic) else value
