"""What is not as it was meant → incidents that are told, and end when all is as it was meant.

Rules:
- Nothing is done about it: repair is `ringwall apply`, by whoever knows what happened.
- The same is told once, as long as it lasts; when it changes, that is another incident.
"""

from collections.abc import Iterable
from dataclasses import replace

from ringwall.app.responding.accounting import Standing, of_ledger
from ringwall.app.responding.loop import Responder
from ringwall.app.responding.meant import DRIFT, EXPECTATION, Meant, Otherwise
from ringwall.errors import InputError, StaleError
from ringwall.playbooks.records import Event, Incident, IncidentState, Source, digest

_LASTING = (IncidentState.OPEN, IncidentState.OBSERVED)


def drift(responder: Responder) -> list[Incident]:
    """Compare what is deployed with what was meant; return the incidents that began or ended."""
    return _told(responder, DRIFT, _meant(responder).drift(_standing(responder)))


def check(responder: Responder) -> list[Incident]:
    """Prove the expectations on what is there; return the incidents that began or ended."""
    return _told(responder, EXPECTATION, _meant(responder).broken(_standing(responder)))


def _standing(responder: Responder) -> Standing:
    return Standing(of_ledger(responder.ledger))


def _meant(responder: Responder) -> Meant:
    if responder.meant is None:
        msg = "there is no blueprint to compare with"
        raise InputError(msg)
    return responder.meant


def _told(responder: Responder, kind: str, found: Iterable[Otherwise]) -> list[Incident]:
    events = [_event(each, responder.now()) for each in found]
    lasting = {event.subject for event in events}
    moved: list[Incident] = []
    for incident in responder.ledger.incidents(_LASTING):
        if incident.kind == kind and incident.subject not in lasting:
            is_other = kind == DRIFT and lasting
            reason = "something else differs now" if is_other else "it is as it was meant"
            moved += _moved(responder, incident, IncidentState.CLOSED, "closed", reason)
    for event in events:
        incident = responder.ledger.admit(event, responder.now()).incident
        if incident.state is IncidentState.OPEN:
            reason = "it is told, and nothing is done about it"
            moved += _moved(responder, incident, IncidentState.OBSERVED, "observed", reason)
    return moved


def _moved(
    responder: Responder, incident: Incident, state: IncidentState, what: str, reason: str
) -> list[Incident]:
    line = responder.line(incident, what, reason=reason)
    try:
        return [responder.moved(incident, state, line)]
    except StaleError:  # somebody else was faster
        return []


def _event(found: Otherwise, now: int) -> Event:
    told = (found.kind, found.title, found.severity, found.parties, now, now, found.evidence)
    event = Event("", Source.SCHEDULE, *told)
    # What comes back after its end is told again, so that its time is a part of the id.
    return replace(event, id=digest(found.kind, event.subject, str(now)))
