"""What a ledger says and what AWS has → the same: finished, taken back, or done again.

Rules:
- What was begun and not ended is taken back; what was only told is taken up, when whoever took it
  has had LEASE seconds.
- What stands and is no longer there is done again: doing twice is doing once.
- What is not enabled any more is not done again: the function may not do it.
- One that fails stops no other.
"""

from collections.abc import Iterable, Iterator

from ringwall.app.responding.acts import measures_of
from ringwall.app.responding.locking import LEASE
from ringwall.app.responding.loop import Responder
from ringwall.errors import RingwallError
from ringwall.playbooks import registry
from ringwall.playbooks.records import (
    SELF,
    Action,
    ActionState,
    Incident,
    IncidentState,
    Source,
)


def reconcile(responder: Responder) -> list[str]:
    """Finish or take back what was begun and not ended, and repair what stands no longer.

    Returns what was done, in words.
    """
    told: list[str] = []
    late = responder.now() - LEASE
    for incident in responder.ledger.incidents((IncidentState.OPEN,)):
        # What a comparison told is taken up by the next one: no playbook answers it.
        if incident.changed <= late and incident.source is not Source.SCHEDULE:
            told += _take_up(responder, incident)
    states = (IncidentState.ACTING, IncidentState.UNDOING, IncidentState.FAILED)
    for incident in responder.ledger.incidents(states):
        told += _finish(responder, incident)
    return [*told, *_repaired(responder)]


def _take_up(responder: Responder, incident: Incident) -> Iterable[str]:
    """Work out what to do about an incident that was left at its beginning."""
    try:
        moved = responder.propose(incident)
    except RingwallError as error:
        yield f"{incident.id}: {error.message}"
    else:
        yield f"{incident.id}: taken up, {moved.state.value}"


def _finish(responder: Responder, incident: Incident) -> Iterable[str]:
    begun = {ActionState.APPLYING, ActionState.UNDOING, ActionState.IN_FORCE}
    if not any(a.state in begun for a in responder.ledger.actions(incident.id)):
        if incident.state is IncidentState.FAILED:
            line = responder.line(incident, "closed", reason="nothing of it stands")
            responder.move(incident, IncidentState.CLOSED, line)
            yield f"{incident.id}: closed, nothing of it stands"
        return
    try:
        responder.undo(incident.id, SELF, "it was begun and not ended")
    except RingwallError as error:
        yield f"{incident.id}: {error.message}"
    else:
        yield f"{incident.id}: taken back, as it was begun and not ended"


def _repaired(responder: Responder) -> Iterator[str]:
    """Do again what AWS no longer has; the network is read once, and anew for what is lacking."""
    incidents = responder.ledger.incidents((IncidentState.IN_FORCE,))
    standing = [(i, a) for i in incidents for a in responder.standing(i, ActionState.IN_FORCE)]
    if not standing:
        return
    try:
        seen = responder.read()
    except RingwallError as error:
        yield from (f"{incident.id}: {error.message}" for incident in incidents)
        return
    for incident, action in standing:
        if registry()[action.playbook].lacks(action, seen):
            yield from _repair(responder, incident, action)


def _repair(responder: Responder, incident: Incident, action: Action) -> Iterator[str]:
    """Do an action again under its locks, if it still stands; doing twice is doing once."""
    playbook = registry()[action.playbook]
    try:
        with responder.locked(action.targets):
            standing = responder.standing(incident, ActionState.IN_FORCE)
            if action.id not in {each.id for each in standing}:
                return
            lacking = playbook.lacks(action, responder.read())
            if not lacking:
                return
            refusal = responder.choice.why_not(playbook)
            if refusal is not None:
                yield f"{incident.id}: not repaired, {lacking[0]}: {refusal.why}"
                return
            for measure in measures_of(action):
                if not measure.once:
                    responder.measures.do(measure)
            line = responder.line(incident, "repaired", action.id, reason=lacking[0])
            responder.ledger.write(line)
            yield f"{incident.id}: repaired, {lacking[0]}"
    except RingwallError as error:
        yield f"{incident.id}: {error.message}"
