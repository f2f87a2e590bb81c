"""Halting, resuming, and how things stand."""

from ringwall.app.responding.halves import half_made
from ringwall.app.responding.telling import Document, status_document
from ringwall.playbooks.commands import Desk
from ringwall.playbooks.records import Line
from ringwall.shell.clock import Clock, SystemClock
from ringwall.shell.ledger.port import Ledger


def _now(clock: Clock | None) -> int:
    return int((clock or SystemClock()).now().timestamp())


def halt(ledger: Ledger, by: str, reason: str, clock: Clock | None = None) -> str:
    """Stop all that acts by itself; return what was done, in words."""
    ledger.halt(Line(_now(clock), "", "halted", by, reason))
    return "halted: nothing acts by itself; people may still approve and undo"


def resume(ledger: Ledger, by: str, reason: str, clock: Clock | None = None) -> str:
    """Let what acts by itself act again; return what was done, in words."""
    ledger.resume(Line(_now(clock), "", "resumed", by, reason))
    return "resumed: what may act by itself does again"


def status(ledger: Ledger, desk: Desk, clock: Clock | None = None) -> Document:
    """Return how things stand; `desk` is where people type."""
    now = _now(clock)
    return status_document(ledger, now) | {"half_made": half_made(ledger, now, desk)}
