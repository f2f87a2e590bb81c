"""The face to AWS Lambda: `ringwall.function.handler`.

Input: an event of SNS, SQS or EventBridge, or of `aws lambda invoke`. Output: the records of a
queue that failed; otherwise an error, so that Lambda delivers again.
"""

import os
import sys
from pathlib import Path
from typing import Any, Final, Protocol

from ringwall.app.responding.environment import keeping

ROOT: Final = Path(__file__).resolve().parents[1]
_warm: Final = keeping(os.environ, ROOT)


class Context(Protocol):
    """What Lambda says of an invocation."""

    aws_request_id: str

    def get_remaining_time_in_millis(self) -> int:
        """Return how long it may still take."""
        ...


def handler(event: Any, context: Context | None = None) -> dict[str, Any]:  # noqa: ANN401  (JSON)
    """Take a delivery; raises RingwallError, so that it comes again."""
    request = context.aws_request_id if context is not None else ""
    seconds = context.get_remaining_time_in_millis() / 1000 if context is not None else 300.0
    return _warm().service(_write, request, seconds).deliver(event)


def _write(line: str) -> None:
    sys.stdout.write(line)
    sys.stdout.flush()
