"""DynamoDB's transactions: once a token, within their size, and without a copy of every table."""

import copy
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from moto.core.responses import ActionResult
from moto.dynamodb.comparisons import get_filter_expression
from moto.dynamodb.exceptions import (
    ConditionalCheckFailed,
    MockValidationException,
    MultipleTransactionsException,
    TooManyTransactionsException,
    TransactionCanceledException,
    TransactWriteSingleOpException,
)
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.responses import DynamoHandler

from ringwall.lab import world
from ringwall.lab.actions import refuse, wrap
from ringwall.lab.world import Moto

# DynamoDB developer guide, transactions: "up to 100 actions", "cannot exceed 4 MB".
MOST_WRITES = 100
LARGEST = 4 * 1024 * 1024
_NAMES_AND_VALUES = ("ExpressionAttributeNames", "ExpressionAttributeValues")


class Tokens:
    """The requests that were carried out under a token, in one account and region."""

    def __init__(self) -> None:
        self.given: dict[str, str] = {}


def install() -> None:
    """Answer TransactWriteItems as DynamoDB does."""

    @wrap(DynamoHandler, "transact_write_items")
    def answer(original: Moto, self: Moto) -> Moto:
        given = world.store(self.dynamodb_backend, Tokens).given
        token = self.body.get("ClientRequestToken")
        asked = json.dumps(self.body["TransactItems"], sort_keys=True, default=str)
        if token and token in given:
            if given[token] != asked:
                text = "The request uses the same client token as another, different one."
                refuse("IdempotentParameterMismatchException", text)
            return ActionResult({})
        answered = original(self)
        if token:
            given[token] = asked
        return answered

    def transact_write_items(self: Moto, transact_items: list[dict[str, Any]]) -> None:
        writes = [_write(each) for each in transact_items]
        if len(writes) > MOST_WRITES:
            raise TooManyTransactionsException
        if sum(len(json.dumps(each, default=str)) for each in transact_items) > LARGEST:
            text = "Transaction request size exceeded the limit of 4 MB"
            raise MockValidationException(text)
        keys = [_key(self, kind, write) for kind, write in writes]
        if any(key in keys[:number] for number, key in enumerate(keys)):
            raise MultipleTransactionsException
        reasons = [
            _reason(self, write, key) for (_, write), (_, key) in zip(writes, keys, strict=True)
        ]
        if any(code for code, _, _ in reasons):
            raise TransactionCanceledException(reasons)
        with _all_or_nothing(self, keys):
            for kind, write in writes:
                _carry_out(self, kind, write)

    backend: Moto = DynamoDBBackend
    backend.transact_write_items = transact_write_items


def _write(item: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    if len(item) != 1:
        raise TransactWriteSingleOpException
    return next(iter(item.items()))


def _key(backend: Moto, kind: str, write: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    name = write["TableName"]
    if kind != "Put":
        return name, write["Key"]
    table = backend.get_table(name)
    names = [each for each in (table.hash_key_attr, table.range_key_attr) if each is not None]
    return name, {each: write["Item"][each] for each in names}


def _reason(
    backend: Moto, write: dict[str, Any], key: dict[str, Any]
) -> tuple[str | None, str | None, dict[str, Any] | None]:
    """Return why a write does not take place, as code, message and item, or None thrice."""
    condition = write.get("ConditionExpression")
    current = backend.get_item(write["TableName"], key)
    if condition is None:
        return None, None, None
    names, values = (write.get(name) for name in _NAMES_AND_VALUES)
    if get_filter_expression(condition, names, values).expr(current):
        return None, None, None
    shown = current and write.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD"
    item = current.to_json()["Attributes"] if shown else None
    return "ConditionalCheckFailed", str(ConditionalCheckFailed().message), item


def _carry_out(backend: Moto, kind: str, write: dict[str, Any]) -> None:
    name = write["TableName"]
    if kind == "Put":
        backend.put_item(name, write["Item"])
    elif kind == "Delete":
        backend.delete_item(name, write["Key"])
    elif kind == "Update":
        names, values = (write.get(each) for each in _NAMES_AND_VALUES)
        backend.update_item(
            name,
            write["Key"],
            update_expression=write["UpdateExpression"],
            expression_attribute_names=names,
            expression_attribute_values=values,
        )


@contextmanager
def _all_or_nothing(backend: Moto, keys: Sequence[tuple[str, dict[str, Any]]]) -> Iterator[None]:
    before = [(name, key, copy.deepcopy(backend.get_item(name, key))) for name, key in keys]
    try:
        yield
    except BaseException:
        for name, key, item in before:
            if item is None:
                backend.delete_item(name, key)
            else:
                backend.put_item(name, item.to_json()["Attributes"])
        raise
