"""What a ledger says and what AWS has → the same: finished, taken back, or done again.

Rules:
- What was begun and not ended is taken back; what was only told is taken up, when whoever took it
  has had LEASE seconds.
- What stands and is no longer there is done again: doing twice is doing once.
- What is not enabled any more is not done again: the function may not do it.
- One that fails stops no other, and is told as left, with the reason.
"""

from ringwall.app.responding.acts import measures_of
from ringwall.app.responding.locking import LEASE
from ringwall.app.responding.loop import Responder
from ringwall.app.responding.outcomes import Left, Outcome
from ringwall.detections.coverage import when
from ringwall.errors import RingwallError, StaleError
from ringwall.playbooks import registry
from ringwall.playbooks.records import (
    ENDED,
    SELF,
    Action,
    ActionState,
    Incident,
    IncidentState,
    Source,
)


def reconcile(responder: Responder) -> Outcome:
    """Finish or take back what was begun and not ended, and repair what stands no longer."""
    outcome = Outcome()
    late = responder.now() - LEASE
    for incident in responder.ledger.incidents((IncidentState.OPEN,)):
        if incident.source is Source.SCHEDULE:
            continue  # what a comparison told is taken up by the next one: no playbook answers it
        if incident.changed <= late:
            _take_up(responder, incident, outcome)
        else:
            at = when(incident.changed + LEASE)
            said = f"{incident.id}: open, and whoever took it may be at work; taken up from {at} on"
            outcome.young.append(said)
    states = (IncidentState.ACTING, IncidentState.UNDOING, IncidentState.FAILED)
    for incident in responder.ledger.incidents(states):
        _finish(responder, incident, outcome)
    _repair_all(responder, outcome)
    return outcome


def sweep(responder: Responder) -> Outcome:
    """Take back what has stood long enough."""
    outcome = Outcome()
    for action in responder.ledger.due(responder.now()):
        try:
            ended = responder.undo(action.incident, SELF, "its time is over")
        except RingwallError as error:
            _leave(responder, action.incident, error, outcome)
        else:
            outcome.ended.append(ended)
            outcome.done.append(f"{ended.id}: closed, its time is over")
    return outcome


def _take_up(responder: Responder, incident: Incident, outcome: Outcome) -> None:
    """Work out what to do about an incident that was left at its beginning."""
    try:
        moved = responder.propose(incident)
    except RingwallError as error:
        _leave(responder, incident.id, error, outcome)
    else:
        outcome.done.append(f"{incident.id}: taken up, {moved.state.value}")


def _finish(responder: Responder, incident: Incident, outcome: Outcome) -> None:
    begun = {ActionState.APPLYING, ActionState.UNDOING, ActionState.IN_FORCE}
    try:
        if any(a.state in begun for a in responder.ledger.actions(incident.id)):
            responder.undo(incident.id, SELF, "it was begun and not ended")
            said = "taken back, as it was begun and not ended"
        elif incident.state is IncidentState.FAILED:
            line = responder.line(incident, "closed", reason="nothing of it stands")
            responder.move(incident, IncidentState.CLOSED, line)
            said = "closed, nothing of it stands"
        else:
            return
    except RingwallError as error:
        _leave(responder, incident.id, error, outcome)
    else:
        outcome.done.append(f"{incident.id}: {said}")


def _leave(responder: Responder, id_: str, error: RingwallError, outcome: Outcome) -> None:
    """Note what was left; what somebody else has brought to its end meanwhile is not."""
    if isinstance(error, StaleError):
        incident = responder.ledger.incident(id_)
        if incident.state in ENDED or incident.state is IncidentState.IN_FORCE:
            return
    outcome.left.append(Left(id_, error.message, error.hint))


def _repair_all(responder: Responder, outcome: Outcome) -> None:
    """Do again what AWS no longer has; the network is read once, and anew for what is lacking."""
    incidents = responder.ledger.incidents((IncidentState.IN_FORCE,))
    standing = [(i, a) for i in incidents for a in responder.standing(i, ActionState.IN_FORCE)]
    if not standing:
        return
    try:
        seen = responder.read()
    except RingwallError as error:
        why = f"it cannot be told whether it still stands: {error.message}"
        outcome.left += [Left(incident.id, why, error.hint) for incident in incidents]
        return
    for incident, action in standing:
        if registry()[action.playbook].lacks(action, seen):
            _repair(responder, incident, action, outcome)


def _repair(responder: Responder, incident: Incident, action: Action, outcome: Outcome) -> None:
    """Do an action again under its locks, if it still stands; doing twice is doing once."""
    playbook = registry()[action.playbook]
    try:
        with responder.locked(action.targets) as locks:
            standing = responder.standing(incident, ActionState.IN_FORCE)
            if action.id not in {each.id for each in standing}:
                return
            lacking = playbook.lacks(action, responder.read())
            if not lacking:
                return
            refusal = responder.choice.why_not(playbook)
            if refusal is not None:
                why = f"not repaired, {lacking[0]}: {refusal.why}"
                outcome.left.append(Left(incident.id, why, refusal.hint, is_lasting=True))
                return
            with responder.brake:
                for measure in measures_of(action):
                    if not measure.once:
                        locks.keep()
                        responder.measures.do(measure)
                line = responder.line(incident, "repaired", action.id, reason=lacking[0])
                responder.ledger.write(line)
            outcome.done.append(f"{incident.id}: repaired, {lacking[0]}")
    except RingwallError as error:
        _leave(responder, incident.id, error, outcome)
