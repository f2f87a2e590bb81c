"""What is half made: begun and not ended, by whoever is at it still, or has died."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ringwall.app.responding.locking import owners
from ringwall.app.responding.telling import Document
from ringwall.detections.coverage import when
from ringwall.errors import InputError, RingwallError, StoppedError
from ringwall.playbooks.commands import RECONCILE, STATUS, UNLOCK, Desk
from ringwall.playbooks.records import Action, ActionState, Incident, IncidentState
from ringwall.shell.clock import Clock, SystemClock
from ringwall.shell.ledger.holders import Held, Life
from ringwall.shell.ledger.port import Ledger

if TYPE_CHECKING:
    from ringwall.app.responding.opening import Given

BEGUN = (ActionState.APPLYING, ActionState.UNDOING)
_STATES = (IncidentState.ACTING, IncidentState.UNDOING, IncidentState.FAILED)


def half_made(ledger: Ledger, now: int, desk: Desk) -> list[Document]:
    """Return what is half made, the last changed first; `desk` is where people type.

    `is_worked_on` tells that somebody holds its locks who is not known to be dead.
    """
    found = []
    for incident in ledger.incidents(_STATES):
        actions = _halves(incident, ledger.actions(incident.id))
        if actions:
            held = ledger.held({target for each in actions for target in each.targets})
            found.append(_document(incident, actions, held, now, desk))
    return found


def stopped(given: Given, clock: Clock | None = None) -> StoppedError:
    """Return what a command says that a signal has ended: what is half made, and what ends it."""
    now = int((clock or SystemClock()).now().timestamp())
    try:
        found = half_made(given.open_ledger(), now, given.desk)
    except InputError:  # there is no ledger yet
        found = []
    except RingwallError as error:
        why = f"what is half made cannot be told: {error.message}"
        return StoppedError(f"interrupted; {why} ({given.desk.quoted(STATUS)})")
    if not found:
        tells = f"{given.desk.quoted(STATUS)} tells how things stand"
        return StoppedError(f"interrupted; nothing is half made; {tells}")
    said = ", ".join(
        f"{act['playbook']} ({act['state']}) of {each['incident']}"
        for each in found
        for act in each["actions"]
    )
    run = found[0]["run"]
    return StoppedError(f"interrupted; half made: {said}; `{run}` finishes it or takes it back")


def _halves(incident: Incident, actions: Sequence[Action]) -> list[Action]:
    # Of what failed, what stands whole is to be taken back, too.
    standing = (ActionState.IN_FORCE,) if incident.state is IncidentState.FAILED else ()
    return [each for each in actions if each.state in (*BEGUN, *standing)]


def _document(
    incident: Incident, actions: Sequence[Action], held: Sequence[Held], now: int, desk: Desk
) -> Document:
    return {
        "incident": incident.id,
        "state": incident.state.value,
        "title": incident.title,
        "since": when(incident.changed),
        "actions": [
            {
                "id": each.id,
                "playbook": each.playbook,
                "state": each.state.value,
                "title": each.facts.get("title", ""),
            }
            for each in actions
        ],
        "locks": [held_document(each) for each in held],
        "held_by": owners(held),
        "is_worked_on": any(is_at_work(each, now) for each in held),
        "unlock": desk.command(UNLOCK, incident.id) if _stand(held, now) else "",
        "run": desk.command(RECONCILE),
    }


def _stand(held: Sequence[Held], now: int) -> bool:
    """Tell whether locks may have to be released, whose owner is not seen to live."""
    return any(each.until > now and each.life is not Life.ALIVE for each in held)


def held_document(held: Held) -> Document:
    """Return a lock as it stands, times as people write them."""
    return {
        "target": held.target,
        "owner": held.owner,
        "who": held.who,
        "since": when(held.since),
        "until": when(held.until),
        "life": held.life.value,
    }


def is_at_work(held: Held, now: int) -> bool:
    """Tell whether a lock's owner may be at work."""
    return held.life is Life.ALIVE or (held.life is Life.UNKNOWN and held.until > now)
