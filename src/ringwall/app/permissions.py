"""The least IAM policy for a blueprint."""

from typing import Any

from ringwall.app.workspace import Wanted
from ringwall.changes import permissions


def policy(wanted: Wanted, purpose: str) -> dict[str, Any]:
    """Return the policy for `plan`, `apply` or `destroy` of a blueprint."""
    blueprint = wanted.blueprint
    return permissions.policy(wanted.graph, blueprint.name, blueprint.region, purpose)
