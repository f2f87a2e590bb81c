"""Who holds locks, and whether they live: what is proven, and what is not known.

Rules:
- A process is known by its number and when it began, of its machine, boot and container: a number
  that was given again is another process's.
- Nothing is said of a process of another machine or another container: UNKNOWN.
- Whoever is judged DEAD is dead for good; what cannot be read is UNKNOWN, never DEAD.
"""

import json
import os
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, Self

from ringwall.shell.lock import PROCESSES, Process

_BORN: Final = 21  # place of `starttime` in /proc/PID/stat, counted from 0 (proc_pid_stat(5))
_FUNCTION: Final = "AWS_LAMBDA_FUNCTION_NAME"  # set in every function (Lambda developer guide)


class Life(StrEnum):
    """What a ledger knows of who holds a lock."""

    ALIVE = "alive"
    DEAD = "dead"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Held:
    """A lock as it stands: `who` is its owner in words; `since` and `until` are seconds.

    Whoever took it said to be done by `until`.
    """

    target: str
    owner: str
    who: str
    since: int
    until: int
    life: Life


@dataclass(frozen=True, slots=True)
class Holder:
    """The process that holds locks; `place` is its boot and container, `born` the ticks then."""

    who: str
    pid: int = 0
    place: str = ""
    born: int = 0

    @classmethod
    def this(cls) -> Self:
        """Return the present process."""
        function = os.environ.get(_FUNCTION)
        process = Process.this()
        who = f"function {function}" if function else process.who
        return cls(who, process.pid, process.place, _born(process.pid))

    @property
    def boot(self) -> str:
        """Return the boot of the machine, which its containers share; "" where it is not known."""
        return self.place.partition("/")[0]

    @property
    def text(self) -> str:
        """Return it for people."""
        return f"{self.who} (process {self.pid})" if self.pid else self.who

    def life(self, here: "Holder") -> Life:
        """Return what the process `here` knows of it, by its number and its beginning."""
        if not self.place or self.place != here.place or self.pid not in PROCESSES:
            return Life.UNKNOWN
        if not Process(here.who, here.pid, here.place).is_alive(self.pid):
            return Life.DEAD
        born = _born(self.pid)
        if not born or not self.born:
            return Life.UNKNOWN
        return Life.ALIVE if born == self.born else Life.DEAD

    def written(self, **more: object) -> str:
        """Return its document as text, with more of the ledger's own."""
        known = {"who": self.who, "pid": self.pid, "place": self.place, "born": self.born}
        return json.dumps(known | more)


def read_holder(text: str) -> tuple[Holder, dict[str, Any]]:
    """Return the holder of a document and all of it; of one that is none, nothing is known."""
    try:
        known = dict(json.loads(text))
        holder = Holder(
            str(known["who"]), int(known["pid"]), str(known["place"]), int(known["born"])
        )
    except (ValueError, TypeError, KeyError):
        return Holder("somebody"), {}
    return holder, known


def _born(pid: int) -> int:
    """Return when a process began, in ticks since the boot, 0 where that cannot be read."""
    try:
        told = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        # The name of the program stands in brackets, and may hold any sign.
        return int(told.rpartition(")")[2].split()[_BORN - 2])
    except (OSError, ValueError, IndexError):
        return 0
