"""SIGINT and SIGTERM → the end of a command, at once or at the next safe place.

Rules:
- Where nothing is half made, a signal ends the command at once: KeyboardInterrupt.
- While something is being made (`with brake`), the first one waits for the next `check`, and the
  second ends it where it is.
- Signals are the main thread's. Without `listening` a brake is never asked, as in a function.
"""

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from types import FrameType
from typing import Final

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


def _nobody() -> None:
    return


@dataclass(slots=True)
class Brake:
    """Whether a command was asked to stop; `tell` is called when it will, a little later."""

    tell: Callable[[], None] = _nobody
    is_asked: bool = field(default=False, init=False)
    _depth: int = field(default=0, init=False)

    def __enter__(self) -> None:
        self._depth += 1

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Come to the end of what must not be left half made; stops there if asked to."""
        self._depth -= 1
        if not self._depth and kind is None:
            self.check()

    def check(self) -> None:
        """Raise KeyboardInterrupt if asked to stop: this is a safe place."""
        if self.is_asked:
            raise KeyboardInterrupt

    def ask(self) -> None:
        """Stop: at once, or at the next safe place, or at once when asked again."""
        if self.is_asked or not self._depth:
            raise KeyboardInterrupt
        self.is_asked = True
        self.tell()

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Let signals ask, for a while; in another thread than the main one nothing does."""

        def called(number: int, frame: FrameType | None) -> None:
            del number, frame
            self.ask()

        before = {}
        with suppress(ValueError):  # not the main thread
            for each in SIGNALS:
                before[each] = signal.signal(each, called)
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)
