"""Remove the lock of a run that died."""

from ringwall.app.workspace import CloudSettings, Wanted, connect_for
from ringwall.shell.journal import Journal
from ringwall.shell.lock import Lock


def unlock(wanted: Wanted, settings: CloudSettings, reason: str) -> str:
    """Remove the lock, note the reason in the journal, and say whose it was."""
    cloud = connect_for(wanted, settings)
    holder = Lock(cloud, wanted.blueprint.name, operation="unlock").remove()
    if holder is None:
        return "there is no lock"
    with Journal(wanted.folder) as journal:
        journal.note("unlock", reason=reason, holder=str(holder))
    return f"removed the lock of {holder}"
