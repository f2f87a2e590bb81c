"""A run that dies: `python -m tests.shell.store.crashing STORE LOGS POINT [compact]`.

At the given step of those that change the disk (a file is opened to be written, renamed, removed; a
folder made or removed; a statement of the manifest) the process ends at once. It prints how many
steps there were, if it lives.
"""

import os
import sys
from pathlib import Path

from ringwall.shell.clock import SystemClock
from ringwall.shell.store import intake
from ringwall.shell.store.compacting import compact
from ringwall.shell.store.ingesting import Ingest
from ringwall.shell.store.sources import local_sources
from ringwall.shell.store.store import Store
from ringwall.traffic.parsers import PYTHON

EVENTS = {"os.rename", "os.remove", "os.mkdir", "os.rmdir"}


class Steps:
    """Counts steps, and ends the process at one of them."""

    def __init__(self, place: str, point: int) -> None:
        self.place, self.point, self.count = place, point, 0

    def step(self) -> None:
        self.count += 1
        if self.count == self.point:
            os._exit(137)

    def audit(self, event: str, arguments: tuple[object, ...]) -> None:
        if event in EVENTS or (event == "open" and self._writes(arguments)):
            self.step()

    def _writes(self, arguments: tuple[object, ...]) -> bool:
        path, mode = str(arguments[0]), arguments[1]
        return path.startswith(self.place) and isinstance(mode, str) and mode[0] in "wax"


def main(place: str, logs: str, point: int, todo: str) -> int:
    intake.MOST_PENDING = 3  # commits often
    steps = Steps(place, point)
    sys.addaudithook(steps.audit)
    with Store(Path(place), create=True) as store:
        store.manifest._db.set_trace_callback(lambda _: steps.step())
        if todo == "compact":
            compact(store)
        else:
            with Ingest(store, PYTHON, SystemClock()) as run:
                run.read(local_sources(logs, (None, None)))
    return steps.count


if __name__ == "__main__":
    sys.stdout.write(f"{main(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4])}\n")
