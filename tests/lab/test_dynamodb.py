"""Probes: DynamoDB's transactions."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError


@pytest.fixture
def dynamodb(client: Callable[..., Any]) -> Any:
    made = client("dynamodb")
    made.create_table(
        TableName="t",
        AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return made


def put(key: str, value: str = "1", **more: Any) -> dict[str, Any]:
    return {"Put": {"TableName": "t", "Item": {"k": {"S": key}, "v": {"S": value}}, **more}}


ABSENT = {"ConditionExpression": "attribute_not_exists(k)"}


def items(dynamodb: Any) -> dict[str, str]:
    pages = dynamodb.get_paginator("scan").paginate(TableName="t", ConsistentRead=True)
    return {each["k"]["S"]: each["v"]["S"] for page in pages for each in page["Items"]}


def test_a_transaction_is_carried_out_once_a_token(dynamodb: Any, refused: Any) -> None:
    asked = {"TransactItems": [put("a", **ABSENT)], "ClientRequestToken": "once"}
    dynamodb.transact_write_items(**asked)
    dynamodb.transact_write_items(**asked)
    with refused("TransactionCanceledException"):
        dynamodb.transact_write_items(**{**asked, "ClientRequestToken": "another"})
    with refused("IdempotentParameterMismatchException"):
        dynamodb.transact_write_items(**{**asked, "TransactItems": [put("b")]})
    assert items(dynamodb) == {"a": "1"}


def test_a_token_of_what_was_refused_can_be_used_again(dynamodb: Any, refused: Any) -> None:
    asked = {"TransactItems": [put("a", **ABSENT)], "ClientRequestToken": "once"}
    dynamodb.put_item(TableName="t", Item={"k": {"S": "a"}, "v": {"S": "0"}})
    with refused("TransactionCanceledException"):
        dynamodb.transact_write_items(**asked)
    dynamodb.delete_item(TableName="t", Key={"k": {"S": "a"}})
    dynamodb.transact_write_items(**asked)
    assert items(dynamodb) == {"a": "1"}


def test_a_transaction_is_all_or_nothing_and_says_which_condition_failed(dynamodb: Any) -> None:
    dynamodb.transact_write_items(TransactItems=[put("a"), put("b")])
    delete = {"Delete": {"TableName": "t", "Key": {"k": {"S": "a"}}}}
    update = {
        "Update": {
            "TableName": "t",
            "Key": {"k": {"S": "b"}},
            "UpdateExpression": "SET v = :v",
            "ExpressionAttributeValues": {":v": {"S": "2"}},
        }
    }
    with pytest.raises(ClientError) as caught:
        dynamodb.transact_write_items(
            TransactItems=[
                delete,
                update,
                put("c"),
                put(
                    "d", ConditionExpression="v = :v", ExpressionAttributeValues={":v": {"S": "9"}}
                ),
            ]
        )
    reasons = [each["Code"] for each in caught.value.response["CancellationReasons"]]
    assert reasons == ["None", "None", "None", "ConditionalCheckFailed"]
    assert items(dynamodb) == {"a": "1", "b": "1"}
    # Nor does a write remain that stood before one that cannot be made.
    with pytest.raises(ClientError):
        dynamodb.transact_write_items(TransactItems=[delete, update, put("e", "x" * 410_000)])
    assert items(dynamodb) == {"a": "1", "b": "1"}
    dynamodb.transact_write_items(TransactItems=[delete, update, put("c")])
    assert items(dynamodb) == {"b": "2", "c": "1"}


def test_a_transaction_has_a_largest_size(dynamodb: Any, refused: Any) -> None:
    """ "The aggregate size of the items in the transaction cannot exceed 4 MB." """
    large = [put(str(number), "x" * 390_000) for number in range(11)]
    with refused("ValidationException"):
        dynamodb.transact_write_items(TransactItems=large)
    with refused("ValidationException"):
        dynamodb.transact_write_items(TransactItems=[put("a"), put("a")])
    with refused("ValidationException"):
        dynamodb.transact_write_items(TransactItems=[put(str(n)) for n in range(101)])
    dynamodb.transact_write_items(TransactItems=large[:10])
    assert len(items(dynamodb)) == 10
