"""The face to AWS Lambda: `ringwall.function.handler`.

Input: an event of SNS, SQS or EventBridge, or of `aws lambda invoke`. Output: the records of a
queue that failed; otherwise an error, so that Lambda delivers again.
"""

import os
import sys
from functools import partial
from pathlib import Path
from typing import Any, Final, Protocol

from ringwall.app.responding.environment import keeping
from ringwall.app.responding.guarding import check, drift
from ringwall.app.responding.reconciling import reconcile, sweep
from ringwall.app.responding.serving import Log, Service

ROOT: Final = Path(__file__).resolve().parents[1]
_responder: Final = keeping(os.environ, ROOT)


class Context(Protocol):
    """What Lambda says of an invocation."""

    aws_request_id: str


def handler(event: object, context: Context | None = None) -> dict[str, Any]:
    """Take a delivery; raises RingwallError, so that it comes again."""
    responder = _responder()
    request = context.aws_request_id if context is not None else ""
    log = Log(_write, responder.clock, request)
    service = Service(
        responder,
        log,
        sweep=partial(sweep, responder),
        reconcile=partial(reconcile, responder),
        drift=partial(drift, responder),
        check=partial(check, responder),
    )
    return service.deliver(event)


def _write(line: str) -> None:
    sys.stdout.write(line)
    sys.stdout.flush()
