"""What AWS Lambda delivers → what a responder does about it, with a line of JSON for each step.

Rules:
- Every record is taken, whatever becomes of those beside it. What failed is raised at the end, so
  that Lambda delivers again and at last to the dead-letter queue; of a queue's records those that
  failed are named, and no others come again.
- A second delivery of the same changes nothing: the ledger knows it by its id.
- A line holds ids, kinds, states and counts. Messages of libraries are not among them: they may
  hold what they were given.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ringwall.app.responding.events import Arrival, Passed, Task, arrivals, of_another
from ringwall.app.responding.outcomes import Outcome
from ringwall.errors import InputError, OutsideError, RingwallError
from ringwall.playbooks.records import Event, Incident
from ringwall.shell.clock import Clock

Document = Mapping[str, Any]
Write = Callable[[str], object]


class Takes(Protocol):
    """What answers events: a responder."""

    @property
    def account(self) -> str:
        """Return the account that it minds."""
        ...

    def answer(self, event: Event) -> Sequence[Incident]:
        """Take an event, or one for each offender of an alarm; raises RingwallError."""
        ...


@dataclass(frozen=True, slots=True)
class Log:
    """Writes a line of JSON for each step; `request` is Lambda's id of the invocation."""

    write: Write
    clock: Clock
    request: str = ""

    def step(self, what: str, **facts: object) -> None:
        """Write a line."""
        at = f"{self.clock.now():%Y-%m-%dT%H:%M:%S.%fZ}"
        line = {"at": at, "step": what, "request": self.request, **facts}
        self.write(json.dumps(line, default=str) + "\n")


@dataclass(frozen=True, slots=True)
class Service:
    """A responder, the log, what sweeps and reconciles, and what compares with what was meant."""

    responder: Takes
    log: Log
    sweep: Callable[[], Outcome]
    reconcile: Callable[[], Outcome]
    drift: Callable[[], Sequence[Incident]]
    check: Callable[[], Sequence[Incident]]

    def deliver(self, document: object) -> dict[str, Any]:
        """Take a delivery; raises OutsideError with what failed, but for records of a queue."""
        failed: list[str] = []
        again: list[dict[str, str]] = []
        is_queue = False
        for where, record, message in _records(document):
            faults = list(self._record(where, record))
            is_queue |= bool(message)
            if faults and message:
                again.append({"itemIdentifier": message})
            elif faults:
                failed += faults
        if failed:
            more = f"; and {len(failed) - 1} more" if len(failed) > 1 else ""
            msg = f"{failed[0]}{more}"
            raise OutsideError(msg, hint="what failed is in the log of this request")
        return {"batchItemFailures": again} if is_queue else {"taken": True}

    def _record(self, where: str, record: object) -> Iterator[str]:
        """Take what a record holds; yield what failed, in words."""
        for each in arrivals(record, where):
            try:
                self._arrival(each)
            except RingwallError as error:
                self.log.step("failed", where=where, kind=type(error).__name__, why=error.message)
                yield error.message
            # The last line of defence: what one record sets off is logged with its place, named
            # in the answer and delivered again by AWS; the records after it are taken all the same.
            except Exception as fault:  # noqa: BLE001  (nothing is hidden: see above)
                self.log.step("fault", where=where, kind=type(fault).__name__, at_line=_line(fault))
                yield f"{where}: a fault of Ringwall's: {type(fault).__name__}"

    def _arrival(self, each: Arrival) -> None:
        match each:
            case InputError():
                raise each
            case Passed():
                self.log.step("passed over", why=each.why)
            case Task.SWEEP:
                swept = self.sweep()
                self._told("swept", swept.ended)
                _complete(swept)
            case Task.RECONCILE:
                reconciled = self.reconcile()
                left = [str(each) for each in reconciled.left]
                self.log.step("reconciled", done=reconciled.done, left=left)
                _complete(reconciled)
            case Task.DRIFT:
                self._told("compared", self.drift())
            case Task.CHECK:
                self._told("checked", self.check())
            case Event() if why := of_another(each, self.responder.account):
                self.log.step("passed over", why=why)
            case Event():
                self._event(each)

    def _event(self, event: Event) -> None:
        self.log.step(
            "event",
            event=event.id,
            source=event.source.value,
            kind=event.kind,
            parties=len(event.parties),
        )
        self._told("answered", self.responder.answer(event))

    def _told(self, what: str, incidents: Iterable[Incident]) -> None:
        found = [
            {
                "incident": each.id,
                "state": each.state.value,
                "parties": [f"{p.role}={p.address or p.name}" for p in each.parties],
                "looked": each.evidence.get("looked"),
            }
            for each in incidents
        ]
        self.log.step(what, incidents=found)


def _complete(outcome: Outcome) -> None:
    """Raise PartialError if something was left: Lambda tries again, and its alarm tells."""
    error = outcome.error()
    if error is not None:
        raise error


def _records(document: object) -> Iterator[tuple[str, object, str]]:
    """Yield each record of a delivery: where it stands, the record, its id if it is a queue's."""
    found = document.get("Records") if isinstance(document, Mapping) else None
    if not isinstance(found, list):
        yield "event", document, ""
        return
    for number, record in enumerate(found):
        message = record.get("messageId") if isinstance(record, Mapping) else ""
        is_queue = isinstance(record, Mapping) and record.get("eventSource") == "aws:sqs"
        name = message if is_queue and isinstance(message, str) else ""
        yield f"event.Records[{number}]", record, name


def _line(fault: BaseException) -> str:
    """Return where in the code a fault came from."""
    trace = fault.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    if trace is None:
        return ""
    return f"{trace.tb_frame.f_globals.get('__name__')}:{trace.tb_lineno}"
