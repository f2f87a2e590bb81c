"""Every ledger there is, each new and empty."""

import pytest

from ringwall.shell.ledger.sqlite import SqliteLedger
from tests.fakes.ledger import MemoryLedger

KINDS = ("memory", "sqlite")


@pytest.fixture(params=KINDS)
def ledger(request, tmp_path):
    if request.param == "memory":
        yield MemoryLedger()
        return
    with SqliteLedger(tmp_path / "ledger.sqlite", create=True) as ledger:
        yield ledger
