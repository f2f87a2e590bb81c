"""Where a ledger is, as `--ledger` says it → the ledger."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ringwall.app.responding.places import TABLE
from ringwall.errors import InputError
from ringwall.shell.aws import Cloud
from ringwall.shell.ledger.dynamodb import DynamoLedger
from ringwall.shell.ledger.port import Ledger
from ringwall.shell.ledger.sqlite import SqliteLedger


def ledger_at(place: str, cloud: Callable[[], Cloud], *, create: bool = False) -> Ledger:
    """Open a ledger: a file, made if it may be, or `dynamodb:TABLE`; raises InputError."""
    if place.startswith(TABLE):
        return DynamoLedger(cloud(), place.removeprefix(TABLE))
    return SqliteLedger(_file(place), create=create)


@contextmanager
def begun_ledger(place: str, cloud: Cloud) -> Iterator[Ledger]:
    """Open a ledger to look at, and leave one that was not begun as it is.

    A table may be new, and tell nothing.
    """
    if place.startswith(TABLE):
        yield DynamoLedger(cloud, place.removeprefix(TABLE), create=False)
        return
    with SqliteLedger(_file(place)) as ledger:
        yield ledger


def _file(place: str) -> Path:
    if "://" in place:
        msg = f"'{place}' is no place of a ledger"
        raise InputError(msg, hint=f"a file of this machine, or {TABLE}TABLE")
    return Path(place)
