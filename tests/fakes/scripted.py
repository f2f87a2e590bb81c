"""A Cloud that answers from functions given by a test."""

import threading
from collections.abc import Callable, Mapping
from typing import Any

from ringwall.errors import CloudError
from ringwall.shell.aws import find
from ringwall.shell.complaints import action_name

Answer = Callable[[Mapping[str, Any]], Mapping[str, Any]]


def refusal(
    operation: str, code: str, message: str = "refused", *, unclear: bool = False
) -> CloudError:
    """Return AWS's refusal of an operation of EC2."""
    where = action_name("ec2", operation)
    return CloudError(where, code, message, retryable=unclear, unclear=unclear)


class ScriptedCloud:
    """Implements shell.aws.Cloud; an operation without an answer fails the test."""

    account = "123456789012"
    region = "us-east-1"
    endpoint = "https://ec2.us-east-1.amazonaws.com"

    def __init__(self, **answers: Answer) -> None:
        self.answers = answers
        self.calls: list[tuple[str, Mapping[str, Any]]] = []
        self._lock = threading.Lock()

    def call(self, service: str, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        with self._lock:
            self.calls.append((operation, request))
        if operation not in self.answers:
            msg = f"nobody expected {service}:{operation}"
            raise AssertionError(msg)
        return dict(self.answers[operation](request))

    def paginate(
        self, service: str, operation: str, request: Mapping[str, Any], items_path: str
    ) -> Any:
        return find(items_path, self.call(service, operation, request))

    def made(self, operation: str) -> list[Mapping[str, Any]]:
        """Return the requests of an operation."""
        return [request for name, request in self.calls if name == operation]


def in_turn(*answers: Mapping[str, Any] | CloudError) -> Answer:
    """Answer with these one after the other; the last one stays."""
    left = list(answers)

    def answer(_request: Mapping[str, Any]) -> Mapping[str, Any]:
        now = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(now, CloudError):
            raise now
        return now

    return answer
