"""Every ledger there is, each new and empty."""

import pytest

from ringwall.shell.ledger.dynamodb import SCHEMA, DynamoLedger
from ringwall.shell.ledger.holders import Holder
from ringwall.shell.ledger.sqlite import SqliteLedger
from tests.fakes.ledger import MemoryLedger

KINDS = ("memory", "sqlite", "dynamodb")
TABLE = "ringwall-ledger"


@pytest.fixture
def table(cloud, lab):
    """The name of an empty table of the lab."""
    cloud.call("dynamodb", "create_table", {"TableName": TABLE, **SCHEMA})
    return TABLE


NOWHERE = Holder("somebody")  # of whom nothing is known, as of one on another machine


@pytest.fixture(params=KINDS)
def ledger(request, tmp_path):
    yield from made(request, tmp_path, None)


@pytest.fixture(params=KINDS)
def distant(request, tmp_path):
    """A ledger that knows nothing of who holds its locks."""
    yield from made(request, tmp_path, NOWHERE)


def made(request, tmp_path, here):
    match request.param:
        case "memory":
            yield MemoryLedger()
        case "sqlite":
            path = tmp_path / "ledger.sqlite"
            with SqliteLedger(path, create=True, here=here) as ledger:
                yield ledger
        case _:
            name = request.getfixturevalue("table")
            yield DynamoLedger(request.getfixturevalue("cloud"), name, here=here)
