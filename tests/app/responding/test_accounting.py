"""Which ledgers are asked what stands, and what is said where one cannot be read."""

from dataclasses import replace

import pytest

from ringwall.app.responding.accounting import NOTHING, Standing, of_ledger, standing
from ringwall.app.responding.places import FILE
from ringwall.errors import CloudError, InputError, OutsideError
from ringwall.model.graph import Node, ResourceGraph
from ringwall.resources.ownership import ownership_tags
from ringwall.shell.files import state_folder
from ringwall.shell.ledger.sqlite import SqliteLedger
from tests.app.responding.house import House, event
from tests.fakes.cloud import FakeCloud

TABLE = "ringwall-minimal-journal"


class Refusing(FakeCloud):
    """A cloud whose tables answer with an error."""

    def __init__(self, code):
        super().__init__()
        self.code = code

    def call(self, service, operation, request):
        raise CloudError("GetItem", self.code, f"not allowed: {request['TableName']}")


def table(status="ACTIVE", deployment="minimal"):
    tags = ownership_tags(deployment, "journal")
    properties, observed = {"TableName": TABLE}, {"TableStatus": status}
    node = Node("AWS::DynamoDB::Table", "journal", "1", "us-east-1", properties, observed)
    return ResourceGraph.of([replace(node, tags=tags, physical_id=TABLE)])


@pytest.fixture
def wanted(tmp_path):
    return replace(House.of().wanted, file=str(tmp_path / "minimal.yaml"))


def test_a_table_that_may_not_be_read_is_not_taken_for_empty(wanted):
    with pytest.raises(OutsideError, match=f"cannot read dynamodb:{TABLE}") as caught:
        standing(wanted, table(), Refusing("AccessDeniedException"))
    assert "ringwall permissions" in caught.value.hint
    assert caught.value.exit_code == 4


def test_a_table_that_is_being_made_or_is_anothers_is_not_asked(wanted):
    cloud = Refusing("AccessDeniedException")
    assert standing(wanted, table("CREATING"), cloud) == NOTHING
    assert standing(wanted, table(deployment="other"), cloud) == NOTHING


@pytest.mark.parametrize("place", ["s3://bucket/ledger", "nowhere.sqlite", "dynamodb:nowhere"])
def test_a_place_that_is_no_ledger_is_said(wanted, place):
    with pytest.raises(InputError):
        standing(wanted, ResourceGraph(), Refusing("ResourceNotFoundException"), place)


def test_what_is_undone_and_what_only_waits_holds_nothing():
    house = House.of()
    responder = house.responder()
    incident = responder.take(event())
    assert len(Standing(of_ledger(house.ledger)).effects) == 2
    responder.undo(incident.id, "ann", "over")
    assert of_ledger(house.ledger) == ()


def test_an_action_that_cannot_be_read_is_a_damage(wanted):
    path = state_folder(wanted.file, "minimal") / FILE
    house = House.of()
    with SqliteLedger(path, create=True) as ledger:
        replace(house.responder(), ledger=ledger).take(event())
        assert len(standing(wanted, ResourceGraph(), house.cloud).responses) == 1
        for document in ("{}", "[", "7"):
            ledger._db.execute("UPDATE action SET document = ?", (document,))
            with pytest.raises(InputError, match="an action in it cannot be read") as caught:
                standing(wanted, ResourceGraph(), house.cloud)
            assert f"mv {path} {path}.damaged && mv {path}-wal" in caught.value.hint
            with pytest.raises(InputError, match="an action in it cannot be read"):
                standing(wanted, ResourceGraph(), house.cloud, str(path))
