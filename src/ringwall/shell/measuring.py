"""Measures of a response → effects at AWS, each so that doing it twice is doing it once.

Rules:
- A request whose answer is unclear is made again: each of them is the same twice.
- "There is such an entry already" is success only if that entry says what was to be written.
- Every repetition is bounded.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from ringwall.errors import CloudError, OutsideError
from ringwall.playbooks.entries import ALREADY, GONE
from ringwall.playbooks.measures import Measure, Request
from ringwall.shell.aws import Cloud
from ringwall.shell.clock import Clock
from ringwall.shell.codes import DENIED
from ringwall.shell.complaints import action_name

TRIES: Final = 4
CREATE_ENTRY: Final = "create_network_acl_entry"
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
        """Take a measure back; raises CloudError. An entry that says otherwise is another's."""
        if any(self._is_taken(request) for request in measure.do):
            return
        for request in measure.undo:
            self._make(request)

    def undo_all(self, measures: Iterable[Measure]) -> list[str]:
        """Take measures back, the last first; return what could not be, in words."""
        failed = []
        for measure in reversed(list(measures)):
            try:
                self.undo(measure)
            except OutsideError as error:
                failed.append(f"{measure.text}: {error.message}")
        return failed

    def ask(self, request: Request) -> Mapping[str, Any]:
        """Return what AWS answers, {} if it refuses: what is not known is said by who asked."""
        try:
            return self._cloud.call(request.service, request.operation, request.request)
        except CloudError as error:
            if error.unclear or error.retryable:
                raise
            return {}

    def _make(self, request: Request) -> None:
        for turn in range(TRIES):
            try:
                asked = request.filled(self._cloud.call)
                self._cloud.call(request.service, request.operation, asked)
            except LookupError as error:
                # What was just made is not told of everywhere at once.
                if turn + 1 == TRIES:
                    raise OutsideError(str(error.args[0])) from None
                self._clock.sleep(PAUSE * 2**turn)
            except CloudError as error:
                if error.code in request.same:
                    return
                if error.code == ALREADY:
                    self._same_entry(request)
                    return
                again = error.unclear or error.retryable or error.code in request.again
                if not again or turn + 1 == TRIES:
                    raise
                self._clock.sleep(PAUSE * 2**turn)
            else:
                return

    def _is_taken(self, request: Request) -> bool:
        """Tell whether the place of an entry is taken by one that says something else."""
        if request.operation != CREATE_ENTRY:
            return False
        there = self._entries(request.request)
        return bool(there) and not any(_says(e) == _says(request.request) for e in there)

    def _entries(self, asked: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        """Return the entries at the place of one, none where the network ACL is gone."""
        request = {"NetworkAclIds": [asked["NetworkAclId"]]}
        try:
            answer = self._cloud.call("ec2", "describe_network_acls", request)
        except CloudError as error:
            if error.code in GONE:
                return []
            raise
        entries = [e for each in answer["NetworkAcls"] for e in each.get("Entries") or ()]
        return [e for e in entries if _place(e) == _place(asked)]

    def _same_entry(self, request: Request) -> None:
        """Raise OutsideError unless the entry that is there is the one that was to be written."""
        asked = request.request
        acl = asked["NetworkAclId"]
        if not any(_says(each) == _says(asked) for each in self._entries(asked)):
            way = "outgoing" if asked["Egress"] else "incoming"
            msg = f"{way} entry {asked['RuleNumber']} of {acl} is taken by another"
            raise OutsideError(msg, hint="what to do is worked out anew from what is there")


def begun(tried: Sequence[Measure], error: OutsideError) -> Sequence[Measure]:
    """Return those of the measures that may have had an effect, when the last one failed.

    Where AWS denies the first request of a measure, it had none; to take it back would be denied,
    too, and what never was would be told as left.
    """
    if not isinstance(error, CloudError) or error.code not in DENIED or not tried[-1].do:
        return tried
    first = tried[-1].do[0]
    is_first = error.operation == action_name(first.service, first.operation)
    return tried[:-1] if is_first else tried


def _place(entry: Mapping[str, Any]) -> tuple[bool, int]:
    return bool(entry["Egress"]), int(entry["RuleNumber"])


def _says(entry: Mapping[str, Any]) -> tuple[str, ...]:
    names = ("Protocol", "RuleAction", "CidrBlock", "Ipv6CidrBlock", "PortRange", "IcmpTypeCode")
    return tuple(str(entry.get(name, "")) for name in names)
