"""The least IAM policy for a blueprint, whole or in parts that IAM takes."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from ringwall.app.workspace import Wanted
from ringwall.changes import permissions

MANAGED: Final = 6_144  # characters of a managed policy without white space (IAM quotas)
INLINE: Final = 10_240  # of all inline policies of a role


def policy(wanted: Wanted, purpose: str) -> dict[str, Any]:
    """Return the policy for `plan`, `apply` or `destroy` of a blueprint."""
    blueprint = wanted.blueprint
    return permissions.policy(wanted.graph, blueprint.name, blueprint.region, purpose)


def size(document: Mapping[str, Any]) -> int:
    """Return the characters of a policy that IAM counts."""
    return len(json.dumps(document, separators=(",", ":")))


def parts(document: Mapping[str, Any], most: int = MANAGED) -> list[dict[str, Any]]:
    """Return a policy as policies that allow the same together, each of at most `most` characters.

    A statement that is too long by itself is cut between its actions.
    """
    found: list[list[Any]] = [[]]
    for statement in _short(document["Statement"], document, most):
        if found[-1] and size({**document, "Statement": [*found[-1], statement]}) > most:
            found.append([])
        found[-1].append(statement)
    return [{**document, "Statement": statements} for statements in found]


def _short(statements: Sequence[Any], document: Mapping[str, Any], most: int) -> Iterator[Any]:
    for statement in statements:
        actions = statement["Action"]
        if len(actions) < 2 or size({**document, "Statement": [statement]}) <= most:
            yield statement
            continue
        half = len(actions) // 2
        for number, some in enumerate((actions[:half], actions[half:]), 1):
            named = {"Sid": f"{statement['Sid']}{number}"} if "Sid" in statement else {}
            yield from _short([{**statement, **named, "Action": some}], document, most)
