"""What DynamoDB answers in parts, or not at once."""

import pytest

from ringwall.errors import CloudError
from ringwall.shell.ledger.table import Put, Table
from tests.fakes.clock import FakeClock
from tests.fakes.scripted import ScriptedCloud


def read(key):
    return {**key, "n": {"N": "7"}}


def test_what_an_answer_leaves_out_is_asked_for_again():
    """ "A single operation can retrieve up to 16 MB of data" (API reference, BatchGetItem)."""
    asked = []

    def answer(request):
        keys = request["RequestItems"]["t"]["Keys"]
        assert request["RequestItems"]["t"]["ConsistentRead"] is True
        asked.append(len(keys))
        left = {"t": {"Keys": keys[40:]}} if keys[40:] else {}
        return {"Responses": {"t": [read(key) for key in keys[:40]]}, "UnprocessedKeys": left}

    clock = FakeClock()
    table = Table(ScriptedCloud(batch_get_item=answer), "t", clock)
    found = table.get_all([("p", str(number)) for number in [*range(130), *range(130)]])
    assert sorted(int(each["sk"]) for each in found) == [*range(130)]
    assert {each["n"] for each in found} == {7}
    assert asked == [100, 90, 50, 10]
    assert clock.sleeps == []


def test_an_answer_that_holds_nothing_is_waited_for_and_not_for_ever():
    def answer(request):
        return {"Responses": {}, "UnprocessedKeys": request["RequestItems"]}

    clock = FakeClock()
    table = Table(ScriptedCloud(batch_get_item=answer), "t", clock)
    with pytest.raises(CloudError, match="kept busy"):
        table.get_all([("p", "1")])
    assert len(clock.sleeps) == 99
    assert clock.passed < 60


@pytest.mark.parametrize(
    ("reasons", "is_passing"),
    [
        (["None", "ConditionalCheckFailed"], True),
        (["TransactionConflict"], True),
        (["ThrottlingError", "None"], True),
        (["ProvisionedThroughputExceeded"], True),
        (["ConditionalCheckFailed", "ValidationError"], False),
        (["ItemCollectionSizeLimitExceeded"], False),
    ],
)
def test_a_cancelled_transaction_is_judged_by_its_reasons(reasons, is_passing):
    def answer(_):
        raise CloudError(
            "dynamodb:TransactWriteItems", "TransactionCanceledException", "", reasons=reasons
        )

    table = Table(ScriptedCloud(transact_write_items=answer), "t", FakeClock())
    if is_passing:
        assert table.write([Put(("p", "s"), {})]) is False
    else:
        with pytest.raises(CloudError):
            table.write([Put(("p", "s"), {})])
