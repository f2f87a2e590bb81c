"""An action → carried out or taken back, under its locks, with a line before and after.

Rules:
- Whoever is stopped between two measures says so in the journal and gives the locks back; what is
  half made is `reconcile`'s.
- Whoever has lost the locks does nothing more, and takes nothing back: another may be at it.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from ringwall.app.responding.acts import (
    ChangedError,
    NeedlessError,
    action_of,
    instead_of,
    measures_of,
    substance,
)
from ringwall.app.responding.extending import others_against
from ringwall.app.responding.proving_undone import proven_undone
from ringwall.app.responding.seeing import UNSEEN
from ringwall.app.responding.working_out import answer_of, situation_of
from ringwall.errors import LockedError, OutsideError, RefusedError, RingwallError, StaleError
from ringwall.playbooks import registry
from ringwall.playbooks.commands import RECONCILE
from ringwall.playbooks.playbook import Playbook, Refusal
from ringwall.playbooks.records import SELF, Action, ActionState, Incident, IncidentState
from ringwall.playbooks.touched import recorded
from ringwall.shell.measuring import begun

if TYPE_CHECKING:
    from ringwall.app.responding.locking import Locks
    from ringwall.app.responding.loop import Responder
    from ringwall.playbooks.measures import Measure


def act(responder: Responder, incident: Incident, shown: Action, by: str, reason: str) -> Incident:
    """Carry out an action, worked out anew under its locks.

    Raises ChangedError if something else comes out, RefusedError if nothing does.
    """
    chosen = registry()[shown.playbook]
    refusal = responder.choice.why_not(chosen)
    if refusal is not None:
        raise RefusedError(refusal.why, hint=refusal.hint)
    with responder.locked(shown.targets) as locks:
        situation = situation_of(responder, incident, chosen)
        answer = answer_of(responder, incident, chosen, situation)
        if isinstance(answer, Refusal):
            held = others_against(responder, incident) if answer.needless else ""
            msg = f"it is not done any more: {answer.why}{held}"
            raise (NeedlessError if answer.needless else RefusedError)(msg, hint=answer.hint)
        action = replace(action_of(incident, chosen, answer, situation), id=shown.id)
        if responder.traffic is UNSEEN and "replay" in shown.facts:
            facts = {**action.facts, "replay": shown.facts["replay"]}
            action = replace(action, facts=facts)
        if substance(action) != substance(shown):
            raise ChangedError(instead_of(shown, action))
        before = recorded(situation.engine.network.values, action.targets)
        action = replace(action, facts={**action.facts, **before})
        locks.keep()
        with responder.brake:
            action = responder.in_state(action, ActionState.APPLYING)
            line = responder.line(incident, "acting", action.id, by, reason)
            incident = responder.move(incident, IncidentState.ACTING, line, [action])
            _make(responder, incident, action, answer.measures, locks)
            line = responder.line(incident, "in force", action.id, reason="read back and proven")
            done = responder.in_state(action, ActionState.IN_FORCE)
            return responder.moved(incident, IncidentState.IN_FORCE, line, [done])


def _make(
    responder: Responder,
    incident: Incident,
    action: Action,
    measures: Sequence[Measure],
    locks: Locks,
) -> None:
    """Bring measures about, and read back; raises OutsideError, KeyboardInterrupt if stopped."""
    tried: list[Measure] = []
    try:
        for measure in measures:
            locks.keep()
            responder.brake.check()
            tried.append(measure)
            responder.measures.do(measure)
        _read_back(responder, registry()[action.playbook], action)
    except LockedError as error:
        _lost(responder, incident, action, error)
        raise
    except OutsideError as error:
        _take_back(responder, incident, action, begun(tried, error), error)
        raise
    except KeyboardInterrupt:
        why = f"stopped by a signal: {len(tried)} of {len(measures)} measures were begun"
        _left(responder, incident, "interrupted", why, action.id)
        raise


def _read_back(responder: Responder, playbook: Playbook, action: Action) -> None:
    """Read the network again; raises OutsideError if an action does not do what was proven."""
    lacking = playbook.lacks(action, responder.read())
    if lacking:
        msg = f"read back, it does not do what was proven: {lacking[0]}"
        raise OutsideError(msg)


def _take_back(
    responder: Responder,
    incident: Incident,
    action: Action,
    done: Sequence[Measure],
    error: RingwallError,
) -> None:
    """Take back what was begun of an action that failed, and say so."""
    failed = responder.measures.undo_all(done)
    state = ActionState.APPLYING if failed else ActionState.DROPPED
    ending = f"; not taken back: {failed[0]}" if failed else "; what was begun is taken back"
    line = responder.line(incident, "failed", action.id, SELF, f"{error.message}{ending}")
    responder.moved(incident, IncidentState.FAILED, line, [responder.in_state(action, state)])


def _lost(responder: Responder, incident: Incident, action: Action, error: LockedError) -> None:
    line = responder.line(incident, "locks lost", action.id, SELF, error.message)
    with suppress(RingwallError):
        responder.ledger.write(line)


def _left(responder: Responder, incident: Incident, what: str, why: str, action: str = "") -> None:
    """Say that what was begun is half made, if that can be said: it is known as begun anyway."""
    line = responder.line(incident, what, action, SELF, why)
    with suppress(RingwallError):
        responder.move(incident, IncidentState.FAILED, line)


def undo(responder: Responder, id_: str, by: str, reason: str) -> Incident:
    """Take back what was done, and prove that reachability is as it was before.

    Raises StaleError if nothing of it stands, OutsideError if AWS does not do its part: then
    `reconcile` goes on.
    """
    incident = responder.ledger.incident(id_)
    actions = _standing(responder, id_)
    if not actions:
        msg = f"incident {id_} is {incident.state.value}: nothing stands that could be undone"
        raise StaleError(msg)
    targets = tuple(dict.fromkeys(t for a in actions for t in a.targets))
    with responder.locked(targets) as locks, responder.brake:
        _judge_unmoved(responder, incident)
        marked = actions
        if incident.state is not IncidentState.UNDOING:
            line = responder.line(incident, "undoing", by=by, reason=reason)
            marked = [responder.in_state(a, ActionState.UNDOING) for a in actions]
            incident = responder.move(incident, IncidentState.UNDOING, line, marked)
        failed = _unmake(responder, incident, marked, locks)
        if failed:
            line = responder.line(incident, "undo failed", by=by, reason=failed[0])
            responder.moved(incident, IncidentState.FAILED, line)
            msg = f"not all could be taken back: {failed[0]}"
            raise OutsideError(msg, hint=f"{responder.desk.quoted(RECONCILE)} goes on from here")
        done, facts = proven_undone(marked, responder.read(), responder.ledger)
        line = responder.line(incident, "closed", by=by, reason=reason, facts=facts)
        done = [responder.in_state(a, ActionState.UNDONE) for a in done]
        return responder.moved(incident, IncidentState.CLOSED, line, done)


def _judge_unmoved(responder: Responder, incident: Incident) -> None:
    """Raise StaleError if somebody went on with an incident while its locks were waited for."""
    by_now = responder.ledger.incident(incident.id)
    if by_now.moves != incident.moves:
        msg = f"incident {incident.id} is {by_now.state} by now, no longer {incident.state}"
        raise StaleError(msg)


def _standing(responder: Responder, id_: str) -> list[Action]:
    standing = {ActionState.IN_FORCE, ActionState.APPLYING, ActionState.UNDOING}
    return [a for a in responder.ledger.actions(id_) if a.state in standing]


def _unmake(
    responder: Responder, incident: Incident, actions: Sequence[Action], locks: Locks
) -> list[str]:
    """Take measures back, the last first; return what could not be, in words."""
    measures = [m for a in reversed(actions) for m in reversed(measures_of(a))]
    failed: list[str] = []
    tried = 0
    try:
        for measure in measures:
            locks.keep()
            responder.brake.check()
            tried += 1
            failed += responder.measures.undo_all([measure])
    except LockedError as error:
        _lost(responder, incident, actions[0], error)
        raise
    except KeyboardInterrupt:
        why = f"stopped by a signal: {tried} of {len(measures)} measures were taken back"
        _left(responder, incident, "undo interrupted", why)
        raise
    return failed
