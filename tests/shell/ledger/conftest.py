"""Every ledger there is, each new and empty."""

import pytest

from ringwall.shell.ledger.dynamodb import SCHEMA, DynamoLedger
from ringwall.shell.ledger.sqlite import SqliteLedger
from tests.fakes.ledger import MemoryLedger

KINDS = ("memory", "sqlite", "dynamodb")
TABLE = "ringwall-ledger"


@pytest.fixture
def table(cloud, lab):
    """The name of an empty table of the lab."""
    cloud.call("dynamodb", "create_table", {"TableName": TABLE, **SCHEMA})
    return TABLE


@pytest.fixture(params=KINDS)
def ledger(request, tmp_path):
    match request.param:
        case "memory":
            yield MemoryLedger()
        case "sqlite":
            with SqliteLedger(tmp_path / "ledger.sqlite", create=True) as ledger:
                yield ledger
        case _:
            name = request.getfixturevalue("table")
            yield DynamoLedger(request.getfixturevalue("cloud"), name)
