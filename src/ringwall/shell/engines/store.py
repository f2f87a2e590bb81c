"""The files of a store, by table and hour; see traffic/tables.py for the layout."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from ringwall.errors import InputError
from ringwall.traffic.tables import TABLES

HOUR = 3600
MANIFEST = "manifest.sqlite"  # what the writer knows; a reader needs the files alone
_PLACE = re.compile(r"day=(\d{4}-\d\d-\d\d)/hour=(\d\d)$")
FOREVER = 1 << 62  # later than any record, and within BIGINT


@dataclass(frozen=True, slots=True)
class Extent:
    """The time that is asked about, in seconds: `since` is in it, `until` is not."""

    since: int = 0
    until: int = FOREVER


@dataclass(frozen=True, slots=True)
class Store:
    """A folder of Parquet files."""

    folder: Path

    @classmethod
    def at(cls, folder: Path) -> "Store":
        """Return the store in a folder; raises InputError where there is none."""
        names = (*TABLES, MANIFEST)
        if not any((folder / name).exists() for name in names):
            msg = f"{folder} is no store of logs"
            hint = "`ringwall traffic ingest SOURCE --store DIR` makes one"
            raise InputError(msg, hint=hint)
        return cls(folder.resolve())

    def files(self, table: str, extent: Extent) -> list[Path]:
        """Return the files of the hours that the extent touches, in order."""
        return [path for _, path in self.files_by_hour(table, extent)]

    def files_by_hour(self, table: str, extent: Extent) -> Iterator[tuple[int, Path]]:
        """Yield the files of the hours that the extent touches, with the hours' first seconds."""
        for hour, folder in self._hours(table):
            if hour + HOUR > extent.since and hour < extent.until:
                for path in sorted(folder.glob("*.parquet")):
                    if path.name[0] not in "._":
                        yield hour, path

    def batches(self, table: str, extent: Extent, size: int) -> Iterator[list[Path]]:
        """Yield those files, whole hours together: as many as reach `size` bytes."""
        batch: list[Path] = []
        found = 0
        for _, group in groupby(self.files_by_hour(table, extent), itemgetter(0)):
            for _, path in group:
                batch.append(path)
                found += path.stat().st_size
            if found >= size:
                yield batch
                batch, found = [], 0
        if batch:
            yield batch

    def hours(self, table: str, extent: Extent) -> list[int]:
        """Return the hours, as their first seconds, of which there is a file."""
        return [
            hour
            for hour, folder in self._hours(table)
            if hour + HOUR > extent.since and hour < extent.until and any(folder.glob("*.parquet"))
        ]

    def _hours(self, table: str) -> Iterator[tuple[int, Path]]:
        for folder in sorted((self.folder / table).glob("day=*/hour=*")):
            place = _PLACE.search(folder.as_posix())
            if place is not None:
                day = datetime.strptime(place[1], "%Y-%m-%d").replace(tzinfo=UTC)
                yield int(day.timestamp()) + HOUR * int(place[2]), folder
