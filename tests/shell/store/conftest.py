"""Stores for tests: made of texts, read back as rows."""

import gzip
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest

from ringwall.shell.clock import SystemClock
from ringwall.shell.store.ingesting import Ingest, Report
from ringwall.shell.store.sources import local_sources
from ringwall.shell.store.store import Store
from ringwall.traffic.layouts import Layout
from ringwall.traffic.parsers import PYTHON, Parser, compiled

PARSERS = [each for each in (PYTHON, compiled()) if each is not None]


class Place:
    """A folder of logs and a store beside it."""

    def __init__(self, folder: Path) -> None:
        self.logs = folder / "logs"
        self.store = folder / "store"
        self.logs.mkdir(parents=True)

    def write(self, name: str, text: str | bytes) -> Path:
        data = text.encode() if isinstance(text, str) else text
        path = self.logs / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
        return path

    def ingest(self, *names: str, parser: Parser = PYTHON, layout: Layout | None = None) -> Report:
        with Store(self.store, create=True) as store:
            texts = [str(self.logs / name) for name in names] or [str(self.logs)]
            sources = [s for text in texts for s in local_sources(text, (None, None))]
            with Ingest(store, parser, SystemClock(), layout=layout) as run:
                run.read(sources)
            return run.report

    def files(self, table: str = "flow") -> list[Path]:
        return sorted((self.store / table).rglob("*.parquet"))

    def rows(self, table: str = "flow") -> list[dict[str, Any]]:
        return [
            row
            for path in self.files(table)
            for row in pyarrow.parquet.ParquetFile(path).read().to_pylist()
        ]

    def aside(self) -> list[str]:
        return [
            line
            for path in sorted((self.store / "set-aside").glob("*.jsonl"))
            for line in path.read_text().splitlines()
        ]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)
