"""Measures of a response → effects at AWS, each so that doing it twice is doing it once.

Rules:
- A request whose answer is unclear is made again: each of them is the same twice.
- "There is such an entry already" is success only if that entry says what was to be written.
- Every repetition is bounded.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from ringwall.errors import CloudError, OutsideError
from ringwall.playbooks.entries import ALREADY
from ringwall.playbooks.measures import Measure, Request
from ringwall.shell.aws import Cloud
from ringwall.shell.clock import Clock

TRIES: Final = 4
PAUSE: Final = 1.0  # seconds, doubled each time


class Measures:
    """Carries measures out, and takes them back."""

    def __init__(self, cloud: Cloud, clock: Clock) -> None:
        self._cloud = cloud
        self._clock = clock

    def do(self, measure: Measure) -> None:
        """Bring a measure about; raises CloudError, and OutsideError where its place is taken."""
        for request in measure.do:
            self._make(request)

    def undo(self, measure: Measure) -> None:
        """Take a measure back; raises CloudError."""
        for request in measure.undo:
            self._make(request)

    def undo_all(self, measures: Iterable[Measure]) -> list[str]:
        """Take measures back, the last first; return what could not be, in words."""
        failed = []
        for measure in reversed(list(measures)):
            try:
                self.undo(measure)
            except CloudError as error:
                failed.append(f"{measure.text}: {error.message}")
        return failed

    def _make(self, request: Request) -> None:
        for turn in range(TRIES):
            try:
                self._cloud.call(request.service, request.operation, request.request)
            except CloudError as error:
                if error.code in request.same:
                    return
                if error.code == ALREADY:
                    self._same_entry(request)
                    return
                if not (error.unclear or error.retryable) or turn + 1 == TRIES:
                    raise
                self._clock.sleep(PAUSE * 2**turn)
            else:
                return

    def _same_entry(self, request: Request) -> None:
        """Raise OutsideError unless the entry that is there is the one that was to be written."""
        asked = request.request
        acl = asked["NetworkAclId"]
        answer = self._cloud.call("ec2", "describe_network_acls", {"NetworkAclIds": [acl]})
        entries = [e for each in answer["NetworkAcls"] for e in each.get("Entries") or ()]
        there = [e for e in entries if _place(e) == _place(asked)]
        if not any(_says(each) == _says(asked) for each in there):
            way = "outgoing" if asked["Egress"] else "incoming"
            msg = f"{way} entry {asked['RuleNumber']} of {acl} is taken by another"
            raise OutsideError(msg, hint="what to do is worked out anew from what is there")


def _place(entry: Mapping[str, Any]) -> tuple[bool, int]:
    return bool(entry["Egress"]), int(entry["RuleNumber"])


def _says(entry: Mapping[str, Any]) -> tuple[str, ...]:
    names = ("Protocol", "RuleAction", "CidrBlock", "Ipv6CidrBlock")
    return tuple(str(entry.get(name, "")) for name in names)
