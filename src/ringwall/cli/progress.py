"""Progress on stderr: a line for each resource done, a bar that is redrawn only on a terminal."""

import sys
import threading

from ringwall.errors import RingwallError
from ringwall.model.plan import Step
from ringwall.shell.progress import Progress, Silence

CLEAR = "\r\x1b[2K"


def progress(*, quiet: bool) -> Progress:
    """Return what shows progress, or shows nothing."""
    return Silence() if quiet else Lines()


class Lines:
    """A line a step, under a line of what is being done now."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._done = 0
        self._terminal = sys.stderr.isatty()

    def reading(self, done: int, total: int, name: str) -> None:
        """Redraw how much was read."""
        self._redraw("" if done == total else f"reading {done} of {total}  {name}")

    def started(self, step: Step) -> None:
        """Redraw what begins."""
        if step.calls:
            self._redraw(f"{step.action} {_name(step)}")

    def waiting(self, step: Step, state: str) -> None:
        """Redraw what is waited for."""
        self._redraw(f"{step.action} {_name(step)}: {state}")

    def finished(self, step: Step, seconds: float) -> None:
        """Print what is done."""
        if step.calls:
            with self._lock:
                self._done += 1
                self._write(
                    f"[{self._done:>4}] {step.action:<7} {_name(step):<64} {seconds:6.1f} s"
                )

    def failed(self, step: Step, error: RingwallError) -> None:
        """Print what failed."""
        with self._lock:
            self._write(f"   ✗   {step.action:<7} {_name(step)}: {error.message}")

    def _write(self, line: str) -> None:
        sys.stderr.write((CLEAR if self._terminal else "") + line + "\n")
        sys.stderr.flush()

    def _redraw(self, line: str) -> None:
        if self._terminal:
            with self._lock:
                sys.stderr.write(CLEAR + line)
                sys.stderr.flush()


def _name(step: Step) -> str:
    return f"{step.type.rsplit('::', 1)[-1]} {step.key}"
