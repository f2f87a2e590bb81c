"""Lines that could not be read → a file in the store, as JSON lines, within a bound."""

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Final, TextIO

from ringwall.traffic.problems import Problem

FOLDER: Final = "set-aside"
MOST: Final = 16 << 20  # bytes of a run; what comes after is counted alone
MOST_FILES: Final = 32
LONGEST: Final = 4096  # bytes of a line that are kept


class Aside:
    """The lines that a run set aside, in a file that is made with the first of them."""

    def __init__(self, folder: Path, name: str) -> None:
        self.path = folder / FOLDER / f"{name}.jsonl"
        self.kept = 0
        self.counts: Counter[str] = Counter()
        self._file: TextIO | None = None
        self._size = 0

    def put(self, source: str, problems: Iterable[Problem]) -> None:
        """Count lines, and keep them as long as there is room."""
        for problem in problems:
            self.counts[problem.reason.name.lower()] += 1
            if self._size >= MOST:
                continue
            entry = {
                "file": source,
                "line": problem.line,
                "reason": problem.reason.name.lower(),
                "text": problem.text[:LONGEST].decode("ascii", "backslashreplace"),
            }
            line = json.dumps(entry) + "\n"
            self._open().write(line)
            self._size += len(line)
            self.kept += 1

    def close(self) -> None:
        """End the file."""
        if self._file is not None:
            self._file.close()

    def flush(self) -> None:
        """Give what was written to the system."""
        if self._file is not None:
            self._file.flush()

    def _open(self) -> TextIO:
        if self._file is None:
            self.path.parent.mkdir(exist_ok=True)
            older = sorted(self.path.parent.glob("*.jsonl"), key=lambda path: path.stat().st_mtime)
            for path in older[: max(0, len(older) - MOST_FILES + 1)]:
                path.unlink(missing_ok=True)
            self._file = self.path.open("w", encoding="utf-8")
        return self._file
