"""A WSGI layer around moto that counts requests, breaks them on demand and answers errors."""

import json
import socket
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal
from xml.sax.saxutils import escape

from ringwall.lab import control, functions, world
from ringwall.lab.operations import Operation, operation_of
from ringwall.lab.world import Moto

FaultMode = Literal["throttle", "error500", "cut-before", "cut-after"]
StartResponse = Callable[..., Any]
Application = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]

REQUEST_ID = "00000000-0000-4000-8000-000000000000"
_THROTTLED = {
    "ec2": (503, "RequestLimitExceeded"),
    "query": (400, "Throttling"),
    "json": (400, "ThrottlingException"),
    "rest-json": (429, "ThrottlingException"),
    "rest-xml": (400, "Throttling"),
    "s3": (503, "SlowDown"),
}


def error_response(
    operation: Operation, status: int, code: str, message: str
) -> tuple[int, list[tuple[str, str]], bytes]:
    """Return status, headers and body of an error in the protocol of `operation`."""
    if operation.protocol in ("json", "rest-json"):
        kind = "application/x-amz-json-1.1" if operation.protocol == "json" else "application/json"
        body = json.dumps({"__type": code, "message": message})
        return status, [("Content-Type", kind), ("x-amzn-ErrorType", code)], body.encode()
    code, message = escape(code), escape(message)
    error = f"<Code>{code}</Code><Message>{message}</Message>"
    match operation.protocol:
        case "ec2":
            body = (
                f"<Response><Errors><Error>{error}</Error></Errors>"
                f"<RequestID>{REQUEST_ID}</RequestID></Response>"
            )
        case "s3":
            body = f"<Error>{error}<RequestId>{REQUEST_ID}</RequestId></Error>"
        case _:
            body = (
                f"<ErrorResponse><Error><Type>Sender</Type>{error}</Error>"
                f"<RequestId>{REQUEST_ID}</RequestId></ErrorResponse>"
            )
    text = f'<?xml version="1.0" encoding="UTF-8"?>{body}'
    return status, [("Content-Type", "text/xml")], text.encode()


@dataclass(slots=True)
class _Fault:
    wait: int
    mode: FaultMode
    left: int
    writes_only: bool
    victim: tuple[str, str] | None = None


class Faults:
    """Requests to be broken, counted from the moment they are armed."""

    def __init__(self) -> None:
        self._armed: _Fault | None = None

    def fail(self, n: int, mode: FaultMode, *, persist: int = 1, writes_only: bool = False) -> None:
        """Break the `n`-th request from now (the next one is 1), and those like it after it.

        `persist` requests of the same operation fail in all, whatever is asked between them, so
        that a number above the client's attempts outlasts its retries. `writes_only`: reads are
        neither counted nor broken. Arming replaces what was armed before.
        """
        self._armed = _Fault(n, mode, persist, writes_only)

    def clear(self) -> None:
        """Disarm."""
        self._armed = None

    @property
    def armed(self) -> bool:
        """Whether a fault is still to come or to be repeated."""
        return self._armed is not None

    def strike(self, operation: Operation) -> FaultMode | None:
        """Return how this request is to be broken, if at all."""
        fault = self._armed
        if fault is None or (fault.writes_only and operation.read_only):
            return None
        key = (operation.service, operation.name)
        if fault.victim is None:
            fault.wait -= 1
            if fault.wait > 0:
                return None
            fault.victim = key
        if fault.victim != key:
            return None
        fault.left -= 1
        if fault.left <= 0:
            self._armed = None
        return fault.mode


class Wire:
    """The application that a lab serves."""

    def __init__(self, application: Application) -> None:
        self.application = application
        self.faults = Faults()
        self.calls: list[tuple[str, str, bool]] = []
        self.lock = world.LOCK

    def advance(self, seconds: float) -> None:
        """Let virtual time pass without a request; schedules of EventBridge run."""
        with self.lock:
            control.pass_time(seconds)

    def wait_for_functions(self, seconds: float) -> list[functions.Invocation]:
        """Wait until what called functions has ended; return the calls of this lab so far.

        Raises TimeoutError when one takes longer than `seconds`.
        """
        functions.wait(seconds)
        return list(functions.calls().done)

    def end_functions(self, seconds: float) -> None:
        """Let no function be called any more; those at work are waited for, each `seconds`."""
        with suppress(TimeoutError):
            functions.end(seconds)

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        if control.is_meant(environ):
            with self.lock:
                status, headers, body = control.answer(environ)
            start_response(f"{status} {_reason(status)}", headers)
            return [body]
        with self.lock:
            operation = operation_of(environ)
            self.calls.append((operation.service, operation.name, operation.read_only))
            world.clock().tick()
            mode = self.faults.strike(operation)
            if mode == "cut-before":
                _cut(environ)
            if mode == "throttle":
                status, code = _THROTTLED[operation.protocol]
                answer = error_response(operation, status, code, "Request limit exceeded.")
            elif mode == "error500":
                answer = error_response(
                    operation, 500, "InternalError", "An internal error has occurred"
                )
            else:
                answer = self._answer(operation, environ)
            if mode == "cut-after":
                _cut(environ)
        status, headers, body = answer
        start_response(f"{status} {_reason(status)}", headers)
        return [b"" if environ["REQUEST_METHOD"] == "HEAD" else body]

    def _answer(
        self, operation: Operation, environ: dict[str, Any]
    ) -> tuple[int, list[tuple[str, str]], bytes]:
        started: list[Any] = []

        def start(status: str, headers: list[tuple[str, str]], _: Moto = None) -> None:
            started[:] = [int(status.split(maxsplit=1)[0]), headers]

        what = f"{operation.service}:{operation.name}"
        unsupported = error_response(
            operation, 501, "NotImplemented", f"the lab does not support {what}"
        )
        try:
            result = self.application(environ, start)
            body = b"".join(result)
            if hasattr(result, "close"):
                result.close()
        except Exception as fault:  # noqa: BLE001  (no fault of moto reaches a client as HTML)
            if _says_unsupported(fault):
                return unsupported
            text = f"the lab failed in {what}: {type(fault).__name__}: {fault}"
            return error_response(operation, 501, "LabFault", text)
        status, headers = started
        kind = dict(headers).get("Content-Type", "")
        head = environ["REQUEST_METHOD"] == "HEAD"
        if (
            status == 404
            and not head
            and (not body or kind.startswith("text/html"))
            and (operation.service != "s3" or (kind.startswith("text/html") and b"<h1>" in body))
        ):
            return unsupported
        return status, headers, body


def _says_unsupported(fault: Exception) -> bool:
    """Whether moto raised this because it has no such service or operation."""
    from botocore.exceptions import UnknownServiceError  # noqa: PLC0415
    from botocore.model import OperationNotFoundError  # noqa: PLC0415

    known = (NotImplementedError, OperationNotFoundError, UnknownServiceError)
    return isinstance(fault, known) or "has not been implemented" in str(fault)


def _cut(environ: dict[str, Any]) -> None:
    """Close the connection without a word; the server's handler then lets go of it."""
    connection: socket.socket = environ["werkzeug.socket"]
    connection.shutdown(socket.SHUT_RDWR)
    text = "cut by the lab"
    raise ConnectionAbortedError(text)


def _reason(status: int) -> str:
    from http import HTTPStatus  # noqa: PLC0415

    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"
