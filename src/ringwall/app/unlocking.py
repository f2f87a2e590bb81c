"""Remove the lock of a run that died."""

from ringwall.app.workspace import CloudSettings, Wanted, connect_for
from ringwall.shell import lock
from ringwall.shell.journal import Journal


def unlock(wanted: Wanted, settings: CloudSettings, reason: str) -> str:
    """Remove the lock, note the reason in the journal, and say whose it was."""
    holder = lock.unlock(connect_for(wanted, settings), wanted.blueprint.name)
    Journal(wanted.journal).note("unlock", reason=reason, holder=str(holder or ""))
    return f"removed the lock of {holder}" if holder else "there was no lock"
