"""Progress as a port: what a face may show while the shell is at work."""

from typing import Protocol

from ringwall.errors import RingwallError
from ringwall.model.plan import Step


class Progress(Protocol):
    """Told what happens, from any thread; must return at once and never raise."""

    def reading(self, done: int, total: int, name: str) -> None:
        """Say that call `name` (`service:operation`) was answered; `total` may grow."""
        ...

    def started(self, step: Step) -> None:
        """Say that a step begins."""
        ...

    def waiting(self, step: Step, state: str) -> None:
        """Say in which state the resource of a step was found."""
        ...

    def finished(self, step: Step, seconds: float) -> None:
        """Say that a step is done."""
        ...

    def failed(self, step: Step, error: RingwallError) -> None:
        """Say that a step failed."""
        ...


class Silence:
    """Shows nothing."""

    def reading(self, done: int, total: int, name: str) -> None:
        """Show nothing."""

    def started(self, step: Step) -> None:
        """Show nothing."""

    def waiting(self, step: Step, state: str) -> None:
        """Show nothing."""

    def finished(self, step: Step, seconds: float) -> None:
        """Show nothing."""

    def failed(self, step: Step, error: RingwallError) -> None:
        """Show nothing."""
