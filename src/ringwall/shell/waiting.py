"""Polling until a resource is in a wanted state, within a bound."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ringwall.errors import CloudError
from ringwall.model.calls import Wait
from ringwall.shell import codes
from ringwall.shell.aws import Cloud
from ringwall.shell.clock import Clock
from ringwall.shell.complaints import action_name
from ringwall.shell.pace import Pace

GONE, DELETED = "gone", "deleted"
NO_ANSWER = "(no answer)"
MOST_SILENCE = 3  # reads without an answer in a row, each tried several times by the Cloud


class Interrupted(Exception):  # noqa: N818  (no error: a person asked for it)
    """The run is to end; the resource is left as it is."""


@dataclass(frozen=True, slots=True)
class Patience:
    """A clock, a pace, and whether the run is to end."""

    clock: Clock
    pace: Pace
    interrupted: Callable[[], bool]

    def sleep(self, seconds: float) -> None:
        """Wait; raises Interrupted when the run is to end."""
        if self.interrupted():
            raise Interrupted
        self.clock.sleep(seconds)
        if self.interrupted():
            raise Interrupted


def wait_until(
    cloud: Cloud,
    service: str,
    wait: Wait,
    request: Mapping[str, Any],
    patience: Patience,
    tell: Callable[[str], None],
) -> None:
    """Poll until every state is a success; raises CloudError on a failure or after the timeout."""
    where = action_name(service, wait.operation)
    start = patience.clock.monotonic()
    turn = silence = 0
    while True:
        try:
            states, silence = _states(cloud, service, wait, request), 0
        except CloudError as error:
            silence += 1
            if not error.retryable or silence >= MOST_SILENCE:
                raise
            states = [NO_ANSWER]
        # What AWS has stopped listing is deleted too.
        success = wait.success | {GONE} if DELETED in wait.success else wait.success
        if states and all(state in success for state in states):
            return
        for state in states:
            if state in wait.failure:
                raise CloudError(where, "WaitFailed", f"the resource is in state '{state}'")
        tell(", ".join(dict.fromkeys(states)))
        passed = patience.clock.monotonic() - start
        passed = max(passed, turn * patience.pace.poll_counts)
        if passed >= wait.timeout:
            seen = ", ".join("not there" if state == GONE else state for state in states)
            message = f"still {seen or 'nothing'} after {wait.timeout} seconds"
            hint = wait.hint or "AWS takes longer than usual"
            raise CloudError(where, "WaitTimeout", message, retryable=True, hint=hint)
        patience.sleep(min(patience.pace.poll(turn), max(wait.timeout - passed, 0.001)))
        turn += 1


def _states(cloud: Cloud, service: str, wait: Wait, request: Mapping[str, Any]) -> list[str]:
    try:
        found = cloud.paginate(service, wait.operation, request, wait.path)
    except CloudError as error:
        if error.code in wait.gone_codes or codes.is_absent(error.code):
            return [GONE]  # of a new resource: not known everywhere yet
        raise
    if isinstance(found, list):
        return [str(state) for state in found if state is not None] or [GONE]
    return [GONE] if found in (None, "") else [str(found)]
