"""What was begun and what was answered, as JSON lines beside the blueprint.

Rules:
- A step's beginning is on disk before its first call; steps that begin together share one sync.
- Its end is with the operating system at once, and on disk with the next beginning: an end that is
  lost with the machine costs a look-up, no more.
- The journal is never needed: missing, damaged or unwritable, it only costs a look-up at AWS.
- No request and no answer is written, so no secret either.
"""

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

from ringwall.model.graph import Address
from ringwall.model.plan import Step
from ringwall.shell.clock import Clock, SystemClock

FILE_NAME = "journal.jsonl"
# Ends of a step. After an unclear end the effect may have taken place.
DONE, FAILED, UNCLEAR = "done", "failed", "unclear"


@dataclass(slots=True)
class Journal:
    """An append-only file; `doubtful` are the resources whose last step has no clear end.

    `fault` says why nothing could be read or written, or is empty.
    """

    path: Path
    clock: Clock = field(default_factory=SystemClock)
    doubtful: frozenset[Address] = frozenset()
    fault: str = ""
    _lock: Lock = field(default_factory=Lock)
    _sync: Lock = field(default_factory=Lock)
    _written: int = 0
    _synced: int = 0

    def __post_init__(self) -> None:
        self.doubtful = self._read()

    def run(self, run: str, operation: str, state: str) -> None:
        """Note the start of a run; `state` is the digest of what its plan saw."""
        self._write({"event": "run", "run": run, "operation": operation, "state": state})

    def begin(self, step: Step) -> None:
        """Note that a step's first call is about to be made."""
        self._write({"event": "begin", **_naming(step)}, durable=True)

    def end(self, step: Step, outcome: str, code: str = "") -> None:
        """Note how a step ended, with AWS's error code."""
        self._write({"event": "end", **_naming(step), "outcome": outcome, "code": code})

    def note(self, event: str, **facts: str) -> None:
        """Note something else that a person did, and why: a lock removed, a proof overruled."""
        self._write({**facts, "event": event})

    def complete(self) -> None:
        """Note that every step of the run was done."""
        self._write({"event": "complete"}, durable=True)

    def _read(self) -> frozenset[Address]:
        try:
            text = self.path.read_bytes().decode(errors="replace")
        except FileNotFoundError:
            return frozenset()
        except OSError as failure:
            self.fault = str(failure)
            return frozenset()
        begun: set[Address] = set()
        for line in text.splitlines():
            try:
                _follow(json.loads(line), begun)
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
                continue  # a torn or damaged line
        return frozenset(begun)

    def _write(self, record: dict[str, Any], *, durable: bool = False) -> None:
        record = {"at": self.clock.now().isoformat(), **record}
        # The line break comes first as well: the last line may be torn.
        line = f"\n{json.dumps(record, sort_keys=True)}\n".encode()
        try:
            with self._lock:
                self.path.parent.mkdir(parents=True, exist_ok=True)
                with self.path.open("ab") as file:
                    file.write(line)
                self._written += 1
                number = self._written
            if durable:
                self._sync_up_to(number)
        except OSError as failure:
            self.fault = str(failure)

    def _sync_up_to(self, number: int) -> None:
        with self._sync:
            if self._synced >= number:
                return  # another step's sync began after this line was written
            written = self._written
            with self.path.open("ab") as file:
                os.fsync(file.fileno())
            self._synced = written


def _naming(step: Step) -> dict[str, Any]:
    action = str(step.action)
    return {"step": step.number, "action": action, "type": step.type, "key": step.key}


def _follow(record: dict[str, Any], begun: set[Address]) -> None:
    match record["event"]:
        case "complete":
            begun.clear()
        case "begin":
            begun.add((str(record["type"]), str(record["key"])))
        case "end" if record["outcome"] != UNCLEAR:
            begun.discard((str(record["type"]), str(record["key"])))
