"""Around any Cloud: requests counted, and the n-th broken in the way of a real wire."""

import threading
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Literal

from ringwall.errors import CloudError
from ringwall.shell.aws import Cloud, is_read
from ringwall.shell.complaints import action_name

FaultMode = Literal["throttle", "error500", "error500-after", "cut-before", "cut-after", "kill"]
MODES: tuple[FaultMode, ...] = (
    "throttle", "error500", "error500-after", "cut-before", "cut-after",
)  # fmt: skip


class Killed(BaseException):
    """The process ends here: nothing that comes after it is done."""


class FaultyCloud:
    """Implements shell.aws.Cloud around another.

    The `fail_at`-th request (from 1) is broken, and `persist` - 1 further ones of its operation.
    Reads count only with `reads`. A "throttle" is one that outlasted the retries. A mode that ends
    in "after" lets the effect take place; "kill" does too, and raises Killed on all that follows.
    """

    def __init__(
        self,
        cloud: Cloud,
        fail_at: int = 0,
        mode: FaultMode = "throttle",
        *,
        persist: int = 1,
        reads: bool = False,
    ) -> None:
        self.cloud = cloud
        self.fail_at = fail_at
        self.mode = mode
        self.reads = reads
        self.seen: list[tuple[str, str]] = []
        self._left = persist
        self._victim: tuple[str, str] | None = None
        self._dead = False
        self._lock = threading.Lock()

    @property
    def account(self) -> str:
        return self.cloud.account

    @property
    def region(self) -> str:
        return self.cloud.region

    @property
    def endpoint(self) -> str:
        return self.cloud.endpoint

    def call(self, service: str, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        broken = self._strike(service, operation)
        if not broken:
            return self.cloud.call(service, operation, request)
        answer: dict[str, Any] = self._break(
            service, operation, lambda: self.cloud.call(service, operation, request)
        )
        return answer

    def paginate(
        self, service: str, operation: str, request: Mapping[str, Any], items_path: str
    ) -> Any:
        def read() -> Any:
            return self.cloud.paginate(service, operation, request, items_path)

        broken = self._strike(service, operation)
        return self._break(service, operation, read) if broken else read()

    def _strike(self, service: str, operation: str) -> bool:
        with self._lock:
            if self._dead:
                raise Killed
            if is_read(operation) and not self.reads:
                return False
            self.seen.append((service, operation))
            if self._victim is None and len(self.seen) == self.fail_at:
                self._victim = (service, operation)
            if self._victim != (service, operation) or self._left <= 0:
                return False
            self._left -= 1
            return True

    def _break(self, service: str, operation: str, send: Any) -> Any:
        where = action_name(service, operation)
        match self.mode:
            case "throttle":
                raise CloudError(where, "RequestLimitExceeded", "too many", retryable=True)
            case "kill":
                with self._lock:
                    self._dead = True
                with suppress(CloudError):  # nobody is left to be told
                    send()
                raise Killed
            case _:
                code = "InternalError" if "500" in self.mode else "ConnectionClosedError"
        if self.mode.endswith("after"):
            send()  # an error of its own is lost with the answer
        raise CloudError(where, code, "no clear answer", retryable=True, unclear=True)
