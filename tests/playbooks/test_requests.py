"""Every request of every playbook is one that AWS's own models take, and reads what they answer."""

from collections.abc import Mapping
from typing import Any

import pytest

from ringwall.playbooks import registry
from ringwall.playbooks.measures import Request
from tests.playbooks.asked import calls
from tests.resources.shapes import operations, parameter_errors


def answer_of(service: str, operation: str, paths: list[str]) -> Mapping[str, Any]:
    """Return an answer in which paths lead to what its shape says; KeyError for a wrong path."""
    found: dict[str, Any] = {}
    for path in paths:
        shape: Any = operations(service)[operation].output_shape
        for part in path.split("."):
            shape = shape.member if part.isdigit() else shape.members[part]
        leaf: Any = ["203.0.113.1/32"] if shape.type_name == "list" else "text-0123"
        for part in reversed(path.split(".")):
            leaf = [leaf] if part.isdigit() else {part: leaf}
        found |= leaf
    return found


def filled(request: Request) -> dict[str, Any]:
    """Return what is asked of AWS, where it answers as its models say."""

    def ask(service: str, operation: str, asked: Mapping[str, Any]) -> Mapping[str, Any]:
        assert parameter_errors(service, operation, asked) == ""
        paths = [r.path for r in request.readings if r.operation == operation]
        return answer_of(service, operation, paths)

    return request.filled(ask)


@pytest.mark.parametrize("id_", sorted(registry()))
def test_every_request_is_one_that_aws_takes(id_: str):
    assert calls(id_)
    for request in calls(id_):
        assert parameter_errors(request.service, request.operation, filled(request)) == "", request
