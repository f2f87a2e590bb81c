"""A DynamoDB table: items read as they are now, and written together or not at all.

Rules:
- Every read is strongly consistent; so no global index is used, which has no such reads.
- Every write is one TransactWriteItems with a token of its own: after an answer that was cut it is
  sent again, and carried out once (API reference, ClientRequestToken; it holds for ten minutes).
- What others changed in between is judged anew; that and throttling are tried a bounded number of
  times.
- A value is a text, a whole number or a truth. Documents are JSON in a text: DynamoDB's numbers are
  decimal, of 38 digits, and boto3 takes no floats for them.
"""

import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

from ringwall.errors import CloudError
from ringwall.shell.aws import Cloud
from ringwall.shell.clock import Clock
from ringwall.shell.pace import Pace

T = TypeVar("T")
Value = str | int | bool
Key = tuple[str, str]

PARTITION: Final = "pk"
SORT: Final = "sk"
WRITE: Final = "transact_write_items"
# Others who write at the same time are done within milliseconds.
PACE: Final = Pace(first=0.02, longest=0.5, attempts=100)
MOST_READ: Final = 100  # keys of a BatchGetItem (API reference)
_RESENT: Final = 8  # times that one transaction is sent while its answer is unclear
# Reasons of a cancelled transaction after which the same may succeed (API reference).
_PASSING: Final = frozenset(
    {
        "ConditionalCheckFailed",
        "TransactionConflict",
        "ThrottlingError",
        "ProvisionedThroughputExceeded",
        "RequestLimitExceeded",
        "InternalServerError",
        "None",
    }
)


@dataclass(frozen=True, slots=True)
class Put:
    """An item to be written.

    `absent`: only if there is none. `same`: only if it still has these values. `free`: only if
    there is none, or it has one of these values, or a number that is not above this one.
    """

    key: Key
    values: Mapping[str, Value]
    absent: bool = False
    same: Mapping[str, Value] = field(default_factory=dict)
    free: Mapping[str, Value] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Delete:
    """An item to be removed; `same`: only if it still has these values."""

    key: Key
    same: Mapping[str, Value] = field(default_factory=dict)


Write = Put | Delete


class Table:
    """One table of one account and region; raises CloudError."""

    def __init__(self, cloud: Cloud, name: str, clock: Clock, pace: Pace = PACE) -> None:
        self.name = name
        self._cloud = cloud
        self._clock = clock
        self._pace = pace

    def get(self, key: Key) -> dict[str, Value] | None:
        """Return the values of an item, or None."""
        request = {"TableName": self.name, "Key": _typed_key(key), "ConsistentRead": True}
        found = self._cloud.call("dynamodb", "get_item", request).get("Item")
        return None if found is None else _values(found)

    def get_all(self, keys: Iterable[Key]) -> list[dict[str, Value]]:
        """Return the values of those of the items that are there, in any order."""
        left = [_typed_key(key) for key in dict.fromkeys(keys)]
        found: list[dict[str, Value]] = []
        attempt = 0
        while left:
            asked = {self.name: {"Keys": left[:MOST_READ], "ConsistentRead": True}}
            answer = self._cloud.call("dynamodb", "batch_get_item", {"RequestItems": asked})
            found += map(_values, answer["Responses"].get(self.name, ()))
            # An answer holds at most 16 MB; the rest is to be asked for again.
            unread = (answer.get("UnprocessedKeys") or {}).get(self.name, {}).get("Keys", [])
            if len(unread) == len(left[:MOST_READ]):
                self._wait(attempt, "batch_get_item")
                attempt += 1
            left = [*unread, *left[MOST_READ:]]
        return found

    def query(
        self, partition: str, condition: str = "", values: Mapping[str, str] | None = None
    ) -> list[dict[str, Value]]:
        """Return the items of a partition, all or those of a condition on `sk`, in its order."""
        condition = f"{PARTITION} = :pk" + (f" AND {condition}" if condition else "")
        typed = {f":{name}": {"S": text} for name, text in (values or {}).items()}
        request = {
            "TableName": self.name,
            "ConsistentRead": True,
            "KeyConditionExpression": condition,
            "ExpressionAttributeValues": {":pk": {"S": partition}, **typed},
        }
        return [
            _values(item) for item in self._cloud.paginate("dynamodb", "query", request, "Items")
        ]

    def last(self, partition: str) -> str:
        """Return the last sort key of a partition, "" for none."""
        request = {
            "TableName": self.name,
            "ConsistentRead": True,
            "KeyConditionExpression": f"{PARTITION} = :pk",
            "ExpressionAttributeValues": {":pk": {"S": partition}},
            "ProjectionExpression": SORT,
            "ScanIndexForward": False,
            "Limit": 1,
        }
        found = self._cloud.call("dynamodb", "query", request)["Items"]
        return str(_values(found[0])[SORT]) if found else ""

    def change(self, judge: Callable[[], tuple[Sequence[Write], T]]) -> T:
        """Write what `judge` says after reading, and return what it returns beside that.

        It reads and judges anew when a condition does not hold any more. No writes: done.
        """
        for attempt in range(self._pace.attempts):
            writes, result = judge()
            if not writes or self.write(writes):
                return result
            self._wait(attempt, WRITE)
        raise self._busy(WRITE)

    def write(self, writes: Sequence[Write]) -> bool:
        """Write all or nothing; False where a condition did not hold, or others were in the way."""
        request = {
            "TransactItems": [self._item(each) for each in writes],
            "ClientRequestToken": secrets.token_hex(16),
        }
        for attempt in range(_RESENT):
            try:
                self._cloud.call("dynamodb", WRITE, request)
            except CloudError as error:
                if _is_passing(error):
                    return False
                if not error.unclear or attempt + 1 == _RESENT:
                    raise
                self._wait(attempt, WRITE)
            else:
                return True
        raise AssertionError

    def _wait(self, attempt: int, operation: str) -> None:
        if attempt + 1 >= self._pace.attempts:
            raise self._busy(operation)
        self._clock.sleep(self._pace.backoff(attempt))

    def _busy(self, operation: str) -> CloudError:
        text = f"table '{self.name}' was kept busy by others"
        return CloudError(f"dynamodb:{operation}", "Busy", text, retryable=True)

    def _item(self, write: Write) -> dict[str, Any]:
        match write:
            case Put():
                known = {"Item": _typed_key(write.key) | _typed(write.values)}
                return {"Put": {"TableName": self.name, **known, **_condition(write)}}
            case Delete():
                known = {"Key": _typed_key(write.key)}
                return {"Delete": {"TableName": self.name, **known, **_condition(write)}}


def _is_passing(error: CloudError) -> bool:
    cancelled = error.code == "TransactionCanceledException"
    return cancelled and _PASSING.issuperset(error.reasons)


def _condition(write: Write) -> dict[str, Any]:
    """Return the condition of a write; attributes are named aside, for many names are reserved."""
    absent = f"attribute_not_exists({PARTITION})"
    if isinstance(write, Put) and write.absent:
        return {"ConditionExpression": absent}
    free = write.free if isinstance(write, Put) else {}
    values = free or write.same
    if not values:
        return {}
    numbered = list(enumerate(values.items()))
    parts = [
        f"#n{number} {'<=' if free and _is_number(value) else '='} :v{number}"
        for number, (_, value) in numbered
    ]
    return {
        "ConditionExpression": " OR ".join([absent, *parts]) if free else " AND ".join(parts),
        "ExpressionAttributeNames": {f"#n{number}": name for number, (name, _) in numbered},
        "ExpressionAttributeValues": {
            f":v{number}": typed
            for (number, _), typed in zip(numbered, _typed(values).values(), strict=True)
        },
    }


def _is_number(value: Value) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _typed_key(key: Key) -> dict[str, Any]:
    return {PARTITION: {"S": key[0]}, SORT: {"S": key[1]}}


def _typed(values: Mapping[str, Value]) -> dict[str, Any]:
    return {name: _typed_value(value) for name, value in values.items()}


def _typed_value(value: Value) -> dict[str, Any]:
    match value:
        case bool():
            return {"BOOL": value}
        case int():
            return {"N": str(value)}
        case str():
            return {"S": value}


def _values(item: Mapping[str, Mapping[str, Any]]) -> dict[str, Value]:
    return {
        name: int(value) if kind == "N" else value
        for name, typed in item.items()
        for kind, value in typed.items()
    }
